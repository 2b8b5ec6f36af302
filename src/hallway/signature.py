"""A function's signature becomes its inputs, their JSON Schema, and the way it is called."""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from hallway.errors import BadDeclaration
from hallway.inputs import Inputs, SchemaInputs, TypedInputs, TypedParameter
from hallway.supply import SuppliedTypes

_NAMED_KINDS = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


class AnyFunction(Protocol):
    """Any callable an author may declare."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run it."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes, split into what the caller sends and what the host supplies.

    Args:
        inputs: The parameters that a caller sends.
        supplied: The parameters that the host fills, with their registered types.
        positional: Positional-only parameters in order, with their defaults.
        is_async: Whether calling it gives a coroutine, so that it belongs on the loop.
    """

    inputs: Inputs
    supplied: Mapping[str, type]
    positional: Mapping[str, object]
    is_async: bool

    def arguments(self, values: Mapping[str, object]) -> tuple[tuple[object, ...], dict[str, object]]:
        """Split validated and supplied values into positional and keyword arguments."""
        # Whatever was omitted has a default; what stands before one that was not has to be given all the same.
        given = max((n for n, name in enumerate(self.positional, 1) if name in values), default=0)
        args = [values.get(name, default) for name, default in [*self.positional.items()][:given]]
        return tuple(args), {name: value for name, value in values.items() if name not in self.positional}


def read_signature(
    function: Callable[..., object],
    supplied_types: SuppliedTypes,
    *,
    input_schema: Mapping[str, object] | None = None,
) -> Signature:
    """Read what a function takes.

    Decorated functions are read through `functools.wraps` down to the innermost function, or to the first
    `__signature__` on the way.

    Args:
        function: The function, method or callable object that the author declared.
        supplied_types: The types that the host fills in.
        input_schema: A raw JSON Schema (2020-12) for authors who have one; the function then takes the validated
            document as its parameter `body`.

    Raises:
        BadDeclaration: An annotation cannot be resolved or has no JSON Schema, or `input_schema` is not a valid
            schema or refers outside itself.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError) as error:
        raise BadDeclaration(
            f"{function!r} has no signature that can be read: {error}.", remedy="Declare a Python function."
        ) from error
    annotations = _annotations(function)
    supplied: dict[str, type] = {}
    typed: dict[str, TypedParameter] = {}
    for name, parameter in parameters.items():
        if parameter.kind not in _NAMED_KINDS:
            continue
        annotation = annotations.get(
            name, object if parameter.annotation is parameter.empty else parameter.annotation
        )
        supplied_type = supplied_types.supplied_type(annotation)
        if supplied_type is not None:
            supplied[name] = supplied_type
        else:
            typed[name] = TypedParameter(name, annotation, default=parameter.default)
    title = getattr(function, "__name__", type(function).__name__)
    if input_schema is None:
        open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
        reserved = frozenset(supplied) | (_all_names(function) - frozenset(typed))
        inputs: Inputs = TypedInputs(title, tuple(typed.values()), open_ended=open_ended, reserved=reserved)
    else:
        if list(typed) != ["body"]:
            raise BadDeclaration(
                f"With input_schema= the function takes one input named 'body'; it takes {', '.join(typed) or 'none'}."
            )
        inputs = SchemaInputs(input_schema)
    return Signature(
        inputs=inputs,
        supplied=MappingProxyType(supplied),
        positional=MappingProxyType(
            {n: p.default for n, p in parameters.items() if p.kind is inspect.Parameter.POSITIONAL_ONLY}
        ),
        is_async=_is_async(function),
    )


def _annotations(function: Callable[..., object]) -> Mapping[str, object]:
    target = _innermost(function)
    try:
        return typing.get_type_hints(target, include_extras=True)
    except Exception as error:  # an annotation is the author's own expression: it may raise anything
        raise BadDeclaration(
            f"An annotation cannot be resolved: {error}.",
            remedy="Import the names that annotations use at module level, outside `if TYPE_CHECKING`.",
        ) from error


def _innermost(function: Callable[..., object]) -> Callable[..., object]:
    """Go down through decorators, partials and callable objects to the function that has the annotations."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__signature__") or not hasattr(function, "__wrapped__"):
            break
        else:
            function = function.__wrapped__  # pyright: ignore[reportFunctionMemberAccess]
    if inspect.isroutine(function) or inspect.isclass(function):
        return function
    return type(function).__call__


def _all_names(function: Callable[..., object]) -> frozenset[str]:
    """Give the names of the innermost function's parameters, `self` and what partials fill in among them."""
    target = _innermost(function)
    parameters = inspect.signature(getattr(target, "__func__", target)).parameters
    return frozenset(name for name, parameter in parameters.items() if parameter.kind in _NAMED_KINDS)


def _is_async(function: Callable[..., object]) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function):
        return inspect.iscoroutinefunction(function)
    return inspect.iscoroutinefunction(type(function).__call__)
