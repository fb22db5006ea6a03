"""The lives of reports, as those who send, follow and treat them live them; and what they are owed for it.

A life is a generator: between two yields something is done over HTTP. It yields None to let others go on, or a
condition that must hold before it goes on itself. What somebody is owed is noted from the answers alone.
"""

from __future__ import annotations

import random
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench import jurisdiction
from bench.telling.client import Client
from bench.telling.post import Post

CATEGORIES = [f"c{group}{one}" for group in range(10) for one in range(4)]
CONFIRM = re.compile(r"/(?:c|follow/confirm)/")
#: People who follow several reports: each this many at most.
NEIGHBOUR_FOLLOWS = 6

Steps = Iterator[Callable[[], bool] | None]


@dataclass
class Report:
    """A report as its author knows it: its reference, since a 201, and who is told of it."""

    reference: str
    told: list[str]


@dataclass
class Owed:
    """What people are owed, by what they were answered: (address, life) → [(reference, kind), …] in order."""

    news: dict[tuple[str, int], list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    questions: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def messages(self) -> int:
        """How many messages are due for all of it."""
        return len(self.questions) + sum(map(len, self.news.values()))


class Neighbours:
    """People who confirmed their address once and follow more than one report."""

    def __init__(self, number: int) -> None:
        self._lock = threading.Lock()
        self._people = [f"voisin{n}@bench.example" for n in range(number)]
        self._asked: dict[str, int] = defaultdict(int)
        self.confirmed: set[str] = set()

    def one(self) -> tuple[str, bool]:
        """Somebody, and whether this is the first that they follow."""
        with self._lock:
            address = min(self._people, key=lambda person: self._asked[person])
            self._asked[address] += 1
            return address, self._asked[address] == 1


class Life:
    """One story: one report or several that come to belong together."""

    def __init__(self, number: int, owed: Owed, post: Post, neighbours: Neighbours) -> None:
        self.number = number
        self.client: Client
        self._owed, self._post, self._neighbours = owed, post, neighbours
        self._chance = random.Random(number)
        self._sent = 0

    @property
    def place(self) -> str:
        """The address that its people write from."""
        return f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"

    # What people do.

    def report(self) -> Report:
        """Somebody sends a report and leaves an address."""
        self._sent += 1
        address = f"habitant{self.number}.{self._sent}@bench.example"
        lat, lon = (middle + self._chance.uniform(-0.8, 0.8) * jurisdiction.HALF for middle in jurisdiction.CENTRE)
        said = self.client.send(
            "reports",
            {
                "category": self._chance.choice(CATEGORIES),
                "location": {"type": "Point", "coordinates": [lon, lat]},
                "description": " ".join(self._chance.choices(jurisdiction.WORDS, k=12)),
                "address": "12 rue des Tilleuls",
                "contact": {"email": address, "locale": "fr"},
            },
            signed=False,
        )
        made = Report(said["reference"], [address])
        self._owed.references.append(made.reference)
        self.happened(made, "received")
        return made

    def happened(self, report: Report, kind: str) -> None:
        """Everybody who follows is owed the news."""
        for address in report.told:
            self._owed.news[address, self.number].append((report.reference, kind))

    def follows(self, report: Report, address: str, *, known: bool = False) -> Steps:
        """Somebody asks for news, and says that the address is theirs by the mail's link."""
        before = len(self._post.to(address))
        self.client.fill(f"/r/{report.reference}/follow", {"email": address})
        if not known:
            self._owed.questions.append(address)
            yield lambda: self._question(address, before) is not None
            self.client.fill(self._question(address, before), {})
        report.told.append(address)

    def _question(self, address: str, before: int) -> str | None:
        for mail in self._post.to(address)[before:]:
            for link in mail.links:
                if CONFIRM.search(link):
                    return urlsplit(link).path
        return None

    def is_followed(self, report: Report) -> Steps:
        """Two strangers and a neighbour want to hear of it."""
        for stranger in range(2):
            yield from self.follows(report, f"abonne{self.number}.{stranger}@bench.example")
        address, first = self._neighbours.one()
        if not first:
            yield lambda: address in self._neighbours.confirmed
        yield from self.follows(report, address, known=not first)
        self._neighbours.confirmed.add(address)

    def does(self, report: Report, verb: str, **words: str) -> None:
        """The desk decides about a report."""
        self.client.send(f"reports/{report.reference}/{verb}", words)

    def work(self, *reports: Report) -> str:
        """The desk plans work for reports and announces its day; its number."""
        made = self.client.send(
            "work-orders",
            {
                "reports": [report.reference for report in reports],
                "team": f"e{self.number % 4}",
                "start": self._day(),
                "announce": True,
            },
        )
        for report in reports:
            self.happened(report, "planned")
        return made["number"]

    def _day(self) -> str:
        from datetime import date, timedelta

        return (date.today() + timedelta(days=self._chance.randrange(3, 20))).isoformat()

    def crew(self, number: str, verb: str, **words: object) -> None:
        """Something happens to the work."""
        self.client.send(f"work-orders/{number}/{verb}", words)

    def repaired(self, number: str, *reports: Report) -> Steps:
        """The crew comes and does it."""
        self.crew(number, "start")
        yield None
        self.crew(number, "finish", comment="Le trou est rebouché", minutes=30)
        for report in reports:
            self.happened(report, "resolved")

    # The stories.

    def straight(self) -> Steps:
        """Received, acknowledged, planned, repaired."""
        report = self.report()
        yield None
        self.does(report, "acknowledge")
        yield None
        number = self.work(report)
        yield None
        yield from self.repaired(number, report)

    def changed(self) -> Steps:
        """The day announced is another one after all."""
        report = self.report()
        yield None
        number = self.work(report)
        yield None
        self.crew(number, "schedule", start="2031-03-0" + str(1 + self.number % 9), reason="Pluie annoncée")
        self.happened(report, "day_changed")
        yield None
        yield from self.repaired(number, report)

    def rejected(self) -> Steps:
        """No work will follow, and the reason is told."""
        report = self.report()
        yield None
        self.does(report, "reject", reason="C’est une voie privée")
        self.happened(report, "rejected")

    def rejected_in_vain(self) -> Steps:
        """… and it was a mistake."""
        report = self.report()
        for verb, kind in (("reject", "rejected"), ("reopen", "reopened"), ("reject", "rejected")):
            yield None
            self.does(report, verb, reason="Vérification faite sur place")
            self.happened(report, kind)

    def merged(self) -> Steps:
        """Two say the same: the second hears of the first."""
        first, second = self.report(), self.report()
        yield None
        yield from self.follows(second, f"abonne{self.number}.0@bench.example")
        self.does(second, "merge", into=first.reference)
        self.happened(second, "merged")
        first.told.extend(second.told)
        yield None
        number = self.work(first)
        yield None
        yield from self.repaired(number, first)

    def returned(self) -> Steps:
        """The work was not good and is done again."""
        report = self.report()
        yield None
        number = self.work(report)
        yield None
        yield from self.repaired(number, report)
        yield None
        self.crew(number, "return", reason="Le trou est revenu")
        self.happened(report, "reopened")
        yield None
        yield from self.repaired(number, report)

    def together(self) -> Steps:
        """One work order answers three reports."""
        reports = []
        for _one in range(3):
            reports.append(self.report())
            yield None
        number = self.work(*reports)
        yield None
        yield from self.repaired(number, *reports)

    def followed(self) -> Steps:
        """A report that several want to hear of."""
        report = self.report()
        yield None
        yield from self.is_followed(report)
        self.does(report, "acknowledge")
        yield None
        number = self.work(report)
        yield None
        self.crew(number, "schedule", start="2031-04-0" + str(1 + self.number % 9), reason="Matériel en retard")
        self.happened(report, "day_changed")
        yield None
        yield from self.repaired(number, report)


#: What twenty lives are like, and how many reports each of them sends.
STORIES: list[tuple[Callable[[Life], Steps], int]] = (
    [(Life.straight, 1)] * 8
    + [(Life.changed, 1)] * 3
    + [(Life.followed, 1)] * 2
    + [(Life.rejected, 1)] * 2
    + [(Life.rejected_in_vain, 1), (Life.returned, 1), (Life.together, 3)]
    + [(Life.merged, 2)] * 2
)
random.Random(7).shuffle(STORIES)


def stories(reports: int) -> list[Callable[[Life], Steps]]:
    """As many lives as send that number of reports."""
    chosen, sent = [], 0
    while sent < reports:
        story, number = STORIES[len(chosen) % len(STORIES)]
        chosen.append(story)
        sent += number
    return chosen
