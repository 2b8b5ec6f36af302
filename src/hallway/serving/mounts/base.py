"""What every mount is."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from hallway.handoff.views import View
from hallway.query import query_of
from hallway.serving.asgi import ASGIApp


@dataclass(frozen=True, slots=True)
class Mount:
    """An application as the router serves it.

    Args:
        asgi: Serves its requests; gets a `root_path` of the app's prefix and a `path` that begins with it.
        page_url: Gives the address of a view, from the server's root.
        is_asgi: Whether it speaks ASGI itself, so that it wants lifespan events and may take WebSockets.
    """

    asgi: ASGIApp
    page_url: Callable[[View], str]
    is_asgi: bool = False


def path_url(prefix: str, view: View) -> str:
    """Take a view's name for a path inside the app, and its parameters for the query."""
    return prefix + quote("/" + view.name.lstrip("/")) + query_of(view.parameters)
