"""An App is pure data: declaring never fails, and what only a running host can give is refused until one runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hallway import App, View
from hallway.capability import Action, Handoff, Method, Resource
from hallway.errors import NotBound
from hallway.testing import host_in_memory

from .handoff.inside import Inside


def nothing() -> None: ...


def test_an_app_has_a_title_made_of_its_id_unless_it_is_given_one() -> None:
    assert App("hydrograph-plotter_2").title == "Hydrograph Plotter 2"
    assert App("a", title="Other").title == "Other"
    assert repr(App("a")) == "App('a')"


def test_an_app_knows_the_folder_of_the_module_that_makes_it() -> None:
    assert App("a").folder == Path(__file__).parent


def test_an_app_made_outside_any_file_looks_in_the_current_folder() -> None:
    made: dict[str, App] = {}
    exec("made['app'] = App('a')", {"App": App, "made": made})
    assert made["app"].folder == Path.cwd()


def test_declaring_gives_the_function_back_unchanged() -> None:
    app = App("a")
    decorators: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
        app.handoff("a"),
        app.action("b"),
        app.method("c"),
        app.resource("d"),
    ]
    assert [decorate(nothing) for decorate in decorators] == [nothing] * 4
    assert [type(capability) for capability in app.capabilities] == [Handoff, Action, Method, Resource]


def test_everything_that_is_declared_is_kept_as_it_was() -> None:
    app = App("a", tags=["x"], visible_to=["urn:a:b"], redirect_origins=["https://x.example"])
    lists = ["public"]
    app.handoff("h", title="T", description="D", effects="write", visible_to=lists, runnable_by=lists)(
        nothing
    )
    app.resource("r", methods=["GET", "POST"], page=True, public=True)(nothing)
    app.share("/csv/{site}")
    lists.append("urn:a:c")
    handoff, resource = app.capabilities
    assert handoff == Handoff(
        name="h",
        function=nothing,
        title="T",
        description="D",
        effects="write",
        visible_to=("public",),
        runnable_by=("public",),
    )
    assert resource == Resource(name="r", function=nothing, methods=("GET", "POST"), page=True, public=True)
    assert (app.tags, app.visible_to, app.redirect_origins) == (("x",), ("urn:a:b",), ("https://x.example",))
    assert app.shared_routes == ["/csv/{site}"]


def test_no_declaration_however_wrong_fails_at_once() -> None:
    app = App("no slug!", visible_to=["nonsense"])
    app.handoff("a/b", visible_to=["nonsense"], input_schema={"type": 5})(nothing)
    app.share("no route")
    app.mount(object())


ASKING: list[Callable[[App], object]] = [
    lambda app: app.handoffs,
    lambda app: app.url_for_handoff("b/x"),
    lambda app: app.share_url("/x"),
]


@pytest.mark.parametrize("ask", ASKING)
def test_what_only_a_host_can_give_is_refused_before_one_runs_the_app(ask: Callable[[App], object]) -> None:
    with pytest.raises(NotBound) as refused:
        ask(App("a"))
    assert "hallway serve" in refused.value.remedy


def test_an_app_is_tied_to_a_host_just_as_long_as_it_runs() -> None:
    app = App("a")
    inside = Inside(app)
    with host_in_memory(app) as host:
        offers = inside.run(host, lambda: app.handoffs.capabilities("a"))
        assert [offer.name for offer in offers] == ["in-thread", "on-loop"]
    with pytest.raises(NotBound):
        _ = app.handoffs


def test_a_view_shows_its_name_and_parameters() -> None:
    assert repr(View("plot", file="a.csv", n=1)) == "View('plot', file='a.csv', n=1)"
    assert View("plot", name="x", self=1).parameters == {"name": "x", "self": 1}
