"""Projects: list, make, read, change, delete."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from ...errors import Problem
from ...storage.values import clean_id
from ..services import services
from .paging import offset_of
from .respond import IF_MATCH, answer, expected_revision, no_content, problems
from .schemas import PageSchema, ProjectInSchema, ProjectPatchSchema, ProjectSchema, listing

blueprint = Blueprint(
    "projects", __name__, url_prefix="/api/v1", description="Projects and their classes"
)


def current_revision(project_id: str) -> int:
    """Returns the revision of a project now."""
    return services().projects.head(project_id)[0]


def known(project_id: str) -> str:
    """Checks that an address holds the id of a project, as far as its form tells."""
    try:
        return clean_id(project_id, "id of the project")
    except Problem as problem:
        raise Problem("not-found", problem.detail, received=project_id) from None


@blueprint.get("/projects")
@blueprint.arguments(PageSchema, location="query", as_kwargs=True)
@blueprint.response(200, listing(ProjectSchema))
@problems(422)
def list_projects(page: int, page_size: int) -> Response:
    """List projects, the last changed first."""
    items, total = services().projects.page(offset_of(page, page_size), page_size)
    return answer({"items": items, "total": total})


@blueprint.post("/projects")
@blueprint.arguments(ProjectInSchema)
@blueprint.response(201, ProjectSchema, headers={"Location": {}, "ETag": {}})
@blueprint.alt_response(200, schema=ProjectSchema, description="It was there already")
@problems(400, 409, 413, 415, 422)
def create_project(document: dict[str, Any]) -> Response:
    """Make a project."""
    labels = document.pop("labels", None)
    if labels is not None:
        document["classes"] = [{"label": label} for label in labels]
    document.setdefault("backbone", services().default_backbone_name())
    project, made = services().projects.create(document)
    return answer(
        project,
        201 if made else 200,
        project["revision"],
        Location=f"/api/v1/projects/{project['id']}",
    )


@blueprint.get("/projects/<project_id>")
@blueprint.response(200, ProjectSchema, headers={"ETag": {}})
@problems(404)
def read_project(project_id: str) -> Response:
    """Read a project."""
    project = services().projects.get(known(project_id))
    return answer(project, revision=project["revision"])


@blueprint.patch("/projects/<project_id>")
@blueprint.arguments(ProjectPatchSchema)
@blueprint.response(200, ProjectSchema, headers={"ETag": {}})
@blueprint.doc(parameters=[IF_MATCH])
@problems(400, 404, 412, 413, 415, 422, 428)
def change_project(patch: dict[str, Any], project_id: str) -> Response:
    """Change a project's name, backbone, settings or classes."""
    expected = expected_revision(lambda: current_revision(known(project_id)))
    project = services().projects.patch(known(project_id), patch, expected)
    return answer(project, revision=project["revision"])


@blueprint.delete("/projects/<project_id>")
@blueprint.response(204)
@blueprint.doc(parameters=[IF_MATCH])
@problems(404, 412)
def delete_project(project_id: str) -> Response:
    """Delete a project with all its samples."""
    expected = expected_revision(lambda: current_revision(known(project_id)))
    services().projects.delete(known(project_id), expected)
    return no_content()
