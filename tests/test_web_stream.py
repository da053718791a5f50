"""Predictions that pages make reach programs: the hub, Socket.IO, server-sent events, who may."""

import dataclasses
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_socketio import SocketIO

from server.errors import Problem
from server.settings import SettingError, Settings
from server.web import events as module
from server.web.events import HEARTBEAT, OPENING, Connection, event, events
from server.web.stream import MOST_STREAMS, MOST_WAITING, Hub, Waiting
from server.web.stream_lines import install
from server.web.stream_predictions import MOST_SCORES, checked
from tests.conftest import ROOT, ServerProcess, client_of, free_port
from tests.stream_pages import CLASS, PROJECT, SPACE, Page, new_project, prediction

# The hub


def test_predictions_are_numbered_by_project_and_only_while_somebody_listens():
    hub = Hub()
    assert hub.publish(prediction()) == 0
    mine, other = hub.open(PROJECT), hub.open(CLASS)
    assert [hub.publish(prediction(label=label)) for label in ("a", "b")] == [1, 1]
    taken = [mine.take(1)[0] for _ in range(2)]
    assert [(one["sequence"], one["label"]) for one in taken] == [(1, "a"), (2, "b")]
    assert [*taken[0]][:2] == ["project_id", "sequence"]
    assert other.take(0) == (None, 0)
    hub.close(mine)
    hub.close(mine)
    assert (hub.count(PROJECT), hub.count(CLASS)) == (0, 1)


def test_a_slow_listener_loses_the_oldest_and_is_told_how_many():
    hub = Hub()
    slow = hub.open(PROJECT)
    for _ in range(MOST_WAITING + 5):
        hub.publish(prediction())
    first, dropped = slow.take(1)
    assert (first["sequence"], dropped) == (6, 5)
    second, dropped = slow.take(1)
    assert (second["sequence"], dropped) == (7, 0)


def test_pages_are_told_how_many_listen_and_the_newest_count_last():
    told = []
    hub = Hub(lambda project_id, count: told.append((project_id, count)))
    listeners = [hub.open(PROJECT) for _ in range(8)]
    assert told == [(PROJECT, count) for count in range(1, 9)]
    threads = [threading.Thread(target=hub.close, args=[one]) for one in listeners[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told[-1] == (PROJECT, 1)
    hub.close(listeners[0])
    assert told[-1] == (PROJECT, 0)


def test_who_cannot_be_told_of_listeners_does_not_keep_anybody_from_listening(caplog):
    def broken(project_id, count):
        raise OSError("gone")

    hub = Hub(broken)
    hub.open(PROJECT)
    assert hub.publish(prediction()) == 1
    assert "could not tell" in caplog.text


def test_too_many_streams_are_refused_until_one_ends():
    hub = Hub()
    listeners = [hub.open(PROJECT) for _ in range(MOST_STREAMS)]
    with pytest.raises(Problem) as refused:
        hub.open(PROJECT)
    assert refused.value.status == 503 and refused.value.headers["Retry-After"]
    hub.close(listeners[3])
    hub.open(PROJECT)


def test_a_deleted_project_and_a_stop_end_those_who_wait():
    hub = Hub()
    one, two = hub.open(PROJECT), hub.open(CLASS)
    waited = []
    thread = threading.Thread(target=lambda: waited.append(one.take(30)))
    thread.start()
    hub.forget(PROJECT)
    thread.join(5)
    assert waited == [(None, 0)] and one.ended and not two.ended
    hub.stop()
    hub.stop()
    assert two.ended
    with pytest.raises(Problem) as refused:
        hub.open(PROJECT)
    assert refused.value.status == 503


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project_id", "x"),
        ("at", "yesterday"),
        ("at", 5),
        ("page", ""),
        ("page_id", "x" * 41),
        ("label", "x" * 101),
        ("class_id", "x"),
        ("confidence", 1.01),
        ("confidence", True),
        ("none", None),
        ("none", float("nan")),
        ("unknown", 0),
        ("scores", None),
        ("scores", [{"class_id": CLASS, "label": "cup"}]),
        ("scores", [{"class_id": CLASS, "label": "cup", "score": -1}]),
        ("scores", [{"class_id": CLASS, "label": "cup", "score": 1, "more": 1}]),
        ("scores", [{"class_id": CLASS, "label": "cup", "score": 0.1}] * (MOST_SCORES + 1)),
        ("value", float("inf")),
        ("classifier", 5),
        ("action", "x" * 21),
        ("player", 0),
        ("player", 1.5),
        ("extra", 1),
    ],
)  # fmt: skip
def test_what_is_no_prediction_is_refused_by_the_name_of_its_member(name, value):
    with pytest.raises(Problem) as refused:
        checked(prediction(**{name: value}))
    assert refused.value.status == 422
    assert name in f"{refused.value.detail} {refused.value.received}"


def test_what_may_be_null_may_be_left_out_and_times_get_one_form():
    sent = prediction(at="2026-01-31T10:30:00+01:00")
    for name in ("label", "class_id", "confidence", "value", "classifier", "action", "player"):
        del sent[name]
    found = checked(sent)
    assert found == {**prediction(), **dict.fromkeys(prediction().keys() - sent.keys())}
    assert [*found] == [*prediction()]
    with pytest.raises(Problem):
        checked([1])


# Server-sent events, on a connection of their own


@pytest.fixture
def ends():
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_an_event_is_written_as_the_standard_has_it():
    text = event("prediction", {"label": "größe\n2"}, 7)
    assert text.decode() == 'id: 7\nevent: prediction\ndata: {"label":"größe\\n2"}\n\n'


def test_a_stream_opens_at_once_counts_what_was_dropped_and_ends_when_it_is_told(ends):
    listener = Waiting(PROJECT, most=1)
    lines = events(listener, Connection({"gunicorn.socket": ends[0]}))
    assert next(lines) == OPENING
    for sequence in (1, 2, 3):
        listener.put({"sequence": sequence})
    text = next(lines)
    assert text.startswith(b'event: dropped\ndata: {"count":2}\n\nid: 3\nevent: prediction\n')
    listener.end()
    assert list(lines) == []


def test_silence_is_broken_by_a_sign_of_life(monkeypatch, ends):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    ticks = iter(range(1000))
    lines = events(Waiting(PROJECT), Connection({"gunicorn.socket": ends[0]}), lambda: next(ticks))
    next(lines)
    assert next(lines) == HEARTBEAT
    assert 15 <= next(ticks) <= 17


def test_a_listener_that_has_gone_is_found_without_writing(ends):
    lines = events(Waiting(PROJECT), Connection({"gunicorn.socket": ends[0]}))
    next(lines)
    ends[1].close()
    assert list(lines) == []


def test_a_listener_that_takes_nothing_is_cut_off(monkeypatch, ends):
    monkeypatch.setattr(module, "STALL_SECONDS", 0.0)
    listener = Waiting(PROJECT)
    lines = events(listener, Connection({"gunicorn.socket": ends[0]}))
    next(lines)
    ends[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            ends[0].send(b"x" * 65536)
    listener.put({"sequence": 1})
    assert list(lines) == []
    with pytest.raises(OSError):  # nothing waits to be written
        ends[0].send(b"x")


def test_a_program_that_goes_while_it_is_being_let_in_is_not_listened_for_ever():
    app = Flask("gone")
    socketio = SocketIO(app, async_mode="threading")
    hub = install(socketio, lambda project_id: program.disconnect(SPACE))
    program = socketio.test_client(app, namespace=SPACE)
    program.emit("listen", {"project_id": PROJECT}, namespace=SPACE)
    assert hub.count(PROJECT) == 0


# A real server


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server for all tests that do not stop theirs."""
    server = ServerProcess(tmp_path_factory.mktemp("stream") / "data").wait_until_ready()
    yield server
    server.kill()
    assert "Traceback" not in server.output, server.output


@pytest.fixture
def page(shared):
    """Connects pages, and disconnects them after the test."""
    made = []

    def connect(*projects):
        made.append(Page(shared, *projects))
        return made[-1]

    yield connect
    for one in made:
        one.client.disconnect()


def stream(server, project, **headers):
    """Opens a stream; its connection ends with `close`."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", f"/api/v1/projects/{project}/stream", headers=headers)
    answer = connection.getresponse()
    if answer.status == 200:
        assert answer.readline() + answer.readline() + answer.readline() == OPENING
    return connection, answer


def next_event(answer):
    """Reads the next event of a stream: its name, id and body."""
    fields = {}
    while line := answer.readline().rstrip(b"\n"):
        name, _, value = line.partition(b": ")
        fields[name.decode()] = value.decode()
    return fields.get("event"), fields.get("id"), json.loads(fields["data"])


def test_what_a_page_sees_reaches_programs_in_its_order_over_both_ways(shared, page):
    project = new_project(shared)
    teaching, program = page(project), page()
    teaching.wait(lambda it: it.counts == [0])
    connection, answer = stream(shared, project)
    assert program.call("listen", {"project_id": project}) == {"ok": True}
    assert program.call("listen", {"project_id": project}) == {"ok": True}
    teaching.wait(lambda it: it.counts == [0, 1, 2])
    for number in range(50):
        teaching.send(prediction(project, value=number))
    told = [next_event(answer) for _ in range(50)]
    assert [(name, int(number), body["value"]) for name, number, body in told] == [
        ("prediction", i + 1, i) for i in range(50)
    ]
    assert told[0][2] == {**prediction(project, value=0), "sequence": 1}
    program.wait(lambda it: len(it.heard) == 50)
    assert program.heard == [body for _, _, body in told]
    connection.close()
    teaching.wait(lambda it: it.counts[-1] == 1)  # nobody had to write to find out
    assert program.call("unlisten", {"project_id": project}) == {"ok": True}
    teaching.wait(lambda it: it.counts[-1] == 0)


def test_a_program_that_disconnects_listens_no_more(shared, page):
    project = new_project(shared)
    teaching, program = page(project), page()
    program.call("listen", {"project_id": project})
    teaching.wait(lambda it: it.counts[-1] == 1)
    program.client.disconnect()
    teaching.wait(lambda it: it.counts[-1] == 0)


def test_the_largest_prediction_there_can_be_fits_through(shared, page):
    project = new_project(shared)
    teaching = page(project)
    connection, answer = stream(shared, project)
    scores = [{"class_id": CLASS, "label": "😀" * 100, "score": 0.0001}] * MOST_SCORES
    sent = prediction(project, label="😀" * 100, scores=scores)
    assert teaching.call("prediction", sent) == {"ok": True, "count": 1}
    assert next_event(answer)[2]["scores"] == scores
    connection.close()


def test_what_cannot_be_is_answered_and_the_line_stays(shared, page):
    project = new_project(shared)
    teaching = page(project)

    def problem(name, body):
        found = teaching.call(name, body)
        assert found["ok"] is False
        return found["problem"]["status"]

    assert problem("listen", {"project_id": PROJECT}) == 404
    assert problem("listen", {"project_id": 5}) == 422
    assert problem("announce", None) == 422
    assert problem("prediction", prediction(PROJECT)) == 409
    assert problem("prediction", prediction(project, none=7)) == 422
    assert problem("prediction", "x") == 409
    assert problem("prediction", prediction([])) == 409
    assert teaching.call("prediction", prediction(project)) == {"ok": True, "count": 0}
    assert teaching.call("withdraw", {"project_id": project}) == {"ok": True}
    assert problem("prediction", prediction(project)) == 409


def test_a_page_may_announce_a_project_that_is_saved_only_later(shared, page):
    own = "aaaaaaaa-2fa1-41d2-883f-0016d3cca427"
    teaching = page(own)
    body = json.dumps({"id": own, "name": "Later", "labels": ["a"]}).encode()
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(
        urllib.request.Request(f"{shared.url}/api/v1/projects", body, headers)
    ).close()
    connection, answer = stream(shared, own)
    teaching.wait(lambda it: it.counts == [0, 1])
    teaching.call("prediction", prediction(own))
    assert next_event(answer)[1] == "1"
    connection.close()


def test_deleting_a_project_ends_its_streams(shared, page):
    project = new_project(shared)
    program = page()
    program.call("listen", {"project_id": project})
    connection, answer = stream(shared, project)
    urllib.request.urlopen(
        urllib.request.Request(f"{shared.url}/api/v1/projects/{project}", method="DELETE")
    ).close()
    assert answer.read() == b""
    program.wait(lambda it: it.heard == [{"project_id": project}])
    connection.close()


def test_a_stream_is_not_kept_anywhere_and_head_opens_none(shared, page):
    project = new_project(shared)
    teaching = page(project)
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=10)
    connection.request("HEAD", f"/api/v1/projects/{project}/stream")
    head = connection.getresponse()
    assert head.read() == b"" and head.status == 200
    connection.close()
    other, answer = stream(shared, project, **{"Last-Event-ID": "3", "If-None-Match": "*"})
    for found in (head, answer):
        assert found.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert found.headers["Cache-Control"] == "no-store"
        assert found.headers["X-Accel-Buffering"] == "no"
        assert found.headers["ETag"] is None
    teaching.wait(lambda it: it.counts == [0, 1])  # the HEAD has not counted
    other.close()


def test_seventeen_streams_are_one_too_many_and_room_comes_free(shared, page):
    project = new_project(shared)
    teaching = page(project)
    open_ones = [stream(shared, project) for _ in range(MOST_STREAMS)]
    connection, answer = stream(shared, project)
    assert answer.status == 503 and answer.headers["Retry-After"] == "5"
    assert "Socket.IO" in json.load(answer)["hint"]
    connection.close()
    for one, _ in open_ones:
        one.close()
    teaching.wait(lambda it: it.counts[-1] == 0)
    connection, answer = stream(shared, project)
    assert answer.status == 200
    connection.close()


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_of_the_server_ends_streams_at_once_and_in_order(start_server, sig):
    server = start_server()
    connection, answer = stream(server, new_project(server))
    started = time.monotonic()
    assert server.stop(sig) == 0
    assert answer.read() == b""  # the last chunk came: an IncompleteRead would be raised else
    assert time.monotonic() - started < 3
    connection.close()


def test_streams_over_tls_come_free_and_end_in_order_too(start_server):
    server = start_server("--tls", wait=False)
    while "Show & Tell is at" not in server.output:
        assert server.process.poll() is None, server.output
    trusting = ssl.create_default_context(cafile=server.data / "tls" / "certificate.pem")

    def ask(method, path, body=None, headers=()):
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting)
        connection.request(method, path, body, dict(headers))
        return connection, connection.getresponse()

    json_headers = {"Content-Type": "application/json"}
    connection, made = ask("POST", "/api/v1/projects", '{"name": "Cups"}', json_headers)
    path = f"/api/v1/projects/{json.load(made)['id']}/stream"
    connection.close()
    for connection in [ask("GET", path)[0] for _ in range(MOST_STREAMS)]:
        connection.close()
    connection, answer = ask("GET", path)
    while answer.status == 503:  # they are looked for every second
        connection.close()
        connection, answer = ask("GET", path)
    assert answer.readline() == OPENING.splitlines(keepends=True)[0]
    assert server.stop() == 0
    assert b"event" not in answer.read()
    connection.close()


def test_werkzeug_serves_streams_too(tmp_path):
    port = free_port()
    code = (
        "import pathlib, signal\n"
        "from server import create_app\n"
        "from server.__main__ import listen\n"
        "from server.settings import Settings\n"
        "from server.web.run import serve_with_werkzeug\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"settings = Settings({{'data': pathlib.Path({str(tmp_path)!r}), 'port': {port}}})\n"
        "serve_with_werkzeug(create_app(settings), settings, listen(settings), None)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert "Show & Tell is at" in process.stdout.readline()
        server = SimpleNamespace(url=f"http://127.0.0.1:{port}", port=port)
        project = new_project(server)
        teaching = Page(server, project)
        _, answer = stream(server, project)
        teaching.call("prediction", prediction(project))
        assert next_event(answer)[:2] == ("prediction", "1")
        answer.close()  # it speaks HTTP/1.0: the answer owns the connection
        teaching.wait(lambda it: it.counts[-1] == 0)
        teaching.client.disconnect()
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0 and "Traceback" not in errors, errors


# Other web sites

LISTED = "http://localhost:8000"


@pytest.fixture
def listing(make_app, settings):
    """Makes clients of servers that let one other site read the stream."""

    def make(**values):
        values = {**settings.values, "stream_origins": (LISTED,), **values}
        return client_of(make_app(dataclasses.replace(settings, values=values)))

    return make


def address(client):
    project = client.post("/api/v1/projects", json={"name": "Cups"}).json["id"]
    return f"/api/v1/projects/{project}/stream"


SITE = {"Host": "localhost:5000", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}


def test_a_listed_site_may_read_the_stream_and_nothing_else(listing):
    client = listing()
    path = address(client)
    headers = {**SITE, "Origin": LISTED}
    answer = client.head(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    gone = client.get(path.replace("/projects/", "/projects/x"), headers=headers)
    assert gone.status_code == 404 and gone.headers["Access-Control-Allow-Origin"] == LISTED
    for method, other in (
        ("GET", path.removesuffix("/stream")),
        ("GET", path + "/"),
        ("GET", f"{path}/../samples"),
        ("GET", "/api/v1/projects"),
        ("POST", path),
        ("DELETE", path.removesuffix("/stream")),
        ("GET", "/socket.io/?EIO=4&transport=polling"),
    ):
        refused = client.open(other, method=method, headers=headers)
        assert refused.status_code == 403, (method, other)
        assert "Access-Control-Allow-Origin" not in refused.headers
    assert client.head(path, headers={**headers, "Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://localhost:8001", "https://localhost:8000", "null", "", LISTED + "0", "*"]
)
def test_a_site_that_is_not_listed_may_not(listing, client, origin):
    listed = listing()
    for one in (listed, client):
        path = address(one)
        answer = one.head(path, headers={**SITE, "Origin": origin})
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
        asked = {**SITE, "Origin": origin, "Access-Control-Request-Method": "GET"}
        assert "Access-Control-Allow-Origin" not in one.options(path, headers=asked).headers


def test_a_browser_may_ask_first_and_then_send_the_token(listing):
    client = listing(token="correct-horse-battery")
    token = {"Authorization": "Bearer correct-horse-battery"}
    project = client.post("/api/v1/projects", json={"name": "Cups"}, headers=token).json["id"]
    path = f"/api/v1/projects/{project}/stream"
    headers = {**SITE, "Origin": LISTED}
    asked = client.options(
        path,
        headers={
            **headers,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
            "Access-Control-Request-Private-Network": "true",
        },
    )
    assert asked.status_code == 204 and asked.data == b""
    assert asked.headers["Access-Control-Allow-Origin"] == LISTED
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert asked.headers["Access-Control-Allow-Private-Network"] == "true"
    without = client.head(path, headers=headers)
    assert without.status_code == 401
    assert without.headers["Access-Control-Allow-Origin"] == LISTED  # so that a page can tell why
    assert client.head(path, headers={**headers, **token}).status_code == 200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("http://localhost:8000, HTTPS://Example.org", ("http://localhost:8000", "https://example.org")),
        ("http://localhost:80,https://a.b:443", ("http://localhost", "https://a.b")),
        ("http://[::1]:8000", ("http://[::1]:8000",)),
    ],
)  # fmt: skip
def test_sites_are_listed_as_browsers_write_them(text, value):
    settings = Settings.from_environ({"SHOWTELL_STREAM_ORIGINS": text})
    assert settings.stream_origins == value


@pytest.mark.parametrize(
    "text", ["*", "null", "localhost:8000", "http://a.b/path", "http://a.b/", "http://*.a.b",
             "http://u@a.b", "http://a.b:x", "ftp://a.b", "http://"],
)  # fmt: skip
def test_what_is_no_web_site_stops_the_start(text):
    with pytest.raises(SettingError, match="SHOWTELL_STREAM_ORIGINS"):
        Settings.from_environ({"SHOWTELL_STREAM_ORIGINS": text})
