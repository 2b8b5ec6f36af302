"""What stops `hallway serve` at the start: one line that says what is wrong and what to do, and exit code 2."""

import contextlib
import os
import socket
from pathlib import Path

import pytest

from .processes import run, serving, write

pytestmark = pytest.mark.slow

WSGI = "def app(environ, start_response): ..."


def refusal(*arguments: str, **variables: str) -> str:
    """Give the one line by which the start is refused."""
    refused = run("serve", *arguments, **variables)
    assert refused.returncode == 2
    assert refused.stdout == ""
    (line,) = refused.stderr.splitlines()
    assert line.startswith("hallway: ")
    assert "Traceback" not in line
    return line


def test_a_port_in_use():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        line = refusal("--port", str(port))
    assert f"Port {port}" in line
    assert f"--port {port + 1}" in line


def test_an_address_of_another_machine():
    assert "--host 127.0.0.1" in refusal("--host", "203.0.113.1", "--port", "0")


def test_a_data_folder_that_cannot_be_written():
    Path("file").write_text("no folder")
    line = refusal("--data", "file/data", "--port", "0")
    assert "file/data" in line
    assert "--data DIR" in line


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else():
    Path("data").mkdir(mode=0o500)
    assert "Permission denied" in refusal("--data", "data", "--port", "0")


def test_a_second_host_on_the_same_data():
    with serving() as first:
        line = refusal("--port", "0")
        assert f"process {first.process.pid}" in line
        assert "--data DIR" in line


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--port", "eight"], {}, ["'port'", "'eight'", "0 to 65535", "--port"]),
        ([], {"HALLWAY_PORT": "99999"}, ["'port'", "99999", "0 to 65535", "HALLWAY_PORT"]),
        (["--root-path", "portal/"], {}, ["'root_path'", "'portal/'", "/portal"]),
        ([], {"HALLWAY_PROT": "8000"}, ["'prot'", "HALLWAY_PROT", "'port'"]),
    ],
)
def test_a_setting_that_is_wrong_or_unknown(arguments: list[str], variables: dict[str, str], said: list[str]):
    line = refusal(*arguments, **variables)
    assert [word for word in said if word not in line] == []


def test_a_file_of_settings_with_a_mistake():
    Path("hallway.toml").write_text("threads_per_ap = 4\n")
    line = refusal()
    assert "hallway.toml" in line
    assert "threads_per_app" in line


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (["no_such_module"], "there is no module 'no_such_module'"),
        (["needs_more"], "pip install no_such_package"),
        (["raises"], "raises.py line 2: ValueError: first line second line"),
        (["leaves"], "SystemExit"),
        (["empty"], "module:attribute"),
        (["good:nothing"], "has no 'nothing'"),
        (["good=shop"], "TARGET=/path"),
        (["good=/login"], "Choose another path"),
        (["good", "other.good"], "both called 'good'"),
        (["good=/x", "fine=/x"], "both to be served at '/x'"),
        (["nothing_here"], "holds no apps"),
        (["reserved"], "Choose another"),
    ],
)
def test_a_target_that_cannot_be_served(targets: list[str], said: str):
    write("good.py", WSGI)
    write("fine.py", WSGI)
    write("other/__init__.py", "")
    write("other/good.py", "from hallway import App\napp = App('good')\n")
    write("needs_more.py", "import no_such_package")
    write("raises.py", "\nraise ValueError('first line\\n  second line')")
    write("leaves.py", "import sys; sys.exit('not a library')")
    write("empty.py", "x = 1")
    write("reserved.py", "from hallway import App\napp = App('status')\n")
    Path("nothing_here").mkdir()
    refused = run("serve", *targets, "--port", "0")
    assert (refused.returncode, refused.stdout) == (2, "")
    *logged, line = refused.stderr.splitlines()
    assert line.startswith("hallway: ")
    assert said in line
    assert all(" ERROR hallway.loading: " in before for before in logged)
    assert "Traceback" not in refused.stderr
