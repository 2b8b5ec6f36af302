"""The ASGI side of a connection: runs the application, and does what its messages say."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from hallway.serving.asgi import ASGIApp, Message, Scope
from hallway.serving.websockets import responses
from hallway.serving.websockets.closing import CloseCode, may_be_sent
from hallway.serving.websockets.engine import Engine
from hallway.serving.websockets.inbox import Inbox
from hallway.serving.websockets.responses import Header
from hallway.serving.websockets.states import Disconnected, Lifecycle, State

_log = logging.getLogger("hallway.websocket")

# What waits for a slow peer. What ends the connection does not.
_BULKY = frozenset({"websocket.send", "websocket.http.response.body"})


class Connection(Protocol):
    """What the application's messages work on."""

    life: Lifecycle
    blocked: bool
    """Whether the peer reads more slowly than is sent to it."""

    @property
    def default_headers(self) -> list[Header]:
        """The headers that the server adds to every response."""
        ...

    @property
    def inbox(self) -> Inbox:
        """The events for the application."""
        ...

    @property
    def breaking(self) -> bool:
        """Whether the transport has met its end, of which the loop has yet to tell."""
        ...

    async def unblocked(self) -> None:
        """Wait until more may be sent, or nothing any more."""

    def accept(self, subprotocol: str | None, headers: Iterable[Header]) -> Engine:
        """Open the WebSocket, and give what writes its frames."""
        ...

    def respond(self, data: bytes, *, last: bool) -> None:
        """Send a part of the response that denies the WebSocket."""

    def close(self, code: int, reason: str, *, by_application: bool) -> None:
        """Begin to close the WebSocket."""

    def abort(self) -> None:
        """Drop the connection."""


class Conversation:
    """What one application and one peer say to each other.

    Args:
        connection: The peer's connection.
        application: The application.
        scope: Its scope.
    """

    def __init__(self, connection: Connection, application: ASGIApp, scope: Scope) -> None:
        self._connection = connection
        self._application = application
        self._scope = scope
        self._denial: Message | None = None
        self._engine: Engine | None = None

    async def run(self) -> None:
        """Run the application, and end the connection as it ends."""
        try:
            await self._application(self._scope, self._connection.inbox.get, self._send)
        except Disconnected:
            self._end(CloseCode.NORMAL, "")  # nothing is left to end
        except Exception:  # noqa: BLE001 - an application may raise anything
            _log.exception("A WebSocket application failed at %s", self._scope["path"])
            self._end(CloseCode.INTERNAL_ERROR, "the application failed")
        except asyncio.CancelledError:
            self._end(CloseCode.INTERNAL_ERROR, "the application was stopped")
            raise
        else:
            # It has said all it had to say, and that is how a conversation ends normally. To drop the connection,
            # as uvicorn does, would be 1006 to the peer: an accident, after which most clients come again at once.
            self._end(CloseCode.NORMAL, "the application has ended")

    async def _send(self, message: Message) -> None:
        connection = self._connection
        kind: str = message["type"]
        if connection.blocked and kind in _BULKY:
            # Once, and not until it is free: of several senders, always the same one might find it so.
            await connection.unblocked()
        if connection.breaking:
            # An application that only ever sends would keep the loop from telling it that the peer has left.
            await asyncio.sleep(0)
        connection.life.check(kind)
        if kind == "websocket.send":
            self._send_data(message)
        elif kind == "websocket.accept":
            self._engine = connection.accept(message.get("subprotocol"), message.get("headers", ()))
        elif kind == "websocket.close":
            self._close(message)
        elif kind == "websocket.http.response.start":
            # Kept until there is a body, whose length may be known then.
            self._denial = message
            connection.life.move(State.DENYING)
        else:
            self._deny(message)

    def _send_data(self, message: Message) -> None:
        assert self._engine is not None, "the state is open"
        data: bytes | None = message.get("bytes")
        text: str | None = message.get("text")
        if (data is None) == (text is None):
            raise ValueError("A 'websocket.send' has either 'bytes' or 'text'.")
        if text is not None:
            self._engine.send_text(text)
        elif data is not None:
            self._engine.send_bytes(data)

    def _close(self, message: Message) -> None:
        if self._connection.life.state is State.CONNECTING:
            self._refuse(403)
            return
        code: int = message.get("code", CloseCode.NORMAL)
        if not may_be_sent(code):
            raise ValueError(f"{code} is no code to close a WebSocket with (RFC 6455 section 7.4).")
        self._connection.close(code, message.get("reason") or "", by_application=True)

    def _refuse(self, status: int) -> None:
        head = responses.denial_head(status, self._connection.default_headers, (), 0)
        self._connection.respond(head, last=True)

    def _deny(self, message: Message) -> None:
        body: bytes = message.get("body", b"")
        last = not message.get("more_body", False)
        start = self._denial
        if start is None:
            self._connection.respond(body, last=last)
            return
        status: int = start["status"]
        head = responses.denial_head(
            status,
            self._connection.default_headers,
            start.get("headers", ()),
            len(body) if last else None,
        )
        self._denial = None
        self._connection.respond(head + body, last=last)

    def _end(self, code: CloseCode, reason: str) -> None:
        connection = self._connection
        match connection.life.state:
            case State.OPEN:
                connection.close(code, reason, by_application=False)
            case State.CONNECTING:
                if code is CloseCode.NORMAL:
                    _log.error("A WebSocket application ended without an answer at %s", self._scope["path"])
                self._refuse(500)
            case State.DENYING if self._denial is not None:
                self._refuse(500)
            case State.DENYING:
                connection.abort()  # or half a response would look like a whole one
            case _:
                pass  # it ended before the application did
