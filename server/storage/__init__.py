"""Projects, jobs and classifiers in a database; pictures and classifiers as files by SHA-256."""

from __future__ import annotations

from .blobs import BlobStore
from .classifiers import ClassifierStore
from .database import Database, StorageError
from .jobs import JobStore
from .projects import Projects
from .samples import NewSample
from .vectors import Vectors

__all__ = [
    "BlobStore",
    "ClassifierStore",
    "Database",
    "JobStore",
    "NewSample",
    "Projects",
    "StorageError",
    "Vectors",
]
