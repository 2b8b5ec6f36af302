"""Loading apps into a running host."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from hallway.app import App
from hallway.assembly import Rooms
from hallway.errors import BadTarget, HallwayError
from hallway.handoff.manager import AppHandoffs, BoundToHost
from hallway.registry import LoadedApp, LoadProblem, load_app
from hallway.serving.apps import Place
from hallway.serving.asgi import ASGIApp, Receive, Scope, Send
from hallway.serving.lifespan import Lifespan
from hallway.serving.mounts import mount
from hallway.serving.mounts.base import Mount
from hallway.serving.targets import FoundApp, find_apps
from hallway.settings import Settings
from hallway.values import Kind

_log = logging.getLogger("hallway.loading")

_NOT_RUN_YET = {Kind.ACTION: "run", Kind.METHOD: "call", Kind.RESOURCE: "serve"}


async def load_apps(
    rooms: Rooms, settings: Settings, apps: Sequence[App], targets: Sequence[str] | None
) -> None:
    """Import what the targets name, check every app and serve it. What is wrong is left out and reported.

    Args:
        rooms: Where to.
        settings: How the host is set up.
        apps: Apps that exist already.
        targets: What to import, as `hallway serve` takes it; None for nothing.

    Raises:
        BadTarget: A target names nothing that can be served, or no app at all could be loaded.
    """
    found = [FoundApp(app, None, app.id) for app in apps]
    if targets is not None:
        targeted, problems = find_apps(targets)
        found += targeted
        rooms.problems.extend(problems)
    for each in found:
        try:
            await _load(rooms, settings, each)
        except HallwayError as error:
            rooms.problems.append(LoadProblem.of(each.app.id, error))
    for problem in rooms.problems:
        _log.error("%s is not loaded: %s %s", problem.where, problem.message, problem.remedy)
    if found and not rooms.registry.apps():
        first = rooms.problems[0]
        raise BadTarget(f"No app could be loaded. {first.where}: {first.message}", remedy=first.remedy)


async def _load(rooms: Rooms, settings: Settings, found: FoundApp) -> None:
    app = found.app
    loaded = load_app(app, rooms.supplied_types)
    place_path = f"/apps/{app.id}" if found.path is None else found.path
    mounted: Mount | None = None
    if app.mounted is not None:
        _refuse_own_path(rooms, found)
        mounted = mount(
            app,
            settings.root_path + place_path,
            rooms.pools.of(app.id),
            max_body=settings.max_body,
        )
        if mounted.is_asgi:
            lifespan = Lifespan(app.id, mounted.asgi)
            await lifespan.start()
            rooms.lifespans.append(lifespan)
            mounted = replace(mounted, asgi=lifespan.serve)
    rooms.registry.add(loaded)
    rooms.problems.extend(loaded.problems)
    if mounted is not None:
        _place(rooms, Place(loaded, mounted, place_path))
    app.redirect_origins = tuple(
        dict.fromkeys((*app.redirect_origins, *settings.app(app.id).redirect_origins))
    )
    handoffs = AppHandoffs(app, rooms.manager, asyncio.get_running_loop())
    app.bind(BoundToHost(app, handoffs, rooms.links))
    _log_what_waits(loaded)


def _refuse_own_path(rooms: Rooms, found: FoundApp) -> None:
    segment = (found.path or "").split("/")[1:2]
    if segment and rooms.router.is_own(segment[0]):
        raise BadTarget(f"{found.target!r}: /{segment[0]} is the host's own.", remedy="Choose another path.")


def _place(rooms: Rooms, place: Place) -> None:
    rooms.app_pages.place(place)
    if place.path.startswith("/apps/"):
        return

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await rooms.app_pages.serve(place, scope, receive, send)

    app: ASGIApp = serve
    rooms.router.elsewhere(place.path, app)
    if not place.path:
        rooms.router.exact("/", app)


def _log_what_waits(loaded: LoadedApp) -> None:
    for kind, verb in _NOT_RUN_YET.items():
        waiting = loaded.of_kind(kind)
        if waiting:
            names = ", ".join(found.declared.name for found in waiting)
            _log.warning(
                "%s: this version lists, but does not yet %s, its %ss: %s.", loaded.app.id, verb, kind, names
            )
