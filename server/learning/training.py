"""From labelled pictures to a judged classifier: the one way in which everything is trained."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import numpy as np

from . import calibration, report
from .classifier import BackboneRef, Classifier, ClassRef
from .errors import InputError
from .examples import Examples
from .models import Dense, Model, softmax
from .recipes import Fitted, Recipe, table
from .splits import Split, split, with_twins
from .task import Task

#: Pictures that are decoded, or rows that are answered, at a time.
_SQUARES, _ROWS = 32, 256


def train(
    recipe: str,
    examples: Examples,
    options: Mapping[str, Any],
    task: Task,
    *,
    name: str = "",
    class_refs: Sequence[ClassRef] | None = None,
    command: str = "",
    embed_seconds: float | None = None,
    skipped: Sequence[Mapping[str, str]] = (),
) -> Classifier:
    """Trains a classifier and judges it on pictures that it has never seen.

    Splits, trains, fits the temperature on the validation pictures, judges on the test pictures,
    writes the report, and where `finalise` is chosen trains once more on everything.

    Args:
        recipe: a key of `RECIPES`.
        examples: with `vectors` where the recipe wants them.
        options: those that are not as usual; checked here.
        task: who is told and asked.
        name: of the classifier; the recipe's title where empty.
        class_refs: its classes with ids and colours; labels alone where None.
        command: the line that repeats this training, for the report.
        embed_seconds: how long embedding took, for the report.
        skipped: pictures that could not be read, `{"id", "reason"}`.

    Returns:
        The classifier, its report within.

    Raises:
        InputError: the recipe, an option or the examples cannot be used.
        Cancelled: somebody has stopped it.
    """
    row = table.get(recipe)
    chosen = row.read_options(options)
    _check(row, examples, chosen)
    alone = len(np.unique(examples.groups)) == len(examples)
    examples, copies = _with_twins(examples, task)
    parts = split(
        examples.labels,
        examples.groups,
        validation=chosen["validation"],
        test=chosen["test"],
        seed=chosen["seed"],
        classes=examples.classes,
    )
    if alone and parts.by == "burst":  # copies of a picture are no recording
        parts = replace(parts, by="none")
    for warning in parts.warnings:
        task.log(warning, "warning")
    begun = time.perf_counter()
    fitted = row.fit(examples, parts, chosen, task)
    fit_seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    outputs = {
        "validation": answer(fitted.model, examples, parts.validation, task, 0, 0.5),
        "test": answer(fitted.model, examples, parts.test, task, 0.5, 1),
    }
    temperature = 1.0
    if not row.is_regression and len(parts.validation):
        temperature = calibration.fit_temperature(
            outputs["validation"], examples.labels[parts.validation]
        )
    evaluate_seconds = time.perf_counter() - begun
    notes = [*copies, *fitted.notes]
    if chosen["validation"] and not len(parts.validation):
        notes.append(
            "There were too few recordings to keep validation pictures, so the confidences are as"
            " the recipe gave them. Record each class at least three times."
        )
    model = fitted.model
    if chosen["finalise"]:
        model = _finalise(row, examples, chosen, fitted, task).model
        notes.append(
            f"After it was judged it was trained once more on all {len(examples):,} pictures. The"
            " numbers here are of the classifier before that, which had never seen the test"
            " pictures."
        )
    seconds = {"embed": embed_seconds, "fit": fit_seconds, "evaluate": evaluate_seconds}
    classifier = Classifier(
        name=name or row.title,
        recipe=row.name,
        classes=list(class_refs) if class_refs else _class_refs(examples),
        model=model,
        backbone=_backbone_ref(examples) if model.wants == "vectors" else None,
        temperature=temperature,
        created_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        options=chosen,
        is_regression=row.is_regression,
    )
    return replace(
        classifier,
        report=_report(
            classifier,
            examples,
            parts,
            outputs,
            fitted=replace(fitted, notes=notes),
            title=row.title,
            seconds=seconds,
            finalised=chosen["finalise"],
            command=command,
            skipped=skipped,
        ),
    )


def evaluate(
    classifier: Classifier,
    examples: Examples,
    task: Task,
    *,
    command: str = "",
    embed_seconds: float | None = None,
    skipped: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Judges a classifier on other labelled pictures.

    Args:
        classifier: any.
        examples: all of them judge. Classes are matched by their labels, a regression's by their
            values; pictures of classes that the classifier does not know are left out and named in
            the notes. With `vectors` of its backbone where its model wants them.
        task: who is told and asked.
        command, embed_seconds, skipped: see `train`.

    Returns:
        A report (docs/evaluation.md) in which all pictures are the test.

    Raises:
        InputError: it knows none of the classes, or what its model wants is not there.
        Cancelled: somebody has stopped it.
    """
    known, notes = _matched(classifier, examples)
    if not len(known):
        raise InputError(
            "There is no picture of a class that this classifier knows",
            f"Received pictures of {', '.join(map(str, examples.classes)) or 'no class'}; it knows"
            f" {', '.join(classifier.labels)}.",
            "Name the folders like its classes.",
        )
    _check_inputs(classifier, known)
    begun = time.perf_counter()
    every = np.arange(len(known))
    parts = Split(every[:0], every[:0], every, by="none")
    outputs = {"validation": None, "test": answer(classifier.model, known, every, task)}
    fitted = Fitted(classifier.model, notes=notes)
    return _report(
        classifier,
        known,
        parts,
        outputs,
        fitted=fitted,
        title=table.RECIPES[classifier.recipe].title
        if classifier.recipe in table.RECIPES
        else classifier.recipe,
        seconds={
            "embed": embed_seconds,
            "fit": None,
            "evaluate": time.perf_counter() - begun,
        },
        finalised=False,
        command=command,
        skipped=skipped,
    )


def answer(
    model: Model,
    examples: Examples,
    rows: np.ndarray,
    task: Task,
    begin: float = 0.0,
    end: float = 1.0,
) -> np.ndarray:
    """Returns a model's logits or values for some examples, in blocks of bounded memory.

    Args:
        model: which one.
        examples: theirs.
        rows: int[n], positions.
        task: told of the phase "evaluate", from `begin` to `end`.

    Returns:
        float64[n, outputs].

    Raises:
        InputError: a picture that it has to look at cannot be read.
    """
    result = np.empty((len(rows), model.outputs))
    step = _SQUARES if model.wants == "squares" else _ROWS
    for start in range(0, len(rows), step):
        task.progress("evaluate", begin + (end - begin) * start / len(rows))
        part = rows[start : start + step]
        if model.wants == "squares":
            inputs = examples.squares(part)
        else:
            assert examples.vectors is not None
            inputs = examples.vectors[part]
        result[start : start + step] = model.logits(inputs)
    task.progress("evaluate", end)
    return result


def _with_twins(examples: Examples, task: Task) -> tuple[Examples, list[str]]:
    """Keeps copies of a picture together, and says how many there are."""
    keys: list[bytes] = []
    for i in range(len(examples)):
        if i % _ROWS == 0:
            task.check()
        if examples.vectors is not None:
            keys.append(hashlib.sha256(examples.vectors[i].tobytes()).digest())
        else:
            assert examples.read is not None
            keys.append(hashlib.sha256(examples.read(i)).digest())
    count = len(keys) - len(set(keys))
    if not count:
        return examples, []
    what = "1 picture is a copy" if count == 1 else f"{count:,} pictures are copies"
    note = f"{what} of another; copies stay on one side of the split."
    task.log(note)
    return replace(examples, groups=with_twins(examples.groups, keys)), [note]


def _check(recipe: Recipe, examples: Examples, options: Mapping[str, Any]) -> None:
    """Refuses what cannot be trained."""
    present = np.unique(examples.labels)
    if len(present) < 2:
        raise InputError(
            "A training needs examples of at least two classes",
            f"Received {len(examples):,} pictures of {len(present)}.",
            "Record or add pictures of one more class.",
        )
    if options["validation"] + options["test"] > _MOST_ASIDE:
        raise InputError(
            "Too few pictures would be left to train on",
            f"Received validation = {options['validation']:g} and test = {options['test']:g};"
            f" expected a sum of at most {_MOST_ASIDE:g}.",
            "The usual shares are 0.15 and 0.2.",
        )
    if recipe.wants == "vectors" and not options.get("pixels"):
        _check_vectors(examples)
    elif examples.read is None:
        raise InputError(
            f"{recipe.title} needs the pictures themselves",
            "Only what the backbone has seen in them is there.",
            "Choose knn, linear or head, or record pictures.",
        )


#: validation + test at most.
_MOST_ASIDE = 0.9


def _check_vectors(examples: Examples) -> None:
    vectors = examples.vectors
    if vectors is None or examples.backbone is None:
        raise ValueError("examples need vectors, and the backbone that has made them")
    expected = (len(examples), examples.backbone.embedding_size)
    if vectors.shape != expected:
        raise ValueError(f"vectors are {vectors.shape}, expected {expected}")
    if not np.isfinite(vectors).all():
        raise InputError(
            "The embedding has numbers that are not finite",
            f"In {int((~np.isfinite(vectors).all(axis=1)).sum()):,} of {len(vectors):,} pictures.",
            f"Convert the backbone again: python convert_models.py {examples.backbone.name}",
        )


def _check_inputs(classifier: Classifier, examples: Examples) -> None:
    if classifier.model.wants == "squares":
        return
    _check_vectors(examples)
    fingerprint = classifier.backbone.fingerprint if classifier.backbone else None
    if examples.backbone is None or examples.backbone.fingerprint != fingerprint:
        name = classifier.backbone.name if classifier.backbone else "another backbone"
        raise InputError(
            "The pictures were seen by another backbone",
            f"{classifier.name} was trained on what {name} sees.",
            f"Embed them with {name}.",
            kind="mismatch",
        )


def _matched(classifier: Classifier, examples: Examples) -> tuple[Examples, list[str]]:
    """Returns the examples whose classes a classifier knows, numbered as it numbers them."""
    if classifier.is_regression:
        examples.values()
        return examples, []
    place = {label: i for i, label in enumerate(classifier.labels)}
    number = np.array([place.get(label, -1) for label in examples.classes], np.int64)
    labels = number[examples.labels] if len(examples) else examples.labels
    kept = np.flatnonzero(labels >= 0)
    notes = []
    if len(kept) < len(labels):
        unknown = sorted({examples.classes[c] for c in np.unique(examples.labels[labels < 0])})
        notes.append(
            f"{len(labels) - len(kept):,} pictures of classes that it does not know were left out:"
            f" {', '.join(unknown[:10])}{' and more' if len(unknown) > 10 else ''}."
        )
    known = replace(examples.subset(kept), labels=labels[kept], classes=classifier.labels)
    return known, notes


def _finalise(
    recipe: Recipe, examples: Examples, options: Mapping[str, Any], fitted: Fitted, task: Task
) -> Fitted:
    """Trains on everything with what was chosen, for as many epochs as were found best."""
    settled = dict(options)
    if "patience" in settled:
        settled["patience"] = 0
    if fitted.epochs is not None and "epochs" in settled:
        settled["epochs"] = fitted.epochs
    settled |= fitted.chosen
    every = np.arange(len(examples))
    task.log(f"Training once more, on all {len(examples):,} pictures.")
    return recipe.fit(examples, Split(every, every[:0], every[:0]), settled, task.quiet())


def _class_refs(examples: Examples) -> list[ClassRef]:
    ids = examples.class_ids or [None] * len(examples.classes)
    return [
        ClassRef(str(label), class_id)
        for label, class_id in zip(examples.classes, ids, strict=True)
    ]


def _backbone_ref(examples: Examples) -> BackboneRef | None:
    return BackboneRef.of(examples.backbone) if examples.backbone else None


def _size(model: Model) -> int:
    """Returns the bytes of what computes; other forms of a network count once."""
    arrays = sum(np.asarray(array).nbytes for array in model.arrays().values())
    return arrays + len(model.files().get("model.tflite", b""))


def _parameters(fitted: Fitted) -> int | None:
    if fitted.parameters is None and isinstance(fitted.model, Dense):
        return sum(int(np.asarray(array).size) for array in fitted.model.arrays().values())
    return fitted.parameters


def _report(
    classifier: Classifier,
    examples: Examples,
    parts: Split,
    outputs: Mapping[str, np.ndarray | None],
    *,
    fitted: Fitted,
    title: str,
    seconds: Mapping[str, float | None],
    finalised: bool,
    command: str,
    skipped: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    regression = classifier.is_regression
    before = {part: _scores(found, 1.0, regression) for part, found in outputs.items()}
    scores = {
        part: _scores(found, classifier.temperature, regression) for part, found in outputs.items()
    }
    return report.build(
        name=classifier.name,
        recipe=classifier.recipe,
        title=title,
        options=dict(classifier.options),
        classes=[str(label) for label in examples.classes],
        is_regression=regression,
        backbone=classifier.backbone,
        labels=examples.labels,
        ids=list(examples.ids),
        split=parts,
        groups_count=len(np.unique(examples.groups)),
        groups=examples.groups,
        scores=scores,
        scores_before=before,
        values=examples.values() if regression else None,
        curves=list(fitted.curves),
        tries=fitted.tries,
        temperature=classifier.temperature,
        seconds=dict(seconds),
        bytes=_size(classifier.model),
        parameters=_parameters(fitted),
        finalised=finalised,
        notes=list(fitted.notes),
        skipped=[dict(entry) for entry in skipped],
        command=command,
    )


def _scores(outputs: np.ndarray | None, temperature: float, regression: bool) -> np.ndarray | None:
    if outputs is None or not len(outputs):
        return None
    return outputs if regression else softmax(outputs, temperature)
