"""A WSGI app that fails takes nobody with it, tells the client nothing but a number, and the log everything."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import httpx
import pytest

from hallway import App, Settings
from hallway.testing import MemoryHost, host_in_memory

from .exchange import Exchange, http_scope
from .wsgi_apps import PLAIN, ROOM, Environ, StartResponse, WSGIApp, room

PROGRAM = {"accept": "application/json"}
SECRET = "the-password-of-the-database"


def problem_of(application: WSGIApp) -> dict[str, Any]:
    """Ask as a program, and give the problem that is answered."""
    with host_in_memory(room(application)) as host:
        answer = host.anonymous(PROGRAM).get(f"{ROOM}/")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    return answer.json()


def raises_at_once(_environ: Environ, _start_response: StartResponse) -> list[bytes]:
    raise ValueError(SECRET)


def raises_after_start(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    raise ValueError(SECRET)
    yield b""


def finds_nothing_next(_environ: Environ, _start_response: StartResponse) -> list[bytes]:
    return [next(iter(()))]  # StopIteration, which no future and no coroutine may raise


def leaves_the_program(_environ: Environ, _start_response: StartResponse) -> list[bytes]:
    raise SystemExit(SECRET)


def announces_nonsense(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", SECRET)])
    return []


@pytest.mark.parametrize(
    "application", [raises_at_once, raises_after_start, leaves_the_program, announces_nonsense]
)
def test_a_bug_is_answered_with_a_number_by_which_the_log_tells_all(
    application: WSGIApp, caplog: pytest.LogCaptureFixture
):
    problem = problem_of(application)
    assert problem["code"] == "internal"
    (record,) = [record for record in caplog.records if record.name == "hallway.door"]
    assert problem["correlation_id"] in record.getMessage()
    assert SECRET in caplog.text


def test_an_app_that_finds_nothing_next_is_a_bug_as_well(caplog: pytest.LogCaptureFixture):
    assert problem_of(finds_nothing_next)["code"] == "internal"
    assert "StopIteration" in caplog.text


def gives_text(_environ: Environ, start_response: StartResponse) -> Iterable[Any]:
    start_response("200 OK", PLAIN)
    return ["text"]


def gives_a_string(_environ: Environ, start_response: StartResponse) -> Any:
    start_response("200 OK", PLAIN)
    return "text"


def never_starts(_environ: Environ, _start_response: StartResponse) -> list[bytes]:
    return [b"body"]


def never_starts_nor_answers(_environ: Environ, _start_response: StartResponse) -> list[bytes]:
    return []


def starts_twice(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", PLAIN)
    start_response("200 OK", PLAIN)
    return []


@pytest.mark.parametrize(
    "application", [gives_text, gives_a_string, never_starts, never_starts_nor_answers, starts_twice]
)
def test_an_app_that_breaks_the_rules_of_wsgi_is_named_as_the_one_at_fault(
    application: WSGIApp, caplog: pytest.LogCaptureFixture
):
    problem = problem_of(application)
    assert (problem["code"], problem["title"]) == ("bad_result", "The app made a mistake")
    assert problem["correlation_id"] in caplog.text


def breaks_off(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    yield b"half"
    raise ValueError(SECRET)


def starts_again_with_an_error(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    yield b"half"
    error = ValueError(SECRET)
    start_response("500 Oh", PLAIN, (ValueError, error, None))
    yield b"never"


@pytest.mark.parametrize("application", [breaks_off, starts_again_with_an_error])
def test_an_answer_that_broke_off_is_never_completed(application: WSGIApp, caplog: pytest.LogCaptureFixture):
    with host_in_memory(room(application)) as host:
        client = Exchange()
        with pytest.raises(RuntimeError, match="broke off"):  # what the server needs, to cut the connection
            host.call(host.host.asgi, http_scope(f"{ROOM}/"), client.receive, client.send)
        assert host.anonymous().get("/healthz").status_code == 200
    assert client.pieces == [b"half"]
    assert not client.complete
    assert SECRET in caplog.text


class FailsToClose(list[bytes]):
    def close(self) -> None:
        raise ValueError(SECRET)


@pytest.mark.parametrize("application", [raises_at_once, leaves_the_program, gives_a_string])
def test_a_thread_survives_the_bugs_of_its_app(application: WSGIApp):
    def fails_at_first(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/bad":
            environ.clear()
            return application(environ, start_response)
        start_response("200 OK", PLAIN)
        if environ["PATH_INFO"] == "/close":
            return FailsToClose([b"whole"])
        return [threading.current_thread().name.encode()]

    with host_in_memory(room(fails_at_first), settings=Settings(threads_per_app=1)) as host:
        visitor = host.anonymous()
        for _ in range(3):
            assert visitor.get(f"{ROOM}/bad").status_code == 500
            assert visitor.get(f"{ROOM}/close").text == "whole"
            assert visitor.get(f"{ROOM}/good").text == "app:room-1"


# --- a full backlog ---------------------------------------------------------------------------------------------


class Blocked:
    """A WSGI app all of whose pages wait."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.may_go = threading.Event()

    def __call__(self, _environ: Environ, start_response: StartResponse) -> list[bytes]:
        self.entered.release()
        assert self.may_go.wait(20)
        start_response("200 OK", PLAIN)
        return [b"done"]


def ask_soon(executor: ThreadPoolExecutor, host: MemoryHost) -> "Future[httpx.Response]":
    return executor.submit(lambda: host.anonymous(PROGRAM).get(f"{ROOM}/"))


def test_a_full_backlog_is_answered_at_once_and_other_apps_do_not_notice():
    blocked, neighbour = Blocked(), App("neighbour", public=True)

    def answers(_environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        return [b"here"]

    neighbour.mount(answers)
    settings = Settings(threads_per_app=1, backlog_per_app=1)
    with (
        host_in_memory(room(blocked), neighbour, settings=settings) as host,
        ThreadPoolExecutor(3) as executor,
    ):
        running = ask_soon(executor, host)
        assert blocked.entered.acquire(timeout=10)
        # Of two more, one finds the only place in the backlog, and the other none.
        rest = [ask_soon(executor, host), ask_soon(executor, host)]
        try:
            (first,) = wait(rest, timeout=10, return_when=FIRST_COMPLETED).done
            refused = first.result()
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.json()["code"] == "busy"
            assert host.anonymous().get("/apps/neighbour/").text == "here"
        finally:
            blocked.may_go.set()
        assert running.result(10).text == "done"
        assert sorted(answer.result(10).status_code for answer in rest) == [200, 503]
