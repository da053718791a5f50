"""The results of bench/convnet.py as tables, as a figure, and their place in docs/convnet.md.

Everything here is a function of the document that `bench.convnet.main` makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from bench.few_shot_plot import COLOURS, MARKS, STYLE
from bench.table import show

BEGIN = "<!-- written by python -m bench.convnet --docs: begin -->"
END = "<!-- written by python -m bench.convnet --docs: end -->"

Table = tuple[str, list[str], list[list[str]]]


def tables(document: dict[str, Any]) -> list[Table]:
    """Return (title, header, rows) of each table."""
    steps = [
        [
            step["name"],
            f"{step['accuracy']['mean']:.1%}",
            "{:.1%} to {:.1%}".format(*step["accuracy"]["interval"]),
            f"{step['train_accuracy']:.1%}",
            f"{step['seconds']:.0f}",
        ]
        for step in document["steps"]
    ]
    threads = document["threads"]
    two, both = threads["two threads"], threads["two at once, a thread each"]
    times = [
        ["one training, one thread", f"{threads['one thread']:.1f}"],
        ["one training, two threads", f"{two:.1f}"],
        ["two at once, one thread each", f"{both:.1f}"],
        ["two after another, two threads", f"{2 * two:.1f}"],
    ]
    header = ["network from scratch", "accuracy", "95 % interval", "on its own pictures", "seconds"]
    return [
        ("What helps a network from scratch", header, steps),
        ("Threads of a training", ["what is trained", "seconds"], times),
    ]


def notes(document: dict[str, Any]) -> list[str]:
    """Say how each table was made."""
    threads = document["threads"]
    one, two = threads["one thread"], threads["two threads"]
    both = threads["two at once, a thread each"]
    return [
        f"{document['squares']:,} squares of {document['pixels']} pixels out of"
        f" {document['pictures']} pictures of two classes, seen at {document['size']} pixels,"
        f" {document['epochs']} epochs. Mean of {document['seeds']} seeds, each with a split of its"
        " own, on squares of pictures that were never seen; the interval of that mean is Student's"
        " t. Seconds: the median, from the first picture to the last file.",
        f"A second thread makes one training {one / two:.2f} times as fast; two trainings at once"
        f" with a thread each are {2 * two / both:.2f} times as fast as one after the other with"
        f" two ({document['cores']} cores).",
    ]


def print_tables(document: dict[str, Any]) -> None:
    """Print the tables and how they were made."""
    for (title, header, rows), note in zip(tables(document), notes(document), strict=True):
        show(title, header, rows, note)
    print(f"\nAll of this took {document['minutes']:.1f} minutes.")


def markdown(document: dict[str, Any]) -> str:
    """Return the tables and the figure in Markdown."""
    parts = []
    for (title, header, rows), note in zip(tables(document), notes(document), strict=True):
        marks = ["---", *["---:"] * (len(header) - 1)]
        lines = (f"| {' | '.join(line)} |" for line in [header, marks, *rows])
        parts += [f"### {title}", "\n".join(lines), note]
    parts.insert(3, "![Accuracy by epoch and step](convnet.svg)")
    return "\n\n".join(parts)


def write_tables(document: dict[str, Any], page: Path) -> None:
    """Write the tables into a page in Markdown, between its two marks `BEGIN` and `END`.

    Raises:
        ValueError: it does not have each mark once; then nothing is changed.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in before + after:
        raise ValueError(
            f"{page} does not have these two lines once each, in this order:\n{BEGIN}\n{END}\n"
            "The tables belong between them: put the lines back."
        )
    page.write_text(f"{before}{BEGIN}\n\n{markdown(document)}\n\n{END}{after}", encoding="utf-8")


def save_plot(document: dict[str, Any], path: Path) -> None:
    """Draw accuracy by epoch, learned from and judged on, and the accuracies in the end, as SVG.

    The same document makes the same file, to the byte.

    Args:
        document: see above.
        path: where to.
    """
    steps = document["steps"]
    with rc_context({**STYLE, "svg.hashsalt": "convnet"}):
        figure = Figure(figsize=(9.4, 4.4), layout="constrained", facecolor="white")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2), sharey=True)
        for number, step in enumerate(steps):
            colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
            validation = step["curves"]["val_accuracy"]
            epochs = range(1, len(validation) + 1)
            left.plot(epochs, step["curves"]["accuracy"], color=colour, linewidth=1, linestyle=":")
            left.plot(
                epochs, validation, color=colour, marker=mark, markersize=4, label=step["name"]
            )
            low, high = step["accuracy"]["interval"]
            mean = step["accuracy"]["mean"]
            right.errorbar(
                [number],
                [mean],
                [[mean - low], [high - mean]],
                color=colour,
                marker=mark,
                markersize=7,
                capsize=4,
            )
            right.annotate(
                f"{mean:.0%}", (number, mean), (8, 0), textcoords="offset points", va="center"
            )
        left.set_xlabel("epoch")
        left.set_ylabel("accuracy")
        left.set_title("validation (dotted: what it learns from)")
        left.set_xticks(range(0, document["epochs"] + 1, 5))
        right.set_title("test, with its 95 % interval")
        right.set_xticks([])
        right.set_xlim(-0.5, len(steps) - 0.3)
        lines, names = left.get_legend_handles_labels()
        figure.legend(lines, names, frameon=False, loc="outside lower center", ncols=3)
        metadata = {"Date": None, "Creator": None, "Title": "What helps a network from scratch"}
        figure.savefig(path, format="svg", metadata=metadata)
