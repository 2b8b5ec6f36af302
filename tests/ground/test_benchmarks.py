"""The benchmarks can be run, row by row."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks' command line."""
    command = [sys.executable, "benchmarks/run.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_every_row_module_offers_rows() -> None:
    listed = bench("--list")
    modules = list((ROOT / "benchmarks" / "rows").glob("[a-z]*.py"))
    assert listed.returncode == 0, listed.stderr
    assert len(listed.stdout.splitlines()) >= len(modules) > 0


def test_an_unknown_row_is_answered_with_those_that_exist() -> None:
    refused = bench("--only", "no_such_row")
    assert refused.returncode == 2
    assert "import_time" in refused.stderr
