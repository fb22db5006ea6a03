"""/admin/words: seen, changed, refused with the place of the mistake, taken away; nothing of it by reading alone."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from core.database import db
from reporter.messages.wording.models import Wording
from reporter.statuses import TOLD
from tests import factories

PLACE = "/admin/words/resolved/mail"


@pytest.fixture
def admin(signed_in):
    return signed_in("administrator")


def kept(acting, jurisdiction) -> list[tuple[str, str, str]]:
    with acting(jurisdiction):
        return [(one.locale, one.subject, one.body) for one in db.session.scalars(select(Wording).order_by(Wording.id))]


def test_every_text_has_its_page_in_each_language(admin, acting, jurisdiction):
    with acting(jurisdiction):
        factories.report()
    assert admin.get("/admin/words").status_code == 200
    for kind in TOLD:
        for channel in ("mail", "sms", "push"):
            for locale in ("fr", "en"):
                page = admin.get(f"/admin/words/{kind}/{channel}?locale={locale}")
                assert page.status_code == 200, (kind, channel)


def seen(page: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


def test_the_second_of_two_writers_is_told_and_overwrites_nothing(admin, acting, jurisdiction):
    first = seen(admin.get(PLACE).get_data(as_text=True))
    assert admin.post(PLACE, data={"locale": "fr", "body": "La première.", "seen": first}).status_code == 303
    answer = admin.post(PLACE, data={"locale": "fr", "body": "La seconde.", "seen": first})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 412 and "La première." in page and "La seconde." in page
    assert [one[2] for one in kept(acting, jurisdiction)] == ["La première."]
    assert admin.post(PLACE, data={"locale": "fr", "body": "La seconde.", "seen": seen(page)}).status_code == 303
    assert [one[2] for one in kept(acting, jurisdiction)] == ["La seconde."]


def test_words_are_kept_shown_and_taken_away(admin, acting, jurisdiction):
    typed = {"locale": "fr", "subject": "Réparé : {{ reference }}", "body": "Voilà, {{ done_day }}."}
    assert admin.post(PLACE, data=typed).status_code == 303
    assert kept(acting, jurisdiction) == [("fr", "Réparé : {{ reference }}", "Voilà, {{ done_day }}.")]
    page = admin.get(PLACE).get_data(as_text=True)
    assert "Voilà, {{ done_day }}." in page
    assert admin.post(PLACE, data=typed | {"body": "Encore.", "seen": seen(page)}).status_code == 303
    assert [one[2] for one in kept(acting, jurisdiction)] == ["Encore."]
    assert admin.post(PLACE, data=typed | {"category": "depot", "body": "Enlevé."}).status_code == 303
    assert [one[2] for one in kept(acting, jurisdiction)] == ["Encore.", "Enlevé."]
    admin.post(f"{PLACE}/remove", data={"locale": "fr"})
    assert [one[2] for one in kept(acting, jurisdiction)] == ["Enlevé."]


@pytest.mark.parametrize(
    "typed, said",
    [
        ({"body": "Bonjour,\n\nvoici {{ config }}"}, "Ligne 3, colonne 10"),
        ({"body": "{{ ''.__class__.__mro__ }}"}, "Ligne 1, colonne"),
        ({"body": "x", "subject": "Objet\r\nBcc: autre@example.org"}, "Ligne 1, colonne 6"),
        ({"body": "x", "subject": "{{ page }}"}, "Ligne 1, colonne 4"),
        ({"body": "x" * 7000}, "6000"),
        ({"body": "{% if reason %}{{ reason }}{% endif %}"}, "vide"),
        ({"body": ""}, 'href="#body"'),
    ],
)
def test_a_mistake_comes_back_with_its_place_and_what_was_typed(admin, acting, jurisdiction, typed, said):
    answer = admin.post(PLACE, data={"locale": "fr"} | typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page
    assert kept(acting, jurisdiction) == []
    if len(typed["body"]) < 100:
        from markupsafe import escape

        assert str(escape(typed["body"])) in page


def test_a_preview_keeps_nothing_and_shows_a_real_report(admin, acting, jurisdiction):
    with acting(jurisdiction):
        reference = factories.report(description="Devant chez moi").reference
    answer = admin.post(f"{PLACE}/preview", data={"locale": "fr", "subject": "", "body": "Ici : {{ address }}"})
    page = answer.get_data(as_text=True)
    assert reference in page and "Ici : 12 rue des Tilleuls" in page and "?key=" not in page
    assert kept(acting, jurisdiction) == []
    part = admin.post(
        f"{PLACE}/preview",
        data={"locale": "fr", "body": "{{ oups }}"},
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    assert part.status_code == 422 and "<!doctype" not in part.get_data(as_text=True)
    sms = admin.post("/admin/words/resolved/sms/preview", data={"locale": "fr", "body": "Réparé, {{ category }}."})
    assert "Il part en 1 SMS." in sms.get_data(as_text=True)


def test_a_mail_is_looked_at_where_nothing_runs(admin, acting, jurisdiction):
    with acting(jurisdiction):
        factories.report()
    body = "<script>alert(1)</script> https://example.org/a?b=1&c=2"
    answer = admin.post(f"{PLACE}/look", data={"locale": "fr", "body": body})
    page = answer.get_data(as_text=True)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert 'href="https://example.org/a?b=1&amp;c=2"' in page


def test_another_town_s_words_are_its_own(admin, acting, jurisdiction, signed_in):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    admin.post(PLACE, data={"locale": "fr", "body": "Chez nous."})
    there = signed_in("administrator", at=other)
    page = there.get(PLACE, base_url="http://ailleurs.localhost").get_data(as_text=True)
    assert "Chez nous." not in page
    assert admin.post(PLACE, data={"locale": "fr", "category": "nulle-part", "body": "x"}).status_code == 422


def test_a_preview_hides_nobody_else_s_change(admin, acting, jurisdiction):
    with acting(jurisdiction):
        factories.report()
    first = seen(admin.get(PLACE).get_data(as_text=True))
    admin.post(PLACE, data={"locale": "fr", "body": "La première.", "seen": first})
    page = admin.post(f"{PLACE}/preview", data={"locale": "fr", "body": "La seconde.", "seen": first})
    assert seen(page.get_data(as_text=True)) == first
