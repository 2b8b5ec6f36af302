"""`hallway apps` and `hallway handoff`, asking a running host."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hallway.cli import main

from .processes import Serving, serving, token_for, write

PLOTTER = """
    from hallway import App, Forbidden
    app = App("plotter", title="The Plotter")
    def pages(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"here"]
    app.mount(pages)
    @app.handoff("plot")
    def plot(site: list[str], unit: str = "m") -> str:
        return f"/plotted?{'+'.join(site)}:{unit}"
    @app.handoff("refuse")
    def refuse() -> str:
        raise Forbidden("Not on a Friday.")
"""


class Stranger(BaseHTTPRequestHandler):
    """Some other server: it welcomes everybody, or fails in its own way."""

    def do_GET(self) -> None:
        broken = self.path.startswith("/broken/")
        self.send_response(500 if broken else 200)
        self.end_headers()
        self.wfile.write(b"<h1>Welcome!</h1>")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Client:
    """The command line, with a host to ask."""

    def __init__(self, host: Serving, token: str) -> None:
        self.host = host
        self.token = token

    def __call__(self, *arguments: str, token: str | None = None) -> Result:
        variables = {"HALLWAY_URL": self.host.url, "HALLWAY_TOKEN": self.token if token is None else token}
        return CliRunner().invoke(main, arguments, env=variables)

    def done(self, *arguments: str) -> str:
        """Give what a command that succeeds prints."""
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *arguments: str, token: str | None = None) -> str:
        """Give the one line of a command that fails."""
        result = self(*arguments, token=token)
        assert (result.exit_code, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        return line


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with contextlib.chdir(tmp_path_factory.mktemp("host")):
        write("plotter.py", PLOTTER)
        with serving("plotter", "--root-path", "/portal") as host:
            token = token_for("ada")["authorization"].removeprefix("Bearer ")
            yield Client(host, token)


@pytest.mark.slow
def test_apps_are_listed_with_what_they_offer(client: Client):
    lines = client.done("apps").splitlines()
    assert lines == [
        "plotter\tThe Plotter\t/portal/apps/plotter/",
        "  handoff\tplot(site, unit)",
        "  handoff\trefuse()",
    ]
    (described,) = json.loads(client.done("apps", "--json"))
    assert described["id"] == "plotter"


@pytest.mark.slow
def test_a_handoff_prints_the_address_that_comes_next(client: Client):
    origin = client.host.url.removesuffix("/portal")
    assert (
        client.done("handoff", "plotter/plot", "site=1", "site=2", "unit=a=b")
        == f"{origin}/plotted?1+2:a=b\n"
    )
    answered = json.loads(client.done("handoff", "/plotter/plot/", "site=1", "--json"))
    assert answered == {"location": f"{origin}/plotted?1:m"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plotter/plot"], "'site' is missing"),
        (["plotter/plot", "sight=1"], "sight"),
        (["plotter/plod"], "plotter/plot"),
        (["nothing/at-all"], "There is no handoff"),
        (["plotter/refuse"], "Not on a Friday."),
    ],
)
def test_a_handoff_that_is_refused_says_why(client: Client, arguments: list[str], said: str):
    assert said in client.refused("handoff", *arguments)


@pytest.mark.slow
def test_who_is_not_known_is_told_how_to_be(client: Client):
    for arguments in (["apps"], ["handoff", "plotter/plot", "site=1"]):
        assert "hallway token create" in client.refused(*arguments, token="")
        assert "wrong, expired or revoked" in client.refused(*arguments, token="hwt_wrong")


def test_what_is_no_parameter_is_refused():
    result = CliRunner().invoke(main, ["handoff", "plotter/plot", "site"])
    assert result.exit_code == 2
    assert "K=V" in result.stderr


@pytest.mark.parametrize("command", [["apps"], ["handoff", "plotter/plot", "site=1"]])
def test_what_is_no_host_is_told_as_such(command: list[str], stranger: str):
    result = CliRunner().invoke(main, [*command, "--url", stranger])
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: What answers at {stranger} is no Hallway host. Check --url.\n",
    )
    result = CliRunner().invoke(main, [*command, "--url", f"{stranger}/broken"])
    assert (result.exit_code, result.stderr) == (1, "Error: The host answered 500.\n")


@pytest.mark.parametrize("command", [["apps"], ["handoff", "plotter/plot", "site=1"]])
def test_a_host_that_does_not_answer_is_named(command: list[str], tmp_path: Path):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "no address", "http://[", "ftp://x"):
        result = CliRunner().invoke(main, [*command, "--url", url])
        assert result.exit_code == 1
        assert url in result.stderr
        assert "Is the host running?" in result.stderr
