"""The name and number given with a report are its own; what the services took down counts as confirmed.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
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
    # Two contacts of one number could be made at the same moment: the first of them is the number's from now on.
    op.execute("UPDATE contact AS c SET name = '' WHERE c.phone IS NOT NULL AND c.email IS NULL AND c.name IS NULL "
               "AND EXISTS (SELECT 1 FROM contact AS o WHERE o.jurisdiction_id = c.jurisdiction_id "
               "AND o.phone = c.phone AND o.email IS NULL AND o.name IS NULL AND o.id < c.id)")
    op.create_index("uq_contact_phone", "contact", ["jurisdiction_id", "phone"], unique=True, postgresql_where=sa.text(
        "phone IS NOT NULL AND email IS NULL AND name IS NULL AND beside_id IS NULL"))
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
    op.drop_index("uq_contact_phone", table_name="contact")
    op.drop_column("contact", "beside_id")
