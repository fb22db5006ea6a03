"""The demonstration town's texts, read from the TOML files beside this module and checked."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.identity import permissions

HERE = Path(__file__).parent
PRIORITIES = {"normal": 0, "high": 1, "danger": 2}
LANGUAGES = ("fr", "en")

Localized = Mapping[str, str]


@dataclass(frozen=True)
class SampleGroup:
    """A heading under which categories are offered."""

    code: str
    icon: str
    name: Localized


@dataclass(frozen=True)
class SampleCategory:
    """What can be reported, with its extra questions in the shape that reports keep them in."""

    code: str
    group: str
    icon: str
    name: Localized
    description: Localized
    keywords: Mapping[str, Sequence[str]]
    delay_hours: int
    priority: int
    team: str | None = None
    private: bool = False
    photo_to_finish: bool = False
    verified: bool = False
    #: The code of the body in charge, where it is not the town.
    body: str | None = None
    #: A formal request: what silence means ("acceptance" or "rejection").
    silence: str | None = None
    silence_months: int = 2
    questions: Sequence[Mapping[str, Any]] = ()

    @property
    def dangerous(self) -> bool:
        """Whether reports of this kind are a danger until somebody has been there."""
        return self.priority == PRIORITIES["danger"]


@dataclass(frozen=True)
class SampleReports:
    """What residents write of a category, how often it is reported, and the scene drawn for it, if any."""

    weight: int
    fr: Sequence[str]
    en: Sequence[str]
    scene: str | None = None


@dataclass(frozen=True)
class SampleWork:
    """The title of a category's work orders, and what is said on finishing one."""

    title: str
    finish: Sequence[str]


@dataclass(frozen=True)
class SampleTeam:
    """A crew; a contractor's is not the town's own."""

    code: str
    name: Localized
    colour: str
    contractor: bool


@dataclass(frozen=True)
class SampleBody:
    """Who is responsible for what the town is not."""

    code: str
    name: Localized
    address: str
    phone: str
    email: str


@dataclass(frozen=True)
class Colleague:
    """Somebody with an account: a role, and for agents a team."""

    email: str
    name: str
    role: str
    team: str | None = None


@dataclass(frozen=True)
class Content:
    """All of it. `phrases` holds, by group code, the sentences that fit any category of a group."""

    groups: Sequence[SampleGroup]
    categories: Mapping[str, SampleCategory]
    said: Mapping[str, SampleReports]
    work: Mapping[str, SampleWork]
    phrases: Mapping[str, Mapping[str, Sequence[str]]]
    common: Mapping[str, Sequence[str]]
    names: Mapping[str, Sequence[str]]
    answers: Mapping[str, Sequence[str]]
    hints: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
    """By category and question: the answers, each with the words of a text that give it away."""
    teams: Sequence[SampleTeam]
    bodies: Sequence[SampleBody]
    colleagues: Sequence[Colleague]
    streets: Sequence[str] = field(repr=False)

    def agents(self, team: str | None) -> list[str]:
        """The e-mail addresses of a team's agents, in order."""
        return [
            one.email
            for one in self.colleagues
            if permissions.has(one.role, "work_orders.receive") and one.team == team
        ]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text("utf-8"))


@lru_cache(maxsize=1)
def load() -> Content:
    """Read everything. Raises TypeError or KeyError where a file lacks something."""
    listed, texts, crews = _read("categories.toml"), _read("texts.toml"), _read("teams.toml")
    categories = {
        entry["code"]: SampleCategory(**entry | {"priority": PRIORITIES[entry["priority"]]})
        for entry in listed["categories"]
    }
    return Content(
        groups=[SampleGroup(**entry) for entry in listed["groups"]],
        categories=categories,
        said={code: SampleReports(**texts["reports"][code]) for code in categories},
        work={code: SampleWork(**texts["work"][code]) for code in categories},
        phrases=texts["groups"],
        common=texts["common"],
        names={"fr": texts["people"]["names"], "en": texts["people"]["names_en"]},
        answers=texts["answers"],
        hints=texts["hints"],
        teams=[SampleTeam(**entry) for entry in crews["teams"]],
        bodies=[SampleBody(**entry) for entry in crews["bodies"]],
        colleagues=[Colleague(**entry) for entry in crews["people"]],
        streets=_read("streets.toml")["streets"]["names"],
    )


def icons() -> list[str]:
    """The names of all Lucide icons that groups and categories use, sorted, each once."""
    content = load()
    return sorted({one.icon for one in content.groups} | {one.icon for one in content.categories.values()})
