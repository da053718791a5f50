"""Every format, made in one process with TensorFlow; its files are looked at and run here."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import exports_case as case
import numpy as np
import pytest

from server import exports
from server.exports.c_header import parse
from server.learning.errors import InputError
from server.learning.task import Cancelled, Task

FLOATS = ("html", "tfjs", "tflite", "onnx", "keras", "h5", "savedmodel", "npz", "classifier")
COUNT = 6


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What exports_run.py made, in its folder."""
    folder = tmp_path_factory.mktemp("exports")
    program = Path(__file__).with_name("exports_run.py")
    done = subprocess.run(
        [sys.executable, str(program), str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return {"folder": folder, **json.loads((folder / "results.json").read_text())}


def _archive(run: dict[str, Any], kind: str, name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(run["exports"][kind][name]["path"])


def _unpacked(run: dict[str, Any], kind: str, name: str, folder: Path) -> Path:
    with _archive(run, kind, name) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize("name", FLOATS)
def test_every_format_answers_as_the_classifier_does(run: dict[str, Any], name: str) -> None:
    made = run["exports"]["dense"][name]
    assert made["agreement"]["max_difference"] < 1e-4
    assert made["agreement"]["same_answers"] == 1
    assert made["agreement"]["pictures"] == COUNT


def test_16_bits_are_near_and_8_bits_say_how_near_they_are(run: dict[str, Any]) -> None:
    assert run["exports"]["dense"]["tflite-float16"]["agreement"]["max_difference"] < 0.02
    for kind in ("dense", "network", "regression"):
        made = run["exports"][kind]["tflite-int8"]
        with _archive(run, kind, "tflite-int8") as archive:
            document = json.loads(archive.read("metadata.json"))
            text = archive.read("README.txt").decode()
        assert document["agreement"] == made["agreement"]
        same = made["agreement"]["same_answers"]
        assert ("WARNING" in text) == (
            same < 0.9 if same is not None else "WARNING" in "".join(made["notes"])
        )
        assert document["input_quantization"]["scale"] > 0


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("network", name) for name in ("onnx", "npz", "tfjs")),
        *(("regression", name) for name in ("onnx", "npz")),
        *(("neighbours", name) for name in ("html", "onnx", "npz")),
        *(("pixels", name) for name in ("onnx", "npz", "tflite")),
    ],
)
def test_other_kinds_of_classifiers_answer_the_same_too(
    run: dict[str, Any], kind: str, name: str
) -> None:
    made = run["exports"][kind][name]
    assert "error" not in made, made
    assert made["agreement"]["max_difference"] < (5e-3 if kind == "network" else 1e-3)


def test_the_classifiers_of_the_test_tell_their_pictures_apart(run: dict[str, Any]) -> None:
    for kind, made in run["exports"].items():
        assert np.ptp(np.array(made["expected"]), axis=0).max() > 0.05, kind


@pytest.mark.parametrize(
    "name", [n for n, row in exports.EXPORTS.items() if row.mime.endswith("/zip")]
)
def test_every_archive_has_a_readme_the_labels_and_the_agreement(
    run: dict[str, Any], name: str
) -> None:
    with _archive(run, "dense", name) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        readme = archive.read("README.txt").decode()
        document = json.loads(archive.read("metadata.json"))
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names[0] == "README.txt"
    assert "Checked on 6" in readme and "Haus </script>" in readme
    assert document["labels"] == ["tree", "Haus </script>", "ни то"]
    assert all(name in readme for name in names if "/" not in name and name != "README.txt")


def test_the_same_classifier_makes_the_same_bytes(run: dict[str, Any]) -> None:
    first = Path(run["exports"]["dense"]["keras"]["path"]).read_bytes()
    assert first == (run["folder"] / "again.zip").read_bytes()


@pytest.mark.parametrize("name", ["keras", "h5", "savedmodel"])
def test_the_program_in_the_archive_prints_the_answers(run: dict[str, Any], name: str) -> None:
    _check_printed(run["programs"][name], run)


@pytest.mark.parametrize("name", ["onnx", "tflite", "tflite-float16", "npz"])
def test_the_program_runs_by_itself_without_tensorflow(
    run: dict[str, Any], name: str, tmp_path: Path
) -> None:
    folder = _unpacked(run, "dense", name, tmp_path / "new")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "predict.py", str(run["folder"] / "picture.jpg")],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not modules & {"tensorflow", "sklearn", "server"}
    _check_printed(done.stdout, run)


def _check_printed(text: str, run: dict[str, Any]) -> None:
    """Lines `label (score = 0.12345)`, the best first; a JPEG is not quite the picture."""
    scores = [line.rpartition(" (score = ") for line in text.splitlines()[1:]]
    found = {label.strip(): float(score[:-1]) for label, _, score in scores}
    expected = dict(
        zip(run["exports"]["dense"]["classes"], run["exports"]["dense"]["expected"][0], strict=True)
    )
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found.keys() == expected.keys()
    for label, score in expected.items():
        assert abs(found[label] - score) < 0.15


def test_the_layers_run_on_the_tensorflow_js_of_teachable_machine(
    run: dict[str, Any], tmp_path: Path
) -> None:
    modules = case.peers()
    program = Path(__file__).with_name("exports_layers.cjs")
    for kind in ("dense", "network"):
        folder = _unpacked(run, kind, "tfjs", tmp_path / kind)
        size = json.loads((folder / "metadata.json").read_text())["imageSize"]
        from server.learning.resampling import resample

        x = resample(case.squares(COUNT), size) / np.float32(127) - 1
        command = ["node", str(program), str(modules), str(folder)]
        done = subprocess.run(
            command, input=x.astype("<f4").tobytes(), capture_output=True, check=True
        )
        found = np.array(json.loads(done.stdout.splitlines()[-1]))
        assert np.abs(found - run["exports"][kind]["expected"]).max() < 5e-3


def test_an_imported_model_answers_as_in_its_own_world(run: dict[str, Any], tmp_path: Path) -> None:
    found = run["import"]
    assert {"model.tflite", "model.keras", "tfjs/model.json"} <= set(found["files"])
    with zipfile.ZipFile(found["source"]) as archive:
        archive.extractall(tmp_path)
        labels = json.loads(archive.read("metadata.json"))["labels"]
    assert found["labels"] == labels
    x = case.squares(COUNT) / np.float32(127) - 1
    program = Path(__file__).with_name("exports_layers.cjs")
    done = subprocess.run(
        ["node", str(program), str(case.peers()), str(tmp_path)],
        input=x.astype("<f4").tobytes(), capture_output=True, check=True,
    )  # fmt: skip
    original = np.array(json.loads(done.stdout.splitlines()[-1]))
    assert np.abs(original - found["scores"]).max() < 1e-3


def test_the_header_holds_the_network_and_its_labels(run: dict[str, Any]) -> None:
    with _archive(run, "dense", "header") as archive:
        header = archive.read("model.h").decode()
        document = json.loads(archive.read("metadata.json"))
    assert parse(header)[4:8] == b"TFL3"
    assert len(parse(header)) == document["bytes"] < 2 * 1024 * 1024
    assert "\\320\\275\\320\\270" in header  # a label that is not ASCII
    assert document["arena_bytes"] >= 112 * 112 * 16


def test_the_page_holds_all_it_needs_and_no_label_breaks_out(run: dict[str, Any]) -> None:
    text = Path(run["exports"]["dense"]["html"]["path"]).read_text(encoding="utf-8")
    assert text.count("</script>") == 5 and "@" + "title@" not in text
    assert "http://" not in text.split('id="weights"')[0].split("importmap")[0]
    assert "H\u00e4user &amp; &lt;B\u00e4ume&gt;" in text


def test_no_half_made_file_stays(run: dict[str, Any]) -> None:
    assert not list(run["folder"].glob("**/*.part"))


@pytest.fixture(scope="module")
def small() -> Any:
    backbone = case.default_backbone()
    return backbone, case.dense(backbone, case.squares(2))


def test_a_format_says_why_it_cannot_hold_a_classifier(small: Any, tmp_path: Path) -> None:
    backbone, _ = small
    seen = case.squares(4)
    knn = case.neighbours(backbone, seen, "l2")
    for name in ("tfjs", "keras", "h5", "tflite-int8", "header"):
        assert "small network" in (exports.EXPORTS[name].check(knn) or "")
        with pytest.raises(InputError, match="small network"):
            exports.make(name, knn, backbone, [], Task(), tmp_path)
    for name in ("html", "onnx", "tflite", "savedmodel", "npz", "labels", "classifier"):
        assert exports.EXPORTS[name].check(knn) is None
    value = case.dense(backbone, seen, values=True)
    assert "number" in (exports.EXPORTS["tfjs"].check(value) or "")
    assert list(tmp_path.iterdir()) == []


def test_a_network_too_large_for_a_microcontroller_is_refused_with_its_size(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.exports import c_header

    monkeypatch.setattr(c_header, "FLASH_BYTES", 600_000)
    with pytest.raises(InputError, match=r"there is room for 468,928 of 600,000"):
        exports.make("header", small[1], small[0], list(case.squares(2)), Task(), tmp_path)


def test_an_unknown_format_is_named(small: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'coreml'; expected one of html, tfjs"):
        exports.make("coreml", small[1], small[0], [], Task(), tmp_path)


def test_a_wrong_export_is_not_handed_out(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.exports import onnx_file

    monkeypatch.setitem(onnx_file.WRITERS, "Dense", _without_bias)
    with pytest.raises(InputError, match="does not give the same answers"):
        exports.make("onnx", small[1], small[0], list(case.squares(2)), Task(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def _without_bias(writer: Any, node: Any) -> None:
    kernel = writer.constant(f"{node.name}_kernel", node.weights["kernel"])
    writer.op("MatMul", [node.inputs[0], kernel], node.name)


def test_a_cancelled_export_stops_and_leaves_nothing(small: Any, tmp_path: Path) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        exports.make(
            "npz", small[1], small[0], list(case.squares(4)), Task(cancelled=cancelled), tmp_path
        )
    assert list(tmp_path.iterdir()) == []


def test_without_pictures_drawn_ones_stand_in_and_are_called_so(small: Any, tmp_path: Path) -> None:
    made = exports.make("onnx", small[1], small[0], [], Task(), tmp_path)
    assert made.agreement["pictures"] == 6
    with zipfile.ZipFile(made.path) as archive:
        assert "6 drawn pictures" in archive.read("README.txt").decode()


def test_the_table_imports_no_tensorflow() -> None:
    code = "import sys, server.exports, server.exports.table; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
