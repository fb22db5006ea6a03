"""Tables of people and places: jurisdictions, bodies, sectors, users, memberships, contacts, tokens."""

from __future__ import annotations

from typing import Any

from flask_security import RoleMixin, UserMixin
from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, BigInteger, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id, Localized, Moment, Now, Ref, one_of
from core.database.scope import Scoped
from core.identity.permissions import ROLES


class Jurisdiction(Base):
    """A commune, or a métropole or syndicat, that runs its own desk here (Open311's jurisdiction_id is `slug`)."""

    __tablename__ = "jurisdiction"
    #: What comes in is known by the address it came to: no two jurisdictions have the same one.
    __table_args__ = (Index("uq_jurisdiction_sender", func.lower(text("sender")), unique=True),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    names: Mapped[Localized]
    host: Mapped[str | None] = mapped_column(unique=True)
    #: Two letters before every reference: VC-7K3-9QT.
    prefix: Mapped[str]
    boundary: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=True))
    time_zone: Mapped[str] = mapped_column(server_default="Europe/Paris")
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{fr,en}'"))
    accent: Mapped[str] = mapped_column(server_default="#0A5A6A")
    #: {"address": …, "phone": …, "email": …} of the town hall, as residents read them.
    desk: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(JSONB), server_default=text("'{}'"))
    #: {"mon": [["08:00", "12:00"], …], …}
    working_hours: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(JSONB), server_default=text("'{}'"))
    #: How the jurisdiction speaks with people, as far as it differs from the rule: see
    #: core.identity.preferences.Preferences.
    preferences: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(JSONB), server_default=text("'{}'"))
    #: The address its mails come from; MAIL_FROM's where it has none.
    sender: Mapped[str | None]
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Now]


class Body(Scoped, Base):
    """Who can be responsible: one of our jurisdictions, or an outside one reached by mail or Open311."""

    __tablename__ = "body"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        UniqueConstraint("jurisdiction_id", "code"),
    )

    id: Mapped[Id]
    code: Mapped[str]
    names: Mapped[Localized]
    #: The jurisdiction hosted here that this body is, where it is one.
    hosted_id: Mapped[Ref | None] = mapped_column(ForeignKey("jurisdiction.id"))
    email: Mapped[str | None]
    #: Where it is written to and called, as residents read it in an accusé de réception.
    address: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")


class Sector(Scoped, Base):
    """A named polygon of some layer (quartier, cleaning round, road status); layers may overlap."""

    __tablename__ = "sector"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        UniqueConstraint("jurisdiction_id", "layer", "code"),
    )

    id: Mapped[Id]
    layer: Mapped[str] = mapped_column(server_default="quartier")
    code: Mapped[str]
    names: Mapped[Localized]
    boundary: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=True))


class User(UserMixin, Base):
    """Somebody who signs in. What they may do is said by their memberships, one per jurisdiction."""

    __tablename__ = "user"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(server_default="")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    locale: Mapped[str] = mapped_column(server_default="fr")
    created_at: Mapped[Now]

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", lazy="joined")

    @property
    def roles(self) -> list[Membership]:  # type: ignore[override]  # the mixin declares attributes, reads them only
        """Memberships, in the shape in which Flask-Security asks for roles."""
        return self.memberships

    def membership_in(self, jurisdiction_id: int) -> Membership | None:
        """The right of access to that jurisdiction, if there is one."""
        return next((m for m in self.memberships if m.jurisdiction_id == jurisdiction_id), None)


class Membership(RoleMixin, Base):
    """A user's role in one jurisdiction."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "jurisdiction_id"),
        one_of("role", ROLES, "role"),
        Index(None, "jurisdiction_id", "role"),
    )

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    jurisdiction_id: Mapped[Ref] = mapped_column(ForeignKey("jurisdiction.id"))
    role: Mapped[str]

    user: Mapped[User] = relationship(back_populates="memberships")

    @property
    def name(self) -> str:  # type: ignore[override]  # the mixin declares an attribute, and only reads it
        """The role's name, as Flask-Security asks for it."""
        return self.role


class ApiToken(Base):
    """A bearer token: only its SHA-256 is kept. It may do what `scopes` say, in its membership's role."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    membership_id: Mapped[Ref] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(server_default="")
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[Now]
    expires_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]

    membership: Mapped[Membership] = relationship(lazy="joined")


class UserSession(Base):
    """One browser's being signed in, from signing in to signing out. Only the SHA-256 of its key is kept."""

    __tablename__ = "user_session"

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[Now]
    expires_at: Mapped[Moment] = mapped_column(index=True)


class Contact(Scoped, Base):
    """The contact details of a person: alone in one table, erasable alone (DESIGN §5.3)."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        Index(
            "uq_contact_email",
            "jurisdiction_id",
            func.lower(text("email")),
            unique=True,
            postgresql_where=text("email IS NOT NULL"),
        ),
        Index("ix_contact_phone", "jurisdiction_id", "phone", postgresql_where=text("phone IS NOT NULL")),
        # One contact a number, whatever names are given with it; what is given stands beside it.
        Index(
            "uq_contact_phone",
            "jurisdiction_id",
            "phone",
            unique=True,
            postgresql_where=text("phone IS NOT NULL AND email IS NULL AND name IS NULL AND beside_id IS NULL"),
        ),
        Index("ix_contact_beside", "beside_id", postgresql_where=text("beside_id IS NOT NULL")),
        ForeignKeyConstraint(["jurisdiction_id", "beside_id"], ["contact.jurisdiction_id", "contact.id"]),
    )

    id: Mapped[Id]
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="fr")
    #: The contact (of an address or a number) beside which this name and number were given, with one report: whose
    #: they are nobody knows, so that they are told nothing and found by nothing but that report.
    beside_id: Mapped[int | None] = mapped_column(BigInteger)
    #: When this address answered a confirmation; before, an author is told without a word that somebody typed.
    confirmed_at: Mapped[Moment | None]
    #: When this number did.
    phone_confirmed_at: Mapped[Moment | None]
    #: One mail a day with all that is new, instead of each at once.
    digest: Mapped[bool] = mapped_column(server_default=text("false"))
    #: Since when the address, or the number, is known not to exist: nothing is sent there any more.
    email_failed_at: Mapped[Moment | None]
    phone_failed_at: Mapped[Moment | None]
    #: Grows when a link to their own page, or to confirm an address of theirs, is used: each works once.
    link_version: Mapped[int] = mapped_column(server_default=text("1"))
    #: Grows when they close their own page: it is closed then in every browser.
    page_version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[Now]
    erased_at: Mapped[Moment | None]
