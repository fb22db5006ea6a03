"""Who may have a new password by a link, here."""

from __future__ import annotations

from flask_security import UserMixin

from core.identity import towns
from core.identity.models import User
from core.scope import current


def may_reset(user: UserMixin | None) -> bool:
    """Whether the jurisdiction being served may send that user a link, and take the password chosen by one.

    Only its own people: another's must not learn from it that an address exists elsewhere. A demonstration, whose
    mails anybody reads, sends none to somebody who also works for a real jurisdiction.
    """
    if not isinstance(user, User) or not user.active or user.membership_in(current().id) is None:
        return False
    if not current().demo:
        return True
    works_for = [towns.by_id(one.jurisdiction_id) for one in user.memberships]
    return all(town is not None and town.demo for town in works_for)
