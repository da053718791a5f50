"""A report as a few lines of plain text, for a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..learning.words import between, count, number, percent

_MARKS = {"good": "+", "warning": "!", "bad": "x"}
#: A label longer than this is cut in the table.
_LABEL = 28


def summary(report: Mapping[str, Any]) -> str:
    """Returns what matters of a report in lines of about 80 characters, no newline at the end.

    Args:
        report: made by `learning.report.build`.
    """
    judged = report["test"] or report["validation"]
    kind = "test" if report["test"] else "validation"
    lines = [_headline(report, judged, kind)]
    if judged and judged["n"] and not report["is_regression"]:
        lines += ["", *_classes(judged)]
    if report["diagnosis"]:
        lines.append("")
        for found in report["diagnosis"]:
            lines += _wrapped(f"{_MARKS[found['level']]} {found['text']} {found['advice']}".strip())
    return "\n".join(lines)


def _headline(report: Mapping[str, Any], judged: Mapping[str, Any] | None, kind: str) -> str:
    if not judged or not judged["n"]:
        return f"{report['name']}: not judged, no pictures were kept for it"
    of = count(judged["n"], f"{kind} picture")
    if report["is_regression"]:
        ends = judged["mean_absolute_error_interval"]
        range_ = f" ({number(ends[0])} to {number(ends[1])})" if ends else ""
        return (
            f"{report['name']}: off by {number(judged['mean_absolute_error'])}{range_} on average"
            f" on {of}; always the middle: {number(judged['baseline_error'])}"
        )
    return (
        f"{report['name']}: {judged['correct']:,} of {of} right, {percent(judged['accuracy'])}"
        f" ({between(judged['interval'])})"
    )


def _classes(judged: Mapping[str, Any]) -> list[str]:
    """Returns the table of the classes."""
    rows = judged["per_class"]
    width = min(_LABEL, max(5, *(len(row["label"]) for row in rows)))
    made = [f"{'class':<{width}}  tested  precision  recall      F1"]
    for row in rows:
        label = row["label"]
        label = label if len(label) <= width else label[: width - 1] + "…"
        made.append(
            f"{label:<{width}}  {row['support']:>6,}  {percent(row['precision']):>9}"
            f"  {percent(row['recall']):>6}  {percent(row['f1']):>6}"
        )
    return made


def _wrapped(text: str, width: int = 80) -> list[str]:
    """Breaks a finding into lines, the later ones indented below its mark."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
