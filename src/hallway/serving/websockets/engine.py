"""picows as a parser and writer of frames, without a handshake and without a network of its own.

picows 2.3 is a server of its own: its `WSProtocol` takes the transport, parses the request and answers it at once.
ASGI has the application answer, possibly much later, and picows refuses what browsers send (Firefox has
`Connection: keep-alive, Upgrade`). So the handshake is ours; when it is done, a `WSProtocol` is taken past its own
with a made-up request, and fed with what arrives. This module alone knows how it works inside, which is why
pyproject.toml sets an upper bound.
"""

import logging
import socket
from asyncio import Transport
from collections.abc import Callable
from typing import Any, Protocol, cast

from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
)
from picows import picows as _core

from hallway.serving.websockets.closing import fitting
from hallway.serving.websockets.frames import Frames

_log = logging.getLogger("hallway.websocket.picows")

_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY

# What picows starts with; it doubles when a frame needs more. Its own 16 KiB are 12 KiB too many for an idle socket.
_READ_BUFFER = 4096

# Well formed, to any picows; the key is the one of RFC 6455 section 1.3.
_MADE_UP_REQUEST = (
    b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class _Parser(Protocol):
    """What we use of `picows.picows.WSProtocol`, which picows' own stubs leave out."""

    transport: WSTransport

    def connection_made(self, transport: "_Line") -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...
    def get_buffer(self, size_hint: int) -> memoryview: ...
    def buffer_updated(self, nbytes: int) -> None: ...


_make_parser = cast("Callable[..., _Parser]", vars(_core)["WSProtocol"])


class Engine:
    """Frames in and out of one open connection.

    Args:
        transport: Where frames are written to.
        frames: Takes those that arrive.
        max_frame: How large a frame may be, in bytes.
    """

    __slots__ = ("_close_sent", "_frames", "_line", "_max_frame", "_out", "_parser", "_transport")

    def __init__(self, transport: Transport, frames: Frames, *, max_frame: int) -> None:
        self._transport = transport
        self._frames = frames
        self._max_frame = max_frame
        self._close_sent = False
        self._arm()

    def feed(self, data: bytes | memoryview) -> int:
        """Parse the beginning of what has arrived.

        Returns:
            How many bytes were taken: few enough that a caller can stop between messages; 0 if picows has given the
            peer up, so that nothing more is to be fed.
        """
        parser = self._parser
        room = parser.get_buffer(-1)
        # picows doubles its buffer for good once it is 90 % full; speed alone is no reason to.
        size = min(len(data), len(room) * 7 // 8)
        room[:size] = data if size == len(data) else data[:size]
        parser.buffer_updated(size)
        if self._out.is_close_frame_sent and (self._line.let_go or not self._close_sent):
            return 0
        if self._frames.parser_disposable:
            self._renew()
        return size

    @property
    def failure(self) -> tuple[int, str]:
        """The code and reason of the Close frame that picows has sent on its own."""
        sent = self._out.close_handshake.sent
        assert sent is not None, "picows has failed no connection"
        return int(cast("int", sent.code)), sent.reason

    def send_text(self, text: str) -> None:
        """Send a text message."""
        self._out.send(_TEXT, text)

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self._out.send(_BINARY, data)

    def send_ping(self, payload: bytes) -> None:
        """Send a ping."""
        self._out.send_ping(payload)

    def send_pong(self, payload: bytes) -> None:
        """Send a pong."""
        self._out.send_pong(payload)

    def send_close(self, code: int | None, reason: str) -> None:
        """Send a Close frame, after which nothing is sent any more.

        Args:
            code: The code, None for a frame without one.
            reason: Shortened to what fits.
        """
        self._close_sent = True
        if code is None:
            self._out.send(WSMsgType.CLOSE, b"")
        else:
            # A C enumeration, which takes any number; the stub knows the named ones only.
            self._out.send_close(cast("WSCloseCode", code), fitting(reason))

    def lose(self) -> None:
        """Send nothing more: picows writes to the number of the socket, which may soon be another connection's."""
        self._parser.connection_lost(None)

    def _arm(self) -> None:
        self._line = _Line(self._transport)
        self._parser = _make_parser(
            None,  # host and port, of clients
            None,  # path, of clients
            False,  # is no client
            self._answer,
            # No Logger, for each of which picows would make a child a connection.
            cast("logging.Logger", _Discreet(_log)),
            True,  # disconnect on exceptions
            None,  # timeout of the handshake
            False,  # pings: see `keepalive`
            0,
            0,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # pongs: a flood of pings must not fill the memory with answers
            self._max_frame,
            None,  # headers, of clients
            _READ_BUFFER,
        )
        self._parser.connection_made(self._line)
        self._out = self._parser.transport
        self._parser.get_buffer(-1)[: len(_MADE_UP_REQUEST)] = _MADE_UP_REQUEST
        self._parser.buffer_updated(len(_MADE_UP_REQUEST))
        self._line.shaking_hands = False

    def _answer(self, _request: WSUpgradeRequest) -> Frames:
        return self._frames

    def _renew(self) -> None:
        # The buffer of a parser never shrinks: 16 MB once would be 32 MB for as long as the connection lives.
        if not self._close_sent:
            self._arm()
        self._frames.parser_renewed()


class _Discreet(logging.LoggerAdapter[logging.Logger]):
    """picows' log: what a peer does wrong is no error of the host, and is told by the connection's end already."""

    def error(self, msg: object, *args: object, **kwargs: Any) -> None:
        self.debug(msg, *args, **kwargs)

    def info(self, msg: object, *args: object, **kwargs: Any) -> None:
        pass  # three lines a connection


class _Line:
    """The transport as picows is to see it: one that lets others speak first, and close it."""

    __slots__ = ("_socket", "_transport", "_write", "get_write_buffer_size", "let_go", "shaking_hands")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self._socket = _Socket(transport.get_extra_info("socket"))
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.shaking_hands = True
        self.let_go = False

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Tell about the connection."""
        return self._socket if name == "socket" else self._transport.get_extra_info(name, default)

    def write(self, data: bytes) -> None:
        """Send bytes, but for picows' own answer to the made-up request."""
        if not self.shaking_hands:
            self._write(data)

    def writelines(self, pieces: list[bytes | memoryview]) -> None:
        """Send a large frame, of which picows lends the header only until it writes the next one.

        uvloop, and asyncio since Python 3.12, would keep what cannot be sent at once without copying it.
        """
        self._write(b"".join(pieces))

    def close(self) -> None:
        """Take that picows wants no more of this peer. Closing is ours, who let the peer read why."""
        self.let_go = True


class _Socket:
    """The socket as picows is to see it: one that has the options of TCP, or does not say that it has not."""

    __slots__ = ("_number", "_tcp")

    def __init__(self, real: socket.socket) -> None:
        self._number = real.fileno()
        self._tcp = None if real.family == socket.AF_UNIX else real

    def fileno(self) -> int:
        """Give its number, to which picows writes directly as long as the transport's buffer is empty."""
        return self._number

    def setsockopt(self, level: int, option: int, value: int) -> None:
        """Set an option, such as TCP_NODELAY."""
        if self._tcp is not None:
            self._tcp.setsockopt(level, option, value)

    def getsockopt(self, *_option: int) -> int:
        """Tell picows nothing: it only wants to log it."""
        return 0
