"""Load from a second process, and what it costs the server: requests for each second of its processor time.

How fast a server answers here depends on what else the machine does; how much work a request is does not.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What came of a load.

    Args:
        per_second: Answers for each second of the clock.
        per_core_second: Answers for each second of processor time that the server used.
        latency: The median time of an answer, in milliseconds.
    """

    per_second: float
    per_core_second: float
    latency: float


def load(
    pid: int, url: str, headers: Mapping[str, str] | None = None, *, connections: int = 32, seconds: int = 3
) -> Load:
    """Ask a server for one address over and over.

    Args:
        pid: The server's process.
        url: The address; it has to answer 2xx or 3xx.
        headers: What each request sends.
        connections: How many ask at a time.
        seconds: For how long.

    Raises:
        RuntimeError: The load generator is missing, or the server answered with errors.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("The load generator is missing: apt-get install wrk")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    before = _processor_seconds(pid)
    said = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    used = _processor_seconds(pid) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url} did not answer as it should:\n{said}")
    answers = int(_find(r"(\d+) requests in", said))
    latency = _find(r"50%\s+([\d.]+)(?:us|ms|s)", said)
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}[_find(r"50%\s+[\d.]+(us|ms|s)", said)]
    return Load(float(_find(r"Requests/sec:\s+([\d.]+)", said)), answers / used, float(latency) * unit)


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"unexpected output of the load generator:\n{text}")
    return found[1]


def _processor_seconds(pid: int) -> float:
    # After the name, which may hold anything but ends with the last bracket (proc_pid_stat(5)).
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
