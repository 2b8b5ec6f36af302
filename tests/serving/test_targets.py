"""What `hallway serve` finds in a module, in a folder and among the installed packages."""

import sys

import pytest

from hallway.errors import BadTarget
from hallway.serving.mounts.kinds import ApplicationKind, kind_of
from hallway.serving.targets import FoundApp, find_apps

from .conftest import WriteModule

AN_APP = """
    from hallway import App
    app = App({id!r})
"""
WSGI = "def app(environ, start_response): ...\n"
BARE = {
    "wsgi": "def app(environ, start_response): ...",
    "asgi": "async def application(scope, receive, send): ...",
    "asgi_object": """
        class Application:
            async def __call__(self, scope, receive, send): ...
        asgi = Application()
    """,
    "flask": "from flask import Flask; app = Flask(__name__)",
    "dash": """
        from dash import Dash, html
        app = Dash(__name__, use_async=False)
        app.layout = html.Div("Hello")
        server = app.server
    """,
    "dash_by_another_name": """
        from dash import Dash, html
        dash_app = Dash(__name__, use_async=False)
        dash_app.layout = html.Div("Hello")
        server = dash_app.server
    """,
    "starlette": "from starlette.applications import Starlette; app = Starlette()",
}
KINDS = {
    "wsgi": ApplicationKind.WSGI,
    "asgi": ApplicationKind.ASGI,
    "asgi_object": ApplicationKind.ASGI,
    "flask": ApplicationKind.FLASK,
    "dash": ApplicationKind.DASH,
    "dash_by_another_name": ApplicationKind.DASH,
    "starlette": ApplicationKind.STARLETTE,
}


def found(*targets: str) -> dict[str, FoundApp]:
    """Find apps, none of which has a problem."""
    apps, problems = find_apps(targets)
    assert problems == []
    return {each.app.id: each for each in apps}


def refusal(*targets: str) -> str:
    """Give what is wrong with targets, and what to do."""
    with pytest.raises(BadTarget) as caught:
        find_apps(targets)
    assert caught.value.remedy
    assert caught.value.remedy != BadTarget.remedy
    return caught.value.detail


# --- modules ----------------------------------------------------------------------------------------------------


def test_a_module_gives_every_app_in_it(write_module: WriteModule):
    write_module(
        "two_apps.py",
        """
        from hallway import App
        one = App("first")
        two = App("second")
        again = one
        """,
    )
    assert list(found("two_apps")) == ["first", "second"]
    assert list(found("two_apps:two")) == ["second"]


def test_a_package_keeps_its_app_in_its_module_app(write_module: WriteModule):
    write_module("gauge_room/__init__.py", "")
    write_module("gauge_room/app.py", AN_APP.format(id="gauges"))
    assert list(found("gauge_room")) == ["gauges"]


@pytest.mark.parametrize("kind", BARE)
def test_a_bare_web_application_is_served_under_the_name_of_its_module(write_module: WriteModule, kind: str):
    write_module(f"bare_{kind}.py", BARE[kind])
    id = f"bare-{kind}".replace("_", "-")
    (app,) = found(f"bare_{kind}").items()
    assert app[0] == id
    assert kind_of(app[1].app.mounted) is KINDS[kind]


@pytest.mark.parametrize(
    ("module", "id"),
    [
        ("well_named", "well-named"),
        ("well_named.app", "well-named"),
        ("app.well_named", "well-named"),
        ("server.wsgi.well_named.main", "well-named"),
        ("main", "main"),
        ("run.asgi", "run"),
    ],
)
def test_a_bare_application_is_named_by_the_first_part_that_says_something(
    write_module: WriteModule, module: str, id: str
):
    parts = module.split(".")
    for depth in range(1, len(parts)):
        write_module("/".join([*parts[:depth], "__init__.py"]), "")
    write_module("/".join(parts) + ".py", WSGI)
    assert list(found(f"{module}:app")) == [id]


def test_an_attribute_may_lie_deep(write_module: WriteModule):
    write_module("holder.py", f"{WSGI}class Deep:\n    class Deeper:\n        app = staticmethod(app)\n")
    assert list(found("holder:Deep.Deeper.app")) == ["holder"]


def test_a_name_that_is_no_address_is_refused_with_the_cure(write_module: WriteModule):
    write_module("größe.py", WSGI)
    assert "größe" in refusal("größe")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import no_such_package.part", "it needs 'no_such_package', which is not installed"),
        ("1 / 0", "broken.py line 1: ZeroDivisionError: division by zero"),
        ("raise SystemExit('run me as a program')", "SystemExit: run me as a program"),
        ("def broken(:", "SyntaxError"),
        ("x = 1", "holds no hallway.App and no web application"),
        ("app = 'text'", "holds no hallway.App and no web application"),
    ],
)
def test_a_module_that_cannot_be_served_is_refused_with_the_cure(
    write_module: WriteModule, code: str, expected: str
):
    write_module("broken.py", code)
    assert expected in refusal("broken")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("no_such_module", "there is no module 'no_such_module'"),
        ("no_such.module", "there is no module 'no_such'"),
        ("present.nothing", "there is no module 'present.nothing'"),
        ("present:nothing", "has no 'nothing'"),
        ("present:app.nothing", "has no 'app.nothing'"),
        ("no-such-folder", "is no module and no folder"),
        ("./no/folder", "is no module and no folder"),
        ("present=shop", "'shop' is no path"),
        ("present=", "'' is no path"),
        ("two_apps=/shop", "holds 2 apps"),
    ],
)
def test_a_target_that_names_nothing_is_refused_with_the_cure(
    write_module: WriteModule, target: str, expected: str
):
    write_module("present.py", WSGI)
    write_module("two_apps.py", "from hallway import App\na = App('a')\nb = App('b')\n")
    assert expected in refusal(target)


def test_a_path_may_come_with_a_target(write_module: WriteModule):
    write_module("shop.py", WSGI)
    write_module("front.py", WSGI)
    apps = found("shop=/buy/here/", "front:app=/")
    assert {id: each.path for id, each in apps.items()} == {"shop": "/buy/here", "front": ""}
    assert found("shop")["shop"].path is None


def test_two_targets_of_one_name_are_refused_with_both(write_module: WriteModule):
    write_module("gauge_room.py", WSGI)
    write_module("other.py", AN_APP.format(id="gauge-room"))
    detail = refusal("gauge_room", "other")
    assert "'gauge_room'" in detail
    assert "'other'" in detail


@pytest.mark.parametrize("path", ["/", "/shop"])
def test_two_targets_at_one_path_are_refused_with_both(write_module: WriteModule, path: str):
    write_module("one.py", WSGI)
    write_module("two.py", WSGI)
    detail = refusal(f"one={path}", f"two={path}")
    assert f"'one={path}'" in detail
    assert f"'two={path}'" in detail


# --- folders ----------------------------------------------------------------------------------------------------


def test_a_folder_gives_all_its_apps(write_module: WriteModule):
    write_module("rooms/zebra.py", AN_APP.format(id="zebra"))
    write_module("rooms/gauge_room/__init__.py", "")
    write_module("rooms/gauge_room/app.py", AN_APP.format(id="gauges"))
    write_module("rooms/helpers.py", "x = 1")
    write_module("rooms/no-module.py", "raise NotImplementedError")
    write_module("rooms/data/file.txt", "")
    assert list(found("rooms")) == ["gauges", "zebra"]


def test_a_broken_app_in_a_folder_leaves_the_others_alone(write_module: WriteModule):
    write_module("rooms_b/good.py", AN_APP.format(id="good"))
    write_module("rooms_b/raises.py", "1 / 0")
    write_module("rooms_b/leaves.py", "import sys; sys.exit(3)")
    apps, problems = find_apps(["rooms_b"])
    assert [each.app.id for each in apps] == ["good"]
    assert [problem.where for problem in problems] == ["leaves", "raises"]
    assert all("does not import" in problem.message and problem.remedy for problem in problems)


def test_a_folder_without_apps_is_refused_with_the_cure(write_module: WriteModule):
    write_module("empty/notes.txt", "")
    assert "holds no apps" in refusal("empty")


def test_a_folder_has_no_path_of_its_own(write_module: WriteModule):
    write_module("rooms/zebra.py", AN_APP.format(id="zebra"))
    assert "has no path of its own" in refusal("rooms=/zoo")


def test_an_app_that_another_module_stands_in_for_is_reported(write_module: WriteModule):
    write_module("twice.py", AN_APP.format(id="first"))
    write_module("rooms_c/twice.py", AN_APP.format(id="second"))
    write_module("rooms_c/good.py", AN_APP.format(id="good"))
    apps, problems = find_apps(["twice", "rooms_c"])
    assert [each.app.id for each in apps] == ["first", "good"]
    assert [problem.where for problem in problems] == ["twice"]


# --- installed apps ---------------------------------------------------------------------------------------------


def install(write_module: WriteModule, **entries: str) -> None:
    """Put a package with entry points on the path, as pip does."""
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    write_module("rooms-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: rooms\nVersion: 1.0\n")
    file = write_module("rooms-1.0.dist-info/entry_points.txt", f"[hallway.apps]\n{lines}")
    sys.path.insert(0, str(file.parents[1]))


def test_no_target_means_every_installed_app(write_module: WriteModule):
    write_module("installed_room.py", AN_APP.format(id="installed"))
    write_module("broken_room.py", "1 / 0")
    install(write_module, installed="installed_room:app", broken="broken_room")
    apps, problems = find_apps([])
    # Whoever runs this may have other apps installed.
    assert "installed" in [each.app.id for each in apps]
    assert "broken" in [problem.where for problem in problems]


def test_a_folder_that_is_a_package_is_served_as_one(write_module: WriteModule):
    write_module("rooms/hut/__init__.py", "from .app import app")
    write_module("rooms/hut/app.py", AN_APP.format(id="hut"))
    assert list(found("rooms/hut")) == ["hut"]


def test_tests_that_lie_beside_an_app_are_passed_over(write_module: WriteModule):
    write_module("rooms/barn.py", AN_APP.format(id="barn"))
    for name in ("test_barn", "barn_test", "conftest"):
        write_module(f"rooms/{name}.py", "raise RuntimeError('imported')")
    assert list(found("rooms")) == ["barn"]


def test_an_app_that_two_targets_name_is_one(write_module: WriteModule):
    write_module("mill.py", AN_APP.format(id="mill"))
    write_module("mill_too.py", "from mill import app")
    assert list(found("mill", "mill_too")) == ["mill"]
