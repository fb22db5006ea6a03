"""The name and number given with a report are its own; what the services took down counts as confirmed.

Revision: 0005, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

#: How reports came that somebody of the services wrote down.
BY_STAFF = "('phone', 'desk', 'letter')"


def upgrade() -> None:
    op.add_column("contact", sa.Column("beside_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_contact_jurisdiction_id_beside_id"), "contact", "contact",
                          ["jurisdiction_id", "beside_id"], ["jurisdiction_id", "id"])
    op.create_index("ix_contact_beside", "contact", ["beside_id"], postgresql_where=sa.text("beside_id IS NOT NULL"))
    for table in ("report", "arrival"):
        # Reports of before show what their contact holds: nothing else was kept.
        op.add_column(table, sa.Column("given_contact_id", sa.BigInteger()))
        op.create_foreign_key(op.f(f"fk_{table}_jurisdiction_id_given_contact_id"), table, "contact",
                              ["jurisdiction_id", "given_contact_id"], ["jurisdiction_id", "id"])
    op.add_column("follower", sa.Column("taken_by_staff", sa.Boolean(), server_default=sa.text("false"),
                                        nullable=False))
    op.execute("UPDATE follower AS f SET taken_by_staff = true FROM report AS r "
               f"WHERE r.id = f.report_id AND f.author AND r.door IN {BY_STAFF}")


def downgrade() -> None:
    op.execute("UPDATE follower SET confirmed_at = created_at WHERE author AND confirmed_at IS NULL")
    op.drop_column("follower", "taken_by_staff")
    for table in ("arrival", "report"):
        op.drop_column(table, "given_contact_id")
    op.drop_column("contact", "beside_id")
