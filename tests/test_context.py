"""`current()` tells pages, callbacks and handlers whom they work for, wherever the host runs them."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from hallway import App, Current, Settings, current, url_for_handoff
from hallway.access.callers import Credential
from hallway.errors import Forbidden, NotBound
from hallway.testing import host_in_memory

from .handoff.inside import Inside

ALICE = "urn:hallway:user:alice"


def whose() -> tuple[str, str]:
    return current().app.id, current().caller.principal


def test_outside_of_any_request_there_is_nobody_to_work_for() -> None:
    with pytest.raises(NotBound) as refused:
        current()
    assert "copy_context" in refused.value.remedy
    with pytest.raises(NotBound):
        url_for_handoff("a/b")


async def current_on_loop() -> Current:
    return current()


@pytest.mark.parametrize("on_loop", [True, False])
def test_a_handler_finds_the_caller_the_app_and_its_workspaces(on_loop: bool) -> None:
    app = App("a")
    inside = Inside(app)
    with host_in_memory(app) as host:
        found = inside.run_on_loop(host, current_on_loop) if on_loop else inside.run(host, current)
        assert found.app is app
        assert (found.caller.principal, found.caller.credential) == (ALICE, Credential.BEARER)
        assert found.workspace.path == host.host.workspaces.of_user("a", found.caller).path
        assert found.app_workspace.path == host.host.workspaces.of_app("a").path
        assert found.home_url == "/"
    with pytest.raises(NotBound):
        current()


@pytest.fixture
def visits() -> list[Current]:
    return []


@pytest.fixture
def noting_page(visits: list[Current]) -> Callable[..., list[bytes]]:
    """A WSGI application that notes for whom it works."""

    def page(_environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        visits.append(current())
        start_response("200 OK", [])
        return []

    return page


def test_the_front_page_is_below_the_hosts_root(
    noting_page: Callable[..., list[bytes]], visits: list[Current]
) -> None:
    app = App("a")
    app.mount(noting_page)
    with host_in_memory(app, settings=Settings(root_path="/portal")) as host:
        assert host.program().get("/portal/apps/a/").status_code == 200
    assert visits[0].home_url == "/portal/"


def test_a_page_for_everybody_finds_somebody_anonymous_without_a_workspace(
    noting_page: Callable[..., list[bytes]], visits: list[Current]
) -> None:
    app = App("a", public=True)
    app.mount(noting_page)
    with host_in_memory(app) as host:
        assert host.anonymous().get("/apps/a/").status_code == 200
    assert not visits[0].caller.signed_in
    with pytest.raises(Forbidden):
        _ = visits[0].workspace


def test_tasks_and_the_loops_own_threads_inherit_it() -> None:
    app = App("a")
    inside = Inside(app)

    async def job() -> list[tuple[str, str]]:
        task = asyncio.create_task(asyncio.to_thread(whose))
        return [whose(), await task]

    with host_in_memory(app) as host:
        assert inside.run_on_loop(host, job) == [("a", ALICE)] * 2


def test_a_thread_of_ones_own_needs_a_copy_of_the_context() -> None:
    app = App("a")
    inside = Inside(app)
    found: list[object] = []

    def note() -> None:
        try:
            found.append(whose())
        except NotBound:
            found.append(None)

    def job() -> None:
        for target in (note, partial(contextvars.copy_context().run, note)):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join(5)

    with host_in_memory(app) as host:
        inside.run(host, job)
    assert found == [None, ("a", ALICE)]


def test_another_apps_handler_works_for_the_same_person_and_gives_the_context_back() -> None:
    app, other = App("a"), App("b")
    inside = Inside(app)
    seen: list[tuple[str, str, tuple[str, ...]]] = []

    @other.handoff("plain")
    def plain() -> str:
        seen.append((*whose(), current().caller.via))
        return "/next"

    @other.handoff("waits")
    async def waits() -> str:
        seen.append((*whose(), current().caller.via))
        return "/next"

    def job() -> tuple[str, str]:
        app.handoffs.handoff_blocking("b/plain")
        app.handoffs.handoff_blocking("b/waits")
        return whose()

    with host_in_memory(app, other) as host:
        assert inside.run(host, job) == ("a", ALICE)
    assert seen == [("b", ALICE, ("a",))] * 2


def test_a_link_is_made_for_the_app_whose_page_asks() -> None:
    app, other = App("a"), App("b")
    inside = Inside(app)
    other.handoff("show")(whose)
    with host_in_memory(app, other) as host:
        assert inside.run(host, lambda: url_for_handoff("b/show")) == "/handoff/b/show/"
