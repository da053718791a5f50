"""A report as one HTML file: no script, no network, pictures within; to read, print or send."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from ..learning import words
from ..learning.errors import InputError
from ..learning.pictures import decode_square
from . import report_svg

#: At most so many pictures are in a report, this wide and high.
MAX_PICTURES, SIDE = 150, 112
#: At most so many for a cell of the confusion matrix.
_IN_CELL, _IN_RIGHT_CELL = 12, 4
#: With more classes a matrix cannot be read: its largest mistakes are listed instead.
MAX_MATRIX = 40
#: Kinds of mistakes whose pictures are shown at once.
_OPEN = 6
#: Epochs in the table below the curves, and rows of any other list.
_EPOCHS, _ROWS = 60, 200
_QUALITY = 82

Pictures = Callable[[str], bytes | None]


def write(report: Mapping[str, Any], pictures: Pictures, file: BinaryIO) -> None:
    """Writes a report as an HTML file; see `render`.

    Args:
        report, pictures: see `render`.
        file: open for writing bytes.
    """
    file.write(render(report, pictures).encode("utf-8", "replace"))


def render(report: Mapping[str, Any], pictures: Pictures) -> str:
    """Returns a report as the text of an HTML file.

    Args:
        report: made by `learning.report.build`.
        pictures: returns the picture file of an id, or None where it is not there. Asked for the
            pictures that are shown and no others.
    """
    judged = report["test"] or report["validation"]
    cells = [] if judged is None or report["is_regression"] else list(_cells(report, judged))
    shown = _thumbnails(_wanted(report, judged, cells), pictures)
    page = _environment().get_template("report.html")
    return page.render(
        report=report,
        judged=judged,
        kind="test" if report["test"] else "validation",
        cells=cells,
        pairs=_pairs(cells),
        thumbnails=shown,
        places={id: place for place, id in enumerate(shown)},
        epochs=_spread(report["curves"], _EPOCHS),
        draw=report_svg,
        max_matrix=MAX_MATRIX,
        most_rows=_ROWS,
        most_open=_OPEN,
        side=SIDE,
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "percent": lambda share: _whole(words.percent(share)),
        "between": lambda interval: _whole(words.between(interval)),
        "whole": _whole,
        "number": words.number,
        "count": words.count,
        "duration": duration,
        "size": size,
        "value": value,
    }
    return made


def _whole(text: str) -> str:
    """Keeps a number and its sign on one line."""
    return text.replace(" %", "\u00a0%")


def duration(seconds: float | None) -> str:
    """Writes seconds as a person would."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def size(n: int | None) -> str:
    """Writes a number of bytes as a person would."""
    if n is None:
        return "–"
    return f"{n:,} bytes" if n < 1000 else f"{n / 1e3:.0f} kB" if n < 1e6 else f"{n / 1e6:.1f} MB"


def value(found: Any) -> str:
    """Writes the value of an option or of a table's cell."""
    if found is None:
        return "by itself"
    if isinstance(found, bool):
        return "yes" if found else "no"
    return f"{found:.4g}" if isinstance(found, float) else str(found)


def _spread(entries: list[Any], most: int) -> list[Any]:
    """Returns at most so many entries, evenly spread, the last among them."""
    if len(entries) <= most:
        return entries
    step = -(-len(entries) // most)
    return entries[::-1][::step][::-1]


def _cells(report: Mapping[str, Any], judged: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the cells of the confusion matrix that hold pictures, wrong and full ones first."""
    members: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for item in judged["items"]:
        members.setdefault((item["truth"], item["answer"]), []).append(item)
    matrix, labels = judged["confusion"], report["classes"]
    only_wrong = len(labels) > MAX_MATRIX
    filled = [
        (t, a)
        for t, row in enumerate(matrix)
        for a, n in enumerate(row)
        if n and not (only_wrong and t == a)
    ]
    for truth, answer in sorted(filled, key=lambda at: (at[0] == at[1], -matrix[at[0]][at[1]])):
        items = sorted(members.get((truth, answer), []), key=lambda item: item["truth_score"])
        right = truth == answer
        yield {
            "truth": truth,
            "answer": answer,
            "right": right,
            "n": matrix[truth][answer],
            "title": f"{labels[truth]}, answered right"
            if right
            else f"{labels[truth]}, taken for {labels[answer]}",
            "items": items[: _IN_RIGHT_CELL if right else _IN_CELL],
        }


def _pairs(cells: list[dict[str, Any]]) -> dict[tuple[int, int], dict[str, Any]]:
    return {(cell["truth"], cell["answer"]): cell for cell in cells}


def _wanted(
    report: Mapping[str, Any], judged: Mapping[str, Any] | None, cells: list[dict[str, Any]]
) -> Iterator[str]:
    """Yields the ids of the pictures that the page would show, the most telling first."""
    if judged is None:
        return
    if report["is_regression"]:
        yield from (judged["points"][i]["id"] for i in judged["most_wrong"])
        return
    for list_name in ("most_wrong", "most_unsure"):
        yield from (judged["items"][i]["id"] for i in judged[list_name])
    for cell in cells:
        yield from (item["id"] for item in cell["items"])


def _thumbnails(wanted: Iterator[str], pictures: Pictures) -> dict[str, Markup]:
    """Returns the first pictures that are there, as data URIs by id."""
    shown: dict[str, Markup] = {}
    missing: set[str] = set()
    for id in wanted:
        if len(shown) == MAX_PICTURES:
            break
        if id in shown or id in missing:
            continue
        data = pictures(id)
        made = None if data is None else _thumbnail(data)
        if made is None:
            missing.add(id)
        else:
            shown[id] = made
    return shown


def _thumbnail(data: bytes) -> Markup | None:
    """Returns a small JPEG of a picture file as a data URI; None where it cannot be read."""
    try:
        square = decode_square(data)
    except InputError:
        return None
    file = io.BytesIO()
    small = Image.fromarray(square).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=_QUALITY)
    return Markup("data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii"))
