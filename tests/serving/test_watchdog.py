"""The watchdog: what blocks the loop is noticed and named, what does not is left in peace."""

import asyncio
import contextlib
import importlib
import logging
import os
import selectors
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import anyio.from_thread
import pytest
import uvloop

from hallway import App
from hallway.clock import SystemClock
from hallway.serving.asgi import Receive, Scope, Send
from hallway.serving.blocks import Block, BlockLog, BlockStatistics, describe
from hallway.serving.loop_watch import LoopWatch
from hallway.serving.stacks import Line, Stack, StackReader
from hallway.serving.watchdog import Watchdog
from hallway.testing import FakeClock, host_in_memory

Portal = anyio.from_thread.BlockingPortal

# Powers of two, so that sums are exact.
THRESHOLD = 0.125
HALF = THRESHOLD / 2


class Gate:
    """Code that blocks whoever runs it, until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def block(self) -> None:
        self.begun.set()
        assert self.open.wait(20)

    async def block_in_a_task(self) -> None:
        self.block()

    async def block_before(self, *others: "Gate") -> None:
        """Block, with others waiting their turn already."""
        tasks = [asyncio.create_task(other.block_in_a_task()) for other in others]
        self.block()
        await asyncio.gather(*tasks)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Block, as an ASGI application."""
        assert scope["type"] == "http"
        self.block()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


class Watched:
    """A loop in another thread, watched by hand.

    Args:
        portal: Reaches the loop.
        apps: The apps on it.
    """

    def __init__(self, portal: Portal, *apps: App) -> None:
        self.portal = portal
        self.clock = FakeClock()
        self.reports: list[Block] = []
        self.watch: LoopWatch = portal.call(self._watch, list(apps))

    def _watch(self, apps: list[App]) -> LoopWatch:
        loop = asyncio.get_running_loop()
        return LoopWatch(
            loop, self.clock, StackReader(lambda: apps), self.reports.append, threshold=THRESHOLD
        )

    def look_after(self, seconds: float) -> float:
        """Let time pass, and look."""
        self.clock.advance(seconds)
        return self.watch.look()

    def run(self, function: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Have the loop run something that blocks it."""
        self.portal.start_task_soon(function, *args)

    def turn(self) -> None:
        """Wait until the loop has come to all that waited for it."""
        self.portal.call(lambda: None)

    def see_block(self, gate: Gate) -> Stack:
        """Look on while a gate blocks the loop, then let it go; give what was seen."""
        assert gate.begun.wait(20)
        for _ in range(3):
            self.look_after(HALF)
        gate.open.set()
        self.turn()
        (begin,) = self.reports
        assert begin.stack is not None
        return begin.stack


@pytest.fixture
def portal() -> Iterator[Portal]:
    with anyio.from_thread.start_blocking_portal("asyncio") as portal:
        yield portal


@pytest.fixture
def watched(portal: Portal) -> Watched:
    return Watched(portal)


def come_to_rest(watched: Watched) -> None:
    """Wait until nothing but the loop's own waiting is on its stack."""
    watched.turn()
    while watched.watch._work() is not None:
        pass


# --- noticing ---------------------------------------------------------------------------------------------------


def test_a_block_is_told_when_it_has_lasted_long_enough_and_when_it_is_over(watched: Watched):
    gate = Gate()
    watched.run(gate.block_in_a_task)
    assert gate.begun.wait(20)
    watched.look_after(0.0)
    watched.look_after(HALF)
    assert watched.reports == []
    watched.look_after(HALF)
    watched.look_after(0.5)
    (begin,) = watched.reports
    assert (begin.over, begin.seconds) == (False, THRESHOLD)
    watched.clock.advance(0.375)
    gate.open.set()
    watched.turn()
    watched.look_after(HALF)
    _, end = watched.reports
    assert (end.over, end.seconds, end.stack) == (True, 1.0, begin.stack)
    assert watched.watch.statistics == BlockStatistics(1, 1.0, 1.0)


def test_what_lets_the_loop_go_on_in_time_is_no_block(watched: Watched):
    for _ in range(5):
        gate = Gate()
        watched.run(gate.block_in_a_task)
        assert gate.begun.wait(20)
        watched.look_after(HALF)
        watched.clock.advance(HALF)
        gate.open.set()
        watched.turn()
        watched.look_after(0.0)
        watched.turn()
    assert watched.reports == []
    assert watched.watch.statistics == BlockStatistics()


def test_each_block_is_counted_and_the_longest_is_kept(watched: Watched):
    for seconds in (0.5, 2.0, 0.25):
        gate = Gate()
        watched.run(gate.block_in_a_task)
        assert gate.begun.wait(20)
        watched.look_after(0.0)
        watched.clock.advance(seconds)
        gate.open.set()
        watched.turn()
        watched.look_after(0.0)
        watched.turn()
    assert watched.watch.statistics == BlockStatistics(3, 2.75, 2.0)


def test_many_short_pieces_of_work_are_blamed_on_none_of_them(watched: Watched):
    gates = [Gate() for _ in range(4)]
    watched.run(gates[0].block_before, *gates[1:])
    for gate in gates:
        assert gate.begun.wait(20)
        watched.look_after(0.0)
        watched.look_after(HALF)
        gate.open.set()
    watched.turn()
    watched.look_after(0.0)
    (late,) = watched.reports
    assert (late.over, late.stack, late.seconds) == (True, None, 4 * HALF)
    assert "too much to do" in describe(late)


def test_work_that_blocks_is_named_also_where_other_work_went_before(watched: Watched):
    first, second = Gate(), Gate()
    watched.run(first.block_before, second)
    assert first.begun.wait(20)
    watched.look_after(0.0)
    first.open.set()
    assert second.begun.wait(20)
    watched.look_after(HALF)  # when it is first seen
    watched.look_after(HALF)
    assert watched.reports == []
    watched.look_after(HALF)
    second.open.set()
    watched.turn()
    (begin,) = watched.reports
    assert begin.stack is not None
    assert begin.stack.lines[-1].function == "Gate.block_in_a_task"


def test_blocks_that_follow_one_another_without_a_breath_are_told_one_by_one(watched: Watched):
    first, second = Gate(), Gate()
    watched.run(first.block_before, second)
    assert first.begun.wait(20)
    for _ in range(3):
        watched.look_after(HALF)
    first.open.set()
    assert second.begun.wait(20)
    for _ in range(3):
        watched.look_after(HALF)
    second.open.set()
    watched.turn()
    watched.look_after(0.0)
    stacks = [block.stack for block in watched.reports if block.stack]
    first_is_named = ["Gate.block_before" in {line.function for line in stack.lines} for stack in stacks]
    assert first_is_named == [True, True, False, False]
    assert [block.over for block in watched.reports] == [False, True, False, True]


def test_a_callback_written_in_c_is_noticed_too(watched: Watched, portal: Portal):
    come_to_rest(watched)
    lock = threading.Lock()
    lock.acquire()
    loop = portal.call(asyncio.get_running_loop)
    loop.call_soon_threadsafe(lock.acquire)
    while watched.watch._work() is None:
        pass
    for _ in range(3):
        watched.look_after(HALF)
    lock.release()
    watched.turn()
    assert [block.over for block in watched.reports] == [False]


def test_a_loop_at_rest_is_left_in_peace_but_for_a_question_now_and_then(watched: Watched):
    pauses: list[float] = []
    asked: list[bool] = []
    for _ in range(30):
        come_to_rest(watched)
        pauses.append(watched.look_after(pauses[-1] if pauses else 0.0))
        asked.append(watched.watch._question is not None)
    assert [number for number, was in enumerate(asked, 1) if was] == [10, 20, 30]
    assert pauses[:9] == [HALF] * 9
    assert pauses[20:29] == [2 * THRESHOLD] * 9
    assert watched.reports == []


def test_a_process_that_stood_still_is_told_and_counted(watched: Watched):
    come_to_rest(watched)
    pause = watched.look_after(0.0)
    watched.look_after(pause + 3.0)
    (block,) = watched.reports
    assert (block.over, block.standstill, block.seconds) == (True, True, 3.0)
    assert watched.watch.statistics.longest == 3.0
    assert "stood still for 3.00 s" in describe(block)


def test_a_listener_that_fails_does_not_end_the_watch(watched: Watched, caplog: pytest.LogCaptureFixture):
    failing = Watched(watched.portal)
    failing.watch._report = failing.reports.__getitem__  # pyright: ignore[reportAttributeAccessIssue]
    pause = failing.look_after(0.0)
    failing.look_after(pause + 3.0)
    failing.look_after(0.0)
    assert failing.watch.statistics.blocks == 1
    assert "could not be reported" in caplog.text


def test_a_loop_that_was_closed_is_not_asked():
    loop, reports = asyncio.new_event_loop(), list[Block]()
    watch = LoopWatch(loop, FakeClock(), StackReader(list), reports.append)
    loop.close()
    for _ in range(30):
        watch.look()
    assert watch._question is None
    assert reports == []


# --- naming -----------------------------------------------------------------------------------------------------


def module(path: Path, source: str) -> dict[str, Any]:
    """Write a module and run it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(source, str(path), "exec"), names)
    return names


def app_in(folder: Path, id: str = "plotter") -> App:
    app = App(id)
    app.folder = folder
    return app


def test_the_app_is_known_by_its_folder_and_the_innermost_line_of_its_own_comes_first(
    portal: Portal, tmp_path: Path
):
    library = module(tmp_path / "lib/site-packages/slow.py", "def fetch(wait):\n    wait()\n")
    pages = module(
        tmp_path / "plotter/pages.py",
        "async def show(fetch, wait):\n    rows(fetch, wait)\n\ndef rows(fetch, wait):\n    fetch(wait)\n",
    )
    gate = Gate()
    watched = Watched(portal, app_in(tmp_path / "plotter"), app_in(tmp_path / "other", "other"))
    watched.run(pages["show"], library["fetch"], gate.block)
    stack = watched.see_block(gate)
    assert stack.app == "plotter"
    assert [str(line) for line in stack.lines[:2]] == [
        f"{tmp_path}/plotter/pages.py:5 in rows",
        f"{tmp_path}/plotter/pages.py:2 in show",
    ]
    assert stack.lines[0].text == "fetch(wait)"
    assert stack.inside is not None
    assert stack.inside.file == threading.__file__


def test_of_apps_in_folders_of_one_another_the_inner_one_is_meant(portal: Portal, tmp_path: Path):
    pages = module(tmp_path / "shop/cart/pages.py", "async def show(wait):\n    wait()\n")
    gate = Gate()
    watched = Watched(portal, app_in(tmp_path / "shop", "shop"), app_in(tmp_path / "shop/cart", "cart"))
    watched.run(pages["show"], gate.block)
    assert watched.see_block(gate).app == "cart"


def test_apps_that_share_a_folder_are_both_named(portal: Portal, tmp_path: Path):
    pages = module(tmp_path / "pages.py", "async def show(wait):\n    wait()\n")
    gate = Gate()
    watched = Watched(portal, app_in(tmp_path, "gauges"), app_in(tmp_path, "plotter"))
    watched.run(pages["show"], gate.block)
    assert watched.see_block(gate).app == "gauges or plotter"


def test_libraries_below_an_apps_folder_are_not_the_app(portal: Portal, tmp_path: Path):
    library = module(tmp_path / ".venv/lib/site-packages/slow.py", "async def fetch(wait):\n    wait()\n")
    gate = Gate()
    watched = Watched(portal, app_in(tmp_path), app_in(tmp_path / ".venv/lib/site-packages", "installed"))
    watched.run(library["fetch"], gate.block)
    assert watched.see_block(gate).app == ""


def test_a_module_that_blocks_while_it_is_imported_is_named_without_the_machinery_of_imports(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    name = "hallway_test_slow_module"
    (tmp_path / f"{name}.py").write_text("from threading import gate\ngate.block()\n", encoding="utf-8")
    gate = Gate()
    monkeypatch.setattr(threading, "gate", gate, raising=False)
    monkeypatch.syspath_prepend(tmp_path)

    async def load() -> None:
        importlib.import_module(name)

    watched = Watched(portal, app_in(tmp_path))
    watched.run(load)
    stack = watched.see_block(gate)
    monkeypatch.delitem(sys.modules, name)
    assert (stack.app, stack.lines[0].number) == ("plotter", 2)
    assert not any(line.file.startswith("<frozen") for line in stack.lines)


def test_code_that_waits_in_a_selector_of_its_own_is_no_loop_at_rest(watched: Watched):
    """As `subprocess.run` does."""
    gate = Gate()
    reading, writing = os.pipe()

    async def communicate() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            gate.begun.set()
            selector.select(20)

    watched.run(communicate)
    assert gate.begun.wait(20)
    for _ in range(3):
        watched.look_after(HALF)
    os.write(writing, b"x")
    watched.turn()
    os.close(reading)
    os.close(writing)
    (begin,) = watched.reports
    assert begin.stack is not None
    assert begin.stack.lines[0].function.endswith("communicate")


def test_of_two_apps_in_one_folder_a_request_tells_which_one_blocks():
    gate, neighbour = Gate(), Gate()
    apps = [App("gauges", public=True), App("plotter", public=True)]
    apps[0].mount(neighbour.answer)
    apps[1].mount(gate.answer)
    with host_in_memory(*apps) as host:
        watched = Watched(host._portal, *apps)
        visit = threading.Thread(target=host.anonymous().get, args=["/apps/plotter/"])
        visit.start()
        stack = watched.see_block(gate)
        visit.join()
    assert stack.app == "plotter"
    assert stack.lines[0].function == "Gate.block"
    assert all("/hallway/serving/" not in line.file for line in stack.lines)


def test_a_handoff_that_blocks_is_named_by_its_app():
    gate = Gate()
    apps = [App("gauges"), App("plotter")]

    @apps[1].handoff("plot", effects="read")
    async def plot() -> None:
        gate.block()

    with host_in_memory(*apps) as host:
        watched = Watched(host._portal, *apps)
        visit = threading.Thread(target=host.program().get, args=["/handoff/plotter/plot/"])
        visit.start()
        stack = watched.see_block(gate)
        visit.join()
    assert stack.app == "plotter"


# --- telling ----------------------------------------------------------------------------------------------------

STACK = Stack("plotter", (Line("/rooms/plotter/pages.py", 31, "show"), Line("/rooms/x.py", 7, "call")), None)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_the_log_names_app_place_and_callers_at_both_ends(caplog: pytest.LogCaptureFixture):
    log = BlockLog(FakeClock())
    log(Block(0.1, over=False, stack=STACK))
    log(Block(20.0, over=True, stack=STACK))
    begin, end = messages(caplog)
    for message in (begin, end):
        assert "the app 'plotter'" in message
        assert "/rooms/plotter/pages.py:31 in show" in message
        assert "called at /rooms/x.py:7 in call" in message
    assert "has been blocked for 0.10 s" in begin
    assert "was blocked for 20.00 s" in end


def test_the_log_says_what_the_app_waits_for():
    stack = Stack("", STACK.lines, Line("/usr/lib/socket.py", 720, "readinto"))
    text = describe(Block(0.1, over=False, stack=stack))
    assert "(inside /usr/lib/socket.py:720 in readinto)" in text
    assert "code of no app that is known" in text


def test_of_many_short_blocks_ten_a_minute_are_told_and_the_others_counted(caplog: pytest.LogCaptureFixture):
    clock = FakeClock()
    log = BlockLog(clock)
    for _ in range(15):
        log(Block(0.1, over=False, stack=STACK))
        log(Block(0.2, over=True, stack=STACK))
    assert len(messages(caplog)) == 20
    clock.advance(60)
    log(Block(0.1, over=False, stack=STACK))
    log(Block(0.2, over=True, stack=STACK))
    assert len(messages(caplog)) == 22
    assert "Not told before this one: 5 short ones." in messages(caplog)[-1]


def test_a_long_block_is_told_however_many_there_were(caplog: pytest.LogCaptureFixture):
    log = BlockLog(FakeClock())
    for _ in range(12):
        log(Block(0.1, over=False, stack=STACK))
        log(Block(0.2, over=True, stack=STACK))
    caplog.clear()
    log(Block(0.1, over=False, stack=STACK))
    log(Block(1.0, over=True, stack=STACK))
    assert ["was blocked for 1.00 s" in message for message in messages(caplog)] == [True]


# --- in a thread of its own -------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_real_loop_that_is_really_blocked(run: Callable[[Coroutine[Any, Any, None]], None]):
    reports: list[Block] = []
    noticed = threading.Event()

    async def main() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def report(block: Block) -> None:
            if block.standstill or block.stack is None or block.stack.lines[0].file != threading.__file__:
                return  # a busy machine may hold other things up
            reports.append(block)
            noticed.set()
            if block.over:
                loop.call_soon_threadsafe(over.set)

        watchdog = Watchdog(SystemClock(), StackReader(list), report, threshold=0.02)
        watchdog.start(loop)
        loop.call_soon(noticed.wait, 20)
        await over.wait()
        watchdog.stop()
        assert watchdog.statistics().blocks >= 1

    run(main())
    begin, end = reports
    assert (begin.over, end.over) == (False, True)
    assert end.stack == begin.stack
    assert end.seconds >= begin.seconds >= 0.02


@pytest.mark.anyio
async def test_a_block_that_ends_with_the_host_is_told_before_it_is_gone():
    reports: list[Block] = []
    noticed = threading.Event()

    def report(block: Block) -> None:
        reports.append(block)
        noticed.set()

    watchdog = Watchdog(SystemClock(), StackReader(list), report, threshold=0.02)
    watchdog.start(asyncio.get_running_loop())
    assert noticed.wait(20)
    watchdog.stop()
    assert reports[-1].over
    assert "hallway-watchdog" not in {thread.name for thread in threading.enumerate()}
    watchdog.stop()


def test_a_watchdog_that_never_began_can_be_stopped():
    watchdog = Watchdog(FakeClock(), StackReader(list), lambda _block: None)
    watchdog.stop()
    assert watchdog.statistics() == BlockStatistics()


@pytest.mark.anyio
async def test_stopping_does_not_wait_for_a_listener_that_is_stuck():
    stuck, release = threading.Event(), threading.Event()

    def report(block: Block) -> None:
        stuck.set()
        release.wait(20)

    with contextlib.ExitStack() as stack:
        stack.callback(release.set)
        watchdog = Watchdog(SystemClock(), StackReader(list), report, threshold=0.02)
        watchdog.start(asyncio.get_running_loop())
        assert stuck.wait(20)
        watchdog.stop()
        assert not release.is_set()
