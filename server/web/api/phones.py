"""Phones: pair, claim, list, remove."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from ...errors import Problem
from ...settings import is_loopback
from ...storage.phones import LONGEST_NAME
from ...storage.values import clean_text, iso, now_ms
from ..guard import split_host
from ..pairings import LENGTH, Pairing
from ..phone_pass import phone_of
from ..services import services, settings
from .projects import known
from .respond import answer, no_content, problems
from .schemas import Strict, listing

blueprint = Blueprint(
    "phones", __name__, url_prefix="/api/v1", description="Phones that are let in by a QR code"
)

ROLES = ("player", "teacher")
PLAYERS = 4


class PairingInSchema(Strict):
    """What a phone is to be let in for."""

    role = fields.String(load_default="player", validate=validate.OneOf(ROLES))
    player = fields.Integer(
        strict=True, load_default=1, validate=validate.Range(1, PLAYERS),
        metadata={"description": "Of a teacher, no matter"},
    )  # fmt: skip


class CertificateSchema(ma.Schema):
    """What a browser's warning can be compared with."""

    sha256 = fields.String(required=True)
    is_own = fields.Boolean(
        required=True, metadata={"description": "Made by this server: browsers warn of it"}
    )


class PairingSchema(ma.Schema):
    """A code that lets one phone in."""

    id = fields.String(required=True)
    url = fields.String(required=True, metadata={"description": "What the QR code says"})
    page = fields.String(required=True, metadata={"description": "Where the code can be typed"})
    code = fields.String(required=True)
    qr = fields.String(required=True, metadata={"description": "Address of an SVG"})
    role = fields.String(required=True)
    player = fields.Integer(required=True, allow_none=True)
    expires_at = fields.DateTime(required=True)
    seconds_left = fields.Float(required=True)
    reachable = fields.Boolean(
        required=True, metadata={"description": "Whether a phone can come, and use its camera"}
    )
    hint = fields.String(required=True, metadata={"description": "What to do where it cannot"})
    certificate = fields.Nested(CertificateSchema, required=True, allow_none=True)


class ClaimSchema(Strict):
    """The code that a phone has scanned, and what its person is called."""

    token = fields.String(required=True, validate=validate.Length(1, 100))
    name = fields.String(required=True)


class PhoneSchema(ma.Schema):
    """A phone."""

    id = fields.String(required=True)
    project_id = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    player = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    seen_at = fields.DateTime(required=True)
    connected = fields.Boolean(required=True)


class OwnPhoneSchema(PhoneSchema):
    """The phone that asks."""

    project = fields.String(required=True, metadata={"description": "Name of its project"})


@blueprint.post("/projects/<project_id>/pairings")
@blueprint.arguments(PairingInSchema)
@blueprint.response(201, PairingSchema)
@problems(400, 404, 413, 415, 422)
def make_pairing(wish: dict[str, Any], project_id: str) -> Response:
    """Make a code that lets one phone in, once and for ten minutes."""
    services().projects.head(known(project_id))
    player = wish["player"] if wish["role"] == "player" else None
    page, reachable, hint = _way()
    pairing = services().pairings.make(project_id, wish["role"], player, page)
    return answer(_shown(pairing, page, reachable, hint), 201)


def _shown(pairing: Pairing, page: str, reachable: bool, hint: str) -> dict[str, Any]:
    from ..tls import facts

    certificate = facts(settings())
    left = services().pairings.seconds_left(pairing)
    return {
        "id": pairing.id,
        "url": pairing.address,
        "page": page,
        "code": f"{pairing.code[: LENGTH // 2]}-{pairing.code[LENGTH // 2 :]}",
        "qr": f"/api/v1/pairings/{pairing.id}/qr.svg",
        "role": pairing.role,
        "player": pairing.player,
        "expires_at": iso(now_ms() + round(timedelta(seconds=left) / timedelta(milliseconds=1))),
        "seconds_left": round(left, 1),
        "reachable": reachable,
        "hint": hint,
        "certificate": certificate and {"sha256": certificate.sha256, "is_own": certificate.is_own},
    }


def _way() -> tuple[str, bool, str]:
    """Tells where a phone finds the page /phone, whether it can, and what to do where not."""
    from ..tls import addresses

    given = settings()
    name, port = split_host(request.host) or ("127.0.0.1", None)
    if is_loopback(name) and not given.loopback:
        # This page was opened by a name that means another computer on every other computer.
        name = given.host.strip("[]")
        if name in ("0.0.0.0", "::"):
            name = next(iter(addresses()), "")
        port = given.port
    host = f"[{name}]" if ":" in name else name
    # A proxy in front may speak HTTPS where this server does not; the page that asks knows.
    origin = request.headers.get("Origin", "")
    scheme = "https" if request.is_secure or origin.startswith("https:") else given.scheme
    page = f"{scheme}://{host}{f':{port}' if port else ''}/phone"
    start = "HOST=0.0.0.0 SHOWTELL_TLS=1 make run"
    if given.loopback and is_loopback(name):
        return page, False, (
            "Only this computer can reach Show & Tell at the moment. To let phones in, stop it and"
            f" start it with: {start}"
        )  # fmt: skip
    if not name:
        return f"{scheme}://127.0.0.1:{port}/phone", False, (
            "This computer is in no network. Connect it to the one that the phones use."
        )  # fmt: skip
    if scheme == "http":
        return page, False, (
            "Browsers give a page its camera over HTTPS only. Stop Show & Tell and start it with:"
            f" {start}"
        )  # fmt: skip
    return page, True, ""


@blueprint.get("/pairings/<pairing_id>/qr.svg")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/svg+xml")
@problems(404)
def draw_pairing(pairing_id: str) -> Response:
    """Draw the QR code of a pairing."""
    from ..qr import as_svg

    picture = as_svg(services().pairings.get(pairing_id).address)
    response = Response(picture, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/phones/claim")
@blueprint.arguments(ClaimSchema)
@blueprint.response(201, OwnPhoneSchema)
@problems(400, 404, 409, 413, 415, 422, 429)
def claim(asked: dict[str, str]) -> Response:
    """Let a phone in by a code; the answer sets the cookie that it is known by from now on."""
    shared = services()
    name = clean_text(asked["name"], "name", LONGEST_NAME)
    pairing = shared.pairings.claim(asked["token"], request.remote_addr or "")
    before = phone_of(request.environ)
    secret = shared.phone_pass.new_secret()
    try:
        phone = shared.phones.add(
            pairing.project_id, pairing.role, pairing.player, name, secret,
            instead_of=before and before["id"],
        )  # fmt: skip
    except BaseException as error:
        # Too many phones, or no database: when that is mended the code is good again.
        if not isinstance(error, Problem) or error.kind != "not-found":
            shared.pairings.give_back(pairing)
        raise
    if before is not None:
        shared.phone_line.shut_out(before)
    shared.phone_line.announce(phone["project_id"])
    response = answer(_own(phone), 201)
    options = shared.phone_pass.cookie_options()
    response.set_cookie(shared.phone_pass.cookie, secret, **options)
    response.headers["Cache-Control"] = "no-store"
    return response


def _own(phone: dict[str, Any]) -> dict[str, Any]:
    found = services().phone_line.listing(phone["project_id"])
    shown = next((other for other in found if other["id"] == phone["id"]), phone)
    return {**shown, "project": services().phones.project_name(phone["project_id"])}


@blueprint.get("/phones/me")
@blueprint.response(200, OwnPhoneSchema)
@problems(404)
def own_phone() -> Response:
    """Read what the phone that asks was let in for."""
    phone = phone_of(request.environ)
    if phone is None:
        raise Problem(
            "not-found",
            "This device was not let in as a phone, or was removed.",
            hint="Scan the code that the big screen shows under 'Phones'.",
        )
    return answer(_own(phone))


@blueprint.get("/projects/<project_id>/phones")
@blueprint.response(200, listing(PhoneSchema))
@problems(404)
def list_phones(project_id: str) -> Response:
    """List a project's phones, the first come first."""
    items = services().phone_line.listing(known(project_id))
    return answer({"items": items, "total": len(items)})


@blueprint.delete("/phones/<phone_id>")
@blueprint.response(204)
@problems(404)
def remove_phone(phone_id: str) -> Response:
    """Shut a phone out; what it has taught stays."""
    phone = services().phones.remove(phone_id)
    services().phone_line.shut_out(phone)
    return no_content()
