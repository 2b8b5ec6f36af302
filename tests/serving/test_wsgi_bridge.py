"""A WSGI app behind the bridge finds all that PEP 3333 promises, and its answers arrive as it gave them."""

import hashlib
import sys
import threading
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import anyio
import pytest

from hallway import Settings, current
from hallway.host import Host
from hallway.serving.asgi import Message
from hallway.testing import host_in_memory

from .exchange import Exchange, http_scope
from .wsgi_apps import PLAIN, ROOM, Environ, StartResponse, WSGIApp, ask, checked, room


def lists(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", PLAIN)
    return [b"one ", b"two"]


def generates(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    yield b"one "
    yield b""
    yield b"two"


def generates_known_length(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "7")])
    yield b"one two"


def generates_known_length_in_pieces(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "7")])
    yield b"one "
    yield b"two"


def writes(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    write = start_response("200 OK", PLAIN)
    write(b"one ")
    return [b"two"]


def changes_its_mind(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("500 Internal Server Error", PLAIN)
    try:
        int("no number")
    except ValueError:
        start_response("200 OK", PLAIN, sys.exc_info())
    return [b"one two"]


@pytest.mark.parametrize(
    "application",
    [
        lists,
        generates,
        generates_known_length,
        generates_known_length_in_pieces,
        writes,
        changes_its_mind,
    ],
)
def test_an_answer_arrives_whole_however_the_app_gives_it(application: WSGIApp):
    answer = ask(application)
    assert (answer.status_code, answer.text) == (200, "one two")
    assert answer.headers["content-type"] == "text/plain"


def test_an_empty_answer_is_an_answer():
    def empty(_environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("204 No Content", [("X-Room", "empty")])
        return []

    answer = ask(empty)
    assert (answer.status_code, answer.content, answer.headers["x-room"]) == (204, b"", "empty")


def test_head_has_the_headers_of_get():
    def page(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [*PLAIN, ("Content-Length", "7")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"one two"]

    answer = ask(page, "HEAD")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "7", b"")


def test_several_headers_of_one_name_stay_several():
    def page(_environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [*PLAIN, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b""]

    assert ask(page).headers.get_list("set-cookie") == ["a=1", "b=2"]


def reads(environ: Environ, start_response: StartResponse) -> list[bytes]:
    digest, length = hashlib.sha256(), 0
    while piece := environ["wsgi.input"].read(65536):
        digest.update(piece)
        length += len(piece)
    start_response("200 OK", PLAIN)
    return [f"{environ.get('CONTENT_LENGTH')} {length} {digest.hexdigest()}".encode()]


def test_a_large_body_is_read_by_the_app_to_its_end():
    body = bytes(range(256)) * 12_000  # 3 MB, more than is kept in memory
    assert ask(reads, "POST", content=body).text == f"3072000 3072000 {hashlib.sha256(body).hexdigest()}"


def test_a_get_has_no_body_and_no_length():
    assert ask(reads).text == f"None 0 {hashlib.sha256().hexdigest()}"


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    async def receive() -> Message:
        raise NotImplementedError

    headers = [(b"content-length", b"11"), (b"accept", b"application/json")]
    with host_in_memory(room(checked(reads)), settings=Settings(max_body=10)) as host:
        client = Exchange()
        host.call(
            host.host.asgi, http_scope(f"{ROOM}/", method="POST", headers=headers), receive, client.send
        )
        assert host.anonymous().post(f"{ROOM}/", content=b"x" * 10).status_code == 200
    assert client.status == 413
    assert b'"too_large"' in client.pieces[0]


def test_a_body_that_does_not_tell_its_length_is_refused_where_it_grows_too_large():
    with host_in_memory(room(checked(reads)), settings=Settings(max_body=10)) as host:
        too_long, just_right = Exchange(b"x" * 6, b"x" * 5), Exchange(b"x" * 6, b"x" * 4)
        for exchange in (too_long, just_right):
            host.call(host.host.asgi, http_scope(f"{ROOM}/", method="POST"), exchange.receive, exchange.send)
    assert too_long.status == 413
    assert just_right.pieces[0].startswith(b"10 10 ")


class Rows:
    """An answer that notes in which thread it was read and closed."""

    def __init__(self) -> None:
        self.read_in: list[str] = []
        self.closed_in: list[str] = []
        self.closed = threading.Event()
        self._rows = [b"one ", b"two"]

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.read_in.append(threading.current_thread().name)
        if not self._rows:
            raise StopIteration
        return self._rows.pop(0)

    def close(self) -> None:
        self.closed_in.append(threading.current_thread().name)
        self.closed.set()


def test_an_answer_is_closed_once_in_the_thread_that_read_it():
    rows = Rows()

    def page(_environ: Environ, start_response: StartResponse) -> Rows:
        start_response("200 OK", PLAIN)
        return rows

    assert ask(page).text == "one two"
    assert rows.closed.wait(10)
    assert rows.closed_in == ["app:room-1"]
    assert set(rows.read_in) == {"app:room-1"}


def test_who_is_served_is_known_until_the_last_piece_and_in_threads_that_are_told():
    def page(_environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", PLAIN)
        yield f"{current().caller.name} ".encode()
        told: list[str] = []
        context = copy_context()
        thread = threading.Thread(target=context.run, args=[lambda: told.append(current().caller.name)])
        thread.start()
        thread.join()
        yield f"{told[0]} {current().app.id}".encode()

    with host_in_memory(room(checked(page))) as host:
        assert host.program("ada").get(f"{ROOM}/").text == "ada ada room"
        assert host.program("bob").get(f"{ROOM}/").text == "bob bob room"


@pytest.mark.anyio
@pytest.mark.parametrize("application", [lists, generates_known_length])
async def test_what_is_surely_at_hand_crosses_to_the_client_in_one_piece(
    application: WSGIApp, tmp_path: Path
):
    with anyio.fail_after(10):
        async with Host(Settings(data=str(tmp_path)), apps=[room(application)]) as host:
            exchange = Exchange()
            await host.asgi(http_scope(f"{ROOM}/"), exchange.receive, exchange.send)
    assert exchange.pieces == [b"one two"]
