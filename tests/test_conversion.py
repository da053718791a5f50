"""`convert_models.py` from beginning to end: real TensorFlow, real LiteRT, a real browser.

All conversions run one after the other in one process of their own, since importing TensorFlow
is what takes longest and no other test should have it in its process.
"""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from server.conversion.catalogue import OFFICIAL
from server.conversion.golden import golden_pictures
from server.conversion.parity import cosines, run_litert
from server.conversion.pipeline import imagenet_classes

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DEFAULT = ROOT / "models" / "showtell_v2"
V2_WEIGHTS = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels"
RUNNER = """
import json, os, pathlib, shutil, sys
import convert_models
import tf_keras
whole = tf_keras.applications.MobileNet(alpha=0.25, input_shape=(32, 32, 3), weights=None)
whole.save(sys.argv[1])
for stream in (sys.stdout, sys.stderr):
    print("----", file=stream, flush=True)
for arguments, environment, kept in json.load(sys.stdin):
    os.environ.update(environment)
    if kept:
        out = pathlib.Path(arguments[-1])
        shutil.copytree(out.with_name("v1"), out)
        shutil.copytree(kept, out / "mobilenet_v1_0.25_32", dirs_exist_ok=True)
    for stream in (sys.stdout, sys.stderr):
        print("----", file=stream, flush=True)
    code = convert_models.main(arguments)
    print(f"exit {code}", flush=True)
"""
#: What lies in a folder that is converted again.
RECIPE = '{"format": "showtell-training", "seed": 7}'
KEPT = {"README.md": "# A model card", "training.json": RECIPE, "old.bin": "no longer needed"}
NEEDS_SHARED = pytest.mark.skipif(
    not SHARED.exists(), reason="../shared is not beside the checkout"
)


def v2_layers(alpha=0.35):
    """Every weighted layer of MobileNetV2 as [(name, {weight: shape})] (Sandler et al., 2018)."""

    def width(filters):
        filters *= alpha
        rounded = max(8, int(filters + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * filters else rounded

    def norm(name, channels):
        return name, dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (channels,))

    stem = width(32)
    layers = [("Conv1", {"kernel": (3, 3, 3, stem)}), norm("bn_Conv1", stem)]
    channels, block = stem, 0
    for expansion, filters, repeats in (
        (1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1),
    ):  # fmt: skip
        for _ in range(repeats):
            prefix = f"block_{block}_" if block else "expanded_conv_"
            inner, out = channels * expansion, width(filters)
            if expansion > 1:
                layers += [(f"{prefix}expand", {"kernel": (1, 1, channels, inner)})]
                layers += [norm(f"{prefix}expand_BN", inner)]
            layers += [(f"{prefix}depthwise", {"depthwise_kernel": (3, 3, inner, 1)})]
            layers += [norm(f"{prefix}depthwise_BN", inner)]
            layers += [(f"{prefix}project", {"kernel": (1, 1, inner, out)})]
            layers += [norm(f"{prefix}project_BN", out)]
            channels, block = out, block + 1
    layers += [("Conv_1", {"kernel": (1, 1, channels, 1280)}), norm("Conv_1_bn", 1280)]
    return layers


def export_tensors(seed):
    """Tensors as a Teachable Machine export orders them: trainable, its head, statistics."""
    random = np.random.default_rng(seed)

    def draw(name, shape):
        if name in ("gamma", "moving_variance"):
            return random.uniform(0.5, 1.5, shape)
        fan_in = max(1, int(np.prod(shape[:-1])))
        return random.normal(0, fan_in**-0.5 if len(shape) > 1 else 0.1, shape)

    trained, statistics = [], []
    for layer, weights in v2_layers():
        for name, shape in weights.items():
            target = statistics if name.startswith("moving") else trained
            target.append((f"{layer}/{name}", draw(name, shape).astype("<f4")))
    head = [("dense_Dense1/kernel", (1280, 100)), ("dense_Dense1/bias", (100,))]
    head += [("dense_Dense2/kernel", (100, 2))]
    return [*trained, *((name, draw("kernel", s).astype("<f4")) for name, s in head), *statistics]


def write_export(path, tensors):
    """Write a zip as Teachable Machine does."""
    weights = [{"name": n, "shape": list(v.shape), "dtype": "float32"} for n, v in tensors]
    manifest = [{"paths": ["weights.bin"], "weights": weights}]
    model = {"modelTopology": {"class_name": "Sequential"}, "weightsManifest": manifest}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"labels": ["Class 1", "Class 2"]}))
        archive.writestr("model.json", json.dumps(model))
        archive.writestr("weights.bin", b"".join(v.tobytes() for _, v in tensors))


def write_h5(path, layers):
    """Write a Keras weights file: [(layer, {weight: array})]."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name, _ in layers]
        for layer, weights in layers:
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/{name}:0".encode() for name in weights]
            for name, value in weights.items():
                group[f"{layer}/{name}:0"] = value


@pytest.fixture(scope="session")
def converted(tmp_path_factory):
    """Run all conversions; give {job: (exit code, stdout, stderr, folder)}."""
    work = tmp_path_factory.mktemp("conversions")
    write_export(work / "export.zip", export_tensors(4))
    wrong = [(name, {k: np.zeros(s, "f4") for k, s in w.items()}) for name, w in v2_layers(1.0)]
    write_h5(work / "wrong.h5", wrong)
    infinite = [(n, {k: np.full(s, np.inf, "f4") for k, s in w.items()}) for n, w in v2_layers()]
    write_h5(work / "infinite.h5", infinite)
    jobs = {
        "default": ["showtell_v2", "--weights", str(DEFAULT / "backbone.keras")],
        "v3": ["MobileNetV3Small", "--alpha", "0.75", "--size", "64", "--random", "--top"],
        "own": ["my_eyes", "--weights", "{v3}/backbone.keras", "--no-top", "--title", "My eyes"],
        "v1": ["mobilenet_v1_0.25_32", "--random", "--seed", "5", "--no-browser"],
        "v1_again": ["mobilenet_v1_0.25_32", "--random", "--seed", "5", "--no-browser"],
        "v1_other": ["mobilenet_v1_0.25_32", "--random", "--seed", "6", "--no-browser"],
        "export": ["--from-teachable-machine", str(work / "export.zip"), "--no-browser"],
        "wrong": ["mobilenet_v2_0.35_96", "--weights", str(work / "wrong.h5")],
        "other": ["mobilenet_v1_0.25_128", "--weights", str(work / "wrong.h5")],
        "whole": ["whole", "--weights", str(work / "whole.h5"), "--no-browser"],
        "infinite": ["mobilenet_v2_0.35_96", "--weights", str(work / "infinite.h5")],
        "no_top": ["no_top", "--weights", str(DEFAULT / "backbone.keras"), "--top"],
        "browser": ["mobilenet_v1_0.25_32", "--random"],
    }
    if SHARED.exists():
        export = SHARED / "formats" / "teachable-machine-model.zip"
        narrow = SHARED / "weights" / f"{V2_WEIGHTS}_0.35_224_no_top.h5"
        wide = SHARED / "weights" / f"{V2_WEIGHTS}_1.0_224.h5"
        jobs |= {
            "real_export": ["--from-teachable-machine", str(export), "--no-browser"],
            "narrow": ["mobilenet_v2_0.35_224", "--weights", str(narrow), "--no-browser"],
            "wide": ["mobilenet_v2_1.00_224", "--weights", str(wide)],
        }
    names = {
        "default": "showtell_v2",
        "v3": "mobilenet_v3_small_0.75_64",
        "own": "my_eyes",
    }
    # What the jobs "v1_again" and "v1_other" find in the folder that "v1" has made by then.
    (work / "kept").mkdir()
    for name, text in KEPT.items():
        (work / "kept" / name).write_text(text, encoding="utf-8")
    names |= dict.fromkeys(("v1", "v1_again", "v1_other"), "mobilenet_v1_0.25_32")
    names |= {"whole": "whole", "wide": "mobilenet_v2_1.00_224"}
    folders = {job: work / job / names.get(job, "mobilenet_v2_0.35_224") for job in jobs}
    calls = []
    for job, arguments in jobs.items():
        arguments = [a.replace("{v3}", str(folders["v3"])) for a in arguments]
        unusable = {"SHOWTELL_BROWSER": shutil.which("false")} if job == "browser" else {}
        kept = str(work / "kept") if job in ("v1_again", "v1_other") else None
        calls.append(([*arguments, "--out", str(work / job)], unusable, kept))
    # The job with the unusable browser comes last: its environment would stay for others.
    calls.sort(key=lambda call: bool(call[1]))
    order = sorted(jobs, key=lambda job: job == "browser")
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUNNER, str(work / "whole.h5")],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert process.returncode == 0, process.stderr
    out, err = (text.split("----\n")[2:] for text in (process.stdout, process.stderr))
    codes = [int(text.rsplit("exit ", 1)[1]) for text in out]
    results = zip(codes, out, err, (folders[job] for job in order), strict=True)
    return dict(zip(order, results, strict=True))


def document(folder):
    return json.loads((folder / "backbone.json").read_text(encoding="utf-8"))


def folder_of(converted, job):
    code, out, err, folder = converted[job]
    assert code == 0, out + err
    return folder


def embeddings(folder):
    pictures = golden_pictures(document(folder)["input_size"])
    return run_litert(folder / "backbone.tflite", pictures)[0]


def assert_whole(folder, kept=()):
    """The folder holds exactly what backbone.json says, and all that the contract asks for.

    Besides, those files that were kept from an earlier one.
    """
    about = document(folder)
    assert about["format"] == "showtell-backbone" and about["version"] == 1
    assert about["name"] == folder.name
    assert {p.name for p in folder.iterdir()} == {"backbone.json", *kept, *about["files"]}
    assert not set(kept) & set(about["files"])
    for name, entry in about["files"].items():
        data = (folder / name).read_bytes()
        assert len(data) == entry["bytes"], name
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
    model = json.loads((folder / "model.json").read_text())
    shards = [path for group in model["weightsManifest"] for path in group["paths"]]
    assert {"model.json", "backbone.tflite", "backbone.keras", *shards} <= set(about["files"])
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in shards))
    digest.update(str(about["input_size"]).encode())
    assert about["fingerprint"] == digest.hexdigest()
    served = ["model.json", *shards]
    assert about["bytes"] == sum(about["files"][name]["bytes"] for name in served)
    outputs = {"embedding", "logits"} if about["has_top"] else {"embedding"}
    assert set(model["signature"]["outputs"]) == outputs
    assert outputs | {"image"} <= {node["name"] for node in model["modelTopology"]["node"]}
    assert ("labels.json" in about["files"]) == about["has_top"]
    assert about["parity"]["litert_min_cosine"] >= 0.9999
    return about


def test_the_committed_default_is_whole_and_measured():
    about = assert_whole(DEFAULT, kept=("README.md", "training.json"))
    assert about["parity"]["tfjs_min_cosine"] >= 0.9999
    assert about["input_size"] == 224 and about["embedding_size"] == 256
    assert about["macs"] <= 60_000_000
    assert about["accuracy"]["superheroes"]["20"] >= 0.96
    assert about["accuracy"]["digits"]["20"] >= 0.63
    assert sum(entry["bytes"] for entry in about["files"].values()) < 5_000_000
    assert about["bytes"] < 2_000_000


def test_the_default_converts_again_to_the_very_same_files(converted):
    folder = folder_of(converted, "default")
    about, committed = assert_whole(folder, ("training.json",)), document(DEFAULT)
    assert about["fingerprint"] == committed["fingerprint"]
    assert about["parity"]["tfjs_backend"] == "wasm"
    assert about["parity"]["tfjs_min_cosine"] >= 0.9999
    for name in ("title", "architecture", "alpha", "licence", "macs", "parameters", "bytes"):
        assert about[name] == committed[name], name


def test_mobilenet_v3_with_its_classes_runs_the_same_everywhere(converted):
    folder = folder_of(converted, "v3")
    about = assert_whole(folder)
    assert about["architecture"] == "MobileNetV3Small" and about["has_top"]
    assert about["alpha"] == 0.75 and about["input_size"] == 64
    assert about["parity"]["tfjs_min_cosine"] >= 0.9999
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    assert len(labels) == 1000 == len({entry["name"] for entry in labels})
    assert labels[0] == {"id": "n01440764", "name": "tench"}
    assert labels[::999] == imagenet_classes()[::999]
    outputs = embeddings(folder)
    assert outputs["logits"].shape == (8, 1000)
    assert outputs["embedding"].shape == (8, about["embedding_size"])


def test_a_whole_model_of_ones_own_keeps_its_embedding(converted):
    folder = folder_of(converted, "own")
    about = assert_whole(folder)
    assert about["title"] == "My eyes" and about["architecture"] == "custom"
    assert not about["has_top"]
    original = embeddings(folder_of(converted, "v3"))["embedding"]
    assert cosines(original, embeddings(folder)["embedding"]).min() > 0.999999


def test_a_whole_classifier_gives_its_pooled_features_and_logits(converted):
    folder = folder_of(converted, "whole")
    about = assert_whole(folder)
    assert about["has_top"] and about["embedding_size"] == 256
    outputs = embeddings(folder)
    assert abs(outputs["logits"].sum(axis=1) - 1).min() > 1e-3  # no softmax behind them


def test_random_weights_are_marked_and_no_browser_means_no_figure(converted):
    about = assert_whole(folder_of(converted, "v1"))
    assert about["source"]["kind"] == "random" and "random" in about["title"]
    assert about["parity"]["tfjs_min_cosine"] is None
    assert about["parity"]["tfjs_backend"] is None
    assert "TF.js not checked" in converted["v1"][1]


def test_a_recipe_beside_the_weights_comes_along(converted):
    copied = folder_of(converted, "default") / "training.json"
    assert copied.read_bytes() == (DEFAULT / "training.json").read_bytes()


def test_the_model_card_and_the_recipe_do_not_pass_to_other_weights(converted):
    assert_whole(folder_of(converted, "v1_other"))
    (line,) = [line for line in converted["v1_other"][1].splitlines() if "Left out" in line]
    assert "README.md and training.json" in line and "other weights" in line


def test_the_model_card_and_the_recipe_outlive_a_conversion_of_the_same_weights(converted):
    from server.learning.backbones import load_backbone

    folder = folder_of(converted, "v1_again")
    assert_whole(folder, ("README.md", "training.json"))
    assert "Left out" not in converted["v1_again"][1]
    for name in ("README.md", "training.json"):
        assert (folder / name).read_text(encoding="utf-8") == KEPT[name]
    load_backbone(folder).verify()


def test_other_weights_under_an_official_name_are_told_and_bring_no_accuracy(converted):
    assert "WARNING: answers otherwise than the known MobileNetV2 0.35" in converted["export"][1]
    assert document(folder_of(converted, "export"))["accuracy"] == {}


@NEEDS_SHARED
def test_the_real_weights_are_recognised_and_bring_their_accuracy(converted):
    for job, name in (("narrow", "mobilenet_v2_0.35_224"), ("wide", "mobilenet_v2_1.00_224")):
        assert "Answers as the known MobileNetV2" in converted[job][1]
        assert document(folder_of(converted, job))["accuracy"] == OFFICIAL[name].accuracy


def test_a_teachable_machine_export_gives_its_backbone_with_batch_norm_folded(converted):
    folder = folder_of(converted, "export")
    about = assert_whole(folder)
    assert about["source"]["kind"] == "teachable-machine"
    assert about["architecture"] == "MobileNetV2" and about["embedding_size"] == 1280
    model = json.loads((folder / "model.json").read_text())
    first, second = model["weightsManifest"][0]["weights"][:2]
    assert first["shape"] == [3, 3, 3, 16] and second["shape"] == [16]
    stored = np.frombuffer((folder / "group1-shard1of1.bin").read_bytes(), "<f2")
    tensors = dict(export_tensors(4))
    variance = tensors["bn_Conv1/moving_variance"].astype(float)
    scale = tensors["bn_Conv1/gamma"] / np.sqrt(variance + 1e-3)
    kernel = tensors["Conv1/kernel"] * scale
    bias = tensors["bn_Conv1/beta"] - tensors["bn_Conv1/moving_mean"] * scale
    np.testing.assert_allclose(stored[:432].reshape(3, 3, 3, 16), kernel, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(stored[432:448], bias, rtol=1e-3, atol=1e-6)


@NEEDS_SHARED
def test_the_real_export_and_the_weights_file_are_the_same_eyes(converted):
    export, narrow = folder_of(converted, "real_export"), folder_of(converted, "narrow")
    assert assert_whole(export)["fingerprint"] == assert_whole(narrow)["fingerprint"]
    np.testing.assert_array_equal(*(embeddings(f)["embedding"] for f in (export, narrow)))


@NEEDS_SHARED
def test_wide_mobilenet_v2_comes_with_classes_that_name_real_photographs(converted):
    from server.learning.backbones import load_backbone
    from server.learning.embedding import embedder_of
    from server.learning.pictures import decode_square

    folder = folder_of(converted, "wide")
    assert assert_whole(folder)["parity"]["tfjs_min_cosine"] >= 0.9999
    embedder = embedder_of(load_backbone(folder))
    photographs = sorted((SHARED / "pictures" / "imagenet-sample").iterdir())[::20]
    hits = 0
    for path in photographs:
        best = embedder.classify(decode_square(path.read_bytes()))
        hits += path.name.split("_")[0] in [entry["id"] for entry in best]
    assert hits >= 0.9 * len(photographs)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("wrong", ["wrong.h5 does not fit", "Conv1/kernel", "(3, 3, 3, 16)", "--alpha"]),
        ("other", ["wrong.h5 does not fit", "--alpha"]),
        ("infinite", ["infinite.h5", "not finite"]),
        ("no_top", ["no 1,000-class output", "--top"]),
        ("browser", ["before it had run the model"]),
    ],
)
def test_what_does_not_work_is_said_and_leaves_nothing(converted, job, words):
    code, out, err, folder = converted[job]
    assert code == 1 and "Done" not in out
    assert all(word in err for word in words), err
    assert "Traceback" not in err
    assert not folder.parent.exists() or list(folder.parent.iterdir()) == []


def test_progress_is_short_lines_without_the_libraries_chatter(converted):
    code, out, err, _ = converted["v3"]
    assert code == 0 and err.strip() == ""
    assert all(len(line) <= 120 for line in out.splitlines())
    assert "Warning" not in out and "ydf" not in out


def test_an_interrupted_conversion_leaves_nothing(tmp_path):
    command = [sys.executable, "convert_models.py", "mobilenet_v1_0.25_32", "--random"]
    process = subprocess.Popen(
        [*command, "--no-browser", "--out", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not any(path.is_dir() and any(path.iterdir()) for path in tmp_path.iterdir()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert list(tmp_path.iterdir()) == []
