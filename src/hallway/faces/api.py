"""Hallway's own JSON API: what there is, for the command line and other programs; and the probes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hallway.catalogue import CatalogueEntry, catalogue
from hallway.errors import MethodNotAllowed, NotFound, NotSignedIn
from hallway.registry import Registry
from hallway.serving.router import segments_of
from hallway.serving.visit import visit_of


class ApiFace:
    """Serves `/api/…`.

    Args:
        registry: The apps.
        root_path: The path below which the host lies.
    """

    def __init__(self, registry: Registry, root_path: str) -> None:
        self._registry = registry
        self._root_path = root_path

    async def __call__(self, request: Request) -> Response:
        """Answer a request below `/api/`."""
        caller = visit_of(request).caller
        if not caller.signed_in:
            raise NotSignedIn("The API is for callers who are signed in.")
        if segments_of(request) != ["apps"]:
            raise NotFound(f"There is nothing at {visit_of(request).path!r}.", remedy="See /api/apps.")
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(request.method, ("GET", "HEAD"))
        return JSONResponse([self._described(entry) for entry in catalogue(self._registry, caller)])

    def _described(self, entry: CatalogueEntry) -> dict[str, object]:
        app = entry.app
        return {
            "id": app.id,
            "title": app.title,
            "description": app.description,
            "tags": app.tags,
            "url": f"{self._root_path}/apps/{app.id}/" if entry.has_pages else None,
            "capabilities": [
                {
                    "kind": item.kind,
                    "name": item.name,
                    "title": item.title,
                    "description": item.description,
                    "arguments": item.arguments,
                }
                for item in entry.items
            ],
        }


async def serve_health(request: Request) -> Response:
    """Answer `/healthz` and `/readyz`: whoever gets an answer finds the host alive, with its apps loaded."""
    del request
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})
