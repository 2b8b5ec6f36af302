"""Apps are looked up by name; what is broken harms no neighbour, and what one may not see does not exist."""

from collections.abc import Iterator
from typing import Any

import pytest

from hallway import App, View
from hallway.access.callers import ANONYMOUS, Caller
from hallway.errors import BadDeclaration, BadTarget, UnknownApp, UnknownHandoff
from hallway.registry import LoadedApp, Registry, load_app
from hallway.supply import SuppliedTypes
from hallway.testing import host_in_memory
from hallway.values import RESERVED_NAMES, Kind

ALICE = Caller("urn:hallway:user:alice", "alice")
BOB = Caller("urn:hallway:user:bob", "bob")


def nothing() -> View:
    raise NotImplementedError


def loaded(app: App) -> LoadedApp:
    return load_app(app, SuppliedTypes())


def names(app: LoadedApp, kind: Kind = Kind.HANDOFF) -> list[str]:
    return [capability.declared.name for capability in app.of_kind(kind)]


# --- loading an app -----------------------------------------------------------------------------------------------


def takes_unknown(x: "NoSuchName") -> None: ...  # type: ignore[name-defined] # noqa: F821


def takes_one(x: int) -> None: ...


BROKEN: list[tuple[dict[str, Any], Any]] = [
    ({}, takes_unknown),
    ({}, max),
    ({"input_schema": {"type": 5}}, nothing),
    ({"input_schema": {}}, takes_one),
    ({"visible_to": ["nonsense"]}, nothing),
    ({"runnable_by": [None]}, nothing),
]


@pytest.mark.parametrize(("options", "function"), BROKEN)
def test_a_broken_capability_is_left_out_and_named_and_its_neighbours_stay(
    options: dict[str, Any], function: Any
) -> None:
    app = App("a")
    app.handoff("before")(nothing)
    app.handoff("broken", **options)(function)
    app.handoff("after")(nothing)
    found = loaded(app)
    assert names(found) == ["before", "after"]
    (problem,) = found.problems
    assert problem.where == "a/broken"
    assert problem.message
    assert problem.remedy


@pytest.mark.parametrize("declare", ["handoff", "action"])
@pytest.mark.parametrize("name", [*sorted(RESERVED_NAMES), "", "a/b", "a b", "ä", "..", "x" * 65])
def test_a_name_that_cannot_stand_in_an_address_is_refused(declare: str, name: str) -> None:
    app = App("a")
    getattr(app, declare)(name)(nothing)
    found = loaded(app)
    assert not found.capabilities
    assert repr(name) in found.problems[0].message


def test_a_method_may_have_any_name_at_all() -> None:
    app = App("a")
    for name in ("Plotter.Show", "run", "a b/c"):
        app.method(name)(nothing)
    assert names(loaded(app), Kind.METHOD) == ["Plotter.Show", "run", "a b/c"]


def test_of_two_capabilities_whose_names_are_the_same_the_first_stays() -> None:
    app = App("a")
    app.handoff("plot-csv")(nothing)
    app.handoff("plot_csv")(takes_one)
    app.action("plot-csv")(nothing)  # another kind, another address
    found = loaded(app)
    assert names(found) == ["plot-csv"]
    assert names(found, Kind.ACTION) == ["plot-csv"]
    assert [problem.where for problem in found.problems] == ["a/plot_csv"]
    assert "the first one stays" in found.problems[0].message


def test_a_broken_capability_does_not_take_its_name_from_the_next() -> None:
    app = App("a")
    app.handoff("plot")(takes_unknown)
    app.handoff("plot")(nothing)
    assert names(loaded(app)) == ["plot"]


def test_a_broken_shared_route_is_left_out_and_named() -> None:
    app = App("a")
    app.share("no route")
    app.share("/csv/{site}")
    found = loaded(app)
    assert (found.shares("/csv/01"), found.shares("/csv/01/x"), found.shares("/")) == (True, False, False)
    assert [problem.where for problem in found.problems] == ["a share('no route')"]


@pytest.mark.parametrize("id", [*sorted(RESERVED_NAMES), "", "a b", "a/b", "../x", "ä"])
def test_an_app_whose_id_cannot_stand_in_an_address_is_refused(id: str) -> None:
    with pytest.raises(BadDeclaration):
        loaded(App(id))


def test_an_app_with_a_list_of_no_principals_is_refused() -> None:
    with pytest.raises(BadDeclaration):
        loaded(App("a", visible_to=["nonsense"]))


def test_two_apps_with_the_same_id_do_not_fit_into_one_host() -> None:
    registry = Registry()
    registry.add(loaded(App("my-app")))
    with pytest.raises(BadDeclaration):
        registry.add(loaded(App("my_app")))
    assert [found.app.id for found in registry.apps()] == ["my-app"]


# --- in a host ----------------------------------------------------------------------------------------------------


def test_a_broken_app_takes_no_neighbour_down_and_is_told_to_the_operator(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good, twin = App("good"), App("GOOD")
    good.handoff("plot")(nothing)
    good.handoff("broken")(takes_unknown)
    apps = [App("no slug!"), App("listed", visible_to=["nonsense"]), good, App("mounting"), twin, App("good")]
    apps[3].mount(object())
    with host_in_memory(*apps) as host:
        assert [found.app.id for found in host.host.registry.apps()] == ["good", "GOOD"]
        wheres = [problem.where for problem in host.host.problems]
        assert wheres == ["no slug!", "listed", "good/broken", "mounting", "good"]
        rows = host.program().get("/handoff/").json()
    assert [row["name"] for row in rows] == ["plot"]
    assert [where for where in wheres if f"{where} is not loaded" not in caplog.text] == []


def test_a_host_none_of_whose_apps_can_be_served_says_why() -> None:
    with pytest.raises(BadTarget) as refused, host_in_memory(App("no slug!")):
        raise NotImplementedError
    assert "'no slug!'" in refused.value.detail


# --- what one may see ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    plotter, gauges, secret = App("hydrograph-plotter"), App("gauges"), App("secret", visible_to=[])
    plotter.handoff("plot-csv")(takes_one)
    plotter.handoff("inner", internal=True)(nothing)
    plotter.handoff("for-bob", visible_to=[BOB.principal])(nothing)
    gauges.handoff("show")(nothing)
    secret.handoff("hidden", visible_to=[BOB.principal])(nothing)
    with host_in_memory(plotter, gauges, secret) as host:
        yield host.host.registry


def targets(registry: Registry, caller: Caller, *, inside: bool = False, app: str | None = None) -> list[str]:
    return [found.target for found in registry.visible(Kind.HANDOFF, caller, inside=inside, app=app)]


@pytest.mark.parametrize(
    ("caller", "inside", "seen"),
    [
        (ANONYMOUS, True, []),
        (ALICE, False, ["hydrograph-plotter/plot-csv", "gauges/show"]),
        (ALICE, True, ["hydrograph-plotter/plot-csv", "hydrograph-plotter/inner", "gauges/show"]),
        (
            BOB,
            False,
            ["hydrograph-plotter/plot-csv", "hydrograph-plotter/for-bob", "gauges/show", "secret/hidden"],
        ),
    ],
)
def test_everybody_sees_what_the_lists_say_and_internal_ones_from_inside_alone(
    registry: Registry, caller: Caller, inside: bool, seen: list[str]
) -> None:
    assert targets(registry, caller, inside=inside) == seen


def test_an_app_is_found_by_its_id_with_hyphens_or_underscores(registry: Registry) -> None:
    assert targets(registry, ALICE, app="hydrograph_plotter") == ["hydrograph-plotter/plot-csv"]
    found = registry.find_handoff("hydrograph_plotter", "plot_csv", ALICE, inside=False)
    assert found.target == "hydrograph-plotter/plot-csv"


@pytest.mark.parametrize("app", ["secret", "secrets", "hydrograph-ploter"])
def test_an_app_that_one_may_not_see_is_answered_like_one_that_is_not_there(
    registry: Registry, app: str
) -> None:
    with pytest.raises(UnknownApp) as unknown:
        targets(registry, ALICE, app=app)
    near = ("hydrograph-plotter",) if "hydro" in app else ()
    hint = " Did you mean 'hydrograph-plotter'?" if near else ""
    assert (unknown.value.detail, unknown.value.extra) == (f"There is no app {app!r}.{hint}", {"near": near})


@pytest.mark.parametrize("name", ["hidden", "hiden", "inner", "for-bob"])
@pytest.mark.parametrize("app", ["secret", "hydrograph-plotter", "nowhere"])
def test_a_handoff_that_one_may_not_see_is_answered_like_one_that_is_not_there(
    registry: Registry, app: str, name: str
) -> None:
    with pytest.raises(UnknownHandoff) as unknown:
        registry.find_handoff(app, name, ALICE, inside=False)
    assert unknown.value.detail.startswith(f"There is no handoff '{app}/{name}'.")
    near = unknown.value.extra["near"]
    assert isinstance(near, tuple)
    assert set(near) <= {"hydrograph-plotter/plot-csv", "gauges/show"}


def test_who_may_see_an_app_sees_that_it_offers_nothing(registry: Registry) -> None:
    with pytest.raises(UnknownApp):
        registry.visible(Kind.ACTION, ALICE, inside=False, app="secret")
    assert registry.visible(Kind.ACTION, ALICE, inside=False, app="gauges") == []
