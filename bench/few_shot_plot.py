"""The results of bench/few_shot.py as a picture: accuracy against examples a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from server.learning.backbones import DEFAULT_NAME

#: Colours that people with any kind of colour vision can tell apart (Okabe and Ito, Color
#: universal design, 2008), and marks for those who print in grey. Their numbers have no common
#: divisor: 35 backbones look different from one another.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
MARKS = ("o", "s", "^", "D", "v", "P", "X")
STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "few_shot",  # ids are the same each time
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
}


def save_plot(document: dict[str, Any], path: Path) -> None:
    """Write the plot as SVG: a column a collection, a row a classifier, a line a backbone.

    The bars are one standard deviation of the draws to each side. The same document makes the
    same file, to the byte.

    Args:
        document: what `bench.few_shot.measure` returns.
        path: where to.
    """
    classifiers, examples = document["protocol"]["classifiers"], document["protocol"]["examples"]
    collections = document["collections"]
    width, height = 0.6 + 4.4 * len(collections), 1.2 + 3 * len(classifiers)
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        panels = figure.subplots(
            len(classifiers), len(collections), sharex=True, sharey="col", squeeze=False
        )
        for row, classifier in zip(panels, classifiers, strict=True):
            for panel, collection in zip(row, collections, strict=True):
                accuracies = {
                    backbone["name"]: backbone["accuracy"][collection["name"]][classifier]
                    for backbone in document["backbones"]
                }
                _draw_panel(panel, accuracies, filled=classifier == classifiers[0])
                panel.set_xticks(examples, [str(count) for count in examples])
                panel.minorticks_off()
                panel.set_xlim(examples[0] / 1.25, examples[-1] * 1.25)
            row[0].set_ylabel(f"accuracy, {classifier}")
        for panel, collection in zip(panels[0], collections, strict=True):
            classes = collection["classes"]
            panel.set_title(f"{collection['name']} ({classes} classes, chance {1 / classes:.2g})")
            low, high = panel.get_ylim()
            panel.set_ylim(low, min(high, 1 + 0.03 * (1 - low)))
        for panel in panels[-1]:
            panel.set_xlabel("examples a class")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1, wspace=0.03, hspace=0.03)
        lines, names = panels[0][0].get_legend_handles_labels()
        place = {"loc": "outside lower center", "ncols": min(len(names), 2)}
        figure.legend(lines, names, frameon=False, **place)
        metadata = {"Date": None, "Creator": None, "Title": "Few-shot accuracy of the backbones"}
        figure.savefig(path, format="svg", metadata=metadata)


def _draw_panel(panel: Axes, accuracies: dict[str, dict[str, Any]], filled: bool) -> None:
    """Draw a line for each backbone: `{name: {examples a class: {mean, std} or None}}`."""
    for number, (name, scores) in enumerate(accuracies.items()):
        measured = [(int(count), score) for count, score in scores.items() if score]
        colour = COLOURS[number % len(COLOURS)]
        built_in = name == DEFAULT_NAME
        # A little to the side of one another, or the bars of equals would hide each other.
        shift = 1.05 ** (number - (len(accuracies) - 1) / 2)
        panel.errorbar(
            [count * shift for count, _ in measured],
            [score["mean"] for _, score in measured],
            [score["std"] for _, score in measured],
            label=name + (" (built in)" if built_in else ""),
            color=colour,
            marker=MARKS[number % len(MARKS)],
            markerfacecolor=colour if filled else "white",
            markersize=5.5,
            linewidth=2.2 if built_in else 1.3,
            elinewidth=1,
            capsize=2.5,
        )
    panel.set_xscale("log")
