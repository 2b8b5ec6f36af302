"""However a function is written, wrapped or bound, its parameters become inputs and reach it again."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from hallway.errors import BadDeclaration, InvalidInput
from hallway.signature import Signature, read_signature
from hallway.supply import SuppliedTypes

from .handoff.inside import wrapped

if TYPE_CHECKING:
    from decimal import Decimal as OnlyForCheckers


class Run:
    """Stands for what a host supplies."""


RUN = Run()
SUPPLIED = SuppliedTypes()
SUPPLIED.register(Run, lambda _call: RUN)


def read(function: Callable[..., object], **options: Any) -> Signature:
    return read_signature(function, SUPPLIED, **options)


def call(function: Callable[..., object], sent: Mapping[str, object]) -> Any:
    """Call a function as the pipeline does."""
    signature = read(function)
    values = signature.inputs.validate(sent, {})
    args, kwargs = signature.arguments({**values, **dict.fromkeys(signature.supplied, RUN)})
    return function(*args, **kwargs)


def plot(site: str, width: int = 600, *, run: Run) -> tuple[object, ...]:
    return site, width, run


class Plotter:
    def method(self, site: str, width: int = 600, *, run: Run) -> tuple[object, ...]:
        return site, width, run

    @classmethod
    def of_class(cls, site: str, width: int = 600, *, run: Run) -> tuple[object, ...]:
        return site, width, run

    @staticmethod
    def static(site: str, width: int = 600, *, run: Run) -> tuple[object, ...]:
        return site, width, run

    def __call__(self, site: str, width: int = 600, *, run: Run) -> tuple[object, ...]:
        return site, width, run


class Quoted:
    def method(self, site: "str", width: "int" = 600, *, run: "Run | None") -> tuple[object, ...]:
        return site, width, run


def annotated(
    site: Annotated[str, Field(min_length=1)], width: Annotated[int, "px"] = 600, *, run: Annotated[Run, "x"]
) -> tuple[object, ...]:
    return site, width, run


def with_maybe(run: Run | None, site: str, width: int = 600) -> tuple[object, ...]:
    return site, width, run


def positional(site: str, width: int = 600, /, *, run: Run) -> tuple[object, ...]:
    return site, width, run


def supplied_between(site: str, run: Run, width: int = 600, /) -> tuple[object, ...]:
    return site, width, run


def keyword_only(*, run: Run, site: str, width: int = 600) -> tuple[object, ...]:
    return site, width, run


def with_rest_of_list(site: str, width: int = 600, *rest: int, run: Run) -> tuple[object, ...]:
    assert rest == ()
    return site, width, run


def with_context(context: str, site: str, width: int = 600, *, run: Run) -> tuple[object, ...]:
    assert context == "c"
    return site, width, run


def in_any_order(site: str, run: Run, width: int = 600) -> tuple[object, ...]:
    return site, width, run


SAME = [
    plot,
    wrapped(plot),
    wrapped(wrapped(wrapped(plot))),
    Plotter().method,
    Plotter.of_class,
    Plotter.static,
    Plotter(),
    wrapped(Plotter().method),
    wrapped(Plotter()),
    Quoted().method,
    annotated,
    with_maybe,
    positional,
    supplied_between,
    keyword_only,
    with_rest_of_list,
    in_any_order,
    functools.partial(with_context, "c"),
    functools.partial(wrapped(with_context), "c"),
    wrapped(functools.partial(with_context, "c")),
    functools.partial(functools.partial(with_context), "c"),
]


@pytest.mark.parametrize("function", SAME)
def test_every_way_of_writing_a_function_gives_the_same_inputs(function: Callable[..., object]) -> None:
    signature = read(function)
    assert signature.inputs.names == ("site", "width")
    assert signature.inputs.json_schema["required"] == ["site"]
    assert dict(signature.supplied) == {"run": Run}
    assert not signature.is_async


@pytest.mark.parametrize("function", SAME)
def test_what_a_caller_sends_and_the_host_supplies_reaches_the_function(
    function: Callable[..., object],
) -> None:
    assert call(function, {"site": "01", "width": "5"}) == ("01", 5, RUN)
    assert call(function, {"site": "01"}) == ("01", 600, RUN)


@pytest.mark.parametrize("sent", [{}, {"a": 5}, {"b": 6}, {"a": 5, "b": 6}])
def test_positional_parameters_may_be_left_out_in_any_combination(sent: dict[str, int]) -> None:
    def three(a: int = 1, run: Run | None = None, b: int = 2, /) -> tuple[object, ...]:
        return a, run, b

    assert call(three, sent) == (sent.get("a", 1), RUN, sent.get("b", 2))


def test_supplied_parameters_are_hidden_from_the_schema_and_cannot_be_sent() -> None:
    assert "run" not in str(read(plot).inputs.json_schema)
    with pytest.raises(InvalidInput):
        call(plot, {"site": "01", "run": "mine"})


def test_an_explicit_signature_counts_for_more_than_what_is_wrapped() -> None:
    def injecting(*args: Any, **kwargs: Any) -> Any:
        return with_context("c", *args, **kwargs)

    inner = inspect.signature(with_context)
    shown = [parameter for name, parameter in inner.parameters.items() if name != "context"]
    wrapper: Any = functools.wraps(with_context)(injecting)
    wrapper.__signature__ = inner.replace(parameters=shown)
    assert read(wrapper).inputs.names == ("site", "width")
    assert call(wrapped(wrapper), {"site": "01"}) == ("01", 600, RUN)


async def waits() -> None: ...


class Waiting:
    async def __call__(self) -> None: ...

    async def method(self) -> None: ...


@pytest.mark.parametrize(
    "function", [waits, functools.partial(waits), Waiting(), Waiting().method, functools.partial(Waiting())]
)
def test_a_coroutine_function_belongs_on_the_loop(function: Callable[..., object]) -> None:
    assert read(function).is_async


def test_a_plain_wrapper_belongs_in_a_thread_whatever_it_wraps() -> None:
    assert not read(wrapped(waits)).is_async


def test_parameters_without_annotation_take_anything() -> None:
    def anything(a, b=1):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        return a, b

    assert call(anything, {"a": {"x": [1, None]}}) == ({"x": [1, None]}, 1)


def test_a_function_with_keywords_takes_names_that_it_does_not_declare() -> None:
    def open_ended(site: str, **rest: Any) -> Any:
        return site, rest

    assert call(open_ended, {"site": "01", "rest": "1", "b": [2]}) == ("01", {"rest": "1", "b": [2]})
    assert read(open_ended).inputs.json_schema["additionalProperties"] is True


def open_with_run(run: Run, **rest: Any) -> Any:
    return run, rest


def open_with_context(context: str, **rest: Any) -> Any:
    return context, rest


class OpenEnded:
    def method(self, **rest: Any) -> Any:
        return rest

    def __call__(self, **rest: Any) -> Any:
        return rest


@pytest.mark.parametrize(
    ("function", "taken"),
    [
        (open_with_run, "run"),
        (OpenEnded().method, "self"),
        (OpenEnded(), "self"),
        (wrapped(OpenEnded().method), "self"),
        (functools.partial(open_with_context, "c"), "context"),
    ],
)
def test_names_that_a_call_fills_in_itself_are_refused_even_where_any_name_is_taken(
    function: Callable[..., object], taken: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        call(function, {taken: "mine", "other": 1})
    assert [(problem.name, problem.kind) for problem in refused.value.problems] == [(taken, "unknown")]
    assert call(function, {"other": 1})


# --- what cannot work is found when it is loaded ------------------------------------------------------------------


def with_checkers_only_name(x: "OnlyForCheckers") -> None: ...


def with_unknown_name(x: "NoSuchName") -> None: ...  # type: ignore[name-defined] # noqa: F821


def with_failing_expression(x: "1 / 0") -> None: ...  # type: ignore[valid-type]


@pytest.mark.parametrize(
    "function",
    [with_checkers_only_name, with_unknown_name, with_failing_expression, wrapped(with_unknown_name)],
)
def test_an_annotation_that_cannot_be_resolved_is_refused_with_the_cure(
    function: Callable[..., object],
) -> None:
    with pytest.raises(BadDeclaration) as refused:
        read(function)
    assert "TYPE_CHECKING" in refused.value.remedy


@pytest.mark.parametrize("function", [dict, max, 5, "plot"])
def test_what_has_no_signature_is_refused(function: Any) -> None:
    with pytest.raises(BadDeclaration) as refused:
        read(function)
    assert refused.value.remedy == "Declare a Python function."


def test_with_a_raw_schema_the_function_takes_one_body_beside_what_is_supplied() -> None:
    def takes_body(run: Run, body: dict[str, Any]) -> None: ...

    signature = read(takes_body, input_schema={"properties": {"site": {}}})
    assert signature.inputs.names == ("site",)
    assert dict(signature.supplied) == {"run": Run}


def takes_data(data: object) -> None: ...


def takes_body_and_more(body: object, more: object) -> None: ...


@pytest.mark.parametrize("function", [plot, waits, takes_data, takes_body_and_more])
def test_with_a_raw_schema_any_other_parameter_is_refused(function: Callable[..., object]) -> None:
    with pytest.raises(BadDeclaration) as refused:
        read(function, input_schema={})
    assert "'body'" in refused.value.detail
