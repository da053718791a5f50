"""The official backbones: what is offered, fetching one, and how fast those are that are here."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from ...errors import Problem
from ..fetching import Fetches
from ..services import services
from .respond import answer, problems
from .schemas import CatalogueSchema, FetchSchema, SpeedSchema

blueprint = Blueprint(
    "fetches", __name__, url_prefix="/api/v1", description="Backbones that can be fetched"
)


def _fetches() -> Fetches:
    return services().fetches


def _is_present(name: str) -> bool:
    return any(backbone.name == name for backbone in services().backbones())


def _check_offered(name: str) -> None:
    from ...conversion.catalogue import OFFICIAL

    if name not in OFFICIAL:
        raise Problem(
            "not-found",
            f"{name} is none of the backbones that can be fetched.",
            received=name,
            expected=list(OFFICIAL),
            hint="Others are converted in a terminal: python convert_models.py --list",
        )


def _never_started(name: str) -> Problem:
    return Problem(
        "not-found",
        f"{name} has not been fetched since the server was started.",
        hint="Begin with POST at the same address.",
    )


@blueprint.get("/backbones/catalogue")
@blueprint.response(200, CatalogueSchema)
@problems()
def catalogue() -> Response:
    """List the official backbones, those that are here and those that can be fetched."""
    from ...conversion.catalogue import OFFICIAL

    members = (
        "name", "title", "description", "licence", "download_bytes", "bytes", "macs",
        "input_size", "embedding_size", "has_top", "accuracy",
    )  # fmt: skip
    here = {backbone.name for backbone in services().backbones()}
    items: list[dict[str, Any]] = [
        {
            **{member: getattr(entry, member) for member in members},
            "present": entry.name in here,
            "fetch": _fetches().get(entry.name),
        }
        for entry in OFFICIAL.values()
    ]
    return answer({"items": items})


@blueprint.post("/backbones/<name>/fetch")
@blueprint.response(202, FetchSchema, headers={"Location": {"schema": {"type": "string"}}})
@blueprint.alt_response(200, schema=FetchSchema, description="It is being fetched already")
@problems(404, 409, 503)
def start_fetch(name: str) -> Response:
    """Begin to fetch and convert an official backbone; one at a time."""
    _check_offered(name)
    fetch, is_new = _fetches().start(name, lambda: _is_present(name))
    location = f"/api/v1/backbones/{name}/fetch"
    return answer(fetch, 202, Location=location) if is_new else answer(fetch)


@blueprint.get("/backbones/<name>/fetch")
@blueprint.response(200, FetchSchema)
@problems(404)
def get_fetch(name: str) -> Response:
    """Tell how far the fetch of a backbone is, or how it ended."""
    _check_offered(name)
    fetch = _fetches().get(name)
    if fetch is None:
        raise _never_started(name)
    return answer(fetch)


@blueprint.delete("/backbones/<name>/fetch")
@blueprint.response(200, FetchSchema)
@problems(404)
def cancel_fetch(name: str) -> Response:
    """Cancel a fetch; nothing half-made stays. One that has ended is answered as it is."""
    _check_offered(name)
    fetch = _fetches().cancel(name)
    if fetch is None:
        raise _never_started(name)
    return answer(fetch)


@blueprint.get("/backbones/<name>/speed")
@blueprint.response(200, SpeedSchema)
@problems(404, 409)
def speed(name: str) -> Response:
    """Measure how long a backbone takes for a picture on this machine; once, then remembered.

    One whose files are damaged is answered with 409.
    """
    from ...learning.speed import speed_of

    for backbone in services().backbones():
        if backbone.name == name:
            found = speed_of(backbone)
            return answer({"milliseconds": found.milliseconds, "pictures": found.pictures})
    raise Problem(
        "not-found",
        f"The backbone {name} is not here.",
        received=name,
        expected=[backbone.name for backbone in services().backbones()],
    )
