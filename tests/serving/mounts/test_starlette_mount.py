"""Starlette applications, FastAPI's among them, under a prefix."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from hallway import App, Settings, View, current
from hallway.testing import host_in_memory

from .views import view_url


async def index(request: Request) -> PlainTextResponse:
    served = current()
    return PlainTextResponse(f"{request.url_for('gauge', site='01').path} for {served.caller.name}")


async def gauge(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.path_params["site"])


def blocking(_request: Request) -> PlainTextResponse:
    return PlainTextResponse(current().caller.name)


def pages() -> Starlette:
    """Make a small Starlette application."""
    inner = Starlette(routes=[Route("/", index, name="inner")])
    return Starlette(
        routes=[
            Route("/", index),
            Route("/gauge/{site}", gauge, name="gauge"),
            Route("/blocking", blocking),
            Mount("/inner", inner),
        ]
    )


def room(application: Starlette) -> App:
    app = App("room")
    app.mount(application)
    return app


@pytest.mark.parametrize("root", ["", "/portal"])
def test_addresses_that_starlette_makes_lie_below_the_prefix(root: str):
    with host_in_memory(room(pages()), settings=Settings(root_path=root)) as host:
        alice = host.program("alice")
        assert alice.get(f"{root}/apps/room/").text == f"{root}/apps/room/gauge/01 for alice"
        assert alice.get(f"{root}/apps/room/gauge/a%20b").text == "a b"
        assert alice.get(f"{root}/apps/room/blocking").text == "alice"


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View("gauge", site="01", unit="m", none=None), "/apps/room/gauge/01?unit=m"),
        (View("index", site=["1", "2"]), "/apps/room/?site=1&site=2"),
        (View("no name/but a path", unit="m"), "/apps/room/no%20name/but%20a%20path?unit=m"),
        (View("inner/"), "/apps/room/inner/"),
        ("gauge/02", "/apps/room/gauge/02"),
    ],
)
def test_a_view_is_the_name_of_a_route_or_a_path(view: View | str, expected: str):
    assert view_url(pages(), view) == expected
    assert view_url(pages(), view, root="/portal") == f"/portal{expected}"


def test_what_start_up_prepared_is_there_for_every_request_until_the_host_stops():
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncGenerator[dict[str, list[str]]]:
        events.append("up")
        yield {"log": ["prepared"]}
        events.append("down")

    async def tell(request: Request) -> PlainTextResponse:
        request.state.visits = getattr(request.state, "visits", 0) + 1
        return PlainTextResponse(f"{request.state.log[0]} {request.state.visits} {','.join(events)}")

    with host_in_memory(room(Starlette(routes=[Route("/", tell)], lifespan=lifespan))) as host:
        alice = host.program("alice")
        # Each request has a state of its own, made from what start-up prepared.
        assert [alice.get("/apps/room/").text for _ in range(2)] == ["prepared 1 up", "prepared 1 up"]
    assert events == ["up", "down"]


def test_an_app_whose_start_up_fails_is_reported_in_one_line_and_its_neighbour_is_served(
    caplog: pytest.LogCaptureFixture,
):
    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncGenerator[None]:
        raise ConnectionError("no database at 10.0.0.1")
        yield

    neighbour = App("neighbour")
    neighbour.mount(pages())
    with host_in_memory(room(Starlette(lifespan=lifespan)), neighbour) as host:
        (problem,) = host.host.problems
        assert host.program("alice").get("/apps/neighbour/").status_code == 200
        assert host.program("alice").get("/apps/room/").status_code == 404
    assert problem.where == "room"
    assert problem.message == "The start-up of room failed: ConnectionError: no database at 10.0.0.1."
    assert "Traceback" in caplog.text


def test_a_view_that_lacks_a_part_of_its_path_is_its_authors_mistake():
    app = App("room")
    app.mount(pages())

    @app.handoff("go")
    async def go(site: str | None = None) -> View:
        return View("gauge") if site is None else View("gauge", site=site)

    with host_in_memory(app) as host:
        assert host.program().get("/handoff/room/go/?site=01").headers["location"] == "/apps/room/gauge/01"
        for address in ("/handoff/room/go/", "/handoff/room/go/?site=a/b"):
            assert host.program().get(address).json()["code"] == "bad_result"
