"""Archives that lie, climb, explode or break off are refused; good ones are read."""

import io
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.formats.archive import Archive, ArchiveLimits, is_litter
from server.learning.errors import InputError


def archive_of(tmp_path, *entries, compression=zipfile.ZIP_DEFLATED):
    """Writes a zip of (name or ZipInfo, bytes)."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in entries:
            file.writestr(name, data)
    return path


def refused(path, limits=None):
    with pytest.raises(InputError) as caught, Archive(path, limits or ArchiveLimits()) as archive:
        for name in archive:
            archive.read(name)
    assert caught.value.title and caught.value.detail
    return caught.value


def test_files_come_out_as_they_went_in(tmp_path):
    path = archive_of(tmp_path, ("a/1.jpg", b"one"), ("b/", b""), ("b/2.jpg", b"two" * 1000))
    with Archive(path) as archive:
        assert list(archive) == archive.names() == ["a/1.jpg", "b/2.jpg"]
        assert archive.read("b/2.jpg") == b"two" * 1000
        assert "a/1.jpg" in archive and "b/" not in archive
        with pytest.raises(InputError, match="has no c"):
            archive.read("c")


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg",
        "a/../../evil.jpg",
        "/etc/passwd",
        "C:/evil.jpg",
        "..\\evil.jpg",
        "a/..",
        "\\x",
    ],
)
def test_path_that_leads_out_is_refused(tmp_path, name):
    assert refused(archive_of(tmp_path, (name, b"x"))).kind == "invalid"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_occurs_twice_is_refused(tmp_path):
    assert "twice" in refused(archive_of(tmp_path, ("a", b"1"), ("a", b"2"))).detail


def test_backslashes_are_folders_and_cannot_hide_a_repeated_name(tmp_path):
    with Archive(archive_of(tmp_path, ("a\\1.jpg", b"x"))) as archive:
        assert archive.names() == ["a/1.jpg"]
    assert "twice" in refused(archive_of(tmp_path, ("a\\1", b"1"), ("a/1", b"2"))).detail


def test_link_is_refused(tmp_path):
    info = zipfile.ZipInfo("a.jpg")
    info.external_attr = 0o120777 << 16
    assert "link" in refused(archive_of(tmp_path, (info, b"/etc/passwd"))).detail


def test_thousandfold_inflation_is_refused_by_its_own_claim(tmp_path):
    path = archive_of(tmp_path, ("bomb.jpg", b"\0" * 20_000_000))
    assert path.stat().st_size < 25_000
    begun = time.process_time()
    assert refused(path).kind == "too-large"
    assert time.process_time() - begun < 1


def patched(path, offset_in_directory, form, value):
    """Overwrites a number in the first entry of the directory."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(b"PK\x01\x02") + offset_in_directory, value)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("claim", [0, 10, 999_999, 2_000_001])
def test_lie_about_the_unpacked_size_is_found(tmp_path, claim):
    path = archive_of(tmp_path, ("bomb.jpg", b"\0" * 2_000_000))
    refused(patched(path, 24, "<I", claim))


def test_lie_about_the_packed_size_is_found(tmp_path):
    path = archive_of(tmp_path, ("a.jpg", bytes(range(256)) * 100), ("b.jpg", b"x"))
    refused(patched(path, 20, "<I", 5))


def test_wrong_checksum_is_found(tmp_path):
    refused(patched(archive_of(tmp_path, ("a.jpg", b"abc")), 16, "<I", 1))


def test_encrypted_archive_is_named(tmp_path):
    error = refused(patched(archive_of(tmp_path, ("a.jpg", b"abc")), 8, "<H", 1))
    assert "password" in error.hint


def test_unusual_packing_is_named(tmp_path):
    path = archive_of(tmp_path, ("a.jpg", b"abc"), compression=zipfile.ZIP_LZMA)
    assert "ordinary zip" in refused(path).hint


def test_totals_and_counts_are_bounded(tmp_path):
    entries = [(f"{i}.jpg", b"x" * 1000) for i in range(30)]
    path = archive_of(tmp_path, *entries)
    assert refused(path, ArchiveLimits(entries=29)).kind == "too-large"
    assert refused(path, ArchiveLimits(total_bytes=29_999)).kind == "too-large"
    assert refused(path, ArchiveLimits(entry_bytes=999)).kind == "too-large"
    with Archive(path, ArchiveLimits(entries=30, total_bytes=30_000, entry_bytes=1000)) as archive:
        assert len(archive.names()) == 30


def many_entries(count, claimed):
    """Builds by hand a zip of empty files whose end record claims another number of them."""
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 6, 0)
    central = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, *[0] * 3, 6, *[0] * 6)
    names = [b"%06x" % i for i in range(count)]
    body = local + b"000000"
    directory = b"".join(central + name for name in names)
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, claimed, claimed, len(directory), len(body), 0
    )
    return body + directory + end


@pytest.mark.parametrize("claimed", [100_000 % 65_536, 1, 65_534])
def test_a_hundred_thousand_entries_are_refused_soon_whatever_is_claimed(tmp_path, claimed):
    path = tmp_path / "many.zip"
    path.write_bytes(many_entries(100_000, claimed))
    begun = time.process_time()
    assert refused(path).kind == "too-large"
    assert time.process_time() - begun < 5


def test_honest_count_of_a_hundred_thousand_is_refused_before_the_entries_are_read(tmp_path):
    data = many_entries(1000, 0xFFFF)[:-22]
    # ZIP64, as programs write it from 65,535 entries on: a record, where it is, the usual end.
    record = struct.pack(
        "<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *[100_000] * 2, 5_200_000, 36
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(data), 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    (tmp_path / "many.zip").write_bytes(data + record + locator + end)
    error = refused(tmp_path / "many.zip")
    assert error.kind == "too-large" and "100,000 files" in error.detail


@pytest.mark.parametrize("part", [0, 3, 0.3, 0.9, -1])
def test_cut_off_archive_is_named(tmp_path, part):
    path = archive_of(tmp_path, *[(f"{i}", b"abc" * i) for i in range(9)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)] if 0 < part < 1 else data[:part])
    assert refused(path).kind == "invalid"


def test_names_in_utf8_without_saying_so_are_read(tmp_path):
    path = archive_of(tmp_path, ("Käse/1.jpg", b"x"))
    data = bytearray(path.read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(magic) + flags, 0)
    path.write_bytes(data)
    with Archive(path) as archive:
        assert archive.names() == ["Käse/1.jpg"] and archive.read("Käse/1.jpg") == b"x"


def test_names_in_no_encoding_at_all_do_not_crash(tmp_path):
    path = archive_of(tmp_path, ("Käse/1.jpg", b"x"))
    path.write_bytes(path.read_bytes().replace("ä".encode(), b"\xff\xfe"))
    assert refused(path).kind == "invalid"


def test_what_systems_leave_behind_is_not_seen(tmp_path):
    litter = ["__MACOSX/a/._1.jpg", "a/.DS_Store", "a/Thumbs.db", ".git/config", "a/._1.jpg"]
    assert all(map(is_litter, litter)) and not is_litter("a/b.c/1.jpg")
    with Archive(archive_of(tmp_path, *[(n, b"") for n in litter], ("a/1.jpg", b"x"))) as archive:
        assert archive.names() == ["a/1.jpg"]


SEED = io.BytesIO()
with zipfile.ZipFile(SEED, "w", zipfile.ZIP_DEFLATED) as _file:
    _file.writestr("project.json", b'{"format": "showtell"}' * 20)
    _file.writestr("samples/1.jpg", bytes(range(200)))
    _file.comment = b"comment"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bytes_give_the_files_or_an_input_error(tmp_path_factory, data):
    bent = bytearray(SEED.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "bent.zip"
    path.write_bytes(bent)
    try:
        with Archive(path) as archive:
            for name in archive:
                content = archive.read(name)
                assert zlib.crc32(content) == archive._entries[name].CRC
    except InputError as error:
        assert error.title
