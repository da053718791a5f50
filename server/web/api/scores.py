"""Best scores of games, kept with a project."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from ...errors import Problem
from ...storage.scores import MAX_CONTROLLER, MAX_LEVEL, MAX_PLAYER, MAX_SCORE, MAX_SECONDS
from ...storage.values import clean_text, is_id, parse_time
from ..pages import GAMES
from ..services import services
from .paging import offset_of
from .projects import known
from .respond import answer, no_content, problems
from .schemas import Id, PageSchema, Strict, _Checked, listing

blueprint = Blueprint("scores", __name__, url_prefix="/api/v1", description="Best scores of games")

_GAME = validate.OneOf(GAMES, error="Received {input!r}, expected one of {choices}.")


class Player(_Checked):
    """What a player calls themselves: trimmed, 1 to 40 characters."""

    def _check(self, value: str) -> str:
        return clean_text(value, "name", MAX_PLAYER)


class Moment(_Checked):
    """An ISO 8601 time."""

    def _check(self, value: str) -> str:
        parse_time(value)
        return value


class ScoreInSchema(Strict):
    """What somebody has reached in a game."""

    id = Id(required=True)
    game = fields.String(required=True, validate=_GAME)
    score = fields.Integer(required=True, strict=True, validate=validate.Range(0, MAX_SCORE))
    level = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_LEVEL))
    name = Player(required=True)
    controller = fields.String(
        required=True,
        validate=validate.Regexp(
            rf"^[a-z][a-z0-9_-]{{0,{MAX_CONTROLLER - 1}}}\Z",
            error="Received {input!r}, expected a kind such as camera, keyboard or phone.",
        ),
        metadata={"example": "camera"},
    )
    seconds = fields.Float(required=True, validate=validate.Range(0, MAX_SECONDS))
    created_at = Moment(metadata={"description": "ISO 8601; else now"})


class GameScoreSchema(ma.Schema):
    """A score that is kept."""

    id = fields.String(required=True)
    game = fields.String(required=True)
    score = fields.Integer(required=True)
    level = fields.Integer(required=True)
    name = fields.String(required=True)
    controller = fields.String(required=True)
    seconds = fields.Float(required=True)
    created_at = fields.DateTime(required=True)


class ScorePageSchema(PageSchema):
    """Which scores to answer."""

    game = fields.String(validate=_GAME, metadata={"description": "Only scores of this game"})


@blueprint.get("/projects/<project_id>/scores")
@blueprint.arguments(ScorePageSchema, location="query", as_kwargs=True)
@blueprint.response(200, listing(GameScoreSchema))
@problems(404, 422)
def list_scores(project_id: str, page: int, page_size: int, game: str | None = None) -> Response:
    """List a project's scores, the best of each game first."""
    offset = offset_of(page, page_size)
    items, total = services().scores.page(known(project_id), game, offset, page_size)
    return answer({"items": items, "total": total})


@blueprint.post("/projects/<project_id>/scores")
@blueprint.arguments(ScoreInSchema)
@blueprint.response(201, GameScoreSchema)
@blueprint.alt_response(200, schema=GameScoreSchema, description="It was there already")
@problems(400, 404, 409, 413, 415, 422)
def add_score(document: dict[str, Any], project_id: str) -> Response:
    """Keep a score; of each game the best thousand stay."""
    moment = document.pop("created_at", None)
    if moment is not None:
        document["created_at"] = parse_time(moment)
    kept, made = services().scores.add(known(project_id), document)
    return answer(kept, 201 if made else 200)


@blueprint.delete("/projects/<project_id>/scores/<score_id>")
@blueprint.response(204)
@problems(404)
def delete_score(project_id: str, score_id: str) -> Response:
    """Delete a score."""
    if not is_id(score_id):
        raise Problem("not-found", "The id of the score is not a UUID.", received=score_id)
    services().scores.delete(known(project_id), score_id)
    return no_content()
