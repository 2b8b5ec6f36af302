"""Flask applications under a prefix."""

import flask
import pytest
from werkzeug.wrappers import Response

from hallway import App, Settings, View, current
from hallway.testing import host_in_memory

from .views import view_answer, view_url


def pages() -> flask.Flask:
    """Make a small Flask application."""
    application = flask.Flask("pages", static_folder=None)
    application.secret_key = "only for tests"

    @application.get("/")
    def index() -> str:
        return f"{flask.url_for('gauge', site='01', unit='m')} for {current().caller.name}"

    @application.get("/gauge/<site>")
    def gauge(site: str) -> str:
        return site

    @application.get("/leave")
    def leave() -> Response:
        return flask.redirect(flask.url_for("index"))

    @application.get("/count")
    def count() -> str:
        flask.session["count"] = flask.session.get("count", 0) + 1
        return str(flask.session["count"])

    @application.get("/bug")
    def bug() -> str:
        raise ValueError("secret-detail")

    return application


def room(id: str = "room") -> App:
    app = App(id)
    app.mount(pages())
    return app


@pytest.mark.parametrize("root", ["", "/portal"])
def test_addresses_that_flask_makes_lie_below_the_prefix(root: str):
    with host_in_memory(room(), settings=Settings(root_path=root)) as host:
        alice = host.program("alice")
        assert alice.get(f"{root}/apps/room/").text == f"{root}/apps/room/gauge/01?unit=m for alice"
        assert alice.get(f"{root}/apps/room/leave").headers["location"] == f"{root}/apps/room/"
        assert alice.get(f"{root}/apps/room/gauge/a%20b").text == "a b"


def test_an_unknown_page_is_the_apps_own_404():
    with host_in_memory(room()) as host:
        answer = host.program().get("/apps/room/no/such/page")
    assert answer.status_code == 404
    assert "application/problem+json" not in answer.headers["content-type"]


def test_a_bug_that_flask_catches_tells_nothing():
    with host_in_memory(room()) as host:
        answer = host.program().get("/apps/room/bug")
    assert answer.status_code == 500
    assert "secret-detail" not in answer.text


def test_the_sessions_of_two_apps_do_not_meet():
    with host_in_memory(room("one"), room("two")) as host:
        alice = host.visitor("alice")
        counts = [alice.get(f"/apps/{id}/count").text for id in ("one", "two", "one", "two")]
        paths = sorted(cookie.path for cookie in alice.cookies.jar if cookie.name == "session")
    assert counts == ["1", "1", "2", "2"]
    assert paths == ["/apps/one", "/apps/two"]


def test_a_path_that_the_author_chose_for_the_session_stays():
    application = pages()
    application.config["SESSION_COOKIE_PATH"] = "/apps"
    app = App("room")
    app.mount(application)
    with host_in_memory(app) as host:
        assert "Path=/apps;" in host.visitor().get("/apps/room/count").headers["set-cookie"] + ";"


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View("gauge", site="01", unit="m"), "/apps/room/gauge/01?unit=m"),
        (View("gauge", site="a bü?"), "/apps/room/gauge/a%20b%C3%BC%3F"),
        (View("index"), "/apps/room/"),
        (View("index", site=["1", "2"], none=None), "/apps/room/?site=1&site=2"),
        (View("/gauge/01", unit="m"), "/apps/room/gauge/01?unit=m"),
        (View("gauge/01"), "/apps/room/gauge/01"),
    ],
)
def test_a_view_is_an_endpoint_or_a_path(view: View, expected: str):
    assert view_url(pages(), view) == expected
    assert view_url(pages(), view, root="/portal") == f"/portal{expected}"


@pytest.mark.parametrize("view", [View("nowhere"), View("gauge"), View("no/such/page")])
def test_a_view_that_is_not_there_is_the_apps_mistake(view: View, caplog: pytest.LogCaptureFixture):
    answer = view_answer(pages(), view)
    assert (answer.status_code, answer.json()["code"]) == (500, "bad_result")
    assert repr(view) in caplog.text
