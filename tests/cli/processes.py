"""`hallway` as a process of its own, in the current folder."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx

HALLWAY = str(Path(sys.executable).with_name("hallway"))
PATIENCE = 30  # seconds until a process that hangs is killed, which fails its test


def environment(**variables: str) -> dict[str, str]:
    """Give this process' environment without settings of a host."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HALLWAY_")}
    return {**kept, **variables}


def write(path: str, code: str) -> None:
    """Write a module below the current folder."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(code), encoding="utf-8")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [HALLWAY, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env=environment(**variables)
    )


@dataclass
class Serving:
    """A host in a process.

    Args:
        process: The process.
        url: Where it said that it is ready.
        said: What it printed until then, and what it has printed since.
        errors: Where its log goes.
    """

    process: "subprocess.Popen[str]"
    url: str
    said: str
    errors: Path

    @property
    def port(self) -> int:
        """The port that it took."""
        return httpx.URL(self.url).port or 80

    @property
    def log(self) -> str:
        """What it wrote to stderr."""
        return self.errors.read_text(encoding="utf-8")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def listens(self) -> bool:
        """Tell whether it takes new connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
        except ConnectionError:  # refused, or reset while it closes
            return False
        return True


@contextlib.contextmanager
def serving(*arguments: str, **variables: str) -> Generator[Serving, None, None]:
    """Serve on any free port until the block ends."""
    errors = Path(f"stderr-{len(list(Path().glob('stderr-*')))}").resolve()
    command = [HALLWAY, "serve", *arguments, "--port", "0"]
    with errors.open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(**variables)
        )
    impatient = threading.Timer(PATIENCE, process.kill)
    impatient.start()
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        found = re.fullmatch(r"Hallway is ready at (\S+)/\n", ready)
        assert found, f"{ready}{errors.read_text()}"
        yield Serving(process, found.group(1), ready, errors)
    finally:
        impatient.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def read_line(serving: Serving) -> str:
    """Read the next line that it prints."""
    assert serving.process.stdout is not None
    return serving.process.stdout.readline()


def token_for(name: str) -> dict[str, str]:
    """Add a user to the store in the current folder, and give a header that says who it is."""
    assert run("user", "add", name, "--password", "secret").returncode == 0
    created = run("token", "create", name)
    assert created.returncode == 0, created.stderr
    return {"authorization": f"Bearer {created.stdout.strip()}"}
