"""`hallway serve` as a process, over real sockets."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from .processes import read_line, run, serving, token_for, write

pytestmark = pytest.mark.slow

WSGI = """
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["PATH_INFO"].encode()]
"""
ASGI = """
    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"asgi"})
"""
FLASK = """
    import flask
    app = flask.Flask(__name__, static_folder=".", static_url_path="/static")
    @app.get("/")
    def index():
        return flask.url_for("static", filename="flask_room.py")
"""
DASH = """
    from dash import Dash, html
    app = Dash(__name__, use_async=False)
    app.layout = html.Div("Hello")
    server = app.server
"""
STARLETTE = """
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("starlette"))])
"""
# Its page waits until somebody writes into a pipe. Opening the pipe to write waits for the page, too.
WAITING = """
    from pathlib import Path
    from hallway import App
    app = App("waiting", public=True)
    def pages(environ, start_response):
        word = Path("pipe").read_text() if environ["PATH_INFO"] == "/wait" else "at once"
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [word.encode()]
    app.mount(pages)
"""


# --- the first sign-in ------------------------------------------------------------------------------------------


def test_on_an_empty_store_a_link_signs_the_first_administrator_in_once():
    with serving() as host:
        found = re.search(r"this does: (\S+/login\?link=\S+)\n", read_line(host))
        assert found
        assert found.group(1).startswith(host.url)
        with httpx.Client() as first, httpx.Client() as second:
            assert first.get(found.group(1)).headers["location"] == "/"
            assert "Signed in as <strong>admin</strong>" in first.get(f"{host.url}/").text
            assert second.get(found.group(1)).status_code == 401
        assert run("user", "list").stdout.startswith("admin\tadmin\t")
        assert host.stop() == 0
    with serving() as host:
        assert host.stop() == 0
        assert read_line(host) == ""  # no second link


def test_users_and_tokens_are_managed_while_the_host_runs():
    with serving() as host:
        headers = token_for("ada")
        asked = f"{host.url}/api/apps"
        assert httpx.get(asked, headers=headers).status_code == 200
        id = run("token", "list").stdout.split("\t")[0]
        assert id in headers["authorization"]
        revoked = run("token", "revoke", id)
        assert (revoked.returncode, revoked.stdout) == (0, "Revoked.\n")
        assert httpx.get(asked, headers=headers).status_code == 401


# --- stopping ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_was_begun_is_finished_before_the_host_stops(number: signal.Signals):
    write("waiting.py", WAITING)
    os.mkfifo("pipe")
    with serving("waiting") as host, ThreadPoolExecutor(1) as executor:
        request = executor.submit(httpx.get, f"{host.url}/apps/waiting/wait", timeout=20)
        with Path("pipe").open("w") as pipe:  # the page is at work now
            host.process.send_signal(number)
            while host.listens():
                pass
            assert host.process.poll() is None
            pipe.write("finished")
        assert request.result(20).text == "finished"
        assert host.process.wait(20) == 0
        assert "Traceback" not in host.log


def test_a_second_interrupt_waits_for_nobody():
    write("waiting.py", WAITING)
    os.mkfifo("pipe")
    with serving("waiting") as host, ThreadPoolExecutor(1) as executor:
        executor.submit(httpx.get, f"{host.url}/apps/waiting/wait", timeout=20)
        with Path("pipe").open("w"):
            host.process.send_signal(signal.SIGINT)
            while host.listens():
                pass
            assert host.stop(signal.SIGINT) == 0
            assert "A thread of waiting was still working" in host.log


def test_a_host_that_was_killed_leaves_nothing_in_the_way_of_the_next():
    for _ in range(2):
        with serving() as host:
            assert httpx.get(f"{host.url}/healthz").status_code == 200
            host.process.kill()
            host.process.wait()


# --- what is served ---------------------------------------------------------------------------------------------


def test_bare_applications_of_every_kind_are_served_under_their_modules_names():
    kinds = {"flask": FLASK, "dash": DASH, "starlette": STARLETTE, "wsgi": WSGI, "asgi": ASGI}
    for kind, code in kinds.items():
        write(f"{kind}_room.py", code)
    write("packed/__init__.py", "")
    write("packed/wsgi.py", WSGI)
    with serving(*(f"{kind}_room" for kind in kinds), "packed.wsgi:app") as host:
        headers = token_for("ada")
        listed = [app["id"] for app in httpx.get(f"{host.url}/api/apps", headers=headers).json()]
        assert sorted(listed) == sorted([*(f"{kind}-room" for kind in kinds), "packed"])
        for id in listed:
            assert httpx.get(f"{host.url}/apps/{id}/", headers=headers).status_code == 200
        assert host.stop() == 0


def test_below_a_root_pages_and_all_that_they_load_lie_below_it():
    write("flask_room.py", FLASK)
    write("dash_room.py", DASH)
    with serving("flask_room", "dash_room", "--root-path", "/portal") as host:
        assert host.url.endswith("/portal")
        headers = token_for("ada")
        with httpx.Client(base_url=host.url.removesuffix("/portal")) as browser:
            answer = browser.post("/portal/login", data={"username": "ada", "password": "secret"})
            assert answer.headers["location"] == "/portal/"
            assert "Path=/portal;" in answer.headers["set-cookie"]
            assert 'href="/portal/apps/dash-room/"' in browser.get("/portal/").text
            page = browser.get("/portal/apps/dash-room/").text
            loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
            assert loaded
            assert all(url.startswith("/portal/apps/dash-room/") for url in loaded)
            assert {browser.get(url).status_code for url in loaded} == {200}
            asset = browser.get("/portal/apps/flask-room/").text
            assert asset == "/portal/apps/flask-room/static/flask_room.py"
            assert browser.get(asset).status_code == 200
        assert httpx.get(f"{host.url}/apps/flask-room", headers=headers).headers["location"] == (
            "/portal/apps/flask-room/"
        )


def test_apps_are_served_where_the_operator_wants_them():
    write("front.py", WSGI)
    write("shop.py", WSGI)
    with serving("front=/", "shop=/buy") as host:
        headers = token_for("ada")

        def page(path: str) -> str:
            return httpx.get(f"{host.url}{path}", headers=headers).text

        assert [page("/"), page("/x/y"), page("/buy/now")] == ["/", "/x/y", "/now"]
        assert page("/healthz") == '{"status":"ok"}'


def test_a_folder_with_a_broken_app_serves_the_others_and_says_what_is_wrong():
    write("rooms/good.py", WSGI)
    write("rooms/broken.py", "import no_such_package")
    with serving("rooms") as host:
        headers = token_for("ada")
        assert httpx.get(f"{host.url}/apps/good/x", headers=headers).text == "/x"
        assert "broken is not loaded" in host.log
        assert "no_such_package" in host.log
        assert "Traceback" not in host.log


def test_with_no_target_every_installed_app_is_served():
    write("site/installed_room.py", WSGI)
    write(
        "site/rooms-1.0.dist-info/METADATA",
        """\
        Metadata-Version: 2.1
        Name: rooms
        Version: 1.0
        """,
    )
    write("site/rooms-1.0.dist-info/entry_points.txt", "[hallway.apps]\nroom = installed_room\n")
    with serving(PYTHONPATH=str(Path("site").resolve())) as host:
        headers = token_for("ada")
        assert httpx.get(f"{host.url}/apps/installed-room/x", headers=headers).text == "/x"


# --- over a real socket -----------------------------------------------------------------------------------------

STREAMING = """
    from pathlib import Path
    from hallway import App
    app = App("stream", public=True)
    class Endless:
        def __iter__(self):
            return self
        def __next__(self):
            return b"x" * 65536
        def close(self):
            Path("pipe").write_text("closed")
    def pages(environ, start_response):
        headers = [("Content-Type", "text/plain")]
        start_response("200 OK", headers)
        path = environ["PATH_INFO"]
        if path == "/endless":
            return Endless()
        if path == "/breaks":
            return broken()
        if path == "/length":
            return [str(len(environ["wsgi.input"].read())).encode()]
        return (word for word in (b"one ", b"two"))
    def broken():
        yield b"half"
        raise ValueError("on purpose")
    app.mount(pages)
"""


def test_answers_and_bodies_of_every_length_cross_the_socket():
    write("stream.py", STREAMING)
    os.mkfifo("pipe")
    with serving("stream") as host, httpx.Client(base_url=f"{host.url}/apps/stream", timeout=20) as client:
        assert client.get("/").text == "one two"
        assert client.head("/").content == b""
        assert client.post("/length", content=b"x" * 3_000_000).text == "3000000"
        assert client.post("/length", content=iter([b"x" * 1000] * 30)).text == "30000"
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/breaks")
        assert client.get("/").text == "one two"
        with client.stream("GET", "/endless") as answer:
            assert next(answer.iter_raw())
        assert Path("pipe").read_text() == "closed"  # the app learned that nobody reads any longer
        assert host.stop() == 0
    assert "ValueError: on purpose" in host.log


def test_an_ipv6_address_may_be_listened_on():
    with serving("--host", "::1") as host:
        assert host.url.startswith("http://[::1]:")
        assert httpx.get(f"{host.url}/healthz").status_code == 200
