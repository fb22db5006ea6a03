"""Following: who wants news of a report, the author's signed link, and how to stop."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core import contacts
from core.actor import Actor
from core.database import db, utcnow
from core.errors import FieldError, Missing, Refused
from core.i18n import gettext as _
from core.identity import towns
from core.identity.models import Contact
from core.outbox.verbs import owe
from core.scope import acting_for
from reporter.models import Follower, Report

CONFIRM_WITHIN = 7 * 86400  # seconds


def _links() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="report-author")


def author_key(report_id: int) -> str:
    """The signed part of an author's link to that report; it does not expire while the report stands."""
    return _links().dumps(report_id)


def opens(key: str, report_id: int) -> bool:
    """Whether `key` is the author's key of that report."""
    try:
        return _links().loads(key) == report_id
    except BadSignature:
        return False


def follow(report: Report, found: contacts.Details, *, by: Actor) -> bool:
    """Ask for news of a report; a mail asks to confirm the address, once. Returns True when it was sent.

    Whoever had enough of a report is asked again: a stranger may have typed the address. The answer to the
    person is the same whether the address follows already or not.
    """
    if not found.email:
        raise FieldError("email", _("This is needed."))
    # A report may be read where it is looked after: who follows it is known where it lies, and hears from there.
    with acting_for(towns.by_id(report.jurisdiction_id)):
        return _follow(report, found, by)


def _follow(report: Report, found: contacts.Details, by: Actor) -> bool:
    contact_id = contacts.keep(found)
    table = Follower.__table__
    follower_id = db.session.execute(
        insert(table)
        .values(
            jurisdiction_id=report.jurisdiction_id,
            report_id=report.id,
            contact_id=contact_id,
            locale=found.locale,
        )
        .on_conflict_do_nothing()
        .returning(table.c.id)
    ).scalar()
    stopped = None
    if follower_id is None:
        follower = db.session.scalar(
            select(Follower).where(Follower.report_id == report.id, Follower.contact_id == contact_id)
        )
        stopped = follower.stopped_at
        if follower.confirmed_at and not stopped:
            return False
        follower.locale = found.locale
        follower_id = follower.id
    contact = db.session.get(Contact, contact_id)
    if contact.confirmed_at and not stopped:
        db.session.get(Follower, follower_id).confirmed_at = by.when
        db.session.flush()
        return False
    again = f":{stopped.timestamp():.0f}" if stopped else ""
    owe(
        "report.confirm",
        source=f"follower:{follower_id}:{utcnow():%Y%m%d}{again}",
        contact_id=contact_id,
        locale=found.locale,
        facts={"follower": follower_id, "report": report.id},
    )
    return True


def confirmation_key(follower_id: int) -> str:
    """The signed part of a confirmation link, good for a week."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="follow-confirm").dumps(follower_id)


def follower_of(key: str, *, salt: str = "follow-confirm", seconds: int | None = CONFIRM_WITHIN) -> Follower:
    """The follower a signed link was made for. Raises Refused when it is forged or too old, Missing when gone."""
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt)
    try:
        follower_id = serializer.loads(key, max_age=seconds)
    except BadSignature:
        raise Refused(
            _("This link is no longer good. Ask for news again on the report's page."), code="bad_link"
        ) from None
    found = db.session.get(Follower, follower_id)
    if found is None:
        raise Missing(_("This following has been removed."))
    return found


def confirm(follower: Follower) -> None:
    """The address answered: its owner gets the news from now on, and is not asked again for other reports."""
    now = utcnow()
    follower.confirmed_at = follower.confirmed_at or now
    follower.stopped_at = None
    follower.contact.confirmed_at = follower.contact.confirmed_at or now
    db.session.flush()


def stop_key(follower_id: int) -> str:
    """The signed part of a link to stop following."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="follow-stop").dumps(follower_id)


def stop(follower: Follower) -> None:
    """No more news of that report to that address."""
    follower.stopped_at = utcnow()
    db.session.flush()


def author_is_told(report_id: int) -> bool:
    """Whether the author of a report left an address and still wants its news. One statement."""
    f = Follower.__table__.c
    return (
        db.session.scalar(
            select(func.count()).where(
                f.report_id == report_id, f.author, f.confirmed_at.is_not(None), f.stopped_at.is_(None)
            )
        )
        > 0
    )


def followers(report_id: int) -> int:
    """How many follow a report, its author included."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Follower.__table__)
            .where(
                Follower.__table__.c.report_id == report_id,
                Follower.__table__.c.confirmed_at.is_not(None),
                Follower.__table__.c.stopped_at.is_(None),
            )
        )
        or 0
    )
