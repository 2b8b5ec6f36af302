"""Dash applications under a prefix."""

import json
import re
from typing import Any, cast

import dash
import httpx
import pytest
from dash import Input, Output, dcc, html
from starlette.applications import Starlette

from hallway import App, Settings, View, current
from hallway.testing import host_in_memory

from .views import view_url


def pages(label: str = "one", **options: Any) -> dash.Dash:
    """Make a small Dash application."""
    application = dash.Dash(f"pages_{label}", title=label, use_async=False, **options)
    application.layout = html.Div([dcc.Input(id="name"), html.P(id="greeting")])

    @application.callback(Output("greeting", "children"), Input("name", "value"))
    def greet(name: str) -> str:
        return f"{label}: {name} and {current().caller.name}"

    return application


def room(application: dash.Dash, id: str = "room") -> App:
    app = App(id)
    app.mount(application)
    return app


def greeting(client: httpx.Client, prefix: str, name: str) -> str:
    """Do what the browser does when somebody types a name."""
    body = {
        "output": "greeting.children",
        "outputs": {"id": "greeting", "property": "children"},
        "inputs": [{"id": "name", "property": "value", "value": name}],
        "changedPropIds": ["name.value"],
    }
    answer = client.post(f"{prefix}_dash-update-component", json=body)
    assert answer.status_code == 200
    return answer.json()["response"]["greeting"]["children"]


@pytest.mark.parametrize("root", ["", "/portal"])
def test_a_dash_page_and_all_that_it_loads_lie_below_the_prefix(root: str):
    prefix = f"{root}/apps/room/"
    with host_in_memory(room(pages()), settings=Settings(root_path=root)) as host:
        alice = host.visitor("alice")
        page = alice.get(prefix).text
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(loaded) > 3
        assert all(url.startswith(prefix) for url in loaded)
        assert {alice.get(url).status_code for url in loaded} == {200}
        (config,) = re.findall(r'<script id="_dash-config" type="application/json">(.*?)</script>', page)
        assert json.loads(config)["requests_pathname_prefix"] == prefix
        assert alice.get(f"{prefix}_dash-layout").json()["type"] == "Div"
        assert len(alice.get(f"{prefix}_dash-dependencies").json()) == 1
        assert greeting(alice, prefix, "Ada") == "one: Ada and alice"
        assert "_dash-config" in alice.get(f"{prefix}any/deep/link").text


def test_two_dash_apps_keep_to_themselves():
    with host_in_memory(room(pages("one"), "one"), room(pages("two"), "two")) as host:
        alice = host.visitor("alice")
        greetings = [greeting(alice, f"/apps/{id}/", "Ada") for id in ("one", "two", "one")]
        titles = [re.findall("<title>(.*)</title>", alice.get(f"/apps/{id}/").text) for id in ("one", "two")]
    assert greetings == ["one: Ada and alice", "two: Ada and alice", "one: Ada and alice"]
    assert titles == [["one"], ["two"]]


def test_a_view_is_a_path_of_the_page():
    assert view_url(pages(), View("plot", file="a b.csv", none=None)) == "/apps/room/plot?file=a%20b.csv"
    assert view_url(pages(), "/reports/today", root="/portal") == "/reports/today"
    assert view_url(pages(), View("reports/today"), root="/portal") == "/portal/apps/room/reports/today"


@pytest.mark.parametrize("options", [{"url_base_pathname": "/x/"}, {"routes_pathname_prefix": "/x/"}])
def test_a_dash_app_that_sets_its_own_prefix_is_reported_with_the_cure(options: dict[str, str]):
    with host_in_memory(room(pages(**options)), room(pages("two"), "two")) as host:
        (problem,) = host.host.problems
        assert [loaded.app.id for loaded in host.host.registry.apps()] == ["two"]
    assert "'/x/'" in problem.message
    assert "url_base_pathname" in problem.remedy


def test_a_dash_app_that_does_not_run_on_flask_is_reported_with_the_cure():
    application = pages()
    cast("Any", application).server = Starlette()  # as Dash's other backends have it
    with host_in_memory(room(application), room(pages("two"), "two")) as host:
        (problem,) = host.host.problems
    assert "Starlette" in problem.message
    assert "Flask backend" in problem.remedy
