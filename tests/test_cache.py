"""Embeddings on disk: found again, shared by processes, bounded, and never in anybody's way."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from server.learning import cache as module
from server.learning.cache import FILE_NAME, VERSION, EmbeddingCache, picture_key

ROOT = Path(__file__).resolve().parent.parent
ONE, OTHER = "ab" * 32, "cd" * 32


def vectors(count, size=16, seed=0):
    random = np.random.default_rng(seed)
    rows = random.random((count, size), dtype=np.float32)
    return {picture_key(f"{seed} {i}".encode()): row for i, row in enumerate(rows)}


def same(found, expected):
    return found.keys() == expected.keys() and all(
        np.array_equal(found[key], expected[key]) for key in expected
    )


def test_what_was_kept_is_found_after_closing_and_only_for_its_backbone(tmp_path):
    kept = vectors(700)  # more than one statement holds
    with EmbeddingCache(tmp_path / "new" / "folder") as cache:
        cache.put(ONE, kept)
    with EmbeddingCache(tmp_path / "new" / "folder") as cache:
        assert same(cache.get(ONE, list(kept)), kept)
        assert cache.get(OTHER, list(kept)) == {}
        assert cache.get(ONE, []) == {} and len(cache) == 700 and not cache.problem


def test_nothing_is_made_on_disk_before_it_is_needed(tmp_path):
    EmbeddingCache(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_picture_that_is_kept_again_has_one_row(tmp_path):
    with EmbeddingCache(tmp_path) as cache:
        (key,) = first = vectors(1)
        cache.put(ONE, first)
        cache.put(ONE, {key: np.ones(3, np.float32)})
        assert cache.get(ONE, [key])[key].tolist() == [1, 1, 1] and len(cache) == 1


def test_processes_that_write_at_the_same_time_lose_nothing(tmp_path):
    code = (
        "import sys, pathlib\n"
        "from server.learning.cache import EmbeddingCache\n"
        "from tests.test_cache import ONE, vectors\n"
        "cache = EmbeddingCache(pathlib.Path(sys.argv[1]))\n"
        "for i in range(40):\n"
        "    cache.put(ONE, vectors(3, seed=int(sys.argv[2]) + i))\n"
        "assert not cache.problem, cache.problem\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(seed)], cwd=ROOT)
        for seed in (0, 1000)
    ]
    assert [process.wait(60) for process in started] == [0, 0]
    with EmbeddingCache(tmp_path) as cache:
        assert len(cache) == 2 * 40 * 3
        for seed in (0, 39, 1000, 1039):
            assert same(cache.get(ONE, list(vectors(3, seed=seed))), vectors(3, seed=seed))


def garbage(path):
    path.write_bytes(b"this is no database" * 1000)


def cut_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribble(path):
    data = bytearray(path.read_bytes())
    data[4096 : len(data)] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [garbage, cut_off, scribble], ids=lambda f: f.__name__)
def test_a_damaged_file_is_begun_again(tmp_path, damage):
    with EmbeddingCache(tmp_path) as cache:
        cache.put(ONE, vectors(500))
    damage(tmp_path / FILE_NAME)
    with EmbeddingCache(tmp_path) as cache:
        cache.get(ONE, list(vectors(500)))
        cache.put(ONE, vectors(20, seed=1))
        assert same(cache.get(ONE, list(vectors(20, seed=1))), vectors(20, seed=1))
        assert not cache.problem


def test_a_row_of_which_a_bit_has_changed_does_not_count(tmp_path):
    kept = vectors(2)
    with EmbeddingCache(tmp_path) as cache:
        cache.put(ONE, kept)
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        (stored,) = database.execute("SELECT vector FROM vectors LIMIT 1").fetchone()
        changed = bytes([stored[0] ^ 1]) + stored[1:]
        database.execute("UPDATE vectors SET vector = ? WHERE id = 1", [changed])
    database.close()
    with EmbeddingCache(tmp_path) as cache:
        assert list(cache.get(ONE, list(kept))) == list(kept)[1:]


def test_a_file_of_another_version_is_emptied(tmp_path):
    with EmbeddingCache(tmp_path) as cache:
        cache.put(ONE, vectors(3))
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with EmbeddingCache(tmp_path) as cache:
        assert len(cache) == 0
        cache.put(ONE, vectors(3))
        assert len(cache) == 3


def test_where_it_cannot_be_written_it_is_done_without_and_says_so(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with EmbeddingCache(tmp_path / "file") as cache:
        cache.put(ONE, vectors(3))
        assert cache.get(ONE, list(vectors(3))) == {} and len(cache) == 0
        assert "cannot be used" in cache.problem and str(tmp_path) in cache.problem


def test_another_process_that_never_stops_writing_is_not_waited_for_forever(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    kept = vectors(3)
    with EmbeddingCache(tmp_path) as cache:
        cache.put(ONE, kept)
        holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        assert same(cache.get(ONE, list(kept)), kept)  # reading does not wait
        cache.put(ONE, vectors(3, seed=1))
        assert "locked" in cache.problem
        holder.close()


def test_it_stays_within_its_bound_and_forgets_what_was_used_longest_ago(tmp_path):
    with EmbeddingCache(tmp_path, most_bytes=1 << 20) as cache:
        for seed in range(60):
            cache.put(ONE, vectors(50, 256, seed))
        assert (tmp_path / FILE_NAME).stat().st_size < 1.25 * (1 << 20)
        assert 300 < len(cache) < 1000
        assert same(cache.get(ONE, list(vectors(50, 256, 59))), vectors(50, 256, 59))
        assert cache.get(ONE, list(vectors(50, 256, 0))) == {}


def test_what_is_used_now_and_then_stays(tmp_path):
    old = vectors(50, 256, 0)
    with EmbeddingCache(tmp_path, most_bytes=1 << 20) as cache:
        cache.put(ONE, old)
        for seed in range(1, 60):
            cache.put(ONE, vectors(50, 256, seed))
            with sqlite3.connect(cache.path) as database:  # as if a month had gone by
                database.execute("UPDATE vectors SET used = ?", [int(time.time()) - 30 * 24 * 3600])
            database.close()
            assert same(cache.get(ONE, list(old)), old)


def test_a_bound_that_holds_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="1 MiB"):
        EmbeddingCache(tmp_path, most_bytes=1000)
