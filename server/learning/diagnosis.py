"""What a report says in plain words: what is good, what is wrong, and what to try.

Each rule is a function of the report and gives findings or none. A rule speaks only where the
difference it sees is larger than chance makes it: it compares intervals, not points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from . import diagnosis_curves
from .findings import BAD, GOOD, WARNING, Finding
from .intervals import difference_interval
from .knn import wilson_interval
from .words import between, count, listing, number, percent

#: An interval of the accuracy wider than this says little.
WIDE = 0.2
#: From this share on, wherever in its interval it lies, answers count as good; below the other,
#: wherever in its interval, as weak.
GOOD_FROM, WEAK_UNTIL = 0.8, 0.9
#: A class with fewer pictures to learn from has few; with fewer than the other, hardly any.
FEW_PICTURES, HARDLY_ANY = 10, 3
#: Fewer recordings than this for each class show too little of what can vary.
FEW_RECORDINGS = 3
#: The largest class has at least so many times the pictures of the smallest: it is answered too
#: often. Where classes are weighted, only a stronger imbalance matters.
IMBALANCE, IMBALANCE_WEIGHTED = 3, 10
#: Two classes are mixed up in more than this share of their pictures, by no fewer pictures.
CONFUSED, CONFUSED_PICTURES = 0.05, 3
#: A class is found this much less often than the others.
HARDER = 0.1
#: Validation pictures are answered this much better than test pictures.
FLATTERED = 0.05
#: The calibration error is at least this, and more than chance makes it.
MISCALIBRATED = 0.05
#: Wrong with at least this score: is the label right?
SURELY_WRONG = 0.99
#: R squared from which a regression is good.
GOOD_R2 = 0.8

Report = Mapping[str, Any]


def diagnose(report: Report) -> list[Finding]:
    """Returns findings `{kind, level, text, advice}`: the verdict first, then the worst.

    Args:
        report: made by `report.build`, all but its `diagnosis`.
    """
    verdict = [finding for rule in VERDICTS for finding in rule(report)]
    others = [finding for rule in RULES for finding in rule(report)]
    return verdict + sorted(others, key=lambda finding: finding["level"] != BAD)


def _finding(kind: str, level: str, text: str, advice: str = "") -> Finding:
    return {"kind": kind, "level": level, "text": text, "advice": advice}


def _confident(evaluation: Mapping[str, Any]) -> tuple[float, tuple[float, float]]:
    return evaluation["accuracy"], tuple(evaluation["interval"])


# Verdicts: one of them


def no_test(report: Report) -> Iterator[Finding]:
    """Says that nothing was put aside to judge by."""
    if report["test"] is None:
        yield _finding(
            "no-test",
            WARNING,
            "No pictures were kept for the test, so nobody knows how well it answers new ones.",
            "Record more, or set the option test above 0.",
        )


def verdict(report: Report) -> Iterator[Finding]:
    """Says how well a classifier does: guessing, weak, good, or too few pictures to tell."""
    test = report["test"]
    if test is None or report["is_regression"]:
        return
    accuracy, (low, high) = _confident(test)
    row = max(test["per_class"], key=lambda row: row["support"])
    commonest, most = row["label"], row["support"] / test["n"]
    if most == 1:
        yield _finding(
            "one-class",
            WARNING,
            f"All test pictures are of {commonest}, so nothing says how often others are"
            " taken for it.",
            "Judge it on pictures of every class.",
        )
    found = f"{percent(accuracy)} of {count(test['n'], 'test picture')} ({between((low, high))})"
    if low <= most < 1 and accuracy < 1:
        yield _finding(
            "guessing",
            BAD if high - low <= WIDE or accuracy <= most else WARNING,
            f"It may only be guessing: it is right on {found}, and always answering {commonest}"
            f" would be right on {percent(most)}.",
            "Check that every picture is in the right class, and record more pictures that show"
            " clearly what tells the classes apart.",
        )
    elif high < WEAK_UNTIL:
        yield _finding(
            "weak",
            WARNING,
            f"It is better than guessing, but often wrong: right on {found}.",
            "Look at what it gets most wrong, add pictures like those, and compare recipes.",
        )
    elif low >= GOOD_FROM or high - low <= WIDE:
        same = report["split"]["by"] == "moment"
        kind = "other moments of its recordings" if same else "new pictures"
        well = "answers" if low >= GOOD_FROM else "seems to answer"
        yield _finding("good", GOOD, f"It {well} {kind} well: right on {found}.")
    if high - low > WIDE:
        worth = round(test["effective_n"])
        few = f" (frames of one recording count as one, so they are worth {worth})"
        yield _finding(
            "small-test",
            WARNING,
            f"The test is too small to tell: {count(test['n'], 'picture')}"
            f"{few if worth < test['n'] else ''} only say that it is right on"
            f" {between((low, high))} of new pictures.",
            "Record more, at other moments; a test of 100 pictures tells ten points apart.",
        )


def verdict_number(report: Report) -> Iterator[Finding]:
    """Says how well a regression does, against always answering the middle."""
    test = report["test"]
    if test is None or not report["is_regression"]:
        return
    error, base = test["mean_absolute_error"], test["baseline_error"]
    low, high = test["mean_absolute_error_interval"] or (error, error)
    found = (
        f"it is off by {number(error)} on average ({number(low)} to {number(high)}) on"
        f" {count(test['n'], 'test picture')}"
    )
    middle = f"always answering the middle is off by {number(base)}"
    if high >= base:
        yield _finding(
            "guessing",
            BAD if error >= base else WARNING,
            f"It may only be guessing: {found}; {middle}.",
            "Record more pictures at more values, and make sure that the value can be seen.",
        )
    elif (test["r2"] or 0) >= GOOD_R2:
        yield _finding("good", GOOD, f"It reads the value well: {found}; {middle}.")
    else:
        yield _finding(
            "weak",
            WARNING,
            f"It reads the value only roughly: {found}; {middle}.",
            "Record more pictures, in steps as small as matter to you.",
        )
    if high - low > error > 0 or test["mean_absolute_error_interval"] is None:
        yield _finding(
            "small-test",
            WARNING,
            f"The test is too small to tell: {count(test['n'], 'picture')} leave open how far off"
            " it really is.",
            "Record more, at other moments.",
        )


# What is behind it


def leak(report: Report) -> Iterator[Finding]:
    """Says where the pictures that judge are not independent of those it learned from."""
    if report["split"]["by"] == "moment":
        yield _finding(
            "leak",
            WARNING,
            "Some classes come from a single recording, so test and training pictures are moments"
            " of the same one. The numbers flatter.",
            "Record each class again at least twice: another day, another place, other light.",
        )
    test, validation = report["test"], report["validation"]
    if test is None or validation is None or report["is_regression"]:
        return
    gap, _ = difference_interval(*_confident(validation), *_confident(test))
    if gap > FLATTERED:
        yield _finding(
            "leak",
            WARNING,
            f"The pictures that steered the training are answered better"
            f" ({percent(validation['accuracy'])}) than the test pictures"
            f" ({percent(test['accuracy'])}). Some may nearly repeat training pictures.",
            "Trust the test. Look for the same picture twice, and keep frames of one scene in one"
            " recording.",
        )


def little_data(report: Report) -> Iterator[Finding]:
    """Says which classes have few pictures or recordings to learn from."""
    trained = report["counts"]["train"]
    if not sum(trained):
        return
    few = sorted(
        (n, label) for n, label in zip(trained, report["classes"], strict=True) if n < FEW_PICTURES
    )
    if few:
        named = listing([f"{label} ({n})" for n, label in few])
        yield _finding(
            "little-data",
            BAD if few[0][0] < HARDLY_ANY else WARNING,
            f"There are few pictures to learn from: {named}.",
            "Record at least 20 a class, from several sides, distances and in several lights.",
        )
    recordings, classes = report["split"]["groups"], len(report["classes"])
    if report["split"]["by"] != "none" and recordings < FEW_RECORDINGS * classes:
        yield _finding(
            "few-recordings",
            WARNING,
            f"All pictures are from {count(recordings, 'recording')} of"
            f" {count(classes, 'class', 'classes')}. Frames of one recording are nearly alike.",
            "Hold the button several times for each class, and change something in between.",
        )


def imbalance(report: Report) -> Iterator[Finding]:
    """Says where a class has many times the pictures of another."""
    trained = [
        (n, label)
        for n, label in zip(report["counts"]["train"], report["classes"], strict=True)
        if n
    ]
    if len(trained) < 2 or report["is_regression"]:
        return
    (least, rare), (most, common) = min(trained), max(trained)
    weighted = bool(report["options"].get("balance"))
    if most < (IMBALANCE_WEIGHTED if weighted else IMBALANCE) * least:
        return
    yield _finding(
        "imbalance",
        WARNING,
        f"{common} has {most / least:.0f} times the pictures of {rare} ({most:,} and {least:,})."
        + (
            f" They count the same in training, but few pictures show little of what {rare} can"
            " look like."
            if weighted
            else " What is shown more often is answered more often."
        ),
        f"Record more of {rare}" + ("." if weighted else ", or set the option balance."),
    )


def confused_classes(report: Report) -> Iterator[Finding]:
    """Names pairs of classes that are taken for each other, the worst three."""
    test = report["test"]
    if test is None or report["is_regression"] or len(test["confusion"]) < 3:
        return  # of two classes, the verdict says it all
    matrix, labels = test["confusion"], report["classes"]
    supports = [sum(row) for row in matrix]
    scale = test["effective_n"] / test["n"]
    pairs = []
    for i in range(len(labels)):
        for j in range(i + 1, len(labels)):
            mixed, both = matrix[i][j] + matrix[j][i], supports[i] + supports[j]
            if mixed < CONFUSED_PICTURES:
                continue
            low, _ = wilson_interval(mixed * scale, both * scale)
            if low > CONFUSED:
                pairs.append((low, mixed, both, labels[i], labels[j]))
    for low, mixed, both, one, other in sorted(pairs, key=lambda pair: -pair[0])[:3]:
        yield _finding(
            "confused-classes",
            BAD if low > 0.2 else WARNING,
            f"{one} and {other} are taken for each other: {mixed:,} of {both:,} pictures"
            f" ({percent(mixed / both)}).",
            "Look at these pictures, then record more that show the difference, or make them one"
            " class.",
        )


def hard_class(report: Report) -> Iterator[Finding]:
    """Names the class that is found much less often than the others."""
    test = report["test"]
    if test is None or report["is_regression"] or len(test["per_class"]) < 3:
        return
    scale = test["effective_n"] / test["n"]
    found = []
    for c, row in enumerate(test["per_class"]):
        others = test["n"] - row["support"]
        if not row["support"] or not others:
            continue
        right = test["correct"] - test["confusion"][c][c]
        rest = wilson_interval(right * scale, others * scale)
        low, _ = difference_interval(
            right / others, rest, row["recall"], tuple(row["recall_interval"])
        )
        if low > HARDER:
            found.append((row["recall"], row["label"], right / others))
    for recall, label, rest_recall in sorted(found)[:3]:
        yield _finding(
            "hard-class",
            WARNING,
            f"{label} is found in {percent(recall)} of its pictures, the others in"
            f" {percent(rest_recall)}.",
            f"Record more of {label}, above all of the kind that it misses.",
        )


def miscalibration(report: Report) -> Iterator[Finding]:
    """Says where a score is no probability: surer or less sure than it is right."""
    test = report["test"]
    if test is None or report["is_regression"]:
        return
    calibration = test["calibration"]
    error, chance = calibration["ece"], calibration["ece_by_chance"]
    if error is None or error < MISCALIBRATED or error <= chance:
        return
    n = sum(row["n"] for row in calibration["bins"])
    sure = sum(row["n"] * row["confidence"] for row in calibration["bins"]) / n
    above = sure > test["accuracy"]
    advice = (
        "Take its scores as an order, not as probabilities. More varied pictures help most."
        if report["validation"]
        else "Keep pictures for validation: the temperature, which mends this, is fitted on them."
    )
    yield _finding(
        "overconfident" if above else "underconfident",
        WARNING,
        f"It is {'surer' if above else 'less sure'} than it is right: its scores say"
        f" {percent(sure)}, and {percent(test['accuracy'])} are right.",
        advice,
    )


def surely_wrong(report: Report) -> Iterator[Finding]:
    """Says where it is wrong and sure: the label may be wrong."""
    test = report["test"]
    if test is None or report["is_regression"]:
        return
    items: Sequence[Mapping[str, Any]] = [test["items"][i] for i in test["most_wrong"]]
    n = sum(item["score"] >= SURELY_WRONG for item in items)
    if n:
        yield _finding(
            "surely-wrong",
            WARNING,
            f"{count(n, 'test picture')} {'is' if n == 1 else 'are'} answered wrong and"
            " with hardly a doubt.",
            "Look at them: they may be in the wrong class, or show something that no other"
            " picture shows.",
        )


def skipped(report: Report) -> Iterator[Finding]:
    """Says how many pictures could not be read."""
    n = len(report["skipped"])
    if n:
        yield _finding(
            "skipped",
            WARNING,
            f"{count(n, 'picture')} could not be read and {'was' if n == 1 else 'were'} left out.",
            "The report names them.",
        )


Rule = Callable[[Report], Iterator[Finding]]

VERDICTS: tuple[Rule, ...] = (no_test, verdict, verdict_number)
RULES: tuple[Rule, ...] = (
    diagnosis_curves.overfitting,
    diagnosis_curves.underfitting,
    diagnosis_curves.more_epochs,
    leak,
    little_data,
    imbalance,
    confused_classes,
    hard_class,
    miscalibration,
    surely_wrong,
    skipped,
)
