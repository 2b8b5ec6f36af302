"""Every call goes the same way: may they → do the inputs fit → what the host supplies → run."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hallway import App, AppWorkspace, Caller, Host, Request, UserWorkspace
from hallway.testing import MemoryHost, host_in_memory

from .handoff.inside import Inside, wrapped

JSON_TYPE = {"accept": "application/json"}


class Journal(list[Any]):
    """What handlers noted."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    def note(self, *entry: Any) -> str:
        self.append(entry[0] if len(entry) == 1 else entry)
        return "/next"


@pytest.fixture(scope="module")
def journal() -> Journal:
    return Journal()


@pytest.fixture(autouse=True)
def _clear(journal: Journal) -> None:
    journal.clear()


@pytest.fixture(scope="module")
def caller_app() -> Inside:
    return Inside(App("caller"))


@pytest.fixture(scope="module")
def house(journal: Journal, caller_app: Inside) -> Iterator[MemoryHost]:
    app = App("a")

    @app.handoff("for-bob", visible_to=["public"], runnable_by=["urn:hallway:user:bob"])
    def for_bob(n: int) -> str:
        return journal.note(n)

    @app.handoff("for-all", visible_to=["public"], runnable_by=["public"])
    def for_all(workspace: UserWorkspace, n: int = 1) -> str:
        raise NotImplementedError

    @app.handoff("plain")
    def plain(
        who: Caller, /, mine: UserWorkspace, *, host: Host, request: Request, ours: AppWorkspace
    ) -> str:
        thread = threading.current_thread().name
        return journal.note(thread, who.name, mine.path, ours.path, host, request.url.path)

    @app.handoff("waits")
    async def waits(who: Caller | None = None) -> str:
        assert who is not None
        return journal.note(asyncio.get_running_loop(), who.name)

    @app.handoff("hidden-wait")
    @wrapped
    async def hidden_wait(n: int) -> str:
        return journal.note(n, asyncio.get_running_loop())

    @app.handoff("fails")
    def fails() -> str:
        raise KeyError("mine")

    @app.handoff("stops")
    def stops() -> str:
        return next(iter([]))

    @app.handoff("never")
    async def never() -> str:
        journal.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            journal.note("cancelled")
            raise
        raise NotImplementedError

    with host_in_memory(app, caller_app.app) as running:
        yield running


def test_who_may_not_run_it_learns_nothing_about_the_inputs(house: MemoryHost, journal: Journal) -> None:
    answer = house.program("alice").get("/handoff/a/for-bob/?bogus=1")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "alice may not use a/for-bob."
    assert house.program("bob").get("/handoff/a/for-bob/?bogus=1").status_code == 400
    assert house.program("bob").get("/handoff/a/for-bob/?n=5").status_code == 302
    assert journal == [5]


def test_somebody_anonymous_is_told_to_sign_in(house: MemoryHost) -> None:
    answer = house.anonymous(JSON_TYPE).get("/handoff/a/for-bob/?n=1")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_inputs_are_checked_before_anything_is_supplied(house: MemoryHost) -> None:
    """Nobody anonymous has a workspace: with wrong inputs that is not even asked."""
    stranger = house.anonymous(JSON_TYPE)
    assert stranger.get("/handoff/a/for-all/?n=x").status_code == 400
    assert stranger.get("/handoff/a/for-all/?n=1").status_code == 403


def test_a_plain_function_runs_in_a_thread_of_its_app_with_all_that_the_host_supplies(
    house: MemoryHost, journal: Journal
) -> None:
    assert house.program().get("/handoff/a/plain/").status_code == 302
    thread, who, mine, ours, host, path = journal[0]
    assert thread.startswith("app:a-")
    assert (who, host, path) == ("alice", house.host, "/handoff/a/plain/")
    assert mine != ours
    assert {mine.name, ours.name} == {"urn%3Ahallway%3Auser%3Aalice", "app"}


def test_a_coroutine_function_runs_on_the_hosts_loop(house: MemoryHost, journal: Journal) -> None:
    assert house.program().get("/handoff/a/waits/").status_code == 302
    assert journal == [(house.call(asyncio.get_running_loop), "alice")]


def test_a_coroutine_that_a_decorator_hides_is_awaited_on_the_loop(
    house: MemoryHost, journal: Journal
) -> None:
    assert house.program().get("/handoff/a/hidden-wait/?n=1").status_code == 302
    assert journal == [(1, house.call(asyncio.get_running_loop))]


def test_what_a_function_raises_comes_out_as_it_is(house: MemoryHost, caller_app: Inside) -> None:
    handoffs = caller_app.app.handoffs
    with pytest.raises(KeyError):
        caller_app.run(house, lambda: handoffs.handoff_blocking("a/fails"))
    with pytest.raises(KeyError):
        caller_app.run_on_loop(house, lambda: handoffs.handoff("a/fails"))


def test_a_function_that_ends_like_an_iterator_is_a_mistake_like_any_other(house: MemoryHost) -> None:
    assert house.program().get("/handoff/a/stops/").status_code == 500


def test_cancelling_a_call_reaches_its_coroutine(
    house: MemoryHost, caller_app: Inside, journal: Journal
) -> None:
    async def call_and_leave() -> None:
        async with asyncio.timeout(5):
            task = asyncio.create_task(caller_app.app.handoffs.handoff("a/never"))
            await journal.began.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    caller_app.run_on_loop(house, call_and_leave)
    assert journal == ["cancelled"]
