"""What can be mounted is told by what it is, and what cannot is reported."""

from functools import partial
from typing import Any

import pytest

from hallway import App
from hallway.serving.mounts.kinds import ApplicationKind, kind_of
from hallway.testing import host_in_memory


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    raise NotImplementedError


def asgi_in_disguise(scope: Any, receive: Any, send: Any) -> Any:
    raise NotImplementedError


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    raise NotImplementedError


async def asgi_of_old(scope: Any, receive: Any) -> None:
    raise NotImplementedError


class Application:
    def __call__(self, environ: Any, start_response: Any, *, extra: int = 0) -> list[bytes]:
        raise NotImplementedError

    def method(self, environ: Any, start_response: Any, extra: int = 0) -> list[bytes]:
        raise NotImplementedError

    async def on_loop(self, scope: Any, receive: Any, send: Any) -> None:
        raise NotImplementedError


class Pair:
    def __init__(self, left: Any, right: Any) -> None:
        raise NotImplementedError


class Branded(Application):
    """Stands in for a framework's class, which is told by its name alone."""


def django(name: str) -> object:
    return type(name, (Branded,), {"__module__": f"django.core.handlers.{name[:4].lower()}"})()


@pytest.mark.parametrize(
    ("application", "kind"),
    [
        (wsgi, ApplicationKind.WSGI),
        (Application(), ApplicationKind.WSGI),
        (Application().method, ApplicationKind.WSGI),
        (partial(wsgi), ApplicationKind.WSGI),
        (django("WSGIHandler"), ApplicationKind.WSGI),
        (asgi, ApplicationKind.ASGI),
        (asgi_in_disguise, ApplicationKind.ASGI),
        (Application().on_loop, ApplicationKind.ASGI),
        (django("ASGIHandler"), ApplicationKind.ASGI),
        (asgi_of_old, None),
        (Application, None),
        (Pair, None),
        (lambda: None, None),
        (print, None),
        (min, None),
        ("text", None),
        (None, None),
    ],
)
def test_an_application_is_told_by_what_it_takes(application: object, kind: ApplicationKind | None):
    assert kind_of(application) is kind


@pytest.mark.parametrize("application", ["text", object(), Application, asgi_of_old])
def test_what_is_no_web_application_is_reported_and_its_neighbour_is_served(application: object):
    wrong, right = App("wrong"), App("right")
    wrong.mount(application)
    with host_in_memory(wrong, right) as host:
        (problem,) = host.host.problems
        assert [loaded.app.id for loaded in host.host.registry.apps()] == ["right"]
    assert problem.where == "wrong"
    assert "no web application" in problem.message
