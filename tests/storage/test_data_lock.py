"""A data directory has one host at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hallway.errors import DataUnusable
from hallway.storage.lock import DataLock


def test_a_second_host_is_refused_and_told_which_process_is_the_first(tmp_path: Path):
    lock = DataLock(tmp_path)
    with pytest.raises(DataUnusable) as caught:
        DataLock(tmp_path)
    assert f"process {os.getpid()}" in caught.value.detail
    assert "--data" in caught.value.remedy
    lock.release()


def test_a_directory_that_was_let_go_may_be_taken(tmp_path: Path):
    for _ in range(3):
        DataLock(tmp_path).release()
    assert (tmp_path / "host.lock").read_text() == str(os.getpid())


def test_a_directory_that_cannot_be_written_says_so(tmp_path: Path):
    with pytest.raises(DataUnusable) as caught:
        DataLock(tmp_path / "not there")
    assert "not there" in caught.value.detail
    assert "--data" in caught.value.remedy


HOLD = """
import sys
from pathlib import Path
from hallway.storage.lock import DataLock
lock = DataLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_host_that_was_killed_holds_nothing(tmp_path: Path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DataUnusable) as caught:
            DataLock(tmp_path)
        process.kill()
        process.wait()
    assert f"process {process.pid}" in caught.value.detail
    DataLock(tmp_path).release()
