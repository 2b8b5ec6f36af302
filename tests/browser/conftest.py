"""A real host, and a real Chromium that visits it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-artifacts" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
# Without the background switches, Chromium asks its maker's hosts for things at every start.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class RunningDemo:
    """A demo as `make demo` starts it.

    Args:
        url: Where it is.
        card: What it wrote into `demo.json`.
        said: What it printed until it was ready.
        data: Its data folder.
    """

    url: str
    card: dict[str, object]
    said: str
    data: Path


@contextmanager
def running(command: list[str], environment: dict[str, str], until: str) -> Generator[str, None, None]:
    """Run a server, give what it printed up to the line that matches `until`, and stop it as Ctrl-C does."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if re.search(until, line):
                break
        yield said
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=30)
        process.stdout.close()
    assert status == 0


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    data = tmp_path_factory.mktemp("demo")
    # A port of the test's own: 0 would do for the host, but the demo is told one.
    environment = {"PORT": str(free_port()), "HALLWAY_DATA": str(data)}
    with running([sys.executable, "scripts/demo.py"], environment, "token") as said:
        card = json.loads((data / "demo.json").read_text())
        yield RunningDemo(card["url"], card, said, data)


# Of a module, not of the session: as long as it is open, Playwright's loop counts as running in this thread, and every
# other test that needs a loop of its own fails.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh profile; whatever the page's scripts complain of fails the test."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The browser itself reports each answer of 400 and more; those are what some tests are about.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            complaints.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def shoot(page: Page) -> Callable[[str], None]:
    """Keep a picture of the page, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    return take


@pytest.fixture
def sign_in(page: Page) -> Callable[..., None]:
    def fill_in_the_form(name: str = "alice", password: str = "demo") -> None:
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    return fill_in_the_form


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
