"""The front door: who may write from where, whose token counts, and one kind of error for whatever went wrong."""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallway import App, AuthorError, Settings
from hallway.errors import HostBusy, OperatorError
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .echo import Echo, with_headers
from .exchange import Exchange, http_scope

ROOM = "/apps/room/"
OWN = "http://127.0.0.1:8000"
PROGRAM = {"accept": "application/json"}
PROBLEM_KEYS = {"type", "title", "status", "detail", "code", "correlation_id"}


@pytest.fixture(scope="module")
def host() -> Iterator[MemoryHost]:
    with host_in_memory(Echo().app()) as served:
        yield served


@pytest.fixture(scope="module")
def alice(host: MemoryHost) -> httpx.Client:
    return host.visitor("alice")


# --- cross-site writes ------------------------------------------------------------------------------------------

OWN_PAGES = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-origin", "origin": "https://proxied.example"},
    {"origin": OWN},
    {},  # no browser
]
OTHER_SITES = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},  # apps on other ports are "same-site"
    {"sec-fetch-site": "cross-site", "origin": OWN},
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:9000"},
    {"origin": "https://127.0.0.1:8000"},
    {"origin": "null"},
    {"origin": OWN + ".evil.example"},
    {"origin": ""},
]


@pytest.mark.parametrize("headers", OWN_PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_the_host_may_write_with_the_session(
    host: MemoryHost, alice: httpx.Client, method: str, headers: dict[str, str]
):
    assert with_headers(host, alice, headers).request(method, ROOM).text == method


@pytest.mark.parametrize("headers", OTHER_SITES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_site_may_not_write_with_the_session(
    host: MemoryHost, alice: httpx.Client, method: str, headers: dict[str, str]
):
    answer = with_headers(host, alice, headers).request(method, ROOM)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("headers", OTHER_SITES)
def test_another_site_may_link_to_pages(host: MemoryHost, alice: httpx.Client, headers: dict[str, str]):
    assert with_headers(host, alice, headers).get(ROOM).status_code == 200


@pytest.mark.parametrize("headers", OTHER_SITES)
def test_a_program_with_a_token_is_nobodys_browser(host: MemoryHost, headers: dict[str, str]):
    program = host.program("bob")
    assert program.post(ROOM, headers=headers).text == "POST"


@pytest.mark.parametrize("headers", OTHER_SITES)
def test_another_site_may_not_sign_anybody_in(host: MemoryHost, headers: dict[str, str]):
    form = {"username": "alice", "password": "guess"}
    assert host.anonymous(headers).post("/login", data=form).status_code == 403


def test_behind_a_proxy_the_public_address_is_the_hosts_own():
    proxied = Settings(public_url="https://portal.example")
    with host_in_memory(Echo().app(), settings=proxied) as host:
        alice = host.visitor("alice")
        (cookie,) = alice.cookies.items()
        for origin, status in {"https://portal.example": 200, "https://other.example": 403}.items():
            # A cookie that demands https is not sent to the http address that the proxy asks.
            headers = {"origin": origin, "cookie": "=".join(cookie)}
            assert host.anonymous(headers).post(ROOM).status_code == status


# --- tokens -----------------------------------------------------------------------------------------------------


def test_a_token_that_is_wrong_is_refused_also_where_nobody_need_sign_in():
    with host_in_memory(Echo().app(public=True)) as host:
        answer = host.anonymous({**PROGRAM, "authorization": "Bearer hwt_wrong"}).get(ROOM)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_ends_when_its_time_is_over():
    clock = FakeClock()
    with host_in_memory(Echo().app(), clock=clock) as host:
        host.visitor("alice")
        token = host.call(lambda: host.host.identity.create_token("alice", lifetime=60))
        program = host.anonymous({"authorization": f"Bearer {token}"})
        clock.advance(59)
        assert program.get(ROOM).status_code == 200
        clock.advance(1)
        assert program.get(ROOM).status_code == 401


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
header_bytes = st.binary(max_size=400).map(
    lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
)


@FUZZ
@given(garbage=header_bytes, prefix=st.sampled_from([b"Bearer hwt_", b"Bearer ", b"hwt_", b"Basic ", b""]))
def test_no_garbage_in_authorization_opens_or_breaks_anything(
    host: MemoryHost, garbage: bytes, prefix: bytes
):
    assert _status(host, (b"authorization", prefix + garbage)) == 401


@FUZZ
@given(garbage=header_bytes, named=st.booleans())
def test_no_garbage_in_cookies_opens_or_breaks_anything(
    host: MemoryHost, alice: httpx.Client, garbage: bytes, named: bool
):
    (name,) = alice.cookies.keys()
    assert _status(host, (b"cookie", (name.encode() + b"=" if named else b"") + garbage)) == 401


@FUZZ
@given(data=st.data())
def test_no_altered_session_or_token_opens_anything(
    host: MemoryHost, alice: httpx.Client, data: st.DataObject
):
    ((name, session),) = alice.cookies.items()
    token = host.program("alice").headers["authorization"].removeprefix("Bearer ")
    genuine, header, before = data.draw(
        st.sampled_from([(session, b"cookie", f"{name}="), (token, b"authorization", "Bearer ")])
    )
    assert _status(host, (header, (before + genuine).encode())) == 200
    position, shift = data.draw(st.integers(0, len(genuine) - 1)), data.draw(st.integers(1, 93))
    letter = chr(33 + (ord(genuine[position]) - 33 + shift) % 94)  # any other that can be seen
    altered = genuine[:position] + letter + genuine[position + 1 :]
    assert _status(host, (header, (before + altered).encode())) == 401


def _status(host: MemoryHost, header: tuple[bytes, bytes]) -> int:
    client = Exchange()
    scope = http_scope(ROOM, headers=[header, (b"accept", b"application/json")])
    host.call(host.host.asgi, scope, client.receive, client.send)
    return client.status


# --- errors -----------------------------------------------------------------------------------------------------


class TheirFault(AuthorError):
    pass


def failing(error: BaseException) -> App:
    """Make an app whose pages raise on the loop."""
    app = App("room", public=True)

    async def serve(scope: Any, _receive: Any, _send: Any) -> None:
        if scope["type"] == "http":
            raise error

    app.mount(serve)
    return app


@pytest.mark.parametrize(
    "error", [ValueError("secret-detail"), SystemExit("secret-detail"), TheirFault("secret-detail")]
)
def test_a_mounted_asgi_app_that_fails_is_answered_with_a_number_that_finds_it_in_the_log(
    error: BaseException, caplog: pytest.LogCaptureFixture
):
    with host_in_memory(failing(error)) as host:
        answer = host.anonymous(PROGRAM).get(ROOM)
        page = host.anonymous().get(ROOM)
    assert answer.status_code == page.status_code == 500
    assert answer.json().keys() >= PROBLEM_KEYS
    assert "secret-detail" not in answer.text + page.text
    assert "Traceback" not in answer.text + page.text
    (logged, _) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert answer.json()["correlation_id"] in logged.getMessage()
    assert "secret-detail" in caplog.text


@pytest.mark.parametrize("error", [HostBusy("Many wait.", retry_after=7.2), OperatorError("secret-detail")])
def test_an_error_of_the_host_is_logged_with_its_number(
    error: OperatorError | HostBusy, caplog: pytest.LogCaptureFixture
):
    with host_in_memory(failing(error)) as host:
        answer = host.anonymous(PROGRAM).get(ROOM)
    assert (answer.status_code, answer.json()["code"]) == (error.status, error.code)
    assert answer.headers.get("retry-after") == ("7" if isinstance(error, HostBusy) else None)
    assert "secret-detail" not in answer.text
    assert answer.json()["correlation_id"] in caplog.text


def test_an_answer_that_an_error_cuts_short_stays_cut_short(caplog: pytest.LogCaptureFixture):
    app = App("room", public=True)

    async def serve(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise TheirFault("too late")

    app.mount(serve)
    with host_in_memory(app) as host:
        client = Exchange()
        with pytest.raises(RuntimeError):
            host.call(host.host.asgi, http_scope(ROOM), client.receive, client.send)
    assert [message["type"] for message in client.messages] == ["http.response.start"]
    assert "too late" in caplog.text


def test_an_address_cannot_write_lines_of_its_own_into_the_log(caplog: pytest.LogCaptureFixture):
    with host_in_memory(failing(ValueError()), failing_politely()) as host:
        host.anonymous().get(ROOM + "x%0A2026-01-01 ERROR forged")
        host.anonymous().get("/apps/polite/x%0A2026-01-01 ERROR forged")
    messages = [record.getMessage() for record in caplog.records if record.name == "hallway.door"]
    assert len(messages) == 2
    assert not any("\n" in message for message in messages)


def failing_politely() -> App:
    app = failing(TheirFault("on purpose"))
    app.id = "polite"
    return app


def test_a_store_that_breaks_is_answered_as_a_bug(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with host_in_memory(Echo().app(), settings=Settings(data=str(tmp_path))) as host:
        alice = host.visitor("alice")
        with contextlib.closing(sqlite3.connect(tmp_path / "hallway.sqlite")) as other:
            other.execute("DROP TABLE sessions")
        page = alice.get(ROOM)
        problem = alice.get(ROOM, headers=PROGRAM)
    assert page.status_code == problem.status_code == 500
    assert "Something broke" in page.text
    assert problem.json()["correlation_id"] in caplog.text
    assert "no such table" not in page.text + problem.text


def test_every_error_has_a_number_of_its_own(host: MemoryHost):
    visitor = host.anonymous(PROGRAM)
    numbers = {visitor.get(ROOM).json()["correlation_id"] for _ in range(5)}
    assert len(numbers) == 5


def test_a_server_that_would_start_and_stop_the_host_is_told_that_it_cannot(host: MemoryHost):
    client = Exchange()
    with pytest.raises(RuntimeError):
        host.call(host.host.asgi, {"type": "lifespan"}, client.receive, client.send)
    assert client.messages == []
