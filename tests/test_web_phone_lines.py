"""The line between phones and screens: what is said on it, who hears it, and when it ends."""

import collections
import contextlib
import json
import re

import pytest
import requests
import websocket

from server.web.phones import read_seen, read_show
from tests.test_web_phones import BEARER, TOKEN, P

SEEN = {"scores": [[P, 0.5]], "none": 0.1, "unknown": False, "age_ms": 12.5, "sequence": 3}


@pytest.mark.parametrize(
    "wrong",
    [
        {"scores": [[P, 0.5]] * 51}, {"scores": [["x", 0.5]]}, {"scores": [[P, 1.5]]},
        {"scores": [[P, True]]}, {"scores": [[P]]}, {"scores": "x"}, {"none": -1},
        {"none": float("nan")}, {"unknown": 1}, {"age_ms": -1}, {"sequence": 1.5},
        {"sequence": -1}, {"sequence": None},
    ],
    ids=range(13),
)  # fmt: skip
def test_a_message_that_is_not_as_expected_is_none(wrong):
    assert read_seen(SEEN) == SEEN
    assert read_seen({**SEEN, "picture": "x"}) == SEEN
    assert read_seen({**SEEN, **wrong}) is None and read_seen([]) is None


@pytest.mark.parametrize(
    "wrong",
    [{"state": "x"}, {"title": "x" * 81}, {"text": 3}, {"score": "3"}, {"project_id": "x"},
     {"phone_id": "x"}],
    ids=range(6),
)  # fmt: skip
def test_what_a_screen_says_is_short(wrong):
    good = {"project_id": P, "state": "playing", "title": "Snake", "text": "", "score": 3}
    assert read_show(good) == {"state": "playing", "title": "Snake", "text": "", "score": 3}
    assert read_show({**good, **wrong}) is None and read_show(None) is None


class Line:
    """A WebSocket that speaks Socket.IO's protocol, version 5, and keeps what it hears."""

    def __init__(self, url, cookie="", namespaces=("/phone",)):
        address = f"{url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
        # Not simple-websocket's client: it overlooks what comes together with the handshake.
        self.socket = websocket.create_connection(address, timeout=10, cookie=cookie or None)
        self.heard = collections.deque()
        self.gone = False
        assert self.socket.recv().startswith("0{")
        for namespace in namespaces:
            self.socket.send(f"40{namespace},")
            assert self.socket.recv().startswith(f"40{namespace}".rstrip("/"))

    def _read(self):
        """Takes in one packet; returns the answer if it is one."""
        try:
            text = self.socket.recv()
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            text = ""
        text = text or "41"  # it was closed
        kind, _, rest = re.fullmatch(r"(2|3|6|1|4\d)(/\w+,)?(.*)", text, re.S).groups()
        if kind in ("41", "1"):
            self.gone = True
            self.heard.append(["gone", None])
        elif kind == "42":
            self.heard.append([*json.loads(rest), None][:2])
        elif kind == "43":
            return json.loads(rest.lstrip("0123456789"))[0]
        return None

    def say(self, event, data=None, namespace="/phone"):
        prefix = "" if namespace == "/" else f"{namespace},"
        self.socket.send(f"42{prefix}7{json.dumps([event, data])}")
        while (answer := self._read()) is None:
            assert not self.gone
        return answer

    def next(self, *names):
        """Waits for the next of these events."""
        while True:
            while self.heard:
                name, data = self.heard.popleft()
                if name in names:
                    return data
            assert self._read() is None

    def leave(self):
        self.socket.send("41/phone,")

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.close(timeout=0)


@pytest.fixture
def lines(server):
    """Opens connections to a real server; they end with the test."""
    import urllib.request

    opened_lines = []

    def call(method, path, body=None, cookie=""):
        request = urllib.request.Request(
            server.url + path, json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json", "Cookie": cookie}, method=method,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return json.loads(text) if text else None, answer.headers.get("Set-Cookie")

    def connect(cookie=""):
        opened_lines.append(Line(server.url, cookie))
        return opened_lines[-1]

    def phone(project_id, name="Anna", **wish):
        made, _ = call("POST", f"/api/v1/projects/{project_id}/pairings", wish)
        claim = {"token": made["code"], "name": name}
        found, cookie = call("POST", "/api/v1/phones/claim", claim)
        return found, cookie.partition(";")[0]

    made, _ = call("POST", "/api/v1/projects", {"name": "P", "labels": ["a", "b"]})
    yield made, call, connect, phone
    for line in opened_lines:
        line.close()


def test_a_screen_hears_what_a_phone_sees_and_who_is_there(lines):
    project, _call, connect, phone = lines
    screen = connect()
    assert screen.say("screen", {"project_id": project["id"]}) == {"ok": True, "items": []}
    found, cookie = phone(project["id"], player=2)
    assert screen.next("phones")["items"][0]["connected"] is False
    line = connect(cookie)
    assert line.say("seen", SEEN)["ok"] is False  # not joined yet
    joined = line.say("join", {})
    assert joined["ok"] and joined["phone"]["id"] == found["id"] and joined["project"] == "P"
    there = screen.next("phones")["items"]
    assert [(item["id"], item["connected"]) for item in there] == [(found["id"], True)]
    assert line.say("seen", SEEN) == {"ok": True}
    assert screen.next("phone_seen") == {"phone_id": found["id"], "player": 2, **SEEN}
    assert line.say("seen", {**SEEN, "none": 2})["expected"]["none"] == "number 0 to 1"
    assert line.say("alive", {"looking": False}) == {"ok": True}
    assert screen.next("phone_alive")["looking"] is False
    assert screen.say("ping", {"phone_id": found["id"], "n": 7}) == {"ok": True}
    ping = line.next("ping")
    assert line.say("pong", {"to": ping["from"], "n": ping["n"]}) == {"ok": True}
    assert screen.next("pong") == {"phone_id": found["id"], "n": 7}
    going = {"state": "paused", "title": "Snake", "text": "Level 2", "score": 12}
    assert screen.say("show", {"project_id": project["id"], **going})["phones"] == 1
    assert line.next("show") == going
    # The newest connection of a phone is the phone; it is told again what goes on.
    again = connect(cookie)
    assert again.say("join", {})["shown"] == going
    line.next("replaced")
    line.next("gone")
    again.leave()
    while screen.next("phones")["items"][0]["connected"]:
        pass


def test_a_phone_that_is_removed_hears_it_and_its_line_ends(lines):
    project, call, connect, phone = lines
    found, cookie = phone(project["id"])
    line = connect(cookie)
    assert line.say("join", {})["ok"]
    call("DELETE", f"/api/v1/phones/{found['id']}")
    line.next("gone")
    again = connect(cookie)
    assert again.say("join", {})["ok"] is False


def test_a_screen_of_another_project_neither_hears_nor_reaches_a_phone(lines):
    project, call, connect, phone = lines
    found, cookie = phone(project["id"])
    line = connect(cookie)
    line.say("join", {})
    other, _ = call("POST", "/api/v1/projects", {"name": "Q"})
    screen = connect()
    assert screen.say("ping", {"phone_id": found["id"], "n": 1})["ok"] is False
    screen.say("screen", {"project_id": other["id"]})
    assert screen.say("ping", {"phone_id": found["id"], "n": 1})["ok"] is False
    show = {"project_id": project["id"], "state": "over"}
    assert screen.say("show", show)["ok"] is False
    assert screen.say("show", {**show, "project_id": other["id"]}) == {"ok": True, "phones": 0}
    assert screen.say("screen", {"project_id": "x"})["ok"] is False
    line.say("seen", SEEN)
    line.say("alive", {"looking": True})
    assert screen.say("screen", {"project_id": project["id"]})["ok"]
    line.say("seen", {**SEEN, "sequence": 4})
    assert screen.next("phone_seen")["sequence"] == 4


def test_a_phone_without_the_token_is_no_screen_watches_only_its_project_and_loses_its_line(
    start_server,
):
    server = start_server("--token", TOKEN)

    def call(method, path, body=None, headers=BEARER):
        answer = requests.request(method, server.url + path, json=body, headers=headers, timeout=30)
        return answer.json() if answer.content else None, answer.headers.get("Set-Cookie")

    own, _ = call("POST", "/api/v1/projects", {"name": "P"})
    other, _ = call("POST", "/api/v1/projects", {"name": "Q"})
    made, _ = call("POST", f"/api/v1/projects/{own['id']}/pairings", {})
    claim = {"token": made["code"], "name": "A"}
    found, cookie = call("POST", "/api/v1/phones/claim", claim, {})
    line = Line(server.url, cookie.partition(";")[0], ("/", "/phone"))
    own_id = {"project_id": own["id"]}
    assert line.say("watch", own_id, "/") == {"ok": True}
    assert line.say("watch", {"project_id": other["id"]}, "/")["ok"] is False
    assert line.say("screen", own_id)["ok"] is False
    assert line.say("join")["phone"]["id"] == found["id"]
    call("DELETE", f"/api/v1/phones/{found['id']}")
    line.next("gone")
    line.close()
    again = f"{server.url}/socket.io/?EIO=4&transport=polling"
    head = {"Cookie": cookie.partition(";")[0]}
    assert requests.get(again, headers=head, timeout=10).status_code == 401


def test_what_a_phone_has_open_is_worth_nothing_once_it_was_removed(start_server):
    server = start_server("--token", TOKEN)

    def call(method, path, body=None, headers=BEARER):
        answer = requests.request(method, server.url + path, json=body, headers=headers, timeout=30)
        return answer.json() if answer.content else None, answer.headers.get("Set-Cookie")

    own, _ = call("POST", "/api/v1/projects", {"name": "P", "labels": ["a"]})
    made, _ = call("POST", f"/api/v1/projects/{own['id']}/pairings", {})
    found, cookie = call("POST", "/api/v1/phones/claim", {"token": made["code"], "name": "A"}, {})
    cookie = cookie.partition(";")[0]
    line = Line(server.url, cookie, ("/",))
    assert line.say("watch", {"project_id": own["id"]}, "/") == {"ok": True}
    line.socket.send("40/stream,")  # not even its own project's
    assert line.socket.recv().startswith("44/stream,")
    call("PATCH", f"/api/v1/projects/{own['id']}", {"name": "Q"})
    assert line.next("project_changed")["revision"] == 2
    # A connection that has said nothing yet, when its phone is removed, is refused by all rooms.
    silent = Line(server.url, cookie, ())
    call("DELETE", f"/api/v1/phones/{found['id']}")
    line.next("gone")
    for space in ("", "/phone,", "/stream,"):
        silent.socket.send(f"40{space}")
        assert silent.socket.recv().startswith(f"44{space}")
    # Those of a deleted project end too, also where they have not joined.
    made, _ = call("POST", f"/api/v1/projects/{own['id']}/pairings", {})
    _, cookie = call("POST", "/api/v1/phones/claim", {"token": made["code"], "name": "A"}, {})
    last = Line(server.url, cookie.partition(";")[0], ("/",))
    call("DELETE", f"/api/v1/projects/{own['id']}")
    last.next("gone")
    for one in (line, silent, last):
        one.close()
