"""The shape of settings that speak of classes, wherever they come from."""

import pytest

from server.formats.class_settings import (
    MOST_BYTES,
    ShapeError,
    check_outputs,
    check_play,
    of_classes,
)

A, B = "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "2c5f39cb-30b2-42e3-9940-1127e4ddb538"
PLAY = {
    "bindings": {
        "pong": {"scheme": "two", "map": {A: "left", B: None}},
        "sorter": {"scheme": "bins", "map": {A: "bin1", B: "bin1"}},
    },
    "control": {
        "smoothing_ms": 60,
        "hold_ms": 0,
        "repeat_ms": 5000,
        "repeat_delay_ms": 400.5,
        "thresholds": {"left": {"on": 0.7, "off": 0.4}, "right": {"on": 1}},
    },
    "calibration": {
        "at": "2026-11-21T17:30:00.000Z",
        "game": "pong",
        "accuracy": 0.95,
        "interval": [0.8, 1],
        "median_ms": 212.5,
        "p95_ms": None,
    },
}


def test_what_the_page_writes_is_accepted():
    check_play(PLAY)
    check_play({})
    check_play({"calibration": None})
    check_outputs({A: [{"kind": "sound", "notes": []}, {"kind": "hook"}], B: []})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "play: received [], expected an object of bindings, control, calibration"),
        ({"other": 1}, 'play: received "other"'),
        ({"bindings": {"Pong!": {"scheme": "two", "map": {}}}}, "the name of a game"),
        ({"bindings": {"pong": {"map": {}}}}, "play.bindings.pong: received"),
        ({"bindings": {"pong": {"scheme": "two", "map": {"a": "left"}}}}, "a UUID in lower case"),
        ({"bindings": {"pong": {"scheme": "two", "map": {A: 5}}}}, "at most 40 or null"),
        ({"control": {"smoothing_ms": 2001}}, "play.control.smoothing_ms: received 2001"),
        ({"control": {"hold_ms": True}}, "a number from 0 to 2000"),
        ({"control": {"repeat_ms": float("nan")}}, "expected JSON"),
        ({"control": {"thresholds": {"left": {"on": 2}}}}, "thresholds.left.on: received 2"),
        ({"calibration": {"at": "today", "game": "pong", "accuracy": 1}}, "ISO 8601"),
        ({"calibration": {"at": "2026-11-21T17:30:00Z", "game": "pong"}}, "also accuracy"),
        ({**PLAY, "calibration": {**PLAY["calibration"], "interval": [1]}}, "two numbers"),
        ({"bindings": {"pong": {"scheme": "x" * MOST_BYTES, "map": {}}}}, "at most 65,536"),
    ],
    ids=range(14),
)
def test_anything_else_in_play_is_refused_with_where_what_and_what_instead(value, words):
    with pytest.raises(ShapeError) as refused:
        check_play(value)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "outputs: received 5"),
        ({"left": []}, "a key of outputs"),
        ({A: {"kind": "text"}}, "a list of at most 20 outputs"),
        ({A: [{"kind": "text"}] * 21}, "a list of at most 20 outputs"),
        ({A: [{"kind": "sound", "gain": float("inf")}]}, "expected JSON"),
        ({A: [{"kind": "shell"}]}, f'outputs.{A}[0]: received {{"kind": "shell"}}'),
        ({A: ["hello"]}, "an object whose kind is sound"),
        ({A: [{"kind": "text", "text": "x" * MOST_BYTES}]}, "at most 65,536"),
        ({A: [{"kind": "text", "text": {1, 2}}]}, "expected JSON"),
    ],
    ids=range(9),
)
def test_anything_else_in_outputs_is_refused(value, words):
    with pytest.raises(ShapeError) as refused:
        check_outputs(value)
    assert words in str(refused.value)


def test_what_is_said_of_classes_that_are_gone_is_left_out():
    kept = of_classes("play", PLAY, {B})
    assert [binding["map"] for binding in kept["bindings"].values()] == [{B: None}, {B: "bin1"}]
    assert kept["control"] == PLAY["control"] and kept["calibration"] == PLAY["calibration"]
    assert of_classes("play", {}, set()) == {}
    assert of_classes("outputs", {A: [], B: [{"kind": "hook"}]}, {B}) == {B: [{"kind": "hook"}]}
    assert A in PLAY["bindings"]["pong"]["map"]
