"""Sessions are kept at the server, one's own page can be closed everywhere, and a sender belongs to one jurisdiction.

Whoever is signed in signs in once more: their cookies name no session. Where two jurisdictions sent from the same
address, the first keeps it and the others send from MAIL_FROM's until `flask jurisdiction reach --sender`.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_user_session_digest")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"])
    op.create_index(op.f("ix_user_session_expires_at"), "user_session", ["expires_at"])
    op.add_column("contact", sa.Column("page_version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.execute(
        "UPDATE jurisdiction AS later SET sender = NULL WHERE later.sender IS NOT NULL AND EXISTS ("
        "SELECT FROM jurisdiction AS first WHERE lower(first.sender) = lower(later.sender) AND first.id < later.id)")
    op.create_index("uq_jurisdiction_sender", "jurisdiction", [sa.text("lower(sender)")], unique=True)


def downgrade() -> None:
    op.drop_index("uq_jurisdiction_sender", table_name="jurisdiction")
    op.drop_column("contact", "page_version")
    op.drop_table("user_session")
