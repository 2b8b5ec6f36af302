"""The handoff manager: runs handoffs for faces and, in process, for apps."""

import asyncio
from collections.abc import Mapping, Sequence

from hallway.access.callers import Caller
from hallway.app import App
from hallway.blocking import wait_for_loop
from hallway.bound import HandoffOffer
from hallway.capability import Handoff
from hallway.context import current
from hallway.errors import Forbidden
from hallway.handoff.links import HandoffLinks, split_target
from hallway.handoff.views import Pages, destination
from hallway.pipeline import Pipeline, through
from hallway.registry import LoadedCapability, Registry
from hallway.values import Kind

_DEEPEST_CHAIN = 8


class HandoffManager:
    """Runs handoffs.

    Args:
        registry: The apps.
        pipeline: Calls their handlers.
        pages: Turns what handlers return into addresses.
    """

    def __init__(self, registry: Registry, pipeline: Pipeline, pages: Pages) -> None:
        self._registry = registry
        self._pipeline = pipeline
        self._pages = pages

    def find(self, app: str, name: str, caller: Caller, *, inside: bool = False) -> LoadedCapability:
        """Find a handoff; see `Registry.find_handoff`."""
        return self._registry.find_handoff(app, name, caller, inside=inside)

    def authorize(self, handoff: LoadedCapability, caller: Caller) -> None:
        """Check that the caller may use it; see `Pipeline.authorize`."""
        self._pipeline.authorize(handoff, caller)

    def offers(
        self, caller: Caller, *, inside: bool = False, app: str | None = None
    ) -> list[LoadedCapability]:
        """List the handoffs that a caller may see; see `Registry.visible`."""
        return self._registry.visible(Kind.HANDOFF, caller, inside=inside, app=app)

    def validate(self, handoff: LoadedCapability, values: Mapping[str, object]) -> None:
        """Check the parameters without running anything; see `Pipeline.validate`."""
        self._pipeline.validate(handoff, values)

    async def run(
        self,
        handoff: LoadedCapability,
        caller: Caller,
        values: Mapping[str, object],
        request: object | None = None,
    ) -> str:
        """Run a handoff, and give the address to send the user to.

        Raises:
            NotSignedIn, Forbidden: The caller may not.
            InvalidInput: The parameters do not fit.
            BadResult: The handler returned something that is no address.
        """
        call = await self._pipeline.prepare(handoff, caller, values, request)
        return destination(handoff.app, await self._pipeline.run(call), self._pages)

    async def run_inside(self, target: str, caller: Caller, values: Mapping[str, object]) -> str:
        """Run a handoff that an app on this host asks for, in process; see `Handoffs.handoff`."""
        if len(caller.via) > _DEEPEST_CHAIN:
            raise Forbidden(f"Apps hand over to each other in a circle: {' → '.join(caller.via)}.")
        handoff = self.find(*split_target(target), caller, inside=True)
        return await self.run(handoff, caller, values)


def acting_caller(app: App) -> Caller:
    """Give the current caller, one app further.

    Raises:
        NotBound: Nothing is being served here, so there is nobody to act for.
    """
    return through(current().caller, app.id)


class AppHandoffs:
    """Other apps' handoffs, as one app uses them; see `hallway.bound.Handoffs`.

    Args:
        app: The app that asks.
        manager: Runs them.
        loop: The host's loop, for the blocking form.
    """

    def __init__(self, app: App, manager: HandoffManager, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._manager = manager
        self._loop = loop

    def capabilities(self, app: str | None = None) -> Sequence[HandoffOffer]:
        """See `Handoffs.capabilities`."""
        found = self._manager.offers(acting_caller(self._app), inside=True, app=app)
        return [offer(capability) for capability in found]

    async def handoff(self, target: str, /, **values: object) -> str:
        """See `Handoffs.handoff`."""
        return await self._manager.run_inside(target, acting_caller(self._app), values)

    def handoff_blocking(self, target: str, /, **values: object) -> str:
        """See `Handoffs.handoff_blocking`."""
        return wait_for_loop(self._loop, self.handoff(target, **values))


class BoundToHost:
    """The host, as one of its apps sees it; see `hallway.bound.BoundApp`.

    Args:
        app: The app.
        handoffs: Other apps' handoffs.
        links: Builds links.
    """

    def __init__(self, app: App, handoffs: AppHandoffs, links: HandoffLinks) -> None:
        self._app = app
        self._links = links
        self.handoffs = handoffs

    def url_for_handoff(self, target: str, /, **values: object) -> str:
        """See `App.url_for_handoff`."""
        return self._links.handoff_url(target, current().caller, values)

    def share_url(self, path: str) -> str:
        """See `App.share_url`."""
        return self._links.share_url(self._app.id, path, current().caller)


def offer(capability: LoadedCapability) -> HandoffOffer:
    """Describe a handoff for whoever may use it."""
    declared = capability.declared
    return HandoffOffer(
        app=capability.app.id,
        name=declared.name,
        arguments=capability.signature.inputs.names,
        internal=isinstance(declared, Handoff) and declared.internal,
        title=declared.shown_title,
        description=declared.shown_description,
    )
