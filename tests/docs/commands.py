"""Check the commands of a console block without running them."""

import re
import shlex
from collections.abc import Iterator, Sequence

import click

from .blocks import ROOT

# What a reader is told to run besides ours; a program that is not listed here is probably a slip.
OTHER_PROGRAMS = {"cat", "cd", "cp", "curl", "export", "git", "mkdir", "pip", "python", "source"}

_ASSIGNMENT = re.compile(r"\w+=")


class BadCommand(Exception):
    """A command of the documentation would not work when typed."""


def commands_of(text: str) -> Iterator[list[str]]:
    """Split what stands after each `$ ` into commands, taking apart pipes and joining continued lines."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            lexer = shlex.shlex(line[2:], posix=True, punctuation_chars=True)
            lexer.commenters = "#"
            lexer.whitespace_split = True  # or `http://…` would be three words
            command: list[str] = []
            for word in [*lexer, ";"]:
                if set(word) <= set(";|&"):
                    yield from [command] if command else []
                    command = []
                else:
                    command.append(word)


def check_command(words: Sequence[str], cli: click.Command) -> None:
    """Say what is wrong with a command; `cli` is what `hallway` runs."""
    words = list(words)
    while words and _ASSIGNMENT.match(words[0]):
        words.pop(0)
    if not words:
        return
    program, *arguments = words
    if program == "hallway":
        _check_hallway(cli, arguments)
    elif program == "make":
        for target in arguments:
            if not _ASSIGNMENT.match(target) and target not in make_targets():
                raise BadCommand(f"the Makefile has no target {target!r}")
    elif program not in OTHER_PROGRAMS:
        raise BadCommand(f"{program!r} is not in OTHER_PROGRAMS of {__name__}")


def make_targets() -> set[str]:
    """List the targets of the Makefile that people type."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def _check_hallway(command: click.Command, arguments: list[str]) -> None:
    parent: click.Context | None = None
    name: str | None = "hallway"
    try:
        while True:
            # Making the context parses and converts everything, and runs nothing.
            context = command.make_context(name, arguments, parent=parent)
            if not isinstance(command, click.Group):
                return
            rest = [*context._protected_args, *context.args]
            if not rest:
                return
            name, found, arguments = command.resolve_command(context, rest)
            if found is None:
                raise BadCommand(f"hallway has no command {rest[0]!r}")
            command, parent = found, context
    except click.exceptions.Exit:
        return  # --help and --version end here
    except click.UsageError as error:
        raise BadCommand(error.format_message()) from error
