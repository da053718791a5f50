"""A project taught in the browser answers on the server with the same numbers."""

from __future__ import annotations

import io
import json
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from film import pictures
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from scenes import drop

READY = "[data-testid=hold-button]:not([disabled])"
#: How far the two may lie apart, from the same square and from an original that each scales itself.
TOLERANCE = 0.01


def as_file(name: str, image: Image.Image, kind: str) -> dict[str, Any]:
    """Encode a picture as a file for an input."""
    data = io.BytesIO()
    image.save(data, kind)
    return {"name": name, "mimeType": f"image/{kind.lower()}", "buffer": data.getvalue()}


def ask_server(url: str, project: str, file: dict[str, Any]) -> dict[str, float]:
    """Ask the server about a picture; give what the page's bars show."""
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file["name"]}"'
        f"\r\nContent-Type: {file['mimeType']}\r\n\r\n"
    )
    body = head.encode() + file["buffer"] + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{url}/api/v1/projects/{project}/predict",
        body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request) as answer:
        item = json.load(answer)["items"][0]
    shares = {s["label"]: (1 - item["none"]) * s["score"] for s in item["scores"]}
    return {**shares, "None of these": item["none"]}


def ask_page(page: Page, file: dict[str, Any]) -> dict[str, float]:
    """Drop a picture on the right side and read its bars."""
    drop(page, "[data-testid=recognise]", file)
    answer = page.get_by_test_id("file-answer")
    expect(answer).to_contain_text(file["name"])
    expect(answer.get_by_test_id("winner")).not_to_be_empty()
    page.wait_for_function(
        """() => [...document.querySelectorAll('[data-testid=file-answer] [data-testid=bar]')]
          .reduce((sum, bar) => sum + Number(bar.dataset.score), 0) > 0.99"""
    )
    found = page.evaluate(
        """() => Object.fromEntries(
          [...document.querySelectorAll('[data-testid=file-answer] [data-testid=bar]')]
            .map((bar) => [bar.dataset.label, Number(bar.dataset.score)]))"""
    )
    page.get_by_test_id("dismiss-file").click()
    expect(answer).to_have_count(0)
    return found


def test_the_page_and_the_server_give_the_same_answer(
    ui_browser: Browser, ui_server: Any, watch: Callable[..., Page]
) -> None:
    page = watch(ui_browser, viewport={"width": 1280, "height": 800})
    page.goto("/")
    page.get_by_test_id("new-project").click()
    page.wait_for_url("**/teach/*")
    page.wait_for_selector(READY)
    shown = pictures()
    for index, chapter in enumerate(("teach one", "teach two")):
        files = [as_file(f"{i}.jpg", image, "JPEG") for i, image in enumerate(shown[chapter])]
        card = page.get_by_test_id("class-card").nth(index)
        card.get_by_role("button", name="More about").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_test_id("add-files").click()
        chooser.value.set_files(files)
        place = card.get_by_test_id("sample-count")
        expect(place).to_have_attribute("data-count", str(len(files)))
    expect(page.locator("st-quality")).to_contain_text("of 30 pictures")
    page.get_by_test_id("save-button").click()
    expect(page.get_by_test_id("save-status")).to_have_attribute("data-state", "saved")
    project = page.url.rsplit("/", 1)[1]

    asked = [*shown["ask one"], *shown["ask two"], *shown["ask other"][:2]]
    for number, image in enumerate(asked):
        square = image.resize((224, 224))
        for file in (
            as_file(f"square {number}.png", square, "PNG"),
            as_file(f"original {number}.jpg", image, "JPEG"),
        ):
            here = ask_page(page, file)
            there = ask_server(ui_server.url, project, file)
            assert here.keys() == there.keys()
            assert max(here, key=here.__getitem__) == max(there, key=there.__getitem__), file[
                "name"
            ]
            for label, share in here.items():
                assert abs(share - there[label]) <= TOLERANCE, (file["name"], here, there)
