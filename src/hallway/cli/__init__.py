"""The command line. Each command's module is imported only when that command runs."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from hallway.errors import HallwayError

_COMMANDS = {
    "serve": ("hallway.cli.serving", "serve", "Serve apps."),
    "new": ("hallway.cli.scaffold", "new", "Write a small working app with a test."),
    "apps": ("hallway.cli.client", "apps", "List the apps of a running host."),
    "handoff": (
        "hallway.cli.client",
        "handoff",
        "Hand over to an app, and print the address that comes next.",
    ),
    "user": ("hallway.cli.identities", "user", "Add and list local users."),
    "token": ("hallway.cli.identities", "token", "Make, list and revoke bearer tokens."),
}


class _LazyGroup(click.Group):
    """Knows its commands by name, so that `hallway --help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, _help = _COMMANDS[cmd_name]
        return getattr(importlib.import_module(module), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_module, _name, help) in _COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run a command; a mistake that Hallway understands is one line and exit code 2."""
        try:
            return super().main(args, *rest, **options)
        except HallwayError as error:
            # What an app raised while it was imported may have lines of its own.
            lines = f"hallway: {error.detail} {error.remedy}".splitlines()
            click.echo(" ".join(line.strip() for line in lines), err=True)
            sys.exit(2)


@click.command(cls=_LazyGroup)
@click.version_option(package_name="hallway")
def main() -> None:
    """Let many web apps work as one."""
