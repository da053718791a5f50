"""Pictures and sounds that outputs show and play."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, request, send_file
from flask_smorest import Blueprint
from marshmallow import fields

from ...errors import Problem
from ...storage.assets import NewAsset
from ...storage.values import MAX_NAME, clean_id, clean_text, is_id
from ..services import services
from .projects import known
from .respond import answer, multipart, no_content, problems
from .schemas import listing
from .uploads import Upload, uploaded

blueprint = Blueprint(
    "assets", __name__, url_prefix="/api/v1", description="Pictures and sounds of outputs"
)

#: Whatever a file turns out to be: it runs nothing, asks for nothing and belongs to no origin.
POLICY = "default-src 'none'; sandbox"


class AssetSchema(ma.Schema):
    """A picture or sound of a project."""

    id = fields.String(required=True)
    project_id = fields.String(required=True)
    name = fields.String(required=True)
    mime = fields.String(required=True, metadata={"description": "Told from its bytes"})
    bytes = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    url = fields.String(required=True)


def _known(asset_id: str) -> str:
    if not is_id(asset_id):
        raise Problem("not-found", "The id of the file is not a UUID.", received=asset_id)
    return asset_id


@blueprint.get("/projects/<project_id>/assets")
@blueprint.response(200, listing(AssetSchema))
@problems(404)
def list_assets(project_id: str) -> Response:
    """List the pictures and sounds of a project, in the order they came."""
    items = services().assets.list(known(project_id))
    return answer({"items": items, "total": len(items)})


@blueprint.post("/projects/<project_id>/assets")
@blueprint.response(201, AssetSchema, headers={"Location": {"schema": {"type": "string"}}})
@blueprint.doc(
    requestBody=multipart(
        ["file"],
        file={"type": "string", "format": "binary"},
        id={"type": "string", "description": "A UUID; a repeated one is not added again"},
        name={"type": "string", "description": "Instead of the file's own"},
    )
)
@problems(404, 408, 409, 413, 415, 422)
def add_asset(project_id: str) -> Response:
    """Add a picture (PNG, JPEG, GIF, WebP) or a sound (WAV, MP3, OGG, M4A), at most 10 MiB."""
    from ...formats.media import recognise

    services().projects.head(known(project_id))
    _refuse_early()
    uploads = uploaded()
    if len(uploads) != 1:
        raise Problem(
            "invalid",
            "The form has several files.",
            received=len(uploads),
            expected="one file in the field 'file'",
        )
    (upload,) = uploads
    asset_id = request.form.get("id") or None
    if asset_id is not None:
        clean_id(asset_id, "id of the file")
    kind = recognise(upload.data, upload.name)
    file = NewAsset(_name(upload), kind.mime, upload.data, asset_id)
    (made,) = services().assets.add(project_id, [file])
    return answer(made, 201, Location=made["url"])


def _refuse_early() -> None:
    """Refuses a request that is far too large before its files are read into memory."""
    from ...formats.media import MAX_BYTES

    request.max_content_length = 2 * MAX_BYTES  # of one that does not say how long it is
    if (request.content_length or 0) > 2 * MAX_BYTES:
        raise Problem(
            "too-large",
            f"The request has {request.content_length:,} bytes.",
            expected=f"one file of at most {MAX_BYTES:,} bytes",
            hint="Make the sound shorter or the picture smaller.",
        )


def _name(upload: Upload) -> str:
    return clean_text(request.form.get("name") or upload.name, "name", MAX_NAME)


def _download_name(name: str, mime: str) -> str:
    """Makes a name to save a file under: one of a picture or sound, whatever it was called."""
    from ...formats.media import ENDINGS, KINDS

    name = name.replace("/", "_").replace("\\", "_")
    return name if name.lower().endswith(ENDINGS) else name + KINDS[mime].extension


@blueprint.get("/assets/<asset_id>/file")
@blueprint.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
)
@problems(404)
def read_asset(asset_id: str) -> Response:
    """Read a picture or sound; parts of it with Range."""
    row = services().assets.row(_known(asset_id))
    try:
        response: Any = send_file(
            services().assets.blobs.path(row.sha256),
            mimetype=row.mime,
            download_name=_download_name(row.name, row.mime),
            etag=row.sha256,
            conditional=True,
        )
    except FileNotFoundError:
        raise Problem(
            "not-found",
            "The file is missing in the data folder.",
            hint="Restore the folder from a copy, or delete the file here and add it again.",
        ) from None
    response.headers["Content-Security-Policy"] = POLICY
    # What is under an id never changes.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@blueprint.delete("/assets/<asset_id>")
@blueprint.response(204)
@problems(404)
def delete_asset(asset_id: str) -> Response:
    """Delete a picture or sound; outputs that use it stay silent."""
    services().assets.delete(_known(asset_id))
    return no_content()
