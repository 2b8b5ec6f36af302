"""Annotations become a JSON Schema and a validation that refuses, by name, whatever does not fit."""

import datetime as dt
import enum
import inspect
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType

import jsonschema_rs
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field
from typing_extensions import TypedDict

from hallway.errors import BadDeclaration, InputProblem, InvalidInput
from hallway.files.remote import FETCHER, RemoteFile
from hallway.inputs import Inputs, TypedInputs, TypedParameter
from hallway.signature import read_signature
from hallway.supply import SuppliedTypes

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class NoFetcher:
    """Downloads nothing: inputs only name files."""

    def open(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        raise NotImplementedError

    def save_blocking(self, file: RemoteFile, path: Path) -> Path:
        raise NotImplementedError


CONTEXT = {FETCHER: NoFetcher()}


def inputs_of(function: Any) -> Inputs:
    return read_signature(function, SuppliedTypes()).inputs


def taking(annotation: Any) -> TypedInputs:
    return TypedInputs(
        "function", [TypedParameter("x", annotation, inspect.Parameter.empty)], open_ended=False
    )


def refused(function: Any, sent: Mapping[str, object]) -> InvalidInput:
    with pytest.raises(InvalidInput) as error:
        inputs_of(function).validate(sent, CONTEXT)
    return error.value


class Scale(enum.Enum):
    LOG = "log"
    LINEAR = "linear"


class Point(pydantic.BaseModel):
    x: float
    y: float = Field(default=0, ge=0)


@dataclass
class Span:
    start: dt.date
    days: int = 1


class Box(TypedDict):
    corners: list[Point]


class Tree(pydantic.BaseModel):
    branches: "list[Tree]" = []


class Pair(NamedTuple):
    a: int
    b: str


Sites = NewType("Sites", list[str])


def wide(
    count: int,
    level: float,
    switch: bool,
    name: Annotated[str, Field(min_length=1, pattern="^[a-z]+$")],
    day: dt.date,
    moment: dt.datetime,
    amount: Decimal,
    scale: Scale,
    mode: Literal["a", 1],
    ids: set[uuid.UUID],
    table: dict[str, list[int]],
    point: Point,
    span: Span,
    box: Box,
    pair: Pair,
    either: int | list[str] | None,
    raw: bytes,
    file: RemoteFile,
    anything: Any = None,
) -> None: ...


def plot(site: str, width: Annotated[int, Field(ge=1)] = 600, scale: Scale = Scale.LOG) -> None: ...


# --- the schema ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [wide, plot, lambda: None])
def test_the_schema_is_valid_json_schema_2020_12(function: Any) -> None:
    schema = inputs_of(function).json_schema
    assert schema["$schema"] == DIALECT
    jsonschema_rs.meta.validate(json.loads(json.dumps(schema, allow_nan=False)))
    assert schema["additionalProperties"] is False


def test_the_schema_tells_what_is_required_and_how_the_rest_defaults() -> None:
    schema: Any = inputs_of(plot).json_schema
    assert schema["required"] == ["site"]
    assert schema["properties"]["width"] == {
        "title": "Width",
        "type": "integer",
        "minimum": 1,
        "default": 600,
    }
    assert schema["properties"]["scale"]["default"] == "log"


@pytest.mark.parametrize(
    ("default", "shown"),
    [
        (None, None),
        (dt.date(2017, 1, 31), "2017-01-31"),
        (Point(x=1), {"x": 1.0, "y": 0}),
        ((1, 2), [1, 2]),
        (Decimal("1.5"), "1.5"),
        (float("inf"), None),
        (Path("a/b"), "a/b"),
        (NoFetcher, str(NoFetcher)),
    ],
)
def test_a_default_is_shown_as_json_has_it(default: object, shown: object) -> None:
    def function(x: Any = default) -> None: ...

    schema: Any = inputs_of(function).json_schema
    assert schema["properties"]["x"]["default"] == shown


def test_a_default_is_left_to_the_function() -> None:
    assert inputs_of(plot).validate({"site": "01"}, {}) == {"site": "01"}


def test_any_parameter_name_will_do() -> None:
    def function(schema: int, _x: int, model_config: int, json: int, copy: int) -> None: ...

    sent: dict[str, object] = dict.fromkeys(("schema", "_x", "model_config", "json", "copy"), 1)
    assert inputs_of(function).validate(sent, {}) == sent
    assert inputs_of(function).names == tuple(sent)


@pytest.mark.parametrize(
    ("annotation", "takes_list"),
    [
        (list[str], True),
        (list, True),
        (tuple[int, ...], True),
        (set[str], True),
        (frozenset[str], True),
        (Sequence[str], True),
        (deque[int], True),
        (Sites, True),
        (Pair, True),
        (list[str] | None, True),
        (int | list[int], True),
        (Annotated[list[str], Field(min_length=1)], True),
        (list[Point], True),
        (str, False),
        (bytes, False),
        (dict[str, list[int]], False),
        (Point, False),
        (Tree, False),
        (Any, False),
        (object, False),
    ],
)
def test_what_takes_a_list_may_be_repeated_in_a_query(annotation: Any, takes_list: bool) -> None:
    assert taking(annotation).list_names == ({"x"} if takes_list else set())


# --- validation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("count", "5", 5),
        ("level", "2.5", 2.5),
        ("switch", "true", True),
        ("day", "2017-01-31", dt.date(2017, 1, 31)),
        ("amount", "1.10", Decimal("1.10")),
        ("scale", "linear", Scale.LINEAR),
    ],
)
def test_text_that_reads_as_a_value_counts_as_one(name: str, text: str, value: object) -> None:
    def count(count: int) -> None: ...
    def level(level: float) -> None: ...
    def switch(switch: bool) -> None: ...
    def day(day: dt.date) -> None: ...
    def amount(amount: Decimal) -> None: ...
    def scale(scale: Scale) -> None: ...

    assert inputs_of(locals()[name]).validate({name: text}, {}) == {name: value}


def test_every_problem_is_told_at_once_by_name_and_kind() -> None:
    error = refused(plot, {"width": "0", "scale": "cubic", "bogus": 1})
    assert [(problem.name, problem.kind) for problem in error.problems] == [
        ("site", "missing"),
        ("width", "invalid"),
        ("scale", "invalid"),
        ("bogus", "unknown"),
    ]
    assert [problem.message for problem in error.problems] == [
        "'site' is missing",
        "'width': input should be greater than or equal to 1; given '0'",
        "'scale': input should be 'log' or 'linear'; given 'cubic'",
        "'bogus' is unknown (allowed: site, width, scale)",
    ]


def test_a_problem_inside_a_value_is_named_with_the_path_to_it() -> None:
    def box(box: Box) -> None: ...

    (problem,) = refused(box, {"box": {"corners": [{"x": 1}, {"x": 1, "y": -1}]}}).problems
    assert problem.name == "box.corners.1.y"


def test_a_mistyped_name_is_answered_with_the_right_one() -> None:
    (problem,) = refused(plot, {"site": "01", "widht": 5}).problems
    assert problem.message == "'widht' is unknown (did you mean 'width'?)"


def test_a_function_without_inputs_says_that_none_are_allowed() -> None:
    (problem,) = refused(lambda: None, {"x": 1}).problems
    assert problem.message == "'x' is unknown (allowed: none)"


def test_a_long_value_is_told_by_its_beginning() -> None:
    (problem,) = refused(plot, {"site": "01", "width": "9x" * 1000}).problems
    assert len(problem.message) < 200
    assert problem.message.endswith("…")


class Login(pydantic.BaseModel):
    name: str
    password: pydantic.SecretStr = Field(min_length=8)
    before: "Login | None" = None


@pytest.mark.parametrize(
    ("annotation", "sent"),
    [
        (pydantic.SecretStr, 12345678),
        (Annotated[pydantic.SecretStr | None, Field(min_length=10)], "12345678"),
        (Login, {"name": "a", "password": "1234567"}),
        (list[Login], [{"name": "12345678"}]),
        (dict[str, Login], "12345678"),
    ],
)
def test_a_secret_is_never_told_back(annotation: Any, sent: object) -> None:
    with pytest.raises(InvalidInput) as error:
        taking(annotation).validate({"x": sent}, {})
    assert "1234567" not in error.value.detail
    assert "'x" in error.value.detail


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize("value", [nested(5000), 10**5000], ids=["deep", "long"])
def test_a_value_that_python_cannot_show_is_a_wrong_value_like_any_other(value: object) -> None:
    (problem,) = refused(plot, {"site": value}).problems
    assert problem.message.endswith("given …")


def outcome(inputs: Inputs, sent: Mapping[str, object]) -> dict[str, object] | tuple[InputProblem, ...]:
    try:
        return inputs.validate(sent, CONTEXT)
    except InvalidInput as error:
        return error.problems


ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, float("nan"), float("-inf"), "9" * 5000])
    | st.floats()
    | st.text(st.characters())  # lone surrogates among them: JSON's escapes can spell them
    | st.sampled_from(["http://x.example/", "2017-01-31", "log", "a", "12", "true", "1e400"])
)
JSON = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner), max_leaves=8
)
WIDE = inputs_of(wide)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(WIDE.names) | st.text(), JSON))
def test_no_value_whatever_brings_anything_but_a_result_or_a_refusal(sent: dict[str, Any]) -> None:
    told = outcome(WIDE, sent)
    if isinstance(told, dict):
        assert set(told) == set(sent)
    else:
        assert told
        assert {problem.kind for problem in told} <= {"missing", "unknown", "invalid"}


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON))
def test_what_an_open_ended_function_is_sent_reaches_it_unchanged(sent: dict[str, Any]) -> None:
    def anything(**rest: Any) -> None: ...

    taken = inputs_of(anything).validate(sent, {})
    assert list(taken) == list(sent)
    assert [taken[name] is sent[name] for name in sent] == [True] * len(sent)


# --- declarations that cannot work --------------------------------------------------------------------------------


class Sulky:
    def __repr__(self) -> str:
        raise RuntimeError


class Incomplete(pydantic.BaseModel):
    later: "NoSuchModel"  # type: ignore[name-defined] # noqa: F821


@pytest.mark.parametrize(
    "annotation",
    [
        5,
        [int],
        print,
        Sulky,
        Incomplete,
        Annotated[int, Field(gt="a")],  # type: ignore[arg-type]
        Annotated[str, Field(pattern="(")],
        Annotated[int, Field(alias="other")],
        Annotated[int, Field(examples=[float("nan")])],
        Annotated[int, Field(json_schema_extra={"x": object()})],  # type: ignore[dict-item]
    ],
)
def test_an_annotation_without_a_json_schema_is_refused(annotation: Any) -> None:
    with pytest.raises(BadDeclaration):
        taking(annotation)


@pytest.mark.parametrize("default", [b"\xff", Sulky(), [*range(3), Sulky()]])
def test_a_default_that_json_cannot_show_is_refused(default: object) -> None:
    def function(x: Any = default) -> None: ...

    with pytest.raises(BadDeclaration):
        inputs_of(function)


def test_an_alias_is_refused_by_the_parameters_name() -> None:
    def function(x: Annotated[int, Field(alias="other")] = 1) -> None: ...

    with pytest.raises(BadDeclaration) as error:
        inputs_of(function)
    assert "'x' has an alias" in error.value.detail
