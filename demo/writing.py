"""How a plan is written: reports taken in, work made for them, steps put down at believable times."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo import content, geometry
from demo.clock import Clock
from demo.people import Residents
from demo.stories import OrderLife, Plan, ReportLife, Shot, Step

RECEPTION, SUPERVISOR, AGENT = "accueil@demo.example", "superviseur@demo.example", "agent@demo.example"
OLDEST = 930  # working hours back to the oldest closing: reports go back some six months
MERGED_WITHIN = 4  # house numbers between duplicates: 20 metres


class Writer:
    """Keeps the lives and steps written so far. `begin` is called before each story."""

    def __init__(self, now: datetime, seed: str, reports: int):
        self.seed, self.clock = seed, Clock(now)
        self.content = content.load()
        self.residents = Residents(Random(seed), reports)
        self.streets = {street.name: street for street in geometry.build().streets}
        self.dice, self.story = Random(seed), ""
        self.reports: list[ReportLife] = []
        self.orders: list[OrderLife] = []
        self.steps: list[Step] = []
        self._variants: dict[int, int] = {}
        self._taken: set[tuple[str, int]] = set()

    def begin(self, story: str, index: int) -> None:
        """Give a story dice of its own: what it draws does not change the others."""
        self.story, self.dice = story, Random(f"{self.seed}/{story}/{index}")

    def plan(self) -> Plan:
        """Return what was written, the steps in the order of their time."""
        return Plan(self.clock.now, self.reports, self.orders, sorted(self.steps, key=lambda step: step.at))

    # --- times ---

    def closed_at(self) -> datetime:
        """A working moment between two hours and some five months ago."""
        return self.clock.back(self.clock.now, self.dice.uniform(2, OLDEST))

    def recently(self, least: float, most: float) -> datetime:
        """A working moment so many working hours ago."""
        return self.clock.back(self.clock.now, self.dice.uniform(least, most))

    def chain(self, end: datetime, *gaps: tuple[float, float] | float) -> list[datetime]:
        """Return working moments that lead to an end, earliest first: one more than there are gaps.

        A gap is in working hours: how many, or between how many.
        """
        moments = [end]
        for gap in reversed(gaps):
            moments.append(self.clock.back(moments[-1], self.dice.uniform(*gap) if isinstance(gap, tuple) else gap))
        return moments[::-1]

    def patience(self, category: content.SampleCategory) -> float:
        """How long work of a category waits for its turn, in working hours: now and then beyond the delay."""
        return max(0.4, min(90.0, category.delay_hours * 0.24 * self.dice.lognormvariate(-0.75, 0.6)))

    def seen_before(self, moment: datetime) -> datetime:
        """When a resident wrote what staff read at a working moment: just before, or the evening before."""
        hours = self.dice.uniform(0.1, 2.5) if self.dice.random() < 0.4 else self.dice.uniform(3, 17)
        return self.clock.awake(moment - timedelta(hours=hours))

    # --- reports ---

    def place(self) -> tuple[str, int]:
        """An address that no other report has."""
        while True:
            street = self.streets[self.residents.dice.choice(self.content.streets)]
            found = (street.name, self.residents.dice.randint(1, street.last_number))
            if found not in self._taken:
                self._taken.add(found)
                return found

    def beside(self, street: str, number: int) -> tuple[str, int] | None:
        """A free address within a few doors of another, or None."""
        last = self.streets[street].last_number
        for distance in range(1, MERGED_WITHIN + 1):
            for other in (number + distance, number - distance):
                if 1 <= other <= last and (street, other) not in self._taken:
                    self._taken.add((street, other))
                    return street, other
        return None

    def report(
        self,
        category: content.SampleCategory,
        received_at: datetime,
        status: str,
        *,
        where: tuple[str, int] | None = None,
        variant: int | None = None,
        by: str = "",
    ) -> ReportLife:
        """Have somebody report something. `by` names a colleague who found it in the street."""
        residents, key = self.residents, len(self.reports)
        street, number = where or self.place()
        author = residents.author(french=self.story == "today")  # the demonstration's agent reads French
        seen_at = received_at - timedelta(minutes=residents.dice.randint(1, 40))
        drawn = residents.variant(category.code)
        shots = residents.shots(category.code, drawn if variant is None else variant, seen_at)
        phone, machine = residents.dice.random() < 0.22, residents.dice.random() < 0.05
        phone = phone and self.clock.works(received_at)
        channel = "field" if by else "phone" if phone else "api" if machine else "web"
        author = None if by else author
        shown = () if channel == "phone" else shots
        text = residents.text(category.code, author.locale if author else "fr", bool(shown))
        life = ReportLife(
            key,
            category.code,
            street,
            number,
            text,
            author,
            channel,
            received_at,
            shown,
            residents.answers(category, text, seen_at),
            self.story,
            status,
        )
        self._variants[key] = drawn if variant is None else variant
        self.reports.append(life)
        self.step(received_at, "submit", by or (RECEPTION if channel == "phone" else ""), report=life)
        self._follow(life)
        return life

    def _follow(self, life: ReportLife) -> None:
        """Let a neighbour or two follow, in one report of eight."""
        wanted = self.dice.random() < 0.125
        people = self.residents.neighbours(self.dice.randint(1, 3), life.author)
        span = (self.clock.now - life.received_at).total_seconds() / 3600
        for person in people if wanted and not self.content.categories[life.category].private else ():
            at = life.received_at + timedelta(hours=min(span, 20) * self.dice.uniform(0.1, 0.6))
            self.step(min(at, self.clock.now), "follow", "", report=life, data={"person": person})

    def seen(self, category: content.SampleCategory, acknowledged_at: datetime, status: str, **more: Any) -> ReportLife:
        """A report that was read and acknowledged at a working moment, now and then with an internal note."""
        life = self.report(category, self.seen_before(acknowledged_at), status, **more)
        self.step(acknowledged_at, "acknowledge", self.dice.choice((RECEPTION, RECEPTION, SUPERVISOR)), report=life)
        noted = self.dice.random() < 0.18
        about = [*self.phrase(category, "note", all_of=True), *self.content.common["note"]]
        if noted:
            self.step(acknowledged_at, "note", SUPERVISOR, report=life, data={"text": self.dice.choice(about)})
        return life

    def phrase(self, category: content.SampleCategory, kind: str, *, all_of: bool = False) -> Any:
        """A sentence of staff that fits a category; all of them if asked."""
        found = self.content.phrases[category.group][kind]
        return found if all_of else self.dice.choice(found)

    def targets(self) -> list[tuple[ReportLife, datetime]]:
        """Public reports that others may be attached to, with until when: their closing, or now."""
        last = {life.key: life.received_at for life in self.reports}
        reports_of = {order.key: order.reports for order in self.orders}
        for step in self.steps:
            keys = [step.report] if step.report is not None else reports_of.get(step.order_key, ())
            for key in keys:
                last[key] = max(last[key], step.at)
        known = [
            life
            for life in self.reports
            if life.status not in ("merged", "rejected") and not self.content.categories[life.category].private
        ]
        return [(life, last[life.key] if life.status == "resolved" else self.clock.now) for life in known]

    # --- work ---

    def order(
        self,
        made_at: datetime,
        reports: Sequence[ReportLife],
        status: str,
        *,
        kind: str = "final",
        agent: str | None = None,
        title: str | None = None,
        wants_approval: bool = False,
    ) -> OrderLife:
        """Make a work order for reports of one category. Reception's is approved by a later step."""
        category = self.content.categories[reports[0].category]
        agents = self.content.agents(category.team)
        chosen = agent or (self.dice.choice(agents) if agents else None)
        told = self.dice.random() < 0.6, self.phrase(category, "instructions")
        name = title or self.content.work[category.code].title
        if kind == "making_safe":
            name = "Mettre en sécurité"
        order = OrderLife(
            len(self.orders),
            kind,
            category.code,
            name,
            told[1] if told[0] else "",
            [life.key for life in reports],
            category.team,
            chosen,
            status,
        )
        self.orders.append(order)
        self.step(made_at, "make", RECEPTION if wants_approval else SUPERVISOR, order=order)
        return order

    def schedule(
        self, at: datetime, order: OrderLife, start: datetime, hours: float, *, announce: bool, reason: str = ""
    ) -> None:
        """Put work on a day, for its team and agent."""
        self.step(
            at,
            "schedule",
            SUPERVISOR,
            order=order,
            data={
                "start": start,
                "end": start + timedelta(hours=hours),
                "announce": announce,
                "reason": reason,
                "team": order.team,
                "agent": order.agent,
            },
        )

    def at_work(self, order: OrderLife, at: datetime, verb: str, **data: Any) -> None:
        """Something that the agent does in the street; the supervisor where the work is nobody's."""
        self.step(at, verb, order.agent or SUPERVISOR, order=order, data=data)

    def finish(self, order: OrderLife, started_at: datetime, at: datetime) -> None:
        """The work is done: comment, minutes, and a photo where one is wanted or liked."""
        category = self.content.categories[order.category]
        said = self.content.work[category.code].finish
        comment = self.dice.choice(said) if order.kind == "final" else self.phrase(category, "making_safe")
        shown = self.dice.random() < 0.65 or category.photo_to_finish
        silent = self.dice.random() < 0.15
        scene = self.content.said[category.code].scene
        phase = "after" if order.kind == "final" else "safe"
        shots = [Shot(scene, self._variants[order.reports[0]], phase, at)] if scene and shown else []
        minutes = max(5, round((at - started_at).total_seconds() / 300) * 5)
        self.at_work(order, at, "finish", comment="" if silent else comment, minutes=min(minutes, 240), photos=shots)

    def step(
        self,
        at: datetime,
        verb: str,
        who: str,
        *,
        report: ReportLife | None = None,
        order: OrderLife | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Put down one step."""
        self.steps.append(Step(at, verb, who, report.key if report else None, order.key if order else None, data or {}))
