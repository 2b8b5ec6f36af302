"""Hallway's own JSON API."""

from typing import Any

from hallway import App
from hallway.serving.asgi import Receive, Scope, Send
from hallway.testing import host_in_memory

BOB = ["urn:hallway:user:bob"]


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        raise NotImplementedError


def plotter() -> App:
    app = App("plotter", title="The Plotter", description="Plots.", tags=["csv", "plot"])
    app.mount(pages)

    @app.handoff("plot", title="Plot it")
    def plot(csv_url: str, scale: str = "log") -> str:
        """Plot a file."""
        raise NotImplementedError

    @app.handoff("inside", internal=True)
    def inside(path: str) -> str:
        raise NotImplementedError

    @app.handoff("for-bob", visible_to=BOB)
    def for_bob() -> str:
        raise NotImplementedError

    return app


def test_an_app_is_described_with_what_the_caller_may_see():
    with host_in_memory(plotter()) as host:
        (described,) = host.program("alice").get("/api/apps").json()
        (to_bob,) = host.program("bob").get("/api/apps").json()
    assert described == {
        "id": "plotter",
        "title": "The Plotter",
        "description": "Plots.",
        "tags": ["csv", "plot"],
        "url": "/apps/plotter/",
        "capabilities": [
            {
                "kind": "handoff",
                "name": "plot",
                "title": "Plot it",
                "description": "Plot a file.",
                "arguments": ["csv_url", "scale"],
            }
        ],
    }
    assert [item["name"] for item in to_bob["capabilities"]] == ["plot", "for-bob"]


def test_an_app_that_the_caller_may_see_nothing_of_is_not_listed():
    hidden = App("hidden", visible_to=BOB)
    hidden.mount(pages)
    bare = App("bare")
    with host_in_memory(hidden, bare, plotter()) as host:
        listed: dict[str, list[dict[str, Any]]] = {
            name: host.program(name).get("/api/apps").json() for name in ("alice", "bob")
        }
    assert [app["id"] for app in listed["alice"]] == ["plotter"]
    assert [app["id"] for app in listed["bob"]] == ["hidden", "plotter"]


def test_an_app_without_pages_has_no_address():
    app = App("helper")

    @app.handoff("help")
    def help() -> str:
        raise NotImplementedError

    with host_in_memory(app) as host:
        (described,) = host.program().get("/api/apps").json()
    assert described["url"] is None


def test_the_api_is_for_who_is_signed_in_whatever_is_asked():
    with host_in_memory(plotter()) as host:
        anonymous = host.anonymous({"accept": "application/json"})
        answers = [anonymous.get(path) for path in ("/api/apps", "/api/", "/api", "/api/nothing")]
        assert {answer.status_code for answer in answers} == {401}
        alice = host.program("alice")
        assert [alice.get(path).status_code for path in ("/api/apps/", "/api", "/api/apps/plotter")] == [
            200,
            404,
            404,
        ]
        assert alice.head("/api/apps").status_code == 200
        assert alice.post("/api/apps").headers["allow"] == "GET, HEAD"
