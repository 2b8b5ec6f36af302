"""Where the pages of apps lie: at `/apps/<id>/`, or where the operator wants them, below the host's root."""

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from hallway import App, Settings
from hallway.errors import BadTarget
from hallway.testing import host_in_memory

from .conftest import WriteModule
from .targeted import serving
from .wsgi_apps import PLAIN, Environ, StartResponse

PROGRAM = {"accept": "application/json"}
ORIGIN = "http://127.0.0.1:8000"

TELLING = """
    import json
    from hallway import App
    app = App({id!r}, public={public})
    def pages(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        names = ("SCRIPT_NAME", "PATH_INFO", "REQUEST_METHOD")
        return [json.dumps([app.id] + [environ[name] for name in names]).encode()]
    app.mount(pages)
"""


def telling(id: str) -> App:
    """Make an app whose pages tell where they lie."""
    app = App(id, public=True)

    def pages(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        names = ("SCRIPT_NAME", "PATH_INFO", "REQUEST_METHOD")
        return [json.dumps([id] + [environ[name] for name in names]).encode()]

    app.mount(pages)
    return app


# --- the usual place --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/apps/gauge-room", "/apps/gauge-room/"),
        ("/apps/gauge_room", "/apps/gauge-room/"),
        ("/apps/gauge_room/", "/apps/gauge-room/"),
        ("/apps/gauge_room/a/b?x=1&x=2", "/apps/gauge-room/a/b?x=1&x=2"),
        ("/apps/gauge_room/100%25/caf%C3%A9/%3Fno", "/apps/gauge-room/100%25/caf%C3%A9/%3Fno"),
    ],
)
def test_another_spelling_of_an_app_leads_to_its_address_with_all_that_was_asked(asked: str, target: str):
    with host_in_memory(telling("gauge-room")) as host:
        answer = host.anonymous().get(asked)
    assert (answer.status_code, answer.headers["location"]) == (307, target)


def test_a_form_sent_to_another_spelling_arrives():
    with host_in_memory(telling("gauge-room")) as host:
        answer = host.anonymous().post("/apps/gauge_room/form", data={"a": "1"}, follow_redirects=True)
    assert answer.json() == ["gauge-room", "/apps/gauge-room", "/form", "POST"]


# --- below a root -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stripped", [False, True], ids=["whole", "stripped by a proxy"])
def test_below_a_root_everything_leads_back_below_it(stripped: bool):
    with host_in_memory(telling("room"), settings=Settings(root_path="/portal")) as host:
        before = "" if stripped else "/portal"
        visitor = host.anonymous()
        front = visitor.get(f"{before}/")
        assert front.headers["location"] == "/portal/login?next=/"
        assert visitor.get(f"{before}/apps/room").headers["location"] == "/portal/apps/room/"
        assert visitor.get(f"{before}/apps/room/x").json() == ["room", "/portal/apps/room", "/x", "GET"]
        form = visitor.get(f"{before}/login").text
        assert 'action="/portal/login"' in form
        assert 'href="/portal/static/hallway.css"' in form
        assert visitor.get(f"{before}/static/hallway.css").status_code == 200
        alice = host.visitor("alice")
        assert alice.get("/portal/api/apps").json()[0]["url"] == "/portal/apps/room/"
        assert 'href="/portal/apps/room/"' in alice.get("/portal/").text


def test_a_root_as_people_type_it_is_the_front_page():
    with host_in_memory(settings=Settings(root_path="/portal")) as host:
        assert "<h1>Apps</h1>" in host.visitor("alice").get("/portal").text
        assert host.anonymous(PROGRAM).get("/portals").status_code == 404


def test_signing_in_and_out_below_a_root_stays_below_it():
    with host_in_memory(telling("room"), settings=Settings(root_path="/portal")) as host:
        host.call(host.host.identity.add_user, "alice", "secret")
        visitor = host.anonymous()
        form = {"username": "alice", "password": "secret", "next": "/apps/room/"}
        answer = visitor.post("/portal/login", data=form)
        assert answer.headers["location"] == "/portal/apps/room/"
        assert "; Path=/portal;" in answer.headers["set-cookie"]
        answer = visitor.post("/portal/logout")
        assert answer.headers["location"] == "/portal/login"
        assert "; Path=/portal;" in answer.headers["set-cookie"]


# --- a place of its own -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["", "/portal"])
def test_an_app_is_served_where_the_operator_wants_it(write_module: WriteModule, root: str):
    write_module("shop.py", TELLING.format(id="shop", public=True))
    with serving("shop=/buy/here", settings=Settings(root_path=root)) as host:
        visitor = host.anonymous()
        assert visitor.get(f"{root}/buy/here/x").json() == ["shop", f"{root}/buy/here", "/x", "GET"]
        assert visitor.get(f"{root}/buy/here").json() == ["shop", f"{root}/buy/here", "", "GET"]
        assert visitor.get(f"{root}/buy/hereafter").status_code == 404
        moved = visitor.get(f"{root}/apps/shop/x?y=1")
        assert (moved.status_code, moved.headers["location"]) == (307, f"{root}/buy/here/x?y=1")


@pytest.mark.parametrize("root", ["", "/portal"])
def test_an_app_at_the_root_has_every_page_but_the_hosts_own(write_module: WriteModule, root: str):
    write_module("front.py", TELLING.format(id="front", public=True))
    write_module("shop.py", TELLING.format(id="shop", public=True))
    with serving("front=/", "shop=/shop", settings=Settings(root_path=root)) as host:
        visitor = host.anonymous()
        assert visitor.get(f"{root}/").json() == ["front", root, "/", "GET"]
        assert visitor.get(f"{root}/deep/page").json() == ["front", root, "/deep/page", "GET"]
        assert visitor.get(f"{root}/shop/x").json()[0] == "shop"
        assert visitor.get(f"{root}/healthz").json() == {"status": "ok"}
        assert "password" in visitor.get(f"{root}/login").text
        assert visitor.get(f"{root}/apps/front/a").headers["location"] == f"{root}/a"


@pytest.mark.parametrize(
    "rest", ["//evil.example/x", "/%2Fevil.example", "/%5Cevil.example", "///evil.example"]
)
def test_the_way_to_an_app_at_the_root_never_leads_to_another_host(write_module: WriteModule, rest: str):
    write_module("front.py", TELLING.format(id="front", public=True))
    with serving("front=/") as host:
        location = host.anonymous().get(f"/apps/front{rest}").headers["location"]
    assert urlsplit(urljoin(f"{ORIGIN}/apps/front/", location)).netloc == "127.0.0.1:8000"
    assert not location.startswith(("//", "/\\"))


def test_an_app_in_a_place_of_its_own_is_for_those_who_may_see_it(write_module: WriteModule):
    write_module("shop.py", TELLING.format(id="shop", public=False))
    with serving("shop=/shop") as host:
        assert host.anonymous().get("/shop/x").headers["location"] == "/login?next=/shop/x"
        assert host.anonymous(PROGRAM).get("/shop/x").status_code == 401
        assert host.anonymous(PROGRAM).get("/apps/shop/x").status_code == 401
        assert host.program("alice").get("/shop/x").json()[0] == "shop"


def test_an_app_in_a_place_of_its_own_is_not_there_for_those_who_may_not_see_it(write_module: WriteModule):
    write_module("shop.py", TELLING.format(id="shop", public=False) + "    app.visible_to = ()\n")
    with serving("shop=/shop") as host:
        assert host.program("alice").get("/shop/x").status_code == 404
        assert host.program("alice").get("/apps/shop/x").status_code == 404


@pytest.mark.parametrize("path", ["/login", "/api", "/apps/x", "/handoff/deep", "/healthz", "//x"])
def test_a_place_that_is_the_hosts_own_is_refused(write_module: WriteModule, path: str):
    write_module("shop.py", TELLING.format(id="shop", public=True))
    with pytest.raises(BadTarget), serving(f"shop={path}"):
        raise NotImplementedError


def test_a_name_for_the_catalogue_leads_to_the_place(write_module: WriteModule):
    write_module("shop.py", TELLING.format(id="shop", public=True))
    with serving("shop=/shop") as host:
        alice = host.visitor("alice")
        listed: list[dict[str, Any]] = alice.get("/api/apps").json()
        assert alice.get(listed[0]["url"], follow_redirects=True).json()[0] == "shop"


SHARING = """
    from flask import Flask, url_for
    from hallway import App, current, url_for_handoff
    app = App("river", redirect_origins=[])
    pages = Flask(__name__)
    app.mount(pages)
    app.share("/river.csv")

    @pages.get("/river.csv")
    def river():
        return f"flow for {current().caller.name}"

    @pages.get("/link")
    def link():
        return app.share_url("/river.csv")

    @pages.get("/over")
    def over():
        return url_for_handoff("taker/take", file=url_for("river"))
"""
TAKER = """
    from hallway import App, RemoteFile, UserWorkspace
    app = App("taker")

    @app.handoff("take")
    async def take(file: RemoteFile, workspace: UserWorkspace) -> str:
        path = await file.save(workspace.unique("a.csv"))
        return "/taken/" + path.read_text().replace(" ", "-")
"""


@pytest.mark.parametrize("path", ["", "=/water/river", "=/"])
def test_a_shared_link_works_wherever_the_operator_put_the_app(write_module: WriteModule, path: str):
    write_module("river_app.py", SHARING)
    write_module("taker_app.py", TAKER)
    with serving(f"river_app{path}", "taker_app") as host:
        alice, below = host.visitor("alice"), path.removeprefix("=").rstrip("/") if path else "/apps/river"
        link = alice.get(f"{below}/link").text
        assert link.startswith(f"{ORIGIN}{below}/river.csv?")
        assert host.anonymous(PROGRAM).get(link).text == "flow for alice"
        assert host.anonymous(PROGRAM).get(link.partition("?")[0]).status_code == 401
        taken = alice.get(alice.get(f"{below}/over").text)
        assert taken.headers["location"] == "/taken/flow-for-alice"


def test_with_an_app_at_the_root_the_host_never_reads_its_own_other_pages(write_module: WriteModule):
    write_module("river_app.py", SHARING)
    write_module("taker_app.py", TAKER)
    with serving("river_app=/", "taker_app") as host:
        own = f"{ORIGIN}/handoff/taker/take/?hallway_share=x"
        answer = host.program().get("/handoff/taker/take/", params={"file": own})
        assert answer.json()["code"] == "fetch_refused"
