"""Options: what is chosen is checked and completed, and every recipe's table is sound."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.learning.errors import InputError
from server.learning.recipes import table
from server.learning.recipes.options import COMMON, Option, read_options
from server.learning.recipes.table import RECIPES
from tests.conftest import ROOT

TABLE = (
    Option("count", "int", 3, "How many.", 1, 10),
    Option("rate", "float", 0.5, "How far.", 0, 1),
    Option("metric", "choice", None, "How.", choices=("cosine", "l1")),
    Option("flip", "bool", False, "Whether."),
    Option("k", "int", None, "How many.", 1, 10),
)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("count", "7", 7),
        ("count", 7.0, 7),
        ("rate", "1e-3", 0.001),
        ("rate", 1, 1.0),
        ("metric", "l1", "l1"),
        ("metric", "auto", None),
        ("metric", None, None),
        ("k", "auto", None),
        ("flip", "Yes", True),
        ("flip", "0", False),
        ("flip", True, True),
    ],
)
def test_value_or_the_text_of_one_is_read(name, given, expected):
    found = read_options(TABLE, {name: given})
    assert found[name] == expected and type(found[name]) is type(expected)
    assert list(found) == [option.name for option in TABLE]


def test_what_is_not_given_is_as_usual():
    expected = {"count": 3, "rate": 0.5, "metric": None, "flip": False, "k": None}
    assert read_options(TABLE, {}) == expected


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("count", "0", "whole number from 1 to 10"),
        ("count", 2.5, "whole number"),
        ("count", True, "whole number"),
        ("count", "auto", "whole number"),
        ("count", None, "whole number"),
        ("count", 10**400, "whole number"),
        ("rate", "nan", "from 0 to 1"),
        ("rate", "inf", "from 0 to 1"),
        ("rate", "much", "from 0 to 1"),
        ("metric", "l3", "cosine, l1, or auto"),
        ("flip", "perhaps", "true or false"),
        ("flip", [], "true or false"),
        ("metric", {}, "cosine"),
    ],
)
def test_value_that_cannot_be_used_is_told_with_what_is_expected(name, given, expected):
    with pytest.raises(InputError) as caught:
        read_options(TABLE, {name: given})
    assert name in caught.value.detail and expected in caught.value.detail


def test_unknown_option_is_told_with_the_nearest():
    with pytest.raises(InputError) as caught:
        read_options(TABLE, {"cuont": 1})
    assert caught.value.hint == "Did you mean count?"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary()))
@settings(deadline=None)
def test_any_value_is_read_or_refused(value):
    for option in TABLE:
        try:
            found = option.read(value)
        except InputError:
            continue
        assert found is None or option.read(found) == found


def test_recipes_are_in_their_order_and_each_row_is_sound():
    assert list(RECIPES) == ["knn", "linear", "head", "convnet", "finetune", "regression"]
    for name, recipe in RECIPES.items():
        assert recipe.name == recipe.module == name
        assert recipe.title and recipe.description.endswith(".")
        names = [option.name for option in recipe.options]
        assert len(set(names)) == len(names)
        for option in recipe.options:
            assert option.help.endswith("."), option.name
            if option.default is not None:
                assert option.read(option.default) == option.default, option.name
        assert recipe.describe()["options"][0]["name"] == names[0]
    assert [r.name for r in RECIPES.values() if r.needs_tensorflow] == ["convnet", "finetune"]
    assert [r.name for r in RECIPES.values() if r.is_regression] == ["regression"]


def test_unknown_recipe_is_told_with_the_nearest():
    with pytest.raises(InputError) as caught:
        table.get("liner")
    assert caught.value.hint == "Did you mean linear?" and "knn" in caught.value.detail


def test_listing_the_recipes_imports_neither_tensorflow_nor_scikit_learn():
    code = (
        "import sys, server.learning.recipes.table, server.learning.training\n"
        "print([m for m in ('tensorflow', 'sklearn', 'scipy', 'tf_keras') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def as_table(options):
    """Writes options as docs/training.md shows them."""

    def usually(option):
        if option.default is None:
            return "auto"
        if isinstance(option.default, bool):
            return str(option.default).lower()
        return option.default if isinstance(option.default, str) else f"{option.default:g}"

    rows = [f"| `{o.name}` | {o.expected()} | {usually(o)} | {o.help} |" for o in options]
    head = ["| option | may be | usually | what it does |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def test_docs_list_the_options_of_every_recipe_as_they_are():
    page = (ROOT / "docs/training.md").read_text(encoding="utf-8")
    assert as_table(COMMON) in page
    for name, recipe in RECIPES.items():
        _, heading, section = page.partition(f"\n## {name}\n")
        assert heading, f"docs/training.md has no section {name}"
        expected = as_table(recipe.own_options)
        assert expected in section.split("\n## ")[0], f"{name} has these options now:\n{expected}"
        assert f"| `{name}` |" in page.split("## Options of all recipes")[0]
