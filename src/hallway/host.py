"""The host: puts all rooms together, runs the apps and serves them."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import final

from hallway.app import App
from hallway.assembly import Rooms, build_rooms
from hallway.clock import Clock, SystemClock
from hallway.errors import NotBound
from hallway.files.workspaces import Workspaces
from hallway.identity.service import Identity
from hallway.loading import load_apps
from hallway.registry import LoadProblem, Registry
from hallway.serving.asgi import Receive, Scope, Send
from hallway.serving.server import bind, make_server
from hallway.settings import Settings

_log = logging.getLogger("hallway.host")

# Beside CPU-bound worker threads the loop waits up to one interval for the GIL: at 5 ms, Python's default, a request
# takes 17 ms where this takes 5.6, for 3 % less work done by the threads.
_SWITCH_INTERVAL = 0.0005
_POOL_GRACE = 2.0


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
        self._rooms: Rooms | None = None
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
        await self._running().watching.recorder(scope, receive, send)

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
        rooms = self._rooms = await build_rooms(
            self.settings, self._clock, self.settings.port if port is None else port, self
        )
        rooms.supplied_types.register(Host, lambda _call: self)
        try:
            await load_apps(rooms, self.settings, self._apps, self._targets)
            rooms.watching.start()  # not before: importing apps takes its time, and nobody waits yet
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut the apps down, let running requests of threads finish for a moment, and close the store."""
        rooms = self._rooms
        if rooms is None:
            return
        for lifespan in reversed(rooms.lifespans):
            await lifespan.stop()
        for loaded in rooms.registry.apps():
            loaded.app.bind(None)
        for app_id in await asyncio.to_thread(rooms.pools.close, _POOL_GRACE):
            _log.warning("A thread of %s was still working when the host stopped.", app_id)
        rooms.watching.stop()
        rooms.database.close()
        rooms.lock.release()
        self._rooms = None

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
            server = make_server(self.asgi, self.settings.websockets)
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

    def _running(self) -> Rooms:
        if self._rooms is None:
            raise NotBound("The host is not running.", remedy="Start it: async with host: …")
        return self._rooms
