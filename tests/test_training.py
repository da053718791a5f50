"""The one way in which everything is trained: split, fit, calibrate, judge, report, finalise."""

import json
from dataclasses import replace

import numpy as np
import pytest
from learning_samples import backbone_of, clouds

from server.formats import classifier as files
from server.learning import training
from server.learning.classifier import ClassRef
from server.learning.errors import InputError
from server.learning.splits import split
from server.learning.task import Cancelled, Task
from tests.conftest import draw

FAST = {"head": {"epochs": 10}, "regression": {"epochs": 5}}


def trained(recipe, examples, task=None, **options):
    command = f"train --recipe {recipe}"
    given = {**FAST.get(recipe, {}), **options}
    return training.train(recipe, examples, given, task or Task(), command=command)


def numbered(examples):
    return replace(examples, classes=[str(i) for i in range(len(examples.classes))])


@pytest.mark.parametrize("recipe", ["knn", "linear", "head", "regression"])
def test_recipe_is_trained_judged_reported_and_saved(recipe, tmp_path):
    examples = numbered(clouds([40, 30, 35], burst=3, spread=0.6))
    made = trained(recipe, examples)
    report = made.report
    json.dumps(report, allow_nan=False)
    parts = split(examples.labels, examples.groups, validation=0.15, test=0.2, seed=1)
    assert report["test"]["n"] == len(parts.test)
    assert [sum(report["counts"][p]) for p in ("train", "validation", "test")] == [
        len(parts.train),
        len(parts.validation),
        len(parts.test),
    ]
    assert report["split"]["by"] == "burst" and report["seed"] == 1
    assert report["recipe"] == recipe == made.recipe
    assert report["command"] == f"train --recipe {recipe}"
    assert report["seconds"]["fit"] > 0 and report["bytes"] > 0
    assert made.backbone.fingerprint == examples.backbone.fingerprint
    answers = made.scores(examples.vectors[parts.test])
    if recipe == "regression":
        error = np.abs(answers[:, 0] - examples.values()[parts.test]).mean()
        assert report["test"]["mean_absolute_error"] == pytest.approx(error)
        assert made.is_regression
    else:
        right = (answers.argmax(1) == examples.labels[parts.test]).mean()
        assert report["test"]["accuracy"] == pytest.approx(right) and right > 0.8
        assert report["test"]["calibration"]["temperature"] == made.temperature
    files.save(made, tmp_path / "a.classifier")
    again = files.read(tmp_path / "a.classifier")
    np.testing.assert_array_equal(again.scores(examples.vectors), made.scores(examples.vectors))
    assert again.report == report


@pytest.mark.parametrize("recipe", ["knn", "linear", "head", "regression"])
def test_same_seed_gives_the_same_classifier(recipe):
    examples = numbered(clouds([30, 30], spread=0.8))
    a, b = (trained(recipe, examples) for _ in range(2))
    np.testing.assert_array_equal(a.scores(examples.vectors), b.scores(examples.vectors))
    for name in ("test", "validation", "tries", "curves", "counts"):
        assert a.report[name] == b.report[name]


@pytest.mark.parametrize("recipe", ["knn", "linear", "head", "regression"])
def test_finalise_trains_once_more_on_everything_and_says_so(recipe):
    examples = numbered(clouds([30, 30], spread=1.0, burst=3))
    judged, final = (trained(recipe, examples, finalise=value) for value in (False, True))
    assert final.report["finalised"] and not judged.report["finalised"]
    assert final.report["test"] == judged.report["test"], "it is judged before"
    assert final.report["tries"] == judged.report["tries"]
    assert any("once more on all 60 pictures" in note for note in final.report["notes"])
    difference = np.abs(final.scores(examples.vectors) - judged.scores(examples.vectors))
    assert difference.max() > 1e-6, "it has learned nothing from the other pictures"
    if recipe == "knn":
        assert len(final.model.labels) == 60
        assert (final.model.k, final.model.metric) == (judged.model.k, judged.model.metric)


def test_finalise_trains_for_as_many_epochs_as_were_best():
    examples = clouds([40, 40], spread=4, seed=2)
    events = []
    made = trained(
        "head", examples, Task(events.append), epochs=200, patience=5, rate=0.01, finalise=True
    )
    epochs = [e["epoch"] for e in events if e["kind"] == "metrics"]
    assert epochs == list(range(1, len(epochs) + 1)), "the second training tells no epochs"
    best = len(epochs) - 5
    same = trained("head", examples, epochs=best, rate=0.01, validation=0, test=0)
    np.testing.assert_array_equal(made.model.layers[0].kernel, same.model.layers[0].kernel)


def test_progress_rises_through_the_phases_and_warnings_are_told():
    events = []
    trained("linear", clouds([30, 30], burst=30), Task(events.append))
    told = [(e["phase"], e["fraction"]) for e in events if e["kind"] == "progress"]
    assert list(dict.fromkeys(phase for phase, _ in told)) == ["fit", "evaluate"]
    for phase in ("fit", "evaluate"):
        fractions = [f for p, f in told if p == phase]
        assert fractions == sorted(fractions) and fractions[-1] == 1
    warnings = [e["text"] for e in events if e["kind"] == "log" and e["level"] == "warning"]
    assert len(warnings) == 1 and "one recording" in warnings[0]


def test_split_in_time_is_in_the_report():
    report = trained("linear", clouds([30, 30], burst=30)).report
    assert report["split"]["by"] == "moment" and "one recording" in report["split"]["warnings"][0]


def test_two_recordings_of_each_class_leave_none_to_steer_by_and_the_report_says_so():
    made = trained("linear", clouds([40, 40], burst=20))
    assert made.report["counts"] == {"train": [20, 20], "validation": [0, 0], "test": [20, 20]}
    assert made.report["split"]["by"] == "burst" and made.temperature == 1
    assert any("at least three times" in note for note in made.report["notes"])


def test_classes_keep_ids_and_colours():
    references = [ClassRef("c0", "id-0", "#123456"), ClassRef("c1", "id-1", "#654321")]
    made = training.train(
        "knn", clouds([20, 20]), {"k": 3}, Task(), name="Mine", class_refs=references
    )
    assert made.classes == references and made.name == made.report["name"] == "Mine"
    with_ids = replace(clouds([20, 20]), class_ids=["a", "b"])
    assert [c.id for c in trained("knn", with_ids, k=3).classes] == ["a", "b"]


def test_skipped_pictures_and_seconds_are_in_the_report():
    skipped = [{"id": "a/1.jpg", "reason": "This is not a picture that can be read"}]
    made = training.train("knn", clouds([20, 20]), {}, Task(), embed_seconds=1.25, skipped=skipped)
    assert made.report["skipped"] == skipped and made.report["seconds"]["embed"] == 1.25


@pytest.mark.parametrize("per_class", [[1, 1], [2, 1], [2, 2], [3, 3, 3]])
@pytest.mark.parametrize("recipe", ["knn", "linear", "head", "regression"])
def test_a_handful_of_pictures_is_enough(recipe, per_class):
    made = trained(recipe, numbered(clouds(per_class, spread=0.1)), finalise=True)
    assert np.isfinite(made.scores(clouds(per_class).vectors)).all()


@pytest.mark.parametrize(
    ("recipe", "options", "word"),
    [
        ("forest", {}, "recipe"),
        ("knn", {"kk": 3}, "option"),
        ("knn", {"k": 0}, "option"),
        ("linear", {"test": 0.8, "validation": 0.5}, "Too few"),
        ("convnet", {}, "needs the pictures"),
        ("knn", {"pixels": True}, "needs the pictures"),
        ("regression", {}, "numbers"),
    ],
)
def test_what_cannot_be_trained_is_told(recipe, options, word):
    with pytest.raises(InputError) as caught:
        training.train(recipe, clouds([20, 20]), options, Task())
    assert word in caught.value.title and caught.value.detail


def test_one_class_is_not_enough():
    for examples in (clouds([20]), clouds([20, 0]), clouds([0, 0])):
        with pytest.raises(InputError, match="two classes"):
            trained("knn", examples)


def test_vectors_that_are_no_numbers_are_told():
    examples = clouds([20, 20])
    examples.vectors[3] = np.nan
    with pytest.raises(InputError, match="1 of 40"):
        trained("linear", examples)


def test_classifier_of_raw_pixels_needs_no_backbone():
    colors = [(220, 30, 30), (30, 30, 220)]
    examples = clouds([9, 9])
    pictures = [draw(colors[label], seed) for seed, label in enumerate(examples.labels)]
    made = trained("knn", replace(examples, read=pictures.__getitem__), pixels=True)
    assert made.backbone is None and made.report["backbone"] is None
    assert made.report["test"]["accuracy"] == 1


def test_cancel_ends_it():
    asked = iter([False] * 12)
    with pytest.raises(Cancelled):
        trained("head", clouds([30, 30]), Task(cancelled=lambda: next(asked, True)))


def test_other_pictures_judge_a_classifier_by_the_labels_of_their_classes():
    examples = clouds([40, 40, 40], spread=0.4)
    made = trained("linear", examples)
    others = replace(
        examples, labels=np.array([1, 2, 0])[examples.labels], classes=["c2", "c0", "c1"]
    )
    report = training.evaluate(made, others, Task(), command="evaluate")
    right = (made.scores(examples.vectors).argmax(1) == examples.labels).mean()
    assert report["test"]["n"] == 120 and report["test"]["accuracy"] == pytest.approx(right)
    assert report["classes"] == ["c0", "c1", "c2"] and report["validation"] is None
    assert report["command"] == "evaluate"


def test_pictures_of_unknown_classes_are_left_out_and_named():
    examples = clouds([20, 20, 20], spread=0.4)
    made = trained("linear", replace(examples.subset(np.arange(40)), classes=["c0", "c1"]))
    report = training.evaluate(made, examples, Task())
    assert report["test"]["n"] == 40
    assert any("20 pictures" in note and "c2" in note for note in report["notes"])
    strangers = replace(examples, classes=["x", "y", "z"])
    with pytest.raises(InputError, match="x, y, z"):
        training.evaluate(made, strangers, Task())


def test_regression_is_judged_on_values_it_was_not_shown():
    examples = numbered(clouds([20, 20, 20], spread=0.4))
    made = trained("regression", examples.subset(np.arange(40)), method="ridge")
    report = training.evaluate(made, examples, Task())
    answers = made.scores(examples.vectors)[:, 0]
    error = np.abs(answers - examples.values()).mean()
    assert report["test"]["mean_absolute_error"] == pytest.approx(error)


def test_vectors_of_another_backbone_are_refused():
    examples = clouds([20, 20])
    made = trained("linear", examples)
    other = replace(backbone_of(16), fingerprint="0" * 64)
    with pytest.raises(InputError) as caught:
        training.evaluate(made, replace(examples, backbone=other), Task())
    assert caught.value.kind == "mismatch"


def test_copies_of_a_picture_are_on_one_side_of_the_split():
    examples = clouds([20, 20])
    twins = np.repeat(np.arange(0, 40, 2), 2)  # every picture is there twice
    examples = replace(examples, vectors=examples.vectors[twins], labels=examples.labels[twins])
    classifier = training.train("linear", examples, {}, Task())
    report = classifier.report
    assert any("20 pictures are copies of another" in note for note in report["notes"])
    assert report["split"]["by"] == "none"
    judged = {
        int(item["id"].split("/")[0]) * 20 + int(item["id"].split("/")[1])
        for item in report["test"]["items"]
    }
    assert judged and all(i ^ 1 in judged for i in judged)
