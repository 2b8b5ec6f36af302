"""The policy gives the answers of BOUNDARIES' table, each with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.access.callers import ANONYMOUS, Caller, Credential
from hallway.access.policy import DEFAULTS, Policy, policy_for
from hallway.errors import BadDeclaration
from hallway.values import Kind

ALICE = Caller("urn:hallway:user:alice", "alice", frozenset({"urn:hallway:user:alice", "urn:groups:hydro"}))
BOB = Caller("urn:hallway:user:bob", "bob", frozenset({"urn:hallway:user:bob"}))
ADMIN = Caller("urn:hallway:user:root", "root", frozenset({"urn:hallway:user:root"}), admin=True)

PRINCIPALS = st.lists(
    st.sampled_from(
        ["public", "all_authenticated_users", "urn:hallway:user:alice", "urn:groups:hydro", "urn:x:y"]
    )
)


def may(policy: Policy, caller: Caller) -> tuple[bool, bool]:
    return policy.may_see(caller).allowed, policy.may_run(caller).allowed


@pytest.mark.parametrize(
    ("kind", "anonymous", "signed_in"),
    [
        (Kind.PAGE, (False, False), (True, True)),
        (Kind.HANDOFF, (False, False), (True, True)),
        (Kind.ACTION, (True, False), (True, True)),
        (Kind.METHOD, (False, False), (True, True)),
        (Kind.RESOURCE, (False, False), (True, True)),
    ],
)
def test_a_program_that_names_no_lists_gets_the_defaults_of_its_kind(
    kind: Kind, anonymous: tuple[bool, bool], signed_in: tuple[bool, bool]
) -> None:
    policy = policy_for(kind)
    assert may(policy, ANONYMOUS) == anonymous
    assert may(policy, ALICE) == signed_in


def test_every_kind_has_defaults() -> None:
    assert set(DEFAULTS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_public_opens_both_lists(kind: Kind) -> None:
    assert may(policy_for(kind, public=True), ANONYMOUS) == (True, True)


def test_public_opens_only_lists_that_the_author_left_out() -> None:
    policy = policy_for(Kind.PAGE, runnable_by=["urn:hallway:user:bob"], public=True)
    assert may(policy, ANONYMOUS) == (True, False)
    assert may(policy, BOB) == (True, True)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("caller", [ANONYMOUS, ALICE, ADMIN])
def test_an_empty_list_means_nobody_not_even_an_administrator(kind: Kind, caller: Caller) -> None:
    assert may(policy_for(kind, visible_to=[], runnable_by=[]), caller) == (False, False)


def test_a_group_among_the_callers_identities_counts() -> None:
    policy = policy_for(Kind.HANDOFF, runnable_by=["urn:groups:hydro"])
    assert policy.may_run(ALICE).allowed
    assert not policy.may_run(BOB).allowed


def test_a_principal_counts_even_where_the_identities_leave_it_out() -> None:
    assert policy_for(Kind.HANDOFF, runnable_by=[BOB.principal]).may_run(Caller(BOB.principal)).allowed


@given(PRINCIPALS)
def test_somebody_anonymous_may_only_what_is_public(principals: list[str]) -> None:
    decision = policy_for(Kind.HANDOFF, runnable_by=principals).may_run(ANONYMOUS)
    assert decision.allowed == ("public" in principals)


@given(PRINCIPALS, PRINCIPALS)
def test_a_longer_list_never_takes_anything_away(principals: list[str], more: list[str]) -> None:
    for caller in (ANONYMOUS, ALICE, BOB):
        if policy_for(Kind.METHOD, visible_to=principals).may_see(caller).allowed:
            assert policy_for(Kind.METHOD, visible_to=[*principals, *more]).may_see(caller).allowed


@pytest.mark.parametrize(
    ("principals", "caller", "reason"),
    [
        (["public"], ANONYMOUS, "runnable_by has 'public'"),
        (
            ["all_authenticated_users"],
            ALICE,
            "runnable_by has 'all_authenticated_users' and alice is signed in",
        ),
        (["urn:x:y", "urn:groups:hydro"], ALICE, "runnable_by has 'urn:groups:hydro'"),
        (["urn:x:y"], BOB, "runnable_by (urn:x:y) does not have urn:hallway:user:bob"),
        ([], ANONYMOUS, "runnable_by (nobody) does not have anonymous"),
    ],
)
def test_each_answer_comes_with_its_reason(principals: list[str], caller: Caller, reason: str) -> None:
    assert policy_for(Kind.HANDOFF, runnable_by=principals).may_run(caller).reason == reason


def test_a_list_with_something_that_is_no_principal_is_refused() -> None:
    with pytest.raises(BadDeclaration):
        policy_for(Kind.HANDOFF, visible_to=["alice"])
    with pytest.raises(BadDeclaration):
        policy_for(Kind.HANDOFF, runnable_by=["alice"])


def test_a_caller_without_a_principal_is_anonymous() -> None:
    assert (ANONYMOUS.signed_in, ANONYMOUS.credential, ANONYMOUS.name) == (
        False,
        Credential.NONE,
        "anonymous",
    )
    assert ALICE.signed_in
