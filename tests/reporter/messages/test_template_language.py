"""The small language of a jurisdiction's words: what it allows, and that nothing else passes, with the place of the
mistake."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.i18n import speaking
from reporter.messages.wording import template_language, variables
from reporter.statuses import TOLD

KNOWN = frozenset({"reference", "reason", "day"})
VALUES = {"reference": "VC-7K3-9QT", "reason": "Gel", "day": "mardi"}


@pytest.fixture(autouse=True)
def _spoken(acting, jurisdiction):
    with acting(jurisdiction), speaking("en"):
        yield


def said(source: str, **values: str) -> str:
    return template_language.read(source, KNOWN).fill(VALUES | values)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("Bonjour {{ reference }}.", "Bonjour VC-7K3-9QT."),
        ("{% if reason %}Motif : {{ reason }}{% else %}Sans motif{% endif %}", "Motif : Gel"),
        ("{% if day == 'lundi' %}a{% elif day != 'mardi' %}b{% else %}c{% endif %}", "c"),
        ("{% if not reason or (day and reference == 'x') %}a{% endif %}z", "z"),
        ("{{ day|capitalize }} {{ day | upper }}", "Mardi MARDI"),
        ("{# à revoir #}ok", "ok"),
        ("{% raw %}{{ day }}{% endraw %}", "{{ day }}"),
        ("100 % sûr, {moitié} }} fini", "100 % sûr, {moitié} }} fini"),
        ("a\n{% if reason %}\nb\n{% endif %}\nc", "a\nb\nc"),
    ],
)
def test_what_can_be_said(source, expected):
    assert said(source) == expected


@pytest.mark.parametrize(
    "source, line, column",
    [
        ("{{ ''.__class__ }}", 1, 7),
        ("{{ reason.__class__.__mro__[1].__subclasses__() }}", 1, None),
        ("{{ config }}", 1, 4),
        ("{{ self }}", 1, 4),
        ("{{ request.application.__globals__ }}", 1, None),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", 1, None),
        ("{{ lipsum.__globals__ }}", 1, None),
        ("{{ reason|attr('__class__') }}", 1, 11),
        ("{{ ()|attr('__class__') }}", 1, None),
        ("{{ reason['__class__'] }}", 1, 1),
        ("{{ reason[0] }}", 1, 1),
        ("{{ reason() }}", 1, 1),
        ("{{ '%s'|format(reason) }}", 1, None),
        ("{{ reason ~ day }}", 1, 1),
        ("{{ reason * 999999999 }}", 1, 1),
        ("{{ 9**9**9**9 }}", 1, 1),
        ("{{ 'x' }}", 1, 1),
        ("{{ reason if day else day }}", 1, 1),
        ("{{ reason|upper|lower|e }}", 1, None),
        ("ligne\n\n{% for x in reason %}{{ x }}{% endfor %}", 3, 1),
        ("{% for x in range(99999999999) %}a{% endfor %}", 1, 1),
        ("{% set x = 1 %}", 1, 1),
        ("{% include '/etc/passwd' %}", 1, 1),
        ("{% import 'mail/base.txt' as b %}", 1, 1),
        ("{% extends 'mail/base.txt' %}", 1, 1),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", 1, None),
        ("{% block a %}{% endblock %}", 1, None),
        ("{% filter upper %}a{% endfilter %}", 1, None),
        ("{% call x() %}{% endcall %}", 1, 1),
        ("{% with x = 1 %}{% endwith %}", 1, 1),
        ("{% autoescape false %}{% endautoescape %}", 1, 1),
        ("{% if reason is defined %}a{% endif %}", 1, None),
        ("{% if reason > day %}a{% endif %}", 1, 1),
        ("{% if reason in day %}a{% endif %}", 1, 1),
        ("{% if reason == 1 %}a{% endif %}", 1, 1),
        ("{% if 'a' %}a{% endif %}", 1, 1),
        ("Bonjour,\n  voici {{ raison }}", 2, 12),
        ("{% if reason %}a", 1, 1),
        ("a {% endif %}", 1, 3),
        ("{{ reason", 1, 1),
        ("{{ }}", 1, 1),
        ("{{ reason day }}", 1, 1),
        ("{% if %}a{% endif %}", 1, 1),
        ("a\0b", 1, 2),
        ("{% if reason %}" * 2000 + "a", 1, 1),
        ("{% if reason %}" * 20 + "a" + "{% endif %}" * 20, 1, None),
        ("{{ " + "(" * 3000 + "reason" + ")" * 3000 + " }}", 1, 1),
        ("{{ " + "9" * 6000 + " }}", 1, 1),
        ("{% if " + "not " * 3000 + "reason %}a{% endif %}", 1, 1),
        ("{{ reason }}" * 300, 1, 1),
    ],
)
def test_what_cannot_and_where(source, line, column):
    with pytest.raises(template_language.Mistake) as mistake:
        template_language.read(source, KNOWN)
    assert mistake.value.line == line and mistake.value.sentence
    if column is not None:
        assert mistake.value.column == column
    assert "Traceback" not in mistake.value.place


def test_a_value_is_never_read_as_a_text():
    hostile = "{{ reason }}{% if x %}{{ ''.__class__ }}"
    assert said("{{ reason }}", reason=hostile) == hostile


def test_what_it_becomes_is_bounded():
    """Two hundred times a long variable is refused before it is made whole."""
    text = template_language.read("{{ reason }}" * template_language.MOST_TAGS, KNOWN)
    assert len(text.fill({"reason": "x" * 320})) == 64_000
    with pytest.raises(template_language.Mistake) as mistake:
        text.fill({"reason": "x" * 321})
    assert str(template_language.LONGEST_FILLED) in mistake.value.sentence
    with pytest.raises(template_language.Mistake):
        list(text.ways({"reason": "x" * 10_000}))


def test_every_way_is_tried():
    text = template_language.read("{% if reason %}{% if day %}ab{% else %}a{% endif %}{% endif %}", KNOWN)
    assert sorted(text.ways(VALUES)) == ["", "", "a", "ab"]
    many = frozenset(f"v{n}" for n in range(12))
    source = "".join(f"{{% if v{n} %}}{n},{{% endif %}}" for n in range(12))
    ways = list(template_language.read(source, many).ways({name: "x" for name in many}))
    assert len(ways) == 26 and "" in ways and len(set(ways)) == 26


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}%# \n'\"()[].|,=!reasonifdy0ends_~*-+:<>\\", max_size=60))
def test_whatever_is_typed_is_read_or_refused(source):
    try:
        text = template_language.read(source, KNOWN)
    except template_language.Mistake as mistake:
        assert 1 <= mistake.line <= source.count("\n") + 1 and mistake.column >= 1
    else:
        for way in text.ways(VALUES):
            assert isinstance(way, str)


def test_each_variable_has_its_meaning_and_examples():
    for kind in TOLD:
        for channel in ("mail", "sms", "push"):
            names = variables.variable_names(kind, channel)
            assert {"reference", "category", "town"} <= names
            assert ("page" in names) == (channel == "mail")
            for locale in ("fr", "en"):
                assert all(variables.sample_values(kind, channel, locale).values())
