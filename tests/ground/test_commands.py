"""What one types in a fresh clone is what the documentation says."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^([a-z]+):  ## .+\n\t@(\S+)", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "setup", "docs", "clean"])
def test_a_make_target_is_one_line_over_a_script_that_can_be_run(target: str) -> None:
    script = ROOT / RECIPES[target]
    assert script.parent == ROOT / "scripts"
    assert os.access(script, os.X_OK)


def test_make_alone_lists_the_targets() -> None:
    assert ".DEFAULT_GOAL := help" in MAKEFILE


def test_a_submission_is_judged_by_check_and_test_alone() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("make")] == ["make check", "make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_script_says_what_it_is_for_and_stays_small() -> None:
    for script in (ROOT / "scripts").iterdir():
        if script.suffix or not script.is_file():
            continue
        lines = script.read_text(encoding="utf-8").splitlines()
        assert lines[1].startswith("# "), f"{script.name} does not say what it is for"
        assert "set -eu" in lines, f"{script.name} would go on after a failure"
        assert len(lines) <= 60, f"{script.name} wants to be Python"
