"""Writing values as they stand in an address' query."""

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode

from pydantic_core import PydanticSerializationError, to_jsonable_python

from hallway.values import Json


class Unwritable(TypeError):
    """A value cannot stand in an address."""


def query_texts(value: object) -> list[str]:
    """Write a value as text; a list gives one text for each item, and anything but text is written as JSON has it.

    Raises:
        Unwritable: The value cannot be written.
    """
    try:
        plain: Json = to_jsonable_python(value)
        items = cast("list[Any]", plain) if isinstance(plain, list) else [plain]
        texts = [item if isinstance(item, str) else json.dumps(item) for item in items]
        "".join(texts).encode()
    except (PydanticSerializationError, ValueError) as error:  # a circle, or text that is no Unicode
        raise Unwritable(f"a {type(value).__name__} cannot stand in an address") from error
    return texts


def write_query(pairs: list[tuple[str, str]]) -> str:
    """Write a query with its question mark; "" for none."""
    return "?" + urlencode(pairs, quote_via=quote) if pairs else ""


def query_of(parameters: Mapping[str, object]) -> str:
    """Write parameters as a query with its question mark; what is None is left out.

    Raises:
        Unwritable: A value cannot be written.
    """
    return write_query(
        [(key, text) for key, value in parameters.items() if value is not None for text in query_texts(value)]
    )
