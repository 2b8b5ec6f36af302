"""Start-up and shutdown of mounted ASGI apps, in whatever way they answer the protocol."""

import logging
from typing import Any

import pytest

from hallway import App
from hallway.serving.asgi import Message, Receive, Scope, Send
from hallway.testing import host_in_memory

UP: Message = {"type": "lifespan.startup.complete"}
DOWN: Message = {"type": "lifespan.shutdown.complete"}


class Application:
    """An ASGI app that answers its lifespan with given messages, and notes what it was told."""

    def __init__(self, *answers: Message | Exception) -> None:
        self.answers = answers
        self.told: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": repr(scope.get("state")).encode()})
            return
        for answer in self.answers:
            self.told.append((await receive())["type"])
            if isinstance(answer, Exception):
                raise answer
            await send(answer)


def open_to_all(application: object, id: str = "room") -> App:
    app = App(id, public=True)
    app.mount(application)
    return app


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_an_app_is_started_before_it_serves_and_shut_down_when_the_host_stops(
    caplog: pytest.LogCaptureFixture,
):
    application = Application(UP, DOWN)
    with host_in_memory(open_to_all(application)) as host:
        assert host.anonymous().get("/apps/room/").text == "{}"
        assert application.told == ["lifespan.startup"]
    assert application.told == ["lifespan.startup", "lifespan.shutdown"]
    assert errors(caplog) == []


@pytest.mark.parametrize(
    "application", [Application(), Application(RuntimeError("no lifespan")), Application(UP)]
)
def test_an_app_without_a_lifespan_is_served_all_the_same(
    application: Application, caplog: pytest.LogCaptureFixture
):
    with host_in_memory(open_to_all(application)) as host:
        assert host.anonymous().get("/apps/room/").status_code == 200
    assert errors(caplog) == []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"message": "no database"}, "no database"),
        (
            {"message": "Traceback (most recent call last):\n  File x\nOSError: no database\n"},
            "OSError: no database",
        ),
        ({"message": ""}, "see the log"),
        ({}, "see the log"),
    ],
)
def test_an_app_whose_start_up_fails_is_reported_with_the_reason(message: dict[str, str], reason: str):
    failing = open_to_all(Application({"type": "lifespan.startup.failed", **message}), "failing")
    with host_in_memory(failing, open_to_all(Application(UP, DOWN))) as host:
        (problem,) = host.host.problems
        assert host.anonymous().get("/apps/room/").status_code == 200
        assert host.program().get("/apps/failing/").status_code == 404
    assert (problem.where, problem.message) == ("failing", f"The start-up of failing failed: {reason}.")


@pytest.mark.parametrize(
    "goodbye",
    [{"type": "lifespan.shutdown.failed", "message": "lost the keys"}, RuntimeError("lost the keys")],
)
def test_an_app_whose_shutdown_fails_is_named_in_the_log_and_its_neighbour_shuts_down(
    goodbye: Any, caplog: pytest.LogCaptureFixture
):
    neighbour = Application(UP, DOWN)
    with host_in_memory(open_to_all(neighbour, "first"), open_to_all(Application(UP, goodbye))):
        pass
    assert "room" in errors(caplog)[0]
    assert "lost the keys" in caplog.text
    assert neighbour.told == ["lifespan.startup", "lifespan.shutdown"]


def test_apps_are_shut_down_in_the_opposite_order():
    order: list[str] = []

    def noting(id: str) -> App:
        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            assert scope["type"] == "lifespan"
            for answer in (UP, DOWN):
                order.append(f"{id} {(await receive())['type'].removeprefix('lifespan.')}")
                await send(answer)

        return open_to_all(application, id)

    with host_in_memory(noting("a"), noting("b")):
        pass
    assert order == ["a startup", "b startup", "b shutdown", "a shutdown"]
