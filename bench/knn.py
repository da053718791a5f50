"""KNN over 1,280 numbers: ours against @tensorflow-models/knn-classifier on tfjs' wasm backend."""

import statistics

from bench.browser import chromium, result_of, serving
from bench.table import show

SIZES = (500, 2_000, 10_000, 50_000)
ADDED = 10_000


def run() -> None:
    """Print milliseconds a prediction, after an added example, and the cost of adding 10,000."""
    rows = []
    with serving() as address:
        for n in SIZES:
            found = {}
            for side in ("peer", "ours"):
                # A fresh browser for each: the peer leaves gigabytes behind.
                with chromium() as browser:
                    found[side] = result_of(browser, f"{address}/bench/knn_{side}.html?n={n}")
            peer, ours = found["peer"], found["ours"]
            steady = [statistics.median(side["steady"]) for side in (peer, ours)]
            after = [statistics.median(side["afterAdd"]) for side in (peer, ours)]
            rows.append(
                [
                    f"{n:,}",
                    *[*steady, f"{steady[0] / max(steady[1], 1e-3):.1f}"],
                    *[*after, f"{after[0] / max(after[1], 1e-3):.1f}"],
                ]
            )
        show(
            "KNN prediction, 1,280 numbers, k = 10, 3 classes: median ms",
            ["examples", "peer", "ours", "ratio", "peer after add", "ours after add", "ratio"],
            rows,
            "after add: one example is added, then the first prediction is timed.",
        )
        marks = {}
        for side in ("peer", "ours"):
            with chromium() as browser:
                page = f"{address}/bench/knn_{side}.html?mode=add&n={ADDED}"
                marks[side] = result_of(browser, page)["marks"]
    quarter = ADDED // 4
    rows = [
        [f"{(i + 1) * quarter:,}", peer, ours, f"{peer / ours:.0f}"]
        for i, (peer, ours) in enumerate(zip(marks["peer"], marks["ours"], strict=True))
    ]
    show(
        "Adding examples one by one: ms until so many are in",
        ["examples", "peer", "ours", "ratio"],
        rows,
        "ours is linear if each further quarter costs the same: "
        + ", ".join(
            f"{b - a:.0f}" for a, b in zip([0, *marks["ours"]], marks["ours"], strict=False)
        )
        + " ms a quarter.",
    )
