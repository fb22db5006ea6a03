"""Told, and heard: more channels, followers' choices, the town's words, answers, other doors, areas and notices.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Enumerations that have grown: (table, column, what they were, what they are).
DOORS = ("web", "api", "desk", "field", "phone", "import", "system")
EVENTS = (
    "received",
    "planned",
    "day_changed",
    "resolved",
    "rejected",
    "merged",
    "transferred",
    "reopened",
    "question",
    "acknowledged",
    "category_changed",
    "place_changed",
    "noted",
    "joined",
    "work_made",
    "made_safe",
    "started",
    "held",
    "resumed",
    "work_cancelled",
    "work_finished",
    "photo_added",
    "imported",
)
GROWN = (
    ("report", "door", DOORS, (*DOORS, "letter", "mail", "sms")),
    ("report_event", "door", DOORS, (*DOORS, "letter", "mail", "sms")),
    ("work_order_event", "door", DOORS, (*DOORS, "letter", "mail", "sms")),
    (
        "report_event",
        "kind",
        EVENTS,
        (*EVENTS, "answered", "unanswered", "confirmed", "contested", "commented"),
    ),
    ("follower", "channel", ("mail",), ("mail", "sms", "push")),
    (
        "message",
        "status",
        ("owed", "sent", "dead", "dropped"),
        ("owed", "gathered", "sent", "dead", "dropped"),
    ),
)


def _one_of(table: str, column: str, values: tuple[str, ...]) -> None:
    """Let `column` be one of `values`: at once for new rows, and for the old ones without stopping anybody."""
    listed = ", ".join(f"'{value}'" for value in values)
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table, type_="check")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("titles", postgresql.JSONB(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("shape", Geometry("GEOMETRY", 4326, spatial_index=False), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reasons", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("told_version", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('works', 'diversion', 'cut', 'alert')", name=op.f("ck_notice_kind")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_notice_dates")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_notice_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        "ix_notice_ends",
        "notice",
        ["jurisdiction_id", "ends_at"],
        unique=False,
    )
    op.create_index("ix_notice_shape", "notice", ["shape"], unique=False, postgresql_using="gist")
    op.create_table(
        "webhook",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_why", sa.Text(), nullable=True),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "suspended_why IN ('asked', 'gone', 'failing')", name=op.f("ck_webhook_suspended_why")
        ),
        sa.CheckConstraint(
            "(suspended_at IS NULL) = (suspended_why IS NULL)", name=op.f("ck_webhook_suspended")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_webhook_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_webhook_jurisdiction_id_id")),
    )
    op.create_table(
        "webhook_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_webhook_try_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_try")),
    )
    op.create_index(op.f("ix_webhook_try_message_id_id"), "webhook_try", ["message_id", "id"], unique=False)
    op.create_table(
        "area_follower",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="mail", nullable=False),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("circle", Geometry("POLYGON", 4326, spatial_index=False), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("sector_id", sa.BigInteger(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("categories", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'sms', 'push')", name=op.f("ck_area_follower_channel")),
        sa.CheckConstraint("num_nonnulls(circle, sector_id, street) = 1", name=op.f("ck_area_follower_area")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_area_follower_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "sector_id"],
            ["sector.jurisdiction_id", "sector.id"],
            name=op.f("fk_area_follower_jurisdiction_id_sector_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_area_follower_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_follower")),
    )
    op.create_index(
        "ix_area_follower_circle", "area_follower", ["circle"], unique=False, postgresql_using="gist"
    )
    op.create_index(op.f("ix_area_follower_contact_id"), "area_follower", ["contact_id"], unique=False)
    op.create_index(
        "ix_area_follower_sector",
        "area_follower",
        ["sector_id"],
        unique=False,
        postgresql_where=sa.text("sector_id IS NOT NULL"),
    )
    op.create_index(
        "ix_area_follower_street",
        "area_follower",
        ["jurisdiction_id", "street"],
        unique=False,
        postgresql_where=sa.text("street IS NOT NULL"),
    )
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_push_subscription_jurisdiction_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_push_subscription_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
    )
    op.create_index(
        op.f("ix_push_subscription_contact_id"), "push_subscription", ["contact_id"], unique=False
    )
    op.create_index(
        "uq_push_subscription_endpoint", "push_subscription", ["jurisdiction_id", "endpoint"], unique=True
    )
    op.create_table(
        "kept_text",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_kept_text_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_kept_text_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_kept_text")),
    )
    op.create_table(
        "wording",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'sms', 'push')", name=op.f("ck_wording_channel")),
        sa.CheckConstraint("locale IN ('fr', 'en')", name=op.f("ck_wording_locale")),
        sa.ForeignKeyConstraint(["changed_by"], ["user.id"], name=op.f("fk_wording_changed_by")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "category_id"],
            ["category.jurisdiction_id", "category.id"],
            name=op.f("fk_wording_jurisdiction_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_wording_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    op.create_index(
        "uq_wording_place",
        "wording",
        ["jurisdiction_id", "kind", "channel", "locale", sa.literal_column("coalesce(category_id, 0)")],
        unique=True,
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("taken_for", sa.Text(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("words_id", sa.BigInteger(), nullable=True),
        sa.Column("photo_ids", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("dealt_with", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("door IN ('mail', 'sms')", name=op.f("ck_arrival_door")),
        sa.CheckConstraint(
            "taken_for IN ('report', 'answer', 'comment', 'bounce', 'automatic', 'unknown')",
            name=op.f("ck_arrival_taken_for"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_arrival_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "words_id"],
            ["words.jurisdiction_id", "words.id"],
            name=op.f("fk_arrival_jurisdiction_id_words_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_arrival_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_arrival_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint(
            "jurisdiction_id", "door", "key", name=op.f("uq_arrival_jurisdiction_id_door_key")
        ),
    )
    op.create_index(op.f("ix_arrival_report_id_id"), "arrival", ["report_id", "id"], unique=False)
    op.create_index(
        op.f("ix_arrival_contact_id_arrived_at"), "arrival", ["contact_id", "arrived_at"], unique=False
    )
    op.create_index(
        "ix_arrival_open", "arrival", ["jurisdiction_id", "id"], unique=False, postgresql_where=sa.text("NOT dealt_with")
    )
    op.create_index(
        "ix_arrival_words",
        "arrival",
        ["arrived_at"],
        unique=False,
        postgresql_where=sa.text("words_id IS NOT NULL"),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("words_id", sa.BigInteger(), nullable=True),
        sa.Column("photo_ids", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'shown', 'refused')", name=op.f("ck_comment_status")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_comment_decided_by")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_comment_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "words_id"],
            ["words.jurisdiction_id", "words.id"],
            name=op.f("fk_comment_jurisdiction_id_words_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_comment_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_comment_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(
        "ix_comment_pending",
        "comment",
        ["jurisdiction_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(op.f("ix_comment_report_id_id"), "comment", ["report_id", "id"], unique=False)
    op.create_table(
        "me_too",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_me_too_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_me_too_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_me_too")),
        sa.UniqueConstraint("report_id", "who", name=op.f("uq_me_too_report_id_who")),
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_verdict_rating")),
        sa.ForeignKeyConstraint(["event_id"], ["report_event.id"], name=op.f("fk_verdict_event_id")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_verdict_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_verdict_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_verdict_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.UniqueConstraint("event_id", "contact_id", name=op.f("uq_verdict_event_id_contact_id")),
    )
    op.create_index(op.f("ix_verdict_report_id"), "verdict", ["report_id"], unique=False)
    op.create_index(
        "uq_verdict_nobody", "verdict", ["event_id"], unique=True, postgresql_where=sa.text("contact_id IS NULL")
    )
    op.add_column("body", sa.Column("address", sa.Text(), server_default="", nullable=False))
    op.add_column("body", sa.Column("phone", sa.Text(), server_default="", nullable=False))
    op.add_column("category", sa.Column("silence", sa.Text(), nullable=True))
    op.add_column(
        "category",
        sa.Column("silence_months", sa.SmallInteger(), server_default=sa.text("2"), nullable=False),
    )
    # Numbers are kept as they are dialled from anywhere.
    op.execute("UPDATE contact SET phone = '+33' || substr(phone, 2) WHERE phone ~ '^0[1-9][0-9]{8}$'")
    op.add_column("contact", sa.Column("phone_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "contact", sa.Column("digest", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("contact", sa.Column("email_failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contact", sa.Column("phone_failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "contact", sa.Column("link_version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.create_index(
        "ix_contact_phone",
        "contact",
        ["jurisdiction_id", "phone"],
        unique=False,
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.add_column("follower", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column(
        "jurisdiction",
        sa.Column("habits", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("jurisdiction", sa.Column("sender", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("digest_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_message_digest",
        "message",
        ["digest_id"],
        unique=False,
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["jurisdiction_id", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('owed', 'gathered')"),
    )
    op.create_index(
        "ix_message_gathered",
        "message",
        ["contact_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'gathered'"),
    )
    op.create_index(
        op.f("ix_message_recipient_channel_id"), "message", ["recipient", "channel", "id"], unique=False
    )
    op.create_foreign_key(op.f("fk_message_digest_id"), "message", "message", ["digest_id"], ["id"])
    op.add_column("report", sa.Column("waiting_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("report", sa.Column("to_read", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_report_to_read"), "report", "to_read IN ('contested', 'answered', 'unanswered')"
    )
    op.create_index(
        "ix_report_to_read",
        "report",
        ["jurisdiction_id", sa.text("received_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("to_read IS NOT NULL"),
    )
    op.create_index(
        "ix_report_waiting",
        "report",
        ["waiting_until"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    for table, column, _before, after in GROWN:
        _one_of(table, column, after)
    op.drop_constraint(op.f("ck_message_channel"), "message", type_="check")
    op.create_check_constraint(op.f("ck_message_channel"), "message", "channel ~ '^[a-z]+$'")
    op.create_check_constraint(
        op.f("ck_category_silence"), "category", "silence IN ('acceptance', 'rejection')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_message_channel"), "message", type_="check")
    op.create_check_constraint(op.f("ck_message_channel"), "message", "channel IN ('mail')")
    for table, column, before, _after in GROWN:
        _one_of(table, column, before)
    op.drop_index("ix_report_waiting", table_name="report", postgresql_where=sa.text("status = 'waiting'"))
    op.drop_column("report", "waiting_until")
    op.drop_index("ix_report_to_read", table_name="report", postgresql_where=sa.text("to_read IS NOT NULL"))
    op.drop_column("report", "to_read")
    op.drop_constraint(op.f("fk_message_digest_id"), "message", type_="foreignkey")
    op.drop_index(op.f("ix_message_recipient_channel_id"), table_name="message")
    op.drop_index(
        "ix_message_waiting", table_name="message", postgresql_where=sa.text("status IN ('owed', 'gathered')")
    )
    op.drop_index(
        "ix_message_gathered", table_name="message", postgresql_where=sa.text("status = 'gathered'")
    )
    op.drop_index(
        "ix_message_digest", table_name="message", postgresql_where=sa.text("digest_id IS NOT NULL")
    )
    op.drop_column("message", "digest_id")
    op.drop_column("jurisdiction", "sender")
    op.drop_column("jurisdiction", "habits")
    op.drop_column("follower", "version")
    op.drop_index("ix_contact_phone", table_name="contact", postgresql_where=sa.text("phone IS NOT NULL"))
    op.drop_column("contact", "link_version")
    op.drop_column("contact", "phone_failed_at")
    op.drop_column("contact", "email_failed_at")
    op.drop_column("contact", "digest")
    op.drop_column("contact", "phone_confirmed_at")
    op.drop_column("category", "silence_months")
    op.drop_column("category", "silence")
    op.drop_column("body", "phone")
    op.drop_column("body", "address")
    op.drop_index(
        "uq_verdict_nobody", table_name="verdict", postgresql_where=sa.text("contact_id IS NULL")
    )
    op.drop_index(op.f("ix_verdict_report_id"), table_name="verdict")
    op.drop_table("verdict")
    op.drop_table("me_too")
    op.drop_index(op.f("ix_comment_report_id_id"), table_name="comment")
    op.drop_index("ix_comment_pending", table_name="comment", postgresql_where=sa.text("status = 'pending'"))
    op.drop_table("comment")
    op.drop_index(
        "ix_arrival_words", table_name="arrival", postgresql_where=sa.text("words_id IS NOT NULL")
    )
    op.drop_index("ix_arrival_open", table_name="arrival", postgresql_where=sa.text("NOT dealt_with"))
    op.drop_index(op.f("ix_arrival_contact_id_arrived_at"), table_name="arrival")
    op.drop_index(op.f("ix_arrival_report_id_id"), table_name="arrival")
    op.drop_table("arrival")
    op.drop_index("uq_wording_place", table_name="wording")
    op.drop_table("wording")
    op.drop_table("kept_text")
    op.drop_index("uq_push_subscription_endpoint", table_name="push_subscription")
    op.drop_index(op.f("ix_push_subscription_contact_id"), table_name="push_subscription")
    op.drop_table("push_subscription")
    op.drop_index(
        "ix_area_follower_street", table_name="area_follower", postgresql_where=sa.text("street IS NOT NULL")
    )
    op.drop_index(
        "ix_area_follower_sector",
        table_name="area_follower",
        postgresql_where=sa.text("sector_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_area_follower_contact_id"), table_name="area_follower")
    op.drop_index("ix_area_follower_circle", table_name="area_follower", postgresql_using="gist")
    op.drop_table("area_follower")
    op.drop_index(op.f("ix_webhook_try_message_id_id"), table_name="webhook_try")
    op.drop_table("webhook_try")
    op.drop_table("webhook")
    op.drop_index("ix_notice_shape", table_name="notice", postgresql_using="gist")
    op.drop_index("ix_notice_ends", table_name="notice")
    op.drop_table("notice")
