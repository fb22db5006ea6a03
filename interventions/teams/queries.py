"""Finding a crew by its code, and a colleague by their address."""

from __future__ import annotations

from sqlalchemy import func, select

from core.database import db
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.i18n import gettext as _
from core.identity.models import Membership, User
from core.text import clean_text
from interventions.teams.models import Team


def team_of(code: object, *, field: str = "team") -> Team | None:
    """The team of that code, or None for nothing given. Raises FieldError."""
    text = clean_text(code, field=field, most=100, lines=False)
    if not text:
        return None
    found = db.session.scalar(select(Team).where(Team.code == text, Team.active))
    if found is None:
        raise FieldError(field, _("This team does not exist here."))
    return found


def agent_of(email: object, *, field: str = "agent") -> User | None:
    """The colleague of that address who works here, or None for nothing given. Raises FieldError."""
    text = clean_text(email, field=field, most=254, lines=False)
    if not text:
        return None
    found = db.session.scalar(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            func.lower(User.email) == text.lower(), Membership.jurisdiction_id == current_jurisdiction().id, User.active
        )
    )
    if found is None:
        raise FieldError(field, _("Nobody with that address works here."))
    return found
