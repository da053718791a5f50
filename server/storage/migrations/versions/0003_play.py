"""Scores, outputs' files and addresses, phones, and who showed a sample."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _project_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id"], ["project.id"], name=f"fk_{table}_project_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Makes the tables and the column."""
    op.add_column("sample", sa.Column("contributor", sa.String(40)))
    op.create_table(
        "score",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("game", sa.String(20), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("controller", sa.String(20), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_score"),
        _project_key("score"),
    )
    op.create_index("ix_score_project_id_game_score", "score", ["project_id", "game", "score"])
    op.create_table(
        "asset",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("mime", sa.String(100), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asset"),
        _project_key("asset"),
    )
    op.create_index("ix_asset_project_id_created_at", "asset", ["project_id", "created_at"])
    op.create_index("ix_asset_sha256", "asset", ["sha256"])
    op.create_table(
        "hook",
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("class_id", sa.String(36), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "class_id", name="pk_hook"),
        sa.ForeignKeyConstraint(
            ["project_id", "class_id"],
            ["label.project_id", "label.id"],
            name="fk_hook_project_id_class_id",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "phone",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("player", sa.Integer),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_phone"),
        sa.UniqueConstraint("secret_sha256", name="uq_phone_secret_sha256"),
        _project_key("phone"),
    )
    op.create_index("ix_phone_project_id", "phone", ["project_id"])


def downgrade() -> None:
    """Takes them back."""
    for table in ("phone", "hook", "asset", "score"):
        op.drop_table(table)
    # Not in a batch, which makes the table anew: with the old one SQLite would delete what refers
    # to its rows.
    op.drop_column("sample", "contributor")
