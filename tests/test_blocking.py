"""A thread that waits for the loop gets what the loop made, helps it with plain functions, and never blocks it."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from anyio import fail_after
from anyio.lowlevel import checkpoint

from hallway.blocking import WaitingThread, wait_for_loop, waiting_thread
from hallway.errors import WrongThread

pytestmark = pytest.mark.anyio

SITE: contextvars.ContextVar[str] = contextvars.ContextVar("site", default="none")


@pytest.fixture(autouse=True)
async def _in_time() -> AsyncIterator[None]:
    """Nothing here may wait for ever."""
    with fail_after(10):
        yield


async def from_thread(coroutine_function: Callable[[], Any]) -> Any:
    """Wait for a coroutine of this loop in a thread."""
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(lambda: wait_for_loop(loop, coroutine_function()))


async def test_a_thread_gets_what_a_coroutine_of_the_loop_gives() -> None:
    loop = asyncio.get_running_loop()

    async def work() -> tuple[object, str]:
        return asyncio.get_running_loop(), SITE.get()

    SITE.set("01")
    assert await from_thread(work) == (loop, "01")


async def test_a_thread_gets_what_a_coroutine_raises() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await from_thread(fail)


async def test_a_coroutine_that_is_cancelled_ends_the_waiting() -> None:
    async def leave() -> None:
        raise asyncio.CancelledError

    waited = await asyncio.gather(from_thread(leave), return_exceptions=True)
    assert [type(error).__name__ for error in waited] == ["CancelledError"]


@pytest.mark.parametrize("own", [True, False], ids=["this loop", "another loop"])
async def test_blocking_any_loops_thread_is_refused_and_nothing_is_started(own: bool) -> None:
    ran: list[bool] = []

    async def work() -> None:
        ran.append(True)

    async def block(loop: asyncio.AbstractEventLoop) -> None:
        with pytest.raises(WrongThread):
            wait_for_loop(loop, work())

    loop = asyncio.get_running_loop()
    if own:
        await block(loop)
    else:
        await asyncio.to_thread(asyncio.run, block(loop))
    assert ran == []


# --- the thread that waits is there for plain functions -----------------------------------------------------------


async def helped(function: Callable[[], object]) -> tuple[object, int]:
    """Have a waiting thread run a function; give its result and the thread that waited."""
    idents: list[int] = []

    def wait() -> object:
        idents.append(threading.get_ident())

        async def work() -> object:
            thread = waiting_thread()
            assert thread is not None
            return await thread.run(function)

        return wait_for_loop(loop, work())

    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(wait), idents[0]


async def test_the_waiting_thread_runs_what_the_coroutine_needs_a_thread_for() -> None:
    SITE.set("02")
    (ident, site), waited = await helped(lambda: (threading.get_ident(), SITE.get()))  # type: ignore[misc]
    assert (ident, site) == (waited, "02")


@pytest.mark.parametrize(("raised", "comes_out"), [(KeyError, KeyError), (StopIteration, RuntimeError)])
async def test_what_such_a_function_raises_comes_out(
    raised: type[Exception], comes_out: type[Exception]
) -> None:
    def fail() -> None:
        raise raised("x")

    with pytest.raises(comes_out):
        await helped(fail)


async def test_several_functions_at_once_take_turns() -> None:
    async def work() -> list[object]:
        thread = waiting_thread()
        assert thread is not None
        return await asyncio.gather(*(thread.run(lambda n=n: n) for n in range(5)))

    assert await from_thread(work) == list(range(5))


async def test_a_function_whose_caller_has_left_is_not_run() -> None:
    ran: list[str] = []
    at_work, go_on = threading.Event(), threading.Event()

    def first() -> None:
        at_work.set()
        assert go_on.wait(10)

    async def work() -> None:
        thread = waiting_thread()
        assert thread is not None
        occupied = asyncio.create_task(thread.run(first))
        await asyncio.to_thread(at_work.wait, 10)
        waiting = asyncio.create_task(thread.run(lambda: ran.append("second")))
        await checkpoint()  # it stands in line now
        waiting.cancel()
        await asyncio.wait([waiting])
        go_on.set()
        await occupied
        await thread.run(lambda: ran.append("third"))

    await from_thread(work)
    assert ran == ["third"]


async def test_nobody_waits_for_ordinary_tasks_or_for_those_left_over() -> None:
    left_over: list[asyncio.Task[WaitingThread | None]] = []
    over = asyncio.Event()

    async def later() -> WaitingThread | None:
        await over.wait()
        return waiting_thread()

    async def work() -> WaitingThread | None:
        left_over.append(asyncio.create_task(later()))
        return waiting_thread()

    assert waiting_thread() is None
    assert await from_thread(work) is not None
    over.set()
    assert await left_over[0] is None
