"""Thread pools: bounded, lazy, and one app's never another's."""

import asyncio
import threading
import time
from contextvars import ContextVar

import anyio
import pytest

from hallway.errors import HostBusy
from hallway.serving.pool import Pool, Pools

colour: ContextVar[str] = ContextVar("colour", default="none")


class Gate:
    """A job that says that it began and waits to be let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self) -> str:
        self.begun.release()
        assert self.open.wait(20)
        return threading.current_thread().name


@pytest.fixture
def pools() -> Pools:
    return Pools(size=2, backlog=2)


def close(pools: Pools) -> None:
    assert pools.close(10) == []


@pytest.mark.anyio
async def test_threads_are_made_when_they_are_needed_and_used_again(pools: Pools):
    with anyio.fail_after(20):
        assert pools.of("a").statistics().threads == 0
        names = {await pools.run("a", lambda: threading.current_thread().name) for _ in range(5)}
    close(pools)
    assert "app:a-1" in names
    assert len(names) <= 2


@pytest.mark.anyio
async def test_never_more_threads_run_than_the_pool_may_have(pools: Pools):
    gate = Gate()
    with anyio.fail_after(20):
        jobs = [asyncio.create_task(pools.run("a", gate)) for _ in range(2)]
        for _ in range(2):
            assert await asyncio.to_thread(gate.begun.acquire, timeout=10)
        jobs += [asyncio.create_task(pools.run("a", gate)) for _ in range(2)]
        await asyncio.sleep(0)
        assert pools.of("a").statistics().threads == 2
        assert pools.of("a").statistics().waiting == 2
        gate.open.set()
        assert {await job for job in jobs} == {"app:a-1", "app:a-2"}
    close(pools)


@pytest.mark.anyio
async def test_a_full_backlog_refuses_and_counts_and_begins_nothing(pools: Pools):
    gate, begun = Gate(), list[str]()
    with anyio.fail_after(20):
        running = [asyncio.create_task(pools.run("a", gate)) for _ in range(2)]
        for _ in range(2):
            assert await asyncio.to_thread(gate.begun.acquire, timeout=10)
        waiting = [asyncio.create_task(pools.run("a", gate)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(HostBusy):
            await pools.run("a", lambda: begun.append("refused"))
        assert pools.of("a").statistics().refused == 1
        assert await pools.run("b", lambda: "unaffected") == "unaffected"
        gate.open.set()
        await asyncio.gather(*running, *waiting)
    close(pools)
    assert begun == []


@pytest.mark.anyio
async def test_a_job_runs_in_the_context_of_whoever_asked_and_changes_nothing_there(pools: Pools):
    colour.set("blue")

    def change() -> str:
        seen = colour.get()
        colour.set("red")
        return seen

    with anyio.fail_after(20):
        assert [await pools.run("a", change), await pools.run("a", change)] == ["blue", "blue"]
    close(pools)
    assert colour.get() == "blue"


@pytest.mark.anyio
async def test_what_a_job_raises_comes_out_as_it_is(pools: Pools):
    error = KeyError("lost")

    def fail() -> None:
        raise error

    with anyio.fail_after(20), pytest.raises(KeyError) as caught:
        await pools.run("a", fail)
    close(pools)
    assert caught.value is error


@pytest.mark.anyio
async def test_a_job_that_raises_stop_iteration_does_not_end_the_coroutine_that_waits(pools: Pools):
    with anyio.fail_after(20), pytest.raises(RuntimeError):
        await pools.run("a", lambda: next(iter(())))
    close(pools)


@pytest.mark.anyio
@pytest.mark.parametrize("fails", [False, True])
async def test_a_job_that_nobody_waits_for_any_longer_ends_in_peace(pools: Pools, fails: bool):
    gate = Gate()

    def work() -> None:
        gate()
        if fails:
            raise KeyError("lost")

    with anyio.fail_after(20):
        job = asyncio.create_task(pools.run("a", work))
        assert await asyncio.to_thread(gate.begun.acquire, timeout=10)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        gate.open.set()
        assert await pools.run("a", lambda: "next") == "next"
    close(pools)


def test_closing_waits_for_what_was_begun_and_for_what_waits():
    pool, done = Pool("a", size=1, backlog=10), list[int]()
    gate = Gate()
    pool.submit(lambda: (gate(), None)[1])
    pool.submit(lambda: done.append(1))
    assert gate.begun.acquire(timeout=10)
    pool.close()
    assert not pool.wait_closed(0.0)
    gate.open.set()
    assert pool.wait_closed(time.monotonic() + 10)
    assert done == [1]


def test_stuck_threads_and_apps_do_not_add_up_to_a_longer_goodbye():
    pools, gate = Pools(size=2, backlog=100), Gate()
    apps = [f"app-{number}" for number in range(60)]
    for app_id in apps * 2:
        pools.of(app_id).submit(lambda: (gate(), None)[1])
    for _ in range(120):
        assert gate.begun.acquire(timeout=10)
    patience = threading.Timer(10, gate.open.set)  # a fifth of a second for each app would be twelve
    patience.start()
    stuck = pools.close(0.2)
    assert not gate.open.is_set()
    assert stuck == apps
    patience.cancel()
    gate.open.set()
    assert pools.close(10) == []
