"""WSGI apps as tests write them: checked against PEP 3333 from both sides by `wsgiref.validate`."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.validate import validator

import httpx

from hallway import App, Settings
from hallway.testing import host_in_memory

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

PLAIN = [("Content-Type", "text/plain")]
ROOM = "/apps/room"


def room(application: object) -> App:
    """Make an app of open pages."""
    app = App("room", public=True)
    app.mount(application)
    return app


def checked(application: WSGIApp) -> WSGIApp:
    """Have every rule of PEP 3333 checked; a broken one is an AssertionError, and so a 500."""
    checking = validator(application)  # pyright: ignore[reportArgumentType]

    def check(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return checking(environ, start_response)  # pyright: ignore[reportArgumentType]

    return check


def ask(
    application: WSGIApp,
    method: str = "GET",
    path: str = "/",
    settings: Settings | None = None,
    **options: Any,
) -> httpx.Response:
    """Ask an app that is checked for one page."""
    with host_in_memory(room(checked(application)), settings=settings) as host:
        return host.anonymous().request(method, ROOM + path, **options)
