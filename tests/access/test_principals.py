"""Principals are URNs or one of two words; what else stands in a list is named to its author."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.access.principals import check_principal, is_user_name, user_urn
from hallway.errors import BadDeclaration

USER_NAMES = st.from_regex(r"[a-z0-9][a-z0-9._@+-]{0,63}", fullmatch=True)


@given(USER_NAMES)
def test_every_local_user_is_a_principal(name: str) -> None:
    assert is_user_name(name)
    assert check_principal(user_urn(name)) == user_urn(name)


@pytest.mark.parametrize(
    "principal",
    [
        "public",
        "all_authenticated_users",
        "urn:hallway:user:alice",
        "urn:globus:auth:identity:47ca9cd7-0000-4000-8000-000000000000",
        "urn:globus:groups:id:47ca9cd7-0000-4000-8000-000000000000",
        "urn:oidc:accounts.example:12345",
    ],
)
def test_urns_and_the_two_words_are_principals(principal: str) -> None:
    assert check_principal(principal) == principal


@pytest.mark.parametrize(
    "value",
    ["", "Public", "alice", "urn:", "urn:x:", "urn:hallway:user:a b", "urn:hallway:user:a\n", "mailto:a@b.c"],
)
def test_anything_else_is_refused_by_its_name(value: str) -> None:
    with pytest.raises(BadDeclaration) as refused:
        check_principal(value)
    assert repr(value) in refused.value.detail


def test_a_bare_user_name_is_answered_with_the_principal_that_was_meant() -> None:
    with pytest.raises(BadDeclaration) as refused:
        check_principal("alice")
    assert "'urn:hallway:user:alice'" in refused.value.detail


@pytest.mark.parametrize("value", [None, 5, ["public"]])
def test_what_is_no_text_is_refused_too(value: object) -> None:
    with pytest.raises(BadDeclaration):
        check_principal(cast("Any", value))


@pytest.mark.parametrize("name", ["", "Alice", "-a", ".a", "a b", "a/b", "a:b", "ä", "a\n", "x" * 65])
def test_other_texts_are_no_user_names(name: str) -> None:
    assert not is_user_name(name)
