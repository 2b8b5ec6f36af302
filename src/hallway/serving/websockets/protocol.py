"""One connection, as asyncio and uvicorn see it: bytes come, the application answers, somebody closes."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.server import ServerState

from hallway.serving.asgi import ASGIApp
from hallway.serving.websockets import responses
from hallway.serving.websockets.closing import CloseCode
from hallway.serving.websockets.conversation import Conversation
from hallway.serving.websockets.engine import Engine
from hallway.serving.websockets.frames import Frames
from hallway.serving.websockets.inbox import Inbox
from hallway.serving.websockets.intake import Intake
from hallway.serving.websockets.keepalive import Keepalive
from hallway.serving.websockets.opening import Opening, Refused, read_opening
from hallway.serving.websockets.responses import Header
from hallway.serving.websockets.scope import make_scope
from hallway.serving.websockets.states import Disconnected, Lifecycle, State

# What may wait for the application, besides `ws_max_queue` messages, before the peer has to wait.
_INBOX_BYTES = 1 << 20
# How long a peer may take to answer our Close frame, and to read what it still has to get.
_CLOSE_TIMEOUT = 10.0
_CLOSE_TIMEOUT_AT_SHUTDOWN = 1.0


class PicowsProtocol(asyncio.Protocol):
    """A WebSocket connection of uvicorn's, whose frames picows parses and writes.

    Args:
        config: uvicorn's; of it count the application, `root_path` and the `ws_` settings, but for compression.
        server_state: What the server counts connections and tasks in.
        app_state: What the lifespan has put there, for the scope.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._server_state = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self.life = Lifecycle()
        self.blocked = False
        self._unblocked: asyncio.Event | None = None
        self._owed_pong: bytes | None = None
        self.inbox = Inbox(max_messages=max(config.ws_max_queue, 1), max_bytes=_INBOX_BYTES)
        self._frames = Frames(self.inbox, self, max_size=config.ws_max_size)
        self._keepalive = Keepalive(
            self._loop,
            interval=config.ws_ping_interval,
            timeout=config.ws_ping_timeout,
            ping=self._ping,
            silent=self._peer_is_silent,
        )
        self._intake: Intake
        self._opening: Opening | None = None
        self._engine: Engine | None = None
        self._close_timer: asyncio.TimerHandle | None = None

    # --- uvicorn's and asyncio's calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over from uvicorn's HTTP protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._intake = Intake(self._transport, self.inbox, self._keepalive, self._fail)
        self._server_state.connections.add(cast("Any", self))

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent; at first it is its request, whole."""
        if self._opening is None and self.life.state is State.CONNECTING:
            self._open(data)
        else:
            self._intake.take(data)

    def eof_received(self) -> None:
        """Take that the peer sends nothing more; the transport closes itself, and that is the end."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Clean up."""
        self._server_state.connections.discard(cast("Any", self))
        if self._engine is not None:
            self._engine.lose()
        if self.life.state is not State.CLOSED:
            self.inbox.end(CloseCode.ABNORMAL, "")
            self.life.move(State.CLOSED)
        self._intake.stop()
        self._be_silent()
        if self._close_timer is not None:
            self._close_timer.cancel()

    def pause_writing(self) -> None:
        """Have the application wait: the peer reads too slowly."""
        if self.life.state in {State.OPEN, State.DENYING}:
            self.blocked = True

    def resume_writing(self) -> None:
        """Have the application go on."""
        self._unblock()
        if self._owed_pong is not None:
            self._open_engine.send_pong(self._owed_pong)
            self._owed_pong = None

    def shutdown(self) -> None:
        """End the connection, for the server stops."""
        match self.life.state:
            case State.CONNECTING:
                self.inbox.end(CloseCode.ABNORMAL, "the server stops")
                self._refuse(503, "The server stops.")
            case State.OPEN:
                self.close(CloseCode.SERVICE_RESTART, "the server stops", by_application=False)
            case State.DENYING:
                return  # it ends with its response, as one over HTTP does
            case _:
                pass
        self._close_within(_CLOSE_TIMEOUT_AT_SHUTDOWN)

    # --- what the application does ----------------------------------------------------------------------------

    @property
    def default_headers(self) -> list[Header]:
        """The headers that the server adds to every response."""
        return self._server_state.default_headers

    async def unblocked(self) -> None:
        """Wait until more may be sent, or nothing any more."""
        if self._unblocked is None:
            self._unblocked = asyncio.Event()
        await self._unblocked.wait()

    @property
    def breaking(self) -> bool:
        """Whether the transport has met its end, of which the loop has yet to tell."""
        return self._transport.is_closing()

    def accept(self, subprotocol: str | None, headers: Iterable[Header]) -> Engine:
        """Open the WebSocket, and give what writes its frames."""
        assert self._opening is not None, "only what was asked for is accepted"
        if self._transport.is_closing():
            raise Disconnected
        key = self._opening.accept_key
        self._transport.write(responses.switching(key, subprotocol, self.default_headers, headers))
        self._engine = Engine(self._transport, self._frames, max_frame=self._config.ws_max_size)
        self.life.move(State.OPEN)
        self._keepalive.start()
        self._intake.start(self._engine)
        return self._engine

    def respond(self, data: bytes, *, last: bool) -> None:
        """Send a part of the response that denies the WebSocket."""
        self._transport.write(data)
        if last:
            self.inbox.end(CloseCode.ABNORMAL, "")
            self.life.move(State.CLOSED, by_application=True)
            self._close_transport()

    def close(self, code: int, reason: str, *, by_application: bool) -> None:
        """Begin the closing handshake (RFC 6455 section 7.1.2)."""
        self._open_engine.send_close(code, reason)
        self.life.move(State.CLOSING, by_application=by_application)
        self.inbox.end(code, reason)
        self._be_silent()
        self._close_within(_CLOSE_TIMEOUT)
        self._frames.expect_close()
        self._intake.only_for_close()

    def abort(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    # --- what the peer's frames do ----------------------------------------------------------------------------

    def pinged(self, payload: bytes) -> None:
        """Answer a ping; of many to a peer that does not read the answers, only the last (section 5.5.3)."""
        if self.blocked:
            self._owed_pong = payload
        else:
            self._open_engine.send_pong(payload)

    def ponged(self, payload: bytes) -> None:
        """Take an answer to a ping of ours."""
        self._keepalive.answered(payload)

    def peer_closed(self, code: int | None, reason: str) -> None:
        """Answer the peer's Close frame, or take it for the answer to ours, and close (section 7.1.1)."""
        if self.life.state is State.OPEN:
            self._open_engine.send_close(code, "")
            self.inbox.end(CloseCode.NO_STATUS if code is None else code, reason)
        self.life.move(State.CLOSED)
        self._be_silent()
        self._close_transport()

    # --- opening ----------------------------------------------------------------------------------------------

    def _open(self, request: bytes) -> None:
        try:
            self._opening = read_opening(request)
        except Refused as refused:
            self._refuse(refused.status, refused.text, refused.headers)
            return
        scope = make_scope(self._opening, self._transport, self._config, self._app_state)
        self.inbox.put({"type": "websocket.connect"}, 0)
        application = cast("ASGIApp", self._config.loaded_app)  # pyright: ignore[reportUnknownMemberType]
        task = self._loop.create_task(Conversation(self, application, scope).run())
        self._server_state.tasks.add(task)
        task.add_done_callback(self._server_state.tasks.discard)

    def _refuse(self, status: int, text: str, headers: Iterable[Header] = ()) -> None:
        self._transport.write(responses.refusal(status, text, self.default_headers, headers))
        self.life.move(State.CLOSED)
        self._close_transport()

    @property
    def _open_engine(self) -> Engine:
        assert self._engine is not None, "only open connections have frames"
        return self._engine

    # --- ending -----------------------------------------------------------------------------------------------

    def _fail(self) -> None:
        """End what picows has told the peer is over (section 7.1.7)."""
        self.inbox.end(*self._open_engine.failure)
        self._linger()

    def _ping(self, payload: bytes) -> None:
        self._open_engine.send_ping(payload)

    def _peer_is_silent(self) -> None:
        reason = "no answer to a ping"
        self._open_engine.send_close(CloseCode.INTERNAL_ERROR, reason)
        self.inbox.end(CloseCode.INTERNAL_ERROR, reason)
        self._linger()

    def _linger(self) -> None:
        """Stop sending, and read to the peer's end.

        To close with bytes unread is a reset, which may take our Close frame from the peer before it has read it.
        """
        self.life.move(State.FAILED)
        self._be_silent()
        self._intake.discard()
        if self._transport.can_write_eof():
            with contextlib.suppress(OSError):  # the peer has reset the connection
                self._transport.write_eof()
            self._close_within(_CLOSE_TIMEOUT)
        else:
            self._close_transport()

    def _be_silent(self) -> None:
        """Send nothing any more, and let go of whoever waits to."""
        self._keepalive.stop()
        self._owed_pong = None
        self._unblock()

    def _unblock(self) -> None:
        self.blocked = False
        if self._unblocked is not None:
            self._unblocked.set()
            self._unblocked = None

    def _close_transport(self) -> None:
        self._intake.stop()
        self._transport.close()
        self._close_within(_CLOSE_TIMEOUT)  # a peer that does not read would keep it open for ever

    def _close_within(self, seconds: float) -> None:
        if self._close_timer is not None:
            self._close_timer.cancel()
        self._close_timer = self._loop.call_later(seconds, self._transport.abort)
