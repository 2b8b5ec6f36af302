"""The current caller, app and workspace, inside any page, callback or handler."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from hallway.access.callers import Caller
from hallway.app import App
from hallway.errors import NotBound
from hallway.files.workspaces import AppWorkspace, UserWorkspace, Workspaces


class CurrentHost(Protocol):
    """What `current()` needs of the host."""

    @property
    def workspaces(self) -> Workspaces:
        """Every workspace."""
        ...

    @property
    def home_url(self) -> str:
        """The address of the host's front page, below the server's root."""
        ...


@dataclass(frozen=True, slots=True)
class Current:
    """Whom and what the running code works for.

    Args:
        caller: Who calls, as stamped by the host.
        app: The app whose code runs.
    """

    caller: Caller
    app: App
    _host: CurrentHost

    @property
    def workspace(self) -> UserWorkspace:
        """The caller's files in this app.

        Raises:
            Forbidden: Nobody is signed in.
        """
        return self._host.workspaces.of_user(self.app.id, self.caller)

    @property
    def app_workspace(self) -> AppWorkspace:
        """This app's own files."""
        return self._host.workspaces.of_app(self.app.id)

    @property
    def home_url(self) -> str:
        """The address of the host's front page."""
        return self._host.home_url


_current: ContextVar[Current] = ContextVar("hallway_current")


def current() -> Current:
    """Give the current caller, app and workspace; works in worker threads and tasks that a request started.

    Raises:
        NotBound: No request or call of a host is being served here.
    """
    found = _current.get(None)
    if found is None:
        raise NotBound(
            "Nothing is being served here: current() works inside pages, callbacks and handlers.",
            remedy="Call it while a request is served; a thread of your own needs contextvars.copy_context().",
        )
    return found


def url_for_handoff(target: str, /, **values: object) -> str:
    """Make a link that hands the user over, from inside a page of the current app; see `App.url_for_handoff`."""
    return current().app.url_for_handoff(target, **values)


@contextmanager
def entered(entering: Current) -> Generator[None, None, None]:
    """Have `current()` answer with this inside the block; for the host alone."""
    token = _current.set(entering)
    try:
        yield
    finally:
        _current.reset(token)
