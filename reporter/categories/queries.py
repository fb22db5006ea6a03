"""Categories as they are offered, and the answers to their extra questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Select, select

from core.database import db, execute_unscoped
from core.database.scope import across_jurisdictions, current_jurisdiction_id
from core.errors import CollectedErrors, FieldError
from core.i18n import gettext as _
from core.identity.models import Body
from core.text import clean_text, localized
from reporter.categories.models import Category, CategoryGroup

QuestionType = Literal["string", "text", "number", "datetime", "singlevaluelist", "multivaluelist"]
TYPES: tuple[str, ...] = get_args(QuestionType)


@dataclass(frozen=True)
class OfferedCategory:
    """A category and its group, as pages and the API show them."""

    id: int
    code: str
    names: dict[str, str]
    descriptions: dict[str, str]
    keywords: dict[str, str]
    icon: str
    private: bool
    priority: int
    questions: list[dict[str, Any]]
    group_code: str
    group_names: dict[str, str]
    photo_to_finish: bool
    verified: bool
    delay_hours: int | None

    def name_in(self, locale: str) -> str:
        """The category's name in that language."""
        return localized(self.names, locale)

    def group_in(self, locale: str) -> str:
        """The group's name in that language."""
        return localized(self.group_names, locale)


def offered_categories() -> list[OfferedCategory]:
    """Every active category of the jurisdiction in the order of its groups. One statement."""
    c, g = Category.__table__.c, CategoryGroup.__table__.c
    categories: Select[*tuple[Any, ...]] = (
        select(
            c.id,
            c.code,
            c.names,
            c.descriptions,
            c.keywords,
            c.icon,
            c.private,
            c.priority,
            c.questions,
            g.code,
            g.names,
            c.photo_to_finish,
            c.verified,
            c.delay_hours,
        )
        .join_from(Category.__table__, CategoryGroup.__table__, c.group_id == g.id)
        .where(c.jurisdiction_id == current_jurisdiction_id(), c.active)
        .order_by(g.position, g.id, c.position, c.id)
    )
    return [OfferedCategory(*row) for row in db.session.execute(categories)]


def category_by_code(code: object, *, field: str = "category", of: int | None = None) -> Category:
    """The active category of that code, here or in the jurisdiction `of` that id. Raises FieldError."""
    text = clean_text(code, field=field, most=100, required=True, lines=False)
    with across_jurisdictions():
        found = db.session.scalar(
            select(Category).where(
                Category.jurisdiction_id == (of or current_jurisdiction_id()), Category.code == text, Category.active
            )
        )
    if found is None:
        raise FieldError(field, _("This category does not exist here."), code="unknown")
    return found


def hosting_jurisdiction(body_id: int | None) -> int | None:
    """The jurisdiction here that a body is; None for an outside one, or for none. At most one statement."""
    if body_id is None:
        return None
    b = Body.__table__.c
    return execute_unscoped(select(b.hosted_id).where(b.id == body_id)).scalar()


def check_answers(questions: list[dict[str, Any]], given: object) -> dict[str, Any]:
    """The answers to a category's questions, checked. Raises FieldErrors naming answers.<code>."""
    if given is None or given == "":
        given = {}
    if not isinstance(given, dict):
        raise FieldError("answers", _("This must be an object: question code, then answer."))
    errors = CollectedErrors()
    kept: dict[str, Any] = {}
    known = {question["code"] for question in questions}
    for code in given:
        if code not in known:
            errors.add(f"answers.{str(code)[:60]}", _("This category does not ask that."))
    for question in questions:
        with errors:
            value = _answer(question, given.get(question["code"]))
            if value is not None:
                kept[question["code"]] = value
    errors.done()
    return kept


def _answer(question: dict[str, Any], value: object) -> Any:
    field = f"answers.{question['code']}"
    if value is None or value == "" or value == []:
        if question.get("required"):
            raise FieldError(field, _("This field is required."))
        return None
    kind = question["type"]
    if kind == "number":
        return _number(value, field)
    if kind == "datetime":
        return _moment(value, field)
    if kind in ("singlevaluelist", "multivaluelist"):
        return _choice(question, value, field)
    return clean_text(value, field=field, most=1000 if kind == "text" else 250, lines=kind == "text") or None


def _number(value: object, field: str) -> float | int:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        number = float("nan")
    if isinstance(value, bool) or not abs(number) < 1e12:
        raise FieldError(field, _("This must be a number."))
    return int(number) if number.is_integer() else number


def _moment(value: object, field: str) -> str:
    try:
        return datetime.fromisoformat(str(value).strip()).isoformat()
    except ValueError:
        raise FieldError(field, _("This must be a date and time, for example 2026-03-05T10:40.")) from None


def _choice(question: dict[str, Any], value: object, field: str) -> str | list[str]:
    keys = {choice["key"] for choice in question.get("choices", ())}
    several = question["type"] == "multivaluelist"
    given = value if several and isinstance(value, list) else [value]
    chosen = [one for one in given if isinstance(one, str) and one in keys]
    if len(chosen) != len(given):
        raise FieldError(field, _("Choose one of the options."))
    return list(dict.fromkeys(chosen)) if several else chosen[0]
