"""Phones: a second device joins by the code, sends what it sees, teaches along, gets lost and comes
back. Two or three browsers, each with a film of its own before its camera, and one real server."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from scenes import BLUE, CAMERA, RED, scene

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
#: What a browser says of itself when a phone is without network, or was shut out.
LOST = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection", "net::ERR", "404", "Failed to load")


@pytest.fixture(scope="module")
def films(launch: Callable[..., Browser], tmp_path_factory: Any) -> Callable[[str], Browser]:
    """Browsers before whose camera nothing changes: `films("red")`, `films("blue")`."""
    made: dict[str, Browser] = {}

    def browser(name: str) -> Browser:
        if name not in made:
            film = tmp_path_factory.mktemp(name) / "film.mjpeg"
            picture = scene(RED, "disc") if name == "red" else scene(BLUE, "square")
            film.write_bytes(picture * 30)
            made[name] = launch(*CAMERA, f"--use-file-for-fake-video-capture={film}")
        return made[name]

    return browser


def post(url: str, body: Any) -> Any:
    """Sends JSON and returns the answer."""
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), head)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def get(url: str) -> Any:
    """Reads JSON."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def form(label: str, pictures: list[bytes]) -> tuple[bytes, str]:
    """Writes a multipart body with pictures of a class."""
    edge = "----edge"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="label"\r\n\r\n{label}'.encode()]
    for i, data in enumerate(pictures):
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{i}.jpg"'
        parts.append(head.encode() + b"\r\n\r\n" + data)
    return b"\r\n".join(
        [*parts, f"--{edge}--\r\n".encode()]
    ), f"multipart/form-data; boundary={edge}"


@pytest.fixture
def taught(ui_server: Any) -> dict[str, Any]:
    """A project on the server that tells red discs from blue squares."""
    made = post(f"{ui_server.url}/api/v1/projects", {"name": "Shapes", "labels": ["Red", "Blue"]})
    for label, color, shape in (("Red", RED, "disc"), ("Blue", BLUE, "square")):
        body, kind = form(label, [scene(color, shape, 5 * i) for i in range(4)])
        address = f"{ui_server.url}/api/v1/projects/{made['id']}/samples"
        request = urllib.request.Request(address, body, {"Content-Type": kind})
        urllib.request.urlopen(request, timeout=60).close()
    return made


def open_phones(screen: Page, project_id: str, role: str) -> str:
    """Opens the teach page's dialog for phones; returns the address of its code."""
    if not screen.url.endswith(project_id):
        screen.goto(f"/teach/{project_id}")
    if not screen.get_by_test_id("phones-dialog").is_visible():
        screen.get_by_test_id("open-phones").click()
    # The radio buttons are dressed: their label is what a person presses.
    screen.get_by_test_id("phones-dialog").locator("label").filter(
        has=screen.get_by_test_id(f"role-{role}")
    ).click()
    return address_of(screen, role)


def address_of(screen: Page, role: str) -> str:
    """Waits for the code of a role and returns the address."""
    screen.wait_for_function(
        "role => document.querySelector('st-phones').pairing?.role === role", arg=role
    )
    return str(screen.get_by_test_id("phone-url").get_attribute("href"))


def join(phone: Page, address: str, name: str) -> None:
    """Does what a person does who has scanned the code."""
    phone.goto(address)
    phone.get_by_test_id("join-name").fill(name)
    phone.get_by_test_id("join").click()
    expect(phone.get_by_test_id("line")).to_have_attribute("data-state", "connected")
    assert "#" not in phone.url  # the code is used up and gone from the address


def row(screen: Page, name: str) -> Any:
    """A phone in the list of the dialog."""
    return screen.get_by_test_id("phone-row").filter(has_text=name)


def test_a_phone_sends_classes_gets_lost_comes_back_and_is_removed(
    watch: Callable[..., Page], ui_browser: Browser, films: Any, taught: dict[str, Any]
) -> None:
    blue_id = taught["classes"][1]["id"]
    screen = watch(ui_browser)
    address = open_phones(screen, taught["id"], "player")
    expect(screen.get_by_test_id("phones-unreachable")).to_contain_text("SHOWTELL_TLS=1 make run")
    phone = watch(films("blue"), excuse=LOST, **PHONE)
    join(phone, address, "Anna")
    expect(row(screen, "Anna")).to_have_attribute("data-connected", "true")
    expect(row(screen, "Anna")).to_contain_text("Player 1")
    expect(row(screen, "Anna").get_by_test_id("phone-delay")).to_contain_text("ms away")
    # The code was used up: there is another one for the next phone.
    screen.wait_for_function(
        "old => document.querySelector('[data-testid=phone-url]').href !== old", arg=address
    )
    screen.evaluate(
        """() => {
          window.heard = [];
          const [link] = document.querySelector('st-teach').phones.links;
          link.onSeen(({ result, at, done, ageMs }) => {
            const shown = result ? [...result.shown] : null;
            heard.push({ label: result?.label, shown, at, done, ageMs });
          });
        }"""
    )
    screen.wait_for_function("id => heard.filter((s) => s.label === id).length > 3", arg=blue_id)
    last = screen.evaluate("heard.at(-1)")
    assert last["shown"][1] > 0.5 > last["shown"][0]
    assert 0 < last["ageMs"] < 5000 and last["at"] <= last["done"]
    expect(phone.get_by_test_id("phone-sees")).to_have_attribute("data-label", "Blue")

    # What goes on here is told there.
    screen.evaluate(
        "document.querySelector('st-teach').phones"
        ".show({ state: 'playing', title: 'Rally', score: 7 })"
    )
    says = phone.get_by_test_id("screen-says")
    expect(says).to_have_attribute("data-state", "playing")
    expect(phone.get_by_test_id("phone-score")).to_have_text("7")

    # The Wi-Fi goes and comes.
    phone.context.set_offline(True)
    expect(phone.get_by_test_id("line")).to_have_attribute("data-state", "lost")
    expect(phone.get_by_test_id("line")).to_contain_text("Connection lost, trying again")
    expect(row(screen, "Anna")).to_have_attribute("data-connected", "false")
    count = screen.evaluate("heard.length")
    phone.context.set_offline(False)
    expect(phone.get_by_test_id("line")).to_have_attribute("data-state", "connected")
    expect(row(screen, "Anna")).to_have_attribute("data-connected", "true")
    screen.wait_for_function("n => heard.length > n + 2", arg=count)
    # It hears again what goes on.
    expect(says).to_have_attribute("data-state", "playing")

    # Loaded again it is still the same phone.
    phone.reload()
    expect(phone.get_by_test_id("line")).to_have_attribute("data-state", "connected")
    expect(screen.get_by_test_id("phone-row")).to_have_count(1)

    row(screen, "Anna").get_by_test_id("remove-phone").click()
    expect(phone.get_by_test_id("phone-ended")).to_contain_text("See you")
    expect(screen.get_by_test_id("phone-row")).to_have_count(0)
    phone.get_by_role("button", name="I have a code").click()
    expect(phone.get_by_test_id("join-code")).to_be_visible()


def hold(phone: Page, index: int, least: int) -> None:
    """Holds a class's button on a phone until it has added so many pictures."""
    button = phone.get_by_test_id("phone-class").nth(index).get_by_test_id("hold-button")
    expect(button).to_be_enabled()
    button.dispatch_event("pointerdown", {"button": 0, "pointerId": 1, "isPrimary": True})
    phone.wait_for_function(
        "([i, n]) => "
        "parseInt(document.querySelectorAll('[data-testid=phone-count]')[i].textContent) >= n",
        arg=[index, least],
    )
    button.dispatch_event("pointerup", {"button": 0, "pointerId": 1, "isPrimary": True})
    expect(button).to_have_attribute("aria-pressed", "false")


def mine(phone: Page, index: int) -> int:
    """How many pictures of a class a phone says that it has added."""
    text = phone.get_by_test_id("phone-count").nth(index).inner_text()
    return int(re.match(r"\d+", text)[0])  # type: ignore[index]


def test_two_phones_teach_one_project_and_the_teacher_removes_what_one_has_shown(
    watch: Callable[..., Page], ui_server: Any, ui_browser: Browser, films: Any
) -> None:
    made = post(f"{ui_server.url}/api/v1/projects", {"name": "Ours", "labels": ["Red", "Blue"]})
    samples = f"{ui_server.url}/api/v1/projects/{made['id']}/samples"
    screen = watch(ui_browser, excuse=("412",))
    anna, ben = watch(films("blue"), **PHONE), watch(films("red"), **PHONE)
    join(anna, open_phones(screen, made["id"], "teacher"), "Anna")
    expect(row(screen, "Anna")).to_have_attribute("data-connected", "true")
    screen.wait_for_function(
        "() => document.querySelector('st-phones').known?.size === 1"
        " && document.querySelector('st-phones').pairing"
    )
    join(ben, address_of(screen, "teacher"), "Ben")
    expect(row(screen, "Ben")).to_contain_text("Teaches along")
    screen.get_by_test_id("close-phones").click()

    hold(anna, 1, 4)
    hold(ben, 0, 4)
    hold(ben, 1, 1)  # a mistake
    wrong = mine(ben, 1)
    expect(screen.locator("[data-name=Ben]")).to_have_attribute(
        "data-count", str(mine(ben, 0) + wrong)
    )
    ben.get_by_test_id("undo-burst").click()
    expect(ben.get_by_test_id("phone-count").nth(1)).to_contain_text("0 pictures of yours")
    by_anna, by_ben = mine(anna, 1), mine(ben, 0)
    expect(screen.locator("[data-name=Anna]")).to_have_attribute("data-count", str(by_anna))
    expect(screen.locator("[data-name=Ben]")).to_have_attribute("data-count", str(by_ben))
    there = get(samples)["items"]
    assert {(item["label"], item["contributor"]) for item in there} == {
        ("Blue", "Anna"), ("Red", "Ben"),
    }  # fmt: skip
    assert len(there) == by_anna + by_ben
    # Both phones learn from each other, live; once somebody leaves the other goes on.
    for phone, label in ((anna, "Blue"), (ben, "Red")):
        expect(phone.get_by_test_id("phone-sees")).to_have_attribute("data-label", label)

    # The teacher removes what Anna has shown; it is saved by itself, and can be taken back.
    screen.locator("[data-name=Anna]").get_by_test_id("remove-contributor").click()
    expect(screen.locator("[data-name=Anna]")).to_have_count(0)
    expect(anna.get_by_test_id("phone-count").nth(1)).to_contain_text(", 0 in all")
    assert {item["contributor"] for item in get(samples)["items"]} == {"Ben"}
    screen.get_by_test_id("undo").click()
    expect(screen.locator("[data-name=Anna]")).to_have_attribute("data-count", str(by_anna))
    expect(anna.get_by_test_id("phone-count").nth(1)).to_contain_text(f", {by_anna} in all")
    assert sorted({item["contributor"] for item in get(samples)["items"]}) == ["Anna", "Ben"]
    ben.get_by_test_id("leave").click()
    ben.get_by_test_id("sure-leave").click()
    expect(ben.get_by_test_id("phone-ended")).to_be_visible()
    expect(anna.get_by_test_id("line")).to_have_attribute("data-state", "connected")
    expect(screen.get_by_test_id("together")).to_contain_text("A phone teaches along")


def test_a_phone_gets_its_camera_over_https_at_an_address_of_the_network(
    start_server: Callable[..., Any], films: Any, tmp_path: Any
) -> None:
    from server.web.tls import addresses

    token = "correct-horse-battery-staple"
    server = start_server("--tls", "--host", "0.0.0.0", "--token", token)
    # A machine without a network has only its own address.
    name = next(iter(addresses()), "127.0.0.1")
    home = f"https://{name}:{server.port}"
    contexts: list[BrowserContext] = []

    def page(browser: Browser, **options: Any) -> Page:
        contexts.append(
            browser.new_context(
                base_url=home, ignore_https_errors=True, reduced_motion="reduce", **options
            )
        )
        contexts[-1].set_default_timeout(20_000)
        return contexts[-1].new_page()

    try:
        screen = page(films("red"))
        screen.goto(f"/?token={token}")
        made = screen.request.post("/api/v1/projects", data={"name": "P", "labels": ["a", "b"]})
        project = made.json()["id"]
        if name == "127.0.0.1":
            address = open_phones(screen, project, "player")
        else:
            open_phones(screen, project, "player")
            code = screen.get_by_test_id("qr")
            expect(code).to_be_visible()
            screen.wait_for_function(
                "() => document.querySelector('[data-testid=qr]').naturalWidth > 0"
            )
            seen = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())))
            address = seen[0].text
            assert address == code.get_attribute("data-url")
            print_ = screen.locator(".phones-print").inner_text()
        assert address.startswith(f"{home}/phone#")
        phone = page(films("blue"), **PHONE)
        # The page about the warning is open to a phone that was not let in yet.
        phone.goto("/certificate")
        if name != "127.0.0.1":
            shown = phone.get_by_test_id("fingerprint").inner_text().split()
            assert ":".join(shown).startswith(print_)
        join(phone, address, "Anna")
        phone.wait_for_function(
            "() => document.querySelector('[data-testid=frame] video')?.videoWidth > 0"
        )
        assert phone.evaluate("isSecureContext && location.protocol") == "https:"
        assert phone.request.get("/api/v1/projects").status == 403
        expect(row(screen, "Anna")).to_have_attribute("data-connected", "true")
        cookie = next(c for c in phone.context.cookies() if c["name"].startswith("showtell-phone"))
        assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    finally:
        for context in contexts:
            context.close()
