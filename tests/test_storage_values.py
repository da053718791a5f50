"""Names, labels, colours and times from outside."""

import unicodedata

import pytest

from server.errors import Problem
from server.storage.values import clean_color, clean_id, clean_label, iso, new_id, parse_time


@pytest.mark.parametrize("label", ["a", "10", "Größe 2", "日本語", "👩‍🚀", "x" * 100])
def test_a_label_of_any_script_is_kept(label):
    assert clean_label(label) == label


def test_a_label_is_trimmed_and_composed():
    assert clean_label("  cup \n") == "cup"
    assert clean_label(unicodedata.normalize("NFD", "é")) == "é"


@pytest.mark.parametrize("label", ["", "   ", "x" * 101, "a\0b", "a\nb", "\ud800", 5, None])
def test_a_label_that_cannot_be_used_is_refused_with_what_could(label):
    with pytest.raises(Problem) as problem:
        clean_label(label)
    assert "1 to 100 characters" in problem.value.expected


def test_a_colour_has_six_hexadecimal_digits():
    assert clean_color("#AABBCC") == "#aabbcc"
    for bad in ("red", "#abc", "#gggggg", "aabbcc", None):
        with pytest.raises(Problem):
            clean_color(bad)


def test_an_id_is_a_uuid_in_lower_case():
    assert clean_id(new_id(), "id")
    for bad in (new_id().upper(), new_id().replace("-", ""), "1", ""):
        with pytest.raises(Problem):
            clean_id(bad, "id")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-31T09:30:00.123Z", "2026-01-31T09:30:00.123Z"),
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31T10:30:00.5+01:00", "2026-01-31T09:30:00.500Z"),
        ("2026-01-31T09:30:00", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
    ],
)
def test_a_time_is_read_in_any_offset_and_written_in_utc(text, written):
    assert iso(parse_time(text)) == written


@pytest.mark.parametrize("text", ["", "yesterday", "1969-12-31T23:59:59Z", "2026-13-01"])
def test_a_time_that_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(Problem) as problem:
        parse_time(text)
    assert "2026-01-31T09:30:00.000Z" in problem.value.expected
