"""The only clock: everything that needs the time is handed one, so that tests never wait."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day and how much time has passed."""

    def time(self) -> float:
        """Give the seconds since 1970-01-01 UTC; may jump when the machine's clock is set."""
        ...

    def monotonic(self) -> float:
        """Give seconds from an unknown start that never go backwards; for measuring how long something took."""
        ...


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """See `Clock.time`."""
        return time.time()

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()


def utc(seconds: float) -> datetime:
    """Turn seconds since 1970-01-01 UTC into a date and time that knows its zone."""
    return datetime.fromtimestamp(seconds, UTC)
