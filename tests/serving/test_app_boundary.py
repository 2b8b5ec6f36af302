"""What crosses the host's boundary to an app and back: never the host's own secrets, never a forged identity."""

from collections.abc import Iterator
from dataclasses import asdict

import httpx
import pytest

from hallway.serving.visit import Visit
from hallway.testing import MemoryHost, host_in_memory

from .echo import Echo, with_headers

ROOM = "/apps/room/"


class Visiting:
    """Alice in an echoing room.

    Args:
        host: The host.
        echo: The app.
    """

    def __init__(self, host: MemoryHost, echo: Echo) -> None:
        self.host = host
        self.echo = echo
        self.alice = host.visitor("alice")
        (self.cookie,) = self.alice.cookies.items()

    def sees(self, headers: dict[str, str]) -> dict[str, str]:
        """Give what reaches the app of a request with these headers."""
        answer = with_headers(self.host, self.alice, headers).get(ROOM)
        assert answer.status_code == 200
        return dict(self.echo.headers)


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def visit(request: pytest.FixtureRequest) -> Iterator[Visiting]:
    echo = Echo()
    with host_in_memory(echo.app(request.param)) as host:
        yield Visiting(host, echo)


def test_an_app_never_sees_the_session(visit: Visiting):
    _, secret = visit.cookie
    assert visit.alice.get(ROOM).status_code == 200
    assert "cookie" not in visit.echo.headers
    assert isinstance(visit.echo.seen, dict)
    given = list(visit.echo.seen.values())
    given += [asdict(value) for value in given if isinstance(value, Visit)]
    assert secret not in repr(given)


def test_other_cookies_reach_the_app(visit: Visiting):
    name, secret = visit.cookie
    client = visit.host.anonymous({"cookie": f"a=1; {name}={secret};b=2;; {name}x=3; {name}={secret}"})
    assert client.get(ROOM).status_code == 200
    assert visit.echo.headers["cookie"] == f"a=1; b=2; {name}x=3"


@pytest.mark.parametrize(
    "setting",
    [
        "{name}=stolen; Path=/",
        "{name}=; Max-Age=0; Path=/",
        " {name}=stolen",
        "{name} =stolen; Path=/",  # browsers drop the blank
        "\t{name}\t= stolen",
        "={name}=stolen; Path=/",  # a cookie without a name is sent back as `NAME=stolen`
        "= {name} =stolen",
        "{name}",
    ],
)
def test_an_app_cannot_set_the_session(visit: Visiting, setting: str):
    name, _ = visit.cookie
    visit.echo.sets = [("Set-Cookie", setting.format(name=name)), ("Set-Cookie", "own=1; Path=/apps/room")]
    answer = visit.alice.get(ROOM)
    assert answer.headers.get_list("set-cookie") == ["own=1; Path=/apps/room"]
    visit.echo.sets = []
    assert visit.alice.get(ROOM).status_code == 200


@pytest.mark.parametrize("setting", ["{name}x=1", "x{name}=1", "other={name}=1", "=other={name}", ""])
def test_an_app_may_set_any_other_cookie(visit: Visiting, setting: str):
    name, _ = visit.cookie
    visit.echo.sets = [("Set-Cookie", setting.format(name=name))]
    assert visit.alice.get(ROOM).headers.get_list("set-cookie") == [setting.format(name=name)]
    visit.echo.sets = []
    visit.alice.cookies.clear()
    visit.alice.cookies.set(*visit.cookie)


@pytest.mark.parametrize(
    "header",
    [
        "Remote-User",
        "X-Remote-User",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Forwarded-Groups",
        "X-Forwarded-Preferred-Username",
        "X-Auth-Request-User",
        "X-Hallway-Caller",
        "X-HALLWAY-ANYTHING",
        "Forwarded",
    ],
)
def test_nobody_tells_an_app_who_they_are_but_the_host(visit: Visiting, header: str):
    seen = visit.sees({header: "admin", "X-Request-Id": "kept"})
    assert header.lower() not in seen
    assert seen["x-request-id"] == "kept"


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer  {}", "Bearer\t{} "])
def test_a_token_of_the_host_signs_in_and_never_reaches_the_app(visit: Visiting, spelling: str):
    token = visit.host.program("bob").headers["authorization"].removeprefix("Bearer ")
    program = visit.host.anonymous({"authorization": spelling.format(token), "x-other": "kept"})
    assert program.get(ROOM).status_code == 200
    assert "authorization" not in visit.echo.headers
    assert visit.echo.headers["x-other"] == "kept"


@pytest.mark.parametrize(
    "value", ["Bearer of-another-service", "Basic aHd0XzEyMzQ=", "Bearer", "hwt_0123", "Basic hwt_0123"]
)
def test_an_authorization_meant_for_others_reaches_the_app_untouched(visit: Visiting, value: str):
    assert visit.sees({"authorization": value})["authorization"] == value


def test_a_bearer_counts_more_than_a_cookie(visit: Visiting):
    bob = visit.host.program("bob")
    both = with_headers(visit.host, visit.alice, dict(bob.headers))
    assert "Signed in as <strong>bob</strong>" in both.get("/").text
    wrong = with_headers(visit.host, visit.alice, {"authorization": "Bearer hwt_wrong"})
    assert wrong.get(ROOM).status_code == 401


def test_a_head_request_and_its_headers_reach_the_app(visit: Visiting):
    answer: httpx.Response = visit.alice.head(ROOM)
    assert (answer.status_code, answer.content) == (200, b"")
