"""What protects: host names, origins, the token, the content security policy, limits of time."""

import dataclasses
import re

import pytest

from server.settings import Settings
from server.web.guard import HostCheck, split_host
from server.web.limits import TimedInput
from tests.conftest import client_of

TOKEN = "correct-horse-battery-staple"


@pytest.fixture
def guarded(make_app, settings):
    """A client of a server that asks for a token."""
    values = {**settings.values, "token": TOKEN, "host": "0.0.0.0"}
    return client_of(make_app(dataclasses.replace(settings, values=values)))


# Host names


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("localhost", ("localhost", None)),
        ("LocalHost:5000", ("localhost", 5000)),
        ("localhost.:80", ("localhost", 80)),
        ("[::1]:5000", ("::1", 5000)),
        ("127.0.0.1", ("127.0.0.1", None)),
        ("", None),
        ("a b", None),
        ("localhost/evil", None),
        ("localhost@evil", None),
        ("localhost:abc", None),
        ("localhost:99999", None),
        ("[::1", None),
        ("a;script-src *", None),
    ],
)
def test_a_host_header_is_split_or_refused(host, parts):
    assert split_host(host) == parts


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "127.0.0.2"]
)
def test_this_computers_own_names_are_served(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5", "", "a b"],
)
@pytest.mark.parametrize("path", ["/healthz", "/", "/api/v1/projects", "/static/css/app.css",
                                  "/socket.io/?EIO=4&transport=polling"])  # fmt: skip
def test_a_foreign_host_name_is_refused_on_every_path(client, host, path):
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers
    if path != "/" and not path.startswith("/static"):
        assert answer.mimetype == "application/problem+json"
        assert "SHOWTELL_ALLOWED_HOSTS" in answer.json["hint"]


def test_more_names_can_be_allowed(settings):
    values = {**settings.values, "allowed_hosts": ("teach.example",)}
    check = HostCheck(dataclasses.replace(settings, values=values))
    assert check.allows("Teach.Example:5000") and not check.allows("other.example")


def test_a_server_open_to_the_network_is_reached_by_address_and_own_name(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Studio.lan")
    check = HostCheck(Settings({"host": "0.0.0.0"}))
    for host in ("192.168.1.5:5000", "[fe80::1]:5000", "studio.lan", "studio", "studio.local"):
        assert check.allows(host), host
    for host in ("evil.example", "studio.evil.example", "1.2.3.4.evil.example"):
        assert not check.allows(host), host
    assert HostCheck(Settings({"host": "192.168.1.5"})).allows("192.168.1.5")


# Origins

OWN = {"Host": "localhost:5000", "Origin": "http://localhost:5000"}


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        OWN,
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {**OWN, "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_writes_from_programs_and_own_pages_are_done(client, headers):
    answer = client.post("/api/v1/projects", json={"name": "P"}, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost:5000.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_writes_from_other_sites_are_refused_and_change_nothing(client, headers):
    headers = {"Host": "localhost:5000", **headers}
    for method, path in (
        ("POST", "/api/v1/projects"),
        ("POST", "/api/v1/projects/import"),
        ("DELETE", "/api/v1/samples/x"),
        ("PATCH", "/api/v1/projects/x"),
    ):
        answer = client.open(path, method=method, json={"name": "P"}, headers=headers)
        assert answer.status_code == 403, (method, path)
        assert answer.json["type"].endswith("foreign-origin")
    assert client.get("/api/v1/projects").json["total"] == 0


def test_socket_io_is_closed_to_other_sites(client):
    path = "/socket.io/?EIO=4&transport=polling"
    own = client.get(path, headers=OWN)
    assert own.status_code == 200
    foreign = client.get(path, headers={**OWN, "Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert "sid" not in foreign.text


def test_other_sites_may_link_to_a_page_but_neither_fetch_nor_frame_nor_embed(client, taught):
    item = client.get(f"/api/v1/projects/{taught['id']}/samples").json["items"][0]
    cross = {"Sec-Fetch-Site": "cross-site"}
    link = {**cross, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/", headers=link).status_code == 200
    for path in ("/", item["image"], "/api/v1/projects", "/static/js/core/knn.js"):
        assert client.get(path, headers={**cross, "Sec-Fetch-Mode": "no-cors"}).status_code == 403
    framed = {**cross, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    assert client.get("/", headers=framed).status_code == 403


# The token


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v1/projects", "/api/docs", "/teach/1b4e28ba-2fa1-41d2-883f-0016d3cca427",
     "/models/showtell_v2/model.json", "/socket.io/?EIO=4&transport=polling", "/nothing"],
)  # fmt: skip
def test_without_the_token_nothing_is_served(guarded, path):
    answer = guarded.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# A phone has no token when it is about to be let in; code and looks say nothing about anyone.
@pytest.mark.parametrize(
    "path",
    ["/healthz", "/static/css/plain.css", "/static/img/favicon.svg", "/static/js/core/knn.js",
     "/phone", "/certificate"],
)  # fmt: skip
def test_health_our_own_code_and_the_pages_before_the_door_need_no_token(guarded, path):
    assert guarded.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/../models/showtell_v2/model.json", "/healthz/../api/v1/projects"]
)
def test_no_detour_leads_around_the_token(guarded, path):
    assert guarded.get(path, follow_redirects=True).status_code in (401, 404)


def test_the_data_folder_is_for_the_servers_user_alone(client, settings):
    assert settings.data.stat().st_mode & 0o077 == 0


def test_a_document_may_not_be_as_large_as_files(client):
    answer = client.post("/api/v1/projects", data=b" " * 5_000_000, content_type="application/json")
    assert answer.status_code == 413
    assert "4194304" in answer.json["expected"]


def test_the_page_asks_for_the_token_and_shows_nothing_of_the_request(guarded):
    page = guarded.get("/?x=<script>alert(1)</script>")
    assert page.mimetype == "text/html"
    assert 'name="token"' in page.text and "<script>alert" not in page.text


def test_programs_send_the_token_as_bearer(guarded):
    def get(value):
        return guarded.get("/api/v1/projects", headers={"Authorization": value}).status_code

    assert get(f"Bearer {TOKEN}") == get(f"bearer {TOKEN}") == 200
    for wrong in (f"Bearer {TOKEN}x", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", "Bearer ü"):
        assert get(wrong) == 401


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address(guarded):
    answer = guarded.get(f"/teach/x?a=1&token={TOKEN}&b=%C3%BC")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/teach/x?a=1&b=%C3%BC"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert TOKEN not in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert guarded.get("/api/v1/projects").status_code == 200  # the client keeps cookies


def test_a_visit_from_another_site_gets_its_cookie_through_a_page_of_our_own(guarded):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
               "Sec-Fetch-Dest": "document"}  # fmt: skip
    answer = guarded.get(f"/?token={TOKEN}", headers=headers)
    assert answer.status_code == 200 and 'content="0;url=/"' in answer.text
    assert "Set-Cookie" in answer.headers and TOKEN not in answer.text


@pytest.mark.parametrize("path", ["/", "/api/v1/projects"])
def test_a_wrong_token_in_the_address_gives_no_cookie(guarded, path):
    answer = guarded.get(f"{path}?token=wrong")
    assert answer.status_code == 401 and "Set-Cookie" not in answer.headers


def test_a_wrong_cookie_is_refused(guarded):
    for value in ("x", TOKEN, '"', "ü"):
        guarded.set_cookie("showtell-5000", value)
        assert guarded.get("/api/v1/projects").status_code == 401


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example"])
def test_the_way_on_never_leads_to_another_host(guarded, path):
    answer = guarded.get("/", environ_overrides={"PATH_INFO": path}, query_string={"token": TOKEN})
    assert answer.status_code == 303
    assert re.fullmatch(r"/[^/\\].*", answer.headers["Location"])


def test_the_cookie_is_secure_over_tls(make_app, settings):
    values = {**settings.values, "token": TOKEN, "tls": True}
    client = client_of(make_app(dataclasses.replace(settings, values=values)))
    assert "; Secure" in client.get(f"/?token={TOKEN}").headers["Set-Cookie"]


# What pages may do


def policy(answer) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize(
    "path",
    ["/", "/api/docs", "/nothing", "/api/v1/projects", "/static/js/core/knn.js",
     "/models/showtell_v2/model.json"],
)  # fmt: skip
def test_every_answer_carries_the_policy_and_its_companions(client, path):
    answer = client.get(path, headers={"Host": "localhost:5000"})
    found = policy(answer)
    assert found["default-src"] == ["'self'"]
    text = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in text and "'unsafe-eval'" not in text and "*" not in text
    assert "'wasm-unsafe-eval'" in found["script-src"]
    assert set(found["connect-src"]) == {"'self'", "ws://localhost:5000", "wss://localhost:5000"}
    assert found["object-src"] == found["base-uri"] == found["frame-ancestors"] == ["'none'"]
    assert found["form-action"] == ["'self'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    for name in ("midi", "serial"):
        assert f"{name}=(self)" in answer.headers["Permissions-Policy"]
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_nonce_is_new_each_time_and_is_the_import_maps(client):
    nonces = []
    for _ in range(2):
        answer = client.get("/")
        (nonce,) = [
            value[7:-1] for value in policy(answer)["script-src"] if value.startswith("'nonce-")
        ]
        assert f'<script type="importmap" nonce="{nonce}">' in answer.text
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert len(nonces[0]) >= 20


@pytest.mark.parametrize("path", ["/", "/teach/1b4e28ba-2fa1-41d2-883f-0016d3cca427", "/api/docs",
                                  "/nothing"])  # fmt: skip
def test_pages_have_no_inline_script_style_or_handler_and_no_foreign_address(client, path):
    page = client.get(path).text
    for script in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page):
        assert 'type="importmap"' in script and "nonce=" in script
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page)


# Limits of time


class Slow:
    """A stream that takes a second for each read."""

    def __init__(self, clock: list[float]):
        self._clock = clock

    def read(self, size: int = -1) -> bytes:
        self._clock[0] += 1
        return b"x"

    readline = read


def test_a_body_that_arrives_too_slowly_is_a_timeout():
    from werkzeug.exceptions import RequestTimeout

    clock = [0.0]
    body = TimedInput(Slow(clock), 5, clock=lambda: clock[0])
    for _ in range(4):
        assert body.read(1) == b"x"
    with pytest.raises(RequestTimeout):
        body.read(1)
    with pytest.raises(RequestTimeout):
        body.readline()
