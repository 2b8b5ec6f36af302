"""Errors: for programs in one form, for people a page, and signing in where that helps."""

from collections.abc import Iterator

import httpx
import pytest

from hallway import App
from hallway.serving.asgi import Receive, Scope, Send
from hallway.testing import MemoryHost, host_in_memory

BROWSER = {"accept": "text/html,application/xhtml+xml"}
PROGRAM = {"accept": "application/json"}


@pytest.fixture(scope="module")
def host() -> Iterator[MemoryHost]:
    with host_in_memory(failing("broken"), App("empty")) as served:
        yield served


def failing(id: str) -> App:
    app = App(id, public=True)

    async def fail(scope: Scope, _receive: Receive, _send: Send) -> None:
        if scope["type"] == "http":
            raise ValueError("secret-detail")

    app.mount(fail)
    return app


def ask(host: MemoryHost, path: str, method: str, name: str | None) -> httpx.Response:
    asker = host.anonymous(PROGRAM) if name is None else host.program(name)
    return asker.request(method, path, headers=PROGRAM)


CASES = [
    ("/apps/nothing/", "GET", None, 401, "not_signed_in"),
    ("/api/apps", "GET", None, 401, "not_signed_in"),
    ("/", "GET", None, 401, "not_signed_in"),
    ("/handoff/", "GET", None, 401, "not_signed_in"),
    ("/login?link=wrong", "GET", None, 401, "bad_credentials"),
    ("/no/such/page", "GET", None, 404, "unknown_handoff"),
    ("/static/nothing", "GET", None, 404, "not_found"),
    ("/apps/nothing/", "GET", "ada", 404, "not_found"),
    ("/api/nothing", "GET", "ada", 404, "not_found"),
    ("/api/apps", "POST", "ada", 405, "method_not_allowed"),
    ("/", "POST", "ada", 405, "method_not_allowed"),
    ("/login", "PUT", "ada", 405, "method_not_allowed"),
    ("/apps/broken/", "GET", None, 500, "internal"),
]


@pytest.mark.parametrize(("path", "method", "name", "status", "code"), CASES)
def test_a_program_gets_a_problem_of_one_shape(
    host: MemoryHost, path: str, method: str, name: str | None, status: int, code: str
):
    answer = ask(host, path, method, name)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert problem.keys() >= {"type", "title", "status", "detail", "code", "correlation_id", "remedy"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:hallway:problem:{code}"
    assert all(problem[key] for key in ("title", "detail", "correlation_id", "remedy"))
    assert "secret-detail" not in answer.text


@pytest.mark.parametrize(("path", "method", "name", "status", "code"), CASES)
def test_a_person_gets_a_page_with_the_same_status_or_signs_in(
    host: MemoryHost, path: str, method: str, name: str | None, status: int, code: str
):
    asker = host.anonymous(BROWSER) if name is None else host.program(name)
    answer = asker.request(method, path, headers=BROWSER)
    if code == "not_signed_in":
        assert answer.status_code == 302
        assert answer.headers["location"] == f"/login?next={path}"
        return
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>" in answer.text
    assert "secret-detail" not in answer.text


def test_the_headers_that_belong_to_a_status_come_with_it(host: MemoryHost):
    assert ask(host, "/api/apps", "DELETE", "ada").headers["allow"] == "GET, HEAD"
    assert ask(host, "/api/apps", "GET", None).headers["www-authenticate"] == 'Bearer realm="hallway"'
    page = host.program("ada").delete("/api/apps", headers=BROWSER)
    assert page.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("headers", "signs_in"),
    [
        ({"sec-fetch-dest": "document", "accept": "*/*"}, True),
        ({"sec-fetch-dest": "iframe", "accept": "text/html"}, True),
        ({"sec-fetch-dest": "empty", "accept": "text/html"}, False),
        ({"sec-fetch-dest": "image", "accept": "image/*"}, False),
        ({"accept": "text/html"}, True),
        ({"accept": "*/*"}, False),
        ({"accept": "application/json"}, False),
    ],
)
def test_only_who_opens_a_page_is_sent_to_sign_in(host: MemoryHost, headers: dict[str, str], signs_in: bool):
    answer = host.anonymous(headers).get("/apps/any/")
    assert answer.status_code == (302 if signs_in else 401)
    assert host.anonymous(headers).post("/apps/any/").status_code == 401


def test_a_link_that_hands_over_is_for_people_also_where_nothing_is_said(host: MemoryHost):
    for headers, status in (({"accept": "*/*"}, 302), (BROWSER, 302), (PROGRAM, 401)):
        assert host.anonymous(headers).get("/handoff/any/thing/").status_code == status


def test_a_wrong_token_is_not_cured_by_signing_in(host: MemoryHost):
    answer = host.anonymous({**BROWSER, "authorization": "Bearer hwt_wrong"}).get("/")
    assert answer.status_code == 401
    assert "token" in answer.text


def test_what_the_address_says_stays_text_on_the_page(host: MemoryHost):
    answer = host.program("ada").get("/apps/<script>alert(1)</script>/", headers=BROWSER)
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
