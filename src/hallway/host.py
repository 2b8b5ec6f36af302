"""The host: puts all rooms together, runs the apps and serves them."""

import asyncio
import logging
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from starlette.requests import Request

from hallway.access.callers import Caller
from hallway.app import App
from hallway.clock import Clock, SystemClock
from hallway.console.home import HomePage
from hallway.errors import BadTarget, HallwayError, NotBound
from hallway.faces.api import ApiFace, serve_health
from hallway.faces.failure import FailureFace
from hallway.faces.handoff import HandoffFace
from hallway.faces.login import LoginFace
from hallway.files.fetching import FetchRules, GuardedFetcher
from hallway.files.remote import FETCHER
from hallway.files.shares import ShareSigner
from hallway.files.workspaces import AppWorkspace, UserWorkspace, Workspaces
from hallway.handoff.links import HandoffLinks
from hallway.handoff.manager import AppHandoffs, BoundToHost, HandoffManager
from hallway.identity.service import Identity
from hallway.pipeline import Pipeline
from hallway.registry import LoadedApp, LoadProblem, Registry, load_app
from hallway.serving.address import HostAddress
from hallway.serving.apps import AppPages, Place
from hallway.serving.asgi import ASGIApp, Receive, Scope, Send
from hallway.serving.cookies import SessionCookie
from hallway.serving.door import FrontDoor
from hallway.serving.lifespan import Lifespan
from hallway.serving.mounts import mount
from hallway.serving.mounts.base import Mount
from hallway.serving.own_files import OwnSharedFiles
from hallway.serving.pages import HostPages
from hallway.serving.pool import Pools
from hallway.serving.router import Router, endpoint
from hallway.serving.server import bind, make_server
from hallway.serving.static_files import serve_static
from hallway.serving.targets import FoundApp, find_apps
from hallway.settings import Settings
from hallway.storage.lock import DataLock
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore
from hallway.supply import SuppliedTypes
from hallway.values import Kind

_log = logging.getLogger("hallway.host")

# Beside CPU-bound worker threads the loop waits up to one interval for the GIL: at 5 ms, Python's default, a request
# takes 17 ms where this takes 5.6, for 3 % less work done by the threads.
_SWITCH_INTERVAL = 0.0005
_POOL_GRACE = 2.0
_NOT_RUN_YET = {Kind.ACTION: "run", Kind.METHOD: "call", Kind.RESOURCE: "serve"}


@dataclass(frozen=True, slots=True)
class _House:
    """Everything that exists between start and stop."""

    lock: DataLock
    database: SqliteDatabase
    identity: Identity
    address: HostAddress
    pools: Pools
    registry: Registry
    supplied_types: SuppliedTypes
    signer: ShareSigner
    app_pages: AppPages
    router: Router
    door: FrontDoor
    manager: HandoffManager
    links: HandoffLinks
    problems: list[LoadProblem]
    lifespans: list[Lifespan]


@final
class Host:
    """Runs apps in one process: one identity, one catalogue, one front door.

    Use it as an asynchronous context manager to have it started and stopped; `asgi` then serves requests. `serve` does
    all that and listens on the configured address.

    Args:
        settings: How it is set up.
        targets: What to import and serve, as `hallway serve` takes them; None for nothing but `apps`.
        apps: Apps that exist already.
        clock: What tells the time.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        targets: Sequence[str] | None = None,
        apps: Sequence[App] = (),
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._targets = targets
        self._apps = tuple(apps)
        self._clock = clock or SystemClock()
        self._house: _House | None = None
        self.workspaces = Workspaces(Path(self.settings.data) / "workspaces")

    # --- what it is asked -------------------------------------------------------------------------------------

    @property
    def home_url(self) -> str:
        """The address of the front page, below the server's root."""
        return f"{self.settings.root_path}/"

    @property
    def url(self) -> str:
        """Where the host is reached."""
        return self._running().address.primary_url

    @property
    def identity(self) -> Identity:
        """Its users, sessions and tokens."""
        return self._running().identity

    @property
    def registry(self) -> Registry:
        """The apps it runs."""
        return self._running().registry

    @property
    def problems(self) -> Sequence[LoadProblem]:
        """What could not be loaded."""
        return self._running().problems

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an ASGI application, once the host is started."""
        await self._running().door(scope, receive, send)

    # --- its life ---------------------------------------------------------------------------------------------

    async def __aenter__(self) -> "Host":
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    async def start(self, port: int | None = None) -> None:
        """Open the store, and load the apps on the running loop.

        Args:
            port: The port it is reached at, when that is not the configured one.

        Raises:
            DataUnusable: The data directory cannot be used, or another host has it.
            BadTarget: A target names nothing that can be served.
        """
        house = self._house = await self._build(self.settings.port if port is None else port)
        try:
            await self._load_all(house)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut the apps down, let running requests of threads finish for a moment, and close the store."""
        house = self._house
        if house is None:
            return
        for lifespan in reversed(house.lifespans):
            await lifespan.stop()
        for loaded in house.registry.apps():
            loaded.app.bind(None)
        for app_id in await asyncio.to_thread(house.pools.close, _POOL_GRACE):
            _log.warning("A thread of %s was still working when the host stopped.", app_id)
        house.database.close()
        house.lock.release()
        self._house = None

    async def serve(self, on_ready: Callable[["Host"], Awaitable[None]] | None = None) -> None:
        """Serve until SIGINT or SIGTERM; a second SIGINT waits for nobody.

        Args:
            on_ready: Awaited once requests are answered.

        Raises:
            OperatorError: The address, the data directory or a target cannot be used.
        """
        sys.setswitchinterval(_SWITCH_INTERVAL)
        listener = bind(self.settings.host, self.settings.port)
        try:
            await self.start(listener.getsockname()[1])
            server = make_server(self.asgi)
            loop = asyncio.get_running_loop()

            def request_stop() -> None:
                server.force_exit = server.should_exit
                server.should_exit = True

            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, request_stop)
            if on_ready is not None:
                server.when_started(lambda: on_ready(self))
            await server.serve(sockets=[listener])
        finally:
            listener.close()
            await self.stop()

    def _running(self) -> _House:
        if self._house is None:
            raise NotBound("The host is not running.", remedy="Start it: async with host: …")
        return self._house

    # --- putting it together ----------------------------------------------------------------------------------

    async def _build(self, port: int) -> _House:
        settings = self.settings
        root = settings.root_path
        data = Path(settings.data)
        database = SqliteDatabase(data / "hallway.sqlite")
        try:
            lock = DataLock(data)
        except HallwayError:
            database.close()
            raise
        store = SqliteIdentityStore(database)
        identity = Identity(store, self._clock, session_lifetime=settings.session_lifetime)
        key = await store.secret("shared-links", secrets.token_bytes(32))
        signer = ShareSigner(key, self._clock, lifetime=settings.share_lifetime)
        address = HostAddress(settings.host, port, root_path=root, public_url=settings.public_url)
        cookie = SessionCookie(root, port, secure=address.secure, lifetime=settings.session_lifetime)
        pools = Pools(size=settings.threads_per_app, backlog=settings.backlog_per_app)
        registry, supplied_types, router = Registry(), SuppliedTypes(), Router()
        pages = HostPages(root)
        door = FrontDoor(
            router,
            identity,
            cookie,
            root_path=root,
            origin=address.origin,
            answer_error=FailureFace(pages, root),
        )
        app_pages = AppPages(identity, signer, cookie, self, root_path=root)
        rules = FetchRules(
            max_bytes=settings.fetch_max_bytes,
            timeout=settings.fetch_timeout,
            https_only=settings.fetch_https_only,
            private_hosts=frozenset(settings.fetch_private_hosts),
        )
        fetcher = GuardedFetcher(rules, OwnSharedFiles(address, door), asyncio.get_running_loop())
        pipeline = Pipeline(supplied_types, pools, self, {FETCHER: fetcher})
        manager = HandoffManager(registry, pipeline, app_pages)
        links = HandoffLinks(registry, pipeline, signer, address)
        problems: list[LoadProblem] = []
        self._register_supplied(supplied_types)
        login = LoginFace(identity, cookie, pages, root)
        handoffs = HandoffFace(manager, pages, root)
        router.exact("/", endpoint(HomePage(registry, problems, pages, root)))
        router.exact("/login", endpoint(login.login))
        router.exact("/logout", endpoint(login.logout))
        router.exact("/healthz", endpoint(serve_health))
        router.exact("/readyz", endpoint(serve_health))
        router.below("static", endpoint(serve_static))
        router.below("api", endpoint(ApiFace(registry, root)))
        router.below("handoff", endpoint(handoffs))
        router.below("apps", app_pages)
        router.otherwise(endpoint(handoffs.nothing_here))
        return _House(
            lock=lock,
            database=database,
            identity=identity,
            address=address,
            pools=pools,
            registry=registry,
            supplied_types=supplied_types,
            signer=signer,
            app_pages=app_pages,
            router=router,
            door=door,
            manager=manager,
            links=links,
            problems=problems,
            lifespans=[],
        )

    def _register_supplied(self, supplied_types: SuppliedTypes) -> None:
        """Say what fills the parameters that no caller sends."""
        supplied_types.register(Caller, lambda call: call.caller)
        supplied_types.register(Host, lambda _call: self)
        supplied_types.register(UserWorkspace, lambda call: self.workspaces.of_user(call.app_id, call.caller))
        supplied_types.register(AppWorkspace, lambda call: self.workspaces.of_app(call.app_id))
        supplied_types.register(Request, lambda call: call.request)  # pyright: ignore[reportArgumentType]

    # --- loading ----------------------------------------------------------------------------------------------

    async def _load_all(self, house: _House) -> None:
        found = [FoundApp(app, None, app.id) for app in self._apps]
        if self._targets is not None:
            targeted, problems = find_apps(self._targets)
            found += targeted
            house.problems.extend(problems)
        for each in found:
            try:
                await self._load(house, each)
            except HallwayError as error:
                house.problems.append(LoadProblem.of(each.app.id, error))
        for problem in house.problems:
            _log.error("%s is not loaded: %s %s", problem.where, problem.message, problem.remedy)
        if found and not house.registry.apps():
            first = house.problems[0]
            raise BadTarget(f"No app could be loaded. {first.where}: {first.message}", remedy=first.remedy)

    async def _load(self, house: _House, found: FoundApp) -> None:
        app = found.app
        loaded = load_app(app, house.supplied_types)
        place_path = f"/apps/{app.id}" if found.path is None else found.path
        mounted: Mount | None = None
        if app.mounted is not None:
            self._refuse_own_path(house, found)
            mounted = mount(
                app,
                self.settings.root_path + place_path,
                house.pools.of(app.id),
                max_body=self.settings.max_body,
            )
            if mounted.has_lifespan:
                lifespan = Lifespan(app.id, mounted.asgi)
                await lifespan.start()
                house.lifespans.append(lifespan)
                mounted = replace(mounted, asgi=lifespan.serve)
        house.registry.add(loaded)
        house.problems.extend(loaded.problems)
        if mounted is not None:
            self._place(house, Place(loaded, mounted, place_path))
        app.redirect_origins += tuple(self.settings.app(app.id).redirect_origins)
        handoffs = AppHandoffs(app, house.manager, asyncio.get_running_loop())
        app.bind(BoundToHost(app, handoffs, house.links))
        _log_what_waits(loaded)

    def _refuse_own_path(self, house: _House, found: FoundApp) -> None:
        segment = (found.path or "").split("/")[1:2]
        if segment and house.router.is_own(segment[0]):
            raise BadTarget(
                f"{found.target!r}: /{segment[0]} is the host's own.", remedy="Choose another path."
            )

    def _place(self, house: _House, place: Place) -> None:
        house.app_pages.place(place)
        if place.path.startswith("/apps/"):
            return

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await house.app_pages.serve(place, scope, receive, send)

        app: ASGIApp = serve
        house.router.elsewhere(place.path, app)
        if not place.path:
            house.router.exact("/", app)


def _log_what_waits(loaded: LoadedApp) -> None:
    for kind, verb in _NOT_RUN_YET.items():
        waiting = loaded.of_kind(kind)
        if waiting:
            names = ", ".join(found.declared.name for found in waiting)
            _log.warning(
                "%s: this version lists, but does not yet %s, its %ss: %s.", loaded.app.id, verb, kind, names
            )
