"""A clock that only moves when told."""

_START = 1_700_000_000.0


class FakeClock:
    """A clock for tests; see `hallway.clock.Clock`.

    Args:
        start: Seconds since 1970-01-01 UTC at which it begins.
    """

    def __init__(self, start: float = _START) -> None:
        self._now = start

    def time(self) -> float:
        """See `Clock.time`."""
        return self._now

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
