"""How a connection ends, and who is told what."""

import asyncio
import logging

import pytest
from websockets.exceptions import ConnectionClosed

from hallway.serving.asgi import Message, Receive, Send
from hallway.serving.websockets import protocol

from .conftest import OpenHall
from .frames import CLOSE, PING, TEXT, Frame, close, frame
from .stage import Echo, Hall, Listener, Script, accept, request

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "gone to lunch"), (4999, "ä" * 60)])
async def test_the_application_is_told_why_the_client_closes(hall: Hall, code: int, reason: str):
    listener = Listener()
    peer = await hall.talk(listener)
    await peer.close(code, reason)
    assert peer.close_code == code
    await listener.end()
    assert listener.received == [{"type": "websocket.disconnect", "code": code, "reason": reason}]


async def test_a_client_may_close_without_a_code(hall: Hall):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        await peer.send(frame(CLOSE))
        assert await peer.frame() == Frame(CLOSE, b"")
        await peer.left()
    assert (await listener.end())["code"] == 1005


async def test_messages_before_the_clients_close_are_still_received(hall: Hall):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        await peer.send(b"".join(frame(TEXT, b"%d" % n) for n in range(100)) + close(1000))
        await listener.end()
    assert [message.get("text") for message in listener.received] == [*map(str, range(100)), None]


async def test_what_follows_a_close_frame_is_ignored(hall: Hall):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        await peer.send(close(1001) + frame(TEXT, b"late") + frame(0x3) + close(1002))
        answer = await peer.frame()
        assert answer is not None
        assert (answer.opcode, answer.code) == (CLOSE, 1001)
        await peer.left()
    await listener.end()
    assert [message.get("code") for message in listener.received] == [1001]


async def test_a_connection_may_be_lost(hall: Hall):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        peer.abort()
        await listener.end()
    assert [message["code"] for message in listener.received] == [1006]


async def test_a_client_may_end_without_a_close_frame(hall: Hall):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        peer.writer.close()
        await listener.end()
    assert [message["code"] for message in listener.received] == [1006]


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ({}, 1000, ""),
        ({"code": 4001, "reason": "enough"}, 4001, "enough"),
        ({"code": 1001, "reason": None}, 1001, ""),
    ],
)
async def test_the_application_closes(hall: Hall, message: Message, code: int, reason: str):
    async def run(receive: Receive, send: Send) -> Message:
        await accept(send)
        await send({"type": "websocket.close", **message})
        return await receive()

    script = Script(run)
    async with hall.connect(hall.serve(script)) as peer:
        with pytest.raises(ConnectionClosed):
            await peer.recv()
        assert (peer.close_code, peer.close_reason) == (code, reason)
    # ASGI has the server say so, too, when it is the application that closes.
    assert await script.end() == {"type": "websocket.disconnect", "code": code, "reason": reason}


async def test_a_long_reason_is_shortened(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        await send({"type": "websocket.close", "code": 4000, "reason": "ä" * 100})

    async with hall.raw(hall.serve(Script(run))) as peer:
        answer = await peer.frame()
        assert answer is not None
        assert (answer.code, answer.reason) == (4000, "ä" * 61)


@pytest.mark.parametrize("code", [0, 999, 1005, 1006, 5000])
async def test_some_codes_cannot_be_sent(hall: Hall, code: int):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        await send({"type": "websocket.close", "code": code})

    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        answer = await peer.frame()
        assert answer is not None
        assert answer.code == 1011
    with pytest.raises(ValueError):
        await script.end()


async def test_after_closing_nothing_may_be_sent(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        await send({"type": "websocket.close"})
        await send({"type": "websocket.send", "text": "one more thing"})

    script = Script(run)
    async with hall.connect(hall.serve(script)):
        with pytest.raises(RuntimeError, match="websocket.send"):
            await script.end()


async def test_after_the_client_has_left_sending_is_an_os_error(hall: Hall, caplog: pytest.LogCaptureFixture):
    async def run(receive: Receive, send: Send) -> None:
        await accept(send)
        await receive()
        await send({"type": "websocket.send", "text": "anybody there?"})

    script = Script(run)
    async with hall.connect(hall.serve(script)):
        pass
    with pytest.raises(OSError):
        await script.end()
    await hall.quiet()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_the_end_is_told_again_to_who_asks_again(hall: Hall):
    async def run(receive: Receive, send: Send) -> list[Message]:
        await accept(send)
        return [await receive() for _ in range(3)]

    script = Script(run)
    async with hall.connect(hall.serve(script)) as peer:
        await peer.close(4000)
    assert [message["code"] for message in await script.end()] == [4000] * 3


async def test_several_tasks_may_receive(hall: Hall):
    async def run(receive: Receive, send: Send) -> list[Message]:
        await accept(send)
        waiting = [asyncio.ensure_future(receive()) for _ in range(4)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        ready.set()
        return [await one for one in waiting[1:]]

    ready = asyncio.Event()
    script = Script(run)
    async with hall.connect(hall.serve(script)) as peer:
        await ready.wait()
        await peer.send("a")
        await peer.send("b")
        await peer.close(4000)
    got = await script.end()
    assert [message.get("text", message.get("code")) for message in got] == ["a", "b", 4000]


async def test_an_application_that_returns_closes_normally(hall: Hall):
    script = Script(lambda _receive, send: accept(send))
    async with hall.connect(hall.serve(script)) as peer:
        with pytest.raises(ConnectionClosed):
            await peer.recv()
        assert peer.close_code == 1000


async def test_an_application_that_fails_is_1011(hall: Hall, caplog: pytest.LogCaptureFixture):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        raise ValueError("broken")

    async with hall.connect(hall.serve(Script(run))) as peer:
        with pytest.raises(ConnectionClosed):
            await peer.recv()
        assert peer.close_code == 1011
    assert "ValueError: broken" in caplog.text


async def test_what_comes_after_the_applications_close_is_nobodys(hall: Hall):
    async def run(receive: Receive, send: Send) -> list[Message]:
        await accept(send)
        await receive()
        await send({"type": "websocket.close"})
        return [await receive()]

    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        await peer.send(frame(TEXT, b"stop"))
        assert (await peer.frame()) == Frame(CLOSE, b"\x03\xe8")
        await peer.send(frame(TEXT, b"too late", fin=False) + close(1000))
        await peer.left()
    assert [message["type"] for message in await script.end()] == ["websocket.disconnect"]


async def test_a_peer_that_ignores_our_close_is_dropped(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, stage: object
):
    monkeypatch.setattr(protocol, "_CLOSE_TIMEOUT", 0.0)
    script = Script(lambda _receive, send: accept(send))
    async with hall.raw(hall.serve(script)) as peer:
        assert (await peer.frame()) is not None
        with pytest.raises((ConnectionError, AssertionError)):
            await peer.left()
            raise ConnectionError("dropped without a reset, as TLS does")


async def test_a_stopping_server_closes_what_is_open(new_hall: OpenHall):
    async with new_hall() as hall:
        opened, asking = Listener(), asyncio.Event()

        async def run(receive: Receive, _send: Send) -> Message:
            asking.set()
            return await receive()

        waiting = Script(run)
        peer = await hall.talk(opened)
        async with hall.line() as (reader, writer):
            writer.write(request(hall.serve(waiting)))
            await asking.wait()
            assert len(hall.server.server_state.connections) == 2
            assert len(hall.server.server_state.tasks) == 2
            await hall.stop()
            await peer.wait_closed()
            assert peer.close_code == 1012
            assert (await reader.read()).startswith((b"HTTP/1.1 503 ", b"HTTP/1.1 500 "))
        assert [message["code"] for message in opened.received] == [1012]
        assert (await waiting.end())["type"] == "websocket.disconnect"
        assert not hall.server.server_state.connections
        assert not hall.server.server_state.tasks


async def test_a_stopping_server_does_not_wait_for_who_never_answers(
    new_hall: OpenHall, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(protocol, "_CLOSE_TIMEOUT_AT_SHUTDOWN", 0.0)
    async with new_hall() as hall, hall.raw(hall.serve(Listener())) as peer:
        await hall.stop()
        answer = await peer.frame()
        assert answer is not None
        assert answer.code == 1012


async def test_connections_and_tasks_are_counted_out(hall: Hall):
    echo = Echo()
    async with hall.connect(hall.serve(echo)) as peer:
        await peer.send("a")
        await peer.recv()
        assert len(hall.server.server_state.connections) == 1
        assert len(hall.server.server_state.tasks) == 1
    await hall.quiet()
