"""What is open today: each function writes one story of the desk's morning and the crews' days."""

from datetime import datetime, timedelta

from demo.content import SampleCategory
from demo.history import DESK, WORK, in_one_street, make_safe, plain
from demo.stories import OrderLife
from demo.writing import AGENT, SUPERVISOR, Writer

# The six jobs of the demonstration's agent today: category, hour, minute, minutes, how many reports.
TODAY = (
    ("trottoir-degrade", 8, 0, 60, 1),
    ("plaque-egout", 9, 15, 45, 1),
    ("nid-de-poule", 10, 30, 75, 4),
    ("potelet", 13, 15, 45, 1),
    ("banc-casse", 14, 15, 60, 1),
    ("panneau-abime", 15, 30, 45, 1),
)
AHEAD = (0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10)  # working days until planned work
PREVENTIVE = (
    ("avaloir-bouche", "preventive", "Curer les avaloirs avant les pluies", "boulevard de la République"),
    ("lampadaire-eteint", "inspection", "Tournée de nuit de l’éclairage", "avenue de la Gare"),
    ("haie-debordante", "preventive", "Tailler l’alignement de platanes", "allée des Platanes"),
    ("aire-de-jeux", "inspection", "Contrôler les jeux du square", "square des Arts"),
    ("marquage-efface", "preventive", "Repeindre les passages piétons des écoles", "rue de l’École"),
    ("branche-cassee", "inspection", "Visiter les arbres suivis par l’expert", "cours des Marronniers"),
)


def calm(category: SampleCategory) -> bool:
    """As plain, without danger, and with days to do it in: what may be open without being late."""
    return plain(category) and not category.dangerous and category.delay_hours >= 120


def received_tonight(write: Writer, index: int) -> None:
    """Written since yesterday evening, not read yet: two of them dangerous, three of one thing."""
    if index < 2:
        category = write.content.categories[("branche-cassee", "plaque-egout")[index]]
    else:
        category = write.residents.category(calm)
    hours, where = write.dice.uniform(0.3, 10.5), None
    if index >= 9:  # some doors from what is planned already: for the desk to attach
        category = write.content.categories["nid-de-poule"]
        where = write.beside("rue des Tilleuls", 20 * (index - 8))
    write.report(category, write.clock.awake(write.clock.now - timedelta(hours=hours)), "received", where=where)


def received_recent(write: Writer, index: int) -> None:
    """Written in the last days, not read yet."""
    category = write.residents.category(lambda category: calm(category) or category.private)
    hours = write.dice.uniform(15, 60 if category.delay_hours > 72 else 20)
    write.report(category, write.clock.awake(write.clock.now - timedelta(hours=hours)), "received")


def received_late(write: Writer, index: int) -> None:
    """Forgotten: its delay has passed and nobody has read it."""
    category = write.residents.category(
        lambda category: plain(category) and not category.dangerous and category.delay_hours <= 120
    )
    hours = category.delay_hours + write.dice.uniform(8, 110)
    write.report(category, write.clock.awake(write.clock.now - timedelta(hours=hours)), "received")


def acknowledged(write: Writer, index: int) -> None:
    """Read, and waiting for a decision; two of them for too long."""
    late = index < 2
    category = write.residents.category(
        (lambda category: plain(category) and category.delay_hours <= 96) if late else calm
    )
    write.seen(category, write.recently(50, 60) if late else write.recently(0.2, 14), "acknowledged")


def ready(write: Writer, index: int) -> None:
    """Work is made and has no day yet."""
    category = write.residents.category(calm)
    seen, made = write.chain(write.recently(0.1, 12), (0.2, 2))
    write.order(made, [write.seen(category, seen, "acknowledged")], "ready")


def awaiting(write: Writer, index: int) -> None:
    """The reception has asked for work; the supervisor has not said yes yet."""
    category = write.residents.category(calm)
    seen, made = write.chain(write.recently(0.1, 8), (0.2, 1))
    write.order(made, [write.seen(category, seen, "acknowledged")], "awaiting_approval", wants_approval=True)


def _ahead(write: Writer, index: int, announce: bool) -> None:
    category = write.residents.category(calm)
    seen, made, put = write.chain(write.recently(0.2, 9), (0.2, 3), DESK)
    order = write.order(made, [write.seen(category, seen, "planned" if announce else "acknowledged")], "scheduled")
    ahead = AHEAD[index % len(AHEAD)]
    day = write.clock.workday(ahead if write.clock.now.hour < 12 else max(1, ahead))
    start = write.clock.at(day, (14, 8, 10, 15, 9, 13)[index % 6], (0, 30)[index % 2])
    write.schedule(put, order, start, 1.5, announce=announce)


def planned(write: Writer, index: int) -> None:
    """On a day that was announced."""
    _ahead(write, index, True)


def scheduled(write: Writer, index: int) -> None:
    """On a day that nobody outside was told."""
    _ahead(write, index * 2 + 3, False)


def agents_week(write: Writer, index: int) -> None:
    """What the demonstration's agent has on the days to come, two jobs a day."""
    category = write.residents.category(lambda category: calm(category) and category.team == "voirie")
    seen, made, put = write.chain(write.recently(0.3, 7), (0.2, 2), DESK)
    order = write.order(made, [write.seen(category, seen, "planned")], "scheduled", agent=AGENT)
    day = write.clock.workday(index // 2 + (write.clock.today.weekday() < 5))
    write.schedule(put, order, write.clock.at(day, (8, 13)[index % 2], 30), 1.5, announce=True)


def _begun(
    write: Writer,
    category: SampleCategory,
    status: str,
    since: tuple[float, float],
    order_status: str,
) -> tuple[OrderLife, datetime]:
    seen, made, put, start = write.chain(write.recently(*since), (0.2, 3), DESK, (2, 10))
    order = write.order(made, [write.seen(category, seen, status)], order_status)
    if order.agent == AGENT:  # their day is written by today()
        order.agent = "voirie2@demo.example"
    write.schedule(put, order, start, 3, announce=True)
    write.at_work(order, start, "start")
    return order, start


def in_progress(write: Writer, index: int) -> None:
    """A crew is there."""
    _begun(write, write.residents.category(calm), "in_progress", (0.2, 2.5), "in_progress")


def on_hold(write: Writer, index: int) -> None:
    """A crew was there and waits for something."""
    category = write.residents.category(calm)
    order, start = _begun(write, category, "in_progress", (4, 9), "on_hold")
    write.at_work(order, write.recently(0.2, 3), "hold", reason=write.phrase(category, "hold"))


def to_verify(write: Writer, index: int) -> None:
    """Done, and waiting to be checked, as the category asks."""
    category = write.residents.category(lambda category: category.verified and (category.dangerous == (index < 2)))
    order, start = _begun(write, category, "in_progress", (3, 7), "done")
    write.finish(order, start, write.recently(0.3, 2.5))


def made_safe(write: Writer, index: int) -> None:
    """Barriers are up; the repair itself has a day."""
    category = write.content.categories[("affaissement", "mat-endommage", "aire-de-jeux")[index]]
    seen, safe, safe_end, made, put = write.chain(write.recently(0.2, 2), (0.1, 0.5), (0.3, 0.9), DESK, DESK)
    life = write.seen(category, seen, "planned")
    make_safe(write, life, seen, safe, safe_end)
    order = write.order(made, [life], "scheduled")
    write.schedule(put, order, write.clock.at(write.clock.workday(2 + index), 8), 5, announce=True)


def returned(write: Writer, index: int) -> None:
    """Thought to be done, returned by the supervisor: open again."""
    category = write.residents.category(calm)
    seen, made, put, start, end, back = write.chain(write.recently(0.3, 6), (0.2, 3), DESK, (2, 9), WORK, (1, 6))
    order = write.order(made, [write.seen(category, seen, "acknowledged")], "ready")
    write.schedule(put, order, start, 2, announce=True)
    write.at_work(order, start, "start")
    write.finish(order, start, end)
    write.step(back, "return", SUPERVISOR, order=order, data={"reason": write.phrase(category, "return")})


def cancelled(write: Writer, index: int) -> None:
    """Its work was cancelled, and nothing decided since."""
    category = write.residents.category(calm)
    seen, made, end = write.chain(write.recently(0.3, 4), (0.2, 3), (1, 6))
    order = write.order(made, [write.seen(category, seen, "acknowledged")], "cancelled")
    write.step(
        end, "cancel", SUPERVISOR, order=order, data={"reason": write.dice.choice(write.content.common["cancel"])}
    )


def today(write: Writer, index: int) -> None:
    """One of the six jobs of the demonstration's agent today, done or begun where its hour has come."""
    code, hour, minute, minutes, count = TODAY[index]
    category, clock = write.content.categories[code], write.clock
    start = clock.at(clock.today, hour, minute)
    end = start + timedelta(minutes=minutes)
    seen, made, put = write.chain(clock.back(min(clock.now, clock.at(clock.today, 8)), 0.5), (0.2, 2), DESK)
    works = clock.today.weekday() < 5
    done, begun = works and end < clock.now, works and start < clock.now
    state = ("done", "resolved") if done else ("in_progress", "in_progress") if begun else ("scheduled", "planned")
    if count > 1:
        lives = in_one_street(write, category, seen, "rue des Tilleuls", count, state[1])
    else:
        lives = [write.seen(category, seen, state[1])]
    title = "Reboucher quatre nids-de-poule, rue des Tilleuls" if count > 1 else None
    order = write.order(made, lives, state[0], agent=AGENT, title=title)
    write.schedule(put, order, start, minutes / 60, announce=True)
    if begun:
        write.at_work(order, start, "start")
    if done:
        write.finish(order, start, end)


def without_report(write: Writer, index: int) -> None:
    """Work that nobody asked for: preventive, or an inspection."""
    code, kind, title, address = PREVENTIVE[index]
    category = write.content.categories[code]
    done = index < 3
    made, start, end = write.chain(write.recently(20, 200) if done else write.recently(4, 12), (1, 3), (1, 3))
    order = OrderLife(
        len(write.orders),
        kind,
        code,
        title,
        write.phrase(category, "instructions"),
        (),
        category.team,
        write.content.agents(category.team)[-1],
        "done" if done else "scheduled",
        f"1 {address}",
    )
    write.orders.append(order)
    write.step(made, "make", SUPERVISOR, order=order)
    day = start if done else write.clock.at(write.clock.workday(2 + index), 9)
    write.schedule(made, order, day, 3, announce=False)
    if done:
        write.at_work(order, start, "start")
        write.at_work(order, end, "finish", comment="Fait, rien à signaler.", minutes=120, photos=[])
