"""What is said in words, of curves and counts fed by hand: when a rule speaks, and when not."""

from __future__ import annotations

import numpy as np
import pytest
from report_samples import curve, make, make_regression

from server.learning import diagnosis_curves
from server.learning.diagnosis import RULES, VERDICTS


def kinds(report) -> list[str]:
    return [found["kind"] for found in report["diagnosis"]]


def told(report, kind: str):
    (found,) = (found for found in report["diagnosis"] if found["kind"] == kind)
    return found


def falling(n: int, start: float = 1.0, end: float = 0.05) -> np.ndarray:
    """A loss that falls quickly and then hardly any more."""
    return end + (start - end) * np.exp(-np.arange(n) / (n / 12))


# Verdicts


def test_a_good_classifier_is_called_good_and_nothing_else_is_said():
    report = make(test=((98, 2), (1, 99)), validation=((98, 2), (1, 99)), sure=0.98)
    assert kinds(report) == ["good"]
    assert told(report, "good")["level"] == "good"
    assert "98 %" in told(report, "good")["text"]


def test_guessing_is_told_with_what_the_commonest_class_would_give():
    report = make(test=((80, 0), (40, 0)), sure=0.67)
    assert told(report, "guessing")["level"] == "bad"
    assert "always answering cat would be right on 67 %" in told(report, "guessing")["text"]


def test_better_than_guessing_but_often_wrong_is_weak():
    report = make(test=((75, 25), (25, 75)), sure=0.75)
    assert told(report, "weak")["level"] == "warning"


def test_a_small_test_is_told_not_to_tell():
    report = make(test=((5, 0), (1, 6)), sure=0.9)
    assert kinds(report)[0] == "small-test"
    assert "12 pictures" in told(report, "small-test")["text"]


def test_many_frames_of_few_recordings_are_a_small_test():
    many = {"test": ((98, 2), (1, 99)), "validation": None, "sure": 0.98}
    assert "small-test" not in kinds(make(**many))
    report = make(**many, bursts=8, by="burst")
    assert "worth 8" in told(report, "small-test")["text"]


def test_a_test_of_one_class_is_told_and_not_measured_against_guessing():
    report = make(test=((90, 10), (0, 0)), validation=None)
    assert kinds(report)[:2] == ["one-class", "good"]


def test_without_test_pictures_there_is_no_verdict():
    report = make(test=None)
    assert kinds(report)[0] == "no-test"
    assert "good" not in kinds(report)


# Curves


def test_overfitting_is_a_gap_between_pictures_it_knows_and_others():
    report = make(
        test=((70, 30), (30, 70)),
        curves=curve(falling(50), falling(50, 1, 0.6), 1.0, 0.7),
    )
    found = told(report, "overfitting")
    assert found["level"] == "bad"
    assert "100 % of the pictures it learned from, but on 70 % of others" in found["text"]
    assert "dropout" in found["advice"]


def test_a_gap_that_chance_can_make_is_no_overfitting():
    report = make(test=((9, 1), (1, 9)), curves=curve(falling(50), falling(50), 1.0, 0.9))
    assert "overfitting" not in kinds(report)


def test_overfitting_is_a_validation_loss_that_rises_again():
    fall = np.linspace(0.7, 0.4, 12)
    rise = np.linspace(0.4, 1.0, 38)
    report = make(
        test=((80, 20), (20, 80)),
        curves=curve(falling(50), np.concatenate([fall, rise]), 0.82, 0.8),
    )
    found = told(report, "overfitting")
    assert found["level"] == "warning"
    assert "after epoch 12 of 50" in found["text"]
    assert "patience = 5" in found["advice"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"options": {"patience": 5}}, "the best epoch is kept"),
        ({"validation": ((48, 2), (1, 49)), "test": ((48, 2), (1, 49))}, "three wrong pictures"),
    ],
)
def test_a_rising_validation_loss_that_costs_nothing_is_not_held_against_it(change, why):
    losses = np.concatenate([np.linspace(0.7, 0.4, 12), np.linspace(0.4, 1.0, 38)])
    accuracy = 0.97 if "test" in change else 0.8
    report = make(
        **{"test": ((80, 20), (20, 80))} | change,
        curves=curve(falling(50), losses, accuracy, accuracy),
    )
    assert "overfitting" not in kinds(report), why


def test_jitter_is_neither_a_rise_nor_a_fall():
    random = np.random.default_rng(0)
    report = make(test=((80, 20), (20, 80)))
    for _ in range(200):
        noisy = 0.5 + 0.1 * random.normal(size=50)
        report["curves"] = curve(noisy, noisy, 0.82, 0.8)
        assert not list(diagnosis_curves.overfitting(report))
        assert not list(diagnosis_curves.more_epochs(report))


def test_underfitting_is_not_knowing_the_very_pictures_learned_from():
    report = make(test=((65, 35), (35, 65)), curves=curve([0.69] * 20, [0.69] * 20, 0.66, 0.65))
    found = told(report, "underfitting")
    assert "66 % of the very pictures it learned from" in found["text"]
    assert "more-epochs" not in kinds(report)


def test_accuracy_measured_with_dropout_on_is_no_underfitting():
    report = make(
        test=((97, 3), (3, 97)), sure=0.97, curves=curve(falling(20), falling(20), 0.8, 0.97)
    )
    assert "underfitting" not in kinds(report)


def test_a_loss_that_still_falls_is_worth_more_epochs():
    report = make(
        test=((80, 20), (20, 80)),
        curves=curve(np.linspace(1, 0.5, 20), np.linspace(1.1, 0.6, 20), 0.82, 0.8),
    )
    assert "epochs = 40" in told(report, "more-epochs")["advice"]


def test_without_validation_pictures_the_training_loss_tells_of_more_epochs():
    report = make(
        validation=None, test=((80, 20), (20, 80)), curves=curve(np.linspace(1, 0.5, 20), None, 0.8)
    )
    assert "more-epochs" in kinds(report)


def test_what_has_come_to_rest_or_was_stopped_or_is_perfect_needs_no_more_epochs():
    rest = curve(falling(50), falling(50), 0.82, 0.8)
    stopped = curve(np.linspace(1, 0.5, 20), np.linspace(1.1, 0.6, 20), 0.82, 0.8)
    perfect = curve(np.linspace(1, 0.5, 20), np.linspace(1.1, 0.6, 20), 1.0, 1.0)
    patient = {"patience": 5, "epochs": 50}
    for curves, options in ((rest, {}), (stopped, patient), (perfect, {}), (stopped[:5], {})):
        report = make(test=((80, 20), (20, 80)), curves=curves, options=options)
        assert "more-epochs" not in kinds(report)


# Pictures


def test_few_pictures_are_told_by_class():
    report = make(train=(40, 6))
    assert told(report, "little-data")["text"].endswith("dog (6).")
    assert told(report, "little-data")["level"] == "warning"
    assert told(make(train=(40, 2)), "little-data")["level"] == "bad"
    assert "little-data" not in kinds(make(train=(10, 10)))


def test_few_recordings_are_told():
    report = make(train=(2, 1), test=((1, 0), (0, 1)), validation=None, by="burst", bursts=1)
    assert "4 recordings of 2 classes" in told(report, "few-recordings")["text"]
    assert "few-recordings" not in kinds(make(by="none"))


def test_imbalance_counts_more_where_classes_are_not_weighted():
    assert "imbalance" not in kinds(make(train=(200, 50)))
    assert "imbalance" in kinds(make(train=(200, 20)))
    report = make(train=(200, 50), options={"balance": False})
    assert "4 times the pictures of dog (200 and 50)" in told(report, "imbalance")["text"]


def test_two_classes_that_are_taken_for_each_other_are_named():
    report = make(
        test=((40, 0, 0), (0, 30, 10), (0, 8, 32)),
        train=(100, 100, 100),
        validation=None,
        sure=0.85,
    )
    found = told(report, "confused-classes")
    assert found["text"].startswith("dog and owl are taken for each other: 18 of 80 pictures")
    assert "confused-classes" not in kinds(make(test=((30, 10), (8, 32))))
    few = make(test=((40, 0, 0), (0, 38, 2), (0, 0, 40)), train=(100,) * 3, validation=None)
    assert "confused-classes" not in kinds(few)


def test_the_class_that_is_found_least_is_named():
    report = make(
        test=((50, 0, 0), (0, 50, 0), (10, 10, 30)), train=(100,) * 3, validation=None, sure=0.87
    )
    assert told(report, "hard-class")["text"].startswith("owl is found in 60 %")


def test_a_recording_cut_in_time_is_a_leak():
    report = make(by="moment", test=((98, 2), (1, 99)), sure=0.98)
    assert "flatter" in told(report, "leak")["text"]
    assert "other moments of its recordings" in told(report, "good")["text"]


def test_validation_much_better_than_test_is_a_leak_and_a_little_better_is_not():
    report = make(validation=((100, 0), (0, 100)), test=((75, 25), (25, 75)))
    assert "100 %" in told(report, "leak")["text"]
    assert "leak" not in kinds(make(validation=((10, 0), (0, 10)), test=((9, 1), (1, 9))))


def test_scores_that_are_no_probabilities_are_told_in_their_direction():
    over = make(test=((70, 30), (30, 70)), sure=0.95)
    assert "scores say 95 %, and 70 % are right" in told(over, "overconfident")["text"]
    assert (
        "temperature"
        in told(make(test=((70, 30), (30, 70)), validation=None, sure=0.95), "overconfident")[
            "advice"
        ]
    )
    under = make(test=((99, 1), (1, 99)), sure=0.7)
    assert "underconfident" in kinds(under)
    assert not {"overconfident", "underconfident"} & set(kinds(make(sure=0.9)))


def test_few_pictures_are_not_enough_to_doubt_the_scores():
    report = make(test=((7, 1), (1, 7)), sure=0.97)
    assert not {"overconfident", "underconfident"} & set(kinds(report))


def test_pictures_that_are_wrong_beyond_doubt_may_be_in_the_wrong_class():
    report = make(test=((99, 1), (0, 100)), sure=0.99)
    assert told(report, "surely-wrong")["text"].startswith("1 test picture is answered wrong")


def test_pictures_left_out_are_counted():
    report = make(skipped=[{"id": "a.jpg", "reason": "damaged"}])
    assert "1 picture could not be read and was left out" in told(report, "skipped")["text"]


def test_the_verdict_comes_first_and_then_the_worst():
    report = make(
        test=((70, 30), (30, 70)),
        by="moment",
        curves=curve(falling(50), falling(50, 1, 0.6), 1.0, 0.7),
    )
    levels = [found["level"] for found in report["diagnosis"][1:]]
    assert kinds(report)[0] == "weak"
    assert levels == sorted(levels)  # "bad" before "warning"


# Regression


def test_a_regression_is_measured_against_always_answering_the_middle():
    random = np.random.default_rng(0)
    values = np.tile(np.arange(10.0), 10)
    small, middling, large = (random.normal(size=100) * by for by in (0.3, 1.5, 6))
    assert kinds(make_regression(small, values))[0] == "good"
    assert kinds(make_regression(middling, values))[0] == "weak"
    report = make_regression(large, values)
    assert told(report, "guessing")["level"] == "bad"


def test_a_regression_on_few_pictures_cannot_tell():
    report = make_regression([0.1, 2.0, -0.2], [0.0, 5.0, 10.0])
    assert "small-test" in kinds(report)


def test_a_regressions_loss_that_rises_is_overfitting_too():
    values = np.tile(np.arange(10.0), 10)
    losses = np.concatenate([np.linspace(4, 1, 10), np.linspace(1, 3, 30)])
    report = make_regression(np.ones(100), values, curves=curve(falling(40), losses))
    assert "after epoch 10 of 40" in told(report, "overfitting")["text"]


def test_every_finding_is_in_plain_words_and_every_rule_survives_an_empty_report():
    empty = make(test=None, validation=None, train=(0, 0))
    for rule in (*VERDICTS, *RULES):
        for found in rule(empty):
            assert found["level"] in ("good", "warning", "bad")
            assert found["text"][0].isupper() and found["text"].endswith(".")
