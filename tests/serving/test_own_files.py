"""An app's remote file that lies on the host itself is read in process, and only through a shared link."""

import contextlib
import hashlib
import threading
from collections.abc import Generator, Iterable
from urllib.parse import quote, unquote

import httpx
import pytest

from hallway import App, RemoteFile, Settings, UserWorkspace, current
from hallway.serving.asgi import Receive, Scope, Send
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .wsgi_apps import PLAIN, Environ, StartResponse

LARGE = bytes(range(256)) * 4096  # a megabyte, in pieces of 4 KiB
ORIGIN = "http://127.0.0.1:8000"


def source() -> App:
    """Make an app that gives files away."""
    app = App("source")
    app.share("/files/{name}")

    def pages(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        name, query = path.removeprefix("/files/"), environ["QUERY_STRING"]
        status = {"missing": "404 Not Found", "elsewhere": "302 Found", "broken": "500 Oh"}.get(
            name, "200 OK"
        )
        start_response(status, PLAIN)
        if path == "/link":
            yield app.share_url(unquote(query)).encode()
        elif name == "large":
            for start in range(0, len(LARGE), 4096):
                yield LARGE[start : start + 4096]
        elif name == "breaks off":
            yield b"half"
            raise ConnectionError("on purpose")
        elif name != "empty":
            yield f"{name}?{query} for {current().caller.name}".encode()

    app.mount(pages)
    return app


def taker() -> App:
    """Make an app that takes files over, and answers with what they hold."""
    app = App("taker")

    @app.handoff("take")
    async def take(url: RemoteFile, workspace: UserWorkspace) -> str:
        content = (await url.save(workspace.unique("taken"))).read_bytes()
        shown = content.decode() if len(content) < 100 else hashlib.sha256(content).hexdigest()
        return f"/taken?{quote(shown)}" if shown else "/nothing"

    return app


@contextlib.contextmanager
def both(
    clock: FakeClock | None = None, settings: Settings | None = None
) -> Generator[MemoryHost, None, None]:
    with host_in_memory(source(), taker(), clock=clock, settings=settings) as host:
        yield host


def link_to(host: MemoryHost, path: str) -> str:
    """Have Alice share a file."""
    root = host.host.settings.root_path
    return host.program("alice").get(f"{root}/apps/source/link?{path}").text


def take(host: MemoryHost, url: str) -> httpx.Response:
    """Have Bob hand it over."""
    root = host.host.settings.root_path
    return host.program("bob").post(f"{root}/handoff/taker/take/", data={"url": url})


@pytest.mark.parametrize("root", ["", "/portal"])
@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/files/a.csv", "a.csv? for alice"),
        ("/files/a.csv?unit=m&x=%2526", "a.csv?unit=m&x=%26 for alice"),
        ("/files/caf%25C3%25A9%2520x", "café x? for alice"),
        ("/files/large", hashlib.sha256(LARGE).hexdigest()),
    ],
)
def test_a_shared_link_is_read_whole_for_whoever_has_it_and_acts_for_who_made_it(
    root: str, path: str, content: str
):
    with both(settings=Settings(root_path=root)) as host:
        answer = take(host, link_to(host, path))
    assert answer.status_code == 303, answer.text
    assert unquote(answer.headers["location"]) == f"/taken?{content}"


def test_an_empty_file_is_a_file():
    with both() as host:
        assert take(host, link_to(host, "/files/empty")).headers["location"] == "/nothing"


def test_the_host_knows_its_own_address_by_each_of_its_names():
    with both() as host:
        link = link_to(host, "/files/a.csv").replace("127.0.0.1", "localhost")
        assert take(host, link).status_code == 303


@pytest.mark.parametrize(
    "url",
    [
        f"{ORIGIN}/apps/source/files/a.csv",  # not shared
        f"{ORIGIN}/api/apps?hallway_share=v1.9999999999.YQ.YQ",
        f"{ORIGIN}/handoff/?hallway_share=x",
        f"{ORIGIN}/apps/source/files/a.csv?hallway_share=forged",
        f"{ORIGIN}/apps/source/files/a.csv?other=hallway_share",
        f"{ORIGIN}?hallway_share=x",
    ],
)
def test_no_other_address_of_the_host_is_read(url: str):
    with both() as host:
        answer = take(host, url)
    assert (answer.status_code, answer.json()["code"]) == (400, "fetch_refused")


@pytest.mark.parametrize("name", ["missing", "broken", "elsewhere"])
def test_an_app_that_gives_no_file_is_told_with_its_status(name: str):
    with both() as host:
        answer = take(host, link_to(host, f"/files/{name}"))
    assert (answer.status_code, answer.json()["code"]) == (400, "fetch_refused")
    assert {"missing": "404", "broken": "500", "elsewhere": "302"}[name] in answer.json()["detail"]


def test_a_link_whose_time_is_over_is_refused():
    clock = FakeClock()
    with both(clock) as host:
        link = link_to(host, "/files/a.csv")
        clock.advance(3600)
        assert take(host, link).json()["code"] == "fetch_refused"


def test_a_file_that_breaks_off_is_not_taken_for_a_whole_one():
    with both() as host:
        answer = take(host, link_to(host, "/files/breaks%2520off"))
        assert list(host.host.workspaces.of_app("taker").path.parent.glob("users/*/*")) == []
    assert (answer.status_code, answer.json()["code"]) == (502, "fetch_failed")


class OneApp:
    """A host whose every page is of one app."""

    def path_of(self, app_id: str) -> str:
        raise NotImplementedError

    def locate(self, path: str) -> tuple[str, str]:
        return "x", path


@pytest.mark.parametrize(
    ("name", "status", "code"), [("silent", 400, "fetch_refused"), ("half", 502, "fetch_failed")]
)
def test_an_answer_that_an_app_forgets_to_give_is_no_file(name: str, status: int, code: str):
    app = App("source")
    app.share("/files/{name}")

    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        inside = scope["path"].removeprefix(scope["root_path"])
        if inside == "/files/silent":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if inside == "/files/half":
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
        else:
            link = app.share_url(scope["query_string"].decode()).encode()
            await send({"type": "http.response.body", "body": link})

    app.mount(pages)
    with host_in_memory(app, taker()) as host:
        answer = take(host, link_to(host, f"/files/{name}"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_reader_that_has_enough_ends_the_answer():
    closed, made = threading.Event(), list[int]()

    class Endless:
        def __iter__(self) -> "Endless":
            return self

        def __next__(self) -> bytes:
            made.append(1)
            return b"x" * 1000

        def close(self) -> None:
            closed.set()

    app = source()

    def pages(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", PLAIN)
        if environ["PATH_INFO"] == "/link":
            return [app.share_url("/files/endless").encode()]
        return Endless()

    app.mount(pages)
    with host_in_memory(app, taker(), settings=Settings(fetch_max_bytes=10_000)) as host:
        answer = take(host, link_to(host, ""))
        assert closed.wait(10)
    assert (answer.status_code, answer.json()["code"]) == (502, "fetch_failed")
    assert len(made) < 100
