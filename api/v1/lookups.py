"""What the resources' views share: who reads, and what a path names."""

from __future__ import annotations

import re

from core import references
from core.errors import NotFound
from core.i18n import gettext as _
from core.web.principal import Principal, current_principal
from interventions.triage.verbs import own_work_orders_of
from interventions.work_orders.execution import is_assigned_to

_NUMBER = re.compile(r"^\d{4}-\d{1,9}$")


def reference_of(typed: str) -> str:
    """The reference that a path names, however it was typed. Raises NotFound."""
    found = references.parse_reference(typed[:40])
    if found is None:
        raise no_report()
    return found


def no_report() -> NotFound:
    """What is said of a report that is not there, or not for this reader."""
    return NotFound(_("There is no report with that reference."))


def number_of(typed: str) -> str:
    """The number of a work order that a path names. Raises NotFound."""
    if not _NUMBER.match(typed) or not typed.isascii():
        raise no_work_order()
    return typed


def no_work_order() -> NotFound:
    """What is said of a work order that is not there."""
    return NotFound(_("There is no work order with that number."))


def reader() -> Principal | None:
    """Who reads reports as one of the services: a token without reports:read reads what anybody may."""
    found = current_principal()
    if found is None or (found.scopes is not None and "reports:read" not in found.scopes):
        return None
    return found


def desk(who: Principal | None) -> bool:
    """Whether `who` sees all that the desk sees: private reports and who sent them."""
    return who is not None and who.may("reports.read")


def sees_private(who: Principal | None, report_id: int) -> bool:
    """Whether an agent may read a private report: when work of theirs answers it."""
    return who is not None and any(is_assigned_to(order, who) for order in own_work_orders_of(report_id))
