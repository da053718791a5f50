"""The few-shot protocol of `bench/accuracy.py`."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench import accuracy

ROOT = Path(__file__).resolve().parent.parent


def clusters(spread, seed=0, classes=3, each=30, length=16):
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    vectors = random.standard_normal((classes, length))[labels]
    vectors += spread * random.standard_normal(vectors.shape)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), labels


def test_classes_far_apart_are_always_told_apart():
    vectors, labels = clusters(0.01)
    assert accuracy.few_shot(vectors, labels, 1) == (1.0, 0.0)


def test_noise_is_guessed_at_chance_and_more_examples_help():
    vectors, labels = clusters(1e6)
    mean, _ = accuracy.few_shot(vectors, labels, 5, draws=50)
    assert abs(mean - 1 / 3) < 0.06
    vectors, labels = clusters(1.5)
    few, many = (accuracy.few_shot(vectors, labels, n)[0] for n in (1, 20))
    assert many > few + 0.05


def test_the_draws_are_repeatable_and_depend_on_the_seed():
    vectors, labels = clusters(1.5)
    assert accuracy.few_shot(vectors, labels, 3) == accuracy.few_shot(vectors, labels, 3)
    assert accuracy.few_shot(vectors, labels, 3) != accuracy.few_shot(vectors, labels, 3, seed=1)


def test_three_voters_outvote_one_nearer_and_similarity_breaks_a_tie():
    def at(degrees):
        return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]

    # Class 0 has one example near the tests, class 1 two a little further off.
    vectors = np.array([at(0), at(90), at(10), at(12), at(1), at(2)])
    labels = np.array([0, 0, 1, 1, 0, 1])
    nearest = accuracy.few_shot(vectors, labels, 2, draws=200, k=1)[0]
    three = accuracy.few_shot(vectors, labels, 2, draws=200, k=3)[0]
    assert nearest != three


@pytest.mark.parametrize("per_class", [0, 30, 31])
def test_too_many_or_no_examples_are_refused(per_class):
    vectors, labels = clusters(1)
    with pytest.raises(ValueError, match="expected 1 to 29"):
        accuracy.few_shot(vectors, labels, per_class)


def test_the_table_is_printed_and_recorded_for_drawn_pictures(tmp_path, capsys):
    random = np.random.default_rng(2)
    for label, colour in (("a", "red"), ("b", "blue")):
        folder = tmp_path / "pictures" / "superheroes" / label
        folder.mkdir(parents=True)
        for number in range(52):
            picture = Image.new("RGB", (120, 90), "white")
            x, y = random.integers(0, 50, 2)
            shape = ImageDraw.Draw(picture)
            (shape.ellipse if label == "a" else shape.rectangle)((x, y, x + 40, y + 40), colour)
            picture.save(folder / f"{number}.png")
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models" / "showtell_v1", models / "showtell_v1")
    where = ["--pictures", str(tmp_path / "pictures"), "--models", str(models)]
    assert accuracy.main(["showtell_v1", "--record", *where]) == 0
    printed = capsys.readouterr().out
    assert "showtell_v1" in printed and "superheroes 104" in printed
    about = json.loads((models / "showtell_v1" / "backbone.json").read_text())
    assert set(about["accuracy"]) == {"superheroes"}
    assert about["accuracy"]["superheroes"]["50"] > 0.9


def test_without_pictures_it_says_so(tmp_path, capsys):
    assert accuracy.main(["--pictures", str(tmp_path)]) == 1
    assert "no pictures to measure on" in capsys.readouterr().out
