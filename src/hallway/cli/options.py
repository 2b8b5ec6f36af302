"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def data_option(function: F) -> F:
    """Add `--data`."""
    option = click.option("--data", metavar="DIR", help="The folder that holds the store and the workspaces.")
    return option(function)


def remote_options(function: F) -> F:
    """Add `--url`, `--token` and `--json`, for commands that ask a running host."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(function)
    function = click.option(
        "--token", envvar="HALLWAY_TOKEN", metavar="TOKEN", help="A bearer token (or HALLWAY_TOKEN)."
    )(function)
    return click.option(
        "--url",
        envvar="HALLWAY_URL",
        default="http://127.0.0.1:8000",
        show_default=True,
        metavar="URL",
        help="The host (or HALLWAY_URL).",
    )(function)
