"""All code in the documentation works: each block is run, or checked in the way that fits its language."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from hallway.cli import main as cli
from hallway.settings import load_settings

from .blocks import Block, pages, read_blocks
from .commands import check_command, commands_of
from .programs import Program

BLOCKS = [block for page in pages() for block in read_blocks(page)]

# `text` is not code. The rest Sphinx reads itself, and its warnings are errors. Notes are written with colons
# (`:::{note}`), so that code inside them is found here.
CHECKED_ELSEWHERE = {"text", "{eval-rst}", "{include}", "{toctree}"}


@pytest.fixture(scope="module")
def program_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Program]:
    """Hand out each page's program, which lives as long as there are blocks of that page to run."""
    programs: dict[Path, Program] = {}

    def find(page: Path) -> Program:
        if page not in programs:
            own = [block for block in BLOCKS if block.page == page and block.language == "python"]
            programs[page] = Program(own, tmp_path_factory.mktemp(page.stem))
        return programs[page]

    return find


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_the_block_works(block: Block, program_of: Callable[[Path], Program], tmp_path: Path) -> None:
    match block.language:
        case "python":
            program_of(block.page).run_up_to(block)
        case "console":
            check_console(block.text)
        case "sh":
            lines = block.text.replace("\\\n", " ").splitlines(keepends=True)
            check_console("".join(f"$ {line}" for line in lines))
        case "toml":
            check_toml(block.text, tmp_path / "hallway.toml")
        case "json":
            json.loads(block.text)
        case language:
            assert language in CHECKED_ELSEWHERE, (
                "use a language that is checked, or teach the tests this one"
            )


def check_console(text: str) -> None:
    """Parse every command of a console block."""
    commands = list(commands_of(text))
    assert commands, "no line of the block starts with '$ '"
    for command in commands:
        check_command(command, cli)


def check_toml(text: str, file: Path) -> None:
    """Parse a TOML block; one that says it is `hallway.toml` must hold settings that a host would take."""
    tomllib.loads(text)
    if text.startswith("# hallway.toml"):
        file.write_text(text, encoding="utf-8")
        load_settings(environment={}, file=file)
