"""One word for one thing: tables and columns are called what they are called in the code and on paper.

Nothing but names changes: no row is rewritten, and each statement holds its lock for a moment only.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = {
    "follower": "report_subscription",
    "area_follower": "area_subscription",
    "arrival": "inbound_message",
    "words": "free_text",
    "kept_text": "sent_text",
    "verdict": "repair_answer",
}
#: (table, by its new name; the column; its new name)
COLUMNS = (
    ("report", "door", "channel"),
    ("report", "to_read", "unread_answer"),
    ("report_event", "door", "channel"),
    ("report_event", "words_id", "free_text_id"),
    ("work_order_event", "door", "channel"),
    ("work_order_event", "words_id", "free_text_id"),
    ("inbound_message", "door", "channel"),
    ("inbound_message", "words_id", "free_text_id"),
    ("inbound_message", "taken_for", "interpreted_as"),
    ("inbound_message", "dealt_with", "handled"),
    ("comment", "words_id", "free_text_id"),
    ("jurisdiction", "habits", "preferences"),
)


def upgrade() -> None:
    for old, new in TABLES.items():
        op.rename_table(old, new)
        op.execute(f'ALTER SEQUENCE IF EXISTS "{old}_id_seq" RENAME TO "{new}_id_seq"')
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    _rename_constraints(TABLES, {old: new for _table, old, new in COLUMNS})


def downgrade() -> None:
    for table, old, new in reversed(COLUMNS):
        op.alter_column(table, new, new_column_name=old)
    back = {new: old for old, new in TABLES.items()}
    for new, old in back.items():
        op.rename_table(new, old)
        op.execute(f'ALTER SEQUENCE IF EXISTS "{new}_id_seq" RENAME TO "{old}_id_seq"')
    _rename_constraints(back, {new: old for _table, old, new in COLUMNS})


def _rename_constraints(tables: dict[str, str], columns: dict[str, str]) -> None:
    """Constraints and indexes are named after their table and columns: a violated one tells the field by that."""
    bind = op.get_bind()
    constraints = bind.execute(
        sa.text(
            "SELECT c.conname, t.relname FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid "
            "JOIN pg_namespace AS n ON n.oid = t.relnamespace WHERE n.nspname = current_schema() AND c.contype <> 't'"
        )
    ).all()
    for name, table in constraints:
        if (wanted := _renamed(name, table, tables, columns)) != name:
            op.execute(f'ALTER TABLE "{table}" RENAME CONSTRAINT "{name}" TO "{wanted}"')
    indexes = bind.execute(
        sa.text("SELECT indexname, tablename FROM pg_indexes WHERE schemaname = current_schema()")
    ).all()
    for name, table in indexes:
        if (wanted := _renamed(name, table, tables, columns)) != name:
            op.execute(f'ALTER INDEX "{name}" RENAME TO "{wanted}"')


def _renamed(name: str, table: str, tables: dict[str, str], columns: dict[str, str]) -> str:
    former = {new: old for old, new in tables.items()}.get(table, table)
    kind, _, rest = name.partition("_")
    if kind not in ("pk", "ck", "uq", "fk", "ix") or not (rest == former or rest.startswith(f"{former}_")):
        return name
    tail = rest[len(former) :].removeprefix("_")
    for old, new in columns.items():
        tail = "_".join(_replaced(tail, old, new))
    return "_".join(part for part in (kind, table, tail) if part)


def _replaced(tail: str, old: str, new: str) -> list[str]:
    """The words of a name with the words of a column in it replaced."""
    words, wanted = tail.split("_"), old.split("_")
    for at in range(len(words) - len(wanted) + 1):
        if words[at : at + len(wanted)] == wanted:
            return [*words[:at], new, *words[at + len(wanted) :]]
    return words
