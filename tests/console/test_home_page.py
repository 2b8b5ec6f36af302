"""The front page."""

import base64
from pathlib import Path

import pytest

from hallway import App
from hallway.serving.asgi import Receive, Scope, Send
from hallway.testing import host_in_memory

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


async def pages(scope: Scope, _receive: Receive, _send: Send) -> None:
    if scope["type"] == "http":
        raise NotImplementedError


def plotter() -> App:
    """Make an app that takes over in several ways, two of which Alice does not see."""
    app = App("plotter", title="The Plotter", description="Plots.", tags=["csv"])
    app.mount(pages)

    @app.handoff("plot", description="Plot a file.")
    def plot(csv_url: str, scale: str = "log") -> str:
        raise NotImplementedError

    app.handoff("inside", internal=True)(lambda: "")
    app.handoff("for-bob", visible_to=["urn:hallway:user:bob"])(lambda: "")
    return app


def with_icon(folder: Path, icon: str, content: bytes | None) -> App:
    app = App("room", title="Room", icon=icon)
    app.mount(pages)
    app.folder = folder
    if content is not None:
        (folder / icon).write_bytes(content)
    return app


def test_the_front_page_shows_apps_by_title_with_what_they_take_over():
    other = App("a-room", title="zoo")
    other.mount(pages)
    with host_in_memory(other, plotter()) as host:
        page = host.visitor("alice").get("/").text
    assert page.index("The Plotter") < page.index("zoo")
    assert "<code>plot(csv_url, scale)</code>" in page
    assert "Plot a file." in page
    assert "Plots." in page
    assert '<span class="tag">csv</span>' in page
    assert 'href="/apps/plotter/"' in page
    assert "Signed in as <strong>alice</strong>" in page
    assert "inside" not in page
    assert "for-bob" not in page


def test_what_is_no_handoff_is_shown_beside():
    app = App("room")

    @app.action("flood")
    def flood() -> None:
        """Compute floods."""

    with host_in_memory(app) as host:
        page = host.visitor("alice").get("/").text
    assert "Also offers" in page
    assert "Compute floods." in page
    assert 'href="/apps/room/"' not in page


def test_a_host_without_apps_says_how_to_make_one():
    with host_in_memory() as host:
        assert "hallway new" in host.visitor("alice").get("/").text


def test_what_could_not_be_loaded_is_shown_to_administrators_alone():
    broken = App("run")
    with host_in_memory(broken, plotter()) as host:
        shown = host.visitor("ada", admin=True).get("/").text
        hidden = host.visitor("alice").get("/").text
    assert "Not loaded" in shown
    assert "reserved" in shown
    assert "Not loaded" not in hidden


@pytest.mark.parametrize(("icon", "media_type"), [("i.svg", "image/svg+xml"), ("i.PNG", "image/png")])
def test_an_icon_is_shown_as_a_picture(tmp_path: Path, icon: str, media_type: str):
    with host_in_memory(with_icon(tmp_path, icon, SVG)) as host:
        page = host.visitor("alice").get("/").text
    assert f'src="data:{media_type};base64,{base64.b64encode(SVG).decode()}"' in page


@pytest.mark.parametrize(
    ("icon", "content"), [("i.svg", None), ("i.svg", b"x" * 65_537), ("i.html", SVG), ("", None)]
)
def test_an_icon_that_cannot_be_shown_is_the_first_letter_instead(
    tmp_path: Path, icon: str, content: bytes | None
):
    with host_in_memory(with_icon(tmp_path, icon, content)) as host:
        page = host.visitor("alice").get("/").text
    assert "data:" not in page
    assert '<span class="icon letter" aria-hidden="true">R</span>' in page


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_front_page_is_for_reading(method: str):
    with host_in_memory() as host:
        answer = host.visitor("alice").request(method, "/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_front_page_is_for_who_is_signed_in():
    with host_in_memory() as host:
        assert host.anonymous().get("/").headers["location"] == "/login?next=/"
        assert host.anonymous().head("/").status_code == 401
