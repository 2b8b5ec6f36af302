"""The router: exact paths by a dictionary, then the first segment, then programs served at paths of their own."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from hallway.errors import NotFound
from hallway.serving.asgi import ASGIApp, Receive, Scope, Send
from hallway.serving.visit import visit_in, visit_of

Endpoint = Callable[[Request], Awaitable[Response]]


class Router:
    """Finds what serves a path below the host's root."""

    def __init__(self) -> None:
        self._exact: dict[str, ASGIApp] = {}
        self._below: dict[str, ASGIApp] = {}
        self._elsewhere: list[tuple[str, ASGIApp]] = []
        self._otherwise: ASGIApp | None = None

    def exact(self, path: str, app: ASGIApp) -> None:
        """Serve one path."""
        self._exact[path] = app

    def below(self, segment: str, app: ASGIApp) -> None:
        """Serve every path whose first segment is this one."""
        self._below[segment] = app

    def elsewhere(self, prefix: str, app: ASGIApp) -> None:
        """Serve every path below a prefix that is not the host's own; "" for the root, longer prefixes win."""
        self._elsewhere.append((prefix, app))
        self._elsewhere.sort(key=lambda entry: len(entry[0]), reverse=True)

    def otherwise(self, app: ASGIApp) -> None:
        """Answer every path that nothing else serves."""
        self._otherwise = app

    def is_own(self, segment: str) -> bool:
        """Tell whether a first segment is the host's own."""
        return segment in self._below or f"/{segment}" in self._exact

    def find(self, path: str) -> ASGIApp | None:
        """Find what serves a path; None if nothing does."""
        found = self._exact.get(path)
        if found is None:
            found = self._below.get(path[1:].partition("/")[0])
        if found is not None:
            return found
        for prefix, app in self._elsewhere:
            if path == prefix or path.startswith(prefix + "/"):
                return app
        return self._otherwise


def endpoint(function: Endpoint) -> ASGIApp:
    """Make an ASGI app of a function from request to response."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            raise NotFound(f"There is no WebSocket at {visit_in(scope).path!r}.")
        request = Request(scope, receive)
        response = await function(request)
        await response(scope, receive, send)

    return serve


def segments_of(request: Request) -> list[str]:
    """Give the segments of a request's path below the host's root, after the first."""
    return [segment for segment in visit_of(request).path.split("/")[2:] if segment]
