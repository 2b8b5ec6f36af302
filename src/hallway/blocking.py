"""Waiting for the loop from another thread, for the blocking twins of asynchronous calls."""

import asyncio
import concurrent.futures
import contextvars
import queue
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hallway.errors import WrongThread

T = TypeVar("T")


class WaitingThread:
    """A thread that waits for a coroutine, and meanwhile runs the plain functions that the coroutine needs a thread for.

    If these waited for one of a pool, it could be the very thread that waits for them.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.ended = False

    async def run(self, function: Callable[[], object]) -> object:
        """Run a function in the waiting thread, with the caller's context variables, and wait for its result."""
        result: concurrent.futures.Future[object] = concurrent.futures.Future()
        context = contextvars.copy_context()

        def job() -> None:
            if not result.set_running_or_notify_cancel():
                return
            try:
                result.set_result(context.run(function))
            except StopIteration as error:  # a future refuses it: it would end the coroutine that awaits
                result.set_exception(RuntimeError(f"raised {error!r}"))
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits, who raises it
                result.set_exception(error)

        self._jobs.put(job)
        return await asyncio.wrap_future(result)

    def work(self) -> None:
        """Run what comes until `end`; called by the thread itself."""
        while job := self._jobs.get():
            job()

    def end(self) -> None:
        """Let the thread go on: what it waited for is there."""
        self.ended = True
        self._jobs.put(None)


_waiting: contextvars.ContextVar[WaitingThread] = contextvars.ContextVar("hallway_waiting_thread")


def waiting_thread() -> WaitingThread | None:
    """Give the thread that waits for the coroutine which runs here; None if none does."""
    found = _waiting.get(None)
    return None if found is None or found.ended else found


def wait_for_loop(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop and wait for its result; the caller's context variables go with it.

    Raises:
        WrongThread: This is the loop's own thread, where waiting would stop every app for ever.
    """
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is not None:
        coroutine.close()
        raise WrongThread("A blocking call was made on an event loop's thread.")
    waiting, context = WaitingThread(), contextvars.copy_context()
    context.run(_waiting.set, waiting)
    future = context.run(asyncio.run_coroutine_threadsafe, coroutine, loop)
    future.add_done_callback(lambda _: waiting.end())
    waiting.work()
    return future.result()
