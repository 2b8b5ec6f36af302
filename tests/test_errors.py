"""Each error says whose fault it is, how it is answered and what to do."""

import inspect

import pytest

from hallway import errors
from hallway.errors import (
    AuthorError,
    CallerError,
    HallwayError,
    HostBusy,
    InputProblem,
    InvalidInput,
    MethodNotAllowed,
    OperatorError,
    OutsideError,
)

CLASSES = [
    found
    for found in vars(errors).values()
    if inspect.isclass(found) and issubclass(found, HallwayError) and found is not HallwayError
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_class_has_a_word_of_its_own_and_a_remedy(kind: type[HallwayError]) -> None:
    assert [other for other in CLASSES if other.code == kind.code] == [kind]
    assert kind.remedy.endswith(".")
    assert kind.title


@pytest.mark.parametrize(
    ("base", "fault", "statuses"),
    [
        (CallerError, "caller", range(400, 500)),
        (AuthorError, "author", [500]),
        (OperatorError, "operator", [500]),
        (OutsideError, "outside", [502]),
    ],
)
def test_the_status_goes_with_whose_fault_it_is(
    base: type[HallwayError], fault: str, statuses: range | list[int]
) -> None:
    kinds = [kind for kind in CLASSES if issubclass(kind, base)]
    assert {kind.fault for kind in kinds} == {fault}
    assert [kind for kind in kinds if kind.status not in statuses] == []


def test_an_error_keeps_its_own_words_and_the_remedy_of_its_class() -> None:
    error = CallerError("The site is unknown.", extra={"near": ["01"]})
    assert (str(error), error.detail, error.extra) == (error.detail, "The site is unknown.", {"near": ["01"]})
    assert error.remedy == CallerError.remedy


def test_a_remedy_of_this_one_occurrence_takes_the_place_of_the_classs() -> None:
    assert CallerError("No.", remedy="Ask Bob.").remedy == "Ask Bob."
    assert CallerError.remedy != "Ask Bob."


def test_wrong_inputs_are_told_together_and_one_by_one() -> None:
    error = InvalidInput([InputProblem("a", "'a' is missing", "missing"), InputProblem("b", "'b' is odd")])
    assert error.detail == "'a' is missing; 'b' is odd"
    assert error.extra == {
        "errors": [
            {"name": "a", "kind": "missing", "message": "'a' is missing"},
            {"name": "b", "kind": "invalid", "message": "'b' is odd"},
        ]
    }


def test_a_method_that_is_not_allowed_names_those_that_are() -> None:
    error = MethodNotAllowed("PUT", ["GET", "HEAD"])
    assert error.allowed == ("GET", "HEAD")
    assert "GET, HEAD" in error.detail


def test_a_busy_host_says_when_to_come_back() -> None:
    assert HostBusy("full").retry_after == 1.0
    assert HostBusy("full", retry_after=7).retry_after == 7
