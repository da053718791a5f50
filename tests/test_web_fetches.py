"""Fetching official backbones: a real server, a real child process, a real mirror beside it."""

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from server.conversion.catalogue import OFFICIAL
from server.learning.backbones import DEFAULT_NAME
from server.settings import Settings
from tests.conftest import ROOT, client_of, free_port
from tests.test_main import websocket
from tests.weights_server import NARROW, NARROW_FILE, mirror, narrow_weights

WIDE = "mobilenet_v2_1.00_224"
WIDE_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"
MEMBERS = {
    "name", "state", "phase", "fraction", "received_bytes", "total_bytes", "message", "problem",
    "started_at", "ended_at",
}  # fmt: skip


def ask(server, path, method="GET"):
    """Asks the API; returns status, JSON and headers."""
    request = urllib.request.Request(f"{server.url}/api/v1/backbones{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers


def wait_for(condition, seconds=120):
    """Waits until the condition gives something true; returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def children_of(server):
    """Lists the processes that fetch for this server, by their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                words = (entry / "cmdline").read_text(errors="replace").split("\0")
                if "server.conversion.child" in words and str(server.models) in words:
                    found.append(int(entry.name))
    return found


@pytest.fixture
def weights():
    """A mirror with the narrow network, of random numbers."""
    with mirror() as table:
        table.files[NARROW_FILE] = narrow_weights()
        yield table


@pytest.fixture
def fetching(start_server, tmp_path):
    """Starts a server whose only backbones are those it fetches: `fetching(mirror address)`."""

    def start(address, **environ):
        models, keras = tmp_path / "models", tmp_path / "keras"
        models.mkdir(exist_ok=True)
        server = start_server(
            environ={
                "SHOWTELL_MIRROR": address,
                "SHOWTELL_MODELS": f"{models}{os.pathsep}{ROOT / 'models' / 'none'}",
                "KERAS_HOME": str(keras),
                **environ,
            }
        )
        server.models, server.cache = models, keras / "models"
        return server

    return start


def left_over(server):
    """Lists what lies in the models folder and in Keras' cache, hidden files too."""
    folders = [folder for folder in (server.models, server.cache) if folder.exists()]
    return sorted(path.name for folder in folders for path in folder.iterdir())


def test_a_backbone_is_fetched_converted_and_listed_while_pages_hear_of_it(fetching, weights):
    server = fetching(weights.url)
    with websocket(server) as page:
        page.patience(120)  # a busy machine may take long to load TensorFlow
        assert page.receive().startswith("40")
        status, begun, headers = ask(server, f"/{NARROW}/fetch", "POST")
        assert status == 202 and set(begun) == MEMBERS
        assert headers["Location"] == f"/api/v1/backbones/{NARROW}/fetch"
        assert begun["state"] == "running" and begun["ended_at"] is None
        again, same, _ = ask(server, f"/{NARROW}/fetch", "POST")
        assert again == 200 and same["started_at"] == begun["started_at"]
        status, problem, _ = ask(server, f"/{WIDE}/fetch", "POST")
        assert status == 409 and OFFICIAL[NARROW].title in problem["detail"]
        heard = []
        while not heard or heard[-1]["state"] == "running":
            message = page.receive()
            if message == "2":  # Engine.IO asks whether this page is still there
                page.send("3")
                continue
            event, fetch = json.loads(message.removeprefix("42"))
            assert event == "backbone_fetch"
            heard.append(fetch)
    assert heard[-1]["state"] == "done", heard[-1]
    fractions = [fetch["fraction"] for fetch in heard]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    phases = [fetch["phase"] for fetch in heard]
    assert list(dict.fromkeys(phases)) == ["download", "convert", "check"]
    assert len(set(fractions)) >= 6
    size = len(weights.files[NARROW_FILE])
    assert heard[-1]["received_bytes"] == heard[-1]["total_bytes"] == size
    assert all(set(fetch) == MEMBERS and "\n" not in fetch["message"] for fetch in heard)
    assert weights.asked == [f"/mobilenet_v2/{NARROW_FILE}"]

    assert ask(server, f"/{NARROW}/fetch")[1] == heard[-1]
    (listed,) = ask(server, "")[1]["items"]
    assert listed["name"] == NARROW and listed["parity"]["litert_min_cosine"] > 0.9999
    assert listed["accuracy"] == {}  # random numbers are not the known network
    offered = {item["name"]: item for item in ask(server, "/catalogue")[1]["items"]}
    assert offered[NARROW]["present"] and offered[NARROW]["fetch"] == heard[-1]
    assert not offered[WIDE]["present"] and offered[WIDE]["fetch"] is None
    assert left_over(server) == [NARROW, NARROW_FILE]
    assert not children_of(server)

    status, problem, _ = ask(server, f"/{NARROW}/fetch", "POST")
    assert status == 409 and "here already" in problem["detail"] and problem["hint"]
    assert ask(server, f"/{NARROW}/fetch", "DELETE")[1]["state"] == "done"
    status, speed, _ = ask(server, f"/{NARROW}/speed")
    assert status == 200 and speed["milliseconds"] > 0 and speed["pictures"] >= 3
    assert ask(server, f"/{NARROW}/speed")[1] == speed


def test_a_download_moves_and_can_be_cancelled(fetching, weights):
    weights.stalls = True
    server = fetching(weights.url)
    ask(server, f"/{NARROW}/fetch", "POST")
    half = len(weights.files[NARROW_FILE]) // 2

    def halfway():
        fetch = ask(server, f"/{NARROW}/fetch")[1]
        return fetch if fetch["received_bytes"] == half else None

    fetch = wait_for(halfway)
    assert fetch["fraction"] == pytest.approx(0.25, abs=0.01) and fetch["phase"] == "download"
    begun = time.monotonic()
    status, fetch, _ = ask(server, f"/{NARROW}/fetch", "DELETE")
    assert time.monotonic() - begun < 2
    assert status == 200 and fetch["state"] == "cancelled" and fetch["ended_at"]
    assert left_over(server) == [] and not children_of(server)
    weights.stalls = False
    assert ask(server, f"/{NARROW}/fetch", "POST")[0] == 202  # and begun anew
    assert ask(server, f"/{NARROW}/fetch", "DELETE")[1]["state"] == "cancelled"


def test_a_conversion_can_be_cancelled_and_leaves_only_the_download(fetching, weights):
    server = fetching(weights.url)
    ask(server, f"/{NARROW}/fetch", "POST")
    wait_for(lambda: ask(server, f"/{NARROW}/fetch")[1]["phase"] == "convert")
    begun = time.monotonic()
    fetch = ask(server, f"/{NARROW}/fetch", "DELETE")[1]
    assert time.monotonic() - begun < 2
    assert fetch["state"] == "cancelled" and 0.5 <= fetch["fraction"] < 1
    assert left_over(server) == [NARROW_FILE] and not children_of(server)
    assert ask(server, "")[1]["items"] == []


def test_without_a_network_a_fetch_fails_and_says_what_was_asked_and_what_to_do(fetching):
    address = f"http://127.0.0.1:{free_port()}"
    server = fetching(address)
    assert ask(server, f"/{NARROW}/fetch", "POST")[0] == 202
    fetch = wait_for(
        lambda: (
            found if (found := ask(server, f"/{NARROW}/fetch")[1])["state"] != "running" else None
        )
    )
    assert fetch["state"] == "failed" and fetch["ended_at"]
    assert set(fetch["problem"]) == {"title", "detail", "hint"}
    assert f"{address}/mobilenet_v2/{NARROW_FILE}" in fetch["problem"]["detail"]
    assert "refused" in fetch["problem"]["detail"]
    plain, commands = fetch["problem"]["hint"].split(" For whoever runs the server: ")
    assert plain == "Connect this computer to the internet and try again."
    assert "SHOWTELL_MIRROR" in commands and "--weights" in commands
    assert left_over(server) == []


def test_a_file_that_is_not_the_known_one_is_refused(fetching, weights):
    weights.files[WIDE_FILE] = narrow_weights(1)
    server = fetching(weights.url)
    ask(server, f"/{WIDE}/fetch", "POST")

    def ended():
        fetch = ask(server, f"/{WIDE}/fetch")[1]
        return fetch if fetch["state"] != "running" else None

    problem = wait_for(ended)["problem"]
    assert problem["title"] == "The weights are not the published ones"
    assert OFFICIAL[WIDE].published["sha256"] in problem["detail"]
    assert left_over(server) == []


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_no_fetch_outlives_its_server(fetching, weights, sig):
    weights.stalls = True
    server = fetching(weights.url)
    ask(server, f"/{NARROW}/fetch", "POST")
    assert weights.half_sent.wait(60)
    assert len(children_of(server)) == 1
    server.stop(sig) if sig == signal.SIGTERM else server.kill()
    wait_for(lambda: not children_of(server), 10)
    assert left_over(server) == []


def test_names_that_are_not_offered_are_answered_with_those_that_are(client):
    for method in ("get", "post", "delete"):
        answer = getattr(client, method)("/api/v1/backbones/inception/fetch")
        assert answer.status_code == 404
        assert answer.json["received"] == "inception" and answer.json["expected"] == list(OFFICIAL)
    for method in ("get", "delete"):
        answer = getattr(client, method)(f"/api/v1/backbones/{NARROW}/fetch")
        assert answer.status_code == 404 and "not been fetched" in answer.json["detail"]
    answer = client.get("/api/v1/backbones/inception/speed")
    assert answer.status_code == 404 and DEFAULT_NAME in answer.json["expected"]


def test_the_catalogue_describes_what_is_offered(make_app, tmp_path):
    empty = Settings({"data": tmp_path / "data", "models": (tmp_path / "models",)})
    items = client_of(make_app(empty)).get("/api/v1/backbones/catalogue").json["items"]
    assert [item["name"] for item in items] == list(OFFICIAL)
    for item in items:
        assert set(item) == {
            "name", "title", "description", "licence", "download_bytes", "bytes", "macs",
            "input_size", "embedding_size", "has_top", "accuracy", "present", "fetch",
        }  # fmt: skip
        assert item["present"] is False and item["fetch"] is None
        assert item["description"].endswith(".")
    by_name = {item["name"]: item for item in items}
    assert by_name[NARROW]["accuracy"]["digits"]["20"] == pytest.approx(0.696, abs=0.001)
    assert by_name["mobilenet_v3_small_1.00_224"]["accuracy"] is None


def test_the_speed_of_a_damaged_backbone_is_a_conflict_that_says_how_to_mend_it(make_app, tmp_path):
    folder = tmp_path / "models" / DEFAULT_NAME
    shutil.copytree(ROOT / "models" / DEFAULT_NAME, folder)
    about = json.loads((folder / "backbone.json").read_text(encoding="utf-8"))
    about["fingerprint"] = "0" * 64  # another measured by this process must not answer for it
    (folder / "backbone.json").write_text(json.dumps(about))
    (folder / "backbone.tflite").write_bytes(bytes(about["files"]["backbone.tflite"]["bytes"]))
    settings = Settings({"data": tmp_path / "data", "models": (tmp_path / "models",)})
    answer = client_of(make_app(settings)).get(f"/api/v1/backbones/{DEFAULT_NAME}/speed")
    assert answer.status_code == 409
    assert "cannot be loaded" in answer.json["title"]
    assert "backbone.tflite" in answer.json["detail"] and "Convert it again" in answer.json["hint"]
