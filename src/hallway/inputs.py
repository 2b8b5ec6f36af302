"""Inputs: the parameters a caller sends, validated against annotations or a raw JSON Schema."""

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import jsonschema_rs
import pydantic
import typing_extensions

from hallway.errors import BadDeclaration, InputProblem, InvalidInput
from hallway.values import Json, near_matches

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFINITIONS = "#/$defs/"
_DEEPEST = 8
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
    """Inputs described by a function's annotations: anything that pydantic understands.

    Args:
        title: What the schema is called.
        parameters: What a caller sends.
        open_ended: Whether further names are taken, for `**kwargs`.
        reserved: Names that are not taken even so, since the call fills them in itself.
    """

    def __init__(
        self,
        title: str,
        parameters: Sequence[TypedParameter],
        *,
        open_ended: bool,
        reserved: frozenset[str] = frozenset(),
    ) -> None:
        self._reserved = reserved if open_ended else frozenset[str]()
        self.names = tuple(parameter.name for parameter in parameters)
        fields: dict[str, Any] = {}
        for parameter in parameters:
            annotation: Any = Any if parameter.annotation is object else parameter.annotation
            fields[parameter.name] = (
                annotation if parameter.required else typing_extensions.NotRequired[annotation]
            )
        try:
            # A TypedDict, unlike a model, takes any parameter name (`schema`, `_x`) and leaves defaults to the function.
            form: Any = typing_extensions.TypedDict(title, fields)  # pyright: ignore[reportArgumentType]
            config = pydantic.ConfigDict(extra="allow" if open_ended else "forbid")
            pydantic.with_config(config)(form)
            self._adapter: pydantic.TypeAdapter[dict[str, object]] = pydantic.TypeAdapter(form)
            self.json_schema = _as_json(self._build_schema(parameters))
        except Exception as error:  # annotations and defaults are the author's: they may raise anything
            reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
            raise BadDeclaration(f"An annotation or default has no JSON Schema: {reason}.") from error
        self.list_names = _list_names(self.json_schema)
        self._secret_names = frozenset(
            name
            for name, part in _properties(self.json_schema).items()
            if _has_secret(part, self.json_schema)
        )

    def _build_schema(self, parameters: Sequence[TypedParameter]) -> Mapping[str, Json]:
        schema: dict[str, Json] = {"$schema": _DIALECT, **self._adapter.json_schema()}
        properties: dict[str, dict[str, Json]] = schema.get("properties", {})  # pyright: ignore[reportAssignmentType]
        for parameter in parameters:
            if parameter.name not in properties:
                raise ValueError(f"{parameter.name!r} has an alias, but callers send a parameter's own name")
            if not parameter.required:
                default = pydantic.TypeAdapter[object](Any).dump_python(
                    parameter.default, mode="json", fallback=str
                )
                properties[parameter.name]["default"] = default
        return schema

    def validate(self, values: Mapping[str, object], context: Mapping[str, object]) -> dict[str, object]:
        """See `Inputs.validate`."""
        taken = [name for name in values if name in self._reserved]
        if taken:
            raise InvalidInput([InputProblem(n, _unknown_message(n, self.names), "unknown") for n in taken])
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
        given = "" if item["loc"][0] in self._secret_names else f"; given {_echo(item['input'])}"
        return InputProblem(name, f"{name!r}: {message[:1].lower()}{message[1:]}{given}")


class SchemaInputs:
    """Inputs described by a raw JSON Schema; the function gets the validated document as `body`."""

    def __init__(self, schema: Mapping[str, object]) -> None:
        try:
            document = _as_json({"$schema": _DIALECT, **schema})
            _refuse_outside_references(document)
            # The `regex` engine runs in linear time: a hostile input cannot make a pattern take for ever.
            self._validator = jsonschema_rs.validator_for(
                document,
                offline=True,
                pattern_options=jsonschema_rs.RegexOptions(),
                mask="what was given" if _has_secret(document, document) else None,
            )
        except (TypeError, ValueError, RecursionError, jsonschema_rs.ReferencingError) as error:
            where = "/".join(str(part) for part in getattr(error, "instance_path", ()))
            message = getattr(error, "message", str(error))
            raise BadDeclaration(f"input_schema is no valid JSON Schema at '{where}': {message}.") from error
        self.json_schema: Mapping[str, Json] = document
        self.names = tuple(_properties(document))
        self.list_names = _list_names(document)

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


def _properties(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document.get("properties", {})


def _list_names(document: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(n for n, part in _properties(document).items() if _takes_list(part, document, _DEEPEST))


def _takes_list(part: Any, document: Mapping[str, Any], depth: int) -> bool:
    """Tell whether a schema allows an array, looking through alternatives and references inside the document."""
    if not isinstance(part, dict) or depth == 0:
        return False
    schema = cast("dict[str, Any]", part)
    types = schema.get("type")
    if types == "array" or (isinstance(types, list) and "array" in types):
        return True
    arms = [arm for key in ("anyOf", "oneOf", "allOf") for arm in schema.get(key, ())]
    reference = str(schema.get("$ref", ""))
    if reference.startswith(_DEFINITIONS):
        arms.append(document.get("$defs", {}).get(reference.removeprefix(_DEFINITIONS)))
    return any(_takes_list(arm, document, depth - 1) for arm in arms)


def _has_secret(part: Any, document: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> bool:
    """Tell whether anything in a schema may not be shown, as with pydantic's `SecretStr`."""
    if isinstance(part, list):
        return any(_has_secret(item, document, seen) for item in cast("list[Any]", part))
    if not isinstance(part, dict):
        return False
    schema = cast("dict[str, Any]", part)
    reference = str(schema.get("$ref", ""))
    if reference.startswith(_DEFINITIONS) and reference not in seen:
        found = document.get("$defs", {}).get(reference.removeprefix(_DEFINITIONS))
        if _has_secret(found, document, seen | {reference}):
            return True
    return schema.get("writeOnly") is True or any(_has_secret(v, document, seen) for v in schema.values())


def _as_json(schema: Mapping[str, object]) -> dict[str, Any]:
    """Copy a schema as what it is on the wire, or raise ValueError or TypeError where it cannot go there."""
    return json.loads(json.dumps(schema, allow_nan=False))


def _refuse_outside_references(schema: object) -> None:
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise BadDeclaration(
                f"input_schema refers to {reference!r}; only references inside the document (#…) are followed."
            )


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
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or a number with too many digits
        return "…"
    return text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 1] + "…"
