"""The report in a terminal."""

from __future__ import annotations

import numpy as np
from report_samples import make, make_regression

from server.formats.report_text import summary


def test_summary_starts_with_the_accuracy_and_its_interval():
    report = make(test=((45, 5), (5, 45)))
    assert summary(report).splitlines()[0] == (
        "Zoo: 90 of 100 test pictures right, 90 % (between 83 % and 94 %)"
    )


def test_summary_has_a_row_for_each_class_in_columns():
    lines = summary(
        make(classes=["cat", "a label that is far too long for a terminal"])
    ).splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("class"))
    assert lines[head + 1].split() == ["cat", "50", "90", "%", "90", "%", "90", "%"]
    assert "…" in lines[head + 2]
    assert len({len(line) for line in lines[head : head + 3]}) == 1


def test_summary_ends_with_the_diagnosis_within_80_columns():
    report = make(test=((30, 20), (20, 30)), train=(5, 5), by="moment")
    text = summary(report)
    assert max(map(len, text.splitlines())) <= 80
    joined = " ".join(text.split())
    for found in report["diagnosis"]:
        assert found["text"] in joined
    assert "\nx " in text or "\n! " in text


def test_validation_and_nothing_at_all_are_told_as_such():
    assert "validation pictures right" in summary(make(test=None))
    assert "not judged" in summary(make(test=None, validation=None)).splitlines()[0]


def test_a_regression_is_told_by_its_error():
    report = make_regression([0.5] * 10, np.arange(10.0))
    assert summary(report).splitlines()[0] == (
        "Zoo: off by 0.5 (0.5 to 0.5) on average on 10 test pictures; always the middle: 2.5"
    )
