"""Mounts: how each kind of web application is served under an app's prefix."""

from hallway.app import App
from hallway.errors import BadDeclaration
from hallway.serving.mounts.base import Mount
from hallway.serving.mounts.kinds import ApplicationKind, kind_of
from hallway.serving.pool import Pool


def mount(app: App, prefix: str, pool: Pool, *, max_body: int) -> Mount:
    """Prepare the web application of an app to be served.

    Args:
        app: An app that has mounted something.
        prefix: Where its pages lie, from the server's root, without a slash at the end.
        pool: The app's threads.
        max_body: The largest request body, in bytes.

    Raises:
        BadDeclaration: What was mounted is no web application, or one that cannot be served here.
    """
    # Each framework's module is imported only when an app of it is mounted.
    match kind_of(app.mounted):
        case ApplicationKind.DASH:
            from hallway.serving.mounts.dash import mount_dash

            return mount_dash(app, prefix, pool, max_body=max_body)
        case ApplicationKind.FLASK:
            from hallway.serving.mounts.flask import mount_flask

            return mount_flask(app, prefix, pool, max_body=max_body)
        case ApplicationKind.STARLETTE:
            from hallway.serving.mounts.starlette import mount_starlette

            return mount_starlette(app, prefix)
        case ApplicationKind.ASGI:
            from hallway.serving.mounts.plain import mount_asgi

            return mount_asgi(app, prefix)
        case ApplicationKind.WSGI:
            from hallway.serving.mounts.plain import mount_wsgi

            return mount_wsgi(app, prefix, pool, max_body=max_body)
        case None:
            raise BadDeclaration(
                f"The app {app.id!r} mounts {type(app.mounted).__name__}, which is no web application.",
                remedy="Mount a Flask, Dash, Django, Starlette or FastAPI application, or a WSGI or ASGI callable.",
            )
