"""A host that is watched: its metrics, and what it notes of each request."""

import json
import logging
import threading
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from hallway import App, Settings
from hallway.errors import BadSetting
from hallway.testing import host_in_memory

from .wsgi_apps import PLAIN, Environ, StartResponse

PROGRAM = {"accept": "application/json"}


def threaded() -> App:
    app = App("threaded")

    def pages(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        return [b"here"]

    app.mount(pages)
    return app


def test_an_administrator_reads_what_was_served_and_by_how_many_threads():
    with host_in_memory(threaded()) as host:
        assert host.visitor("ada").get("/apps/threaded/").text == "here"
        text = host.visitor("root", admin=True).get("/metrics").text
    assert 'hallway_requests_total{app="threaded",method="GET",status="200"} 1' in text
    assert 'hallway_pool_threads{app="threaded"} 1' in text
    assert 'hallway_app_thread_cpu_seconds_total{app="threaded"}' in text
    assert "hallway_loop_blocked_total 0" in text
    assert "process_resident_memory_bytes" in text


def test_nobody_else_learns_of_the_metrics():
    with host_in_memory() as host:
        assert host.program("ada").get("/metrics").status_code == 404
        assert host.anonymous(PROGRAM).get("/metrics").status_code == 401


def test_a_program_on_this_machine_reads_them_where_the_operator_says_so():
    with host_in_memory(settings=Settings(metrics_to_loopback=True)) as host:
        assert "hallway_requests_total" in host.anonymous(PROGRAM).get("/metrics").text


def test_every_request_is_noted_with_its_app_and_user_and_without_what_its_query_says(tmp_path: Path):
    file = tmp_path / "access.log"
    with host_in_memory(threaded(), settings=Settings(access_log=str(file))) as host:
        host.visitor("ada").get("/apps/threaded/page?token=secret")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    noted = lines[-1]
    assert noted["path"] == "/apps/threaded/page"
    assert (noted["app"], noted["user"], noted["status"]) == ("threaded", "urn:hallway:user:ada", 200)
    assert noted["query"] == ["token"]
    assert "secret" not in file.read_text()


def test_an_access_log_that_cannot_be_written_stops_the_start_and_lets_go_of_the_data(tmp_path: Path):
    settings = Settings(access_log=str(tmp_path / "no" / "access.log"), data=str(tmp_path / "data"))
    with pytest.raises(BadSetting, match="access log"), host_in_memory(settings=settings):
        raise NotImplementedError
    with host_in_memory(settings=Settings(data=str(tmp_path / "data"))) as host:
        assert host.anonymous().get("/healthz").status_code == 200


def test_an_app_that_blocks_the_loop_is_named(caplog: pytest.LogCaptureFixture):
    noticed = threading.Event()

    def blocks(request: Request) -> PlainTextResponse:
        assert noticed.wait(20)
        return PlainTextResponse("at last")

    async def page(request: Request) -> PlainTextResponse:
        return blocks(request)

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            noticed.set()

    app = App("slow-room")
    app.mount(Starlette(routes=[Route("/", page)]))
    logger = logging.getLogger("hallway.watchdog")
    listener = Listener()
    logger.addHandler(listener)
    try:
        with host_in_memory(app) as host:
            assert host.visitor("ada").get("/apps/slow-room/").text == "at last"
    finally:
        logger.removeHandler(listener)
    assert "slow-room" in caplog.text
