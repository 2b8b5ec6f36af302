"""Inputs: the parameters a caller sends, validated against annotations or a raw JSON Schema."""

import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, Union, get_args, get_origin

import jsonschema_rs
import pydantic
import typing_extensions

from hallway.errors import BadDeclaration, InputProblem, InvalidInput
from hallway.values import Json, near_matches

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST_ECHO = 80


class Inputs(Protocol):
    """What a capability takes from its caller."""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, in the order of the signature."""
        ...

    @property
    def list_names(self) -> frozenset[str]:
        """Those that take a list, so that a query may repeat them."""
        ...

    @property
    def json_schema(self) -> Mapping[str, Json]:
        """The JSON Schema (2020-12) of the inputs as one object."""
        ...

    def validate(self, values: Mapping[str, object], context: Mapping[str, object]) -> dict[str, object]:
        """Turn what was sent into what the function gets; every problem is found before anything runs.

        Args:
            values: What the caller sent, by parameter name. Text that reads as a number counts as one.
            context: What types such as `RemoteFile` need to make themselves.

        Raises:
            InvalidInput: Something is missing, unknown or does not fit.
        """
        ...


@dataclass(frozen=True, slots=True)
class TypedParameter:
    """One annotated parameter; `default` is `inspect.Parameter.empty` where there is none."""

    name: str
    annotation: object
    default: object

    @property
    def required(self) -> bool:
        """Whether a caller must send it."""
        return self.default is inspect.Parameter.empty


class TypedInputs:
    """Inputs described by a function's annotations: anything that pydantic understands."""

    def __init__(self, title: str, parameters: Sequence[TypedParameter], *, open_ended: bool) -> None:
        self.names = tuple(parameter.name for parameter in parameters)
        self.list_names = frozenset(p.name for p in parameters if _takes_list(p.annotation))
        fields: dict[str, Any] = {}
        for parameter in parameters:
            annotation: Any = Any if parameter.annotation is object else parameter.annotation
            fields[parameter.name] = (
                annotation if parameter.required else typing_extensions.NotRequired[annotation]
            )
        # A TypedDict, unlike a model, takes any parameter name (`schema`, `_x`) and leaves defaults to the function.
        form: Any = typing_extensions.TypedDict(title, fields)  # pyright: ignore[reportArgumentType]
        config = pydantic.ConfigDict(extra="allow" if open_ended else "forbid")
        pydantic.with_config(config)(form)
        try:
            self._adapter: pydantic.TypeAdapter[dict[str, object]] = pydantic.TypeAdapter(form)
            self.json_schema = self._build_schema(parameters)
        except (pydantic.errors.PydanticUserError, pydantic.ValidationError) as error:
            reason = str(error).splitlines()[0]
            raise BadDeclaration(f"An annotation has no JSON Schema: {reason}.") from error

    def _build_schema(self, parameters: Sequence[TypedParameter]) -> Mapping[str, Json]:
        schema: dict[str, Json] = {"$schema": _DIALECT, **self._adapter.json_schema()}
        properties: dict[str, dict[str, Json]] = schema.get("properties", {})  # pyright: ignore[reportAssignmentType]
        for parameter in parameters:
            if not parameter.required:
                default = pydantic.TypeAdapter[object](Any).dump_python(
                    parameter.default, mode="json", fallback=str
                )
                properties[parameter.name]["default"] = default
        return schema

    def validate(self, values: Mapping[str, object], context: Mapping[str, object]) -> dict[str, object]:
        """See `Inputs.validate`."""
        try:
            return self._adapter.validate_python(dict(values), context=dict(context))
        except pydantic.ValidationError as error:
            raise InvalidInput([self._problem(item) for item in error.errors(include_url=False)]) from None

    def _problem(self, item: Any) -> InputProblem:
        name = ".".join(str(part) for part in item["loc"])
        if item["type"] == "missing":
            return InputProblem(name, f"{name!r} is missing", "missing")
        if item["type"] == "extra_forbidden":
            return InputProblem(name, _unknown_message(name, self.names), "unknown")
        message = str(item["msg"])
        return InputProblem(
            name, f"{name!r}: {message[:1].lower()}{message[1:]}; given {_echo(item['input'])}"
        )


class SchemaInputs:
    """Inputs described by a raw JSON Schema; the function gets the validated document as `body`."""

    def __init__(self, schema: Mapping[str, object]) -> None:
        for reference in _references(schema):
            if not reference.startswith("#"):
                raise BadDeclaration(
                    f"input_schema refers to {reference!r}; only references inside the document (#…) are followed."
                )
        document: dict[str, Any] = dict(schema)
        try:
            jsonschema_rs.meta.validate(document)
            # The `regex` engine runs in linear time: a hostile input cannot make a pattern take for ever.
            self._validator = jsonschema_rs.Draft202012Validator(
                document, offline=True, pattern_options=jsonschema_rs.RegexOptions()
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            where = "/".join(str(part) for part in getattr(error, "instance_path", ()))
            message = getattr(error, "message", str(error))
            raise BadDeclaration(f"input_schema is no valid JSON Schema at '{where}': {message}.") from error
        self.json_schema: Mapping[str, Json] = {"$schema": _DIALECT, **document}
        properties = schema.get("properties")
        by_name: Mapping[str, object] = properties if isinstance(properties, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]
        self.names = tuple(by_name)
        self.list_names = frozenset(
            name
            for name, part in by_name.items()
            if isinstance(part, Mapping) and part.get("type") == "array"  # pyright: ignore[reportUnknownMemberType]
        )

    def validate(self, values: Mapping[str, object], context: Mapping[str, object]) -> dict[str, object]:
        """See `Inputs.validate`. Raw schemas are strict: text is no number."""
        del context
        body = dict(values)
        try:
            problems = [self._problem(error) for error in self._validator.iter_errors(body)]
        except ValueError as error:
            raise InvalidInput([InputProblem("", f"The inputs are not JSON: {error}")]) from None
        if problems:
            raise InvalidInput(problems)
        return {"body": body}

    def _problem(self, error: jsonschema_rs.ValidationError) -> InputProblem:
        name = ".".join(str(part) for part in error.instance_path)
        kind = error.kind.name
        if kind == "required":
            return InputProblem(name, error.message, "missing")
        if kind == "additionalProperties":
            return InputProblem(name, error.message, "unknown")
        return InputProblem(name, f"{name!r}: {error.message}" if name else error.message)


def _takes_list(annotation: object) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _takes_list(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(_takes_list(arm) for arm in get_args(annotation))
    taken = origin or annotation
    return isinstance(taken, type) and issubclass(taken, (list, tuple, set, frozenset))


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():  # pyright: ignore[reportUnknownVariableType]
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(schema, (list, tuple)):
        for item in schema:  # pyright: ignore[reportUnknownVariableType]
            yield from _references(item)  # pyright: ignore[reportUnknownArgumentType]


def _unknown_message(name: str, names: Sequence[str]) -> str:
    near = near_matches(name, names)
    hint = f"(did you mean {near[0]!r}?)" if near else f"(allowed: {', '.join(names) or 'none'})"
    return f"{name!r} is unknown {hint}"


def _echo(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 1] + "…"
