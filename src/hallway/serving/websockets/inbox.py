"""What waits for the application to receive it: bounded, so that a fast peer waits for a slow application."""

import asyncio
from collections import deque
from collections.abc import Callable

from hallway.serving.asgi import Message


class Inbox:
    """The events of one connection, in order; the last one, that it has ended, is given again and again.

    Args:
        max_messages: How many messages make it full.
        max_bytes: How many bytes in messages make it full.
    """

    __slots__ = ("_bytes", "_end", "_events", "_max_bytes", "_max_messages", "_waiters", "when_empty")

    def __init__(self, *, max_messages: int, max_bytes: int) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._events: deque[tuple[Message, int]] = deque()
        self._bytes = 0
        self._end: Message | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self.when_empty: Callable[[], None] | None = None
        """Called whenever the last message has been taken."""

    @property
    def full(self) -> bool:
        """Whether nothing more should be read. What was read already may still be put in."""
        return self._bytes >= self._max_bytes or len(self._events) >= self._max_messages

    def put(self, event: Message, size: int) -> None:
        """Add an event with so many bytes."""
        self._events.append((event, size))
        self._bytes += size
        if self._waiters:
            self._wake()

    def end(self, code: int, reason: str) -> None:
        """Say that the connection has ended; the first one to say so is right."""
        if self._end is None:
            self._end = {"type": "websocket.disconnect", "code": int(code), "reason": reason}
            self._wake()

    async def get(self) -> Message:
        """Give the next event, when there is one."""
        while not self._events:
            if self._end is not None:
                # Again for whoever asks again, rather than have them wait for ever for what cannot come.
                return {**self._end}
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                self._waiters.remove(waiter)
        event, size = self._events.popleft()
        self._bytes -= size
        if self.when_empty is not None and not self._events:
            self.when_empty()
        return event

    def _wake(self) -> None:
        # All of them, who look again: so no event is lost on one that was cancelled meanwhile.
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
