"""Pictures and sounds of a project's outputs: rows, and files in a store of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ..errors import Problem
from .blobs import BlobStore
from .database import Database
from .reading import chunks, locked_project_row, project_row
from .tables import asset, project
from .values import iso, new_id, now_ms


@dataclass(frozen=True)
class NewAsset:
    """A file to keep.

    Attributes:
        name: what the person calls it, at most 200 characters.
        mime: its media type, told from its bytes.
        data: all of it.
        id: a UUID; made here where None.
    """

    name: str
    mime: str
    data: bytes
    id: str | None = None


def no_asset(asset_id: str) -> Problem:
    """Says that there is no such file."""
    return Problem("not-found", f"There is no file {asset_id!r}.", received=asset_id)


def named_in(settings: Mapping[str, Any]) -> set[str]:
    """Returns the ids of the files that a project's outputs name."""
    outputs = settings.get("outputs") or {}
    entries = [output for of_class in outputs.values() for output in of_class]
    return {output["asset"] for output in entries if isinstance(output.get("asset"), str)}


def hand_over(
    connection: Connection, project_id: str, ids: Sequence[str] | None = None
) -> set[str]:
    """Gives files that are about to go to another project whose outputs name them too.

    A copy of a project names the files of the one that it was made from.

    Args:
        connection: inside a write transaction.
        project_id: which loses files.
        ids: those that it loses; None for all.

    Returns:
        The ids of those that stay.
    """
    mine = asset.c.project_id == project_id
    if ids is not None:
        mine &= asset.c.id.in_(ids)
    left = set(connection.execute(select(asset.c.id).where(mine)).scalars())
    kept: set[str] = set()
    if not left:
        return kept
    others = select(project.c.id, project.c.settings).where(project.c.id != project_id)
    for other in connection.execute(others.order_by(project.c.created_at, project.c.id)).all():
        wanted = named_in(other.settings) & left
        if wanted:
            change = update(asset).where(asset.c.id.in_(wanted)).values(project_id=other.id)
            connection.execute(change)
            left -= wanted
            kept |= wanted
    return kept


class AssetStore:
    """Reads, keeps and deletes the files that outputs show and play.

    Args:
        database: where rows are.
        blobs: where the bytes are; nothing else is in it.
        most: files of one project.
    """

    def __init__(self, database: Database, blobs: BlobStore, most: int = 100):
        self.database = database
        self.blobs = blobs
        self.most = most

    def add(self, project_id: str, files: Sequence[NewAsset]) -> list[dict[str, Any]]:
        """Keeps files, all or none; one whose id is there already is answered with what is there.

        Returns:
            What the API shows of them, in the order given.

        Raises:
            OSError: the disk is full; nothing was kept.
            Problem: no such project; too many files; an id belongs to something else.
        """
        with self.database.read() as connection:  # refuse early, before anything is stored
            project_row(connection, project_id)
        hashes: list[str] = []
        ids = [file.id or new_id() for file in files]
        try:
            self.blobs.put((file.data for file in files), hashes)
            with self.database.write() as connection:
                # The same request sent twice at once must find what the other has added.
                locked_project_row(connection, project_id)
                for file, identity, sha256 in zip(files, ids, hashes, strict=True):
                    self._insert(connection, project_id, file, identity, sha256)
        except BaseException:
            self._forget(hashes)
            raise
        for file, sha256 in zip(files, hashes, strict=True):
            if not self.blobs.has(sha256):  # a deletion at this moment; see BlobStore.remove
                self.blobs.put([file.data])
        return [self.get(identity) for identity in ids]

    def _insert(
        self, connection: Connection, project_id: str, file: NewAsset, identity: str, sha256: str
    ) -> None:
        there = connection.execute(select(asset).where(asset.c.id == identity)).first()
        if there is not None:
            if (there.project_id, there.sha256) == (project_id, sha256):
                return
            raise Problem(
                "conflict",
                f"There is another file with the id {identity!r}.",
                received=identity,
                hint="Leave the id out.",
            )
        count = select(func.count()).where(asset.c.project_id == project_id)
        if connection.execute(count).scalar_one() >= self.most:
            raise Problem(
                "too-large",
                f"The project has {self.most} files already.",
                expected=f"at most {self.most} files",
                hint="Delete files that no class uses any more.",
            )
        connection.execute(
            insert(asset).values(
                id=identity,
                project_id=project_id,
                name=file.name,
                mime=file.mime,
                sha256=sha256,
                bytes=len(file.data),
                created_at=now_ms(),
            )
        )

    def get(self, asset_id: str) -> dict[str, Any]:
        """Returns what the API shows of a file.

        Raises:
            Problem: it does not exist.
        """
        return _as_asset(self.row(asset_id))

    def row(self, asset_id: str) -> Row:
        """Returns the row of a file; raises like `get`."""
        with self.database.read() as connection:
            row = connection.execute(select(asset).where(asset.c.id == asset_id)).first()
        if row is None:
            raise no_asset(asset_id)
        return row

    def list(self, project_id: str) -> list[dict[str, Any]]:
        """Returns a project's files in the order they came.

        Raises:
            Problem: there is no such project.
        """
        with self.database.read() as connection:
            project_row(connection, project_id)
            query = select(asset).where(asset.c.project_id == project_id)
            rows = connection.execute(query.order_by(asset.c.created_at, asset.c.id))
            return [_as_asset(row) for row in rows]

    def used_by(self, project_id: str, settings: Mapping[str, Any]) -> list[Row]:
        """Returns a project's files, then those of others that its outputs name; see `hand_over`.

        Raises:
            Problem: there is no such project.
        """
        order = (asset.c.project_id != project_id, asset.c.created_at, asset.c.id)
        with self.database.read() as connection:
            project_row(connection, project_id)
            condition = (asset.c.project_id == project_id) | asset.c.id.in_(named_in(settings))
            return list(connection.execute(select(asset).where(condition).order_by(*order)))

    def read(self, asset_id: str) -> bytes:
        """Returns the bytes of a file; raises like `get`, and FileNotFoundError."""
        return self.blobs.read(self.row(asset_id).sha256)

    def delete(self, asset_id: str) -> None:
        """Deletes a file; one that another project's outputs name goes to that project instead.

        Raises:
            Problem: it does not exist.
        """
        row = self.row(asset_id)
        with self.database.write() as connection:
            if hand_over(connection, row.project_id, [asset_id]):
                return
            connection.execute(delete(asset).where(asset.c.id == asset_id))
        self._forget([row.sha256])

    def _forget(self, hashes: Sequence[str]) -> None:
        for sha256 in set(hashes):
            self.blobs.remove(sha256, self.used)

    def used(self, sha256: str) -> bool:
        """Tells whether a committed row has that file."""
        with self.database.read() as connection:
            query = select(asset.c.id).where(asset.c.sha256 == sha256).limit(1)
            return connection.execute(query).first() is not None

    def orphans(self) -> Sequence[str]:
        """Returns the hashes of files that no row seems to have."""
        left: Sequence[str] = []
        for part in chunks([*self.blobs.hashes()]):
            with self.database.read() as connection:
                query = select(asset.c.sha256).where(asset.c.sha256.in_(part))
                used = set(connection.execute(query).scalars())
            left = [*left, *(sha256 for sha256 in part if sha256 not in used)]
        return left

    def drop_orphans(self) -> None:
        """Removes the files that went with their project."""
        self._forget(self.orphans())


def _as_asset(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "project_id": row.project_id,
        "name": row.name,
        "mime": row.mime,
        "bytes": row.bytes,
        "created_at": iso(row.created_at),
        "url": f"/api/v1/assets/{row.id}/file",
    }
