"""What an administrator is told of a subscription that suspended itself: nobody looks at a log every day."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql import text

from core.database import ask
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.identity.permissions import roles_with
from core.links import absolute
from core.mail import Mail, letter
from core.outbox import policy
from core.outbox.kinds import register_renderer
from core.outbox.models import MAIL, Message
from core.outbox.send import soon
from core.webhooks.models import GONE, Webhook

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


def owe(session: Session, webhook_id: int) -> None:
    """Owe the administrators of its town the news. One statement."""
    session.execute(_OWE, {"webhook": webhook_id, "managers": list(roles_with("webhooks.manage"))})
    soon(MAIL)


def suspended(message: Message) -> Mail | None:
    """Which one, why, and what can be done; nothing where somebody has seen to it already."""
    w = Webhook.__table__.c
    row = ask(
        select(w.id, w.label, w.url, w.suspended_why).where(
            w.id == message.facts["webhook"], w.jurisdiction_id == message.jurisdiction_id,
            w.suspended_at.is_not(None), w.removed_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    why = _("It answered that it no longer exists (410).") if row.suspended_why == GONE \
        else _("Too many deliveries in a row failed.")
    # Not the whole address, which may hold a password of the other side.
    name = row.label or urlsplit(row.url).hostname or ""
    return letter("webhook_suspended", _("A webhook was suspended: %(name)s", name=name), name=name, why=why,
                  address=absolute(f"/admin/webhooks/{row.id}"))


def init_app(app: Flask) -> None:
    """Register the news of a suspended webhook, and how it is delivered."""
    policy.register(policy.DEFAULT, SUSPENDED)
    register_renderer(suspended, SUSPENDED, words=lazy_gettext("Suspended webhook"))
