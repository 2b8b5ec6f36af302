"""Messages out of frames: what RFC 6455 asks of a receiver beyond what picows sees to."""

from typing import Protocol

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from hallway.serving.websockets.closing import CloseCode, Violation, parse_close
from hallway.serving.websockets.inbox import Inbox

# Looking a member up in picows' enumeration takes longer than decoding a message.
_CONTINUATION = WSMsgType.CONTINUATION
_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG

# From this size on, a frame leaves a buffer behind that is worth giving back.
_BULKY = 1 << 18


class Control(Protocol):
    """Who is told of control frames."""

    def pinged(self, payload: bytes) -> None:
        """The peer wants a pong."""

    def ponged(self, payload: bytes) -> None:
        """The peer sent a pong."""

    def peer_closed(self, code: int | None, reason: str) -> None:
        """The peer closes, or confirms that we do."""


class Frames(WSListener):
    """Takes the frames of one connection as picows finds them, and puts messages together.

    A violation is raised through picows, which answers it with a Close frame.

    Args:
        inbox: Where messages go.
        control: Who is told of control frames.
        max_size: How large a message may be, in bytes, its fragments taken together.
    """

    def __init__(self, inbox: Inbox, control: Control, *, max_size: int) -> None:
        self._inbox = inbox
        self._control = control
        self._max_size = max_size
        self._fragments: bytearray | None = None
        self._fragmented_text = False
        self._data_wanted = True
        self._over = False
        self.parser_swollen = False
        """Whether the parser has grown for a large frame and holds nothing that came after it."""

    def expect_close(self) -> None:
        """Take nothing but a Close frame from now on: a message that comes after ours is for nobody."""
        self._data_wanted = False
        self._fragments = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame; `frame` is only valid during the call."""
        if self._over:
            return
        # Until all has gone well, what follows in the same read is not looked at (section 7.1.7).
        self._over = True
        self._take(frame)

    def _take(self, frame: WSFrame) -> None:
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            raise Violation(CloseCode.PROTOCOL_ERROR, "a reserved bit is set")  # section 5.2: no extension is used
        kind = frame.msg_type
        self._over = False
        if kind is _TEXT or kind is _BINARY or kind is _CONTINUATION:
            pass


def _decode(frame: WSFrame) -> str:
    return frame.get_payload_as_utf8_text()
