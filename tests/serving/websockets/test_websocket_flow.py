"""Who is slow makes the other one wait, and what waits in between is bounded."""

import asyncio
from typing import Any

import pytest

from hallway.serving.asgi import Receive, Send

from .frames import BINARY, CLOSE, PING, PONG, TEXT, close, frame
from .stage import PATIENCE, Hall, Script, accept, request

pytestmark = pytest.mark.anyio

PIECE = bytes(1 << 16)


async def only_connection(hall: Hall) -> Any:
    """Give the server's side of the only WebSocket."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for connection in hall.connections:
                if isinstance(connection, hall.stage.protocol_class):
                    return connection
            await asyncio.sleep(0)


async def until_not_reading(hall: Hall) -> Any:
    """Wait until the server has stopped reading."""
    connection = await only_connection(hall)
    transport = connection._transport if hall.stage.protocol == "picows" else connection.transport
    async with asyncio.timeout(PATIENCE):
        while transport.is_reading():
            await asyncio.sleep(0)
    return connection


async def until_blocked(hall: Hall) -> Any:
    """Wait until the application has to wait before it sends more."""
    connection = await only_connection(hall)
    async with asyncio.timeout(PATIENCE):
        while not (
            connection.blocked if hall.stage.protocol == "picows" else not connection.writable.is_set()
        ):
            await asyncio.sleep(0)
    return connection


@pytest.mark.parametrize(("count", "size"), [(20000, 10), (200, 1 << 16), (3, 4 << 20)])
async def test_a_peer_waits_for_a_slow_application(hall: Hall, count: int, size: int):
    async def run(receive: Receive, send: Send) -> list[int]:
        await accept(send)
        await go.wait()
        return [len((await receive())["bytes"]) for _ in range(count)]

    go = asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        sending = asyncio.create_task(peer.send(frame(BINARY, bytes(size)) * count))
        connection = await until_not_reading(hall)
        if hall.stage.protocol == "picows":
            assert len(connection.inbox._events) < 32 + 300  # what is in one slice for the parser
            assert connection.inbox._bytes < (1 << 20) + size
            assert len(connection._intake._held) <= 1 << 18
        go.set()
        assert await script.end() == [size] * count
        await sending


async def test_a_peer_that_does_not_wait_for_the_answer_is_not_read_for_ever(hall: Hall):
    async def run(receive: Receive, send: Send) -> int:
        asked.set()
        await go.wait()
        await accept(send)
        return sum([len((await receive())["bytes"]) for _ in range(200)])

    asked, go = asyncio.Event(), asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script), accepted=False) as peer:
        await asked.wait()
        sending = asyncio.create_task(peer.send(frame(BINARY, PIECE) * 200))
        connection = await until_not_reading(hall)
        if hall.stage.protocol == "picows":
            assert len(connection._intake._held) < 1 << 19
        go.set()
        assert await script.end() == 200 * len(PIECE)
        await sending


async def test_an_application_waits_for_a_slow_peer(hall: Hall):
    sent = 0

    async def run(_receive: Receive, send: Send) -> None:
        nonlocal sent
        await accept(send)
        for sent in range(1, 1001):
            await send({"type": "websocket.send", "bytes": PIECE})

    script = Script(run)
    async with hall.connect(hall.serve(script)) as peer:
        await until_blocked(hall)
        for _ in range(100):  # turns of the loop in which it does not go on
            await asyncio.sleep(0)
        assert sent < 500  # some megabytes, which are the kernel's
        for _ in range(1000):
            assert await peer.recv() == PIECE
    await script.end()


async def test_a_peer_that_reads_no_pongs_gets_only_the_last(hall: Hall):
    async def run(receive: Receive, send: Send) -> None:
        async def fill() -> None:
            while not stop.is_set():
                await send({"type": "websocket.send", "bytes": PIECE})

        await accept(send)
        filling = asyncio.create_task(fill())
        await receive()
        received.set()
        await stop.wait()
        await filling

    received, stop = asyncio.Event(), asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        await until_blocked(hall)
        await peer.send(b"".join(frame(PING, b"%d" % n) for n in range(1000)) + frame(TEXT, b"go"))
        await received.wait()
        stop.set()
        pongs: list[bytes] = []
        while (answer := await peer.frame()) is not None and answer.opcode != CLOSE:
            if answer.opcode == PONG:
                pongs.append(answer.payload)
        await script.end()
    assert pongs == [b"999"]


async def test_who_waits_to_send_is_told_that_the_peer_has_left(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        while True:
            await send({"type": "websocket.send", "bytes": PIECE})

    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        await until_blocked(hall)
        peer.abort()
        with pytest.raises(OSError):
            await script.end()


async def test_who_waits_to_send_is_told_that_another_task_has_closed(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        async def fill() -> None:
            while True:
                await send({"type": "websocket.send", "bytes": PIECE})

        await accept(send)
        filling = asyncio.create_task(fill())
        await blocked.wait()
        closing = asyncio.create_task(send({"type": "websocket.close"}))
        with pytest.raises((OSError, RuntimeError)):
            await filling
        await closing

    blocked = asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        await until_blocked(hall)
        blocked.set()
        while (answer := await peer.frame()) is not None and answer.opcode != CLOSE:
            pass
        await peer.send(close(1000))
        await script.end()


async def test_an_application_may_close_without_having_received(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        await go.wait()
        await send({"type": "websocket.close", "code": 4000})

    go = asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        sending = asyncio.create_task(peer.send(frame(BINARY, PIECE) * 100))
        await until_not_reading(hall)
        go.set()
        answer = await peer.frame()
        assert answer is not None
        assert answer.code == 4000
        await sending
        await peer.send(close(4000))
        await peer.left()


async def test_an_answer_in_http_waits_for_a_slow_peer(hall: Hall):
    sent = 0

    async def run(_receive: Receive, send: Send) -> None:
        nonlocal sent
        await send({"type": "websocket.http.response.start", "status": 403})
        for sent in range(1, 501):
            await send({"type": "websocket.http.response.body", "body": PIECE, "more_body": sent < 500})

    script = Script(run)
    async with hall.line() as (reader, writer):
        writer.write(request(hall.serve(script)))
        await until_blocked(hall)
        assert sent < 400
        _head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert len(body) == 500 * len(PIECE)
    await script.end()
