"""Web hooks: an address for a class, which the server calls when a page says so."""

from __future__ import annotations

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from ...errors import Problem
from ...storage.hooks import MAX_URL, clean_url
from ...storage.values import MAX_LABEL, iso, now_ms, parse_time
from ..hooks import fire
from ..services import services
from .projects import known
from .respond import answer, no_content, problems
from .schemas import Strict, listing

blueprint = Blueprint(
    "hooks", __name__, url_prefix="/api/v1", description="Telling other devices what was seen"
)


class HookInSchema(Strict):
    """The address of a class."""

    url = fields.String(
        required=True,
        validate=validate.Length(max=MAX_URL),
        metadata={"example": "http://192.168.1.20/lamp"},
    )
    is_enabled = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class HookSchema(ma.Schema):
    """An address that is told when a class is seen."""

    class_id = fields.String(required=True)
    url = fields.String(required=True)
    is_enabled = fields.Boolean(
        required=True, metadata={"description": "Only then is it ever called"}
    )
    created_at = fields.DateTime(required=True)


class FireSchema(Strict):
    """What was seen; what is left out the server fills in."""

    label = fields.String(
        validate=validate.Length(1, MAX_LABEL), metadata={"description": "Else that of the class"}
    )
    confidence = fields.Float(allow_none=True, load_default=None, validate=validate.Range(0, 1))
    at = fields.String(
        validate=validate.Length(max=40), metadata={"description": "ISO 8601; else now"}
    )


class FiredSchema(ma.Schema):
    """How the address answered."""

    status = fields.Integer(required=True, metadata={"description": "Of its answer"})
    ms = fields.Float(required=True, metadata={"description": "How long it took"})


@blueprint.get("/projects/<project_id>/hooks")
@blueprint.response(200, listing(HookSchema))
@problems(404)
def list_hooks(project_id: str) -> Response:
    """List the addresses that belong to the classes of a project."""
    items = services().hooks.of_project(known(project_id))
    return answer({"items": items, "total": len(items)})


@blueprint.put("/projects/<project_id>/hooks/<class_id>")
@blueprint.arguments(HookInSchema, as_kwargs=True)
@blueprint.response(200, HookSchema)
@blueprint.alt_response(201, schema=HookSchema, description="It is new")
@problems(400, 404, 415, 422)
def set_hook(project_id: str, class_id: str, url: str, is_enabled: bool) -> Response:
    """Set the address of a class, and whether it may be called."""
    made, is_new = services().hooks.put(known(project_id), class_id, clean_url(url), is_enabled)
    return answer(made, 201 if is_new else 200)


@blueprint.delete("/projects/<project_id>/hooks/<class_id>")
@blueprint.response(204)
@problems(404)
def delete_hook(project_id: str, class_id: str) -> Response:
    """Forget the address of a class."""
    services().hooks.delete(known(project_id), class_id)
    return no_content()


@blueprint.post("/projects/<project_id>/hooks/<class_id>/fire")
@blueprint.arguments(FireSchema)
@blueprint.response(200, FiredSchema)
@problems(400, 404, 409, 415, 422, 429, 502)
def fire_hook(seen: dict, project_id: str, class_id: str) -> Response:
    """Call the address of a class now, and tell how it answered."""
    hook = services().hooks.get(known(project_id), class_id)
    at = iso(parse_time(seen["at"]) if "at" in seen else now_ms())
    if not hook["is_enabled"]:
        raise Problem(
            "conflict",
            "This hook is switched off.",
            hint="Switch it on in the project's outputs, or with PUT and is_enabled.",
        )
    body = {
        "project": hook["project"],
        "project_id": project_id,
        "label": seen.get("label", hook["label"]),
        "class_id": class_id,
        "confidence": seen["confidence"],
        "at": at,
    }
    with services().pace.call((project_id, class_id)):
        told = fire(hook["url"], body)
    return answer(told)
