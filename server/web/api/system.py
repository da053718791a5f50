"""Whether the server is well."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import text

from ... import __version__
from ...errors import Problem
from ..services import services
from .respond import answer, problems
from .schemas import HealthSchema

blueprint = Blueprint("system", __name__, description="Whether the server is well")


@blueprint.get("/healthz")
@blueprint.response(200, HealthSchema)
@problems(503)
def health() -> Response:
    """Tell whether the server and its database answer."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with services().database.read() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise Problem("unavailable", "The database does not answer.") from error
    return answer({"status": "ok", "version": __version__})
