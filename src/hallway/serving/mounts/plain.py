"""Mounting a bare WSGI or ASGI callable."""

from functools import partial
from typing import cast

from hallway.app import App
from hallway.serving.asgi import ASGIApp
from hallway.serving.mounts.base import Mount, path_url
from hallway.serving.pool import Pool
from hallway.serving.wsgi import WSGIApp, WSGIBridge


def mount_wsgi(app: App, prefix: str, pool: Pool, *, max_body: int) -> Mount:
    """Mount a WSGI callable; it runs in the app's threads."""
    bridge = WSGIBridge(cast("WSGIApp", app.mounted), pool, max_body=max_body)
    return Mount(bridge, partial(path_url, prefix))


def mount_asgi(app: App, prefix: str) -> Mount:
    """Mount an ASGI callable; it runs on the loop."""
    return Mount(cast("ASGIApp", app.mounted), partial(path_url, prefix), is_asgi=True)
