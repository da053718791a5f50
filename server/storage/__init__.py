"""Projects in a database, pictures as files named by their SHA-256."""

from __future__ import annotations

from .blobs import BlobStore
from .database import Database, StorageError
from .projects import Projects
from .samples import NewSample
from .vectors import Vectors

__all__ = ["BlobStore", "Database", "NewSample", "Projects", "StorageError", "Vectors"]
