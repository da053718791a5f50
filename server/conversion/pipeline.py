"""One conversion from beginning to end: weights, folding, rounding, files, proof, folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import (
    browser_check,
    folding,
    keras_models,
    known,
    parity,
    sources,
    teachable_machine,
    writers,
)
from .catalogue import Accuracy
from .errors import ConversionError
from .folders import browser_profile, part_of, remove_leftovers, whole_folder
from .golden import golden_pictures
from .names import KNOWN_SHA256, Choice
from .sources import Source

FORMAT, VERSION = "showtell-backbone", 1
SMALLEST_EMBEDDING, LARGEST_EMBEDDING = 2, 8192
KERAS_LICENCE = "Apache-2.0"
# Written by whoever trained the weights, not by a conversion: the model card and the recipe.
CARD, RECIPE = "README.md", "training.json"
RECIPE_FORMAT = "showtell-training"

# Models of our own: what the file itself cannot tell.
OWN: dict[str, dict[str, Any]] = {
    "showtell_v2": {
        "title": "Show & Tell eyes 2",
        "architecture": "MobileNetV2",
        "alpha": 0.35,
        "licence": "Apache-2.0",
    },
}


@dataclass(frozen=True)
class Request:
    """Say what to convert and how.

    Args:
        choice: name, family, alpha, size.
        out: the folder in which the backbone's folder is made.
        weights: a weights or model file, or None to look for one.
        teachable_machine: a Teachable Machine export to read the weights from.
        top: with the 1,000-class output (None: if there is one).
        seed: random weights from this seed in place of any file.
        mirror: an address to ask in place of Keras' own.
        title, licence: for `backbone.json`; None for what is known.
        browser: path of a browser for the TF.js check, or None.
        vendor: `static/vendor`, whose TF.js is used for it.
        browser_timeout: seconds until the browser is given up.
        browser_session: whether the browser gets a session of its own; False keeps it in the
            process group of a caller that will be ended as a group.
        report: is told each step in one line.
        received: is told the bytes that were downloaded and how many it will be, None if unknown.
        reached: is told each step that is done: a key of `progress.STEPS`.
    """

    choice: Choice
    out: Path
    weights: Path | None = None
    teachable_machine: Path | None = None
    top: bool | None = None
    seed: int | None = None
    mirror: str | None = None
    title: str | None = None
    licence: str | None = None
    browser: str | None = None
    vendor: Path | None = None
    browser_timeout: float = browser_check.TIMEOUT_SECONDS
    browser_session: bool = True
    report: Callable[[str], None] = field(default=lambda line: None)
    received: sources.Received = field(default=lambda received, total: None)
    reached: Callable[[str], None] = field(default=lambda step: None)


def convert(request: Request) -> Path:
    """Make one backbone folder and return its path.

    Raises:
        ConversionError: says what was wrong and what to do; then nothing was written.
    """
    target = request.out / request.choice.name
    source, model = _model(request)
    request.reached("read")
    size = keras_models.input_size_of(model)
    named = keras_models.with_named_outputs(model, request.choice.name, request.top)
    _check_outputs(named)
    pictures = golden_pictures(size)
    before = named.predict(pictures, verbose=0)
    folded = folding.fold_batch_norm(named)
    folding.round_to_float16(folded)
    expected = folded.predict(pictures, verbose=0)
    if not all(np.isfinite(values).all() for values in expected.values()):
        raise ConversionError(
            "The model answers golden pictures with numbers that are not finite. Its weights are "
            "damaged, or it expects another range of pixels than -1 to 1. Nothing was written."
        )
    kept = float(parity.cosines(before["embedding"], expected["embedding"]).min())
    request.report(f"Batch norm folded, weights rounded to float16 (cosine {kept:.6f})")
    request.reached("folded")
    accuracy = _accuracy(request, source, expected["embedding"])
    with whole_folder(target) as staging:
        _write_files(folded, staging, request)
        checks = _check(staging, expected, pictures, request)
        document = _document(request, source, folded, size, checks, accuracy, staging, target)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (staging / "backbone.json").write_text(text, encoding="utf-8")
        _take_along(request, target, staging, document["fingerprint"])
    return target


def _take_along(request: Request, target: Path, staging: Path, fingerprint: str) -> None:
    """Copy model card and recipe, if they are about these very weights.

    Those of the folder that is there are, if its fingerprint is the same; a recipe beside the file
    that was named is that file's.
    """
    beside = request.weights.with_name(RECIPE) if request.weights else None
    taken = {RECIPE: beside} if beside and _is_recipe(beside) else {}
    there = {name: target / name for name in (CARD, RECIPE) if (target / name).is_file()}
    if _earlier(target, fingerprint):
        taken = there | taken
    for name, path in taken.items():
        shutil.copy2(path, staging / name)
    if left := [name for name in there if name not in taken]:
        request.report(f"Left out {' and '.join(left)} of the old folder: it had other weights")


def _is_recipe(path: Path) -> bool:
    try:
        recipe = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(recipe, dict) and recipe.get("format") == RECIPE_FORMAT


def _model(request: Request) -> tuple[Source, Any]:
    """Return where the weights come from and the Keras model that holds them."""
    choice, report = request.choice, request.report
    if request.teachable_machine is not None:
        path = request.teachable_machine
        tensors = teachable_machine.read_export(path)
        model = keras_models.build(choice, top=False)
        keras_models.assign(model, tensors, path.name)
        report(f"Read {model.name} out of {path.name}")
        return Source("teachable-machine", path), model
    if choice.family is None:
        own_copy = request.out / choice.name / "backbone.keras"
        path = request.weights or (own_copy if own_copy.is_file() else None)
        if path is None:
            raise ConversionError(
                f"{choice.name} is none of Keras' families, so it needs --weights FILE with a "
                "whole model (.h5 or .keras). `python convert_models.py --list` shows the "
                "families. Nothing was written."
            )
        model = keras_models.from_model_file(path)
        report(f"Read {model.name} from {path.name}")
        return Source("file", path), model
    if request.seed is not None:
        model = keras_models.build(choice, bool(request.top), seed=request.seed)
        keras_models.randomise_batch_norm(model, request.seed)
        report(f"Built {choice.name} with random weights (seed {request.seed})")
        return Source("random", None), model
    source = sources.find_weights(
        choice,
        weights=request.weights,
        top=request.top,
        mirror=request.mirror,
        report=report,
        received=request.received,
    )
    request.reached("fetched")
    model = keras_models.from_weights_file(choice, source.path)
    report(f"Read {source.path.name}")
    return source, model


def _accuracy(request: Request, source: Source, embeddings: np.ndarray) -> Accuracy:
    """Return what was measured with the very network that these weights turn out to be, or {}."""
    if source.path is None or request.choice.family is None:
        return {}
    pinned = KNOWN_SHA256.get(source.path.name)
    is_published = source.published_md5 is not None or (
        pinned is not None and writers.sha256(source.path) == pinned
    )
    return known.judge(request.choice.name, embeddings, is_published, request.report)


def _check_outputs(model: Any) -> None:
    length = int(model.output["embedding"].shape[-1] or 0)
    if not SMALLEST_EMBEDDING <= length <= LARGEST_EMBEDDING:
        raise ConversionError(
            f"The embedding has {length} numbers; expected {SMALLEST_EMBEDDING} to "
            f"{LARGEST_EMBEDDING}."
        )
    logits = model.output.get("logits")
    if logits is not None and int(logits.shape[-1]) != keras_models.CLASSES:
        raise ConversionError(
            f"The top has {logits.shape[-1]} classes; expected the {keras_models.CLASSES} of "
            "ImageNet. Leave it off with --no-top."
        )


def imagenet_classes() -> list[dict[str, str]]:
    """Return the 1,000 ImageNet classes in Keras' order: `[{"id": "n01440764", "name": ..}]`."""
    path = Path(__file__).with_name("imagenet_classes.json")
    names = json.loads(path.read_text(encoding="utf-8"))
    return [{"id": wnid, "name": names[wnid]} for wnid in sorted(names)]


def _write_files(model: Any, folder: Path, request: Request) -> None:
    saved_model = folder / "saved_model.part"
    writers.write_saved_model(model, saved_model)
    writers.write_tfjs(saved_model, folder)
    request.report("Wrote model.json and its shards (TF.js)")
    request.reached("tfjs")
    writers.write_tflite(saved_model, folder / "backbone.tflite")
    request.report("Wrote backbone.tflite (LiteRT)")
    request.reached("tflite")
    writers.write_keras(model, folder / "backbone.keras")
    request.report("Wrote backbone.keras")
    request.reached("keras")
    writers.remove_folder(saved_model)
    if "logits" in model.output:
        text = json.dumps(imagenet_classes(), ensure_ascii=False, indent=0)
        (folder / "labels.json").write_text(text + "\n", encoding="utf-8")


def _check(folder: Path, expected: parity.Outputs, pictures: Any, request: Request) -> dict:
    """Return the parity record of backbone.json.

    Raises:
        ConversionError: one side gives other numbers than Keras.
    """
    outputs, milliseconds = parity.run_litert(folder / "backbone.tflite", pictures)
    litert = parity.compare(expected, outputs, "LiteRT")
    request.report(f"LiteRT agrees: cosine {litert:.7f}, {milliseconds:.1f} ms a picture")
    request.reached("litert")
    record = {
        "pictures": len(pictures),
        "litert_min_cosine": round(litert, 9),
        "tfjs_min_cosine": None,
        "tfjs_backend": None,
    }
    vendor = request.vendor
    if request.browser is None:
        request.report("TF.js not checked: no browser (python tools/find_browser.py --install)")
    elif vendor is None or not (vendor / "tf.js").is_file():
        request.report("TF.js not checked: no static/vendor (run `make run` or `make test` once)")
    else:
        profile = browser_profile(request.out / request.choice.name)
        remove_leftovers(profile)
        outputs, facts = browser_check.run_tfjs(
            folder,
            pictures,
            browser=request.browser,
            vendor=vendor,
            timeout=request.browser_timeout,
            own_session=request.browser_session,
            profile=part_of(profile),
        )
        tfjs = parity.compare(expected, outputs, "TF.js")
        record |= {"tfjs_min_cosine": round(tfjs, 9), "tfjs_backend": facts["backend"]}
        request.report(
            f"TF.js agrees ({facts['backend']}): cosine {tfjs:.7f}, {facts['ms']:.1f} ms a picture"
        )
    return record


def _document(
    request: Request,
    source: Source,
    model: Any,
    size: int,
    checks: dict,
    accuracy: Accuracy,
    folder: Path,
    target: Path,
) -> dict:
    """Return what goes into backbone.json."""
    choice = request.choice
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": writers.sha256(path)}
        for path in sorted(folder.iterdir())
    }
    served = ["model.json", *(path.name for path in writers.shard_files(folder))]
    fingerprint = writers.fingerprint(folder, size)
    earlier = _earlier(target, fingerprint)
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": choice.name,
        **_description(request, source, size),
        "input_size": size,
        "embedding_size": int(model.output["embedding"].shape[-1]),
        "pixel_range": [-1, 1],
        "has_top": "logits" in model.output,
        "fingerprint": fingerprint,
        "source": _source_record(source, earlier),
        "parameters": folding.count_parameters(model),
        "macs": folding.count_macs(model),
        "bytes": sum(files[name]["bytes"] for name in served),
        "parity": checks,
        "accuracy": earlier.get("accuracy") or accuracy,
        "files": files,
    }


def _description(request: Request, source: Source, size: int) -> dict:
    """Return title, architecture, alpha and licence."""
    choice = request.choice
    if choice.family is not None:
        known: dict[str, Any] = {
            "title": f"{choice.keras.title} {choice.alpha:g}, {size} px",
            "architecture": choice.keras.architecture,
            "alpha": choice.alpha,
            "licence": KERAS_LICENCE,
        }
        if source.kind == "random":
            known |= {"title": f"{known['title']}, random weights", "licence": "none needed"}
    else:
        unknown = {
            "title": choice.name,
            "architecture": "custom",
            "alpha": choice.alpha,
            "licence": "not stated",
        }
        known = unknown | OWN.get(choice.name, {})
    given = {"title": request.title, "licence": request.licence}
    return known | {key: value for key, value in given.items() if value is not None}


def _source_record(source: Source, earlier: dict) -> dict:
    """Return where the weights came from; a folder rebuilt from its own Keras file keeps that."""
    if source.path and source.path.name == "backbone.keras" and "source" in earlier:
        return earlier["source"]
    return {
        "kind": source.kind,
        "file": source.path.name if source.path else None,
        "sha256": writers.sha256(source.path) if source.path else None,
        "url": source.url,
        "published_md5": source.published_md5,
    }


def _earlier(target: Path, fingerprint: str) -> dict:
    """Return the backbone.json that is there, if it describes the very same numbers, else {}."""
    try:
        earlier = json.loads((target / "backbone.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    same = isinstance(earlier, dict) and earlier.get("fingerprint") == fingerprint
    return earlier if same else {}
