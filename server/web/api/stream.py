"""What a project's pages see, as server-sent events."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint

from ..events import Connection, events
from ..services import services
from .projects import known
from .respond import problems

blueprint = Blueprint(
    "stream", __name__, url_prefix="/api/v1", description="Predictions as they are made"
)


@blueprint.get("/projects/<project_id>/stream")
@blueprint.response(200, {"type": "string"}, content_type="text/event-stream")
@problems(404, 503)
def stream(project_id: str) -> Response:
    """Hear what a project's pages see, as they see it; see docs/stream.md."""
    shared = services()
    shared.projects.head(known(project_id))
    if request.method == "HEAD":
        response = Response(mimetype="text/event-stream")
    else:
        listener = shared.stream.open(project_id)
        lines = events(listener, Connection(request.environ))
        response = Response(lines, mimetype="text/event-stream")
        response.call_on_close(lambda: shared.stream.close(listener))
    response.headers["Cache-Control"] = "no-store"
    # Asks proxies such as nginx to pass on each event at once.
    response.headers["X-Accel-Buffering"] = "no"
    return response
