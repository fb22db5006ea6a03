"""One row per browser that asked to be told."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from core.database import Base, Id, Moment, Now, Ref
from core.database.scope import Scoped


class PushSubscription(Scoped, Base):
    """A browser's address at its push service, with its keys: personal like Contact, and erased with it."""

    __tablename__ = "push_subscription"
    __table_args__ = (
        ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"], ondelete="CASCADE"
        ),
        Index("uq_push_subscription_endpoint", "jurisdiction_id", "endpoint", unique=True),
        Index(None, "contact_id"),
    )

    id: Mapped[Id]
    contact_id: Mapped[Ref]
    endpoint: Mapped[str]
    #: The browser's public key and shared secret, base64url (RFC 8291 §3).
    p256dh: Mapped[str]
    auth: Mapped[str]
    created_at: Mapped[Now]
    #: When the push service said that it is no more.
    gone_at: Mapped[Moment | None]
