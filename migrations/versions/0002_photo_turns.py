"""When a worker last began with a photo: its turn, which ends by itself.

Revision: 0002, after 0001. Takes no time: a column without a default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("photo", "begun_at")
