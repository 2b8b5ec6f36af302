"""Writing and reading frames by hand (RFC 6455 section 5.2), well formed or not."""

import struct
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_MASK = b"\x01\x02\x03\x04"


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, masked: bool = True
) -> bytes:
    """Write a frame as a client does, unless told otherwise."""
    head = bytes([fin << 7 | reserved << 4 | opcode])
    bit = masked << 7
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([bit | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", len(payload))
    if not masked:
        return head + payload
    mask = (_MASK * (len(payload) // 4 + 1))[: len(payload)]
    hidden = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(payload), "big")
    return head + _MASK + hidden


def close(code: int, reason: bytes = b"") -> bytes:
    """Write a client's Close frame."""
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


@dataclass(frozen=True)
class Frame:
    """A frame of the server's."""

    opcode: int
    payload: bytes

    @property
    def code(self) -> int | None:
        """The code of a Close frame."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else None

    @property
    def reason(self) -> str:
        """The reason of a Close frame."""
        return self.payload[2:].decode()


def split_frame(data: bytes) -> tuple[Frame, bytes] | None:
    """Take the first frame off what the server sent; None if it is not all there."""
    if len(data) < 2:
        return None
    assert data[0] & 0x70 == 0, "the server set a reserved bit"
    assert data[0] & 0x80, "the server fragments nothing"
    assert data[1] & 0x80 == 0, "the server masks nothing"
    size, start = data[1], 2
    if size == 126:
        size, start = int.from_bytes(data[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(data[2:10], "big"), 10
    if len(data) < start + size:
        return None
    return Frame(data[0] & 0xF, data[start : start + size]), data[start + size :]
