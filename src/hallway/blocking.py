"""Waiting for the loop from another thread, for the blocking twins of asynchronous calls."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hallway.errors import WrongThread

T = TypeVar("T")


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
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()
