"""Puts the application together."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from ..errors import Problem
from ..jobs.engine import Engine
from ..jobs.files import PreparedExports, Uploads
from ..settings import ROOT, Settings
from ..storage import (
    AssetStore,
    BlobStore,
    ClassifierStore,
    Database,
    JobStore,
    PhoneStore,
    Projects,
    Vectors,
)
from ..storage.hooks import Hooks
from ..storage.scores import Scores
from . import api, files, headers, live, pages, phones, problems, stream_lines
from .fetching import Fetches
from .guard import Guard
from .limits import Deadlines
from .phone_pass import PhonePass
from .services import Services
from .sweep import Sweeper, forget_files, sweep_files
from .trained import Predictors

#: Most bytes of a request that carries no files.
MOST_DOCUMENT_BYTES = 4 * 1024 * 1024


def build(settings: Settings) -> Flask:
    """Makes the application; see `server.create_app`."""
    app = Flask("server", static_folder=None, template_folder=str(ROOT / "templates"))
    app.config.update(
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=settings.max_upload,
        # Text fields of a form; files do not count.
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=settings.max_files * 6 + 20,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    # Pictures of people: for nobody but the server's own user.
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_url)
    database.prepare()
    blobs = BlobStore(settings.blob_folder)
    projects = Projects(database, blobs, settings.max_samples)
    shared = Services(
        settings,
        database,
        blobs,
        projects,
        Vectors(database),
        JobStore(database),
        ClassifierStore(database, BlobStore(settings.data / "classifiers")),
        PreparedExports(settings.data / "exports-cache"),
        Uploads(settings.data / "uploads"),
    )
    from .classifiers import Classifiers

    shared.classifiers = Classifiers(shared, settings.cache_bytes)
    shared.predictors = Predictors(shared)
    shared.assets = AssetStore(database, BlobStore(settings.data / "assets"))
    shared.phones = PhoneStore(database)
    shared.phone_pass = PhonePass(settings, shared.phones, projects)
    app.extensions["showtell"] = shared

    @app.before_request
    def limit_documents() -> None:
        if request.mimetype != "multipart/form-data":  # files are spooled, documents held in memory
            request.max_content_length = min(settings.max_upload, MOST_DOCUMENT_BYTES)

    problems.install(app)
    headers.install(app)
    app.register_blueprint(files.blueprint)
    pages.install(app)
    api.install(app)
    socketio = live.install(app)
    shared.hooks = Hooks(database)
    shared.scores = Scores(database)
    shared.stream = stream_lines.install(socketio, projects.head)
    shared.leaving.append(shared.stream.stop)
    shared.phone_line = phones.install(socketio, shared.phones)

    def changed(project_id: str, revision: int | None) -> None:
        if revision is None:
            shared.classifiers.forget(project_id)
            shared.engine.forget_project(project_id)
            forget_files(shared)
            shared.stream.forget(project_id)
            shared.pairings.forget_project(project_id)
            shared.phone_line.forget_project(project_id)
        live.announce(socketio, project_id, revision)

    projects.changed = changed

    shared.fetches = Fetches(settings, lambda fetch: live.announce_fetch(socketio, fetch))
    shared.stopping.append(shared.fetches.stop)

    shared.engine = Engine(shared, lambda job, events: live.announce_job(socketio, job, events))
    shared.starting.append(shared.engine.start)
    shared.stopping.append(shared.engine.stop)

    sweeper = Sweeper(database, blobs, shared.vectors, projects.used, lambda: sweep_files(shared))
    shared.starting.append(sweeper.start)
    shared.stopping.append(sweeper.stop)

    def refuse(environ: dict[str, Any], problem: Problem) -> Any:
        # A host name that is malformed must not reach anything that builds addresses from it.
        safe = {**environ, "HTTP_HOST": "localhost"}
        with app.request_context(safe):
            return app.process_response(problems.respond(problem))

    inner = Deadlines(app.wsgi_app, settings)
    app.wsgi_app = Guard(inner, settings, refuse, shared.phone_pass)  # type: ignore
    return app


def start(app: Flask) -> None:
    """Starts what runs beside the requests, in the process that serves them."""
    for function in app.extensions["showtell"].starting:
        function()


def leave(app: Flask) -> None:
    """Ends the requests that would last for ever, before the others are waited for."""
    for function in app.extensions["showtell"].leaving:
        function()


def stop(app: Flask) -> None:
    """Stops what runs beside the requests and closes the database."""
    leave(app)
    shared = app.extensions["showtell"]
    for function in shared.stopping:
        function()
    shared.database.close()
