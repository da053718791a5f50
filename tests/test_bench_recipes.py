"""The table of recipes: asked on pictures not learned from, and put into its page between marks."""

from dataclasses import replace

import numpy as np
import pytest
from learning_samples import clouds

from bench import recipes
from bench.recipes import BEGIN, END, PAGE, Row, markdown, measure, read_examples, write_table
from server.learning.backbones import DEFAULT_NAME, get
from server.learning.recipes.table import RECIPES
from tests.conftest import draw


@pytest.fixture(scope="module")
def results():
    examples = clouds([30, 25], spread=4)
    rows = [Row("neighbours", "knn", {"metric": "cosine"}), Row("linear", "linear", {"c": 10})]
    return [measure(replace(row, folds=n), examples) for row, n in zip(rows, (5, 1), strict=True)]


def test_each_picture_is_asked_once_and_never_learned_from(results):
    assert results[0].asked == 55 and len(results[0].accuracies) == 5
    assert 0 < results[0].correct <= 55
    assert results[1].asked == 11


def test_picture_that_was_learned_is_not_asked():
    """Labels are random: who asks what was learned finds the nearest, itself, always right."""
    examples = clouds([60, 60], spread=100)
    result = measure(Row("nearest", "knn", {"k": 1, "metric": "cosine"}), examples)
    assert result.correct / result.asked < 0.75


def test_line_has_the_share_its_interval_and_the_time(results):
    header, rule, first, second = markdown(results).splitlines()
    cells = [cell.strip() for cell in first.strip("|").split("|")]
    assert len(cells) == len(recipes.HEADER) == rule.count("|") - 1 == header.count("|") - 1
    assert cells[0] == "neighbours" and cells[1] == DEFAULT_NAME and cells[4] == "55"
    share = 100 * results[0].correct / results[0].asked
    low, high = map(float, cells[3].split(" to "))
    assert cells[2].startswith(f"{share:.1f} ±") and low < share < high
    assert "±" not in second, "one fold has no deviation"


def test_table_replaces_the_one_before_and_nothing_else(results, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        write_table(results, page)
        assert page.read_text() == f"before\n{BEGIN}\n{markdown(results)}\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}"])
def test_page_without_its_marks_is_left_alone(results, tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match=r"page\.md"):
        write_table(results, page)
    assert page.read_text() == text


def test_folder_is_read_class_by_class(tmp_path):
    for label in ("b", "a"):
        (tmp_path / label).mkdir()
        for seed in range(2):
            (tmp_path / label / f"{seed}.jpg").write_bytes(draw(seed=seed))
    examples = read_examples(tmp_path)
    assert examples.classes == ["a", "b"] and examples.labels.tolist() == [0, 0, 1, 1]
    seen = recipes.embed_all(examples, get())
    assert seen.vectors.shape == (4, 256)
    np.testing.assert_allclose(seen.vectors[0], seen.vectors[2])


def test_slow_recipes_answer_fewer_folds_unless_all_are_asked_for(tmp_path, monkeypatch):
    for label, color in (("a", (200, 0, 0)), ("b", (0, 0, 200))):
        (tmp_path / label).mkdir()
        for seed in range(6):
            (tmp_path / label / f"{seed}.jpg").write_bytes(draw(color, seed))
    slow = Row("slow", "knn", {"k": 1, "metric": "cosine"}, folds=1, only=["another"])
    pixels = Row("pixels", "knn", {"k": 1, "metric": "cosine", "pixels": True}, False, folds=1)
    left_out = Row("left out", "head", {})
    monkeypatch.setattr(recipes, "ROWS", (slow, pixels, left_out))
    for everything, expected in ((False, [("pixels", 2)]), (True, [("slow", 12), ("pixels", 12)])):
        found = recipes.measure_all([get()], tmp_path, ["head"], everything)
        assert [(r.row.name, r.asked) for r in found] == [
            (n, pytest.approx(a, abs=1)) for n, a in expected
        ]


def test_page_has_a_measured_line_for_each_recipe_of_classes():
    page = PAGE.read_text(encoding="utf-8")
    table = page.split(BEGIN)[1].split(END)[0]
    for name, recipe in RECIPES.items():
        if not recipe.is_regression:
            assert f"| {name} |" in table, name
