"""A host in memory: apps served without sockets, for tests that need no event loop of their own."""

import contextlib
import secrets
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import anyio.from_thread
import httpx
import msgspec

from hallway.access.principals import is_user_name
from hallway.app import App
from hallway.clock import Clock
from hallway.errors import CallerError
from hallway.host import Host
from hallway.settings import Settings

T = TypeVar("T")

_URL = "http://127.0.0.1:8000"
# What a browser says of itself when a person follows a link or types an address.
_NAVIGATION = {
    "accept": "text/html,application/xhtml+xml",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "none",
}


class MemoryHost:
    """A running host, and people and programs to visit it. `host_in_memory` makes one.

    Args:
        host: The host.
        portal: Reaches its loop from the test's thread.
    """

    def __init__(self, host: Host, portal: anyio.from_thread.BlockingPortal) -> None:
        self.host = host
        self._portal = portal
        self._clients: list[httpx.Client] = []
        self._passwords: dict[str, str] = {}

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function on the host's loop, awaiting its result where it has one."""
        return self._portal.call(function, *args)

    def anonymous(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """Give somebody who is not signed in, opening pages as a browser does.

        Args:
            headers: Headers that every request sends, in place of a browser's.
        """
        client = httpx.Client(
            transport=_MemoryTransport(self.host, self._portal),
            base_url=_URL,
            headers=_NAVIGATION if headers is None else headers,
        )
        self._clients.append(client)
        return client

    def visitor(self, name: str = "alice", *, admin: bool = False) -> httpx.Client:
        """Give a person who has signed in by the form; the user is added where missing.

        Args:
            name: The user's name.
            admin: Whether a user who is added administers the host.
        """
        password = self._passwords.get(name)
        if password is None:  # a new one would sign the user's other browsers out
            password = self._passwords[name] = secrets.token_hex(8)
            self._portal.call(self._give_password, name, password, admin)
        client = self.anonymous()
        answer = client.post("/login", data={"username": name, "password": password})
        if answer.status_code != 303:
            raise RuntimeError(f"signing in answered {answer.status_code}")
        return client

    def program(self, name: str = "alice") -> httpx.Client:
        """Give a program that sends a bearer token of a user; the user is added where missing."""
        self._portal.call(self._give_password, name, "", False)
        token = self._portal.call(self.host.identity.create_token, name)
        return self.anonymous({"authorization": f"Bearer {token}"})

    def close(self) -> None:
        """Send the visitors home."""
        for client in self._clients:
            client.close()

    async def _give_password(self, name: str, password: str, admin: bool) -> None:
        if not is_user_name(name):
            raise ValueError(f"{name!r} cannot be a user's name")
        with contextlib.suppress(CallerError):  # the user is there already
            await self.host.identity.add_user(name, password, admin=admin)
            return
        if password:
            await self.host.identity.set_password(name, password)


@contextmanager
def host_in_memory(
    *apps: App, settings: Settings | None = None, clock: Clock | None = None
) -> Generator[MemoryHost, None, None]:
    """Serve apps in memory for the length of a `with` block.

    Args:
        apps: What to serve.
        settings: How the host is set up; its data goes to a temporary folder where none is named.
        clock: What tells the time.
    """
    with tempfile.TemporaryDirectory(prefix="hallway-test-") as folder, contextlib.ExitStack() as stack:
        chosen = settings or Settings()
        if chosen.data == Settings().data:
            chosen = msgspec.structs.replace(chosen, data=folder)
        portal = stack.enter_context(anyio.from_thread.start_blocking_portal("asyncio"))
        host = stack.enter_context(portal.wrap_async_context_manager(Host(chosen, apps=apps, clock=clock)))
        memory_host = MemoryHost(host, portal)
        stack.callback(memory_host.close)
        yield memory_host


class _MemoryTransport(httpx.BaseTransport):
    """Carries a blocking client's requests to the host's loop."""

    def __init__(self, host: Host, portal: anyio.from_thread.BlockingPortal) -> None:
        self._asgi = httpx.ASGITransport(app=host.asgi, client=("127.0.0.1", 50000))  # pyright: ignore[reportArgumentType]
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._asgi.handle_async_request(
            httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        )
        content = b"".join([piece async for piece in response.aiter_raw()])  # the client decodes it
        return httpx.Response(response.status_code, headers=response.headers, content=content)
