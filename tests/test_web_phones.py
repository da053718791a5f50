"""Phones: let in once by a code, known by a cookie that opens little, shut out at once."""

import dataclasses
import io
import re

import pytest

from server.errors import Problem
from server.web.pairings import ALPHABET, LENGTH, Limiter, Pairings, clean_code
from server.web.qr import as_svg
from tests.conftest import client_of, draw

TOKEN = "correct-horse-battery-staple"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NOBODY = "11111111-2222-4333-8444-555555555555"
P = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


def open_to_the_network(settings, **more):
    """Settings of a server that asks for a token."""
    values = {**settings.values, "token": TOKEN, "host": "0.0.0.0", **more}
    return dataclasses.replace(settings, values=values)


@pytest.fixture
def guarded_app(make_app, settings):
    """An application that asks for a token."""
    return make_app(open_to_the_network(settings))


@pytest.fixture
def desk(guarded_app):
    """The big screen: a client with the token."""
    client = client_of(guarded_app)
    client.environ_base["HTTP_AUTHORIZATION"] = BEARER["Authorization"]
    return client


@pytest.fixture
def own_project(desk):
    """A project with two red discs, made by the big screen."""
    made = desk.post("/api/v1/projects", json={"name": "Discs", "labels": ["red", "blue"]}).json
    add(desk, made["id"], "red", 2)
    return made


def add(client, project_id, label, count, seed=0, **form):
    """Adds drawn pictures."""
    files = [(io.BytesIO(draw(seed=seed + i)), f"{i}.jpg") for i in range(count)]
    body = {"label": label, "file": files, **form}
    return client.post(f"/api/v1/projects/{project_id}/samples", data=body)


def pair(desk, project_id, **wish):
    """Makes a pairing."""
    answer = desk.post(f"/api/v1/projects/{project_id}/pairings", json=wish)
    assert answer.status_code == 201, answer.text
    return answer.json


def join(app, desk, project_id, name="Anna", **wish):
    """Lets a phone in; returns its client, whose cookie is its own, and what it is."""
    phone = client_of(app)
    code = pair(desk, project_id, **wish)["code"]
    answer = phone.post("/api/v1/phones/claim", json={"token": code, "name": name})
    assert answer.status_code == 201, answer.text
    return phone, answer.json


# Codes


def test_a_code_is_taken_once_in_any_spelling_and_ends_after_ten_minutes():
    now = [0.0]
    pairings = Pairings(lambda: now[0])
    first = pairings.make(P, "player", 1, "http://x/phone")
    assert re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", first.code)
    assert first.address == f"http://x/phone#{first.code}"
    typed = f" {first.code[:5].lower()}-{first.code[5:]} "
    assert pairings.claim(typed, "a") is first
    with pytest.raises(Problem, match="not known"):
        pairings.claim(first.code, "a")
    second = pairings.make(P, "player", 1, "http://x/phone")
    now[0] = 599.9
    assert pairings.get(second.id) is second and 0 < pairings.seconds_left(second) < 1
    now[0] = 600
    for ask in (lambda: pairings.get(second.id), lambda: pairings.claim(second.code, "a")):
        with pytest.raises(Problem) as caught:
            ask()
        assert caught.value.status == 404


def test_letters_that_look_alike_are_the_same_in_a_code():
    assert clean_code("oil-0i1 l") == "0110111"


def test_who_tries_too_many_codes_must_wait_and_nobody_else_must():
    now = [0.0]
    pairings = Pairings(lambda: now[0])
    good = pairings.make(P, "teacher", None, "http://x/phone")
    for i in range(10):
        now[0] = i
        with pytest.raises(Problem, match="not known"):
            pairings.claim("WRONG", "thief")
    with pytest.raises(Problem) as caught:
        pairings.claim(good.code, "thief")
    assert caught.value.status == 429 and caught.value.headers["Retry-After"] == "51"
    assert pairings.claim(good.code, "guest") is good
    now[0] = 60.5
    with pytest.raises(Problem, match="not known"):
        pairings.claim("WRONG", "thief")


def test_many_who_guess_together_are_slowed_too():
    now = [0.0]
    limiter = Limiter(10, 30, lambda: now[0])
    for i in range(30):
        limiter.check(f"thief {i}")
        limiter.note(f"thief {i}")
    with pytest.raises(Problem, match="too many"):
        limiter.check("another")


# The QR code


def test_the_qr_code_says_the_address_to_a_real_decoder():
    import numpy as np
    import zxingcpp

    text = "https://192.168.178.123:5000/phone#0123456789"
    svg = as_svg(text).decode()
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    assert "width=" not in svg.split(">")[0] and 'fill="#fff' in svg
    # The SVG's own strokes, drawn: M x y, then h right (dark) and m (move), each line one high.
    dark = re.search(r'stroke="#000[0]*"[^>]*d="([^"]+)"|d="([^"]+)"[^>]*stroke="#000[0]*"', svg)
    pixels = np.full((size, size), 255, np.uint8)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", dark[1] or dark[2]):
        values = [float(n) for n in numbers.split()]
        if command == "h":
            pixels[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            x, y = values
    big = np.kron(pixels, np.ones((6, 6), np.uint8))
    assert [code.text for code in zxingcpp.read_barcodes(big)] == [text]
    assert (pixels[:4] == 255).all() and (pixels[:, -4:] == 255).all()


def test_a_pairing_has_its_qr_code_until_it_is_used(desk, guarded_app, own_project):
    made = pair(desk, own_project["id"])
    picture = desk.get(made["qr"])
    assert picture.mimetype == "image/svg+xml" and picture.headers["Cache-Control"] == "no-store"
    assert picture.data == as_svg(made["url"])
    code = made["url"].partition("#")[2]
    assert code == made["code"].replace("-", "")
    phone = client_of(guarded_app)
    assert phone.get(made["qr"]).status_code == 401
    claim = {"token": code, "name": "Anna"}
    assert phone.post("/api/v1/phones/claim", json=claim).status_code == 201
    assert desk.get(made["qr"]).status_code == 404
    assert client_of(guarded_app).post("/api/v1/phones/claim", json=claim).status_code == 404


# Where the phone finds the page


def test_a_server_of_this_computer_alone_says_how_to_let_phones_in(client, project):
    made = pair(client, project["id"])
    assert made["url"].startswith("http://localhost/phone#") and not made["reachable"]
    assert "HOST=0.0.0.0 SHOWTELL_TLS=1 make run" in made["hint"] and made["certificate"] is None


def test_a_server_without_https_says_that_cameras_need_it(desk, own_project):
    made = desk.post(
        f"/api/v1/projects/{own_project['id']}/pairings", json={}, headers={"Host": "10.1.2.3:5000"}
    ).json
    assert made["page"] == "http://10.1.2.3:5000/phone" and not made["reachable"]
    assert "HTTPS" in made["hint"]


def test_behind_a_proxy_the_address_is_the_one_that_the_page_has(make_app, settings):
    values = {**settings.values, "allowed_hosts": ("teach.example",)}
    client = client_of(make_app(dataclasses.replace(settings, values=values)))
    made = client.post("/api/v1/projects", json={"name": "P"}).json
    where = {"Host": "teach.example", "Origin": "https://teach.example"}
    made = client.post(f"/api/v1/projects/{made['id']}/pairings", json={}, headers=where).json
    assert made["page"] == "https://teach.example/phone" and made["reachable"]
    assert made["certificate"] is None


def test_a_server_with_https_is_reachable_and_tells_its_fingerprint(make_app, settings):
    import ssl
    from hashlib import sha256

    from server.web.tls import certificate

    given = open_to_the_network(settings, tls=True)
    pem, _ = certificate(given)
    desk = client_of(make_app(given))
    desk.environ_base["HTTP_AUTHORIZATION"] = BEARER["Authorization"]
    made = desk.post("/api/v1/projects", json={"name": "P"}).json
    where = {"Host": "10.1.2.3:5000"}
    made = desk.post(f"/api/v1/projects/{made['id']}/pairings", json={}, headers=where).json
    assert made["page"] == "https://10.1.2.3:5000/phone" and made["reachable"] and not made["hint"]
    der = ssl.PEM_cert_to_DER_cert(pem.read_text())
    print_ = sha256(der).hexdigest().upper()
    assert made["certificate"] == {
        "sha256": ":".join(print_[i : i + 2] for i in range(0, 64, 2)), "is_own": True,
    }  # fmt: skip
    anyone = client_of(desk.application)
    page = anyone.get("/certificate")
    shown = re.findall(r"<span>([0-9A-F]{2})</span>", page.text)
    assert page.status_code == 200 and ":".join(shown) == made["certificate"]["sha256"]
    file = anyone.get("/certificate.pem")
    assert file.text == pem.read_text() and "PRIVATE" not in file.text
    code = made["code"]
    answer = anyone.post("/api/v1/phones/claim", json={"token": code, "name": "Anna"})
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_a_server_without_certificate_says_so(client):
    assert client.get("/certificate").status_code == 200
    assert client.get("/certificate.pem").status_code == 404


# Letting in


def test_a_claim_gives_a_cookie_that_tells_nothing_and_a_row(desk, guarded_app, own_project):
    phone = client_of(guarded_app)
    made = pair(desk, own_project["id"], role="player", player=2)
    assert (made["role"], made["player"]) == ("player", 2)
    answer = phone.post("/api/v1/phones/claim", json={"token": made["code"], "name": " Anna "})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("showtell-phone-5000=") and made["code"] not in cookie
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    found = answer.json
    assert (found["name"], found["player"], found["project"]) == ("Anna", 2, "Discs")
    assert phone.get("/api/v1/phones/me").json["id"] == found["id"]
    listed = desk.get(f"/api/v1/projects/{own_project['id']}/phones").json
    assert [item["id"] for item in listed["items"]] == [found["id"]]
    assert listed["items"][0]["connected"] is False
    secret = re.match(r"[^=]+=([^;]+)", cookie)[1]
    data = guarded_app.config["SETTINGS"].data
    assert secret.encode() not in (data / "showtell.sqlite3").read_bytes()


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\nb"])
def test_a_name_that_cannot_be_used_does_not_use_up_the_code(desk, guarded_app, own_project, name):
    code = pair(desk, own_project["id"])["code"]
    phone = client_of(guarded_app)
    assert phone.post("/api/v1/phones/claim", json={"token": code, "name": name}).status_code == 422
    assert phone.post("/api/v1/phones/claim", json={"token": code, "name": "A"}).status_code == 201


def test_a_code_is_good_again_when_the_server_could_not_let_the_phone_in(
    desk, guarded_app, own_project, monkeypatch
):
    asked = {"token": pair(desk, own_project["id"])["code"], "name": "Anna"}
    with monkeypatch.context() as broken:
        broken.setattr(guarded_app.extensions["showtell"].phones, "add", lambda *_, **__: 1 / 0)
        answer = client_of(guarded_app).post("/api/v1/phones/claim", json=asked)
        assert answer.status_code == 500
    assert client_of(guarded_app).post("/api/v1/phones/claim", json=asked).status_code == 201


@pytest.mark.parametrize(
    "other",
    ['state={"x": 1}', 'b="unended', "föö", "x=[1,2]; ;;"],
    ids=["json", "quote", "letters", "empty"],
)
def test_what_another_server_of_the_computer_has_put_into_cookies_hides_nobody(
    desk, guarded_app, own_project, other
):
    phone, _ = join(guarded_app, desk, own_project["id"])
    name = guarded_app.extensions["showtell"].phone_pass.cookie
    secret = phone.get_cookie(name).value
    bare = guarded_app.test_client(use_cookies=False)
    headers = {"Cookie": f"{other}; {name}={secret}"}
    assert bare.get("/api/v1/phones/me", headers=headers).status_code == 200
    let_in = bare.get(f"/?token={TOKEN}").headers["Set-Cookie"].partition(";")[0]
    headers = {"Cookie": f"{other}; {let_in}"}
    assert bare.get("/api/v1/projects", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/phone", "/certificate"])
def test_the_token_leaves_the_address_of_open_pages_too(guarded_app, path):
    client = guarded_app.test_client(use_cookies=False)
    answer = client.get(f"{path}?token={TOKEN}&a=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}?a=1")
    assert client.get(f"{path}?token=wrong").status_code == 200


def test_guessing_codes_is_slowed_over_http(guarded_app):
    phone = client_of(guarded_app)
    for _ in range(10):
        answer = phone.post("/api/v1/phones/claim", json={"token": "0000000000", "name": "x"})
        assert answer.status_code == 404
    answer = phone.post("/api/v1/phones/claim", json={"token": "0000000000", "name": "x"})
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def test_two_phones_of_one_name_are_told_apart_and_one_that_comes_again_is_one(
    desk, guarded_app, own_project
):
    pid = own_project["id"]
    one, _ = join(guarded_app, desk, pid, "Anna")
    _, second = join(guarded_app, desk, pid, "anna")
    assert second["name"] == "anna 2"
    code = pair(desk, pid, player=3)["code"]
    again = one.post("/api/v1/phones/claim", json={"token": code, "name": "Anna"}).json
    assert (again["name"], again["player"]) == ("Anna", 3)
    assert desk.get(f"/api/v1/projects/{pid}/phones").json["total"] == 2


@pytest.mark.parametrize("wish", [{"role": "king"}, {"player": 0}, {"player": 5}, {"other": 1}])
def test_a_pairing_of_no_known_kind_is_refused(client, project, wish):
    answer = client.post(f"/api/v1/projects/{project['id']}/pairings", json=wish)
    assert answer.status_code == 422


# What the cookie opens


def every_route(app, ids):
    """Lists method and address of every route there is, pages and files too."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: ids.get(m[1], "x"), rule.rule)
        found += [(method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def opened(client, routes):
    """Returns the routes that are not refused at the door."""

    def inside(method, path):
        answer = client.open(path, method=method, json={} if method != "GET" else None)
        return answer.status_code not in (401, 403)

    return {route for route in routes if inside(*route)}


def test_the_cookie_opens_what_the_phone_page_needs_and_all_else_is_refused(
    desk, guarded_app, own_project
):
    pid = own_project["id"]
    other = desk.post("/api/v1/projects", json={"name": "Other", "labels": ["a"]}).json
    foreign = add(desk, other["id"], "a", 1).json["items"][0]["id"]
    mine = desk.get(f"/api/v1/projects/{pid}/samples").json["items"][0]["id"]
    ids = {"project_id": pid, "sample_id": mine, "name": "showtell_v2", "file": "model.json"}
    routes = [*every_route(guarded_app, ids), ("GET", "/static/js/core/knn.js")]
    assert len(routes) > 40
    open_to_all = {
        ("GET", "/healthz"), ("GET", "/phone"), ("GET", "/certificate"), ("GET", "/favicon.ico"),
        ("GET", "/certificate.pem"), ("GET", "/static/showtell_v2"),
        ("GET", "/static/js/core/knn.js"),
        ("POST", "/api/v1/phones/claim"),
    }  # fmt: skip
    assert opened(client_of(guarded_app), routes) == open_to_all
    player, _ = join(guarded_app, desk, pid, "Ben")
    may = {
        ("GET", f"/api/v1/projects/{pid}"), ("GET", f"/api/v1/projects/{pid}/samples"),
        ("GET", f"/api/v1/projects/{pid}/embeddings"), ("GET", "/api/v1/phones/me"),
        ("GET", f"/api/v1/samples/{mine}/image"), ("GET", "/api/v1/backbones"),
        ("GET", "/models/showtell_v2/model.json"),
    }  # fmt: skip
    assert opened(player, routes) == open_to_all | may
    teacher, _ = join(guarded_app, desk, pid, "Cleo", role="teacher")
    assert opened(teacher, routes) == open_to_all | may | {
        ("POST", f"/api/v1/projects/{pid}/samples")
    }
    for path in (f"/api/v1/projects/{other['id']}", f"/api/v1/samples/{foreign}/image",
                 f"/api/v1/projects/{other['id']}/samples"):  # fmt: skip
        answer = teacher.get(path)
        assert answer.status_code == 403 and answer.json["type"].endswith("not-for-phones")
        assert "teach one project" in answer.json["detail"]
    assert add(teacher, other["id"], "a", 1).status_code == 403
    assert teacher.delete(f"/api/v1/projects/{pid}").status_code == 403
    assert teacher.patch(f"/api/v1/projects/{pid}", json={"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/phone/../api/v1/projects", "/static/../api/v1/projects", "//api/v1/projects",
     "/API/v1/projects", "/api/v1/projects/"],
)  # fmt: skip
def test_no_detour_leads_a_phone_further(desk, guarded_app, own_project, path):
    phone, _ = join(guarded_app, desk, own_project["id"])
    answer = phone.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code in (403, 404)


def test_a_wrong_cookie_is_no_cookie(guarded_app, desk, own_project):
    phone, _ = join(guarded_app, desk, own_project["id"])
    for value in ("x", "", '"', "ü" * 30, "A" * 43):
        phone.set_cookie("showtell-phone-5000", value)
        assert phone.get("/api/v1/phones/me").status_code == 401


def test_a_screen_with_the_token_may_do_everything_though_it_was_a_phone_once(
    desk, guarded_app, own_project
):
    phone, me = join(guarded_app, desk, own_project["id"])
    assert phone.get("/api/v1/projects", headers=BEARER).status_code == 200
    acting = {**BEARER, "X-Showtell-Phone": me["id"]}
    assert phone.get("/api/v1/projects", headers=acting).status_code == 403


def test_on_ones_own_computer_a_phone_is_known_by_its_cookie(app, client, taught):
    phone, me = join(app, client, taught["id"], "Dora", role="teacher")
    assert phone.get("/api/v1/phones/me").json["id"] == me["id"]
    assert client.get("/api/v1/phones/me").status_code == 404
    phone.environ_base["HTTP_X_SHOWTELL_PHONE"] = me["id"]
    made = add(phone, taught["id"], "red", 1, 50, contributor="Somebody else")
    assert [item["contributor"] for item in made.json["items"]] == ["Dora"]


# Teaching along


def test_what_a_phone_adds_says_whose_it_is_whatever_the_form_says(desk, guarded_app, own_project):
    pid = own_project["id"]
    phone, _ = join(guarded_app, desk, pid, "Anna", role="teacher")
    long_ago = {"contributor": "Ben", "created_at": "2001-01-01T00:00:00Z"}
    made = add(phone, pid, "blue", 3, 30, burst="b", **long_ago).json["items"]
    assert {item["contributor"] for item in made} == {"Anna"}
    assert all(item["created_at"] > "2020" for item in made)
    listed = desk.get(f"/api/v1/projects/{pid}/samples").json["items"]
    assert [item["contributor"] for item in listed] == [None, None, "Anna", "Anna", "Anna"]
    by_hand = add(desk, pid, "blue", 1, 90, contributor="Ben").json["items"]
    assert by_hand[0]["contributor"] == "Ben"


def test_a_phone_takes_back_its_own_pictures_and_nobody_elses(desk, guarded_app, own_project):
    pid = own_project["id"]
    first = desk.get(f"/api/v1/projects/{pid}/samples").json["items"][0]["id"]
    anna, _ = join(guarded_app, desk, pid, "Anna", role="teacher")
    ben, _ = join(guarded_app, desk, pid, "Ben", role="teacher")
    hers = add(anna, pid, "blue", 1, 30).json["items"][0]["id"]
    assert ben.delete(f"/api/v1/samples/{hers}").status_code == 403
    assert anna.delete(f"/api/v1/samples/{first}").status_code == 403
    assert anna.delete(f"/api/v1/samples/{NOBODY}").status_code == 403
    assert anna.delete(f"/api/v1/samples/{hers}").status_code == 204
    assert desk.get(f"/api/v1/projects/{pid}").json["sample_count"] == 2


def test_who_has_a_name_later_does_not_own_what_was_added_under_it_before(
    desk, guarded_app, own_project
):
    pid = own_project["id"]
    anna, me = join(guarded_app, desk, pid, "Anna", role="teacher")
    hers = add(anna, pid, "blue", 1, 30).json["items"][0]["id"]
    assert desk.delete(f"/api/v1/phones/{me['id']}").status_code == 204
    other, again = join(guarded_app, desk, pid, "Anna", role="teacher")
    assert again["name"] == "Anna"
    assert other.delete(f"/api/v1/samples/{hers}").status_code == 403


def test_contributors_travel_in_a_project_file(client, project):
    add(client, project["id"], "red", 1, contributor="Anna")
    add(client, project["id"], "blue", 1, 9)
    file = client.get(f"/api/v1/projects/{project['id']}/export?format=showtell").data
    body = {"file": (io.BytesIO(file), "p.showtell")}
    made = client.post("/api/v1/projects/import", data=body).json
    listed = client.get(f"/api/v1/projects/{made['id']}/samples").json["items"]
    assert [(item["label"], item["contributor"]) for item in listed] == [
        ("red", "Anna"), ("blue", None),
    ]  # fmt: skip


# Shutting out, and coming back


def test_a_removed_phone_is_shut_out_at_once(desk, guarded_app, own_project):
    phone, me = join(guarded_app, desk, own_project["id"])
    assert desk.delete(f"/api/v1/phones/{me['id']}").status_code == 204
    assert phone.get("/api/v1/phones/me").status_code == 401
    assert desk.delete(f"/api/v1/phones/{me['id']}").status_code == 404


def test_a_phone_may_leave_by_itself_but_send_no_other_away(desk, guarded_app, own_project):
    pid = own_project["id"]
    anna, me = join(guarded_app, desk, pid, "Anna")
    ben, _ = join(guarded_app, desk, pid, "Ben")
    assert ben.delete(f"/api/v1/phones/{me['id']}").status_code == 403
    assert anna.delete(f"/api/v1/phones/{me['id']}").status_code == 204
    assert desk.get(f"/api/v1/projects/{pid}/phones").json["total"] == 1


def test_phones_go_with_their_project(desk, guarded_app, own_project):
    phone, _ = join(guarded_app, desk, own_project["id"])
    waiting = pair(desk, own_project["id"])
    assert desk.delete(f"/api/v1/projects/{own_project['id']}").status_code == 204
    assert phone.get("/api/v1/phones/me").status_code == 401
    assert desk.get(waiting["qr"]).status_code == 404


def test_a_phone_survives_a_restart_of_the_server(desk, guarded_app, own_project, make_app):
    phone, me = join(guarded_app, desk, own_project["id"])
    cookie = phone.get_cookie("showtell-phone-5000").value
    again = client_of(make_app(guarded_app.config["SETTINGS"]))
    again.set_cookie("showtell-phone-5000", cookie)
    assert again.get("/api/v1/phones/me").json["id"] == me["id"]
    assert again.get("/api/v1/projects").status_code == 403
