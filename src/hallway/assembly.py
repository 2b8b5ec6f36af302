"""Putting the rooms together."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from hallway.access.callers import Caller
from hallway.clock import Clock
from hallway.console.home import HomePage
from hallway.context import CurrentHost
from hallway.faces.api import ApiFace, serve_health
from hallway.faces.failure import FailureFace
from hallway.faces.handoff import HandoffFace
from hallway.faces.login import LoginFace
from hallway.faces.metrics import MetricsFace
from hallway.files.fetching import FetchRules, GuardedFetcher
from hallway.files.remote import FETCHER
from hallway.files.shares import ShareSigner
from hallway.files.workspaces import AppWorkspace, UserWorkspace
from hallway.handoff.links import HandoffLinks
from hallway.handoff.manager import HandoffManager
from hallway.identity.service import Identity
from hallway.pipeline import Pipeline
from hallway.registry import LoadProblem, Registry
from hallway.serving.address import HostAddress
from hallway.serving.apps import AppPages
from hallway.serving.cookies import SessionCookie
from hallway.serving.door import FrontDoor
from hallway.serving.lifespan import Lifespan
from hallway.serving.own_files import OwnSharedFiles
from hallway.serving.pages import HostPages
from hallway.serving.pool import Pools
from hallway.serving.router import Router, endpoint
from hallway.serving.static_files import serve_static
from hallway.serving.watching import Watching
from hallway.settings import Settings
from hallway.storage.lock import DataLock
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore
from hallway.supply import SuppliedTypes


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything that exists while a host runs."""

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
    watching: Watching
    lifespans: list[Lifespan]


async def build_rooms(settings: Settings, clock: Clock, port: int, host: CurrentHost) -> Rooms:
    """Open the store and put everything together that serves requests; no app is loaded yet.

    Args:
        settings: How the host is set up.
        clock: What tells the time.
        port: The port it is reached at.
        host: What `current()` answers from.

    Raises:
        DataUnusable: The data directory cannot be used, or another host has it.
    """
    data = Path(settings.data)
    with contextlib.ExitStack() as undo:
        database = SqliteDatabase(data / "hallway.sqlite")
        undo.callback(database.close)
        lock = DataLock(data)
        undo.callback(lock.release)
        rooms = await _put_together(settings, clock, port, host, database, lock)
        undo.pop_all()
    return rooms


async def _put_together(
    settings: Settings,
    clock: Clock,
    port: int,
    host: CurrentHost,
    database: SqliteDatabase,
    lock: DataLock,
) -> Rooms:
    root = settings.root_path
    store = SqliteIdentityStore(database)
    identity = Identity(store, clock, session_lifetime=settings.session_lifetime)
    key = await store.secret("shared-links", secrets.token_bytes(32))
    signer = ShareSigner(key, clock, lifetime=settings.share_lifetime)
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
    app_pages = AppPages(identity, signer, cookie, host, is_own=router.is_own, root_path=root)
    rules = FetchRules(
        max_bytes=settings.fetch_max_bytes,
        timeout=settings.fetch_timeout,
        https_only=settings.fetch_https_only,
        private_hosts=frozenset(settings.fetch_private_hosts),
    )
    fetcher = GuardedFetcher(rules, OwnSharedFiles(address, app_pages, door), asyncio.get_running_loop())
    pipeline = Pipeline(supplied_types, pools, host, {FETCHER: fetcher})
    manager = HandoffManager(registry, pipeline, app_pages)
    links = HandoffLinks(registry, pipeline, signer, address, app_pages)
    problems: list[LoadProblem] = []
    handoffs = HandoffFace(manager, pages, root)
    watching = Watching(door, clock, pools, registry, access_log=settings.access_log)
    metrics = MetricsFace(
        watching.metrics, handoffs.nothing_here, open_to_loopback=settings.metrics_to_loopback
    )
    _register_supplied(supplied_types, host)
    login = LoginFace(identity, cookie, pages, root)
    router.exact("/", endpoint(HomePage(registry, problems, pages, root)))
    router.exact("/login", endpoint(login.login))
    router.exact("/logout", endpoint(login.logout))
    router.exact("/healthz", endpoint(serve_health))
    router.exact("/readyz", endpoint(serve_health))
    router.exact("/metrics", endpoint(metrics))
    router.below("static", endpoint(serve_static))
    router.below("api", endpoint(ApiFace(registry, root)))
    router.below("handoff", endpoint(handoffs))
    router.below("apps", app_pages)
    router.otherwise(endpoint(handoffs.nothing_here))
    return Rooms(
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
        watching=watching,
        lifespans=[],
    )


def _register_supplied(supplied_types: SuppliedTypes, host: CurrentHost) -> None:
    """Say what fills the parameters that no caller sends."""
    supplied_types.register(Caller, lambda call: call.caller)
    supplied_types.register(UserWorkspace, lambda call: host.workspaces.of_user(call.app_id, call.caller))
    supplied_types.register(AppWorkspace, lambda call: host.workspaces.of_app(call.app_id))
    supplied_types.register(Request, lambda call: call.request)  # pyright: ignore[reportArgumentType]
