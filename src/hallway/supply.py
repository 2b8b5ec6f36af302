"""Supplied parameters: what the host fills in because of a parameter's type, so that no caller ever sends it."""

import types
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar, Union, get_args, get_origin

from hallway.access.callers import Caller

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CallContext:
    """What is known about a call when the host fills in its supplied parameters.

    Args:
        app_id: The app that declares the capability; its workspaces are the ones supplied.
        caller: Who calls.
        request: The HTTP request, where the call came by HTTP through a face.
    """

    app_id: str
    caller: Caller
    request: object | None = None


Supplier = Callable[[CallContext], T | Awaitable[T]]


class SuppliedTypes:
    """The types that the host supplies; each room registers its own when the host is put together."""

    def __init__(self) -> None:
        self._suppliers: dict[type, Supplier[object]] = {}

    def register(self, type_: type[T], supplier: Supplier[T]) -> None:
        """Have every parameter annotated with `type_` filled by `supplier`.

        Args:
            type_: The exact class that authors annotate with; subclasses register themselves.
            supplier: Called on the event loop once a call, after the inputs were validated.
        """
        if type_ in self._suppliers:
            raise ValueError(f"{type_.__name__} is supplied already")
        self._suppliers[type_] = supplier

    def supplied_type(self, annotation: object) -> type | None:
        """Find the registered type in an annotation, looking through `Annotated` and `X | None`."""
        if isinstance(annotation, type):
            return annotation if annotation in self._suppliers else None
        if get_origin(annotation) is Annotated:
            return self.supplied_type(get_args(annotation)[0])
        if get_origin(annotation) in (Union, types.UnionType):
            arms = [arm for arm in get_args(annotation) if arm is not type(None)]
            return self.supplied_type(arms[0]) if len(arms) == 1 else None
        return None

    async def supply(self, type_: type, context: CallContext) -> object:
        """Make the value of one supplied parameter."""
        value = self._suppliers[type_](context)
        if isinstance(value, Awaitable):
            return await typing.cast("Awaitable[object]", value)
        return value
