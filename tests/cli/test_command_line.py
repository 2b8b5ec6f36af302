"""The command line as a whole."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from hallway.cli import main

COMMANDS = ["serve", "new", "apps", "handoff", "user", "token"]


def test_help_lists_every_command_with_what_it_does():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_explains_itself(command: str):
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {command}")


def test_every_command_says_in_the_list_what_it_says_of_itself():
    assert isinstance(main, click.Group)
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.help


def test_an_unknown_command_is_refused():
    result = CliRunner().invoke(main, ["sevre"])
    assert result.exit_code == 2
    assert "sevre" in result.stderr


def test_the_version_is_told():
    assert "0.1" in CliRunner().invoke(main, ["--version"]).stdout


def test_asking_for_help_loads_neither_server_nor_framework():
    program = (
        "import sys; from hallway.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print([name for name in ('uvicorn', 'starlette', 'httpx', 'pydantic') if name in sys.modules])\n"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert asked.stdout.splitlines()[-1] == "[]"
