"""What the public reads of people's words stands beside them: masked once when it is written, not at each reading.

Existing rows are masked here, some thousand at a time, so that no statement is long and no memory grows.

Revision: 0006, after 0005.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.masking import mask, mask_all

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 2000


def upgrade() -> None:
    op.add_column("report", sa.Column("public_address", sa.Text(), server_default="", nullable=False))
    op.add_column("report", sa.Column("public_description", sa.Text(), server_default="", nullable=False))
    op.add_column("report", sa.Column("public_answers", JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("words", sa.Column("public_text", sa.Text(), server_default="", nullable=False))
    _mask_reports(op.get_bind())
    _mask_words(op.get_bind())


def _mask_reports(bind: sa.Connection) -> None:
    read = sa.text("SELECT id, address, description, answers FROM report WHERE id > :last ORDER BY id LIMIT :most")
    write = sa.text("""
        UPDATE report AS r SET public_address = n.address, public_description = n.description,
                               public_answers = n.answers
        FROM unnest(CAST(:ids AS bigint[]), CAST(:addresses AS text[]), CAST(:descriptions AS text[]),
                    CAST(:answers AS jsonb[])) AS n(id, address, description, answers)
        WHERE r.id = n.id""")
    last = 0
    while rows := bind.execute(read, {"last": last, "most": BATCH}).all():
        bind.execute(write, {
            "ids": [row.id for row in rows],
            "addresses": [mask(row.address) for row in rows],
            "descriptions": [mask(row.description) for row in rows],
            "answers": [json.dumps(mask_all(row.answers)) for row in rows],
        })
        last = rows[-1].id


def _mask_words(bind: sa.Connection) -> None:
    read = sa.text("SELECT id, text FROM words WHERE id > :last ORDER BY id LIMIT :most")
    write = sa.text("""
        UPDATE words AS w SET public_text = n.masked
        FROM unnest(CAST(:ids AS bigint[]), CAST(:masked AS text[])) AS n(id, masked) WHERE w.id = n.id""")
    last = 0
    while rows := bind.execute(read, {"last": last, "most": BATCH}).all():
        bind.execute(write, {"ids": [row.id for row in rows], "masked": [mask(row.text) for row in rows]})
        last = rows[-1].id


def downgrade() -> None:
    op.drop_column("words", "public_text")
    for column in ("public_answers", "public_description", "public_address"):
        op.drop_column("report", column)
