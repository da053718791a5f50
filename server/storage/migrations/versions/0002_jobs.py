"""Jobs, what they have told, and the classifiers that they made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "classifier",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36)),
        sa.Column("job_id", sa.String(36)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("report", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_classifier"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_classifier_project_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_classifier_project_id_created_at", "classifier", ["project_id", "created_at"]
    )
    op.create_index("ix_classifier_sha256", "classifier", ["sha256"])
    op.create_table(
        "job",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36)),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("recipe", sa.String(100)),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("format", sa.String(40)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("phase", sa.String(20)),
        sa.Column("fraction", sa.Float, nullable=False),
        sa.Column("seconds_left", sa.Float),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("problem", sa.JSON),
        sa.Column("classifier_id", sa.String(36)),
        sa.Column("accuracy", sa.Float),
        sa.Column("interval", sa.JSON),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_job_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["job.id"], name="fk_job_parent_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["classifier_id"],
            ["classifier.id"],
            name="fk_job_classifier_id",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_job_project_id_created_at", "job", ["project_id", "created_at"])
    op.create_index("ix_job_parent_id", "job", ["parent_id"])
    op.create_index("ix_job_state", "job", ["state"])
    op.create_table(
        "job_event",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "sequence", name="pk_job_event"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name="fk_job_event_job_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in ("job_event", "job", "classifier"):
        op.drop_table(table)
