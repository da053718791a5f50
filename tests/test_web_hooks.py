"""Hooks: an address for a class, called when a page says so, by the rules and never else."""

import contextlib
import io
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from server.errors import Problem
from server.storage.hooks import MAX_URL, clean_url
from server.web import hooks as module
from server.web.hooks import MOST_A_SECOND, MOST_OF_ALL, MOST_OF_ONE, Pace, post
from tests.conftest import free_port


class Device:
    """A lamp that speaks HTTP: it answers as it is told and keeps what it was sent."""

    def __init__(self):
        self.requests = []
        self.status, self.headers = 200, {}
        device = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                device.requests.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(device.status)
                for name, value in {"Content-Length": "2", **device.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"ok")

            def do_GET(self):
                device.requests.append(("GET", {}, None))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def device():
    made = Device()
    yield made
    made.close()


@pytest.fixture
def hook(client, project):
    """Sets the hook of the first class: `hook(url, is_enabled=True)`; returns its address."""
    path = f"/api/v1/projects/{project['id']}/hooks/{project['classes'][0]['id']}"

    def put(url, is_enabled=True):
        answer = client.put(path, json={"url": url, "is_enabled": is_enabled})
        assert answer.status_code in (200, 201), answer.text
        return path

    return put


def test_firing_tells_the_address_what_was_seen(client, project, hook, device):
    path = hook(f"{device.url}/lamp/größe?a=1&b=ä b".replace(" ", "%20"))
    seen = {"label": "rot", "confidence": 0.93, "at": "2026-01-31T10:30:00.5+01:00"}
    answer = client.post(f"{path}/fire", json=seen)
    assert answer.status_code == 200, answer.text
    assert answer.json["status"] == 200 and 0 < answer.json["ms"] < 3000
    ((where, headers, body),) = device.requests
    assert where == "/lamp/gr%C3%B6%C3%9Fe?a=1&b=%C3%A4%20b"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("Show-and-Tell/")
    assert not {"Authorization", "Cookie", "Referer"} & headers.keys()
    assert body == {
        "project": "Discs",
        "project_id": project["id"],
        "label": "rot",
        "class_id": project["classes"][0]["id"],
        "confidence": 0.93,
        "at": "2026-01-31T09:30:00.500Z",
    }


def test_what_a_page_leaves_out_is_filled_in(client, hook, device):
    path = hook(device.url)
    assert client.post(f"{path}/fire", json={}).status_code == 200
    (where, _, body) = device.requests[0]
    assert where == "/"
    assert (body["label"], body["confidence"]) == ("red", None)
    assert body["at"].endswith("Z")


def test_a_hook_is_off_until_it_is_switched_on(client, hook, device, project):
    path = f"/api/v1/projects/{project['id']}/hooks/{project['classes'][0]['id']}"
    assert client.post(f"{path}/fire", json={}).status_code == 404  # there is none yet
    made = client.put(path, json={"url": device.url})
    assert made.status_code == 201 and made.json["is_enabled"] is False
    answer = client.post(f"{path}/fire", json={})
    assert answer.status_code == 409 and "switched off" in answer.json["detail"]
    assert device.requests == []
    hook(device.url)
    assert client.post(f"{path}/fire", json={}).status_code == 200
    hook(device.url, is_enabled=False)
    assert client.post(f"{path}/fire", json={}).status_code == 409
    assert len(device.requests) == 1


def test_hooks_are_listed_in_the_order_of_the_classes_replaced_and_forgotten(client, project):
    base = f"/api/v1/projects/{project['id']}/hooks"
    red, blue = (c["id"] for c in project["classes"])
    for class_id, status in ((blue, 201), (red, 201), (red, 200)):
        url = {"url": f"http://{class_id}/", "is_enabled": True}
        assert client.put(f"{base}/{class_id}", json=url).status_code == status
    listed = client.get(base).json
    assert listed["total"] == 2
    assert [item["class_id"] for item in listed["items"]] == [red, blue]
    assert listed["items"][0].keys() == {"class_id", "url", "is_enabled", "created_at"}
    assert client.delete(f"{base}/{red}").status_code == 204
    assert client.delete(f"{base}/{red}").status_code == 404
    assert client.get(base).json["total"] == 1
    # With its class goes the hook.
    classes = {"classes": [{"id": red}]}
    gone = client.patch(
        f"/api/v1/projects/{project['id']}", json=classes, headers={"If-Match": "*"}
    )
    assert gone.status_code == 200
    assert client.get(base).json["items"] == []


def test_a_class_that_is_not_there_has_no_hook(client, project):
    base = f"/api/v1/projects/{project['id']}/hooks"
    nobody = "11111111-2222-4333-8444-555555555555"
    for class_id in (nobody, "x"):
        answer = client.put(f"{base}/{class_id}", json={"url": "http://a/"})
        assert answer.status_code == 404 and class_id in answer.json["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "", "lamp", "//lamp", "ftp://lamp/", "file:///etc/passwd", "javascript:alert(1)", "http://",
        "http:///x", "http://user@lamp/", "http://user:word@lamp/", "http://lamp:99999/",
        "http://lamp:x/", "http://lamp:0/", "http://la mp/", "http://lamp/a\nb", "http://lamp/\x00",
        "http://[::1/", "http://la\u3000mp/", "http://" + "a" * 64 + "/",
        "http://lamp/" + "x" * MAX_URL,
    ],
    ids=lambda url: url[:20].encode("unicode_escape").decode(),
)  # fmt: skip
def test_what_is_no_address_of_a_device_is_refused(client, project, url):
    path = f"/api/v1/projects/{project['id']}/hooks/{project['classes'][0]['id']}"
    answer = client.put(path, json={"url": url})
    assert answer.status_code == 422, answer.text
    assert client.get(f"/api/v1/projects/{project['id']}/hooks").json["items"] == []


def test_addresses_that_devices_have_are_taken():
    for url in (
        "http://192.168.1.20/lamp", "HTTPS://lamp.local:8443/a?b=c#d", "http://[fe80::1]:80/",
        "http://bücher.example/größe", "http://lamp/" + "x" * (MAX_URL - 12),
    ):  # fmt: skip
        assert clean_url(f" {url} ") == url


# What addresses answer


@pytest.mark.parametrize("status", [201, 204, 303])
def test_any_success_is_told_with_its_status(client, hook, device, status):
    device.status, device.headers = status, {"Location": "/done"}
    answer = client.post(f"{hook(device.url)}/fire", json={})
    assert answer.status_code == 200 and answer.json["status"] == status
    assert len(device.requests) == 1  # not even a 303 is followed


def test_a_redirect_is_not_followed(client, hook, device):
    other = Device()
    try:
        for status in (301, 302, 307, 308):
            device.status, device.headers = status, {"Location": other.url}
            answer = client.post(f"{hook(device.url)}/fire", json={})
            assert answer.status_code == 502
            assert other.url in answer.json["detail"] and "not followed" in answer.json["hint"]
        assert other.requests == []
    finally:
        other.close()


@pytest.mark.parametrize("status", [404, 500])
def test_an_address_that_refuses_is_a_problem_with_its_status(client, hook, device, status):
    device.status = status
    answer = client.post(f"{hook(device.url)}/fire", json={})
    assert answer.status_code == 502
    assert answer.json["received"] == status and f"answered {status}" in answer.json["detail"]


def test_an_address_where_nobody_is_is_a_problem_that_says_so(client, hook):
    answer = client.post(f"{hook(f'http://127.0.0.1:{free_port()}/')}/fire", json={})
    assert answer.status_code == 502 and "nothing listens" in answer.json["detail"]
    answer = client.post(f"{hook('http://lamp.invalid/')}/fire", json={})
    assert answer.status_code == 502 and "no computer of that name" in answer.json["detail"]


@pytest.fixture
def raw():
    """A device that answers any request with bytes, or drips them: `raw(parts, pause)`."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    threads = []

    def serve(parts, pause):
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                if ended.wait(pause):
                    return

    def start(parts, pause=0.0):
        threads.append(threading.Thread(target=serve, args=[parts, pause]))
        threads[-1].start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield start
    ended.set()
    for thread in threads:
        thread.join(10)
    listening.close()


def test_an_address_that_never_answers_is_given_up_in_time(raw):
    started = time.monotonic()
    with pytest.raises(Problem, match=r"within 0\.2 seconds"):
        post(raw([b""], 30), {}, 0.2)
    assert time.monotonic() - started < 2


def test_an_address_that_drips_its_answer_is_given_up_as_early(raw):
    started = time.monotonic()
    with pytest.raises(Problem, match=r"within 0\.3 seconds"):
        post(raw([bytes([c]) for c in b"HTTP/1.1 200 OK" * 100], 0.02), {}, 0.3)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([b"hello\r\n\r\n"], "not HTTP"),
        ([b"HTTP/1.1 x\r\n\r\n"], "not HTTP"),
        ([b"HTTP/1.1 " + b"9" * 3000 + b"\r\n\r\n"], "not HTTP"),
        ([], "without an answer"),
        ([b"\x00" * 10_000], "not HTTP"),
    ],
    ids=["words", "no number", "long number", "nothing", "zeros"],
)
def test_what_is_no_web_server_is_said_to_be_none(raw, parts, told):
    with pytest.raises(Problem, match=told) as failed:
        post(raw(parts), {})
    assert failed.value.status == 502


def test_small_devices_answer_as_they_can(raw):
    for parts in (
        [b"HTTP/1.1 200 OK\n\n"], [b"HTTP/1.0 204 \r\n"], [b"HTTP/1.1 200\r\nX: 1\r\n"],
        [b"HTTP/1.1 100 Go on\r", b"\n\r\nHTTP/1.1 102 Wait\n\nHTTP/1.1 200 OK\n"],
    ):  # fmt: skip
        assert post(raw(parts, 0.05), {}, 5)[0] in (200, 204)
    status, _, location = post(raw([b"HTTP/1.1 301 Go\nLoc", b"ation: /x\n\n"], 0.05), {}, 5)
    assert (status, location) == (301, "/x")


def test_all_addresses_of_a_name_together_have_the_time_of_one(monkeypatch):
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = full.getsockname()[1]
    with contextlib.ExitStack() as held:  # until nobody more is let in
        held.callback(full.close)
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 20
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        started = time.monotonic()
        with pytest.raises(Problem, match=r"within 0\.3 seconds"):
            post("http://many.example/", {}, 0.3)
        assert time.monotonic() - started < 2


def test_a_name_that_nobody_answers_for_is_given_up_in_time(monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait(30) and [])
    started = time.monotonic()
    with pytest.raises(Problem, match=r"within 0\.2 seconds"):
        post("http://lamp.local/", {}, 0.2)
    ended.set()
    assert time.monotonic() - started < 2


def test_an_ipv6_address_needs_no_port(monkeypatch):
    asked = []

    def look_up(host, port, **_):
        asked.append((host, port))
        raise socket.gaierror(socket.EAI_NONAME, "none")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for url in ("http://[::1]/", "https://[fe80::1%25eth0]/", "http://[::1]:8080/"):
        with pytest.raises(Problem, match="no computer of that name"):
            post(url, {}, 2)
    assert asked == [("::1", 80), ("fe80::1%25eth0", 443), ("::1", 8080)]


def test_the_answer_after_a_preliminary_one_counts_and_its_body_is_not_waited_for(raw):
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 99999\r\n\r\nx"
    status, ms, location = post(raw([head], 30), {}, 5)
    assert (status, location) == (202, None) and ms < 5000


# How often


def test_ten_calls_in_a_second_are_the_most_and_the_next_second_has_ten_more(
    app, client, hook, device
):
    clock = [100.0]
    app.extensions["showtell"].pace = Pace(lambda: clock[0])
    path = hook(device.url)
    for _ in range(MOST_A_SECOND):
        assert client.post(f"{path}/fire", json={}).status_code == 200
    answer = client.post(f"{path}/fire", json={})
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "1"
    clock[0] += 1
    assert client.post(f"{path}/fire", json={}).status_code == 200
    assert len(device.requests) == MOST_A_SECOND + 1


def test_devices_that_hang_hold_few_threads():
    pace = Pace(lambda: 0.0)
    held = [pace.call("lamp") for _ in range(MOST_OF_ONE)]
    for one in held:
        one.__enter__()
    with pytest.raises(Problem, match="not answered"), pace.call("lamp"):
        pass
    others = [pace.call(name) for name in range(MOST_OF_ALL - MOST_OF_ONE)]
    for one in others:
        one.__enter__()
    with pytest.raises(Problem, match="already"), pace.call("another"):
        pass
    held[0].__exit__(None, None, None)
    with pace.call("another"):
        pass


def test_one_hook_does_not_use_up_the_calls_of_another():
    pace = Pace(lambda: 0.0)
    for name in ("a", "b"):
        for _ in range(MOST_A_SECOND):
            with pace.call(name):
                pass


# Who calls


def test_what_is_sent_must_be_what_was_seen(client, hook, device):
    path = hook(device.url)
    for body in (
        {"confidence": 2}, {"label": ""}, {"at": "never"}, {"url": "http://evil/"},
        {"confidence": "NaN"}, [],
    ):  # fmt: skip
        assert client.post(f"{path}/fire", json=body).status_code == 422, body
    assert device.requests == []


def test_a_page_of_another_site_neither_sets_nor_fires(client, hook, device):
    path = hook(device.url)
    headers = {"Origin": "http://evil.example"}
    assert client.post(f"{path}/fire", json={}, headers=headers).status_code == 403
    assert client.put(path, json={"url": "http://a/"}, headers=headers).status_code == 403
    assert device.requests == []


def test_no_hook_comes_with_a_file_nor_goes_into_one(client, project, hook, upload, device):
    from tests.conftest import draw

    upload(project["id"], [draw()], label="red")
    hook(device.url)
    outputs = {project["classes"][0]["id"]: [{"kind": "hook"}]}
    changed = client.patch(
        f"/api/v1/projects/{project['id']}", json={"settings": {"outputs": outputs}}
    )
    assert changed.status_code == 200, changed.text
    written = client.get(f"/api/v1/projects/{project['id']}/export").data
    assert device.url.encode() not in written
    brought = client.post(
        "/api/v1/projects/import", data={"file": (io.BytesIO(written), "discs.showtell")}
    )
    assert brought.status_code == 201, brought.text
    copy = brought.json["id"]
    assert copy != project["id"]
    assert client.get(f"/api/v1/projects/{copy}/hooks").json["items"] == []
    fire = f"/api/v1/projects/{copy}/hooks/{brought.json['classes'][0]['id']}/fire"
    assert client.post(fire, json={}).status_code == 404
    assert device.requests == []


def test_a_hook_goes_with_its_project(client, project, hook, app):
    hook("http://lamp/")
    client.delete(f"/api/v1/projects/{project['id']}")
    assert client.get(f"/api/v1/projects/{project['id']}/hooks").status_code == 404
    again = client.post(
        "/api/v1/projects",
        json={
            "id": project["id"], "name": "Discs",
            "classes": [{"id": c["id"], "label": c["label"]} for c in project["classes"]],
        },
    )  # fmt: skip
    assert again.status_code == 201
    assert client.get(f"/api/v1/projects/{project['id']}/hooks").json["items"] == []


def test_time_limits_are_those_that_the_documentation_names():
    assert module.MOST_SECONDS == 3
