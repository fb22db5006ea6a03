"""Web Push: to every browser in which a person asked for it."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.notifications.channels import PAUSES, Channel, MailRenderer
from core.notifications.outbox import policy
from core.notifications.outbox.models import Message
from core.notifications.push.models import PushSubscription
from core.notifications.push.sending import PushMessage, PushServices, PushTarget, payload

_GONE = text("UPDATE push_subscription SET gone_at = statement_timestamp() WHERE id = ANY(:ids) AND gone_at IS NULL")
#: Those that have it already are not told again when it is tried again for the others.
_HAVE = text("""
UPDATE message SET facts = facts || jsonb_build_object(
    'pushed', coalesce(facts -> 'pushed', '[]') || to_jsonb(CAST(:ids AS bigint[]))) WHERE id = :id
""")


def make(message: Message, say: MailRenderer) -> PushMessage | None:
    """One sentence and the page that tells more, for every living browser of the contact that has not got it."""
    if message.contact_id is None:
        return None
    p = PushSubscription.__table__.c
    had = message.facts.get("pushed", [])
    rows = execute_unscoped(
        select(p.id, p.endpoint, p.p256dh, p.auth)
        .where(
            p.contact_id == message.contact_id,
            p.jurisdiction_id == message.jurisdiction_id,
            p.gone_at.is_(None),
            p.id.not_in(had),
        )
        .order_by(p.id)
    ).all()
    if not rows and not had:
        return None
    mail = say()
    if mail is None:
        return None
    title, body = current_jurisdiction().name_in(message.locale), mail.brief or mail.subject
    given = payload(
        title=title,
        body=body,
        page=mail.page or "/",
        tag=f"message:{message.id}",
        lang=message.locale,
        at=message.created_at.isoformat(timespec="seconds"),
        stop=mail.unsubscribe,
        stop_words=_("Stop these notifications") if mail.unsubscribe else None,
    )
    return PushMessage(
        message.id,
        given,
        tuple(PushTarget(*row) for row in rows),
        urgent=policy.policy_of(message.kind).urgent,
        last=message.tries > len(PAUSES),
        before=bool(had),
        said=(title, f"{body}\n{mail.page or ''}".strip()),
    )


def noted(session: Session, push: PushMessage, accepted: bool) -> None:
    """Which browsers are no more, and which have it already."""
    if push.gone:
        session.execute(_GONE, {"ids": push.gone})
    if push.accepted and not accepted:
        session.execute(_HAVE, {"id": push.message_id, "ids": push.accepted})


def prepare() -> None:
    """Load what encrypts once for all jobs of this worker."""
    __import__("pywebpush")


CHANNEL = Channel(
    name="push",
    words=lazy_gettext("Notification"),
    configured=lambda config: bool(config["VAPID_PRIVATE_KEY"]),
    make=make,
    open=PushServices,
    noted=noted,
    prepare=prepare,
    quiet=True,
    gateway=False,
    at_once=6,
)
