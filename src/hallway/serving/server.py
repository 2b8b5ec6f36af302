"""The HTTP server: uvicorn, embedded in a loop that is ours."""

import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable, Generator
from typing import Any, cast

import uvicorn

from hallway.errors import PortUnavailable
from hallway.serving.asgi import ASGIApp
from hallway.serving.websockets import Choice, websocket_class

_BACKLOG = 2048
_GRACE = 5


class HostServer(uvicorn.Server):
    """A uvicorn server that leaves the process' signals alone: the host decides when to stop."""

    _when_started: Callable[[], Awaitable[None]] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture nothing. Stock uvicorn raises SIGTERM again after serving, before the host has cleaned up."""
        yield

    def when_started(self, call: Callable[[], Awaitable[None]]) -> None:
        """Have something awaited once requests are answered."""
        self._when_started = call

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and say so."""
        await super().startup(sockets)
        if self._when_started is not None:
            await self._when_started()


def make_server(application: ASGIApp, websockets: Choice) -> HostServer:
    """Make a server; `serve(sockets=[…])` runs it.

    Args:
        application: What it serves.
        websockets: What serves WebSockets.
    """
    config = uvicorn.Config(
        cast("Any", application),
        interface="asgi3",
        loop="none",
        http="httptools",
        ws=websocket_class(websockets),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_GRACE,
    )
    return HostServer(config)


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything else happens, so that a second start fails at once and clearly.

    Args:
        host: A name or address of this machine; an IPv6 address with or without brackets.
        port: 0 for any that is free.

    Raises:
        PortUnavailable: The address is taken, privileged or not this machine's.
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortUnavailable(
            f"There is no address {host!r} to listen on: {error.strerror}.", remedy="Give another --host."
        ) from error
    # A port of a server that has just stopped may be taken again at once.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _unavailable(host, port, error) from error
    listener.setblocking(False)
    return listener


def _unavailable(host: str, port: int, error: OSError) -> PortUnavailable:
    match error.errno:
        case errno.EADDRINUSE:
            return PortUnavailable(
                f"Port {port} on {host} is taken by another program.",
                remedy=f"Stop it, or choose another port: --port {port + 1}.",
            )
        case errno.EACCES:
            return PortUnavailable(
                f"Port {port} is privileged.", remedy="Choose one above 1023, or run behind a proxy."
            )
        case _:
            return PortUnavailable(
                f"{host}:{port} cannot be listened on: {error.strerror}.",
                remedy="Give an address of this machine: --host 127.0.0.1.",
            )
