"""Start a server as a user would, and look at it from outside."""

import contextlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 60.0


@dataclass(frozen=True)
class Started:
    """A server that said it is ready; `seconds` is how long that took, `line` what it said."""

    pid: int
    seconds: float
    line: str


@contextlib.contextmanager
def started(
    command: Sequence[str | Path], ready: str, files: Mapping[str, str] | None = None
) -> Generator[Started]:
    """Run a server until the block ends, in a folder of its own.

    Args:
        command: The program and its arguments.
        ready: What a line of its output contains once it can be used.
        files: What has to lie in the folder, by name.

    Raises:
        RuntimeError: The server ended before it was ready; the message is what it printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (files or {}).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        began = time.perf_counter()
        server = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            line = _wait_for(server, ready)
            yield Started(server.pid, time.perf_counter() - began, line)
        finally:
            server.terminate()
            # What it still has to say is read, so that a full pipe cannot keep it from ending.
            server.communicate(timeout=30)


def _wait_for(server: subprocess.Popen[str], ready: str) -> str:
    assert server.stdout is not None
    # Killed, it closes its output, which ends the loop below.
    deadline = threading.Timer(_PATIENCE, server.kill)
    deadline.start()
    said: list[str] = []
    for line in server.stdout:
        said.append(line)
        if ready in line:
            deadline.cancel()
            return line
    deadline.cancel()
    raise RuntimeError(f"the server ended with {server.wait()} before it was ready:\n{''.join(said)}")


def resident_megabytes(pid: int) -> float:
    """Give how much memory a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has ended")
