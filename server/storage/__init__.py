"""Projects, jobs and classifiers in a database; pictures, sounds, classifiers by SHA-256."""

from __future__ import annotations

from .assets import AssetStore
from .blobs import BlobStore
from .classifiers import ClassifierStore
from .database import Database, StorageError
from .jobs import JobStore
from .phones import PhoneStore
from .projects import Projects
from .samples import NewSample
from .vectors import Vectors

__all__ = [
    "AssetStore",
    "BlobStore",
    "ClassifierStore",
    "Database",
    "JobStore",
    "NewSample",
    "PhoneStore",
    "Projects",
    "StorageError",
    "Vectors",
]
