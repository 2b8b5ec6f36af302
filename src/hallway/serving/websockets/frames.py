"""Messages out of frames: what RFC 6455 asks of a receiver beyond what picows sees to."""

from typing import Protocol

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from hallway.serving.websockets.closing import CloseCode, Violation, parse_close
from hallway.serving.websockets.inbox import Inbox

# Looking a member up in picows' enumeration takes as long as decoding a short message.
_CONTINUATION = WSMsgType.CONTINUATION
_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG

# A frame of this size makes picows' buffer grow so far that it is worth giving back.
_BULKY = 1 << 18


class Control(Protocol):
    """Who is told of control frames."""

    def pinged(self, payload: bytes) -> None:
        """Take that the peer wants a pong."""

    def ponged(self, payload: bytes) -> None:
        """Take that the peer sent a pong."""

    def peer_closed(self, code: int | None, reason: str) -> None:
        """Take that the peer closes, or confirms that we do."""


class Frames(WSListener):
    """Takes the frames of one connection as picows finds them, and puts messages together.

    A `Violation` is raised through picows, which answers it with a Close frame.

    Args:
        inbox: Where messages go.
        control: Who is told of control frames.
        max_size: How large a message may be in bytes, its fragments taken together; picows sees to a single frame.
    """

    def __init__(self, inbox: Inbox, control: Control, *, max_size: int) -> None:
        self._inbox = inbox
        self._control = control
        self._max_size = max_size
        self._fragments: bytearray | None = None
        self._fragments_are_text = False
        self._data_wanted = True
        self._over = False
        self._swollen = False
        self.parser_disposable = False
        """Whether the parser has grown for a large frame, and holds nothing any more."""

    def expect_close(self) -> None:
        """Take nothing but a Close frame from now on: a message that comes after ours is for nobody."""
        self._data_wanted = False
        self._fragments = None

    def parser_renewed(self) -> None:
        """Take that a new parser finds the next frames."""
        self._swollen = self.parser_disposable = False

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame, which is valid only during the call."""
        if self._over:
            return
        try:
            if frame.rsv1 or frame.rsv2 or frame.rsv3:
                _refuse_extensions()
            kind = frame.msg_type
            if kind is _TEXT or kind is _BINARY or kind is _CONTINUATION:
                if self._data_wanted:
                    self._take_data(kind, frame)
                if self._swollen:
                    self.parser_disposable = frame.tail_size == 0
            else:
                self._take_control(kind, frame)
        except Exception:
            self._over = True  # what follows in the same read is not looked at (section 7.1.7)
            raise

    def _take_control(self, kind: WSMsgType, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if kind is _PING:
            self._control.pinged(payload)
        elif kind is _PONG:
            self._control.ponged(payload)
        else:
            code, reason = parse_close(payload)
            self._over = True  # section 5.5.1: nothing may follow
            self._control.peer_closed(code, reason)

    def _take_data(self, kind: WSMsgType, frame: WSFrame) -> None:
        size = frame.payload_size
        if size >= _BULKY:
            self._swollen = True
        if kind is _CONTINUATION:
            self._continue(frame)
        elif self._fragments is not None:
            # Section 5.4: fragments of different messages are not interleaved.
            raise Violation(CloseCode.PROTOCOL_ERROR, "a message begins inside another one")
        elif not frame.fin:
            self._fragments = bytearray(frame.get_payload_as_memoryview())
            self._fragments_are_text = kind is _TEXT
        elif kind is _TEXT:
            try:
                text = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError as error:
                raise _not_utf8() from error
            self._inbox.put({"type": "websocket.receive", "text": text}, size)
        else:
            self._inbox.put({"type": "websocket.receive", "bytes": frame.get_payload_as_bytes()}, size)

    def _continue(self, frame: WSFrame) -> None:
        # In one buffer: a list of pieces would cost its keeper many times what tiny fragments cost their sender.
        body = self._fragments
        if body is None:
            raise Violation(CloseCode.PROTOCOL_ERROR, "a fragment continues no message")
        if len(body) + frame.payload_size > self._max_size:
            raise Violation(CloseCode.TOO_BIG, f"a message of more than {self._max_size} bytes")
        body += frame.get_payload_as_memoryview()
        if not frame.fin:
            return
        self._fragments = None
        if not self._fragments_are_text:
            self._inbox.put({"type": "websocket.receive", "bytes": bytes(body)}, len(body))
            return
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise _not_utf8() from error
        self._inbox.put({"type": "websocket.receive", "text": text}, len(body))


def _refuse_extensions() -> None:
    # Section 5.2: none was agreed on that would give the reserved bits a meaning.
    raise Violation(CloseCode.PROTOCOL_ERROR, "a reserved bit is set")


def _not_utf8() -> Violation:
    return Violation(CloseCode.INVALID_DATA, "text that is not UTF-8")  # section 8.1
