"""What a host tells of itself: requests, threads, the event loop, the access log and the process."""

import functools
import os
import platform
import threading
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from hallway.serving.access_log import AccessLogStatistics
from hallway.serving.blocks import BlockStatistics
from hallway.serving.metrics import Family, Metrics, Sample
from hallway.serving.pool import PoolStatistics

NO_APP = "-"
"""The label of what belongs to no app; no app can have it as its id."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_PROCESS = Path("/proc/self")


class RequestMetrics:
    """Counts requests.

    Args:
        metrics: Where they are read.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._requests = metrics.counter(
            "hallway_requests_total",
            "Requests that were answered, by app ('-' for the host's own pages); status 0: no answer was begun.",
            ("app", "method", "status"),
        )
        self._seconds = metrics.histogram(
            "hallway_request_seconds",
            "How long requests took until the last byte was handed to the server.",
            ("app",),
            bounds=_BOUNDS,
        )

    def record(self, app: str, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            app: The id of the app that it was for, "" for none.
            method: The HTTP method; unusual ones are counted together.
            status: The HTTP status, 0 where no answer was begun.
            seconds: How long it took.
        """
        app = app or NO_APP
        self._requests.add(app, method if method in _METHODS else "other", status)
        self._seconds.observe(seconds, app)


def pool_families(pools: Mapping[str, PoolStatistics], cpu_seconds: Mapping[str, float]) -> list[Family]:
    """Tell of the apps' threads.

    Args:
        pools: By app, how busy they are.
        cpu_seconds: By app, what `thread_cpu_seconds` gives.
    """
    threads = [Sample(found.threads, {"app": app}) for app, found in pools.items()]
    waiting = [Sample(found.waiting, {"app": app}) for app, found in pools.items()]
    refused = [Sample(found.refused, {"app": app}) for app, found in pools.items()]
    cpu = [Sample(seconds, {"app": app}) for app, seconds in cpu_seconds.items()]
    return [
        Family("hallway_pool_threads", "gauge", "Threads of an app.", threads),
        Family("hallway_pool_waiting", "gauge", "Jobs of an app that wait for a thread.", waiting),
        Family(
            "hallway_pool_refused_total", "counter", "Jobs of an app that found its backlog full.", refused
        ),
        Family(
            "hallway_app_thread_cpu_seconds_total",
            "counter",
            "Processor time that an app's threads used.",
            cpu,
        ),
    ]


def thread_cpu_seconds(threads: Iterable[threading.Thread]) -> float:
    """Give the processor time that threads of this process have used; 0 for those that are gone.

    Nothing is recorded while they work: the kernel is asked when somebody wants to know.
    """
    total = 0.0
    for thread in threads:
        if thread.native_id is None or not thread.is_alive():
            continue
        # The kernel's own number of a thread's clock (man 3 pthread_getcpuclockid has the C library make it).
        # `time.pthread_getcpuclockid` would read the memory of a thread that may have ended, and crash.
        clock = ~thread.native_id << 3 | 6
        try:
            total += time.clock_gettime(clock)
        except OSError:  # it has ended just now
            continue
    return total


def loop_families(blocks: BlockStatistics) -> list[Family]:
    """Tell of the times in which the event loop was blocked."""
    return [
        Family(
            "hallway_loop_blocked_total",
            "counter",
            "Times that something blocked the event loop.",
            [Sample(blocks.blocks, {})],
        ),
        Family(
            "hallway_loop_blocked_seconds_total",
            "counter",
            "How long the event loop was blocked, all in all.",
            [Sample(blocks.seconds, {})],
        ),
        Family(
            "hallway_loop_blocked_longest_seconds",
            "gauge",
            "How long the event loop was blocked at the longest.",
            [Sample(blocks.longest, {})],
        ),
    ]


def access_log_families(lines: AccessLogStatistics) -> list[Family]:
    """Tell of the access log."""
    return [
        Family(
            "hallway_access_log_written_total",
            "counter",
            "Lines of the access log that were written.",
            [Sample(lines.written, {})],
        ),
        Family(
            "hallway_access_log_dropped_total",
            "counter",
            "Lines of the access log that were lost, since nobody took them in time.",
            [Sample(lines.dropped, {})],
        ),
    ]


def process_families() -> list[Family]:
    """Tell of the process, by the names that all Prometheus clients use; what the system does not tell is left out."""
    found: list[tuple[str, str, float]] = [
        ("cpu_seconds_total", "Processor time used, by the system for it too.", time.process_time())
    ]
    try:
        virtual, resident = (_PROCESS / "statm").read_text("ascii").split()[:2]
        page = os.sysconf("SC_PAGE_SIZE")
        found += [
            ("virtual_memory_bytes", "Size of the address space.", int(virtual) * page),
            ("resident_memory_bytes", "Memory in use.", int(resident) * page),
            ("open_fds", "Open files and sockets.", sum(1 for _ in (_PROCESS / "fd").iterdir())),
            ("start_time_seconds", "When it started, in seconds since 1970-01-01 UTC.", _started()),
        ]
    except OSError:  # no Linux, or hidden from us
        pass
    return [
        Family(
            f"process_{name}", "counter" if name.endswith("_total") else "gauge", help, [Sample(value, {})]
        )
        for name, help, value in found
    ]


def build_families() -> list[Family]:
    """Tell what runs."""
    labels = {"version": _own_version(), "python": platform.python_version()}
    return [Family("hallway_build_info", "gauge", "What runs; always 1.", [Sample(1, labels)])]


@functools.cache
def _started() -> float:
    # The name of the program, in parentheses, may hold anything; the 22nd field is 20 after it.
    ticks = int((_PROCESS / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19])
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age


@functools.cache
def _own_version() -> str:
    return version("hallway")
