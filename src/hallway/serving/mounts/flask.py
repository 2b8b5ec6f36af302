"""Mounting a Flask application."""

from typing import cast

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from hallway.app import App
from hallway.errors import BadResult
from hallway.handoff.views import View
from hallway.query import query_texts
from hallway.serving.mounts.base import Mount, path_url
from hallway.serving.pool import Pool
from hallway.serving.wsgi import WSGIBridge


def mount_flask(app: App, prefix: str, pool: Pool, *, max_body: int) -> Mount:
    """Mount a Flask application. Its views are found by endpoint, or by path."""
    application = cast("flask.Flask", app.mounted)
    # Its session cookie would otherwise be one for all apps of the host, each unable to read the others'.
    if application.config["SESSION_COOKIE_PATH"] is None:
        application.config["SESSION_COOKIE_PATH"] = prefix or "/"

    def page_url(view: View) -> str:
        urls = application.url_map.bind("localhost", script_name=prefix or "/")
        texts = {key: query_texts(value) for key, value in view.parameters.items() if value is not None}
        parameters = {key: found[0] if len(found) == 1 else found for key, found in texts.items()}
        try:
            return urls.build(view.name, parameters)
        except BuildError:
            pass
        try:
            urls.match("/" + view.name.lstrip("/"))
        except HTTPException as error:
            raise BadResult(
                f"{app.id!r} has no page for {view!r}.", remedy="Name one of its endpoints or paths."
            ) from error
        return path_url(prefix, view)

    return Mount(WSGIBridge(application, pool, max_body=max_body), page_url)
