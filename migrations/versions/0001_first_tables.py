"""The first tables: people and places, photos, the outbox, reports, work orders.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Histories are appended to, never edited (DESIGN §5.5). An approved elimination says so in its transaction.
GUARD = """
CREATE FUNCTION alentour_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('alentour.elimination', true) = 'approved' AND TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'history is appended, never edited (%)', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
HISTORIES = ("report_event", "work_order_event")


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    # French stems without accents; words that French does not know are kept as they are.
    op.execute("CREATE TEXT SEARCH CONFIGURATION alentour (COPY = french)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION alentour ALTER MAPPING FOR hword, hword_part, word "
        "WITH unaccent, french_stem"
    )
    op.create_table(
        "jurisdiction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column(
            "boundary",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.Column("time_zone", sa.Text(), server_default="Europe/Paris", nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default=sa.text("'{fr,en}'"), nullable=False),
        sa.Column("accent", sa.Text(), server_default="#0A5A6A", nullable=False),
        sa.Column("desk", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("working_hours", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdiction")),
        sa.UniqueConstraint("host", name=op.f("uq_jurisdiction_host")),
        sa.UniqueConstraint("slug", name=op.f("uq_jurisdiction_slug")),
    )
    op.create_index(
        "idx_jurisdiction_boundary", "jurisdiction", ["boundary"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_fs_uniquifier")),
    )
    op.create_table(
        "body",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("hosted_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hosted_id"], ["jurisdiction.id"], name=op.f("fk_body_hosted_id")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_body_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sa.UniqueConstraint("jurisdiction_id", "code", name=op.f("uq_body_jurisdiction_id_code")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_body_jurisdiction_id_id")),
    )
    op.create_table(
        "category_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_category_group_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_group")),
        sa.UniqueConstraint("jurisdiction_id", "code", name=op.f("uq_category_group_jurisdiction_id_code")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_category_group_jurisdiction_id_id")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_contact_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_contact_jurisdiction_id_id")),
    )
    op.create_index(
        "uq_contact_email",
        "contact",
        ["jurisdiction_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_idempotency_key_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint(
            "jurisdiction_id", "actor", "key", name=op.f("uq_idempotency_key_jurisdiction_id_actor_key")
        ),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "map_count",
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_map_count_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("jurisdiction_id", "level", "x", "y", "status", name=op.f("pk_map_count")),
    )
    op.create_table(
        "map_delta",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_map_delta_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_delta")),
    )
    op.create_index(
        op.f("ix_map_delta_jurisdiction_id_id"), "map_delta", ["jurisdiction_id", "id"], unique=False
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('reception', 'supervisor', 'agent', 'administrator')", name=op.f("ck_membership_role")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_membership_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_membership_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("user_id", "jurisdiction_id", name=op.f("uq_membership_user_id_jurisdiction_id")),
    )
    op.create_index(
        op.f("ix_membership_jurisdiction_id_role"), "membership", ["jurisdiction_id", "role"], unique=False
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="processing", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("original_key", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sizes", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('processing', 'ready', 'refused')", name=op.f("ck_photo_status")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_photo_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_photo_jurisdiction_id_id")),
        sa.UniqueConstraint("token", name=op.f("uq_photo_token")),
    )
    op.create_index(
        "ix_photo_original",
        "photo",
        ["uploaded_at"],
        unique=False,
        postgresql_where=sa.text("original_key IS NOT NULL"),
    )
    op.create_index(
        "ix_photo_to_process",
        "photo",
        ["uploaded_at"],
        unique=False,
        postgresql_where=sa.text("status = 'processing'"),
    )
    op.create_index(
        "ix_photo_unclaimed",
        "photo",
        ["uploaded_at"],
        unique=False,
        postgresql_where=sa.text("claimed_at IS NULL"),
    )
    op.create_table(
        "sector",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("layer", sa.Text(), server_default="quartier", nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column(
            "boundary",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_sector_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sector")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_sector_jurisdiction_id_id")),
        sa.UniqueConstraint(
            "jurisdiction_id", "layer", "code", name=op.f("uq_sector_jurisdiction_id_layer_code")
        ),
    )
    op.create_index("idx_sector_boundary", "sector", ["boundary"], unique=False, postgresql_using="gist")
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("contractor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_team_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("jurisdiction_id", "code", name=op.f("uq_team_jurisdiction_id_code")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_team_jurisdiction_id_id")),
    )
    op.create_table(
        "words",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("masked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_words_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_words")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_words_jurisdiction_id_id")),
    )
    op.create_table(
        "work_order_counter",
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_work_order_counter_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("jurisdiction_id", "year", name=op.f("pk_work_order_counter")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_api_token_membership_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_membership_id"), "api_token", ["membership_id"], unique=False)
    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("descriptions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("keywords", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("icon", sa.Text(), server_default="circle-help", nullable=False),
        sa.Column("questions", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("delay_hours", sa.Integer(), nullable=True),
        sa.Column("photo_to_finish", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "body_id"],
            ["body.jurisdiction_id", "body.id"],
            name=op.f("fk_category_jurisdiction_id_body_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "group_id"],
            ["category_group.jurisdiction_id", "category_group.id"],
            name=op.f("fk_category_jurisdiction_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_category_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("jurisdiction_id", "code", name=op.f("uq_category_jurisdiction_id_code")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_category_jurisdiction_id_id")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="mail", nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("status", sa.Text(), server_default="owed", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('mail')", name=op.f("ck_message_channel")),
        sa.CheckConstraint(
            "contact_id IS NULL OR recipient = 'contact:' || contact_id",
            name=op.f("ck_message_recipient_is_contact"),
        ),
        sa.CheckConstraint("status IN ('owed', 'sent', 'dead', 'dropped')", name=op.f("ck_message_status")),
        sa.CheckConstraint(
            "user_id IS NULL OR recipient = 'user:' || user_id", name=op.f("ck_message_recipient_is_user")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_message_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_message_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_message_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "source", "recipient", "channel", name=op.f("uq_message_source_recipient_channel")
        ),
    )
    op.create_index(
        "ix_message_dead",
        "message",
        ["jurisdiction_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'dead'"),
    )
    op.create_index(op.f("ix_message_jurisdiction_id_id"), "message", ["jurisdiction_id", "id"], unique=False)
    op.create_index(
        "ix_message_owed",
        "message",
        ["channel", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'owed'"),
    )
    op.create_index(
        "ix_message_owed_recipient",
        "message",
        ["recipient", "channel", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'owed'"),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "team_id"],
            ["team.jurisdiction_id", "team.id"],
            name=op.f("fk_team_member_jurisdiction_id_team_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_team_member_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_team_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_user_id"), "team_member", ["user_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=True),
        sa.Column("in_charge_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="received", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "location",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("answers", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("cover_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('alentour'::regconfig, reference || ' ' || address || ' ' || description)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "door IN ('web', 'api', 'desk', 'field', 'phone', 'import', 'system')",
            name=op.f("ck_report_door"),
        ),
        sa.CheckConstraint(
            "status IN ('received', 'acknowledged', 'waiting', 'planned', 'in_progress', 'resolved', 'rejected', 'transferred', 'merged')",
            name=op.f("ck_report_status"),
        ),
        sa.ForeignKeyConstraint(["cover_id"], ["photo.id"], name=op.f("fk_report_cover_id")),
        sa.ForeignKeyConstraint(["in_charge_id"], ["jurisdiction.id"], name=op.f("fk_report_in_charge_id")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "body_id"],
            ["body.jurisdiction_id", "body.id"],
            name=op.f("fk_report_jurisdiction_id_body_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "category_id"],
            ["category.jurisdiction_id", "category.id"],
            name=op.f("fk_report_jurisdiction_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_report_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_report_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["merged_into_id"], ["report.id"], name=op.f("fk_report_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "jurisdiction_id", "external_id", name=op.f("uq_report_jurisdiction_id_external_id")
        ),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_report_jurisdiction_id_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_report_reference")),
    )
    op.create_index(
        "ix_report_category_newest",
        "report",
        [
            "jurisdiction_id",
            "category_id",
            sa.literal_column("received_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_report_contact",
        "report",
        ["contact_id"],
        unique=False,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_index(
        "ix_report_in_charge",
        "report",
        ["in_charge_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("in_charge_id <> jurisdiction_id"),
    )
    op.create_index(
        "ix_report_late",
        "report",
        ["jurisdiction_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('received', 'acknowledged', 'waiting', 'planned', 'in_progress', 'transferred')"
        ),
    )
    op.create_index("ix_report_location", "report", ["location"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_report_merged",
        "report",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "ix_report_newest",
        "report",
        ["jurisdiction_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_report_priority",
        "report",
        ["jurisdiction_id", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text(
            "priority = 2 AND status IN ('received', 'acknowledged', 'waiting', 'planned', 'in_progress', 'transferred')"
        ),
    )
    op.create_index("ix_report_search", "report", ["search"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_report_status_newest",
        "report",
        ["jurisdiction_id", "status", sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_report_updated",
        "report",
        ["jurisdiction_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "route",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("sector_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "category_id"],
            ["category.jurisdiction_id", "category.id"],
            name=op.f("fk_route_jurisdiction_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "sector_id"],
            ["sector.jurisdiction_id", "sector.id"],
            name=op.f("fk_route_jurisdiction_id_sector_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "team_id"],
            ["team.jurisdiction_id", "team.id"],
            name=op.f("fk_route_jurisdiction_id_team_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_route_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
        sa.UniqueConstraint(
            "jurisdiction_id",
            "category_id",
            "sector_id",
            name=op.f("uq_route_jurisdiction_id_category_id_sector_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "work_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="final", nullable=False),
        sa.Column("status", sa.Text(), server_default="ready", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), server_default="", nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "location",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_day", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('making_safe', 'temporary', 'final', 'inspection', 'preventive')",
            name=op.f("ck_work_order_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'awaiting_approval', 'ready', 'scheduled', 'in_progress', 'on_hold', 'done', 'verified', 'cancelled')",
            name=op.f("ck_work_order_status"),
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["user.id"], name=op.f("fk_work_order_agent_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_work_order_created_by_id")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "category_id"],
            ["category.jurisdiction_id", "category.id"],
            name=op.f("fk_work_order_jurisdiction_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "team_id"],
            ["team.jurisdiction_id", "team.id"],
            name=op.f("fk_work_order_jurisdiction_id_team_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_work_order_jurisdiction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
        sa.UniqueConstraint("jurisdiction_id", "id", name=op.f("uq_work_order_jurisdiction_id_id")),
        sa.UniqueConstraint("jurisdiction_id", "number", name=op.f("uq_work_order_jurisdiction_id_number")),
    )
    op.create_index(
        "ix_work_order_agent_day",
        "work_order",
        ["agent_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('scheduled', 'in_progress', 'on_hold')"),
    )
    op.create_index(
        "ix_work_order_category",
        "work_order",
        [
            "jurisdiction_id",
            "category_id",
            sa.literal_column("created_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index(
        "ix_work_order_day",
        "work_order",
        ["jurisdiction_id", "team_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('scheduled', 'in_progress', 'on_hold')"),
    )
    op.create_index("ix_work_order_finished", "work_order", ["jurisdiction_id", "finished_at"], unique=False)
    op.create_index(
        "ix_work_order_location", "work_order", ["location"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "ix_work_order_newest",
        "work_order",
        ["jurisdiction_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_work_order_status",
        "work_order",
        ["jurisdiction_id", "status", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_work_order_team",
        "work_order",
        ["jurisdiction_id", "team_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_work_order_updated",
        "work_order",
        ["jurisdiction_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "follower",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="mail", nullable=False),
        sa.Column("locale", sa.Text(), server_default="fr", nullable=False),
        sa.Column("author", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('mail')", name=op.f("ck_follower_channel")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "contact_id"],
            ["contact.jurisdiction_id", "contact.id"],
            name=op.f("fk_follower_jurisdiction_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_follower_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_follower_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint(
            "report_id", "contact_id", "channel", name=op.f("uq_follower_report_id_contact_id_channel")
        ),
    )
    op.create_index(op.f("ix_follower_contact_id"), "follower", ["contact_id"], unique=False)
    op.create_table(
        "report_event",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("public", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("words_id", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "door IN ('web', 'api', 'desk', 'field', 'phone', 'import', 'system')",
            name=op.f("ck_report_event_door"),
        ),
        sa.CheckConstraint(
            "kind IN ('received', 'planned', 'day_changed', 'resolved', 'rejected', 'merged', 'transferred', 'reopened', 'question', 'acknowledged', 'category_changed', 'place_changed', 'noted', 'joined', 'work_made', 'made_safe', 'started', 'held', 'resumed', 'work_cancelled', 'work_finished', 'photo_added', 'imported')",
            name=op.f("ck_report_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "words_id"],
            ["words.jurisdiction_id", "words.id"],
            name=op.f("fk_report_event_jurisdiction_id_words_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_report_event_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_event_report_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_report_event_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_event")),
    )
    op.create_index(op.f("ix_report_event_report_id_id"), "report_event", ["report_id", "id"], unique=False)
    op.create_table(
        "report_photo",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), server_default="seen", nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('seen', 'repair')", name=op.f("ck_report_photo_role")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_report_photo_photo_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_photo_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "photo_id", name=op.f("pk_report_photo")),
    )
    op.create_index(op.f("ix_report_photo_photo_id"), "report_photo", ["photo_id"], unique=False)
    op.create_table(
        "report_sector",
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("sector_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "report_id"],
            ["report.jurisdiction_id", "report.id"],
            name=op.f("fk_report_sector_jurisdiction_id_report_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "sector_id"],
            ["sector.jurisdiction_id", "sector.id"],
            name=op.f("fk_report_sector_jurisdiction_id_sector_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "sector_id", name=op.f("pk_report_sector")),
    )
    op.create_index(
        "ix_report_sector_newest",
        "report_sector",
        ["sector_id", sa.literal_column("received_at DESC"), sa.literal_column("report_id DESC")],
        unique=False,
    )
    op.create_table(
        "triage",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("routed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "team_id"],
            ["team.jurisdiction_id", "team.id"],
            name=op.f("fk_triage_jurisdiction_id_team_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_triage_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_triage_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_triage")),
    )
    op.create_table(
        "work_order_event",
        sa.Column("work_order_id", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("public", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("words_id", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("jurisdiction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "door IN ('web', 'api', 'desk', 'field', 'phone', 'import', 'system')",
            name=op.f("ck_work_order_event_door"),
        ),
        sa.CheckConstraint(
            "kind IN ('made', 'approved', 'assigned', 'scheduled', 'announced', 'started', 'held', 'resumed', 'refused', 'finished', 'verified', 'returned', 'cancelled', 'noted', 'changed', 'report_added', 'report_removed')",
            name=op.f("ck_work_order_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id", "words_id"],
            ["words.jurisdiction_id", "words.id"],
            name=op.f("fk_work_order_event_jurisdiction_id_words_id"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_work_order_event_jurisdiction_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_work_order_event_user_id")),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["work_order.id"], name=op.f("fk_work_order_event_work_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_event")),
        sa.UniqueConstraint(
            "work_order_id", "client_key", name=op.f("uq_work_order_event_work_order_id_client_key")
        ),
    )
    op.create_index(
        op.f("ix_work_order_event_work_order_id_id"),
        "work_order_event",
        ["work_order_id", "id"],
        unique=False,
    )
    op.create_table(
        "work_order_photo",
        sa.Column("work_order_id", sa.BigInteger(), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), server_default="after", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('before', 'after')", name=op.f("ck_work_order_photo_role")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_work_order_photo_photo_id")),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
            name=op.f("fk_work_order_photo_work_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("work_order_id", "photo_id", name=op.f("pk_work_order_photo")),
    )
    op.create_index(op.f("ix_work_order_photo_photo_id"), "work_order_photo", ["photo_id"], unique=False)
    op.create_table(
        "work_order_report",
        sa.Column("work_order_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_work_order_report_report_id")),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
            name=op.f("fk_work_order_report_work_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("work_order_id", "report_id", name=op.f("pk_work_order_report")),
    )
    op.create_index(op.f("ix_work_order_report_report_id"), "work_order_report", ["report_id"], unique=False)
    op.execute(GUARD)
    for table in HISTORIES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION alentour_append_only()"
        )


def downgrade() -> None:
    op.drop_table("work_order_report")
    op.drop_table("work_order_photo")
    op.drop_table("work_order_event")
    op.drop_table("triage")
    op.drop_table("report_sector")
    op.drop_table("report_photo")
    op.drop_table("report_event")
    op.drop_table("follower")
    op.drop_table("work_order")
    op.drop_table("route")
    op.drop_table("report")
    op.drop_table("team_member")
    op.drop_table("message")
    op.drop_table("category")
    op.drop_table("api_token")
    op.drop_table("work_order_counter")
    op.drop_table("words")
    op.drop_table("team")
    op.drop_table("sector")
    op.drop_table("photo")
    op.drop_table("membership")
    op.drop_table("map_delta")
    op.drop_table("map_count")
    op.drop_table("idempotency_key")
    op.drop_table("contact")
    op.drop_table("category_group")
    op.drop_table("body")
    op.drop_table("user")
    op.drop_table("jurisdiction")
    op.execute("DROP FUNCTION alentour_append_only()")
    op.execute("DROP TEXT SEARCH CONFIGURATION alentour")
