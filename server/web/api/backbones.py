"""Which backbones are here."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from ..services import services
from .paging import page_of
from .respond import answer, problems
from .schemas import BackboneSchema, PageSchema, listing

blueprint = Blueprint(
    "backbones", __name__, url_prefix="/api/v1", description="The networks that look at pictures"
)


@blueprint.get("/backbones")
@blueprint.arguments(PageSchema, location="query", as_kwargs=True)
@blueprint.response(200, listing(BackboneSchema))
@problems(422)
def list_backbones(page: int, page_size: int) -> Response:
    """List the backbones; each one's files are at its url, such as url + "model.json"."""
    default = services().default_backbone_name()
    items = [
        {
            **backbone.describe(),
            "url": f"/models/{backbone.name}/",
            "is_default": backbone.name == default,
        }
        for backbone in services().backbones()
    ]
    return answer({"items": page_of(items, page, page_size), "total": len(items)})
