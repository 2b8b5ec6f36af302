"""Pings that find out whether the peer is still there (RFC 6455 section 5.5.2)."""

import secrets
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Protocol


class Timers(Protocol):
    """The part of an event loop that is needed here."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> TimerHandle:
        """Call something after so many seconds."""
        ...


class Keepalive:
    """Pings every so often, and reports a peer that does not answer in time.

    Args:
        timers: The event loop.
        interval: Seconds from an answer to the next ping; None or 0 for no pings.
        timeout: Seconds to wait for an answer; None to wait for ever.
        ping: Sends a ping with a payload.
        silent: Called when the peer did not answer.
    """

    __slots__ = (
        "_deadline",
        "_interval",
        "_next",
        "_payload",
        "_ping",
        "_silent",
        "_suspended",
        "_timeout",
        "_timers",
    )

    def __init__(
        self,
        timers: Timers,
        *,
        interval: float | None,
        timeout: float | None,
        ping: Callable[[bytes], None],
        silent: Callable[[], None],
    ) -> None:
        self._timers = timers
        self._interval = interval
        self._timeout = timeout
        self._ping = ping
        self._silent = silent
        self._suspended = False
        self._payload: bytes | None = None
        self._next: TimerHandle | None = None
        self._deadline: TimerHandle | None = None

    def start(self) -> None:
        """Plan the next ping."""
        if self._interval:
            self._next = self._timers.call_later(self._interval, self._send)

    def stop(self) -> None:
        """Neither ping nor report any more."""
        self._await_nothing()
        if self._next is not None:
            self._next.cancel()
        self._next = self._payload = None

    def answered(self, payload: bytes) -> None:
        """Take a pong; one that answers no ping of ours means nothing (section 5.5.3)."""
        if payload != self._payload:
            return
        self._payload = None
        if self._timeout is not None:  # else the next ping is planned already
            self._await_nothing()
            self.start()

    def suspend(self) -> None:
        """Wait for no answer: nothing is read for now, so that none could be seen."""
        self._suspended = True
        self._await_nothing()

    def resume(self) -> None:
        """Wait for an answer again, with all the time there is."""
        self._suspended = False
        if self._payload is not None:
            self._await_answer()

    def _send(self) -> None:
        self._next = None
        self._payload = secrets.token_bytes(4)  # so that no stale or made-up pong passes for the answer
        self._ping(self._payload)
        if self._timeout is None:
            self.start()
        elif not self._suspended:
            self._await_answer()

    def _await_answer(self) -> None:
        if self._timeout is not None:
            self._deadline = self._timers.call_later(self._timeout, self._report)

    def _await_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _report(self) -> None:
        self.stop()
        self._silent()
