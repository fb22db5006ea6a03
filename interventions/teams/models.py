"""Tables of the crews and their members."""

from __future__ import annotations

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id, Localized, Ref
from core.database.scope import Scoped
from core.identity.models import User


class Team(Scoped, Base):
    """A crew; a contractor (titulaire) is a team that is not ours."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "id"), UniqueConstraint("jurisdiction_id", "code"))

    id: Mapped[Id]
    code: Mapped[str]
    names: Mapped[Localized]
    contractor: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class TeamMember(Scoped, Base):
    """An agent of a team."""

    __tablename__ = "team_member"
    __table_args__ = (
        PrimaryKeyConstraint("team_id", "user_id"),
        ForeignKeyConstraint(["jurisdiction_id", "team_id"], ["team.jurisdiction_id", "team.id"], ondelete="CASCADE"),
        Index(None, "user_id"),
    )

    team_id: Mapped[Ref]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))

    user: Mapped[User] = relationship(viewonly=True)
