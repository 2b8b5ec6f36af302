"""The pages that list something list all of it, and nothing that is gone."""

import re
from collections.abc import Iterator

import click
import pytest

from hallway.cli import main as cli
from hallway.errors import HallwayError
from hallway.settings import describe_settings

from .blocks import ROOT, read_blocks
from .commands import commands_of

DOCS = ROOT / "docs"
SETTINGS = {name: (allowed, default) for name, allowed, default in describe_settings()}


def rows_of(page: str) -> Iterator[list[str]]:
    """List the rows of a page's tables whose first cell is code, cell by cell."""
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"`\w+`", cells[0]):
            yield cells


def as_toml(value: object) -> str:
    """Write a setting's default as `hallway.toml` would have it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return "[]" if not value else str(value)
        case _:
            return str(value)


# --- settings ---------------------------------------------------------------------------------------------------


def test_the_page_of_settings_has_every_setting_in_their_order_and_no_other() -> None:
    assert [cells[0].strip("`") for cells in rows_of("settings.md")] == list(SETTINGS)


@pytest.mark.parametrize("cells", list(rows_of("settings.md")), ids=lambda cells: cells[0])
def test_a_setting_is_written_up_with_what_it_allows_and_its_default(cells: list[str]) -> None:
    name, says, allowed, default = cells
    known, value = SETTINGS[name.strip("`")]
    assert says
    assert (allowed, default) == (known, f"`{as_toml(value)}`")


# --- the command line -------------------------------------------------------------------------------------------


def all_commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """List every command that does something, by what one types."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def longest_name(option: click.Option) -> str:
    """Give an option's name as people read it."""
    return max(option.opts, key=len)


COMMANDS = dict(all_commands(cli, ("hallway",)))
HEADING = re.compile(r"^##+ (hallway .+)$", re.MULTILINE)
PAGE_OF_COMMANDS = (DOCS / "command-line.md").read_text(encoding="utf-8")
EXAMPLES = [
    words
    for block in read_blocks(DOCS / "command-line.md")
    if block.language == "console"
    for words in commands_of(block.text)
]


def test_the_page_of_commands_has_a_heading_for_each_and_no_other() -> None:
    headings = set(HEADING.findall(PAGE_OF_COMMANDS))
    groups = {path.rpartition(" ")[0] for path in COMMANDS} - {"hallway"}
    assert headings == set(COMMANDS) | groups


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_has_an_example_of_itself_and_of_each_option(path: str) -> None:
    words = path.split()
    examples = [example for example in EXAMPLES if is_example_of(words, example)]
    assert examples, "the page has no example of it"
    options = [p for p in COMMANDS[path].params if isinstance(p, click.Option) and p.name != "help"]
    shown = {word for example in examples for word in example}
    assert [longest_name(option) for option in options if longest_name(option) not in shown] == []


def is_example_of(path: list[str], example: list[str]) -> bool:
    """Tell whether an example, which may begin with variables, runs a command."""
    start = example.index("hallway") if "hallway" in example else 0
    return example[start : start + len(path)] == path


# --- errors -----------------------------------------------------------------------------------------------------


def all_errors(above: type[HallwayError]) -> Iterator[type[HallwayError]]:
    """List an error and all its kinds that Hallway itself has."""
    yield above
    for kind in above.__subclasses__():
        if kind.__module__.startswith("hallway."):
            yield from all_errors(kind)


ERRORS = {error.__name__: error for error in all_errors(HallwayError)}
WHOSE = {
    "caller": "The caller's",
    "author": "The author's",
    "operator": "The operator's",
    "outside": "The outside's",
    "host": "The host's own",
}


def test_the_page_of_errors_has_every_class_once_and_no_other() -> None:
    assert sorted(cells[0].strip("`") for cells in rows_of("errors.md")) == sorted(ERRORS)


@pytest.mark.parametrize("cells", list(rows_of("errors.md")), ids=lambda cells: cells[0])
def test_an_error_is_written_up_with_its_code_status_and_fault(cells: list[str]) -> None:
    name, code, status, happened, cure = cells
    error = ERRORS[name.strip("`")]
    assert (code, status) == (f"`{error.code}`", str(error.status))
    assert happened
    assert cure
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    heading = re.findall(r"^### (.+)$", page[: page.index(f"\n| {name} |")], re.MULTILINE)[-1]
    assert heading == WHOSE[error.fault]
