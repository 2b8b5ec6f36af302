"""What checks the documentation notices when the documentation is wrong."""

from pathlib import Path

import click
import pytest

from .blocks import Block, read_blocks
from .commands import BadCommand, check_command, commands_of
from .programs import EarlierBlockFailed, Program


@click.group()
def cli() -> None:
    """Stand in for the command line."""


@cli.command()
@click.argument("targets", nargs=-1)
@click.option("--port", type=int)
def serve(targets: tuple[str, ...], port: int | None) -> None:
    """Never run."""
    raise AssertionError("the check ran the command")


def test_a_block_knows_its_line_even_inside_a_list(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n- item\n\n  ```python title\n  x = 1\n  ```\n")
    assert read_blocks(page) == [Block(page, 6, "python", "x = 1\n")]


@pytest.mark.parametrize(
    "line",
    [
        "hallway serve",
        "hallway serve plotter --port 8001 &",
        "hallway --help",
        "TOKEN=x hallway serve a \\\n  b=/path | cat",
        "make demo PORT=8001",
        "# only a remark",
    ],
)
def test_a_command_that_would_work_is_accepted(line: str) -> None:
    for command in commands_of(f"$ {line}\nwhat it prints\n"):
        check_command(command, cli)


@pytest.mark.parametrize(
    "line",
    [
        "hallway sreve",
        "hallway serve --prot 8001",
        "hallway serve --port abc",
        "cat x | hallway sreve",
        "make tea",
        "hallwya serve",
    ],
)
def test_a_command_that_would_not_work_is_refused(line: str) -> None:
    *before, last = commands_of(f"$ {line}\n")
    for command in before:
        check_command(command, cli)
    with pytest.raises(BadCommand):
        check_command(last, cli)


def python_page(tmp_path: Path, *texts: str) -> tuple[list[Block], Program]:
    """Make a page of Python blocks."""
    blocks = [Block(tmp_path / "page.md", 10 * (n + 1), "python", text) for n, text in enumerate(texts)]
    return blocks, Program(blocks, tmp_path)


def test_blocks_share_a_namespace_and_run_once(tmp_path: Path) -> None:
    blocks, program = python_page(tmp_path, "seen = []\n", "seen.append(1)\n", "assert seen == [1]\n")
    program.run_up_to(blocks[1])
    program.run_up_to(blocks[2])


def test_a_file_block_can_be_imported_by_the_next(tmp_path: Path) -> None:
    blocks, program = python_page(
        tmp_path, "# file: my_room.py\nx = 1\n", "import my_room\nassert my_room.x == 1\n"
    )
    program.run_up_to(blocks[1])


def test_two_pages_may_have_a_file_of_the_same_name(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        text = f"import my_room\nassert my_room.x == {number}\n"
        blocks, program = python_page(folder, f"# file: my_room.py\nx = {number}\n", text)
        program.run_up_to(blocks[1])


def test_a_failing_block_is_named_by_its_line_in_the_page(tmp_path: Path) -> None:
    blocks, program = python_page(tmp_path, "x = 1\n", "y = 2\n1 / 0\n")
    with pytest.raises(ZeroDivisionError) as failure:
        program.run_up_to(blocks[1])
    last = failure.traceback[-1]
    assert (Path(last.path).name, last.lineno + 1) == ("page.md", 21)


def test_a_block_after_a_failing_one_says_which_failed(tmp_path: Path) -> None:
    blocks, program = python_page(tmp_path, "1 / 0\n", "x = 1\n")
    with pytest.raises(ZeroDivisionError):
        program.run_up_to(blocks[0])
    with pytest.raises(EarlierBlockFailed):
        program.run_up_to(blocks[1])
