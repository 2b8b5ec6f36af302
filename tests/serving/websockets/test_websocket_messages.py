"""Messages in both directions, and what a peer must not send."""

import asyncio

import pytest

from hallway.serving.asgi import Message, Receive, Send

from .frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, close, frame
from .stage import MAX_SIZE, Echo, Hall, Listener, Script, accept

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 5 << 20])
async def test_messages_of_any_size_come_and_go(hall: Hall, size: int):
    async with hall.connect(hall.serve(Echo())) as peer:
        data = bytes(range(256)) * (size // 256 + 1)
        await peer.send(data[:size])
        assert await peer.recv() == data[:size]
        await peer.send("ä" * (size // 2))
        assert await peer.recv() == "ä" * (size // 2)
        await peer.send("still here")
        assert await peer.recv() == "still here"


@pytest.mark.parametrize("kind", [TEXT, BINARY])
async def test_fragments_are_put_together(hall: Hall, kind: int):
    whole = "aä€😀".encode()
    async with hall.raw(hall.serve(Echo())) as peer:
        await peer.send(frame(kind, whole[:2], fin=False))  # inside a character
        await peer.send(frame(CONTINUATION, b"", fin=False))
        await peer.send(frame(PING, b"in between"))
        await peer.send(frame(CONTINUATION, whole[2:7], fin=False))
        await peer.send(frame(CONTINUATION, whole[7:]))
        assert await peer.frame() == Frame(PONG, b"in between")
        assert await peer.frame() == Frame(kind, whole)


async def test_frames_may_arrive_byte_by_byte(hall: Hall):
    async with hall.raw(hall.serve(Echo())) as peer:
        for byte in frame(TEXT, b"slowly") + frame(BINARY, b"x" * 200):
            await peer.send(bytes([byte]))
        assert await peer.frame() == Frame(TEXT, b"slowly")
        assert await peer.frame() == Frame(BINARY, b"x" * 200)


async def test_frames_may_arrive_many_at_once(hall: Hall):
    texts = [str(number).encode() for number in range(5000)]
    async with hall.raw(hall.serve(Echo())) as peer:
        peer.writer.write(b"".join(frame(TEXT, text) for text in texts))
        assert [await peer.frame() for _ in texts] == [Frame(TEXT, text) for text in texts]


async def test_a_ping_is_answered_and_a_pong_is_not(hall: Hall):
    async with hall.raw(hall.serve(Echo())) as peer:
        await peer.send(frame(PONG, b"unasked for") + frame(PING, b"x" * 125) + frame(PING))
        assert await peer.frame() == Frame(PONG, b"x" * 125)
        assert await peer.frame() == Frame(PONG, b"")


async def test_large_and_small_messages_reach_a_slow_reader_intact(hall: Hall):
    """picows lends the header of a large frame only until it writes the next one."""
    sizes = [1 << 14, 5, 1 << 15, 300, 1 << 17, 0] * 60

    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        for size in sizes:
            await send({"type": "websocket.send", "bytes": bytes([size % 251]) * size})

    script = Script(run)
    async with hall.connect(hall.serve(script)) as peer:
        # Until the application waits for us, nothing is read.
        while not any(getattr(connection, "blocked", True) for connection in hall.connections):
            await asyncio.sleep(0)
        for size in sizes:
            assert await peer.recv() == bytes([size % 251]) * size


@pytest.mark.parametrize(
    "message",
    [{"text": "a", "bytes": b"b"}, {}, {"text": None, "bytes": None}, {"text": "\ud800"}],
    ids=["both", "none", "both-none", "surrogate"],
)
async def test_a_message_is_either_text_or_bytes(hall: Hall, message: Message):
    async def run(_receive: Receive, send: Send) -> None:
        await accept(send)
        await send({"type": "websocket.send", **message})

    script = Script(run)
    async with hall.raw(hall.serve(script)) as peer:
        ended = await peer.frame()
        assert ended is not None
        assert ended.code == 1011
    with pytest.raises(ValueError):
        await script.end()


async def test_any_buffer_can_be_sent(hall: Hall):
    async def run(receive: Receive, send: Send) -> None:
        await accept(send)
        for data in (bytearray(b"array"), memoryview(b"a view"), memoryview(bytes(20000))):
            await send({"type": "websocket.send", "bytes": data})
        await receive()

    async with hall.connect(hall.serve(Script(run))) as peer:
        assert [await peer.recv() for _ in range(3)] == [b"array", b"a view", bytes(20000)]


VIOLATIONS: dict[str, tuple[bytes, int]] = {
    "a frame without a mask": (frame(TEXT, b"a", masked=False), 1002),
    "an unknown opcode": (frame(0x3, b"a"), 1002),
    "an unknown control opcode": (frame(0xB, b"a"), 1002),
    "a reserved bit": (frame(TEXT, b"a", reserved=0b100), 1002),
    "another reserved bit": (frame(BINARY, b"a", reserved=0b001), 1002),
    "a ping in fragments": (frame(PING, b"a", fin=False), 1002),
    "a long ping": (frame(PING, b"a" * 126), 1002),
    "a fragment of nothing": (frame(CONTINUATION, b"a"), 1002),
    "a message inside a message": (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    "a negative length": (b"\x82\xff" + b"\xff" * 8 + bytes(4), 1002),
    "text that is not UTF-8": (frame(TEXT, b"\xff\xfe"), 1007),
    "text that ends inside a character": (frame(TEXT, "ä".encode()[:1]), 1007),
    "a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "fragments that are not UTF-8": (
        frame(TEXT, b"\xc3", fin=False) + frame(CONTINUATION, b"\x28"),
        1007,
    ),
    "half a code": (frame(CLOSE, b"\x03"), 1002),
    "a reason that is not UTF-8": (close(1000, b"\xff"), 1007),
    **{
        f"the code {code}": (close(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)
    },
}


@pytest.mark.parametrize("violation", VIOLATIONS)
async def test_a_violation_is_answered_with_its_code(hall: Hall, violation: str):
    data, code = VIOLATIONS[violation]
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        await peer.send(data + frame(TEXT, b"ignored") + close(1000))
        answer = await peer.frame()
        assert answer is not None
        assert (answer.opcode, answer.code) == (CLOSE, code)
        await peer.left()
    assert (await listener.end())["code"] == code
    assert [message["type"] for message in listener.received] == ["websocket.disconnect"]


async def test_what_came_before_a_violation_counts(hall: Hall):
    listener = Listener()
    async with hall.raw(hall.serve(listener)) as peer:
        await peer.send(frame(TEXT, b"fine") + frame(0x3))
        assert (await listener.end())["code"] == 1002
    assert [message.get("text") for message in listener.received] == ["fine", None]


@pytest.mark.parametrize("fragments", [1, 2, 7])
async def test_a_message_is_too_big_whether_whole_or_in_fragments(hall: Hall, fragments: int):
    listener = Listener()
    piece = bytes(MAX_SIZE // fragments + 1)
    async with hall.raw(hall.serve(listener)) as peer:
        reading = asyncio.create_task(peer.frame())
        for number in range(fragments):
            opcode = BINARY if number == 0 else CONTINUATION
            await peer.send(frame(opcode, piece, fin=number == fragments - 1))
        answer = await reading
        assert answer is not None
        assert (answer.opcode, answer.code) == (CLOSE, 1009)
        peer.writer.close()
    assert (await listener.end())["code"] == 1009


async def test_a_message_may_be_as_big_as_allowed(hall: Hall):
    half = bytes(MAX_SIZE // 2)
    async with hall.raw(hall.serve(Echo())) as peer:
        await peer.send(frame(BINARY, half, fin=False) + frame(CONTINUATION, half))
        assert await peer.frame() == Frame(BINARY, half + half)
