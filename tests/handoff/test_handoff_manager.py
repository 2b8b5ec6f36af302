"""Apps hand over to each other in process: as the same person, without ever waiting for themselves."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallway import (
    App,
    FileHandle,
    Forbidden,
    InvalidInput,
    Settings,
    UnknownHandoff,
    UserWorkspace,
    View,
    current,
    url_for_handoff,
)
from hallway.bound import HandoffOffer
from hallway.errors import BadResult, UnknownApp, WrongThread
from hallway.testing import MemoryHost, host_in_memory

from .inside import Inside, quiet_page, wrapped

ONE_THREAD = Settings(threads_per_app=1)


def room(id: str) -> App:
    app = App(id)
    app.mount(quiet_page)
    return app


@pytest.fixture(scope="module")
def asking() -> Inside:
    return Inside(room("asking"))


@pytest.fixture(scope="module")
def house(asking: Inside) -> Iterator[MemoryHost]:
    plotter = room("plotter")

    @plotter.handoff("plot", title="Plot", description="Plot a site.")
    def plot(site: str, width: int = 600) -> View:
        return View("plot", site=site, width=width)

    @plotter.handoff("plot-file", internal=True)
    def plot_file(file: FileHandle, workspace: UserWorkspace) -> View:
        copy = file.copy_to(workspace.unique(file.name))
        assert workspace.path in copy.parents
        return View("plot", text=copy.read_text())

    @plotter.handoff("for-bob", runnable_by=["urn:hallway:user:bob"])
    def for_bob(self: str = "", target: str = "") -> View:
        return View("bob", self=self or None, target=target or None)

    @plotter.handoff("nothing")
    async def nothing() -> None: ...

    with host_in_memory(asking.app, plotter) as running:
        yield running


def blocking(asking: Inside, house: MemoryHost, target: str, user: str = "alice", **values: object) -> str:
    return asking.run(house, lambda: asking.app.handoffs.handoff_blocking(target, **values), user=user)


# --- what there is ------------------------------------------------------------------------------------------------


def test_an_app_sees_what_other_apps_take_over_internal_ones_included(
    asking: Inside, house: MemoryHost
) -> None:
    offers = asking.run(house, lambda: asking.app.handoffs.capabilities("plotter"))
    assert [offer.name for offer in offers] == ["plot", "plot-file", "for-bob", "nothing"]
    assert offers[0] == HandoffOffer("plotter", "plot", ("site", "width"), False, "Plot", "Plot a site.")
    assert offers[1].internal
    everything = asking.run(house, asking.app.handoffs.capabilities)
    assert {offer.app for offer in everything} == {"asking", "plotter"}


def test_an_app_that_is_not_there_is_named_with_its_neighbours(asking: Inside, house: MemoryHost) -> None:
    with pytest.raises(UnknownApp) as unknown:
        asking.run(house, lambda: asking.app.handoffs.capabilities("ploter"))
    assert unknown.value.extra["near"] == ("plotter",)


# --- handing over -------------------------------------------------------------------------------------------------


def test_a_handoff_gives_the_address_of_the_other_apps_page(asking: Inside, house: MemoryHost) -> None:
    address = "/apps/plotter/plot?site=01&width=5"
    assert blocking(asking, house, "plotter/plot", site="01", width="5") == address
    handoffs = asking.app.handoffs
    assert asking.run_on_loop(house, lambda: handoffs.handoff("plotter/plot", site="01", width=5)) == address


def test_a_file_handle_crosses_over_to_another_app(asking: Inside, house: MemoryHost) -> None:
    def give() -> str:
        workspace = current().workspace
        path = workspace.unique("a.csv")
        path.write_text("1,2")
        return asking.app.handoffs.handoff_blocking("plotter/plot-file", file=workspace.handle(path))

    assert asking.run(house, give) == "/apps/plotter/plot?text=1%2C2"


@pytest.mark.parametrize("file", ["/etc/passwd", "a.csv", Path("a.csv"), None])
def test_nothing_but_a_handle_stands_for_a_file(asking: Inside, house: MemoryHost, file: object) -> None:
    with pytest.raises(InvalidInput):
        blocking(asking, house, "plotter/plot-file", file=file)


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("plotter/plod", UnknownHandoff),
        ("nowhere/plot", UnknownHandoff),
        ("plotter/plot", InvalidInput),  # nothing sent
        ("plotter/for-bob", Forbidden),
        ("plotter/for-bob?", UnknownHandoff),
        ("plotter/nothing", BadResult),
        ("plotter", InvalidInput),
        ("plotter/", InvalidInput),
        ("/plot", InvalidInput),
        ("plotter/plot/", InvalidInput),
        ("", InvalidInput),
    ],
)
def test_what_is_wrong_is_told_to_the_app_that_asks(
    asking: Inside, house: MemoryHost, target: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        blocking(asking, house, target)
    with pytest.raises(error):
        asking.run_on_loop(house, lambda: asking.app.handoffs.handoff(target))


def test_the_callers_own_rights_count_and_not_the_apps(asking: Inside, house: MemoryHost) -> None:
    assert blocking(asking, house, "plotter/for-bob", user="bob") == "/apps/plotter/bob"


def test_who_may_not_learns_nothing_about_the_parameters(asking: Inside, house: MemoryHost) -> None:
    with pytest.raises(Forbidden):
        blocking(asking, house, "plotter/for-bob", bogus=1)
    with pytest.raises(InvalidInput):
        blocking(asking, house, "plotter/for-bob", user="bob", bogus=1)


def test_a_parameter_may_have_any_name(asking: Inside, house: MemoryHost) -> None:
    names = {"self": "s", "target": "t"}
    handoffs = asking.app.handoffs
    url = "/apps/plotter/bob?self=s&target=t"
    assert asking.run(house, lambda: handoffs.handoff_blocking("plotter/for-bob", **names), user="bob") == url
    assert asking.run_on_loop(house, lambda: handoffs.handoff("plotter/for-bob", **names), user="bob") == url
    link = "/handoff/plotter/for-bob/?self=s&target=t"
    assert asking.run(house, lambda: url_for_handoff("plotter/for-bob", **names), user="bob") == link


def test_blocking_the_loops_thread_is_refused(asking: Inside, house: MemoryHost) -> None:
    async def block() -> str:
        return asking.app.handoffs.handoff_blocking("plotter/plot", site="01")

    with pytest.raises(WrongThread) as refused:
        asking.run_on_loop(house, block)
    assert "Await" in refused.value.remedy


# --- nobody waits for themselves ----------------------------------------------------------------------------------


def chain(app: App, name: str, target: str, *, on_loop: bool) -> None:
    """Declare a handoff that hands on to another, and notes nothing else."""
    if on_loop:

        @app.handoff(name)
        async def hand_on() -> str:
            return await app.handoffs.handoff(target)

    else:

        @app.handoff(name)
        def hand_on_blocking() -> str:
            return app.handoffs.handoff_blocking(target)


@pytest.mark.parametrize("second_on_loop", [True, False])
@pytest.mark.parametrize("first_on_loop", [True, False])
def test_plain_handlers_in_turn_need_no_second_thread_of_an_app(
    first_on_loop: bool, second_on_loop: bool
) -> None:
    a, b = room("a"), room("b")
    chain(a, "one", "b/two", on_loop=first_on_loop)
    chain(b, "two", "a/three", on_loop=second_on_loop)
    chain(a, "three", "b/four", on_loop=False)
    threads: list[str] = []

    @b.handoff("four")
    def four() -> View:
        threads.append(threading.current_thread().name)
        return View("end")

    with host_in_memory(a, b, settings=ONE_THREAD) as host:
        answer = host.program().get("/handoff/a/one/")
    assert answer.headers["location"] == "/apps/b/end"
    assert threads in (["app:a-1"], ["app:b-1"])  # whichever was there first


@pytest.mark.parametrize("on_loop", [True, False])
def test_two_apps_that_call_each_other_at_once_do_not_wait_for_each_other(on_loop: bool) -> None:
    a, b = room("a"), room("b")
    both_began = threading.Barrier(2, timeout=10)
    for here, there in ((a, b), (b, a)):

        @here.handoff("begin")
        def begin(here: str = here.id, there: str = there.id) -> str:
            both_began.wait()  # each has the only thread of its app now
            return {"a": a, "b": b}[here].handoffs.handoff_blocking(f"{there}/middle")

        chain(here, "middle", f"{here.id}/end", on_loop=on_loop)

        @here.handoff("end")
        def end() -> View:
            return View("end")

    with host_in_memory(a, b, settings=ONE_THREAD) as host:
        programs = [host.program(), host.program()]
        found: list[str] = []

        def ask(number: int) -> None:
            found.append(programs[number].get(f"/handoff/{'ab'[number]}/begin/").headers["location"])

        threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert sorted(found) == ["/apps/a/end", "/apps/b/end"]


def test_a_coroutine_that_hands_over_several_times_at_once_is_served_by_the_thread_that_waits() -> None:
    a, b = room("a"), room("b")
    chain(a, "begin", "b/spread", on_loop=False)

    @b.handoff("spread")
    async def spread() -> str:
        found = await asyncio.gather(*(b.handoffs.handoff("a/end", n=n) for n in range(4)))
        return found[-1]

    @a.handoff("end")
    def end(n: int) -> View:
        return View("end", n=n)

    with host_in_memory(a, b, settings=ONE_THREAD) as host:
        assert host.program().get("/handoff/a/begin/").headers["location"] == "/apps/a/end?n=3"


@pytest.mark.parametrize("on_loop", [True, False])
def test_apps_that_hand_over_in_a_circle_are_stopped(on_loop: bool) -> None:
    a, b = room("a"), room("b")
    calls: list[tuple[str, ...]] = []

    def noted(app: App, target: str) -> None:
        @app.handoff("round")
        async def go_round() -> str:
            calls.append(current().caller.via)
            return await app.handoffs.handoff(target)

        @app.handoff("round-blocking")
        def go_round_blocking() -> str:
            calls.append(current().caller.via)
            return app.handoffs.handoff_blocking(f"{target}-blocking")

    noted(a, "b/round")
    noted(b, "a/round")
    with host_in_memory(a, b, settings=ONE_THREAD) as host:
        name = "round" if on_loop else "round-blocking"
        answer = host.program().get(f"/handoff/a/{name}/")
    assert answer.status_code == 403
    assert "a → b → a → b" in answer.json()["detail"]
    assert calls == [("a", "b", "a", "b", "a", "b", "a", "b")[:depth] for depth in range(9)]


def test_a_coroutine_that_a_decorator_hides_is_awaited_for_a_blocking_caller_too() -> None:
    a, b = room("a"), room("b")
    chain(a, "begin", "b/end", on_loop=False)

    @b.handoff("end")
    @wrapped
    async def end() -> View:
        asyncio.get_running_loop()
        return View("end", app=current().app.id)

    with host_in_memory(a, b, settings=ONE_THREAD) as host:
        assert host.program().get("/handoff/a/begin/").headers["location"] == "/apps/b/end?app=b"
