"""A capability says what it does, and who may, where its author left it out."""

import pytest

from hallway import App
from hallway.access.callers import ANONYMOUS, Caller
from hallway.capability import Action, Capability, Handoff, Method, Resource
from hallway.errors import BadDeclaration
from hallway.values import Kind

ALICE = Caller("urn:hallway:user:alice", "alice")


def documented() -> None:
    """Plot a hydrograph.

    With all its peaks.
    """


def undocumented() -> None: ...


def test_the_title_is_made_of_the_name_unless_it_is_given() -> None:
    assert Handoff(name="plot-csv_file", function=undocumented).shown_title == "Plot csv file"
    assert Handoff(name="plot", function=undocumented, title="Draw").shown_title == "Draw"


def test_the_description_is_the_docstring_unless_it_is_given() -> None:
    assert (
        Handoff(name="a", function=documented).shown_description
        == "Plot a hydrograph.\n\nWith all its peaks."
    )
    assert Handoff(name="a", function=documented, description="D").shown_description == "D"
    assert Handoff(name="a", function=undocumented).shown_description == ""


@pytest.mark.parametrize(
    ("kind_of_capability", "kind", "effects"),
    [
        (Handoff, Kind.HANDOFF, "read"),
        (Action, Kind.ACTION, "write"),
        (Method, Kind.METHOD, "read"),
        (Resource, Kind.RESOURCE, "read"),
    ],
)
def test_each_kind_has_its_own_effects_and_policy(
    kind_of_capability: type[Capability], kind: Kind, effects: str
) -> None:
    capability = kind_of_capability(name="a", function=undocumented)
    assert (capability.kind, capability.effects) == (kind, effects)
    assert capability.policy.may_see(ANONYMOUS).allowed == (kind is Kind.ACTION)
    assert capability.policy.may_run(ALICE).allowed
    assert not capability.policy.may_run(ANONYMOUS).allowed


def test_an_authors_lists_take_the_place_of_the_defaults() -> None:
    policy = Action(name="a", function=undocumented, visible_to=(), runnable_by=("public",)).policy
    assert not policy.may_see(ALICE).allowed
    assert policy.may_run(ANONYMOUS).allowed


def test_a_public_resource_is_open_to_everybody() -> None:
    app = App("a")
    app.resource("open", public=True)(undocumented)
    app.resource("closed")(undocumented)
    assert [capability.policy.may_run(ANONYMOUS).allowed for capability in app.capabilities] == [True, False]


def test_a_list_of_no_principals_is_found_when_the_policy_is_asked_for() -> None:
    with pytest.raises(BadDeclaration):
        _ = Handoff(name="a", function=undocumented, visible_to=("nonsense",)).policy
