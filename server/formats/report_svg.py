"""Drawings of a report as SVG: intervals, learning curves, reliability, predicted against true.

Colours and fonts come from the page's classes, so that light, dark and print can differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from ..learning.knn import wilson_interval
from ..learning.words import number, percent

#: At most so many dots are drawn in a scatter: more only make it black.
MAX_DOTS = 2000


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Returns round numbers from `low` to `high`, about as many as asked for."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    unit = 10.0 ** np.floor(np.log10(raw))
    step = float(next(m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= raw * (1 - 1e-9)))
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [round(i * step, 12) for i in range(first, last + 1)]


class Plot:
    """A frame with axes into which values are drawn.

    Args:
        x, y: range of each axis; where both ends are one, a little is added.
        label: what a person who cannot see it is told.
        across, up: words along the axes.
        size: width and height in the drawing's own units.
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        label: str,
        across: str,
        up: str,
        size: tuple[int, int] = (360, 260),
        x_share: bool = False,
        y_share: bool = False,
    ):
        self.x, self.y = _widened(x), _widened(y)
        self.width, self.height = size
        self.left, self.right, self.top, self.bottom = 52, 22, 10, 40
        self.parts: list[str] = []
        self.label = label
        for tick in nice_ticks(*self.y):
            at = self.down(tick)
            self.parts.append(
                f'<line class="grid" x1="{self.left}" x2="{self.width - self.right}"'
                f' y1="{at}" y2="{at}"/>'
            )
            self.text(self.left - 6, at + 4, _tick(tick, y_share), "end")
        for tick in nice_ticks(*self.x):
            self.text(self.along(tick), self.height - self.bottom + 16, _tick(tick, x_share))
        middle = self.left + (self.width - self.left - self.right) / 2
        self.text(middle, self.height - 5, across, "middle", "axis")
        centre = self.top + (self.height - self.top - self.bottom) / 2
        self.parts.append(
            f'<text class="axis" transform="translate(12 {centre:.1f}) rotate(-90)"'
            f' text-anchor="middle">{escape(up)}</text>'
        )

    def along(self, value: float) -> float:
        """Returns where a value is from left to right."""
        share = (value - self.x[0]) / (self.x[1] - self.x[0])
        return round(self.left + share * (self.width - self.left - self.right), 2)

    def down(self, value: float) -> float:
        """Returns where a value is from top to bottom."""
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return round(self.height - self.bottom - share * (self.height - self.top - self.bottom), 2)

    def text(
        self, x: float, y: float, words: str, anchor: str = "middle", kind: str = "tick"
    ) -> None:
        """Writes words."""
        self.parts.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{escape(words)}</text>"
        )

    def line(self, points: Sequence[tuple[float, float | None]], kind: str) -> None:
        """Draws a line through points, broken where one has no height; a lone one is a dot."""
        run: list[str] = []
        for x, y in [*points, (0.0, None)]:
            if y is not None:
                run.append(f"{self.along(x)},{self.down(y)}")
                continue
            if len(run) == 1:
                cx, cy = run[0].split(",")
                self.parts.append(f'<circle class="{kind} lone" cx="{cx}" cy="{cy}" r="3"/>')
            elif run:
                self.parts.append(f'<polyline class="{kind}" points="{" ".join(run)}"/>')
            run = []

    def dot(self, x: float, y: float, radius: float, title: str) -> None:
        """Draws a dot that says what it is."""
        self.parts.append(
            f'<circle class="dot" cx="{self.along(x)}" cy="{self.down(y)}" r="{radius:.1f}">'
            f"<title>{escape(title)}</title></circle>"
        )

    def svg(self) -> Markup:
        """Returns the drawing."""
        return Markup(
            f'<svg class="plot" viewBox="0 0 {self.width} {self.height}" role="img"'
            f' aria-label="{escape(self.label)}">{"".join(self.parts)}</svg>'
        )


def _widened(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _tick(value: float, share: bool) -> str:
    return f"{100 * value:g} %" if share else f"{value:g}"


def interval_bar(value: float | None, interval: Sequence[float] | None) -> Markup:
    """Draws a share 0 to 1 as a dot on its interval."""
    if value is None or interval is None:
        return Markup("")
    low, high = interval
    return Markup(
        '<svg class="bar" viewBox="0 0 100 12" aria-hidden="true">'
        '<line class="track" x1="0" x2="100" y1="6" y2="6"/>'
        f'<line class="range" x1="{100 * low:.1f}" x2="{100 * high:.1f}" y1="6" y2="6"/>'
        f'<circle class="dot" cx="{min(97.0, max(3.0, 100 * value)):.1f}" cy="6" r="3"/></svg>'
    )


def curves(entries: Sequence[Mapping[str, Any]], name: str) -> Markup:
    """Draws a column of the learning curves, of training and validation pictures.

    Args:
        entries: of a report's `curves`.
        name: "loss" or "accuracy".

    Returns:
        A drawing, or nothing where the column has no number.
    """
    train = [(entry["epoch"], entry[name]) for entry in entries]
    validation = [(entry["epoch"], entry[f"val_{name}"]) for entry in entries]
    found = [y for _, y in train + validation if y is not None]
    if not found:
        return Markup("")
    share = name == "accuracy"
    ends = [y for _, y in (train[-1], validation[-1])]
    said = " and ".join(
        f"{who} {percent(end) if share else number(end)}"
        for who, end in zip(("training", "validation"), ends, strict=True)
        if end is not None
    )
    # A loss that starts very high would press everything else flat.
    tame = max([3 * float(np.median(found)), *(end for end in ends if end is not None)])
    top = 1.0 if share else min(max(found), tame)
    low = min(0.9, float(np.floor(10 * min(found)) / 10)) if share else 0.0
    plot = Plot(
        (train[0][0], train[-1][0]),
        (low, top),
        f"{name.capitalize()} over {len(entries)} epochs; at the end {said}",
        "epoch",
        name,
        y_share=share,
    )
    for points, kind in ((train, "train"), (validation, "validation")):
        plot.line([(x, None if y is None else min(y, top)) for x, y in points], kind)
    return plot.svg()


def reliability(bins: Sequence[Mapping[str, Any]]) -> Markup:
    """Draws how often it is right by how sure it is, each dot with its 95 % Wilson interval."""
    if not bins:
        return Markup("")
    least = min(min(b["confidence"], b["accuracy"]) for b in bins)
    low = min(0.75, float(np.floor(4 * least) / 4))
    said = "; ".join(
        f"says {percent(b['confidence'])}, right {percent(b['accuracy'])} of {b['n']}" for b in bins
    )
    plot = Plot(
        (low, 1.0),
        (low, 1.0),
        f"Reliability: {said}",
        "how sure it says it is",
        "how often it is right",
        (320, 300),
        x_share=True,
        y_share=True,
    )
    plot.line([(low, low), (1.0, 1.0)], "diagonal")
    most = max(b["n"] for b in bins)
    for b in bins:
        lower, upper = wilson_interval(round(b["accuracy"] * b["n"]), b["n"])
        plot.line([(b["confidence"], max(low, lower)), (b["confidence"], upper)], "whisker")
    for b in bins:
        said = f"says {percent(b['confidence'])}, right {percent(b['accuracy'])} of {b['n']}"
        plot.dot(b["confidence"], b["accuracy"], 3 + 3 * (b["n"] / most) ** 0.5, said)
    return plot.svg()


def scatter(points: Sequence[Mapping[str, Any]]) -> Markup:
    """Draws predicted against true values."""
    if not points:
        return Markup("")
    shown = points[:: max(1, -(-len(points) // MAX_DOTS))]
    values = [p[side] for p in points for side in ("truth", "answer")]
    room = 0.05 * ((max(values) - min(values)) or 1.0)
    ends = (min(values) - room, max(values) + room)
    plot = Plot(
        ends, ends, f"Predicted against true of {len(points)} pictures", "true", "predicted",
        (340, 320),
    )  # fmt: skip
    plot.line([(ends[0], ends[0]), (ends[1], ends[1])], "diagonal")
    for p in shown:
        title = f"{p['id']}: true {number(p['truth'])}, predicted {number(p['answer'])}"
        plot.dot(p["truth"], p["answer"], 3, title)
    return plot.svg()
