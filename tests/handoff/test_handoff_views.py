"""What a handler returns leads to a page of this host, or to an origin that its app has registered; to nowhere else."""

import re
from collections.abc import Iterator
from typing import Any

import flask
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hallway import App, View
from hallway.testing import MemoryHost, host_in_memory

from ..inside import quiet_page

HOST = "http://hallway.test"
REGISTERED = "https://charts.example"
PARTS = st.sampled_from(
    [
        *(REGISTERED, "https://charts.example.evil.test", "https://charts.example@evil.test", "HTTPS://charts.example"),
        *("//", "/\\", "\\\\", "/", "\\", "http:", "https:", "javascript:", "data:", "view:", ":", "://", "[", "]"),
        *("evil.test", "alert(1)", "plot", "..", "@", "?", "#", "%2f", "%5c", "%00", "．", "。", "⁄", "é"),
        *("\t", "\n", "\r", "\0", " ", "\x7f", "\x85", "\u2028", "\ud800"),
    ]
)
STRINGS = st.lists(PARTS, max_size=6).map("".join) | st.text(st.characters(), max_size=12)


def plot(_request: Request) -> Response:
    return Response("plot")


def returning(app: App) -> App:
    """Give an app handoffs that return what the test says."""

    @app.handoff("text")
    async def text(to: Any) -> str:
        return to

    @app.handoff("view")
    async def view(name: Any, value: Any = None) -> View:
        return View(name, value=value)

    return app


@pytest.fixture(scope="module")
def flask_app() -> flask.Flask:
    application = flask.Flask("rooms")
    application.add_url_rule("/", "index", lambda: "index")
    application.add_url_rule("/plot/<site>", "plot", lambda site: site)
    application.add_url_rule("/list", "list", lambda: "list")
    return application


@pytest.fixture(scope="module")
def house(flask_app: flask.Flask) -> Iterator[MemoryHost]:
    apps = [returning(App(id, redirect_origins=[REGISTERED])) for id in ("bare", "wsgi", "flask", "starlette")]
    apps[1].mount(quiet_page)
    apps[2].mount(flask_app)
    apps[3].mount(Starlette(routes=[Route("/plot/{site}", plot, name="plot"), Route("/list", plot, name="list")]))
    with host_in_memory(*apps) as running:
        yield running


@pytest.fixture(scope="module")
def program(house: MemoryHost) -> httpx.Client:
    return house.program()


def leads_to(program: httpx.Client, app: str, handoff: str, **values: object) -> str | None:
    """Give where a handoff sends the user; None if its result was refused as the author's mistake."""
    body = '{"%s"}' % '", "'.join([])  # noqa: UP031 - replaced below
    del body
    answer = program.post(
        f"/handoff/{app}/{handoff}/", content=as_json(values), headers={"content-type": "application/json"}
    )
    if answer.status_code == 303:
        return answer.headers["location"]
    assert answer.json()["code"] == "bad_result", answer.text
    return None
