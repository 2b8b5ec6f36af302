"""The watchdog: a thread of its own that notices when something blocks the event loop, and names it."""

import asyncio
import threading

from hallway.clock import Clock
from hallway.serving.blocks import BlockStatistics
from hallway.serving.loop_watch import THRESHOLD, LoopWatch, Report
from hallway.serving.stacks import StackReader

_STOP_GRACE = 0.5


class Watchdog:
    """Watches a loop in a thread of its own.

    Args:
        clock: What measures how late the loop is.
        reader: Names the code that blocks it.
        report: Called, in the watchdog's thread, when a block is noticed and again when it has ended.
        threshold: How long a block must be to be one, in seconds.
    """

    def __init__(
        self, clock: Clock, reader: StackReader, report: Report, *, threshold: float = THRESHOLD
    ) -> None:
        self._clock = clock
        self._reader = reader
        self._report = report
        self._threshold = threshold
        self._watch: LoopWatch | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hallway-watchdog", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to watch a loop; called on it, once."""
        self._watch = LoopWatch(loop, self._clock, self._reader, self._report, threshold=self._threshold)
        self._thread.start()

    def stop(self) -> None:
        """End; called on the loop. Harmless where it never began."""
        if self._watch is None or self._stopping.is_set():
            return
        self._stopping.set()
        self._thread.join(_STOP_GRACE)
        if not self._thread.is_alive():  # or it is stuck in a report
            self._watch.finish()

    def statistics(self) -> BlockStatistics:
        """Tell of the blocks that have ended, since the start."""
        return self._watch.statistics if self._watch else BlockStatistics()

    def _run(self) -> None:
        assert self._watch is not None
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = self._watch.look()
