"""Telling what kind of web application an object is, without importing any framework."""

import inspect
from enum import Enum, auto


class ApplicationKind(Enum):
    """The kinds of web application that can be mounted."""

    DASH = auto()
    FLASK = auto()
    STARLETTE = auto()
    ASGI = auto()
    WSGI = auto()


_FRAMEWORKS = (
    # Module prefix and class name, the more particular kind first.
    ("dash.", "Dash", ApplicationKind.DASH),
    ("flask.", "Flask", ApplicationKind.FLASK),
    ("starlette.", "Starlette", ApplicationKind.STARLETTE),  # FastAPI is a subclass
    ("django.", "WSGIHandler", ApplicationKind.WSGI),
    ("django.", "ASGIHandler", ApplicationKind.ASGI),
)


def kind_of(application: object) -> ApplicationKind | None:
    """Tell what kind of web application this is; None if it is none."""
    for base in type(application).__mro__:
        for module, name, kind in _FRAMEWORKS:
            if base.__name__ == name and base.__module__.startswith(module):
                return kind
    if not callable(application) or inspect.isclass(application):
        return None
    return _kind_of_callable(application)


def _kind_of_callable(application: object) -> ApplicationKind | None:
    function = application if inspect.isroutine(application) else type(application).__call__
    try:
        parameters = inspect.signature(application).parameters.values()  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):  # a callable written in C may not tell
        return None
    required = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if inspect.iscoroutinefunction(function):
        return ApplicationKind.ASGI if len(required) == 3 else None
    # ASGI apps may be plain functions that return an awaitable; they take three arguments, WSGI apps two.
    return {2: ApplicationKind.WSGI, 3: ApplicationKind.ASGI}.get(len(required))
