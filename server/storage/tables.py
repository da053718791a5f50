"""The tables, in types that every database has. Times are milliseconds since 1970, UTC."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

#: The newest migration. A database at this revision needs no Alembic at start.
HEAD = "0003"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

project = Table(
    "project",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("backbone", String(100), nullable=False),
    Column("settings", JSON, nullable=False),
    # Numbers samples in the order they came; never reused, so that the order survives deletions.
    Column("next_position", Integer, nullable=False),
    Index(None, "changed_at"),
)

label = Table(
    "label",
    metadata,
    Column(
        "project_id", String(36), ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("id", String(36), primary_key=True),
    Column("label", String(100), nullable=False),
    Column("color", String(7), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("project_id", "label"),
)

sample = Table(
    "sample",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), nullable=False),
    Column("class_id", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("burst", String(100)),
    Column("source", String(20), nullable=False),
    # Null for an example that came as a vector, without its picture.
    Column("sha256", String(64)),
    Column("bytes", Integer, nullable=False),
    # Who showed it, where it came from a phone that teaches along; null: the project's own page.
    Column("contributor", String(40)),
    ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["project_id", "class_id"], ["label.project_id", "label.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "created_at", "position"),
    Index(None, "project_id", "class_id", "created_at", "position"),
    Index(None, "sha256"),
)

embedding = Table(
    "embedding",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

sample_vector = Table(
    "sample_vector",
    metadata,
    Column("sample_id", String(36), ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

classifier = Table(
    "classifier",
    metadata,
    Column("id", String(36), primary_key=True),
    # Null for one that was imported without a project.
    Column("project_id", String(36), ForeignKey("project.id", ondelete="CASCADE")),
    # The job that made it; no foreign key, because jobs are forgotten before classifiers are.
    Column("job_id", String(36)),
    Column("created_at", BigInteger, nullable=False),
    Column("revision", Integer),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    # What a list shows: name, recipe, classes, backbone, model, accuracy; see storage/classifiers.
    Column("document", JSON, nullable=False),
    Column("report", JSON),
    Index(None, "project_id", "created_at"),
    Index(None, "sha256"),
)

job = Table(
    "job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("project.id", ondelete="CASCADE")),
    Column("parent_id", String(36), ForeignKey("job.id", ondelete="CASCADE")),
    Column("kind", String(20), nullable=False),
    Column("recipe", String(100)),
    Column("options", JSON, nullable=False),
    Column("format", String(40)),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("phase", String(20)),
    Column("fraction", Float, nullable=False),
    Column("seconds_left", Float),
    Column("attempt", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("problem", JSON),
    # What a training made, or what an export is made of.
    Column("classifier_id", String(36), ForeignKey("classifier.id", ondelete="SET NULL")),
    Column("accuracy", Float),
    Column("interval", JSON),
    # The number of its newest event.
    Column("sequence", Integer, nullable=False),
    # Somebody has asked for its end; also heard by a server that is started later.
    Column("is_cancelled", Boolean, nullable=False),
    Index(None, "project_id", "created_at"),
    Index(None, "parent_id"),
    Index(None, "state"),
)

job_event = Table(
    "job_event",
    metadata,
    Column("job_id", String(36), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", JSON, nullable=False),
)

score = Table(
    "score",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("project.id", ondelete="CASCADE"), nullable=False),
    Column("game", String(20), nullable=False),
    Column("score", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    # Who played, as they call themselves; and with what: camera, keyboard, phone, ...
    Column("name", String(40), nullable=False),
    Column("controller", String(20), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "project_id", "game", "score"),
)

# Sounds and pictures that a person has chosen for outputs; their bytes are blobs.
asset = Table(
    "asset",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("project.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "project_id", "created_at"),
    Index(None, "sha256"),
)

# Addresses that are told when a class is seen. Not part of a project's settings: a project that
# comes in a file must not bring any along.
hook = Table(
    "hook",
    metadata,
    Column("project_id", String(36), primary_key=True),
    Column("class_id", String(36), primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "class_id"], ["label.project_id", "label.id"], ondelete="CASCADE"
    ),
)

# Phones that were let in for one project. Deleting the row shuts one out.
phone = Table(
    "phone",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("project.id", ondelete="CASCADE"), nullable=False),
    # player: recognises and plays; teacher: adds samples.
    Column("role", String(20), nullable=False),
    Column("player", Integer),
    Column("name", String(40), nullable=False),
    # SHA-256 of the secret in its cookie.
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Index(None, "project_id"),
)
