"""Who sees which pages; what one may not see answers like what does not exist."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest

from hallway import App, Settings, current
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .wsgi_apps import PLAIN, Environ, StartResponse

PROGRAM = {"accept": "application/json"}


@dataclass(frozen=True)
class SharedLink:
    """A link, from the server's root, and the host that it is on."""

    host: MemoryHost
    link: str


def tells_whom_it_serves(environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", PLAIN)
    served = current()
    path, query = environ["PATH_INFO"].encode("latin-1").decode(), environ["QUERY_STRING"]
    if path == "/link":
        return [served.app.share_url(unquote(query)).encode()]
    return [f"{served.app.id} {path}?{query} for {served.caller.name}".encode()]


def app_of(id: str, **options: Any) -> App:
    app = App(id, **options)
    app.mount(tells_whom_it_serves)
    return app


def without_names(answer: httpx.Response, *names: str) -> dict[str, Any]:
    """Give all of a problem but what the caller wrote, and the number."""
    problem = answer.json()
    problem.pop("correlation_id")
    for name in names:
        problem["detail"] = problem["detail"].replace(name, "NAME")
    return {**problem, "status_code": answer.status_code, "headers": sorted(answer.headers)}


def test_somebody_who_opens_a_page_signs_in_first_and_then_gets_there():
    with host_in_memory(app_of("room")) as host:
        host.call(host.host.identity.add_user, "alice", "secret")
        visitor = host.anonymous()
        path = "/apps/room/caf%C3%A9/a%20b/100%25?site=1&site=2&text=a%26b%20c"
        answer = visitor.get(path)
        assert answer.status_code == 302
        login = urlsplit(answer.headers["location"])
        assert login.path == "/login"
        (target,) = parse_qs(login.query)["next"]
        form = {"username": "alice", "password": "secret", "next": target}
        answer = visitor.post("/login", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        shown = visitor.get(answer.headers["location"]).text
        assert shown == "room /café/a b/100%?site=1&site=2&text=a%26b%20c for alice"


def test_a_program_that_is_not_signed_in_is_told_so():
    with host_in_memory(app_of("room")) as host:
        answer = host.anonymous(PROGRAM).get("/apps/room/")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "not_signed_in"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_anonymous_learns_not_which_apps_exist():
    with host_in_memory(app_of("room"), app_of("secret", visible_to=[])) as host:
        program, browser = host.anonymous(PROGRAM), host.anonymous()
        seen = [program.get(f"/apps/{name}/x") for name in ("room", "secret", "nosuchapp")]
        pages = [browser.get(f"/apps/{name}/x") for name in ("room", "secret", "nosuchapp")]
        bare = [program.get(f"/apps/{name}") for name in ("room", "secret", "nosuchapp")]
    assert len({str(without_names(answer)) for answer in [*seen, *bare]}) == 1
    assert [page.headers["location"].replace("/x", "") for page in pages] == [
        f"/login?next=/apps/{name}" for name in ("room", "secret", "nosuchapp")
    ]


@pytest.mark.parametrize("rest", ["", "/", "/page?q=1"])
def test_an_app_that_is_hidden_answers_like_one_that_does_not_exist(rest: str):
    with host_in_memory(
        app_of("secret", visible_to=["urn:hallway:user:bob"]), app_of("gone", visible_to=[])
    ) as host:
        alice = host.program("alice")
        hidden, nobodys, missing = (alice.get(f"/apps/{name}{rest}") for name in ("secret", "gone", "nosuch"))
        assert hidden.status_code == 404
        assert (
            without_names(hidden, "secret")
            == without_names(nobodys, "gone")
            == without_names(missing, "nosuch")
        )
        assert host.program("bob").get("/apps/secret/").text == "secret /? for bob"


def test_near_matches_name_only_what_the_caller_may_see():
    with host_in_memory(app_of("plotter"), app_of("plotters", visible_to=[])) as host:
        problem = host.program("alice").get("/apps/ploter/").json()
    assert problem["near"] == ["plotter"]
    assert "'plotter'" in problem["detail"]


def test_the_apps_folder_itself_is_no_page():
    with host_in_memory(app_of("room")) as host:
        answers = [host.program("alice").get(path) for path in ("/apps", "/apps/", "/apps//room/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_public_app_is_open_to_everybody_and_knows_who_comes():
    with host_in_memory(app_of("room", public=True)) as host:
        assert host.anonymous().get("/apps/room/").text == "room /? for anonymous"
        assert host.visitor("alice").get("/apps/room/").text == "room /? for alice"


# --- shared links -----------------------------------------------------------------------------------------------


@contextmanager
def sharing(
    clock: FakeClock | None = None, path: str = "/csv/01613900?unit=m"
) -> Generator[SharedLink, None, None]:
    """Have Alice make a shared link to one of the app's shared routes."""
    app = app_of("room")
    app.share("/csv/{site}")
    with host_in_memory(app, clock=clock) as host:
        link = host.visitor("alice").get(f"/apps/room/link?{quote(path)}").text
        yield SharedLink(host, link.removeprefix("http://127.0.0.1:8000"))


def test_a_shared_link_opens_one_page_to_anybody_and_acts_for_who_made_it():
    with sharing() as shared:
        answer = shared.host.anonymous(PROGRAM).get(shared.link)
        # Its signature is the host's, so the app does not see it.
        assert answer.text == "room /csv/01613900?unit=m for alice"
        assert shared.host.visitor("bob").get(shared.link).text.endswith("for alice")
        assert shared.host.anonymous(PROGRAM).head(shared.link).status_code == 200


def test_a_shared_link_is_good_for_that_page_and_for_reading_alone():
    with sharing() as shared:
        anybody = shared.host.anonymous(PROGRAM)
        altered = [
            shared.link.replace("01613900", "01613901"),
            shared.link.replace("unit=m", "unit=ft"),
            shared.link + "x",
            shared.link + "&more=1",
            shared.link.replace("/apps/room/", "/apps/other/"),
        ]
        assert [anybody.get(link).status_code for link in altered] == [401] * len(altered)
        assert anybody.post(shared.link).status_code == 401


def test_a_shared_link_ends_when_its_time_is_over():
    clock = FakeClock()
    with sharing(clock) as shared:
        clock.advance(3599)
        assert shared.host.anonymous(PROGRAM).get(shared.link).status_code == 200
        clock.advance(1)
        assert shared.host.anonymous(PROGRAM).get(shared.link).status_code == 401


def test_a_shared_link_of_another_host_opens_nothing():
    with sharing() as shared, sharing() as other:
        assert other.host.anonymous(PROGRAM).get(shared.link).status_code == 401


def test_a_shared_link_ends_when_its_app_no_longer_shares_the_route(tmp_path: Path):
    app = app_of("room")
    app.share("/csv/{site}")
    kept = Settings(data=str(tmp_path))
    with host_in_memory(app, settings=kept) as host:
        link = host.visitor("alice").get("/apps/room/link?/csv/1").text
        assert host.anonymous(PROGRAM).get(link).status_code == 200
    with host_in_memory(app_of("room"), settings=kept) as host:
        assert host.anonymous(PROGRAM).get(link).status_code == 401


def test_a_signature_that_is_not_valid_leaves_the_page_to_those_who_may_see_it():
    with sharing() as shared:
        bob = shared.host.visitor("bob")
        assert bob.get(shared.link + "x").text.endswith("for bob")
