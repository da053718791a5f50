"""A distillation from beginning to end: it learns, is stopped, killed, goes on, and converts."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_distil_data import picture, write_pictures

from server.conversion import keras_models
from server.conversion.names import read_name
from tools.distil import networks, training
from tools.distil.config import Config, Objective, Phase, TrainingError
from tools.distil.networks import Teacher, choice_of
from tools.distil.pictures import read_pictures
from tools.distil.training import Training

ROOT = Path(__file__).resolve().parent.parent
NAME = "mobilenet_v1_0.25_32"
PHASES = (Phase("blocks", 150, 16, 32, 5e-3, 10), Phase("whole", 100, 16, 32, 3e-3, 10))
SHORT = (Phase("whole", 12, 16, 48, 2e-3, 2),)
TINY = Config(NAME, NAME, size=32, embedding=8, phases=PHASES, held_out=0.2, averaging=0.8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Write a teacher of random weights whose features differ from picture to picture."""
    model = keras_models.build(read_name(NAME), top=False, seed=5)
    keras_models.randomise_batch_norm(model, 5)
    for layer in model.layers:
        layer.momentum = 0.5
        if "Conv" in type(layer).__name__:
            # Sums, no differences: a smooth function that a few pictures can teach.
            layer.set_weights([np.abs(w) for w in layer.get_weights()])
    # In a deep random network all pictures look alike until normalisation knows their statistics.
    batch = np.stack([np.asarray(picture(i, (32, 32)), np.float32) / 127.5 - 1 for i in range(64)])
    for _ in range(12):
        model(batch, training=True)
    path = tmp_path_factory.mktemp("teacher") / "teacher.h5"
    model.save_weights(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("pictures") / "p", 60)


@pytest.fixture
def make(weights, folder, tmp_path, monkeypatch):
    # The projection's thousands of views are for 256 numbers, not for 8.
    monkeypatch.setattr(training, "PROJECTION_VIEWS", 64)
    # And a few dozen steps are no time for statistics that remember fifty.
    monkeypatch.setattr(networks, "BATCH_NORM_MOMENTUM", 0.5)
    monkeypatch.setattr(training, "SETTLING_STEPS", 5)
    pictures = read_pictures([folder], TINY.held_out)

    def made(config=TINY, **arguments):
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        teacher = Teacher(choice_of(config.teacher), weights)
        return Training(config, teacher, pictures, out, **arguments)

    return made


def log_of(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def test_blocks_and_then_the_whole_come_near_the_teacher(make, monkeypatch):
    monkeypatch.setattr(training, "REPORT_EVERY", 5)
    monkeypatch.setattr(training, "SMOOTHING", 0)
    told = []
    run = make(report=told.append)
    path = run.run()
    model = keras_models.from_model_file(path)
    assert model.input_shape == (None, 32, 32, 3) and model.output_shape == (None, 8)
    first, last = told[0], [p for p in told if p.phase == 0][-1]
    assert last.losses["hints"] < 0.85 * first.losses["hints"]
    assert set(told[-1].losses) == {"hints", "cosine", "similarity"}
    assert told[-1].done == told[-1].total == 250 and told[-1].seconds_left == 0
    assert all(p.pictures_per_second > 0 for p in told)
    judged = [entry["held_out"] for entry in log_of(run.folder) if "held_out" in entry]
    assert [entry["pictures"] for entry in judged] == [len(run.pictures.held_out)] * 2
    assert all(-1 <= entry["cosine"] <= 1 and 0 <= entry["same_nearest"] <= 1 for entry in judged)
    whole = [p.losses["cosine"] for p in told if p.phase == 1]
    assert whole[-1] < 0.8 * whole[0], whole
    embedded = model(np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype("f4")).numpy()
    assert np.isfinite(embedded).all() and np.ptp(embedded, axis=0).min() > 0


def test_a_stopped_training_goes_on_with_the_same_numbers(make, monkeypatch):
    monkeypatch.setattr(training, "REPORT_EVERY", 20)
    run = make(dataclasses.replace(TINY, phases=SHORT))
    whole = keras_models.from_model_file(run.run()).get_weights()
    for name in ("checkpoint.npz", "student.keras"):
        (run.folder / name).unlink()

    halved = make(dataclasses.replace(TINY, phases=SHORT))
    batch = halved.maker.batch

    def stopping_batch(number, *arguments):
        if number >= 6:
            halved.stop()
        return batch(number, *arguments)

    halved.maker.batch = stopping_batch
    assert halved.run() is None
    assert not (run.folder / "student.keras").exists()
    again = make(dataclasses.replace(TINY, phases=SHORT))
    resumed = keras_models.from_model_file(again.run()).get_weights()
    assert again.seconds > 0
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-2, atol=2e-3)


def test_a_student_of_another_family_learns_features_without_hints(make):
    config = dataclasses.replace(
        TINY,
        student="mobilenet_v2_0.35_32",
        phases=(Phase("whole", 3, 8, 32, 1e-3, 0),),
        objective=Objective(hints=0),
    )
    run = make(config)
    model = keras_models.from_model_file(run.run())
    assert model.output_shape == (None, 8)
    assert model.get_layer("adapter").output_shape == (None, 256)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"student": "mobilenet_v2_0.35_32"}, "has other blocks than mobilenet_v1_0.25_32"),
        (
            {"phases": SHORT, "objective": Objective(logits=1)},
            "logits needs a teacher with the 1,000 classes",
        ),
        ({"teacher": "mobilenet_v1_0.50_32"}, "does not fit"),
        ({"student": "my_eyes"}, "none of Keras' families"),
    ],
)
def test_what_cannot_be_compared_is_refused(make, change, message):
    with pytest.raises(TrainingError, match=message):
        make(dataclasses.replace(TINY, **change)).run()


def test_a_teacher_with_classes_teaches_them_too(make, tmp_path, folder):
    choice = read_name(NAME)
    model = keras_models.build(choice, top=True, seed=5)
    path = tmp_path / "top.h5"
    model.save_weights(path)
    run = make(
        dataclasses.replace(TINY, phases=(Phase("whole", 2, 8, 32),), objective=Objective(logits=1))
    )
    run.teacher = Teacher(choice, path)
    told = []
    run.report = told.append
    assert run.run() is not None
    assert told[-1].losses["logits"] > 0


@pytest.mark.parametrize("name", ["mobilenet_v1_0.25_32", "mobilenet_v2_0.35_32"])
def test_blocks_put_together_are_the_network(name):
    model = keras_models.build(read_name(name), top=False, seed=1)
    batch = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    value = batch
    blocks = networks.blocks_of(model)
    assert len(blocks) > 10
    for block in blocks:
        value = block(value)
    np.testing.assert_allclose(np.mean(value, axis=(1, 2)), model(batch), rtol=1e-4, atol=1e-5)


def test_a_killed_command_goes_on_and_its_student_becomes_a_backbone(weights, folder, tmp_path):
    config = tmp_path / "config.json"
    phases = (Phase("whole", 60, 8, 32, 1e-3, 5),)
    config.write_text(json.dumps(dataclasses.replace(TINY, phases=phases).document()))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "tools.train_backbone", "--threads", "1", "--out", str(out)]
    command += ["--config", str(config), "--teacher-weights", str(weights)]
    command += ["--checkpoint-every", "0", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        while not (out / "checkpoint.npz").is_file():
            assert process.poll() is None, process.stdout.read()
        os.kill(process.pid, signal.SIGKILL)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "60" in done.stdout and "Done" in done.stdout
    document = json.loads((out / "training.json").read_text())
    assert document["run"]["pictures"] + document["run"]["held_out"] == 60
    assert document["run"]["hours"] >= 0
    other = subprocess.run([*command, "--seed", "9"], cwd=ROOT, capture_output=True, text=True)
    assert other.returncode == 1 and "begun with another configuration" in other.stderr
    write_pictures(tmp_path / "others", 60, first=500)
    elsewhere = [*command[:-1], str(tmp_path / "others")]
    refused = subprocess.run(elsewhere, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 1 and "begun with other pictures" in refused.stderr
    assert json.loads((out / "training.json").read_text()) == document
    convert = [sys.executable, "convert_models.py", "mine", "--weights", str(out / "student.keras")]
    convert += ["--out", str(tmp_path / "models"), "--no-browser"]
    assert subprocess.run(convert, cwd=ROOT, capture_output=True).returncode == 0
    made = json.loads((tmp_path / "models" / "mine" / "backbone.json").read_text())
    assert (made["input_size"], made["embedding_size"]) == (32, 8)
