"""Lists of one sector or one category by state: what is open there is found without walking through what is closed.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATUSES = ("received", "acknowledged", "waiting", "planned", "in_progress", "resolved", "rejected", "transferred",
            "merged")


def upgrade() -> None:
    op.add_column("report_sector", sa.Column("status", sa.Text()))
    op.execute("UPDATE report_sector AS s SET status = r.status FROM report AS r WHERE r.id = s.report_id")
    op.alter_column("report_sector", "status", nullable=False)
    listed = ", ".join(f"'{status}'" for status in STATUSES)
    op.create_check_constraint(op.f("ck_report_sector_status"), "report_sector", f"status IN ({listed})")
    newest = [sa.text("received_at DESC"), sa.text("report_id DESC")]
    op.create_index("ix_report_sector_status", "report_sector", ["sector_id", "status", *newest])
    newest = [sa.text("received_at DESC"), sa.text("id DESC")]
    op.create_index("ix_report_category_status", "report", ["jurisdiction_id", "category_id", "status", *newest])


def downgrade() -> None:
    op.drop_index("ix_report_category_status", table_name="report")
    op.drop_index("ix_report_sector_status", table_name="report_sector")
    op.drop_column("report_sector", "status")
