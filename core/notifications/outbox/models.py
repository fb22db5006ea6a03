"""One row per thing owed to one recipient over one channel."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.channel_names import MAIL
from core.database import Base, Id, Moment, Now, Ref, one_of
from core.database.scope import Scoped
from core.identity.models import Contact, User

#: Owed until it is sent; gathered until the day's digest takes it along; dead when every try was in vain (a
#: person may retry it); dropped when, at the moment of sending, there was nothing to say any more or nobody to
#: say it to.
OWED, GATHERED, SENT, DEAD, DROPPED = "owed", "gathered", "sent", "dead", "dropped"
STATUSES = (OWED, GATHERED, SENT, DEAD, DROPPED)
#: The kind of the day's digest.
DIGEST = "digest"


class Message(Scoped, Base):
    """One thing owed to one recipient over one channel.

    `kind` names the renderer (see core.notifications.outbox.renderers), `source` what it tells of ("report_event:123"):
    together with recipient and channel it is unique, so that nobody is told twice of one event.
    """

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        UniqueConstraint("source", "recipient", "channel"),
        CheckConstraint("contact_id IS NULL OR recipient = 'contact:' || contact_id", name="recipient_is_contact"),
        CheckConstraint("user_id IS NULL OR recipient = 'user:' || user_id", name="recipient_is_user"),
        # Which channels there are is said by the modules of core.notifications.channels: one more is one file more.
        CheckConstraint("channel ~ '^[a-z]+$'", name="channel"),
        one_of("status", STATUSES, "status"),
        # What a sender looks for, whatever the size of the table…
        Index("ix_message_owed", "channel", "due_at", "id", postgresql_where=text("status = 'owed'")),
        # … and whether something earlier is still owed to the same recipient.
        Index(
            "ix_message_owed_recipient",
            "recipient",
            "channel",
            "id",
            postgresql_where=text("status = 'owed'"),
        ),
        Index("ix_message_dead", "jurisdiction_id", "id", postgresql_where=text("status = 'dead'")),
        Index("ix_message_waiting", "jurisdiction_id", "id", postgresql_where=text("status IN ('owed', 'gathered')")),
        Index("ix_message_gathered", "contact_id", "id", postgresql_where=text("status = 'gathered'")),
        Index("ix_message_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        # The delivery log of one webhook, what one address got lately, what was told of one event.
        Index(None, "recipient", "channel", "id"),
        Index(None, "jurisdiction_id", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    source: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default=MAIL)
    #: "contact:12", "user:3", or what the renderer finds an address by ("body:4"): ordering and uniqueness
    #: go by it; the address itself stays in Contact, User…
    recipient: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[Ref | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(server_default="fr")
    #: Facts that the renderer needs (ids, codes); never words or addresses. What only the recipient may know
    #: (a link that signs in) stands under "secret" and is taken out once the message is no longer owed.
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(server_default=OWED)
    created_at: Mapped[Now]
    #: When it may next be tried. A sender that claims it moves this on: that is its lease.
    due_at: Mapped[Now]
    #: How often a sender began with it.
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    #: When the other side accepted it.
    sent_at: Mapped[Moment | None]
    #: The day's digest that takes this one along.
    digest_id: Mapped[Ref | None] = mapped_column(ForeignKey("message.id"))
    #: The last answer of the other side, shortened and without addresses.
    error: Mapped[str | None]

    contact: Mapped[Contact | None] = relationship(
        primaryjoin="foreign(Message.contact_id) == Contact.id", viewonly=True
    )
    user: Mapped[User | None] = relationship(primaryjoin="foreign(Message.user_id) == User.id", viewonly=True)


class SentText(Scoped, Base):
    """The exact text in which a message left, where it must be shown again (an accusé de réception)."""

    __tablename__ = "sent_text"

    message_id: Mapped[Ref] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str]
    text: Mapped[str]
    kept_at: Mapped[Now]
