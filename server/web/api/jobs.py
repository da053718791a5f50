"""Jobs: list, follow, cancel."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from ...errors import Problem
from ...storage.job_rows import STATES
from ...storage.values import is_id
from ..services import services
from .job_schemas import EventQuery, EventSchema, JobQuery, JobSchema
from .paging import offset_of
from .respond import answer, problems
from .schemas import listing

blueprint = Blueprint("jobs", __name__, url_prefix="/api/v1", description="Work that takes long")


def _known(job_id: str) -> str:
    if not is_id(job_id):
        raise Problem("not-found", "The id of the job is not a UUID.", received=job_id)
    return job_id


@blueprint.get("/jobs")
@blueprint.arguments(JobQuery, location="query", as_kwargs=True)
@blueprint.response(200, listing(JobSchema))
@problems(422)
def list_jobs(
    page: int,
    page_size: int,
    project_id: str | None = None,
    state: str = "",
    kind: str | None = None,
) -> Response:
    """List jobs, the newest first; those of several hold their children."""
    states = [word.strip() for word in state.split(",") if word.strip()]
    odd = [word for word in states if word not in STATES]
    if odd:
        raise Problem("invalid", "There is no such state.", received=odd[0], expected=list(STATES))
    items, total = services().jobs.page(
        offset_of(page, page_size), page_size, project_id, states, kind
    )
    return answer({"items": items, "total": total})


@blueprint.get("/jobs/<job_id>")
@blueprint.response(200, JobSchema)
@problems(404)
def get_job(job_id: str) -> Response:
    """Tell how far a job is, or how it ended."""
    return answer(services().jobs.get(_known(job_id)))


@blueprint.get("/jobs/<job_id>/events")
@blueprint.arguments(EventQuery, location="query", as_kwargs=True)
@blueprint.response(200, listing(EventSchema))
@problems(404, 422)
def list_events(job_id: str, after: int, limit: int) -> Response:
    """List what a job has told, in order; `total` counts what there is after `after`."""
    items, total = services().jobs.events(_known(job_id), after, limit)
    return answer({"items": items, "total": total})


@blueprint.delete("/jobs/<job_id>")
@blueprint.response(200, JobSchema)
@problems(404)
def cancel_job(job_id: str) -> Response:
    """Cancel a job and its children; one that has ended is answered as it is."""
    return answer(services().engine.cancel(_known(job_id)))
