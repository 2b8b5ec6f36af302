"""Long answers of WSGI apps: read piece by piece, never far ahead of the client, and ended when it leaves."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from hallway import App, Settings
from hallway.host import Host
from hallway.serving.asgi import Message

from .exchange import Exchange, http_scope
from .wsgi_apps import PLAIN, ROOM, Environ, StartResponse, WSGIApp, checked, room

AHEAD = 16 + 2  # the window, one with the client, and one in the thread's hand


class Counter:
    """A WSGI app whose answer counts upward for ever, and notes how far it got and that it was closed."""

    def __init__(self) -> None:
        self.made = 0
        self.far_ahead = threading.Event()
        self.closes = 0
        self.closed = threading.Event()

    def __call__(self, _environ: Environ, start_response: StartResponse) -> "Counter":
        start_response("200 OK", PLAIN)
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.made += 1
        if self.made == AHEAD:
            self.far_ahead.set()
        return b"%d " % self.made

    def close(self) -> None:
        self.closes += 1
        self.closed.set()


@asynccontextmanager
async def serving(data: Path, *apps: App) -> AsyncGenerator[Host, None]:
    with anyio.fail_after(20):
        async with Host(Settings(data=str(data)), apps=apps) as host:
            yield host


async def happened(event: threading.Event) -> None:
    await asyncio.to_thread(event.wait, 10)
    assert event.is_set()


async def fall_behind(host: Host, counter: Counter, client: Exchange) -> "asyncio.Task[None]":
    """Have a client ask and not read, until the app is as far ahead as it may be."""
    client.reading.clear()
    request = asyncio.create_task(host.asgi(http_scope(f"{ROOM}/"), client.receive, client.send))
    await happened(counter.far_ahead)
    return request


@pytest.mark.anyio
async def test_a_piece_reaches_the_client_before_the_next_one_is_made(tmp_path: Path):
    second_may_come = threading.Event()

    def page(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", PLAIN)
        yield b"first"
        second_may_come.wait(10)
        yield b"second"

    def read(message: Message) -> None:
        if message.get("body") == b"first":
            second_may_come.set()

    async with serving(tmp_path, room(checked(page))) as host:
        client = Exchange(on_message=read)
        await host.asgi(http_scope(f"{ROOM}/"), client.receive, client.send)
    assert client.pieces == [b"first", b"second", b""]


@pytest.mark.anyio
async def test_an_app_is_never_further_ahead_of_its_client_than_the_window(tmp_path: Path):
    counter = Counter()
    async with serving(tmp_path, room(counter)) as host:
        read = 0

        def leave_after_a_hundred(_message: Message) -> None:
            nonlocal read
            read += 1
            if read == 100:
                client.leaves.set()

        client = Exchange(on_message=leave_after_a_hundred)
        request = await fall_behind(host, counter, client)
        for _ in range(50):  # turns in which a thread that nothing holds back would go on
            await asyncio.to_thread(lambda: None)
        assert counter.made == AHEAD
        client.reading.set()
        await request
    assert b"".join(client.pieces).startswith(b"1 2 3 4 ")


@pytest.mark.anyio
async def test_a_client_that_leaves_ends_the_answer_and_the_request(tmp_path: Path):
    counter = Counter()
    async with serving(tmp_path, room(counter)) as host:
        client = Exchange()
        client.leaves.set()
        await host.asgi(http_scope(f"{ROOM}/"), client.receive, client.send)
        await happened(counter.closed)
        assert counter.closes == 1
        assert not client.complete


@pytest.mark.anyio
async def test_a_thread_whose_client_left_serves_the_next_one(tmp_path: Path):
    counter = Counter()
    settings = Settings(data=str(tmp_path), threads_per_app=1)
    with anyio.fail_after(20):
        async with Host(settings, apps=[room(counter)]) as host:
            for _ in range(3):
                client = Exchange()
                client.leaves.set()
                await host.asgi(http_scope(f"{ROOM}/"), client.receive, client.send)
    assert counter.closes == 3


@pytest.mark.anyio
async def test_a_request_that_the_server_gives_up_ends_the_answer(tmp_path: Path):
    counter = Counter()
    async with serving(tmp_path, room(counter)) as host:
        client = Exchange()
        request = await fall_behind(host, counter, client)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await happened(counter.closed)


@pytest.mark.anyio
async def test_a_client_that_leaves_while_it_sends_never_reaches_the_app(tmp_path: Path):
    def page(_environ: Environ, _start_response: StartResponse) -> list[bytes]:
        raise NotImplementedError

    async with serving(tmp_path, room(page)) as host:
        client = Exchange()
        half: Message = {"type": "http.request", "body": b"half", "more_body": True}
        messages = iter([half])

        async def receive() -> Message:
            return next(messages, {"type": "http.disconnect"})

        await host.asgi(http_scope(f"{ROOM}/", method="POST"), receive, client.send)
    assert client.messages == []


async def leave_a_page_working(data: Path, page: WSGIApp, entered: threading.Event) -> None:
    """Stop a host while one of its pages is at work."""
    async with serving(data, room(page)) as host:
        client = Exchange()
        request = asyncio.create_task(host.asgi(http_scope(f"{ROOM}/"), client.receive, client.send))
        await happened(entered)
        request.cancel()


def test_a_page_that_outlives_its_host_is_named_and_ends_in_peace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    entered, may_end, threads = threading.Event(), threading.Event(), list[threading.Thread]()

    def page(_environ: Environ, start_response: StartResponse) -> list[bytes]:
        threads.append(threading.current_thread())
        entered.set()
        may_end.wait(10)
        start_response("200 OK", PLAIN)
        return [b"too late"]

    monkeypatch.setattr("hallway.host._POOL_GRACE", 0.0)
    asyncio.run(leave_a_page_working(tmp_path, page, entered))
    assert "A thread of room was still working" in caplog.text
    may_end.set()
    threads[0].join(10)  # an exception in it would fail this test
    assert not threads[0].is_alive()
