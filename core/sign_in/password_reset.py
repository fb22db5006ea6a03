"""Who may have a new password by a link, here."""

from __future__ import annotations

from flask_security import UserMixin

from core.database.scope import current_jurisdiction
from core.identity import jurisdictions
from core.identity.models import User


def may_reset(user: UserMixin | None) -> bool:
    """Whether the jurisdiction being served may send that user a link, and take the password chosen by one.

    Only its own people: another's must not learn from it that an address exists elsewhere. A demonstration, whose
    mails anybody reads, sends none to somebody who also works for a real jurisdiction.
    """
    if not isinstance(user, User) or not user.active or user.membership_in(current_jurisdiction().id) is None:
        return False
    if not current_jurisdiction().demo:
        return True
    works_for = [jurisdictions.by_id(one.jurisdiction_id) for one in user.memberships]
    return all(jurisdiction is not None and jurisdiction.demo for jurisdiction in works_for)
