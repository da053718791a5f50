"""One self-contained page: no network, no server. Imports TensorFlow to write its network."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

from ..conversion import writers
from ..conversion.errors import ConversionError
from ..learning.errors import InputError
from . import tf_graph, tfjs_running
from .verify import FLOAT, in_words, require
from .work import Work

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[1] / "static"
VENDOR = STATIC / "vendor"
_WASM = "tfjs-backend-wasm-simd.wasm"
#: For classes that have no colour of their own, in turn.
COLORS = ("#c4502e", "#2f7d6b", "#6a58b0", "#b98a1c", "#3a78b5", "#a8476f", "#5f8a2e", "#7d6354")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes it: see `server.exports.make`."""
    if not (VENDOR / "tf.js").is_file():
        raise InputError(
            "The page needs TensorFlow.js, which is not built here",
            "Expected static/vendor/tf.js.",
            "Run `make run` once, or choose another format.",
        )
    saved, folder = work.folder / "saved_model", work.folder / "tfjs"
    tf_graph.save(work.graph, saved, work.output)
    work.step(0.4)
    folder.mkdir()
    try:
        writers.write_tfjs(saved, folder)
    except ConversionError as error:
        raise InputError(
            "The page cannot hold this network", error.detail, "Choose another format."
        ) from error
    work.step(0.6)
    runner = tfjs_running.graph_runner(folder, work)
    measured = require(work, work.run(runner, chunk=64), FLOAT, "The page's network")
    path = work.folder / "page.html"
    path.write_text(page(work, folder, measured), encoding="utf-8")
    return path, measured


def page(work: Work, folder: Path, measured: dict[str, Any]) -> str:
    """Returns the page.

    Args:
        work: what is exported.
        folder: has the network as a graph model of TensorFlow.js.
        measured: its agreement.
    """
    classifier = work.classifier
    document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    groups = document["weightsManifest"]
    weights = b"".join((folder / p).read_bytes() for group in groups for p in group["paths"])
    model = {
        "format": "showtell-page",
        "version": 1,
        "name": classifier.name,
        "labels": [] if classifier.is_regression else classifier.labels,
        "colors": [
            c.color if c.color and _COLOR.fullmatch(c.color) else COLORS[i % len(COLORS)]
            for i, c in enumerate(classifier.classes)
        ],
        "size": work.graph.size,
        "output": work.output,
        "isRegression": classifier.is_regression,
        "agreement": measured,
        "artifacts": {
            "format": document["format"],
            "modelTopology": document["modelTopology"],
            "signature": document["signature"],
            "weightSpecs": [spec for group in groups for spec in group["weights"]],
        },
    }
    labels = ", ".join(classifier.labels)
    subtitle = f"Measures from {labels}." if classifier.is_regression else f"Knows {labels}."
    footer = (
        f"Made by Show & Tell. Pictures stay in this page. {in_words(measured, work.real)}"
        " Contains TensorFlow.js (Apache License 2.0)."
    )
    parts = {
        "title": html.escape(classifier.name),
        "subtitle": html.escape(subtitle),
        "footer": html.escape(footer),
        "tokens": (STATIC / "css" / "tokens.css").read_text(encoding="utf-8"),
        "style": (HERE / "web_page.css").read_text(encoding="utf-8"),
        "script": (HERE / "web_page.js").read_text(encoding="utf-8"),
        "importmap": json.dumps({"imports": _modules()}),
        "model": _inert(json.dumps(model, ensure_ascii=False, separators=(",", ":"))),
        "weights": base64.b64encode(weights).decode(),
        "wasm": base64.b64encode((VENDOR / _WASM).read_bytes()).decode(),
    }
    template = (HERE / "web_page.html").read_text(encoding="utf-8")
    # One pass, so that nothing inside a part is taken for a place.
    return re.sub(r"@(\w+)@", lambda found: parts[found[1]], template)


def _inert(text: str) -> str:
    """Returns JSON in which nothing can end the element that it stands in."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _modules() -> dict[str, str]:
    """Returns the modules as data addresses by the names that they import each other by."""
    found: dict[str, str] = {}
    pending = {"tf": VENDOR / "tf.js", "tf-wasm": VENDOR / "tf-wasm.js"}
    while pending:
        name, path = pending.popitem()
        source = path.read_text(encoding="utf-8")
        for part in re.findall(r'(?:from|import)"\./([\w.-]+\.js)"', source):
            if part not in found:
                pending[part] = VENDOR / part
        found[name] = _data(re.sub(r'(from|import)"\./([\w.-]+\.js)"', r'\1"\2"', source))
    found["resample"] = _data((STATIC / "js/core/resample.js").read_text(encoding="utf-8"))
    return dict(sorted(found.items()))


def _data(source: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(source.encode()).decode()}"
