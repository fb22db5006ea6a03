"""A jurisdiction's teams, bodies, groups and categories from a TOML file: made where missing, changed where they
differ.

`demo/categories.toml` and `teams.toml` show the shape; one file may hold all of them. What a file
leaves out of `body` and `silence` stays as it was set from the screen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import delete, select

from core.database import db
from core.database.scope import current_jurisdiction_id
from core.identity import jurisdictions
from core.identity.models import Body
from interventions.teams.models import Team
from interventions.triage.models import Route
from interventions.triage.routing import add_routing_rule
from reporter.categories.models import Category, CategoryGroup, ImpliedDecisionMeaning
from reporter.categories.queries import QuestionType

#: What a file makes: rows of one jurisdiction, known by their codes.
Coded = TypeVar("Coded", Team, CategoryGroup, Body, Category)
PRIORITIES = {"normal": 0, "high": 1, "danger": 2}
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,89}$")]
#: A text in each language: {fr = "…", en = "…"}.
Texts = dict[Literal["fr", "en"], str]


class UnusableCatalogue(ValueError):
    """The file cannot be used; the message names the entry and the field."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CatalogueChoice(_Entry):
    """One of the answers that a question offers."""

    key: Code
    name: Texts


class CatalogueQuestion(_Entry):
    """An extra question of a category."""

    code: Code
    label: Texts
    type: QuestionType
    required: bool = False
    choices: list[CatalogueChoice] = []


class CatalogueGroup(_Entry):
    """A heading under which categories are offered."""

    code: Code
    name: Texts
    icon: str = ""


class CatalogueCategory(_Entry):
    """A category."""

    code: Code
    group: Code
    name: Texts
    description: Texts = {}
    keywords: dict[Literal["fr", "en"], list[str]] = {}
    icon: str = "tag"
    delay_hours: int | None = Field(default=None, ge=1, le=24 * 3650)
    priority: Literal["normal", "high", "danger"] = "normal"
    team: Code | None = None
    private: bool = False
    photo_to_finish: bool = False
    verified: bool = False
    active: bool = True
    #: Who is responsible, where it is not the jurisdiction: a body's code; empty: the jurisdiction.
    body: Code | Literal[""] = ""
    #: A formal request: what silence means, and after how many months.
    silence: Literal["none", ImpliedDecisionMeaning] = "none"
    silence_months: int = Field(default=2, ge=1, le=24)
    questions: list[CatalogueQuestion] = []


class CatalogueTeam(_Entry):
    """A team; a contractor's is not the jurisdiction's own."""

    code: Code
    name: Texts
    contractor: bool = False
    colour: str = ""


class CatalogueBody(_Entry):
    """A body that can be responsible; `hosted` is the slug of the jurisdiction here that it is, where it is one."""

    code: Code
    name: Texts
    address: Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)] = ""
    phone: Annotated[str, StringConstraints(pattern=r"^$|^[+0-9][0-9 .()/-]{5,39}$")] = ""
    email: Annotated[str, StringConstraints(pattern=r"^$|^[^@\s]+@[^@\s]+$", max_length=254)] = ""
    hosted: str = ""


class Catalogue(BaseModel):
    """What a file may hold."""

    groups: list[CatalogueGroup] = []
    categories: list[CatalogueCategory] = []
    teams: list[CatalogueTeam] = []
    bodies: list[CatalogueBody] = []


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of a file. Raises UnusableCatalogue naming every entry and field that cannot be used."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        found = Catalogue.model_validate(data)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableCatalogue(f"{path.name} cannot be read as TOML: {error}.") from None
    except ValidationError as error:
        raise UnusableCatalogue("\n".join(_sentence(one, data) for one in error.errors())) from None
    if not (found.groups or found.categories or found.teams or found.bodies):
        raise UnusableCatalogue(f"{path.name} holds no [[groups]], [[categories]], [[teams]] or [[bodies]].")
    return found


def _sentence(error: Mapping[str, Any], data: dict[str, Any]) -> str:
    where = list(error["loc"])
    name = ".".join(map(str, where[2:]))
    try:
        entry = data[where[0]][where[1]].get("code", where[1] + 1)
    except (KeyError, IndexError, TypeError, AttributeError):
        entry = where[1] + 1 if len(where) > 1 and isinstance(where[1], int) else ""
    return f"{where[0]} {entry}: {name or 'entry'}: {error['msg']}"


def import_catalogue(catalogue: Catalogue) -> tuple[int, int]:
    """Keep a catalogue in the jurisdiction being served; returns how many categories were made and changed. Flushes.

    Raises UnusableCatalogue where a category names a group, a team or a body that is neither in the file nor known.
    """
    teams = _keep(Team, {one.code: {"names": dict(one.name), "contractor": one.contractor} for one in catalogue.teams})
    groups = _keep(
        CategoryGroup,
        {one.code: {"names": dict(one.name), "position": position} for position, one in enumerate(catalogue.groups)},
    )
    bodies = _keep(Body, {one.code: _responsible(one) for one in catalogue.bodies})
    before = set(db.session.scalars(select(Category.code)))
    values = {}
    for position, one in enumerate(catalogue.categories):
        if one.group not in groups:
            raise UnusableCatalogue(f"categories {one.code}: group: there is no group {one.group}")
        if one.team is not None and one.team not in teams:
            raise UnusableCatalogue(f"categories {one.code}: team: there is no team {one.team}")
        if one.body and one.body not in bodies:
            raise UnusableCatalogue(f"categories {one.code}: body: there is no body {one.body}")
        values[one.code] = _values(one, groups[one.group].id, position) | _answerable(one, bodies)
    kept = _keep(Category, values)
    for one in catalogue.categories:
        _route(kept[one.code], teams[one.team] if one.team else None)
    made = len(set(values) - before)
    return made, len(values) - made


def _values(one: CatalogueCategory, group_id: int, position: int) -> dict[str, Any]:
    return {
        "group_id": group_id,
        "position": position,
        "names": dict(one.name),
        "descriptions": dict(one.description),
        "keywords": {language: ", ".join(words) for language, words in one.keywords.items()},
        "icon": one.icon,
        "questions": [question.model_dump() for question in one.questions],
        "private": one.private,
        "priority": PRIORITIES[one.priority],
        "delay_hours": one.delay_hours,
        "photo_to_finish": one.photo_to_finish,
        "verified": one.verified,
        "active": one.active,
    }


def _answerable(one: CatalogueCategory, bodies: dict[str, Body]) -> dict[str, Any]:
    """Who is responsible and what silence means, as far as the file says it."""
    said: dict[str, Any] = {}
    if "body" in one.model_fields_set:
        said["body_id"] = bodies[one.body].id if one.body else None
    if "silence" in one.model_fields_set:
        said["silence"] = None if one.silence == "none" else one.silence
    if "silence_months" in one.model_fields_set:
        said["silence_months"] = one.silence_months
    return said


def _responsible(one: CatalogueBody) -> dict[str, Any]:
    values: dict[str, Any] = {"names": dict(one.name)}
    if one.hosted:
        jurisdiction = jurisdictions.by_slug(one.hosted)
        if jurisdiction is None:
            raise UnusableCatalogue(f"bodies {one.code}: hosted: there is no jurisdiction {one.hosted}")
        values["hosted_id"] = jurisdiction.id
    # What is left out stays as it was set from the screen.
    said = {name: getattr(one, name) for name in ("address", "phone") if name in one.model_fields_set}
    return values | said | ({"email": one.email or None} if "email" in one.model_fields_set else {})


def _keep(model: type[Coded], wanted: dict[str, dict[str, Any]]) -> dict[str, Coded]:
    """Rows of `model` by code: those known, changed where they are wanted otherwise, and those made."""
    known = {row.code: row for row in db.session.scalars(select(model))}
    for code, values in wanted.items():
        if code not in known:
            known[code] = model(jurisdiction_id=current_jurisdiction_id(), code=code)
            db.session.add(known[code])
        for name, value in values.items():
            setattr(known[code], name, value)
    db.session.flush()
    return known


def _route(category: Category, team: Team | None) -> None:
    """The category's rule for the whole jurisdiction; rules for one sector are left as they are."""
    db.session.execute(
        delete(Route.__table__).where(
            Route.__table__.c.jurisdiction_id == current_jurisdiction_id(),
            Route.__table__.c.category_id == category.id,
            Route.__table__.c.sector_id.is_(None),
        )
    )
    if team is not None:
        add_routing_rule(jurisdiction_id=current_jurisdiction_id(), category_id=category.id, team_id=team.id)
