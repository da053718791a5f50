"""Plain text tables, printed as they are finished."""

from collections.abc import Sequence


def show(
    title: str, header: Sequence[str], rows: Sequence[Sequence[object]], note: str = ""
) -> None:
    """Print a titled table: first column to the left, the others to the right.

    Arguments: `header` and each row of `rows` have the same length; floats are printed with
    three significant digits.
    """
    cells = [[_text(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    print(f"\n{title}\n" + "-" * len(title))
    for number, row in enumerate(cells):
        first = row[0].ljust(widths[0])
        print("  ".join([first, *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]))
        if number == 0:
            print("  ".join("-" * w for w in widths))
    if note:
        print(note)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.3g}" if abs(cell) < 100 else f"{cell:.0f}"
    return str(cell)
