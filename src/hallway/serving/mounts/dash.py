"""Mounting a Dash application."""

from functools import partial
from typing import Any, cast

import dash
import flask

from hallway.app import App
from hallway.errors import BadDeclaration
from hallway.serving.mounts.base import Mount, path_url
from hallway.serving.pool import Pool
from hallway.serving.wsgi import WSGIBridge

_PREFIX = "requests_pathname_prefix"


def mount_dash(app: App, prefix: str, pool: Pool, *, max_body: int) -> Mount:
    """Mount a Dash application on its Flask backend. Its views are its paths."""
    application = cast("dash.Dash", app.mounted)
    server = cast("Any", application).server
    if not isinstance(server, flask.Flask):
        raise BadDeclaration(
            f"The Dash app of {app.id!r} runs on {type(server).__name__}.",
            remedy="Use Dash's Flask backend: Dash(…, use_async=False).",
        )
    config = cast("Any", application.config)
    if config.routes_pathname_prefix != "/":
        raise BadDeclaration(
            f"The Dash app of {app.id!r} sets its own prefix, {config.routes_pathname_prefix!r}.",
            remedy="Leave url_base_pathname and routes_pathname_prefix out: the host gives the app its address.",
        )
    # The browser asks below the prefix; what arrives has it in SCRIPT_NAME, so the routes stay at "/". The setting is
    # read-only once the app is made, and may be lifted just as Dash's own `init_app` does it.
    config.unset_read_only([_PREFIX])
    config.update({_PREFIX: f"{prefix}/"})
    config.set_read_only([_PREFIX], "The host sets it.")
    return Mount(WSGIBridge(server, pool, max_body=max_body), partial(path_url, prefix))
