"""The pages people see."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, render_template

from .. import __version__
from ..storage.values import is_id
from .files import Modules
from .headers import nonce
from .services import services

blueprint = Blueprint("pages", __name__)


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
