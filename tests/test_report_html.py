"""The report as a file: it stands alone, shows what it should, and trusts no label."""

from __future__ import annotations

import io
import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from report_samples import curve, make, make_regression

from server.formats import report_html, report_svg
from tests.conftest import draw

VOID = {"meta", "br", "image", "use", "line", "circle", "polyline", "link", "img", "input"}


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects them with their attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = text
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


class Shelf:
    """Pictures by id, and which were asked for."""

    def __init__(self, missing: str = ""):
        self.data, self.missing, self.asked = draw(), missing, []

    def __call__(self, id: str) -> bytes | None:
        self.asked.append(id)
        return None if id == self.missing else self.data


def page(report, pictures=None) -> Page:
    return Page(report_html.render(report, pictures or Shelf()))


REPORT = make(
    test=((40, 8, 2), (5, 45, 0), (0, 1, 49)),
    validation=((20, 0, 0), (0, 20, 0), (0, 0, 20)),
    train=(100, 100, 8),
    curves=curve(np.linspace(1, 0.2, 20), np.linspace(1, 0.4, 20), 0.95, 0.9),
    tries={
        "columns": ["k", "accuracy"],
        "rows": [[1, 0.8], [5, 0.9]],
        "chosen": 1,
        "by": "validation",
    },
    skipped=[{"id": "broken.jpg", "reason": "damaged"}],
    notes=["A note."],
)


def test_file_needs_no_script_no_network_and_no_other_file():
    found = page(REPORT)
    assert {tag for tag, _ in found.tags} & {"script", "link", "iframe", "object", "form"} == set()
    links = [a.get("href") or a.get("src") or "" for _, a in found.tags]
    assert {link.split(":")[0] for link in links if link and link[0] != "#"} == {"data"}
    assert "url(" not in found.text and "@import" not in found.text
    policy = next(a["content"] for a in found.all("meta") if "http-equiv" in a)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert not any(name.startswith("on") or name == "style" for _, a in found.tags for name in a)


def test_every_number_that_matters_is_there():
    text = unescape(re.sub(r"<[^>]+>", " ", page(REPORT).text))
    text = " ".join(text.split())
    low, high = REPORT["test"]["interval"]
    for part in (
        "134 of 150 test pictures right",
        f"{low:.0%} and {high:.0%}".replace("%", " %"),
        "cat, taken for dog: 8 pictures",
        "broken.jpg",
        "A note.",
        "Small network (head)",
        "abababababab",
        "seed = 7",
        "numpy " + np.__version__,
        "python -m server train zoo --out zoo.classifier",
        REPORT["diagnosis"][0]["text"],
        "patience = 0",
    ):
        assert part in text, part


def test_numbers_of_the_matrix_lead_to_their_pictures():
    found = page(REPORT)
    ids = {a["id"] for _, a in found.tags if "id" in a}
    cells = [a["href"] for a in found.all("a")]
    assert len(cells) == 7  # of nine cells two are empty
    assert {link[1:] for link in cells} <= ids
    assert all(a["aria-label"] for a in found.all("a"))
    places = {a["id"] for a in found.all("image")}
    assert {a["href"][1:] for a in found.all("use")} == places
    assert len(ids) == len([a for _, a in found.tags if "id" in a])


def test_tables_and_drawings_can_be_read_without_seeing_them():
    found = page(REPORT)
    assert all("scope" in a for a in found.all("th"))
    plots = [a for a in found.all("svg") if a.get("class") == "plot"]
    assert len(plots) == 3
    assert all(a["role"] == "img" and a["aria-label"] for a in plots)
    assert found.all("html")[0]["lang"] == "en"


def test_pictures_are_small_jpegs_and_no_more_than_promised(monkeypatch):
    monkeypatch.setattr(report_html, "MAX_PICTURES", 20)
    shelf = Shelf()
    found = page(REPORT, shelf)
    uris = [a["href"] for a in found.all("image")]
    assert len(uris) == 20 == len(set(shelf.asked))
    assert all(uri.startswith("data:image/jpeg;base64,") for uri in uris)
    wrong = {REPORT["test"]["items"][i]["id"] for i in REPORT["test"]["most_wrong"]}
    assert set(shelf.asked[: len(wrong)]) == wrong


def test_file_stays_small_with_many_pictures_and_classes():
    n = 41
    confusion = np.full((n, n), 1)
    report = make(
        test=confusion.tolist(),
        validation=None,
        train=(30,) * n,
        classes=[f"c{i}" for i in range(n)],
    )
    found = page(report)
    assert len(found.all("image")) == report_html.MAX_PICTURES
    assert len(found.text) < 2_500_000
    assert not found.all("a")  # a list of the largest mistakes instead of a matrix


def test_a_picture_that_is_gone_is_named_instead():
    gone = REPORT["test"]["items"][REPORT["test"]["most_wrong"][0]]["id"]
    found = page(REPORT, Shelf(gone))
    assert f'title="{gone}"' in found.text
    none = page(REPORT, lambda id: None)
    assert not none.all("image")
    broken = page(REPORT, lambda id: b"no picture")
    assert not broken.all("image")


def test_labels_and_names_are_text_and_never_markup():
    evil = "<img src=x onerror=alert(1)>\"'&"
    report = make(
        classes=[evil, "</style><script>"],
        name=evil,
        command=evil,
        notes=[evil],
        skipped=[{"id": evil, "reason": evil}],
        options={"seed": 1, evil: evil},
        ids=[evil] * 600,
        test=((40, 10), (0, 50)),
    )
    found = page(report, lambda id: None)
    assert {tag for tag, _ in found.tags} & {"script", "img"} == set()


def test_validation_stands_in_for_a_missing_test_and_says_so():
    text = page(make(test=None)).text
    assert "validation pictures right" in text
    assert "steered by these pictures" in text


def test_a_report_without_any_judgement_can_be_read():
    report = make(
        test=None, validation=None, backbone=None, options={}, parameters=None, bytes=None
    )
    assert "Not judged" in page(report).text


def test_a_regression_shows_predicted_against_true():
    values = np.tile(np.arange(10.0), 3)
    found = page(make_regression(np.linspace(-1, 1, 30), values))
    assert "Predicted and true" in found.text
    assert len([a for a in found.all("circle") if a.get("class") == "dot"]) == 30
    assert len(found.all("use")) == 24


def test_two_reports_of_one_training_are_the_same_file():
    first, second = io.BytesIO(), io.BytesIO()
    report_html.write(REPORT, Shelf(), first)
    report_html.write(REPORT, Shelf(), second)
    assert first.getvalue() == second.getvalue()
    assert first.getvalue().startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.9, 1, [0.9, 0.92, 0.94, 0.96, 0.98, 1]),
        (-4, 10.6, [0, 5, 10]),
        (1, 50, [10, 20, 30, 40, 50]),
        (3, 3, [3]),
    ],
)
def test_axes_have_round_numbers(low, high, ticks):
    assert report_svg.nice_ticks(low, high) == pytest.approx(ticks)


def test_drawings_are_well_formed_and_stay_in_their_frame():
    entries = make(curves=curve([900.0, 1.0, 0.5], [2.0, 1.0, 0.9], 0.8, 0.7))["curves"]
    entries[1]["val_loss"] = None
    drawings = [
        report_svg.curves(entries, "loss"),
        report_svg.curves(entries, "accuracy"),
        report_svg.reliability(REPORT["test"]["calibration"]["bins"]),
        report_svg.scatter([{"id": "<&>", "truth": 1.0, "answer": 1.0}]),
        report_svg.interval_bar(0.5, [0.2, 0.8]),
    ]
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        width, height = map(float, root.get("viewBox").split()[2:])
        for element in root.iter():
            for x in ("x1", "x2", "cx"):
                assert 0 <= float(element.get(x, 0)) <= width
            for y in ("y1", "y2", "cy"):
                assert 0 <= float(element.get(y, 0)) <= height
            for pair in element.get("points", "").split():
                x, y = map(float, pair.split(","))
                assert 0 <= x <= width and 0 <= y <= height


def test_nothing_is_drawn_of_nothing():
    empty = make(curves=[{"epoch": 1}])["curves"]
    assert report_svg.curves(empty, "loss") == ""
    assert report_svg.reliability([]) == report_svg.scatter([]) == ""
    assert report_svg.interval_bar(None, None) == ""


def test_durations_and_sizes_are_told_as_people_would():
    told = [report_html.duration(s) for s in (None, 0.1234, 45.6, 200)]
    assert told == ["–", "0.1 s", "46 s", "3.3 min"]
    told = [report_html.size(n) for n in (None, 12, 12_345, 3_456_789)]
    assert told == ["–", "12 bytes", "12 kB", "3.5 MB"]
    assert [report_html.value(v) for v in (None, True, 0.123456, "a")] == [
        "by itself", "yes", "0.1235", "a",
    ]  # fmt: skip
