"""The access log: one JSON object a line for every request, without anything secret.

Lines are made on the loop, where that costs less than handing their parts to a thread that then competes for Python's
lock; the thread does nothing but write many of them at once.
"""

import logging
import queue
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from hallway.clock import Clock, utc

_log = logging.getLogger("hallway.access_log")

_CAPACITY = 8192
_PAUSE = 0.5
_LONGEST_PATH = 1024
_LONGEST_METHOD = 16
_MOST_NAMES = 20
_LONGEST_QUERY = 2048
# At the beginning of each pair: its name, where it looks like one and a value follows.
_NAMES = re.compile(r"(?:^|&)(?:([A-Za-z0-9_.\[\]%-]{1,40})=[^=&])?")
_LEFT_OUT = "…"


class _Line(msgspec.Struct, omit_defaults=True):
    """A line. What may be absent stands last, and is left out then."""

    time: str
    method: str
    path: str
    query: list[str]
    status: int
    bytes: int
    seconds: float
    app: str | None
    user: str | None
    client: str | None
    correlation_id: str | None
    broken_off: bool = False


class _Loss(msgspec.Struct):
    """A line that stands for lines that were lost."""

    time: str
    dropped: int


@dataclass(frozen=True, slots=True)
class AccessLogStatistics:
    """How many lines there were, since the start.

    Args:
        written: Those that were written.
        dropped: Those that were not, because the queue was full or nobody took them.
    """

    written: int
    dropped: int


class AccessLog:
    """Writes the access log.

    Where lines come faster than they are taken, some are dropped: they are counted, and a line of the log and a
    warning say how many. Lines are recorded from one thread only, that of the loop.

    Args:
        clock: What tells the time.
        write: Takes whole lines, many at once; called in a thread of its own, and may raise `OSError`.
        capacity: The most lines that may wait.
        pause: How long lines may wait for others to be written with, in seconds.
    """

    def __init__(
        self,
        clock: Clock,
        write: Callable[[bytes], object],
        *,
        capacity: int = _CAPACITY,
        pause: float = _PAUSE,
    ) -> None:
        self._clock = clock
        self._write = write
        self._capacity = capacity
        self._enough = max(1, capacity // 4)
        self._pause = pause
        self._encode = msgspec.json.Encoder().encode
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._hurry = threading.Event()
        self._closed = False
        self._time, self._text = 0.0, ""
        self._refused = 0  # counted by the loop
        self._written = self._unwritten = self._told = 0  # counted by the thread
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="hallway-access-log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def record(
        self,
        *,
        method: str,
        path: str,
        query: bytes,
        status: int,
        bytes: int,
        seconds: float,
        app: str,
        user: str,
        client: str,
        correlation_id: str,
        broken_off: bool = False,
    ) -> None:
        """Note a request that was served. Never blocks.

        Args:
            method: The HTTP method.
            path: Below the host's root, percent-decoded.
            query: As it was sent; only the names in it are noted.
            status: The HTTP status, 0 where no answer was begun.
            bytes: The length of the answer's body.
            seconds: How long it took.
            app: The id of the app that it was for, "" for none.
            user: The principal that it was for, "" for nobody.
            client: The address from which it came, "" where that is not known.
            correlation_id: By which the host's log is searched, "" for none.
            broken_off: Whether the answer was begun and not finished.
        """
        waiting = self._lines.qsize()
        if waiting >= self._capacity or self._closed:
            self._refused += 1
            return
        line = _Line(
            self._time_text(),
            method if len(method) <= _LONGEST_METHOD else _LEFT_OUT,
            path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + _LEFT_OUT,
            query_names(query) if query else [],
            status,
            bytes,
            int(seconds * 1e6 + 0.5) / 1e6,  # a third of what round() costs
            app or None,
            user or None,
            client or None,
            correlation_id or None,
            broken_off,
        )
        try:
            encoded = self._encode(line)
        except UnicodeEncodeError:  # half a character, as some servers make of a path that is no UTF-8
            line.path = path.encode("utf-8", "backslashreplace").decode()
            encoded = self._encode(line)
        self._lines.put(encoded)
        if waiting == self._enough:
            self._hurry.set()

    def stop(self, timeout: float) -> bool:
        """Write what waits, and end; False if that took too long, and lines may be lost. Harmless where it never began.

        Args:
            timeout: How many seconds it may take.
        """
        self._closed = True
        if self._thread.ident is None:
            return True
        self._lines.put(None)
        self._hurry.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def statistics(self) -> AccessLogStatistics:
        """Tell how many lines there were."""
        return AccessLogStatistics(self._written, self._refused + self._unwritten)

    def _time_text(self) -> str:
        """Give the time, written anew only for each millisecond."""
        now = self._clock.time()
        if not self._time <= now < self._time + 0.001:
            self._time = int(now * 1000) / 1000
            self._text = _time_of(now)
        return self._text

    # --- in the thread that writes ----------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            lines = [self._lines.get()]
            self._hurry.wait(self._pause)
            self._hurry.clear()
            while not self._lines.empty():
                lines.append(self._lines.get())
            whole = [line for line in lines if line is not None]
            self._write_out(whole)
            if len(whole) < len(lines):
                return

    def _write_out(self, lines: list[bytes]) -> None:
        dropped = self.statistics().dropped
        lost = dropped - self._told
        told = [self._encode(_Loss(_time_of(self._clock.time()), lost))] if lost else []
        if not lines and not told:
            return
        try:
            self._write(b"\n".join([*told, *lines, b""]))
        except OSError as error:
            self._unwritten += len(lines)
            if not self._failing:  # or it would be said twice a second
                _log.warning("The access log cannot be written, its lines are lost meanwhile: %s", error)
            self._failing = True
            return
        self._failing = False
        self._written += len(lines)
        self._told = dropped
        if lost:
            _log.warning("The access log lost %d lines that could not be written in time.", lost)


def _time_of(seconds: float) -> str:
    return utc(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def query_names(query: bytes) -> list[str]:
    """Give the names in a query, which are no secrets as the values may be.

    A text without `=`, or with nothing behind it, may be the secret itself, as a token in base64 is; so may a name
    unlike any that is used. An ellipsis stands for each.
    """
    names: list[str] = _NAMES.findall(query[:_LONGEST_QUERY].decode("latin-1"))
    if "" in names:
        names = [name or _LEFT_OUT for name in names]
    if len(names) > _MOST_NAMES or len(query) > _LONGEST_QUERY:
        names = [*names[:_MOST_NAMES], _LEFT_OUT]
    return names
