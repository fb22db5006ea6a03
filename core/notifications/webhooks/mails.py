"""What an administrator is told of a subscription that suspended itself: nobody looks at a log every day."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql import text

from core.channel_names import MAIL
from core.database import execute_unscoped
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.identity.permissions import roles_with
from core.notifications.mail import Mail, mail_from_templates
from core.notifications.outbox import policy
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import register_renderer
from core.notifications.outbox.sender import send_after_commit
from core.notifications.webhooks.models import GONE, Webhook
from core.web.urls import absolute_url

SUSPENDED = "webhook.suspended"
_OWE = text(f"""
INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, user_id, locale, facts, status)
SELECT w.jurisdiction_id, '{SUSPENDED}', '{SUSPENDED}:' || w.id || ':' || w.version, '{MAIL}', 'user:' || u.id, u.id,
       u.locale, jsonb_build_object('webhook', w.id), 'owed'
FROM webhook w JOIN membership m ON m.jurisdiction_id = w.jurisdiction_id AND m.role = ANY(:managers)
JOIN "user" u ON u.id = m.user_id AND u.active
WHERE w.id = :webhook
ON CONFLICT DO NOTHING
""")


def notify_administrators(session: Session, webhook_id: int) -> None:
    """Owe the administrators of its jurisdiction the news. One statement."""
    session.execute(_OWE, {"webhook": webhook_id, "managers": list(roles_with("webhooks.manage"))})
    send_after_commit(MAIL)


def suspended_mail(message: Message) -> Mail | None:
    """Which one, why, and what can be done; nothing where somebody has seen to it already."""
    w = Webhook.__table__.c
    row = execute_unscoped(
        select(w.id, w.label, w.url, w.suspended_why).where(
            w.id == message.facts["webhook"],
            w.jurisdiction_id == message.jurisdiction_id,
            w.suspended_at.is_not(None),
            w.removed_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    why = (
        _("It answered that it no longer exists (410).")
        if row.suspended_why == GONE
        else _("Too many deliveries in a row failed.")
    )
    # Not the whole address, which may hold a password of the other side.
    name = row.label or urlsplit(row.url).hostname or ""
    return mail_from_templates(
        "webhook_suspended",
        _("A webhook was suspended: %(name)s", name=name),
        name=name,
        why=why,
        address=absolute_url(f"/admin/webhooks/{row.id}"),
    )


def init_app(app: Flask) -> None:
    """Register the news of a suspended webhook, and how it is delivered."""
    policy.register(policy.DEFAULT, SUSPENDED)
    register_renderer(suspended_mail, SUSPENDED, words=lazy_gettext("Suspended webhook"))
