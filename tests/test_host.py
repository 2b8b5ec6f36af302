"""The host's life: started, stopped, and started again; and what becomes of apps that cannot be loaded."""

import contextlib
import sqlite3
from pathlib import Path

import anyio
import pytest

from hallway import App, Caller, Settings, View
from hallway.errors import BadTarget, DataUnusable, HallwayError, NotBound
from hallway.host import Host
from hallway.settings import AppSettings
from hallway.testing import host_in_memory

from .serving.wsgi_apps import PLAIN, Environ, StartResponse


def page(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", PLAIN)
    return [b"here"]


def room(id: str = "room") -> App:
    app = App(id, public=True)
    app.mount(page)
    return app


@pytest.mark.anyio
async def test_a_host_that_does_not_run_says_so(tmp_path: Path):
    host = Host(Settings(data=str(tmp_path)))
    with pytest.raises(NotBound) as caught:
        _ = host.url
    assert "async with" in caught.value.remedy
    with anyio.fail_after(10):
        await host.stop()  # which is no error
        async with host:
            assert host.url == "http://127.0.0.1:8000"
        with pytest.raises(NotBound):
            _ = host.registry


@pytest.mark.anyio
async def test_a_host_may_be_started_again_on_what_it_kept(tmp_path: Path):
    host = Host(Settings(data=str(tmp_path)), apps=[room()])
    with anyio.fail_after(10):
        for _ in range(2):
            async with host:
                assert [loaded.app.id for loaded in host.registry.apps()] == ["room"]
                assert host.problems == []


@pytest.mark.anyio
async def test_a_second_host_on_the_same_data_is_refused_and_harms_nothing(tmp_path: Path):
    settings = Settings(data=str(tmp_path))
    with anyio.fail_after(10):
        async with Host(settings) as first:
            with pytest.raises(DataUnusable):
                await Host(settings).start()
            await first.identity.add_user("ada", "")
        async with Host(settings) as second:
            assert [user.name for user in await second.identity.users()] == ["ada"]


@pytest.mark.anyio
async def test_a_host_none_of_whose_apps_can_be_loaded_does_not_start_and_lets_go_of_everything(
    tmp_path: Path,
):
    settings = Settings(data=str(tmp_path))
    with anyio.fail_after(10):
        with pytest.raises(BadTarget) as caught:
            await Host(settings, apps=[App("run"), App("not a name")]).start()
        assert "'run'" in caught.value.detail
        assert "reserved" in caught.value.remedy
        async with Host(settings):
            pass


@pytest.mark.anyio
async def test_a_host_whose_store_is_damaged_does_not_start_and_lets_go_of_everything(tmp_path: Path):
    settings = Settings(data=str(tmp_path))

    def damage(sql: str) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "hallway.sqlite")) as store:
            store.execute(sql)

    with anyio.fail_after(10):
        async with Host(settings):
            pass
        damage("ALTER TABLE secrets RENAME TO lost")
        with pytest.raises(HallwayError):
            await Host(settings).start()
        damage("ALTER TABLE lost RENAME TO secrets")
        async with Host(settings):
            pass


@pytest.mark.anyio
async def test_a_host_that_is_told_its_port_uses_it_in_its_address(tmp_path: Path):
    host = Host(Settings(data=str(tmp_path), root_path="/portal"))
    with anyio.fail_after(10):
        await host.start(1234)
        assert (host.url, host.home_url) == ("http://127.0.0.1:1234/portal", "/portal/")
        await host.stop()


def test_an_app_that_cannot_be_loaded_is_reported_and_its_neighbours_are_served(
    caplog: pytest.LogCaptureFixture,
):
    odd = App("odd name")
    odd.mount(page)
    with host_in_memory(odd, room(), room("room"), App("room_", visible_to=["bob"])) as host:
        assert [problem.where for problem in host.host.problems] == ["odd name", "room", "room_"]
        assert all(problem.message and problem.remedy for problem in host.host.problems)
        assert host.anonymous().get("/apps/room/").text == "here"
    assert caplog.text.count("is not loaded") == 3


def test_a_capability_that_cannot_be_loaded_is_reported_and_its_app_is_served():
    app = room()
    app.share("no slash")

    @app.handoff("status")
    def status() -> str:
        raise NotImplementedError

    with host_in_memory(app) as host:
        assert sorted(problem.where for problem in host.host.problems) == [
            "room share('no slash')",
            "room/status",
        ]
        assert host.anonymous().get("/apps/room/").status_code == 200


def test_what_this_version_only_lists_is_told_in_the_log(caplog: pytest.LogCaptureFixture):
    app = room()

    @app.method("Plotter.Show")
    def show() -> None:
        raise NotImplementedError

    with host_in_memory(app):
        assert "Plotter.Show" in caplog.text


def test_an_app_is_tied_to_the_host_as_long_as_it_runs():
    app = room()
    with pytest.raises(NotBound):
        _ = app.handoffs
    with host_in_memory(app):
        assert app.handoffs
    with pytest.raises(NotBound):
        _ = app.handoffs


def test_the_file_of_settings_names_other_origins_for_an_app_once():
    settings = Settings(apps={"room": AppSettings(redirect_origins=("https://charts.example",))})
    app = room()

    @app.handoff("leave")
    def leave() -> str:
        return "https://charts.example/x"

    for _ in range(2):
        with host_in_memory(app, settings=settings) as host:
            answer = host.program().post("/handoff/room/leave/")
            assert answer.headers["location"] == "https://charts.example/x"
    assert app.redirect_origins == ("https://charts.example",)


def test_a_handler_is_given_what_it_asks_the_host_for():
    app = room()

    @app.handoff("tell")
    def tell(caller: Caller, host: Host) -> str:
        return f"/{caller.name}{host.home_url}"

    with host_in_memory(app) as host:
        answer = host.program("ada").post("/handoff/room/tell/")
    assert answer.headers["location"] == "/ada/"


def test_a_view_of_an_app_without_pages_is_its_mistake(caplog: pytest.LogCaptureFixture):
    app = App("room")

    @app.handoff("show")
    def show() -> View:
        return View("page")

    with host_in_memory(app) as host:
        answer = host.program().post("/handoff/room/show/")
    assert (answer.status_code, answer.json()["code"]) == (500, "bad_result")
    assert "'room' has no pages" in caplog.text
