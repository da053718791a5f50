"""Whole projects as files: in and out."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("transfer", __name__, url_prefix="/api/v1", description="Projects as files")
