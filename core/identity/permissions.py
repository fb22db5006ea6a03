"""Which role may do what: one table, from which routes, verbs, pages, documentation and tests are made.

A route declares one permission (`core.web.access`), a verb checks it on the object it changes (`require`): pages,
the API and the phone therefore obey the same rule. Roles are named here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.errors import Forbidden
from core.i18n import gettext as _

if TYPE_CHECKING:
    from core.identity.actor import Actor

RECEPTION = "reception"
SUPERVISOR = "supervisor"
AGENT = "agent"
ADMINISTRATOR = "administrator"
ROLES = (RECEPTION, SUPERVISOR, AGENT, ADMINISTRATOR)

#: Channels by which nobody asks who could be refused: the clock, what follows from something else, imports. They
#: name no user; an actor that names one is always asked for their role.
TRUSTED_CHANNELS = frozenset({"system", "import"})


@dataclass(frozen=True)
class Permission:
    """One line of the table: the roles that have it (the administrator has every right), and what it allows."""

    name: str
    roles: frozenset[str]
    allows: str


def _permission(name: str, *roles: str, allows: str) -> Permission:
    return Permission(name, frozenset(roles) | {ADMINISTRATOR}, allows)


_LINES = (
    _permission("desk.open", RECEPTION, SUPERVISOR, allows="open the desk: its first page, its menu, its maps"),
    _permission(
        "field.open", SUPERVISOR, AGENT, allows="open the field's pages: one's own round, the jobs of one's teams"
    ),
    _permission(
        "reports.read", RECEPTION, SUPERVISOR, allows="read every report, private ones and internal lines included"
    ),
    _permission(
        "reports.create",
        RECEPTION,
        SUPERVISOR,
        allows="take down a report for somebody who telephones, writes or comes in",
    ),
    _permission(
        "reports.triage",
        RECEPTION,
        SUPERVISOR,
        allows="acknowledge, ask, reject, merge, reopen, correct and annotate a report",
    ),
    _permission("contacts.read", RECEPTION, SUPERVISOR, allows="read the name, e-mail and telephone of who reported"),
    _permission("comments.moderate", RECEPTION, SUPERVISOR, allows="show or refuse what residents add to a report"),
    _permission("arrivals.handle", RECEPTION, SUPERVISOR, allows="deal with mails and SMS that were not understood"),
    _permission(
        "work_orders.read",
        RECEPTION,
        SUPERVISOR,
        AGENT,
        allows="read work orders; without work_orders.read_all only those given to oneself or to one's teams",
    ),
    _permission("work_orders.read_all", RECEPTION, SUPERVISOR, allows="read every work order"),
    _permission(
        "work_orders.propose", RECEPTION, SUPERVISOR, allows="make a work order and correct it while it awaits approval"
    ),
    _permission(
        "work_orders.approve", SUPERVISOR, allows="approve proposed work; what one makes oneself needs no approval"
    ),
    _permission("work_orders.change", SUPERVISOR, allows="correct a work order that is approved"),
    _permission(
        "work_orders.plan", SUPERVISOR, allows="give work to a team or an agent, put it on a day, announce the day"
    ),
    # Not a right but a way of working: an administrator is no member of a crew.
    Permission(
        "work_orders.receive", frozenset({AGENT}), allows="be offered in the lists of those to whom work is given"
    ),
    _permission(
        "work_orders.carry_out",
        SUPERVISOR,
        AGENT,
        allows="start, hold, resume, refuse and finish work; without work_orders.carry_out_all only work given"
        " to oneself, or to one's teams and to nobody else",
    ),
    _permission(
        "work_orders.carry_out_all", SUPERVISOR, allows="start, hold, resume, refuse and finish anybody's work"
    ),
    _permission("work_orders.verify", SUPERVISOR, allows="verify finished work, or return it"),
    _permission("work_orders.cancel", SUPERVISOR, allows="cancel work"),
    _permission("notices.read", RECEPTION, SUPERVISOR, allows="read the notices of the desk, drafts included"),
    _permission("notices.publish", SUPERVISOR, allows="write, publish and withdraw notices"),
    _permission("messages.read", RECEPTION, SUPERVISOR, allows="read the log of what was sent"),
    _permission("messages.retry", RECEPTION, SUPERVISOR, allows="send again what was given up"),
    _permission("teams.read", RECEPTION, SUPERVISOR, AGENT, allows="read the list of teams"),
    _permission("sectors.read", RECEPTION, SUPERVISOR, AGENT, allows="read the list of sectors and their outlines"),
    _permission("account.manage", RECEPTION, SUPERVISOR, AGENT, allows="change one's own password and second factor"),
    _permission("jurisdiction.manage", allows="set up the jurisdiction: its words, habits, sender and delays"),
    _permission("webhooks.manage", allows="set up webhooks and read what they were sent"),
)
TABLE: dict[str, Permission] = {line.name: line for line in _LINES}


def roles_with(permission: str) -> frozenset[str]:
    """The roles that have a permission. Raises KeyError for one that is not in the table."""
    return TABLE[permission].roles


def has(role: str | None, permission: str) -> bool:
    """Whether a role has a permission; None is nobody's role. Raises KeyError for an unknown permission."""
    return role in TABLE[permission].roles


def require(permission: str, by: Actor, sentence: str | None = None) -> None:
    """Refuse who may not do that. Raises Forbidden with `sentence`, or with a general one."""
    if not by.may(permission):
        raise Forbidden(sentence or _("You do not have permission to do this."))


def role_of(user_id: int) -> str | None:
    """The role of a user in the jurisdiction being served, None where they have none there. One statement."""
    from core.database import execute_unscoped
    from core.database.scope import current_jurisdiction_id
    from core.identity.models import Membership

    m = Membership.__table__.c
    return execute_unscoped(
        select(m.role).where(m.user_id == user_id, m.jurisdiction_id == current_jurisdiction_id())
    ).scalar()


def as_markdown() -> str:
    """The table as it stands in docs/permissions.md."""
    lines = [
        "# Permissions",
        "",
        "Drawn from `core/identity/permissions.py` by `flask permissions > docs/permissions.md`; a test compares them.",
        "A route declares one of these, a verb checks it on the object; a token is limited by its scopes besides.",
        "",
        f"| permission | allows to | {' | '.join(ROLES)} |",
        f"|---|---|{'---|' * len(ROLES)}",
    ]
    for line in _LINES:
        marks = " | ".join("yes" if role in line.roles else "–" for role in ROLES)
        lines.append(f"| `{line.name}` | {line.allows} | {marks} |")
    return "\n".join(lines) + "\n"
