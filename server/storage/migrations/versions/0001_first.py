"""First tables: projects, labels, samples, embeddings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "project",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("backbone", sa.String(100), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("next_position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_project"),
    )
    op.create_index("ix_project_changed_at", "project", ["changed_at"])
    op.create_table(
        "label",
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_label"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_label_project_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("project_id", "label", name="uq_label_project_id_label"),
    )
    op.create_table(
        "sample",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("class_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("burst", sa.String(100)),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sample"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_sample_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "class_id"],
            ["label.project_id", "label.id"],
            name="fk_sample_project_id_class_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_sample_project_id_created_at_position",
        "sample",
        ["project_id", "created_at", "position"],
    )
    op.create_index(
        "ix_sample_project_id_class_id_created_at_position",
        "sample",
        ["project_id", "class_id", "created_at", "position"],
    )
    op.create_index("ix_sample_sha256", "sample", ["sha256"])
    op.create_table(
        "embedding",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "fingerprint", name="pk_embedding"),
    )
    op.create_table(
        "sample_vector",
        sa.Column("sample_id", sa.String(36), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sample_id", name="pk_sample_vector"),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["sample.id"], name="fk_sample_vector_sample_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Removes the tables and all that was taught."""
    for table in ("sample_vector", "embedding", "sample", "label", "project"):
        op.drop_table(table)
