"""Show & Tell: a teachable machine on one's own computer.

Importing this package touches no file, no socket and no thread; `create_app` imports what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Makes the web application.

    Args:
        settings: how it is set up; without them, what the environment says.

    Raises:
        SettingError: a setting in the environment has a value that cannot be used.
        StorageError: the database cannot be opened or is from a newer version.
    """
    from .settings import Settings
    from .web.application import build

    return build(settings if settings is not None else Settings.from_environ())
