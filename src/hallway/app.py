"""App: what an author declares. It is pure data until a host binds it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, final

from hallway.bound import BoundApp, Handoffs
from hallway.capability import Action, Capability, Handoff, Method, Resource
from hallway.errors import NotBound
from hallway.values import Effects

F = TypeVar("F", bound=Callable[..., Any])


@final
class App:
    """A room of the house: pages in whatever framework, and capabilities that others may use.

    Nothing here raises for a wrong declaration: mistakes are reported, with the app's and the capability's name, when
    a host loads it, and take no neighbour down.

    Args:
        id: A slug, unique on the host: ASCII letters, digits, `-` and `_`. It is in every address.
        title: A name for people; made from the id where left out.
        description: One or two sentences for the catalogue.
        icon: A picture for the catalogue: a file beside the module that makes the App, SVG or PNG.
        tags: Words by which the catalogue is filtered.
        public: Open the app's pages to everybody, signed in or not.
        visible_to: Principals who may see the app's pages; signed-in users by default.
        redirect_origins: Other origins (`https://host`) to which this app's handoffs may send users.
    """

    def __init__(
        self,
        id: str,
        *,
        title: str = "",
        description: str = "",
        icon: str = "",
        tags: Sequence[str] = (),
        public: bool = False,
        visible_to: Sequence[str] | None = None,
        redirect_origins: Sequence[str] = (),
    ) -> None:
        self.id = id
        self.title = title or id.replace("-", " ").replace("_", " ").title()
        self.description = description
        self.icon = icon
        self.folder = _folder_of_caller()
        self.tags = tuple(tags)
        self.public = public
        self.visible_to = None if visible_to is None else tuple(visible_to)
        self.redirect_origins = tuple(redirect_origins)
        self.capabilities: list[Capability] = []
        self.shared_routes: list[str] = []
        self.mounted: object | None = None
        self._bound: BoundApp | None = None

    def __repr__(self) -> str:
        return f"App({self.id!r})"

    # --- what the author declares -----------------------------------------------------------------------------

    def mount(self, application: object) -> None:
        """Serve a web application as this app's pages.

        Args:
            application: A Flask, Dash, Django, Starlette or FastAPI application, or any WSGI or ASGI callable.
        """
        self.mounted = application

    def share(self, route: str) -> None:
        """Let pages of this app be read through shared links.

        Args:
            route: A path inside the app; `{name}` stands for anything but a slash: `"/csv/{site}.csv"`.
        """
        self.shared_routes.append(route)

    def handoff(
        self,
        name: str,
        *,
        internal: bool = False,
        title: str = "",
        description: str = "",
        effects: Effects = "read",
        visible_to: Sequence[str] | None = None,
        runnable_by: Sequence[str] | None = None,
        input_schema: Mapping[str, object] | None = None,
    ) -> Callable[[F], F]:
        """Declare a handoff: the decorated function takes a user over and returns the `View` that comes next.

        Args:
            name: Its name in addresses; `-` and `_` are the same.
            internal: Offer it to apps on this host only, never over HTTP.
            title: A name for people.
            description: What it does; the docstring where left out.
            effects: `"read"` if it touches nothing but the caller's own workspace; otherwise a plain link asks the
                user first.
            visible_to: Principals who may know of it; signed-in users by default.
            runnable_by: Principals who may use it; signed-in users by default.
            input_schema: A raw JSON Schema; the function then takes the validated document as `body`.
        """

        def declare(function: F) -> F:
            handoff = Handoff(
                name=name,
                function=function,
                internal=internal,
                title=title,
                description=description,
                effects=effects,
                visible_to=_frozen(visible_to),
                runnable_by=_frozen(runnable_by),
                input_schema=input_schema,
            )
            self.capabilities.append(handoff)
            return function

        return declare

    def action(
        self,
        name: str,
        *,
        title: str = "",
        description: str = "",
        visible_to: Sequence[str] | None = None,
        runnable_by: Sequence[str] | None = None,
        input_schema: Mapping[str, object] | None = None,
    ) -> Callable[[F], F]:
        """Declare an action: a long job. It is catalogued; running it comes with the action engine.

        Args:
            name: Its name in addresses.
            title: A name for people.
            description: What it does; the docstring where left out.
            visible_to: Principals who may know of it; everybody by default.
            runnable_by: Principals who may start it; signed-in users by default.
            input_schema: A raw JSON Schema; the function then takes the validated document as `body`.
        """

        def declare(function: F) -> F:
            action = Action(
                name=name,
                function=function,
                title=title,
                description=description,
                visible_to=_frozen(visible_to),
                runnable_by=_frozen(runnable_by),
                input_schema=input_schema,
            )
            self.capabilities.append(action)
            return function

        return declare

    def method(
        self,
        name: str,
        *,
        title: str = "",
        description: str = "",
        visible_to: Sequence[str] | None = None,
        runnable_by: Sequence[str] | None = None,
    ) -> Callable[[F], F]:
        """Declare a method that live peers call. It is catalogued; calling it comes with the interop gateway.

        Args:
            name: Any text, such as `"Plotter.Show"`.
            title: A name for people.
            description: What it does; the docstring where left out.
            visible_to: Principals who may know of it; signed-in users by default.
            runnable_by: Principals who may call it; signed-in users by default.
        """

        def declare(function: F) -> F:
            method = Method(
                name=name,
                function=function,
                title=title,
                description=description,
                visible_to=_frozen(visible_to),
                runnable_by=_frozen(runnable_by),
            )
            self.capabilities.append(method)
            return function

        return declare

    def resource(
        self, path: str, *, methods: Sequence[str] = ("GET",), page: bool = False, public: bool = False
    ) -> Callable[[F], F]:
        """Declare an address that answers on the loop. It is catalogued; serving it comes with the applets.

        Args:
            path: The path below `/res/<app>/`.
            methods: HTTP methods it takes.
            page: Serve it at `/apps/<app>/<path>` instead.
            public: Open it to everybody.
        """

        def declare(function: F) -> F:
            self.capabilities.append(
                Resource(name=path, function=function, methods=tuple(methods), page=page, public=public)
            )
            return function

        return declare

    # --- what the host that runs it provides ------------------------------------------------------------------

    def bind(self, bound: BoundApp | None) -> None:
        """Tie the app to the host that runs it, or untie it; for hosts alone."""
        self._bound = bound

    @property
    def handoffs(self) -> Handoffs:
        """Other apps' handoffs, acting for the current caller."""
        return self._host().handoffs

    def url_for_handoff(self, target: str, /, **values: object) -> str:
        """Make a link that hands the user over to another app; everything is checked now, not when it is clicked.

        A `RemoteFile` parameter may name one of the host's own shared routes: the link to it is signed here.

        Args:
            target: `"app/name"`.
            values: The handoff's parameters.

        Returns:
            An address below this host's root, such as `/handoff/hydrograph-plotter/plot-csv/?csv_url=…`.

        Raises:
            UnknownApp, UnknownHandoff: There is none that the current caller may see.
            InvalidInput: The parameters do not fit.
        """
        return self._host().url_for_handoff(target, **values)

    def share_url(self, path: str) -> str:
        """Make a signed, expiring link to one of this app's shared routes; it acts for the current caller.

        Args:
            path: A path inside the app, percent-encoded where needed, with its query: `"/csv/01613900.csv"`.

        Raises:
            BadDeclaration: No route given to `share` matches.
        """
        return self._host().share_url(path)

    def _host(self) -> BoundApp:
        if self._bound is None:
            raise NotBound(f"The app {self.id!r} is not served by a host.")
        return self._bound


def _folder_of_caller() -> Path:
    """Give the folder of the module that makes an App, where its icon lies."""
    frame = inspect.currentframe()
    maker = frame.f_back.f_back if frame and frame.f_back else None
    file = maker.f_globals.get("__file__") if maker else None
    return Path(file).parent if file else Path.cwd()


def _frozen(principals: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if principals is None else tuple(principals)
