"""`make demo` does what it says."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def demo(data: Path, port: str = "0") -> Generator[subprocess.Popen[str]]:
    """Start the demo as `scripts/demo` does, on any free port; it is killed if the block leaves it running."""
    process = subprocess.Popen(
        [sys.executable, "scripts/demo.py"],
        cwd=ROOT,
        env={**os.environ, "PORT": port, "HALLWAY_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until_ready(process: subprocess.Popen[str]) -> str:
    """Give the address that the demo prints when it can be used."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Hallway is ready at "):
            return line.split()[-1]
    assert process.stderr
    raise AssertionError(process.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_says_where_it_is_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path / "data") as process:
        url = wait_until_ready(process)
        path = tmp_path / "data" / "demo.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        assert path.stat().st_mode & 0o777 == 0o600
        assert card["url"] == url
        assert card["users"] == {"alice": "demo", "bob": "demo"}
        process.send_signal(number)
        _, complaints = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in complaints
        assert not path.exists()


def test_the_demos_token_opens_the_host_and_a_second_start_finds_its_data(tmp_path: Path) -> None:
    for _ in range(2):
        with demo(tmp_path) as process:
            wait_until_ready(process)
            card = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))
            headers = {"Authorization": f"Bearer {card['token']}"}
            answer = httpx.get(f"{card['url']}/api/apps", headers=headers)
            assert answer.status_code == 200
            assert "gauges" in answer.text
            assert httpx.get(f"{card['url']}/api/apps").status_code == 401
            process.terminate()
            assert process.wait(timeout=30) == 0


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with demo(tmp_path / "one") as first:
        port = wait_until_ready(first).rpartition(":")[2]
        with demo(tmp_path / "two", port) as second:
            _, complaint = second.communicate(timeout=30)
            assert second.returncode == 2
            assert port in complaint
            assert len(complaint.splitlines()) == 1
