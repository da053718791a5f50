"""The pages people see."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, render_template

from .. import __version__
from ..storage.values import is_id
from .files import Modules
from .headers import nonce
from .services import services, settings
from .tls import facts

blueprint = Blueprint("pages", __name__)

#: The games there are; static/js/games/table.js has the same.
GAMES = ("pong", "snake", "maze", "sorter", "runner")


@blueprint.get("/")
def home() -> str:
    """Shows the person's projects."""
    return render_template("home.html", entry="js/pages/home.js")


@blueprint.get("/teach/<project_id>")
def teach(project_id: str) -> str:
    """Shows one project; it may exist only in the browser, so any UUID will do."""
    if not is_id(project_id):
        abort(404, f"{project_id!r} is not the id of a project.")
    return render_template("teach.html", entry="js/pages/teach.js", project_id=project_id)


def _project_page(name: str, project_id: str) -> str:
    if not is_id(project_id):
        abort(404, f"{project_id!r} is not the id of a project.")
    return render_template(f"{name}.html", entry=f"js/pages/{name}.js", project_id=project_id)


@blueprint.get("/play")
def play() -> str:
    """Shows the games, and what else can be driven by a project."""
    return render_template("play.html", entry="js/pages/play.js")


@blueprint.get("/play/<name>")
def game(name: str) -> str:
    """Shows one game."""
    if name not in GAMES:
        abort(404, f"There is no game {name!r}; there are {', '.join(GAMES)}.")
    return render_template("game.html", entry="js/pages/game.js", game=name)


@blueprint.get("/control/<project_id>")
def control(project_id: str) -> str:
    """Shows which class does what in games, and how well that works."""
    return _project_page("control", project_id)


@blueprint.get("/outputs/<project_id>")
def outputs(project_id: str) -> str:
    """Shows what each class sets off."""
    return _project_page("outputs", project_id)


@blueprint.get("/machine/<project_id>")
def machine(project_id: str) -> str:
    """Shows nothing but the output of a project, for an exhibition."""
    return _project_page("machine", project_id)


@blueprint.get("/phone")
def phone() -> str:
    """Shows what a phone sees that was let in by a QR code."""
    return render_template("phone.html", entry="js/pages/phone.js")


@blueprint.get("/certificate")
def certificate() -> str:
    """Explains why a browser warns of this server, and what to do."""
    return render_template(
        "certificate.html", entry="js/pages/certificate.js", certificate=facts(settings())
    )


@blueprint.get("/certificate.pem")
def certificate_file() -> Response:
    """Hands out the certificate, for people who want their device to know it; never its key."""
    found = facts(settings())
    if found is None:
        abort(404, "This server has no certificate: it does not speak HTTPS.")
    # The type makes phones offer to install it.
    response = Response(found.pem, mimetype="application/x-x509-ca-cert")
    response.headers["Content-Disposition"] = 'attachment; filename="show-and-tell.pem"'
    return response


@blueprint.get("/api/docs")
def docs() -> str:
    """Shows the description of the API."""
    from ..errors import KINDS

    return render_template("docs.html", kinds=KINDS)


def install(app: Flask) -> None:
    """Registers the pages and what their templates know."""
    modules = Modules()
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        nonce=nonce,
        version=__version__,
        module_closure=modules.closure,
        default_backbone=lambda: services().default_backbone_name(),
    )
