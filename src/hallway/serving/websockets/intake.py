"""What arrives, on its way from the transport to the parser: no faster than the application takes messages."""

from asyncio import Transport
from collections.abc import Callable

from hallway.serving.websockets.engine import Engine
from hallway.serving.websockets.inbox import Inbox
from hallway.serving.websockets.keepalive import Keepalive

# How much a peer may send before it is accepted. RFC 6455 section 4.1 has it wait; not all do.
_EARLY_BYTES = 1 << 16


class Intake:
    """Feeds the parser, and has the transport pause while the inbox is full.

    It holds at most what one read of the transport gives, besides what has come early.

    Args:
        transport: Whom it reads from.
        inbox: Where the parser puts messages.
        keepalive: Is told when nothing is read, for then no pong can be seen.
        failed: Called when the peer broke the protocol.
    """

    __slots__ = (
        "_bounded",
        "_engine",
        "_failed",
        "_held",
        "_inbox",
        "_keepalive",
        "_over",
        "_paused",
        "_transport",
    )

    def __init__(
        self, transport: Transport, inbox: Inbox, keepalive: Keepalive, failed: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._inbox = inbox
        self._keepalive = keepalive
        self._failed = failed
        self._engine: Engine | None = None
        self._held: bytes | memoryview = b""
        self._bounded = True
        self._over = False
        self._paused = False

    def start(self, engine: Engine) -> None:
        """Have frames parsed from now on."""
        self._engine = engine
        self.go_on()

    def take(self, data: bytes) -> None:
        """Take what the transport has read."""
        if self._over:
            return  # the peer has not heard yet that it is
        if self._engine is None:
            self._hold(data)
            if len(self._held) > _EARLY_BYTES:
                self._pause()
        elif self._held:
            self._hold(data)  # it was under way when reading was paused
        else:
            self._feed(self._engine, data)

    def go_on(self) -> None:
        """Parse what is held; if that leaves room, have the transport read."""
        if self._held and self._engine is not None:
            held, self._held = self._held, b""
            self._feed(self._engine, held)
        if self._paused and not self._held and not (self._inbox.full and self._bounded):
            self._resume()

    def only_for_close(self) -> None:
        """Read whatever comes, up to the peer's Close frame: the application is to receive nothing more."""
        self._bounded = False
        self.go_on()

    def discard(self) -> None:
        """Read to the peer's end, without looking at it."""
        self.stop()
        if self._paused:
            self._resume()

    def stop(self) -> None:
        """Look at nothing any more."""
        self._over = True
        self._bounded = False
        self._held = b""

    def _feed(self, engine: Engine, data: bytes | memoryview) -> None:
        taken = engine.feed(data)
        while taken < len(data):
            if taken == 0:
                self._failed()
                return
            if self._over:
                return
            data = memoryview(data)[taken:]
            if self._inbox.full and self._bounded:
                self._held = data
                break
            taken = engine.feed(data)
        if self._inbox.full and self._bounded:
            self._pause()

    def _hold(self, data: bytes) -> None:
        self._held = b"".join((self._held, data))

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._inbox.when_empty = self.go_on
            self._transport.pause_reading()
            self._keepalive.suspend()

    def _resume(self) -> None:
        self._paused = False
        self._inbox.when_empty = None
        self._transport.resume_reading()
        self._keepalive.resume()
