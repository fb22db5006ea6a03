"""What everybody got, counted from the mail server's own journal, against what they were owed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bench.telling.lives import Owed
from bench.telling.post import Accepted
from bench.telling.trouble import Fault
from bench.telling.world import World
from core.notifications.channels import known_channels

#: How long before a sender was killed a mail may have been accepted for nobody to have noted it, in seconds.
BEFORE_KILLED = 1.0
#: How many mails a killed sender may repeat: one for each connection that it speaks over.
HELD = known_channels()["mail"].at_once
NUMBER = re.compile(r"<(\d+)\.")
ROWS = """
SELECT m.id, m.kind, m.status, r.reference FROM message AS m
LEFT JOIN report_event AS e ON m.source = 'report_event:' || e.id
LEFT JOIN report AS r ON r.id = e.report_id
"""
#: By the histories alone: what was told, and a follower of that time who was owed nothing for it.
FORGOTTEN = """
SELECT count(*) FROM report_event AS e JOIN report_subscription AS f ON f.report_id = e.report_id
WHERE e.kind IN ('received', 'planned', 'day_changed', 'resolved', 'rejected', 'merged', 'reopened')
  AND f.confirmed_at < e.recorded_at AND f.stopped_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.source = 'report_event:' || e.id
                  AND m.recipient = 'contact:' || f.contact_id)
"""


@dataclass
class Counts:
    """The result of a run."""

    owed: int = 0
    accepted: int = 0
    #: What somebody was owed and never got, with the first few.
    lost: int = 0
    #: Followers whom the histories know and nobody owed anything.
    forgotten: int = 0
    #: What somebody got twice though nothing had broken off or been killed; where the sender had been killed that knew
    #: of it; and where the mail server had broken off without saying that it had accepted it.
    twice: int = 0
    explained_by_kill: int = 0
    explained_by_server: int = 0
    out_of_order: int = 0
    #: News nobody was owed.
    unasked: int = 0
    #: Answered with 201 and not there; there twice for one 201.
    reports_lost: int = 0
    reports_twice: int = 0
    #: Still owed or given up when the run was over.
    left: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, words: str) -> None:
        """Keep a few examples of what is wrong."""
        if len(self.examples) < 20:
            self.examples.append(words)


def reckon(world: World, owed: Owed, faults: list[Fault]) -> Counts:
    """Count it all."""
    counts = Counts(owed=owed.messages)
    accepted = world.post.accepted()
    counts.accepted = len(accepted)
    repeated(counts, accepted, faults)
    _news(counts, world, owed, accepted)
    _reports(counts, world, owed)
    counts.forgotten = world.running.ask(FORGOTTEN)
    counts.left = world.running.ask(
        "SELECT count(*) FROM message WHERE channel = 'mail' AND status NOT IN ('sent', 'dropped')"
    )
    return counts


def repeated(counts: Counts, accepted: list[Accepted], faults: list[Fault]) -> None:
    """Who was told again: explained where the answer was never heard, or whoever had heard it was killed."""
    killed = {fault: HELD for fault in faults if fault.name.startswith("worker")}
    before: dict[tuple[str, str], Accepted] = {}
    for mail in accepted:
        first = before.get((mail.id, mail.to))
        if first is not None and not first.told:
            counts.explained_by_server += 1
        elif first is not None and _killed_with(first.at, killed):
            counts.explained_by_kill += 1
        elif first is not None:
            counts.twice += 1
            counts.note(f"twice: {mail.id}, {mail.at - first.at:.1f} s apart, the first {_amid(first.at, faults)}")
        before[mail.id, mail.to] = mail


def _killed_with(at: float, killed: dict[Fault, int]) -> bool:
    """Whether what was accepted then may have died with a sender; each takes no more along than it held."""
    for fault, more in killed.items():
        if more and fault.begun - BEFORE_KILLED <= at <= fault.over:
            killed[fault] -= 1
            return True
    return False


def _amid(at: float, faults: list[Fault]) -> str:
    """What went wrong around that time."""
    near = [
        f"{at - fault.begun:.1f} s after: {fault.name}" for fault in faults if fault.begun - 3 < at < fault.over + 3
    ]
    return "; ".join(near) or "when all was well"


def _news(counts: Counts, world: World, owed: Owed, accepted: list[Accepted]) -> None:
    """By recipient and story: the kinds of news in the order in which they were first accepted."""
    rows = _rows(world)
    life_of = _life_of(owed)
    got: dict[tuple[str, int], list[tuple[str, str]]] = defaultdict(list)
    questions: Counter[str] = Counter()
    for mail in {(mail.id, mail.to): mail for mail in reversed(accepted)}.values():
        found = NUMBER.match(mail.id)
        kind, reference = rows.get(int(found[1]) if found else 0, ("unknown", None))
        if kind == "report.confirm":
            questions[mail.to] += 1
        elif kind.startswith("report.") and (mail.to, reference) in life_of:
            got[mail.to, life_of[mail.to, reference]].append((reference, kind.removeprefix("report.")))
        else:
            counts.unasked += 1
            counts.note(f"unasked: {kind} of {reference} to {mail.to}")
    for address, number in Counter(owed.questions).items():
        if questions[address] < number:
            counts.lost += number - questions[address]
            counts.note(f"lost: a question to {address}")
    for key, wanted in owed.news.items():
        # Read backwards above, so that of two the first one stays.
        compare(counts, key, wanted, got.get(key, [])[::-1])


def compare(counts: Counts, key: tuple[str, int], wanted: list, found: list) -> None:
    """What somebody was owed, in its order, against what they got."""
    missing, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    counts.lost += missing.total()
    counts.unasked += more.total()
    if missing or more:
        counts.note(f"{key}: lost {dict(missing)}, unasked {dict(more)}")
    common = Counter(wanted) & Counter(found)
    wrong = sum(one != other for one, other in zip(_only(wanted, common), _only(found, common), strict=True))
    if wrong:
        counts.out_of_order += wrong
        counts.note(f"{key}: out of order: {found}")


def _only(items: list, common: Counter) -> list:
    left = common.copy()
    kept = []
    for item in items:
        if left[item]:
            left[item] -= 1
            kept.append(item)
    return kept


def _life_of(owed: Owed) -> dict[tuple[str, str], int]:
    """In which story somebody hears of a reference."""
    return {(address, reference): number for (address, number), news in owed.news.items() for reference, _ in news}


def _rows(world: World) -> dict[int, tuple[str, str | None]]:
    with world.running.engine.connect() as connection:
        return {row.id: (row.kind, row.reference) for row in connection.exec_driver_sql(ROWS)}


def _reports(counts: Counts, world: World, owed: Owed) -> None:
    with world.running.engine.connect() as connection:
        there = Counter(connection.exec_driver_sql("SELECT reference FROM report").scalars())
    for reference in owed.references:
        if not there[reference]:
            counts.reports_lost += 1
            counts.note(f"lost: the report {reference}")
    counts.reports_twice = there.total() - len(set(owed.references))
