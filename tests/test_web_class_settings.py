"""What a class does in games and what it sets off: kept, merged, taken away, refused, exported."""

import io

import pytest

A, B = "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "2c5f39cb-30b2-42e3-9940-1127e4ddb538"
CLASSES = [{"id": A, "label": "left"}, {"id": B, "label": "right"}]
PLAY = {
    "bindings": {"pong": {"scheme": "two", "map": {A: "left", B: None}}},
    "control": {"smoothing_ms": 60, "thresholds": {"left": {"on": 0.7, "off": 0.4}}},
    "calibration": None,
}
OUTPUTS = {A: [{"kind": "text", "text": "Hällo"}, {"kind": "emoji", "text": "🎉"}]}


@pytest.fixture
def made(client):
    settings = {"play": PLAY, "outputs": OUTPUTS}
    document = {"name": "P", "classes": CLASSES, "settings": settings}
    return client.post("/api/v1/projects", json=document).json


def test_bindings_and_outputs_are_kept_as_they_were_sent(client, made):
    assert made["settings"]["play"] == PLAY and made["settings"]["outputs"] == OUTPUTS
    there = client.get(f"/api/v1/projects/{made['id']}").json
    assert there["settings"] == made["settings"]


def test_one_is_changed_without_the_other_and_null_takes_one_away(client, made):
    url = f"/api/v1/projects/{made['id']}"
    other = {"bindings": {"snake": {"scheme": "two", "map": {A: "right"}}}}
    settings = client.patch(url, json={"settings": {"play": other}}).json["settings"]
    assert settings["play"] == other and settings["outputs"] == OUTPUTS
    settings = client.patch(url, json={"settings": {"play": None, "k": 3}}).json["settings"]
    assert "play" not in settings and settings["outputs"] == OUTPUTS and settings["k"] == 3


def test_a_project_without_them_says_nothing_of_them(client):
    made = client.post("/api/v1/projects", json={"name": "P"}).json
    assert set(made["settings"]) == {"k", "tolerance", "smoothing_ms", "mirror"}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"play": {"bindings": {"pong": {"scheme": "two", "map": {"x": "left"}}}}}, "UUID"),
        ({"play": {"control": {"hold_ms": -1}}}, "received -1, expected a number from 0 to 2000"),
        ({"play": 3}, "received 3"),
        ({"outputs": {A: [{"kind": "shell", "text": "rm"}]}}, "expected an object whose kind is"),
        ({"outputs": {A: [{"kind": "text", "text": "x" * 66_000}]}}, "at most 65,536"),
    ],
    ids=range(5),
)
def test_what_has_another_shape_is_refused_in_words_and_changes_nothing(client, made, wish, words):
    url = f"/api/v1/projects/{made['id']}"
    answer = client.patch(url, json={"settings": wish})
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    assert words in str(answer.json["errors"]["json"]["settings"])
    assert client.get(url).json == made


@pytest.mark.parametrize(
    ("value", "status"),
    [("NaN", 422), ("1e999", 422), ("[" * 100_000, 422)],
    ids=["nan", "inf", "deep"],
)
def test_what_no_browser_could_read_again_is_never_kept(client, made, value, status):
    url = f"/api/v1/projects/{made['id']}"
    body = f'{{"settings": {{"outputs": {{"{A}": [{{"kind": "sound", "gain": {value}}}]}}}}}}'
    answer = client.patch(url, data=body, content_type="application/json")
    assert answer.status_code == status, answer.text
    assert "expected" in answer.text
    assert client.get(url).json == made


def test_a_showtell_file_carries_them_and_leaves_out_what_speaks_of_no_class(client, made):
    url = f"/api/v1/projects/{made['id']}"
    gone = "3d604adc-41c3-43f4-8a51-2238f5eec649"
    play = {**PLAY, "bindings": {"pong": {"scheme": "two", "map": {A: "left", gone: "right"}}}}
    client.patch(url, json={"settings": {"play": play, "outputs": {**OUTPUTS, gone: []}}})
    data = client.get(f"{url}/export?format=showtell").data
    file = {"file": (io.BytesIO(data), "x.showtell")}
    copy = client.post("/api/v1/projects/import", data=file).json
    map_ = copy["settings"]["play"]["bindings"]["pong"]["map"]
    left, _ = copy["classes"]
    assert map_ == {left["id"]: "left"} and left["label"] == "left"
    assert copy["settings"]["play"]["control"] == PLAY["control"]
    assert copy["settings"]["outputs"] == {left["id"]: OUTPUTS[A]}
