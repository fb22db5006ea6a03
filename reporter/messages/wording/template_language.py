"""The small language of a jurisdiction's own words: text, {{ variable }}, {% if variable %}…{% endif %}; nothing else.

Jinja's parser reads it, and every node of what it has read is looked at: what is not named here is refused, with
its line and column, before it is ever compiled. Variables are strings, never objects: there is nothing to reach
through them. What is left runs in Jinja's sandbox all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NoReturn

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.i18n import gettext as _

#: How deep conditions may stand inside each other, and how many tags a text may have.
DEEPEST, MOST_TAGS = 6, 200
#: What may follow a variable: {{ day|capitalize }}.
FILTERS = ("capitalize", "lower", "upper")
#: Up to so many variables every combination of given and missing is tried when a text is saved.
MOST_COMBINED = 6
#: How long a text may become when it is filled in, in characters: a short text that shows a long variable two
#: hundred times is no message any more.
LONGEST_FILLED = 64_000


class Mistake(ValueError):
    """A text that is not written in this language: what is wrong, in words, and where (both counted from 1)."""

    def __init__(self, sentence: str, line: int = 1, column: int = 1) -> None:
        super().__init__(sentence)
        self.sentence, self.line, self.column = sentence, line, column

    @property
    def place(self) -> str:
        """The whole of it, as one reads it."""
        return _("Line %(line)s, column %(column)s: %(what)s", line=self.line, column=self.column, what=self.sentence)


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=0,
    )
    made.globals.clear()
    made.tests.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


_JINJA = _environment()


@dataclass(frozen=True)
class Text:
    """A text that was found good: it can only be filled in."""

    template: Template
    #: The variables it shows or asks for.
    uses: frozenset[str]
    #: Those that its conditions ask for.
    asks: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its variables filled in; those that are not given are empty.

        Raises Mistake, without making the rest, where it becomes longer than LONGEST_FILLED.
        """
        parts, length = [], 0
        for part in self.template.generate({name: values.get(name, "") for name in self.uses}):
            length += len(part)
            if length > LONGEST_FILLED:
                raise Mistake(_("This is too long: %(most)s characters at most.", most=LONGEST_FILLED))
            parts.append(part)
        return "".join(parts)

    def ways(self, sample: Mapping[str, str]) -> Iterator[str]:
        """What it becomes on `sample`, and with each variable it asks for missing, so that every way is tried."""
        asked = sorted(self.asks)
        if len(asked) <= MOST_COMBINED:
            combinations: Iterator[tuple[bool, ...]] = product((True, False), repeat=len(asked))
        else:
            alone = [tuple(other == one for other in asked) for one in asked]
            but_one = [tuple(not given for given in row) for row in alone]
            combinations = iter([(True,) * len(asked), (False,) * len(asked), *alone, *but_one])
        for given in combinations:
            missing = {name for name, there in zip(asked, given, strict=True) if not there}
            yield self.fill({name: "" if name in missing else value for name, value in sample.items()})


@lru_cache(512)
def read(source: str, known: frozenset[str]) -> Text:
    """The text that `source` is, of the variables `known`. Raises Mistake."""
    if "\0" in source:
        raise Mistake(_("This character cannot be used here."), *_found(source, 1, "\0"))
    try:
        tree = _JINJA.parse(source)
    except TemplateSyntaxError as error:
        raise Mistake(_syntax(error), *_tag(source, error.lineno)) from None
    except (RecursionError, ValueError, OverflowError):
        raise Mistake(_("This is nested too deeply, or is not text.")) from None
    seen = _Seen(source, known)
    seen.all(tree.body, 0)
    return Text(_JINJA.from_string(tree), frozenset(seen.uses), frozenset(seen.asks))


class _Seen:
    """Looks at every node of a text; raises Mistake at the first that has no place in it."""

    def __init__(self, source: str, known: Collection[str]) -> None:
        self._source, self._known = source, known
        self._tags = 0
        self.uses: set[str] = set()
        self.asks: set[str] = set()

    def all(self, body: list[nodes.Node], depth: int) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        self._count(part)
                        self._shown(part)
            elif isinstance(node, nodes.If):
                self._condition(node, depth + 1)
            else:
                self._refuse(node)

    def _condition(self, node: nodes.If, depth: int) -> None:
        self._count(node)
        if depth > DEEPEST:
            self._stop(node, _("Too many conditions inside each other: %(most)s at most.", most=DEEPEST))
        self._test(node.test, 0)
        self.all(node.body, depth)
        for other in node.elif_:
            self._condition(other, depth)
        self.all(node.else_, depth)

    def _shown(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Filter) and not node.args and not node.kwargs and node.node is not None:
            if node.name not in FILTERS:
                self._stop(
                    node,
                    _(
                        "“%(name)s” cannot follow a variable here: only %(known)s can.",
                        name=node.name,
                        known=", ".join(FILTERS),
                    ),
                    node.name,
                )
            node = node.node
        if not isinstance(node, nodes.Name):
            self._refuse(node)
        else:
            self._name(node)

    def _test(self, node: nodes.Node, depth: int) -> None:
        if depth > DEEPEST:
            self._refuse(node)
        if isinstance(node, nodes.Name):
            self._name(node)
            self.asks.add(node.name)
        elif isinstance(node, nodes.Not):
            self._test(node.node, depth + 1)
        elif isinstance(node, nodes.And | nodes.Or):
            self._test(node.left, depth + 1)
            self._test(node.right, depth + 1)
        elif isinstance(node, nodes.Compare) and len(node.ops) == 1 and node.ops[0].op in ("eq", "ne"):
            self._side(node.expr)
            self._side(node.ops[0].expr)
        else:
            self._refuse(node)

    def _side(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            return
        if not isinstance(node, nodes.Name):
            self._refuse(node)
        self._name(node)
        self.asks.add(node.name)

    def _name(self, node: nodes.Name) -> None:
        if node.name not in self._known:
            self._stop(
                node,
                _(
                    "There is no variable “%(name)s” here. You can use: %(known)s.",
                    name=node.name[:40],
                    known=", ".join(sorted(self._known)),
                ),
                node.name,
            )
        self.uses.add(node.name)

    def _count(self, node: nodes.Node) -> None:
        self._tags += 1
        if self._tags > MOST_TAGS:
            self._stop(node, _("This has too many variables and conditions: %(most)s at most.", most=MOST_TAGS))

    def _refuse(self, node: nodes.Node) -> NoReturn:
        hint = getattr(node, "name", None) or getattr(node, "attr", None)
        self._stop(
            node,
            _("Only variables ({{ reference }}) and conditions ({%% if reason %%}…{%% endif %%}) can be used here.")
            % {},
            hint if isinstance(hint, str) else None,
        )

    def _stop(self, node: nodes.Node, sentence: str, hint: str | None = None) -> NoReturn:
        # What the parser wraps by itself knows no line.
        line = node.lineno or 1
        place = _found(self._source, line, hint) if hint else _tag(self._source, line)
        raise Mistake(sentence, *place)


def _found(source: str, line: int, hint: str) -> tuple[int, int]:
    """Where `hint` stands from that line on, inside a tag where it can be; (line, column)."""
    lines = source.split("\n")
    for number in range(line, len(lines) + 1):
        words = lines[number - 1]
        inside = max(0, min((at for at in (words.find("{{"), words.find("{%")) if at >= 0), default=0))
        for start in (inside, 0):
            at = words.find(hint, start)
            if at >= 0:
                return number, at + 1
    return _tag(source, line)


def _tag(source: str, line: int) -> tuple[int, int]:
    """Where the first tag of that line begins; its first column where it has none."""
    lines = source.split("\n")
    words = lines[line - 1] if 0 < line <= len(lines) else ""
    starts = [at for at in (words.find("{{"), words.find("{%"), words.find("{#")) if at >= 0]
    return max(1, min(line, len(lines))), min(starts, default=0) + 1


def _syntax(error: TemplateSyntaxError) -> str:
    """What the parser did not understand, said for somebody who writes to residents."""
    said = str(error.message)
    if "Unexpected end of template" in said:
        return _("Something is not closed: {%% endif %%} or }} is missing.") % {}
    if "unknown tag" in said:
        return _("This tag does not exist here: only if, elif, else and endif do.")
    if "Unexpected end of" in said or "expected token 'end of print statement'" in said:
        return _("A variable is one word between {{ and }}: {{ reference }}.")
    return (
        _("This cannot be read: a variable is written {{ reference }}, a condition {%% if reason %%}…{%% endif %%}.")
        % {}
    )
