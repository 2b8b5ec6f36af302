"""A raw JSON Schema is taken as it is, checked when it is loaded, and strict with what is sent."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallway.errors import BadDeclaration, InvalidInput
from hallway.inputs import SchemaInputs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "site": {"type": "string", "pattern": "^[0-9]+$"},
        "days": {"type": "array", "items": {"$ref": "#/$defs/day"}},
    },
    "required": ["site"],
    "additionalProperties": False,
    "$defs": {"day": {"type": "integer", "minimum": 1}},
}
INPUTS = SchemaInputs(SCHEMA)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
JSON = st.recursive(ATOMS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


def refused(schema: dict[str, object], sent: dict[str, object]) -> InvalidInput:
    with pytest.raises(InvalidInput) as error:
        SchemaInputs(schema).validate(sent, {})
    return error.value


def test_the_schema_is_published_as_it_is_with_its_dialect() -> None:
    assert INPUTS.json_schema == {"$schema": DIALECT, **SCHEMA}
    assert INPUTS.names == ("site", "days")


def test_changing_the_schema_afterwards_changes_nothing() -> None:
    schema: dict[str, Any] = {"required": ["site"]}
    inputs = SchemaInputs(schema)
    schema["required"].append("more")
    assert inputs.json_schema["required"] == ["site"]


def test_a_schema_of_an_older_draft_is_read_as_that_draft_has_it() -> None:
    first_is_text: dict[str, object] = {"properties": {"x": {"items": [{"type": "string"}]}}}
    inputs = SchemaInputs({"$schema": DRAFT_7, **first_is_text})
    assert inputs.json_schema["$schema"] == DRAFT_7
    assert inputs.validate({"x": ["a", 1]}, {}) == {"body": {"x": ["a", 1]}}
    with pytest.raises(BadDeclaration):
        SchemaInputs(first_is_text)  # 2020-12 writes `prefixItems`


def test_a_document_that_fits_reaches_the_function_as_it_was_sent() -> None:
    sent = {"site": "01", "days": [1, 2]}
    assert INPUTS.validate(sent, {}) == {"body": sent}


def test_every_problem_is_told_with_its_path_and_kind() -> None:
    error = refused(SCHEMA, {"days": [1, "2", 0], "bogus": 1})
    told = {(problem.name, problem.kind) for problem in error.problems}
    assert told == {("", "missing"), ("", "unknown"), ("days.1", "invalid"), ("days.2", "invalid")}
    assert "'days.1'" in error.detail


def test_text_is_no_number_to_a_raw_schema() -> None:
    assert refused({"properties": {"n": {"type": "integer"}}}, {"n": "5"}).problems[0].name == "n"


def test_a_problem_of_the_document_as_a_whole_has_no_name() -> None:
    (problem,) = refused({"minProperties": 1}, {}).problems
    assert (problem.name, problem.kind) == ("", "invalid")


def test_what_is_not_json_does_not_fit() -> None:
    (problem,) = refused(SCHEMA, {"site": object()}).problems
    assert problem.name == ""


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["site", "days"]) | st.text(), JSON))
def test_no_document_whatever_brings_anything_but_a_result_or_a_refusal(sent: dict[str, object]) -> None:
    try:
        taken = INPUTS.validate(sent, {})
    except InvalidInput as error:
        taken = {"problems": error.problems}
    assert taken.get("body") is not None or taken["problems"]
    assert taken.get("body", sent) == sent


@pytest.mark.parametrize(
    ("part", "takes_list"),
    [
        ({"type": "array"}, True),
        ({"type": ["array", "null"]}, True),
        ({"anyOf": [{"type": "null"}, {"type": "array"}]}, True),
        ({"$ref": "#/$defs/days"}, True),
        ({"oneOf": [{"$ref": "#/$defs/days"}]}, True),
        ({"$ref": "#/$defs/circle"}, False),
        ({"$ref": "#/properties/x"}, False),
        ({"type": "string"}, False),
        (True, False),
        ({}, False),
    ],
)
def test_what_takes_a_list_may_be_repeated_in_a_query(part: object, takes_list: bool) -> None:
    definitions = {"days": {"type": "array"}, "circle": {"anyOf": [{"$ref": "#/$defs/circle"}]}}
    inputs = SchemaInputs({"properties": {"x": part}, "$defs": definitions})
    assert inputs.list_names == ({"x"} if takes_list else set())


@pytest.mark.parametrize("part", [{"writeOnly": True, "minLength": 8}, {"$ref": "#/$defs/secret"}])
def test_a_secret_is_never_told_back(part: dict[str, object]) -> None:
    definitions = {"secret": {"type": "string", "minLength": 8, "writeOnly": True}}
    error = refused({"properties": {"x": part}, "$defs": definitions}, {"x": "1234567"})
    assert error.detail == "'x': what was given is shorter than 8 characters"


def test_a_pattern_takes_linear_time_whatever_is_sent() -> None:
    """With a backtracking engine this would outlast the sun."""
    schema: dict[str, object] = {"properties": {"x": {"pattern": "^(a+)+$"}}}
    assert refused(schema, {"x": "a" * 50_000 + "!"}).problems[0].name == "x"


# --- schemas that cannot work -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"type": 5}, "type"),
        ({"properties": {"a": {"minimum": "x"}}}, "properties/a/minimum"),
        ({"properties": []}, "properties"),
        ({"pattern": "("}, "pattern"),
        ({"pattern": "(?=a)"}, "pattern"),  # look-around cannot be had in linear time
        ({"$schema": 5}, "$schema"),
    ],
)
def test_an_invalid_schema_is_refused_with_the_place(schema: dict[str, object], where: str) -> None:
    with pytest.raises(BadDeclaration) as error:
        SchemaInputs(schema)
    assert f"at '{where}'" in error.value.detail


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://schemas.example/site"},
        {"properties": {"a": {"anyOf": [{"$ref": "other.json#/x"}]}}},
        {"$dynamicRef": "file:///etc/passwd"},
        {"$id": "https://schemas.example/", "$ref": "site"},
    ],
)
def test_a_reference_out_of_the_document_is_never_followed(schema: dict[str, object]) -> None:
    with pytest.raises(BadDeclaration) as error:
        SchemaInputs(schema)
    assert "only references inside the document" in error.value.detail


def circle() -> dict[str, object]:
    schema: dict[str, object] = {}
    schema["not"] = schema
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/missing"},
        {"$dynamicRef": "#missing"},
        {"$schema": "https://schemas.example/own-dialect"},
        {"const": float("nan")},
        {"enum": [object()]},
        circle(),
        True,
        [],
        None,
    ],
)
def test_what_is_no_schema_for_everybody_is_refused(schema: Any) -> None:
    with pytest.raises(BadDeclaration):
        SchemaInputs(schema)
