"""What an app may ask of the host that runs it; the host fulfils these protocols."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HandoffOffer:
    """A handoff that the asking app may use.

    Args:
        app: The id of the app that takes the user over.
        name: The handoff's name.
        arguments: Names of what it takes.
        internal: Whether it exists only in process.
        title: For people.
        description: What it does.
    """

    app: str
    name: str
    arguments: tuple[str, ...]
    internal: bool
    title: str
    description: str


class Handoffs(Protocol):
    """Handoffs as one app uses them, acting for the current caller; internal ones included."""

    def capabilities(self, app: str | None = None) -> Sequence[HandoffOffer]:
        """List what an app, or every app, takes over.

        Args:
            app: The other app's id, or None for all.

        Raises:
            UnknownApp: There is no such app.
        """
        ...

    async def handoff(self, target: str, /, **values: object) -> str:
        """Run another app's handoff, and give the address to send the user to.

        Args:
            target: `"app/name"`.
            values: The handoff's parameters.

        Raises:
            UnknownApp, UnknownHandoff: There is none that the caller may see.
            InvalidInput: The parameters do not fit.
            Forbidden: The caller may not use it.
        """
        ...

    def handoff_blocking(self, target: str, /, **values: object) -> str:
        """Do what `handoff` does, from a plain `def` in a worker thread.

        Raises:
            WrongThread: Called on the event loop's thread.
        """
        ...


class BoundApp(Protocol):
    """The host, as one of its apps sees it."""

    @property
    def handoffs(self) -> Handoffs:
        """Other apps' handoffs."""
        ...

    def url_for_handoff(self, target: str, /, **values: object) -> str:
        """Make a link that hands the user over; see `App.url_for_handoff`."""
        ...

    def share_url(self, path: str) -> str:
        """Make a shared link; see `App.share_url`."""
        ...
