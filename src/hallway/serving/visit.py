"""A visit: what the front door found out about one request."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.requests import Request

from hallway.access.callers import Caller
from hallway.serving.asgi import Scope

_SCOPE_KEY = "hallway.visit"
_APP_KEY = "hallway.app"


@dataclass(frozen=True, slots=True)
class Visit:
    """What the front door found out about a request.

    Args:
        caller: Who it is for.
        correlation_id: By which the log is searched.
        path: Below the host's root, percent-decoded, beginning with a slash.
        origin: `scheme://host[:port]` as the visitor wrote it.
        session: The secret of the browser's session, "" for none.
    """

    caller: Caller
    correlation_id: str
    path: str
    origin: str
    session: str = field(default="", repr=False)

    def attach(self, scope: Scope) -> None:
        """Put it where endpoints find it."""
        scope[_SCOPE_KEY] = self
        _visit.set(self)

    def inside(self, caller: Caller) -> "Visit":
        """Give the visit as an app may know it: for this caller, and without the session's secret."""
        return Visit(caller, self.correlation_id, self.path, self.origin)


_visit: ContextVar[Visit] = ContextVar("hallway_visit")


def visit_of(request: Request) -> Visit:
    """Give the visit of a request that came through the front door."""
    return request.scope[_SCOPE_KEY]


def visit_in(scope: Scope) -> Visit:
    """Give the visit of a scope that came through the front door."""
    return scope[_SCOPE_KEY]


def current_visit() -> Visit | None:
    """Give the visit that is being served, if one is."""
    return _visit.get(None)


def note_app(scope: Scope, app_id: str) -> None:
    """Note for which app a request turned out to be.

    Args:
        scope: The request's, as the front door got it, and no copy.
        app_id: The app's id.
    """
    scope[_APP_KEY] = app_id


def app_in(scope: Scope) -> str:
    """Give the id of the app that a request was for, "" for none."""
    return scope.get(_APP_KEY, "")
