"""Samples: list, add, move, delete, and their pictures."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from ...errors import Problem
from ...storage import NewSample
from ...storage.phones import LONGEST_NAME
from ...storage.values import clean_id, clean_label, clean_text, parse_time
from ..phone_pass import is_guest, phone_of
from ..services import services
from .paging import offset_of
from .projects import current_revision, known
from .respond import FILES, IF_MATCH, answer, expected_revision, multipart, no_content, problems
from .schemas import SOURCES, SamplePageSchema, SamplePatchSchema, SampleSchema, listing
from .uploads import each, parallel, picture_limits, uploaded

blueprint = Blueprint(
    "samples", __name__, url_prefix="/api/v1", description="The pictures that were shown"
)

_TEXTS = {"type": "array", "items": {"type": "string"}}


@blueprint.get("/projects/<project_id>/samples")
@blueprint.arguments(SamplePageSchema, location="query", as_kwargs=True)
@blueprint.response(200, listing(SampleSchema), headers={"ETag": {}})
@problems(404, 422)
def list_samples(project_id: str, page: int, page_size: int, class_id: str | None = None):
    """List a project's samples in the order they were made."""
    items, total, revision = services().projects.samples(
        known(project_id), offset_of(page, page_size), page_size, class_id
    )
    return answer({"items": items, "total": total}, revision=revision)


@blueprint.post("/projects/<project_id>/samples")
@blueprint.response(201, listing(SampleSchema), headers={"ETag": {}})
@blueprint.doc(
    parameters=[IF_MATCH],
    requestBody=multipart(
        ["file"],
        file=FILES,
        label={**_TEXTS, "description": "Label of the class: one for all files, or one each"},
        class_id={**_TEXTS, "description": "Instead of label"},
        id={**_TEXTS, "description": "A UUID for each; a repeated one is not added again"},
        burst={**_TEXTS, "description": "Name of the recording: one for all, or one each"},
        source={**_TEXTS, "description": f"One of {', '.join(SOURCES)}"},
        created_at={**_TEXTS, "description": "ISO 8601: one for all, or one each"},
        contributor={
            **_TEXTS,
            "description": "Who showed it; of a phone that teaches, its own name instead",
        },
    ),
)
@problems(400, 404, 408, 409, 412, 413, 415, 422)
def add_samples(project_id: str) -> Response:
    """Add pictures to a class, all of them or none."""
    from ...learning.pictures import as_stored

    current, _ = services().projects.head(known(project_id))
    expected = expected_revision(lambda: current)
    uploads = uploaded()
    fields = _fields(len(uploads))
    limits = picture_limits()
    pictures = each(uploads, lambda data: as_stored(data, limits)[0])
    if is_guest(request.environ):
        # Whose it is and when it came is not left to the phone.
        about = {"contributor": (phone_of(request.environ) or {}).get("name"), "created_at": None}
        fields = [{**values, **about} for values in fields]
    samples = [
        NewSample(picture, **values) for picture, values in zip(pictures, fields, strict=True)
    ]
    items, revision = services().projects.add_samples(project_id, samples, expected)
    return answer({"items": items, "total": len(items)}, 201, revision)


def _fields(count: int) -> list[dict[str, Any]]:
    """Reads what the form says about each file."""
    labels, class_ids = parallel("label", count), parallel("class_id", count)
    readers = {
        "id": lambda text: clean_id(text, "id of the sample"),
        "burst": lambda text: clean_text(text, "burst", 100),
        "source": _source,
        "created_at": parse_time,
        "contributor": lambda text: clean_text(text, "contributor", LONGEST_NAME),
    }
    result: list[dict[str, Any]] = []
    columns = {name: parallel(name, count) for name in readers}
    for i in range(count):
        if (labels[i] is None) == (class_ids[i] is None):
            raise Problem(
                "invalid",
                "Each file needs the class that it shows.",
                received={"label": labels[i], "class_id": class_ids[i]},
                expected="the field label or the field class_id, one of them",
            )
        values: dict[str, Any] = {
            name: read(columns[name][i])
            for name, read in readers.items()
            if columns[name][i] is not None
        }
        if labels[i] is not None:
            values["label"] = clean_label(labels[i])
        else:
            values["class_id"] = clean_id(class_ids[i] or "", "id of the class")
        result.append(values)
    return result


def _source(text: str) -> str:
    if text not in SOURCES:
        raise Problem(
            "invalid", "The source is not known.", received=text, expected=", ".join(SOURCES)
        )
    return text


def _sample(sample_id: str) -> dict[str, Any]:
    try:
        clean_id(sample_id, "id of the sample")
    except Problem as problem:
        raise Problem("not-found", problem.detail, received=sample_id) from None
    return services().projects.sample(sample_id)


@blueprint.patch("/samples/<sample_id>")
@blueprint.arguments(SamplePatchSchema)
@blueprint.response(200, SampleSchema, headers={"ETag": {}})
@blueprint.doc(parameters=[IF_MATCH])
@problems(400, 404, 412, 415, 422)
def move_sample(to: dict[str, str], sample_id: str) -> Response:
    """Move a sample to another class of its project."""
    project_id = _sample(sample_id)["project_id"]
    expected = expected_revision(lambda: current_revision(project_id))
    sample, revision = services().projects.move_sample(sample_id, to, expected)
    return answer(sample, revision=revision)


@blueprint.delete("/samples/<sample_id>")
@blueprint.response(204, headers={"ETag": {}})
@blueprint.doc(parameters=[IF_MATCH])
@problems(404, 412)
def delete_sample(sample_id: str) -> Response:
    """Delete a sample; its picture too, if no other sample has the same."""
    project_id = _sample(sample_id)["project_id"]
    expected = expected_revision(lambda: current_revision(project_id))
    _, revision = services().projects.delete_sample(sample_id, expected)
    return no_content(revision)


@blueprint.get("/samples/<sample_id>/image")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@problems(404)
def read_image(sample_id: str) -> Response:
    """Read the stored picture, a JPEG of 224 x 224 pixels."""
    sample = _sample(sample_id)
    if sample["sha256"] is None:
        raise Problem("not-found", "This sample came as a vector, without its picture.")
    try:
        data = services().projects.picture(sample["sha256"])
    except FileNotFoundError:
        raise Problem(
            "not-found",
            "The picture's file is missing in the data folder.",
            hint="Restore the folder from a copy, or delete the sample.",
        ) from None
    response = Response(data, mimetype="image/jpeg")
    response.set_etag(sample["sha256"])
    # A sample never changes its picture.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response.make_conditional(request)
