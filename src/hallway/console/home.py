"""The front page: which apps there are, and what they take over."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from hallway.app import App
from hallway.catalogue import CatalogueItem, catalogue
from hallway.errors import MethodNotAllowed, NotSignedIn
from hallway.registry import LoadProblem, Registry
from hallway.serving.pages import HostPages
from hallway.serving.visit import visit_of
from hallway.values import Kind

_ICON_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
_LARGEST_ICON = 64 * 1024


@dataclass(frozen=True, slots=True)
class Card:
    """An app on the front page.

    Args:
        app: The app.
        icon: Its picture as a `data:` address, "" for none.
        url: Its pages, "" for none.
        handoffs: What it takes over.
        others: Its other capabilities.
    """

    app: App
    icon: str
    url: str
    handoffs: tuple[CatalogueItem, ...]
    others: tuple[CatalogueItem, ...]


class HomePage:
    """Serves `/`.

    Args:
        registry: The apps.
        problems: What could not be loaded; shown to administrators.
        pages: Renders it.
        root_path: The path below which the host lies.
    """

    def __init__(
        self, registry: Registry, problems: Sequence[LoadProblem], pages: HostPages, root_path: str
    ) -> None:
        self._registry = registry
        self._problems = problems
        self._pages = pages
        self._root_path = root_path

    async def __call__(self, request: Request) -> Response:
        """Show the apps that the visitor may see."""
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(request.method, ("GET", "HEAD"))
        caller = visit_of(request).caller
        if not caller.signed_in:
            raise NotSignedIn("The front page is for people who are signed in.")
        cards = [
            Card(
                entry.app,
                _icon(entry.app),
                f"{self._root_path}/apps/{entry.app.id}/" if entry.has_pages else "",
                tuple(item for item in entry.items if item.kind is Kind.HANDOFF),
                tuple(item for item in entry.items if item.kind is not Kind.HANDOFF),
            )
            for entry in catalogue(self._registry, caller)
        ]
        problems = self._problems if caller.admin else ()
        return self._pages.render(request, "home", cards=cards, problems=problems)


def _icon(app: App) -> str:
    media_type = _ICON_TYPES.get(Path(app.icon).suffix.lower())
    return _data_address(app.folder / app.icon, media_type) if media_type else ""


@lru_cache(maxsize=256)
def _data_address(path: Path, media_type: str) -> str:
    """Give a picture as a `data:` address; shown by an `<img>`, whose SVG runs no scripts."""
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    if len(content) > _LARGEST_ICON:
        return ""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
