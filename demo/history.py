"""What became of reports that are closed: each function writes one story.

Stories are written backwards from their end, in working hours, so that whatever the hour and the day of the
week all that has happened lies in the past.
"""

from datetime import datetime, timedelta

from demo.content import SampleCategory
from demo.stories import ReportLife
from demo.writing import AGENT, RECEPTION, SUPERVISOR, Writer

WORK = (0.4, 2.2)  # working hours in the street
DESK = (0.05, 0.8)  # working hours from one decision at the desk to the next
# What was put under the wrong category, by what it really was.
MISTAKEN = {"depot-sauvage": "rue-sale", "pave-descelle": "nid-de-poule", "lampadaire-clignote": "lampadaire-eteint"}


def plain(category: SampleCategory) -> bool:
    """Work that is resolved when it is done, in a category that has a crew."""
    return not category.verified and category.team is not None


def resolved_planned(write: Writer, index: int) -> None:
    """Acknowledged, put on a day that is announced, done on that day."""
    category = write.residents.category(plain)
    seen, made, put, start, end = write.chain(write.closed_at(), (0.2, 3), DESK, write.patience(category), WORK)
    life = write.seen(category, seen, "resolved")
    if index < 4:
        street, number = life.street, life.number
        life.number = min(number + 3, write.streets[street].last_number)
        write.step(made, "correct_place", RECEPTION, report=life, data={"street": street, "number": number})
    order = write.order(made, [life], "done", wants_approval=index % 12 == 0)
    if index % 12 == 0:
        write.step(put, "approve", SUPERVISOR, order=order)
    write.schedule(put, order, start, 2, announce=True)
    write.at_work(order, start, "start")
    write.finish(order, start, end)


def resolved_corrected(write: Writer, index: int) -> None:
    """Reported under the wrong category, which the reception corrects."""
    right = write.residents.category(lambda category: category.code in MISTAKEN)
    wrong = write.content.categories[MISTAKEN[right.code]]
    seen, made, start, end = write.chain(write.closed_at(), (0.2, 2), write.patience(right), WORK)
    life = write.seen(right, seen, "resolved")
    life.category, life.answers = wrong.code, {}
    write.step(seen, "correct_category", RECEPTION, report=life, data={"category": right.code})
    order = write.order(made, [life], "done")
    order.category, order.team = right.code, right.team
    order.title, order.agent = write.content.work[right.code].title, write.content.agents(right.team)[0]
    write.schedule(made, order, start, 2, announce=False)
    write.at_work(order, start, "start")
    write.finish(order, start, end)


def resolved_quick(write: Writer, index: int) -> None:
    """Given to an agent at once and done the same day, nothing being announced."""
    category = write.residents.category(lambda category: not category.verified)
    made, start, end = write.chain(write.closed_at(), (0.2, 3), WORK)
    by = "" if index % 6 or category.team is None else write.content.agents(category.team)[0]
    life = write.report(category, write.clock.back(made, 0.1) if by else write.seen_before(made), "resolved", by=by)
    order = write.order(made, [life], "done")
    write.schedule(made, order, start, 1, announce=False)
    write.at_work(order, start, "start")
    write.finish(order, start, end)


def resolved_verified(write: Writer, index: int) -> None:
    """Done, then checked by the supervisor, as the category asks."""
    category = write.residents.category(lambda category: category.verified)
    seen, made, put, start, end, checked = write.chain(
        write.closed_at(), (0.1, 1), DESK, write.patience(category), WORK, (1, 9)
    )
    life = write.seen(category, seen, "resolved")
    order = write.order(made, [life], "verified")
    write.schedule(put, order, start, 2, announce=index % 2 == 0)
    write.at_work(order, start, "start")
    write.finish(order, start, end)
    write.step(checked, "verify", SUPERVISOR, order=order)


def make_safe(write: Writer, life: ReportLife, made: datetime, start: datetime, end: datetime) -> None:
    """Barriers first: work of its own, done within the hour, and checked where the category asks for that."""
    checked = write.content.categories[life.category].verified
    order = write.order(made, [life], "verified" if checked else "done", kind="making_safe")
    write.schedule(made, order, start, 1, announce=False)
    write.at_work(order, start, "start")
    write.finish(order, start, end)
    if checked:
        write.step(end, "verify", SUPERVISOR, order=order)


def resolved_safe(write: Writer, index: int) -> None:
    """Made safe within the hour, repaired some days later, and checked where the category asks for that."""
    category = write.residents.category(lambda category: category.dangerous and category.delay_hours > 8)
    seen, safe, safe_end, made, put, start, end, checked = write.chain(
        write.closed_at(), (0.1, 0.5), (0.3, 1), DESK, DESK, (4, 14), WORK, (1, 5)
    )
    life = write.seen(category, seen, "resolved")
    make_safe(write, life, seen, safe, safe_end)
    order = write.order(made, [life], "verified" if category.verified else "done")
    write.schedule(put, order, start, 3, announce=True)
    write.at_work(order, start, "start")
    write.finish(order, start, end)
    if category.verified:
        write.step(checked, "verify", SUPERVISOR, order=order)


def resolved_held(write: Writer, index: int) -> None:
    """Begun, suspended for want of something, taken up again and done."""
    category = write.residents.category(plain)
    seen, made, put, start, held, resumed, end = write.chain(
        write.closed_at(), (0.2, 3), DESK, write.patience(category), WORK, (3, 12), WORK
    )
    order = write.order(made, [write.seen(category, seen, "resolved")], "done")
    write.schedule(put, order, start, 2, announce=index % 2 == 0)
    write.at_work(order, start, "start")
    write.at_work(order, held, "hold", reason=write.phrase(category, "hold"))
    write.at_work(order, resumed, "resume")
    write.finish(order, start, end)


def resolved_refused(write: Writer, index: int) -> None:
    """Could not be done on the announced day; put on another, and done."""
    category = write.residents.category(plain)
    seen, made, put, refused, again, start, end = write.chain(
        write.closed_at(), (0.2, 3), DESK, write.patience(category), (0.5, 4), (6, 16), WORK
    )
    order = write.order(made, [write.seen(category, seen, "resolved")], "done")
    reason = write.phrase(category, "refuse")
    write.schedule(put, order, refused, 2, announce=True)
    write.at_work(order, refused, "refuse", reason=reason)
    write.schedule(again, order, start, 2, announce=True, reason=reason)
    write.at_work(order, start, "start")
    write.finish(order, start, end)


def resolved_returned(write: Writer, index: int) -> None:
    """Done badly: returned by the supervisor, which reopens the report, and done again."""
    category = write.residents.category(plain)
    seen, made, put, start, end, back, again, second, last = write.chain(
        write.closed_at(), (0.2, 3), DESK, write.patience(category), WORK, (3, 12), DESK, (4, 12), WORK
    )
    order = write.order(made, [write.seen(category, seen, "resolved")], "done")
    write.schedule(put, order, start, 2, announce=True)
    write.at_work(order, start, "start")
    write.finish(order, start, end)
    write.step(back, "return", SUPERVISOR, order=order, data={"reason": write.phrase(category, "return")})
    write.schedule(again, order, second, 2, announce=True)
    write.at_work(order, second, "start")
    write.finish(order, second, last)


def in_one_street(
    write: Writer,
    category: SampleCategory,
    seen: datetime,
    street: str,
    count: int,
    status: str,
) -> list[ReportLife]:
    """Several reports of one kind along a street, the last of them written the day it was acknowledged."""
    last = write.streets[street].last_number
    lives = []
    for step in range(count):
        where = write.beside(street, round((step + 0.5) * last / count))
        early = write.clock.back(seen, 0.1 + (count - 1 - step) * write.dice.uniform(1, 5))
        lives.append(write.seen(category, early, status, where=where))
    return lives


def resolved_street(write: Writer, index: int) -> None:
    """Six reports in one street, answered by one work order."""
    category = write.content.categories["nid-de-poule"]
    seen, made, put, start, end = write.chain(write.recently(40, 42), (0.2, 3), DESK, 20, (3, 3.5))
    lives = in_one_street(write, category, seen, "avenue de la Gare", 6, "resolved")
    order = write.order(made, lives, "done", agent=AGENT, title="Reboucher six nids-de-poule, avenue de la Gare")
    write.schedule(put, order, start, 4, announce=True)
    write.at_work(order, start, "start")
    write.finish(order, start, end)


def rejected(write: Writer, index: int) -> None:
    """Read, looked at, and not followed up, with the reason."""
    category = write.residents.category()
    seen, end = write.chain(write.closed_at(), (0.5, 12))
    if index % 3:
        life = write.report(category, write.seen_before(end), "rejected")
    else:
        life = write.seen(category, seen, "rejected")
    reasons = [*write.phrase(category, "reject", all_of=True), *write.content.common["reject"]]
    write.step(
        end,
        "reject",
        write.dice.choice((RECEPTION, SUPERVISOR)),
        report=life,
        data={"reason": write.dice.choice(reasons)},
    )


def cancelled_rejected(write: Writer, index: int) -> None:
    """Work was made, then cancelled: there was nothing to do."""
    category = write.residents.category(plain)
    seen, made, end, last = write.chain(write.closed_at(), (0.2, 3), (3, 9), DESK)
    life = write.seen(category, seen, "rejected")
    order = write.order(made, [life], "cancelled")
    write.step(
        end, "cancel", SUPERVISOR, order=order, data={"reason": write.dice.choice(write.content.common["cancel"])}
    )
    write.step(last, "reject", SUPERVISOR, report=life, data={"reason": write.phrase(category, "reject")})


def merged(write: Writer, index: int) -> None:
    """Another report of what is known already, some doors away, attached to the first."""
    targets = write.targets()
    write.dice.shuffle(targets)
    for target, until in targets:
        at = write.clock.back(until, write.dice.uniform(0.2, 2))
        received = target.received_at + (at - target.received_at) * write.dice.uniform(0.2, 0.95)
        if at - target.received_at < timedelta(hours=1.5):
            continue
        if where := write.beside(target.street, target.number):
            category = write.content.categories[target.category]
            life = write.report(category, received, "merged", where=where)
            write.step(
                at,
                "merge",
                RECEPTION,
                report=life,
                data={"into": target.key, "reason": write.dice.choice(write.content.common["merge"])},
            )
            return
