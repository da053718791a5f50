"""Trainings: what recipes there are, and beginning one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response
from flask_smorest import Blueprint

from ...errors import Problem
from ...jobs.work import backbone_of, check_examples, needs, usable
from ..services import services
from .job_schemas import ALL, JobSchema, RecipeSchema, TrainingInSchema
from .projects import known
from .respond import answer, problems
from .schemas import listing

if TYPE_CHECKING:
    from ...learning.recipes import Recipe

blueprint = Blueprint(
    "trainings", __name__, url_prefix="/api/v1", description="Training with Python"
)


@blueprint.get("/recipes")
@blueprint.response(200, listing(RecipeSchema))
@problems()
def list_recipes() -> Response:
    """List the recipes that a classifier can be trained by, with their options."""
    from ...learning.recipes.table import RECIPES

    items = [recipe.describe() for recipe in RECIPES.values()]
    return answer({"items": items, "total": len(items)})


@blueprint.post("/projects/<project_id>/trainings")
@blueprint.arguments(TrainingInSchema, as_kwargs=True)
@blueprint.response(202, JobSchema, headers={"Location": {"schema": {"type": "string"}}})
@problems(404, 409, 422)
def start_training(
    project_id: str, recipe: str, options: Mapping[str, Any] | None = None, name: str = ""
) -> Response:
    """Begin to train a recipe on a project's examples; `all` trains every one that fits."""
    from ...learning.recipes.table import RECIPES

    known(project_id)
    services().projects.head(project_id)
    given = options or {}
    values = {"project_id": project_id, "name": name}
    if recipe == ALL:
        children = _children(project_id, given)
        job_id = services().jobs.create(
            "all",
            [{**values, **child} for child in children],
            **values,
            recipe=ALL,
            options=dict(given),
        )
    else:
        if recipe not in RECIPES:
            raise Problem(
                "invalid",
                "There is no such recipe.",
                received=recipe,
                expected=[*RECIPES, ALL],
            )
        row = RECIPES[recipe]
        chosen = row.read_options(given)
        _check(project_id, row, chosen)
        job_id = services().jobs.create("training", **values, recipe=recipe, options=chosen)
    services().engine.wake()
    job = services().jobs.get(job_id)
    return answer(job, 202, Location=f"/api/v1/jobs/{job_id}")


def _check(project_id: str, recipe: Recipe, options: Mapping[str, Any]) -> None:
    """Refuses what cannot be trained, before it is queued.

    Raises:
        Problem: too few examples, or the backbone is not here.
        InputError: a regression's classes are not numbers.
    """
    wants = needs(recipe, options)
    backbone = backbone_of(services(), project_id, wants)
    found = services().vectors.training_set(project_id, backbone.fingerprint if backbone else "")
    size = 4 * backbone.embedding_size if backbone else 0
    examples, _ = usable(found, wants, size)
    check_examples(found, examples)
    if recipe.is_regression:
        _check_numbers([label for _, label, _ in found.classes])


def _check_numbers(labels: list[str]) -> None:
    import numpy as np

    from ...learning.examples import Examples

    positions = np.arange(len(labels))
    Examples(labels, positions, positions, labels).values()


def _children(project_id: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns recipe and options of each recipe that fits the project.

    Options are for those recipes that have them.

    Raises:
        Problem: none fits.
        InputError: an option is none of any recipe, or has a value that cannot be used.
    """
    from ...learning.errors import InputError
    from ...learning.recipes.options import read_options
    from ...learning.recipes.table import RECIPES

    every = {option.name: option for recipe in RECIPES.values() for option in recipe.options}
    unknown = {name: value for name, value in given.items() if name not in every}
    read_options(list(every.values()), unknown)  # raises, and names the likely one
    children: list[dict[str, Any]] = []
    refused: Exception | None = None
    for recipe in RECIPES.values():
        own = {option.name for option in recipe.options}
        chosen = recipe.read_options({k: v for k, v in given.items() if k in own})
        try:
            _check(project_id, recipe, chosen)
        except (Problem, InputError) as error:
            refused = refused or error
        else:
            children.append({"recipe": recipe.name, "options": chosen})
    if not children:
        assert refused is not None
        raise refused
    return children
