"""Names are compared in one form, and a mistyped one finds what was meant."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.values import RESERVED_NAMES, did_you_mean, fold, is_url_name, near_matches

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(NAMES)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(NAMES)
def test_hyphens_and_underscores_fold_to_the_same_name(name: str) -> None:
    assert fold(name.replace("-", "_")) == fold(name.replace("_", "-")) == fold(name)


def test_folding_keeps_upper_case_apart() -> None:
    assert fold("Plot") != fold("plot")


@given(NAMES, st.lists(NAMES, max_size=8), st.integers(1, 4))
def test_near_matches_are_known_names_without_repetition_and_within_the_limit(
    name: str, known: list[str], limit: int
) -> None:
    near = near_matches(name, known, limit=limit)
    assert set(near) <= set(known)
    assert len(set(near)) == len(near) <= limit


@given(NAMES.filter(bool), st.lists(NAMES, max_size=8))
def test_a_known_name_is_its_own_best_match(name: str, others: list[str]) -> None:
    near = near_matches(name, [*others, name])
    assert fold(near[0]).casefold() == fold(name).casefold()


@pytest.mark.parametrize(
    "typed", ["hydrograph_plotter", "Hydrograph-Plotter", "hydrograph-ploter", "hydograph-plotter"]
)
def test_a_mistyped_name_finds_what_was_meant(typed: str) -> None:
    assert near_matches(typed, ["gauges", "hydrograph-plotter", "notes"]) == ("hydrograph-plotter",)


def test_nothing_is_suggested_for_a_name_like_no_other() -> None:
    assert near_matches("zzz", ["gauges", "notes"]) == ()


def test_near_matches_are_written_as_a_question() -> None:
    assert did_you_mean(("a", "b")) == " Did you mean 'a' or 'b'?"
    assert did_you_mean(()) == ""


@given(NAMES)
def test_a_url_name_needs_no_escaping_and_is_short(name: str) -> None:
    if is_url_name(name):
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name, re.ASCII)


@pytest.mark.parametrize("name", ["a", "A9", "a-b_c", "0", "x" * 64])
def test_letters_digits_hyphens_and_underscores_make_a_url_name(name: str) -> None:
    assert is_url_name(name)


@pytest.mark.parametrize("name", ["", "-a", "_a", "a b", "a/b", "a.b", "ä", "a\n", "٣", "x" * 65, ".."])
def test_anything_else_is_no_url_name(name: str) -> None:
    assert not is_url_name(name)


def test_reserved_names_are_in_the_form_in_which_names_are_compared() -> None:
    assert {fold(name) for name in RESERVED_NAMES} == RESERVED_NAMES
