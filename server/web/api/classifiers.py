"""Trained classifiers: list, read, predict, their files, their exports, and imported ones."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Response, request, send_file
from flask_smorest import Blueprint

from ...errors import Problem
from ...storage.job_rows import OPEN
from ...storage.values import MAX_NAME, clean_id, clean_text, is_id, new_id
from ..services import services
from .job_schemas import (
    ExportFormatSchema,
    ExportInSchema,
    FormatQuery,
    JobSchema,
    PlainClassifierSchema,
    ReportQuery,
    TrainedAnswerSchema,
    TrainedClassifierSchema,
)
from .paging import offset_of
from .projects import known
from .respond import FILES, answer, multipart, no_content, problems
from .schemas import PageSchema, listing
from .uploads import each, picture_limits, uploaded

if TYPE_CHECKING:
    from ...exports.table import Export

blueprint = Blueprint(
    "classifiers", __name__, url_prefix="/api/v1", description="What trainings have made"
)

#: Seconds that a request waits for an export; after that, ask again.
WAIT_SECONDS = 100.0
_BINARY = {"type": "string", "format": "binary"}
_OCTETS = "application/octet-stream"


def _known(classifier_id: str) -> str:
    if not is_id(classifier_id):
        raise Problem(
            "not-found", "The id of the classifier is not a UUID.", received=classifier_id
        )
    return classifier_id


@blueprint.get("/projects/<project_id>/classifiers")
@blueprint.arguments(PageSchema, location="query", as_kwargs=True)
@blueprint.response(200, listing(PlainClassifierSchema))
@problems(404, 422)
def list_classifiers(project_id: str, page: int, page_size: int) -> Response:
    """List a project's trained classifiers without their reports, the newest first."""
    services().projects.head(known(project_id))
    items, total = services().trained.page(offset_of(page, page_size), page_size, project_id)
    return answer({"items": items, "total": total})


@blueprint.get("/classifiers/<classifier_id>")
@blueprint.response(200, TrainedClassifierSchema)
@problems(404)
def get_classifier(classifier_id: str) -> Response:
    """Read a trained classifier with its report."""
    return answer(services().trained.get(_known(classifier_id)))


@blueprint.delete("/classifiers/<classifier_id>")
@blueprint.response(204)
@problems(404)
def delete_classifier(classifier_id: str) -> Response:
    """Delete a trained classifier with its files."""
    services().trained.delete(_known(classifier_id))
    services().prepared.forget(classifier_id)
    return no_content()


@blueprint.post("/classifiers")
@blueprint.response(202, JobSchema, headers={"Location": {"schema": {"type": "string"}}})
@blueprint.doc(
    requestBody=multipart(
        ["file"], file=_BINARY, project_id={"type": "string"}, name={"type": "string"}
    )
)
@problems(404, 408, 413, 415, 422)
def import_classifier() -> Response:
    """Bring in a model: a .classifier, a Teachable Machine model zip or a Keras model."""
    uploads = uploaded()
    if len(uploads) != 1:
        raise Problem(
            "invalid",
            "The form has several files.",
            received=len(uploads),
            expected="one file in the field 'file'",
        )
    (upload,) = uploads
    project_id = request.form.get("project_id") or None
    if project_id is not None:
        services().projects.head(clean_id(project_id, "project_id"))
    name = clean_text(
        request.form.get("name") or upload.name.rpartition(".")[0] or upload.name, "name", MAX_NAME
    )
    job_id = new_id()
    services().uploads.keep(job_id, upload.data)
    try:
        services().jobs.create(
            "import", id=job_id, project_id=project_id, name=name, options={"file": upload.name}
        )
    except BaseException:
        services().uploads.forget(job_id)
        raise
    services().engine.wake()
    return answer(services().jobs.get(job_id), 202, Location=f"/api/v1/jobs/{job_id}")


@blueprint.post("/classifiers/<classifier_id>/predict")
@blueprint.response(200, listing(TrainedAnswerSchema))
@blueprint.doc(requestBody=multipart(["file"], file=FILES))
@problems(404, 408, 409, 413, 415, 422)
def predict(classifier_id: str) -> Response:
    """Classify pictures; nothing of them is kept."""
    import numpy as np

    from ...learning.pictures import decode_square

    predictors = services().predictors
    classifier = predictors.get(_known(classifier_id))
    predictors.backbone(classifier)  # refuses before anything is decoded
    files = uploaded()
    limits = picture_limits()
    squares = each(files, lambda data: decode_square(data, limits))
    answers = predictors.answer(classifier, np.stack(squares))
    items = [{"file": file.name, **found} for file, found in zip(files, answers, strict=True)]
    return answer({"items": items, "total": len(items)})


# Files


def _file_name(name: str, extension: str) -> str:
    from ...formats.pictures import folder_names

    return folder_names([name])[0] + extension


def _immutable(response: Response, tag: str) -> Response:
    """A classifier never changes; whoever has it need not load it again."""
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@blueprint.get("/classifiers/<classifier_id>/file")
@blueprint.response(200, _BINARY, content_type=_OCTETS)
@problems(404)
def classifier_file(classifier_id: str) -> Response:
    """Read the .classifier file."""
    return _send_classifier(_known(classifier_id))


def _send_classifier(classifier_id: str) -> Response:
    from ...formats.classifier import EXTENSION, MIME

    found = services().trained.get(classifier_id)
    return send_file(
        services().trained.file(classifier_id),
        mimetype=MIME,
        as_attachment=True,
        download_name=_file_name(found["name"], EXTENSION),
    )


@blueprint.get("/classifiers/<classifier_id>/report")
@blueprint.arguments(ReportQuery, location="query", as_kwargs=True)
@blueprint.response(200, {"type": "object"}, content_type="application/json")
@problems(404, 409, 422)
def report(classifier_id: str, format: str) -> Response:
    """Read how good it is: as JSON, or as one HTML file with the pictures it got wrong."""
    found = services().trained.get(_known(classifier_id))
    if found["report"] is None:
        raise Problem(
            "conflict",
            "This classifier has no report: it was not trained here.",
            hint="Judge it on pictures of your own: python -m server evaluate FILE FOLDER",
        )
    if format == "json":
        return answer(found["report"])
    page = _report_page(found)
    response = Response(page, mimetype="text/html")
    name = _file_name(f"{found['name']} report", ".html")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _report_page(found: dict[str, Any]) -> str:
    from ...formats import report_html

    return report_html.render(found["report"], _picture_of)


def _picture_of(sample_id: str) -> bytes | None:
    """Returns the picture of a sample, None where it is gone."""
    try:
        sha256 = services().projects.sample(sample_id)["sha256"]
        return services().blobs.read(sha256) if sha256 else None
    except (Problem, OSError, ValueError):
        return None


@blueprint.get("/classifiers/<classifier_id>/weights")
@blueprint.response(200, _BINARY, content_type=_OCTETS)
@problems(404, 409)
def weights(classifier_id: str) -> Response:
    """Read its numbers as safetensors, of layers (`layer0.kernel`) or neighbours (`vectors`)."""
    from safetensors.numpy import save

    classifier = services().predictors.get(_known(classifier_id))
    arrays = classifier.model.arrays()
    if not arrays:
        raise Problem(
            "conflict",
            f"A {classifier.model.kind} has no weights to read alone.",
            hint=f"Load its TensorFlow.js model: /api/v1/classifiers/{classifier_id}/tfjs/"
            "model.json",
        )
    response = Response(save(dict(arrays)), mimetype=_OCTETS)
    return _immutable(response, f"{classifier_id}-weights")


@blueprint.get("/classifiers/<classifier_id>/tfjs/<path:file>")
@blueprint.response(200, _BINARY, content_type=_OCTETS)
@problems(404)
def tfjs(classifier_id: str, file: str) -> Response:
    """Read a file of a network's TensorFlow.js model: `model.json` or a part of its weights."""
    classifier = services().predictors.get(_known(classifier_id))
    data = classifier.model.files().get(f"tfjs/{file}")
    if data is None:
        here = [n.removeprefix("tfjs/") for n in classifier.model.files() if n.startswith("tfjs/")]
        raise Problem(
            "not-found",
            "The classifier has no such file for TensorFlow.js.",
            received=file,
            expected=here,
            hint="" if here else "Only whole networks have them; this one has weights.",
        )
    mime = "application/json" if file.endswith(".json") else _OCTETS
    return _immutable(Response(data, mimetype=mime), f"{classifier_id}-{file}")


# Exports


def _export(format: str) -> Export:
    from ...exports.table import EXPORTS

    if format not in EXPORTS:
        raise Problem(
            "invalid", "There is no such format.", received=format, expected=list(EXPORTS)
        )
    return EXPORTS[format]


def _check_export(classifier_id: str, format: str) -> Export:
    """Returns the row of a format that can express a classifier.

    Raises:
        Problem: it is not known, or cannot.
    """
    row = _export(format)
    reason = row.check(services().predictors.get(classifier_id))
    if reason:
        raise Problem("conflict", reason, title=f"{row.title} cannot hold this classifier")
    return row


@blueprint.get("/classifiers/<classifier_id>/exports")
@blueprint.response(200, listing(ExportFormatSchema))
@problems(404)
def list_exports(classifier_id: str) -> Response:
    """List the formats it can be taken away in, and why not in the others."""
    from ...exports.table import EXPORTS

    classifier = services().predictors.get(_known(classifier_id))
    items = []
    for row in EXPORTS.values():
        reason = row.check(classifier)
        ready = services().prepared.find(classifier_id, row.name) is not None
        items.append(
            {
                "format": row.name,
                "title": row.title,
                "description": row.description,
                "extension": row.extension,
                "available": reason is None,
                "reason": reason,
                "ready": ready or row.name == "classifier",
            }
        )
    return answer({"items": items, "total": len(items)})


@blueprint.post("/classifiers/<classifier_id>/exports")
@blueprint.arguments(ExportInSchema, as_kwargs=True)
@blueprint.response(202, JobSchema, headers={"Location": {"schema": {"type": "string"}}})
@problems(404, 409, 422)
def start_export(classifier_id: str, format: str) -> Response:
    """Begin to make a file in a format; it is at `export?format=` when the job is done."""
    services().trained.head(_known(classifier_id))
    _check_export(classifier_id, format)
    job = _export_job(classifier_id, format)
    return answer(job, 202, Location=f"/api/v1/jobs/{job['id']}")


def _export_job(classifier_id: str, format: str) -> dict[str, Any]:
    """Returns the job that makes an export: the one that is on its way, else a new one."""
    found = services().trained.get(classifier_id)
    job_id = services().jobs.create_once(
        "export",
        project_id=found["project_id"],
        classifier_id=classifier_id,
        format=format,
        name=found["name"],
    )
    services().engine.wake()
    return services().jobs.get(job_id)


@blueprint.get("/classifiers/<classifier_id>/export")
@blueprint.arguments(FormatQuery, location="query", as_kwargs=True)
@blueprint.response(200, _BINARY, content_type=_OCTETS)
@problems(404, 409, 422, 503)
def export(classifier_id: str, format: str) -> Response:
    """Read it in a format; made now, and waited for, where it is not there yet."""
    services().trained.head(_known(classifier_id))
    row = _check_export(classifier_id, format)
    if format == "classifier":
        return _send_classifier(classifier_id)
    prepared = services().prepared.find(classifier_id, format)
    if prepared is None:
        job = services().engine.wait(_export_job(classifier_id, format)["id"], WAIT_SECONDS)
        if job["state"] in OPEN:
            raise Problem(
                "unavailable",
                f"The export is still being made: job {job['id']}.",
                hint="Ask again in a while, or follow the job.",
                headers={"Retry-After": "10"},
            )
        if job["problem"] is not None:
            told = job["problem"]
            raise Problem("conflict", told["detail"], title=told["title"], hint=told["hint"])
        prepared = services().prepared.find(classifier_id, format)
        if prepared is None:
            raise Problem("conflict", f"The export was {job['state']}.", hint="Ask for it again.")
    # Held open, so that it stays readable should it make room for others meanwhile.
    data = BytesIO(prepared.path.read_bytes())
    return send_file(
        data, mimetype=row.mime, as_attachment=True, download_name=prepared.file_name, etag=False
    )
