"""Errors as problem+json: enough for the caller to act on, and nothing that is not theirs to know."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.errors import (
    AuthorError,
    BadCredentials,
    BadDeclaration,
    BadSetting,
    CallerError,
    FetchFailed,
    HallwayError,
    HostBusy,
    InputProblem,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
)
from hallway.wire.problem import Problem, internal_problem, problem_headers, problem_of

OWN = {"type", "title", "status", "detail", "code", "correlation_id", "remedy"}


def written(problem: Problem) -> dict[str, Any]:
    return json.loads(problem.encode())


@pytest.mark.parametrize(
    "error",
    [
        CallerError("The site is unknown.", remedy="Choose another."),
        NotFound("There is no app 'x'."),
        FetchFailed("https://x.example answered 500."),
        HostBusy("The app is busy."),
    ],
)
def test_what_a_caller_can_act_on_is_told_as_it_is(error: HallwayError) -> None:
    assert written(problem_of(error, "c0ffee")) == {
        "type": f"urn:hallway:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "correlation_id": "c0ffee",
        "remedy": error.remedy,
    }


@pytest.mark.parametrize(
    "error",
    [
        AuthorError("secret", remedy="secret", extra={"near": "secret"}),
        BadDeclaration("secret", remedy="secret"),
        BadSetting("secret", remedy="secret"),
        HallwayError("secret", remedy="secret"),
    ],
)
def test_what_an_author_or_operator_did_wrong_is_for_the_log_alone(error: HallwayError) -> None:
    problem = written(problem_of(error, "c0ffee"))
    assert "secret" not in str(problem)
    assert (problem["status"], problem["code"], problem["correlation_id"]) == (500, error.code, "c0ffee")


def test_a_bug_tells_nothing_but_how_to_find_it() -> None:
    problem = written(internal_problem("c0ffee"))
    assert set(problem) == OWN
    assert (problem["status"], problem["code"], problem["correlation_id"]) == (500, "internal", "c0ffee")


def test_further_members_stand_beside_the_standard_ones() -> None:
    problem = written(problem_of(InvalidInput([InputProblem("n", "'n' is missing", "missing")]), "c0ffee"))
    assert set(problem) == OWN | {"errors"}
    assert problem["errors"] == [{"name": "n", "kind": "missing", "message": "'n' is missing"}]


@given(st.dictionaries(st.sampled_from([*OWN, "near"]), st.text()))
def test_no_further_member_takes_the_place_of_a_standard_one(extra: dict[str, str]) -> None:
    error = NotFound("There is no app 'x'.", extra=extra)
    problem = written(problem_of(error, "c0ffee"))
    assert problem == {**written(problem_of(NotFound(error.detail), "c0ffee")), **_beside(extra)}


def _beside(extra: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in extra.items() if name not in OWN}


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (MethodNotAllowed("PUT", ("GET", "HEAD")), {"allow": "GET, HEAD"}),
        (NotSignedIn("x"), {"www-authenticate": 'Bearer realm="hallway"'}),
        (BadCredentials("x"), {"www-authenticate": 'Bearer realm="hallway"'}),
        (HostBusy("x"), {"retry-after": "1"}),
        (HostBusy("x", retry_after=0.01), {"retry-after": "1"}),
        (HostBusy("x", retry_after=7.6), {"retry-after": "8"}),
        (NotFound("x"), {}),
    ],
)
def test_the_headers_that_go_with_a_status_go_with_its_error(
    error: HallwayError, headers: dict[str, str]
) -> None:
    assert problem_headers(error) == headers
