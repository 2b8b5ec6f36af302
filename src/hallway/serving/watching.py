"""What watches a host at work: the recorder in front of the door, the watchdog beside the loop, and the metrics."""

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from hallway.clock import Clock, SystemClock
from hallway.registry import Registry
from hallway.serving.access_log import AccessLog
from hallway.serving.asgi import ASGIApp
from hallway.serving.blocks import BlockLog
from hallway.serving.host_metrics import (
    RequestMetrics,
    access_log_families,
    build_families,
    loop_families,
    pool_families,
    process_families,
    thread_cpu_seconds,
)
from hallway.serving.log_file import LogFile, write_to_standard_output
from hallway.serving.metrics import Family, Metrics
from hallway.serving.pool import Pools
from hallway.serving.recorder import Recorder
from hallway.serving.stacks import StackReader
from hallway.serving.watchdog import Watchdog

_log = logging.getLogger("hallway.watching")

TO_STANDARD_OUTPUT = "-"
_LOG_GRACE = 2.0


class Watching:
    """Watches a host from start to stop.

    Args:
        door: The front door.
        clock: What tells how long requests take.
        pools: The apps' threads.
        registry: The apps, to name the one that blocks the loop.
        access_log: The file that requests are noted in, "-" for standard output, "" for none.

    Raises:
        BadSetting: The access log cannot be written.
    """

    def __init__(
        self, door: ASGIApp, clock: Clock, pools: Pools, registry: Registry, *, access_log: str
    ) -> None:
        self._pools = pools
        self._file = LogFile(Path(access_log)) if access_log not in ("", TO_STANDARD_OUTPUT) else None
        self._access_log: AccessLog | None = None
        if access_log:
            write = write_to_standard_output if self._file is None else self._file.write
            self._access_log = AccessLog(clock, write)
        # In real time, whatever clock the host was given: what blocks the loop blocks it for real.
        time = SystemClock()
        self._watchdog = Watchdog(
            time, StackReader(lambda: [each.app for each in registry.apps()]), BlockLog(time)
        )
        self.metrics = Metrics()
        self.recorder = Recorder(door, clock, RequestMetrics(self.metrics), self._access_log)
        self.metrics.add(self._families)

    def start(self) -> None:
        """Begin; called on the loop."""
        self._watchdog.start(asyncio.get_running_loop())
        if self._access_log is not None:
            self._access_log.start()

    def stop(self) -> None:
        """End; called on the loop."""
        self._watchdog.stop()
        if self._access_log is not None and not self._access_log.stop(_LOG_GRACE):
            _log.warning("The access log could not be written to its end.")
        elif self._file is not None:  # or the thread may still write to it
            self._file.close()

    def _families(self) -> Iterable[Family]:
        cpu = {app: thread_cpu_seconds(threads) for app, threads in self._pools.threads().items()}
        yield from pool_families(self._pools.statistics(), cpu)
        yield from loop_families(self._watchdog.statistics())
        if self._access_log is not None:
            yield from access_log_families(self._access_log.statistics())
        yield from process_families()
        yield from build_families()
