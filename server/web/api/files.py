"""Whole projects as files: out and in."""

from __future__ import annotations

import shutil
import tempfile
from typing import Any

import marshmallow as ma
from flask import Response, request, send_file
from flask_smorest import Blueprint
from marshmallow import fields

from ...errors import Problem
from .. import transfer
from ..services import services
from .projects import known
from .respond import answer, multipart, problems
from .schemas import ImportedProjectSchema
from .uploads import picture_limits

blueprint = Blueprint(
    "files", __name__, url_prefix="/api/v1", description="Whole projects as files"
)


class ExportQuery(ma.Schema):
    """In which format to write."""

    class Meta:
        unknown = ma.EXCLUDE

    format = fields.String(
        load_default="showtell", metadata={"description": f"One of {', '.join(transfer.WRITTEN)}"}
    )


@blueprint.get("/projects/<project_id>/export")
@blueprint.arguments(ExportQuery, location="query", as_kwargs=True)
@blueprint.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
)
@problems(404, 409, 422)
def export_project(project_id: str, format: str) -> Response:
    """Write a project as a file; see docs/formats.md."""
    data = services().settings.data
    data.mkdir(parents=True, exist_ok=True)
    # Has no name in the folder, so that not even a crash leaves it behind.
    file: Any = tempfile.TemporaryFile(dir=data)  # noqa: SIM115 (closed by the response)
    try:
        name, mime, revision = transfer.export(services(), known(project_id), format, file)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    response = send_file(file, mimetype=mime, as_attachment=True, download_name=name, etag=False)
    response.content_length = size
    response.set_etag(str(revision))
    return response


@blueprint.post("/projects/import")
@blueprint.response(201, ImportedProjectSchema, headers={"Location": {}, "ETag": {}})
@blueprint.doc(requestBody=multipart(["file"], file={"type": "string", "format": "binary"}))
@problems(408, 409, 413, 415, 422)
def import_project() -> Response:
    """Make a project of a file: .showtell, .tm, a zip of pictures, or the JSON of a KNN."""
    storages = request.files.getlist("file") if request.mimetype == "multipart/form-data" else []
    if len(storages) != 1:
        raise Problem(
            "invalid",
            "The form has no file to import." if not storages else "The form has several files.",
            received=len(storages),
            expected="one file in the field 'file' of multipart/form-data",
        )
    with services().blobs.temporary() as path:
        with path.open("xb") as file:
            shutil.copyfileobj(storages[0].stream, file, 1024 * 1024)
        project, notes = transfer.import_file(
            services(), path, storages[0].filename or "", picture_limits()
        )
    return answer(
        {**project, "notes": notes},
        201,
        project["revision"],
        Location=f"/api/v1/projects/{project['id']}",
    )
