"""API tokens: who has which, made with an end and with chosen scopes, ended by their holder or an administrator."""

from __future__ import annotations

from collections.abc import Iterable

from flask_login import current_user
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import joinedload

from core.database import affected_rows, db, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import FieldError, NotFound
from core.i18n import gettext as _
from core.identity.models import ApiToken, Membership, User
from core.identity.security_log import log_security_event
from core.identity.token_secrets import SCOPES, digest, new_token
from core.text import clean_text

#: Days that a token works where nothing else is said, and the most that may be said.
USUAL_DAYS, MOST_DAYS = 365, 3650
LONGEST_LABEL = 80
#: The most that one list shows.
MOST_SHOWN = 200


def create_token(
    membership: Membership, *, label: str = "", days: object = USUAL_DAYS, scopes: Iterable[str] = ()
) -> tuple[ApiToken, str]:
    """Make a token of a membership: its row, and the token itself, which is shown once.

    No `scopes` are all of them; the role's own limits apply besides. Raises FieldError naming label, days or scopes.
    """
    label = clean_text(label, field="label", most=LONGEST_LABEL, lines=False)
    text = str(days)
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST_DAYS):
        raise FieldError(
            "days", _("This must be a whole number between %(least)s and %(most)s.", least=1, most=MOST_DAYS)
        )
    wanted = [one for one in SCOPES if one in set(scopes)] if (chosen := list(scopes)) else list(SCOPES)
    if set(chosen) - set(SCOPES):
        raise FieldError("scopes", _("A token cannot be given this permission."))
    token = new_token(membership, label=label, days=int(text), scopes=wanted)
    row = db.session.scalars(select(ApiToken).where(ApiToken.digest == digest(token))).one()
    log_security_event("token_made", user_id=membership.user_id, token_id=row.id, scopes=wanted, days=int(text))
    return row, token


def list_tokens(*, user_id: int | None = None) -> list[ApiToken]:
    """The tokens of the jurisdiction being served, or of one of its people, the newest first; ended ones too."""
    found = (
        select(ApiToken)
        .join(Membership, Membership.id == ApiToken.membership_id)
        .where(Membership.jurisdiction_id == current_jurisdiction_id())
        .order_by(ApiToken.id.desc())
        .limit(MOST_SHOWN)
        .options(joinedload(ApiToken.membership).joinedload(Membership.user))
    )
    if user_id is not None:
        found = found.where(Membership.user_id == user_id)
    return list(db.session.scalars(found).unique())


def state(token: ApiToken) -> str:
    """ "good", "revoked" or "expired"."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= utcnow() else "good"


def revoke_token(number: int, *, user_id: int | None = None) -> ApiToken:
    """End the token of that id, here; only that user's where one is given. May be done twice. Raises NotFound."""
    wanted = (
        select(ApiToken)
        .join(Membership, Membership.id == ApiToken.membership_id)
        .where(ApiToken.id == number, Membership.jurisdiction_id == current_jurisdiction_id())
        .with_for_update(of=ApiToken)
    )
    if user_id is not None:
        wanted = wanted.where(Membership.user_id == user_id)
    found = db.session.scalars(wanted).unique().one_or_none() if 0 < number < 2**63 else None
    if found is None:
        raise NotFound(_("This token does not exist here."))
    if found.revoked_at is None:
        found.revoked_at = utcnow()
        db.session.flush()
        by = current_user.id if current_user and current_user.is_authenticated else None
        log_security_event("token_ended", user_id=found.membership.user_id, token_id=found.id, by=by)
    return found


def revoke_all_of(user_id: int) -> int:
    """End every token of a user, in every jurisdiction; returns how many still worked."""
    theirs = select(Membership.id).where(Membership.user_id == user_id)
    good = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now())
    ended = db.session.execute(
        update(ApiToken)
        .where(ApiToken.membership_id.in_(theirs), ApiToken.revoked_at.is_(None), good)
        .values(revoked_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    count = affected_rows(ended)
    if count:
        log_security_event("tokens_ended", user_id=user_id, count=count)
    return count


def membership_of(user_id: int) -> Membership:
    """A user's right of access here. Raises NotFound."""
    found = db.session.scalar(
        select(Membership).join(User).where(User.id == user_id, Membership.jurisdiction_id == current_jurisdiction_id())
    )
    if found is None:
        raise NotFound(_("This token does not exist here."))
    return found
