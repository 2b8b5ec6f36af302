"""Thread pools: one for each app, so that an app that blocks starves nobody else."""

import asyncio
import contextvars
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hallway.errors import HostBusy

Job = Callable[[], None]


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """How busy a pool is.

    Args:
        threads: Threads that exist.
        waiting: Jobs that no thread has taken up yet.
        refused: Jobs that found the backlog full, since the start.
    """

    threads: int
    waiting: int
    refused: int


class Pool:
    """Threads of one app, made when they are first needed.

    Args:
        name: The app's id; threads are named after it.
        size: The most threads.
        backlog: The most jobs that may wait for one.
    """

    def __init__(self, name: str, *, size: int, backlog: int) -> None:
        self._name = name
        self._size = size
        self._backlog = backlog
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._refused = 0
        self._lock = threading.Lock()

    def submit(self, job: Job) -> None:
        """Have a thread do the job; it must not raise. Never blocks.

        Raises:
            HostBusy: The backlog is full.
        """
        if self._jobs.qsize() >= self._backlog:
            self._refused += 1
            raise HostBusy(f"The app {self._name!r} is busy: {self._backlog} requests are waiting already.")
        self._jobs.put(job)
        if len(self._threads) < self._size and not self._idle.acquire(blocking=False):
            self._add_thread()

    def _add_thread(self) -> None:
        with self._lock:
            if len(self._threads) < self._size:
                thread = threading.Thread(
                    target=self._work, name=f"app:{self._name}-{len(self._threads) + 1}", daemon=True
                )
                self._threads.append(thread)
                thread.start()

    async def run(self, function: Callable[[], object]) -> object:
        """Run a function in a thread, with the caller's context variables, and wait for its result.

        Raises:
            HostBusy: The backlog is full.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[object] = loop.create_future()
        context = contextvars.copy_context()

        def job() -> None:
            try:
                value = context.run(function)
            except StopIteration as error:  # a future refuses it: it would end the coroutine that awaits
                tell(loop, _fail, result, RuntimeError(f"raised {error!r}"))
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits, who raises it
                tell(loop, _fail, result, error)
            else:
                tell(loop, _succeed, result, value)

        self.submit(job)
        return await result

    def statistics(self) -> PoolStatistics:
        """Tell how busy the pool is."""
        return PoolStatistics(len(self._threads), self._jobs.qsize(), self._refused)

    def threads(self) -> list[threading.Thread]:
        """Give the threads that there are."""
        return list(self._threads)

    def close(self) -> None:
        """Have the threads end once their jobs are done."""
        for _ in self._threads:
            self._jobs.put(None)

    def wait_closed(self, deadline: float) -> bool:
        """Wait for the threads to end; False if one still works when `time.monotonic()` reaches the deadline."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            job()
            del job  # or an idle thread would keep the last request's objects alive
            if len(self._threads) < self._size:  # once all are there, nobody asks who is idle
                self._idle.release()


class Pools:
    """The pools of all apps; see `hallway.pipeline.WorkerPools`.

    Args:
        size: The most threads of one app.
        backlog: The most jobs of one app that may wait.
    """

    def __init__(self, *, size: int, backlog: int) -> None:
        self._size = size
        self._backlog = backlog
        self._pools: dict[str, Pool] = {}

    def of(self, app_id: str) -> Pool:
        """Give an app's pool."""
        pool = self._pools.get(app_id)
        if pool is None:
            pool = self._pools[app_id] = Pool(app_id, size=self._size, backlog=self._backlog)
        return pool

    async def run(self, app_id: str, function: Callable[[], object]) -> object:
        """See `WorkerPools.run`."""
        return await self.of(app_id).run(function)

    def statistics(self) -> dict[str, PoolStatistics]:
        """Tell by app how busy the pools are."""
        return {app_id: pool.statistics() for app_id, pool in self._pools.items()}

    def threads(self) -> dict[str, list[threading.Thread]]:
        """Give the threads of each app."""
        return {app_id: pool.threads() for app_id, pool in self._pools.items()}

    def close(self, timeout: float) -> list[str]:
        """Let all threads finish; give the ids of the apps that did not within `timeout` seconds."""
        deadline = time.monotonic() + timeout  # one for all: stuck threads must not add up
        for pool in self._pools.values():
            pool.close()
        return [app_id for app_id, pool in self._pools.items() if not pool.wait_closed(deadline)]


def tell(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *args: object) -> None:
    """Call a function on the loop, from a thread; not where the host has stopped and its loop has ended."""
    try:
        loop.call_soon_threadsafe(function, *args)
    except RuntimeError:
        if not loop.is_closed():
            raise


def _succeed(future: asyncio.Future[object], value: object) -> None:
    if not future.done():  # it may have been cancelled meanwhile
        future.set_result(value)


def _fail(future: asyncio.Future[object], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
