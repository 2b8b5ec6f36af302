"""What a handler returns leads to a page of this host, or to an origin that its app has registered; to nowhere else."""

import json
import re
from collections.abc import Iterator
from typing import Any

import flask
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hallway import App, View
from hallway.testing import MemoryHost, host_in_memory

from .inside import quiet_page

HOST = "http://hallway.test"
REGISTERED = "https://charts.example"
PARTS = st.sampled_from(
    [
        *(
            REGISTERED,
            "https://charts.example.evil.test",
            "https://charts.example@evil.test",
            "HTTPS://charts.example",
        ),
        *(
            "//",
            "/\\",
            "\\\\",
            "/",
            "\\",
            "http:",
            "https:",
            "javascript:",
            "data:",
            "view:",
            ":",
            "://",
            "[",
            "]",
        ),
        *("evil.test", "alert(1)", "plot", "..", "@", "?", "#", "%2f", "%5c", "%00", "．", "。", "⁄", "é"),
        *("\t", "\n", "\r", "\0", " ", "\x7f", "\x85", "\u2028", "\ud800"),
    ]
)
STRINGS = st.lists(PARTS, max_size=6).map("".join) | st.text(st.characters(), max_size=12)


def listed(_request: Request) -> Response:
    raise NotImplementedError


def returning(app: App) -> App:
    """Give an app handoffs that return what the test says."""

    @app.handoff("text")
    async def text(to: Any) -> str:
        return to

    @app.handoff("view")
    async def view(name: Any, value: Any = None) -> View:
        return View(name, value=value)

    return app


@pytest.fixture(scope="module")
def flask_app() -> flask.Flask:
    application = flask.Flask("rooms")
    application.add_url_rule("/", "index", lambda: "index")
    application.add_url_rule("/plot/<site>", "plot", str)
    application.add_url_rule("/list", "list", lambda: "list")
    return application


@pytest.fixture(scope="module")
def house(flask_app: flask.Flask) -> Iterator[MemoryHost]:
    apps = [
        returning(App(id, redirect_origins=[REGISTERED])) for id in ("bare", "wsgi", "flask", "starlette")
    ]
    apps[1].mount(quiet_page)
    apps[2].mount(flask_app)
    apps[3].mount(Starlette(routes=[Route("/list", listed, name="list")]))
    with host_in_memory(*apps) as running:
        yield running


@pytest.fixture(scope="module")
def program(house: MemoryHost) -> httpx.Client:
    return house.program()


def leads_to(program: httpx.Client, app: str, handoff: str, **values: object) -> str | None:
    """Give where a handoff sends the user; None if its result was refused as the author's mistake."""
    sent = json.dumps(values)  # lone surrogates as escapes, which is how they can come
    answer = program.post(
        f"/handoff/{app}/{handoff}/", content=sent, headers={"content-type": "application/json"}
    )
    if answer.status_code == 303:
        return answer.headers["location"]
    assert answer.json()["code"] == "bad_result", answer.text
    return None


def assert_stays(location: str | None) -> None:
    """Check that every browser stays on this host, or goes to the registered origin."""
    if location is None:
        return
    assert re.fullmatch(r"[!-\[\]-~]+", location)  # nothing that browsers drop, and no backslash
    location = re.sub("(?i)^https:", "https:", location)
    if location.startswith(REGISTERED):
        assert location.removeprefix(REGISTERED)[:1] in ("", "/", "?", "#")
        assert httpx.URL(location).host == "charts.example"
    else:
        assert location.startswith("/")
        assert not location.startswith("//")
        assert httpx.URL(f"{HOST}/handoff/a/b/").join(location).host == "hallway.test"


APPS = pytest.mark.parametrize("app", ["bare", "wsgi", "flask", "starlette"])


@APPS
@settings(max_examples=150)
@given(to=STRINGS)
def test_no_text_whatever_leads_to_another_origin(program: httpx.Client, app: str, to: str) -> None:
    assert_stays(leads_to(program, app, "text", to=to))


@APPS
@settings(max_examples=150)
@given(name=STRINGS, value=STRINGS | st.lists(STRINGS, max_size=2) | st.none())
def test_no_view_whatever_leads_to_another_origin(
    program: httpx.Client, app: str, name: str, value: object
) -> None:
    location = leads_to(program, app, "view", name=name, value=value)
    assert_stays(location)
    assert location is None or location.startswith(f"/apps/{app}/")


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/", "/"),
        ("/anywhere?x=1#y", "/anywhere?x=1#y"),
        ("/é", "/%C3%A9"),
        (f"{REGISTERED}", REGISTERED),
        (f"{REGISTERED}/x?y#z", f"{REGISTERED}/x?y#z"),
    ],
)
def test_an_address_of_this_host_or_of_a_registered_origin_is_taken_as_it_is(
    program: httpx.Client, to: str, location: str
) -> None:
    assert leads_to(program, "bare", "text", to=to) == location


@pytest.mark.parametrize(
    "to",
    [
        "//evil.test/",
        "///evil.test/",
        "/\\evil.test/",
        "/\t/evil.test/",
        "https://evil.test/",
        "https://charts.example.evil.test/",
        "https://charts.example:8443/",
        "https://charts.example@evil.test/",
        "https://user@charts.example/",
        "https://charts.example\\@evil.test/",
        "http://charts.example/",
        "https://sub.charts.example/",
        "https://charts.example /",
        "https://[",
        "javascript://charts.example/%0aalert(1)",
        " https://charts.example/",
        "/\ud800",
    ],
)
def test_an_address_that_leads_away_is_the_authors_mistake_with_the_cure(
    program: httpx.Client, caplog: pytest.LogCaptureFixture, to: str
) -> None:
    assert leads_to(program, "bare", "text", to=to) is None
    assert "redirect_origins=['https://host']" in caplog.text


@pytest.mark.parametrize("to", [None, 5, [], {}, "", ["/"]])
def test_what_is_no_address_at_all_is_the_authors_mistake(
    program: httpx.Client, caplog: pytest.LogCaptureFixture, to: object
) -> None:
    assert leads_to(program, "wsgi", "text", to=to) is None
    assert f"returned {type(to).__name__}" in caplog.text


@pytest.mark.parametrize(
    ("app", "name", "value", "location"),
    [
        ("wsgi", "reports/today", "a b", "/apps/wsgi/reports/today?value=a%20b"),
        ("wsgi", "plot", None, "/apps/wsgi/plot"),
        ("wsgi", "plot", [1, True, "x"], "/apps/wsgi/plot?value=1&value=true&value=x"),
        ("flask", "list", "x", "/apps/flask/list?value=x"),
        ("flask", "/plot/01", "x", "/apps/flask/plot/01?value=x"),
        ("starlette", "list", "x", "/apps/starlette/list?value=x"),
        ("starlette", "elsewhere", "x", "/apps/starlette/elsewhere?value=x"),
    ],
)
def test_a_view_is_a_page_of_the_handlers_own_app(
    program: httpx.Client, app: str, name: str, value: object, location: str
) -> None:
    assert leads_to(program, app, "view", name=name, value=value) == location


@pytest.mark.parametrize("to", ["list", "flask:list", "other:list"])
def test_the_name_of_a_view_alone_or_behind_an_app_is_one_of_the_handlers_own_app(
    program: httpx.Client, to: str
) -> None:
    assert leads_to(program, "flask", "text", to=to) == "/apps/flask/list"


def test_a_view_that_the_app_has_not_is_the_authors_mistake(program: httpx.Client) -> None:
    assert leads_to(program, "flask", "view", name="nowhere") is None
    assert leads_to(program, "bare", "view", name="plot") is None


def test_a_parameter_that_cannot_stand_in_an_address_is_the_authors_mistake(
    program: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert leads_to(program, "wsgi", "view", name="plot", value="\ud800") is None
    assert "Give text, numbers, dates or lists." in caplog.text


class Model:
    """Knows its own page, as Django's models do."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_absolute_url(self) -> str:
        return self.url


def test_an_object_that_knows_its_own_page_leads_there_and_no_further() -> None:
    app = App("a")

    @app.handoff("model")
    def model(url: str) -> Any:
        return Model(url)

    with host_in_memory(app) as host:
        program = host.program()
        assert leads_to(program, "a", "model", url="/notes/5") == "/notes/5"
        assert leads_to(program, "a", "model", url="//evil.test/") is None
