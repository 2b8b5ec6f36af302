"""Where a handoff ends: the result of a handler becomes the address of a page."""

from collections.abc import Mapping
from typing import Protocol, final
from urllib.parse import urlsplit

from hallway.app import App
from hallway.errors import BadResult
from hallway.query import Unwritable


@final
class View:
    """The page of one's own app that comes next, with parameters for it.

    Args:
        name: A view of the app: a Flask endpoint, a Starlette route's name, the path of a Dash page, or any path
            inside the app ("plot", "reports/today").
        parameters: What the page gets: parts of its path where it has such, and its query otherwise.
    """

    __slots__ = ("name", "parameters")

    def __init__(self, name: str, /, **parameters: object) -> None:
        self.name = name
        self.parameters: Mapping[str, object] = parameters

    def __repr__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in self.parameters.items())
        return f"View({self.name!r}{given})"


class Pages(Protocol):
    """Knows the addresses of the apps' pages."""

    def page_url(self, app: App, view: View) -> str:
        """Give the address of a view, from the server's root, query included.

        Raises:
            BadResult: The app has no such view.
            Unwritable: A parameter cannot stand in an address.
        """
        ...


def destination(app: App, result: object, pages: Pages) -> str:
    """Turn what a handler returned into the address to send the user to.

    Args:
        app: The handler's app.
        result: A `View`; the name of a view, alone or as "app:view"; an address on this host; an object with
            `get_absolute_url()`; or an absolute address whose origin the app has registered.
        pages: Finds views.

    Raises:
        BadResult: It is none of these.
    """
    own_page = getattr(result, "get_absolute_url", None)  # as Django's models have it
    if callable(own_page):
        result = own_page()
    if isinstance(result, View):
        return _view_url(app, result, pages)
    if not isinstance(result, str) or not result:
        raise BadResult(
            f"A handoff of {app.id!r} returned {type(result).__name__}.",
            remedy="Return View('name of a page'), or the page's address on this host.",
        )
    if result.startswith("/"):
        return _own_path(app, result)
    if "://" in result:
        return _registered(app, result)
    return _view_url(app, View(result.rpartition(":")[2]), pages)


def _view_url(app: App, view: View, pages: Pages) -> str:
    try:
        return pages.page_url(app, view)
    except (Unwritable, UnicodeError) as error:  # lone surrogates, in a parameter or in the name
        raise BadResult(
            f"A handoff of {app.id!r} returned {view!r}: {error}.",
            remedy="Give text, numbers, dates or lists.",
        ) from error


def _own_path(app: App, path: str) -> str:
    # Browsers read `//host` and `/\host` as another host, and drop control characters first.
    if path[1:2] in ("/", "\\") or not _plain(path):
        raise _leads_away(app, path)
    return path


def _registered(app: App, url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _leads_away(app, url) from error
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin not in app.redirect_origins or not _plain(url):
        raise _leads_away(app, url)
    return url


def _plain(text: str) -> bool:
    return text.isprintable() and not set(text) & {" ", "\\"}


def _leads_away(app: App, url: str) -> BadResult:
    return BadResult(
        f"A handoff of {app.id!r} led away from this host, to {url!r}.",
        remedy="Register the other origin: App(…, redirect_origins=['https://host']).",
    )
