"""The results of bench/few_shot.py as tables, and their place in docs/.

Everything here is a function of the document that `bench.few_shot.measure` returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.table import show
from server.learning.backbones import DEFAULT_NAME

BEGIN = "<!-- written by python -m bench.few_shot --docs: begin -->"
END = "<!-- written by python -m bench.few_shot --docs: end -->"
#: Stands where a class has too few pictures, or where backbone.json does not say.
NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """Hold a table of text: the first `left` columns are names, the others numbers."""

    title: str
    header: list[str]
    rows: list[list[str]]
    left: int = 1


def tables(document: dict[str, Any]) -> list[Table]:
    """Make the tables: what each backbone costs, then one of accuracies for each collection.

    Args:
        document: what `bench.few_shot.measure` returns.
    """
    costs = Table(
        "What a backbone costs",
        ["backbone", "pixels", "embedding", "MB in the page", "million MACs", "ms a picture"],
        [
            [
                backbone["name"],
                str(backbone["input_size"]),
                f"{backbone['embedding_size']:,}",
                _number(backbone["bytes"], 1e6, 2),
                _number(backbone["macs"], 1e6, 0),
                f"{backbone['milliseconds']:.1f}",
            ]
            for backbone in document["backbones"]
        ],
    )
    return [costs, *(_accuracies(document, c) for c in document["collections"])]


def _number(value: float | None, unit: float, digits: int) -> str:
    return NOTHING if value is None else f"{value / unit:.{digits}f}"


def _accuracies(document: dict[str, Any], collection: dict[str, Any]) -> Table:
    rows = []
    for classifier in document["protocol"]["classifiers"]:
        for backbone in document["backbones"]:
            scores = backbone["accuracy"][collection["name"]][classifier].values()
            rows.append([classifier, backbone["name"], *map(_score, scores)])
    counts = [str(count) for count in document["protocol"]["examples"]]
    title = f"{collection['name']}: {collection['classes']} classes, "
    return Table(
        title + f"{collection['pictures']:,} pictures", ["classifier", "backbone", *counts], rows, 2
    )


def _score(score: dict[str, Any] | None) -> str:
    return NOTHING if score is None else f"{score['mean']:.3f} ± {score['std']:.3f}"


def note(document: dict[str, Any]) -> str:
    """Say in a few lines how the numbers were made."""
    protocol = document["protocol"]
    return (
        f"Mean ± standard deviation of {protocol['draws']} draws, by examples a class. "
        f"KNN: cosine, k = {protocol['k']}. Logistic regression: C = {protocol['C']:g}.\n"
        f"Milliseconds: LiteRT on one thread, median over single pictures ({document['machine']})."
    )


def print_tables(document: dict[str, Any]) -> None:
    """Print the tables and how they were made."""
    for table in tables(document):
        names = [", ".join(row[: table.left]) for row in [table.header, *table.rows]]
        numbers = [row[table.left :] for row in [table.header, *table.rows]]
        header, *rows = ([name, *row] for name, row in zip(names, numbers, strict=True))
        show(table.title, header, rows)
    print(f"\n{note(document)}")


def markdown(document: dict[str, Any]) -> str:
    """Return the tables in Markdown, a heading above each; the built-in backbone is marked."""
    parts = []
    for table in tables(document):
        marks = ["---"] * table.left + ["---:"] * (len(table.header) - table.left)
        lines = [table.header, marks, *(_with_code(row, table.left - 1) for row in table.rows)]
        rows = (f"| {' | '.join(line)} |" for line in lines)
        parts.append("\n".join([f"### {table.title}", "", *rows]))
    return "\n\n".join([*parts, note(document)])


def _with_code(row: list[str], column: int) -> list[str]:
    """Set the backbone's name as code."""
    mark = " (built in)" if row[column] == DEFAULT_NAME else ""
    return [f"`{cell}`{mark}" if i == column else cell for i, cell in enumerate(row)]


def write_tables(document: dict[str, Any], page: Path) -> None:
    """Write the tables into a page in Markdown, between its two marks `BEGIN` and `END`.

    Args:
        document: what `bench.few_shot.measure` returns.
        page: a file that has each mark once, on a line of its own.

    Raises:
        ValueError: it has not; then nothing is changed.
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
