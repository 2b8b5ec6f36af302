"""Whatever a peer sends, what is well formed arrives, and nothing breaks the server."""

import asyncio
import random
import tracemalloc

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .conftest import OpenHall
from .frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close, frame
from .offline import Offline
from .stage import Echo, Hall, Listener, Stage

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("stage", [Stage("picows", "tcp")], indirect=True, ids=str),
]

opcodes = st.sampled_from([CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG, 0x3, 0xB])
payloads = st.binary(max_size=300) | st.text(max_size=100).map(str.encode)
any_frames = st.builds(
    frame,
    opcodes,
    payloads,
    fin=st.booleans(),
    reserved=st.sampled_from([0, 0, 0, 0, 1, 4]),
    masked=st.sampled_from([True, True, True, True, False]),
)
texts = st.tuples(st.just(TEXT), st.text(max_size=200).map(str.encode))
binaries = st.tuples(st.just(BINARY), st.binary(max_size=5000))
pings = st.tuples(st.just(PING), st.binary(max_size=125))
conversations = st.lists(texts | binaries | pings, max_size=30)


def in_pieces(data: bytes, seed: int) -> list[bytes]:
    """Cut bytes at random places."""
    rng = random.Random(seed)
    cuts = sorted(rng.choices(range(len(data) + 1), k=rng.choice([0, 1, 5, 50])))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]


def in_fragments(opcode: int, payload: bytes, seed: int) -> list[bytes]:
    """Write a message as several frames, or one."""
    pieces = in_pieces(payload, seed) or [b""]
    return [
        frame(CONTINUATION if number else opcode, piece, fin=number == len(pieces) - 1)
        for number, piece in enumerate(pieces)
    ]


@given(conversations, st.integers(0, 1 << 32))
async def test_messages_do_not_depend_on_how_they_are_cut(sent: list[tuple[int, bytes]], seed: int):
    echo = Echo()
    connection = Offline(echo, ws_max_queue=3)
    await connection.open()
    wire = b"".join(
        frame(opcode, payload) if opcode == PING else b"".join(in_fragments(opcode, payload, seed))
        for opcode, payload in sent
    )
    for piece in in_pieces(wire, seed):
        await connection.send(piece)
    for _ in range(2 * len(sent)):  # turns of the loop in which the application may answer
        await asyncio.sleep(0)
    replies = [(one.opcode, one.payload) for one in connection.frames]
    assert [one for one in replies if one[0] != PONG] == [one for one in sent if one[0] != PING]
    assert [one[1] for one in replies if one[0] == PONG] == [one[1] for one in sent if one[0] == PING]
    await connection.lose()


@given(st.lists(any_frames, max_size=20), st.integers(0, 1 << 32))
@example([frame(TEXT, b"a", fin=False), close(1000)], 0)
async def test_any_frames_end_in_order(sent: list[bytes], seed: int):
    listener = Listener()
    connection = Offline(listener, ws_max_size=1000)
    await connection.open()
    for piece in in_pieces(b"".join(sent), seed):
        await connection.send(piece)
    await connection.lose()
    replies = connection.frames
    assert all(one.opcode == PONG for one in replies[:-1])
    if replies and replies[-1].opcode == CLOSE:
        assert replies[-1].code in {None, 1002, 1007, 1009} or 1000 <= replies[-1].code < 5000  # type: ignore
    assert [one["type"] for one in listener.received[:-1]] == ["websocket.receive"] * (
        len(listener.received) - 1
    )
    assert listener.received[-1]["type"] == "websocket.disconnect"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=2000) | any_frames, max_size=5))
@example([b"\x81\xff\x7f" + b"\xff" * 7 + bytes(4)])
@example([b"\x82\xfe"])
@example([b"GET / HTTP/1.1\r\n\r\n"])
async def test_no_bytes_break_the_server(hall: Hall, sent: list[bytes]):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        peer.writer.write(b"".join(sent))
        peer.writer.write_eof()
        while await peer.frame() is not None:
            pass
    assert (await listener.end())["type"] == "websocket.disconnect"
    async with hall.connect(hall.serve(Echo())) as another:
        await another.send("still there?")
        assert await another.recv() == "still there?"
    await hall.quiet()


async def test_a_peer_that_broke_the_protocol_is_not_listened_to(new_hall: OpenHall):
    """What it goes on to send is neither kept nor looked at."""
    async with new_hall() as hall:
        listener = Listener()
        async with hall.raw(hall.serve(listener)) as peer:
            await peer.send(frame(0x3))
            answer = await peer.frame()
            assert answer is not None
            assert answer.code == 1002
            assert await peer.frame() is None
            (connection,) = hall.connections
            for _ in range(50):
                await peer.send(frame(TEXT, b"x" * 65536))
            assert not connection._intake._held
        await hall.quiet()
        assert [message["type"] for message in listener.received] == ["websocket.disconnect"]


async def test_a_large_message_leaves_no_large_buffer():
    listener = Listener()
    connection = Offline(listener, ws_max_size=1 << 24)
    await connection.open()
    tracemalloc.start()
    try:
        for _ in range(3):
            wire = frame(BINARY, bytes(8 << 20))
            for start in range(0, len(wire), 1 << 18):
                await connection.send(wire[start : start + (1 << 18)])
            await connection.send(frame(TEXT, b"the next one"))
        del wire
        listener.received.clear()
        kept, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    await connection.lose()
    assert kept < 1 << 20


async def test_tiny_fragments_cost_no_more_than_they_weigh():
    connection = Offline(Listener())
    await connection.open()
    fragments = frame(CONTINUATION, b"ab", fin=False) * 1000
    await connection.send(frame(BINARY, b"", fin=False))
    await connection.send(fragments)
    tracemalloc.start()
    try:
        for _ in range(100):
            await connection.send(fragments)
        kept, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    await connection.lose()
    assert kept < 100 * 2000 * 2


async def test_a_request_target_that_is_no_url_is_refused():
    connection = Offline(Listener())
    connection.protocol.data_received(
        b"GET http://[ HTTP/1.1\r\nhost: a\r\nsec-websocket-version: 13\r\n\r\n"
    )
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")
    await connection.lose()
