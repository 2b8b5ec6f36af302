"""A real uvicorn server, over whichever network and WebSocket protocol is tested, and clients for it."""

import asyncio
import base64
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect, unix_connect

from hallway.serving.asgi import ASGIApp, Message, Receive, Scope, Send
from hallway.serving.server import bind
from hallway.serving.websockets import PicowsProtocol

from .frames import Frame, split_frame

MAX_SIZE = 6 << 20
PATIENCE = 5  # how long a test waits for what never comes before it fails
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3, as is the answer to it
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@dataclass(frozen=True)
class Stage:
    """What a test runs on."""

    protocol: Literal["picows", "sansio"]
    network: Literal["tcp", "unix", "tls"]
    loop: Literal["uvloop", "asyncio"] = "uvloop"

    def __str__(self) -> str:
        return f"{self.protocol}-{self.network}-{self.loop}"

    @property
    def protocol_class(self) -> type[asyncio.Protocol]:
        return PicowsProtocol if self.protocol == "picows" else WebSocketsSansIOProtocol


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@dataclass
class Raw:
    """A client that says what it likes, after an opening handshake that is right."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str
    _rest: bytes = b""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def frame(self) -> Frame | None:
        """Give the server's next frame; None if it has closed the connection instead."""
        while (found := split_frame(self._rest)) is None:
            async with asyncio.timeout(PATIENCE):
                more = await self.reader.read(1 << 16)
            if not more:
                assert not self._rest, "the server ended inside a frame"
                return None
            self._rest += more
        first, self._rest = found
        return first

    async def left(self) -> None:
        """Wait until the server has closed the connection."""
        assert await self.frame() is None

    def abort(self) -> None:
        self.writer.transport.abort()


@dataclass
class Hall:
    """A running server. Each test gives it an application, at a path of its own."""

    stage: Stage
    address: str | tuple[str, int]
    tls: ssl.SSLContext | None
    server: uvicorn.Server
    serving: "asyncio.Task[None]"
    applications: dict[str, ASGIApp] = field(default_factory=dict[str, ASGIApp])

    def serve(self, application: ASGIApp) -> str:
        """Serve an application, and give its path."""
        path = f"/{len(self.applications)}"
        self.applications[path] = application
        return path

    def connect(self, target: str, **options: Any) -> "connect":
        """Connect as a proper client does; use it with `async with`."""
        options = {"compression": None, "max_size": None, "proxy": None, "ping_interval": None, **options}
        if isinstance(self.address, str):
            return unix_connect(self.address, f"ws://localhost{target}", **options)
        host, port = self.address
        if self.tls is None:
            return connect(f"ws://{host}:{port}{target}", **options)
        return connect(f"wss://{host}:{port}{target}", ssl=self.tls, **options)

    async def talk(self, application: ASGIApp, **options: Any) -> ClientConnection:
        """Serve an application and connect to it."""
        return await self.connect(self.serve(application), **options)

    @contextlib.asynccontextmanager
    async def line(self) -> "AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter], None]":
        """Connect without saying anything."""
        if isinstance(self.address, str):
            reader, writer = await asyncio.open_unix_connection(self.address)
        else:
            reader, writer = await asyncio.open_connection(*self.address, ssl=self.tls)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def raw(self, target: str, *, accepted: bool = True) -> AsyncGenerator[Raw, None]:
        """Ask for a WebSocket by hand; do not wait for the answer unless it is to be `accepted`."""
        async with self.line() as (reader, writer):
            writer.write(request(target))
            peer = Raw(reader, writer, "")
            if accepted:
                peer.head = await read_head(reader)
                assert peer.head.startswith("HTTP/1.1 101 "), peer.head
            yield peer

    async def exchange(self, data: bytes) -> bytes:
        """Send a request, and give the whole answer up to the end of the connection."""
        async with self.line() as (reader, writer):
            writer.write(data)
            async with asyncio.timeout(PATIENCE):
                return await reader.read()

    @property
    def connections(self) -> list[Any]:
        """The server's side of all connections."""
        return list(self.server.server_state.connections)

    async def quiet(self) -> None:
        """Wait until no connection and no application is left."""
        state = self.server.server_state
        async with asyncio.timeout(PATIENCE):
            while state.connections or state.tasks:
                await asyncio.sleep(0)

    async def stop(self) -> None:
        """Stop the server, as the host does."""
        self.server.should_exit = True
        await self.serving


async def read_head(reader: asyncio.StreamReader) -> str:
    """Read the head of an HTTP response."""
    async with asyncio.timeout(PATIENCE):
        return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")


def request(target: str, *, method: str = "GET", **changes: bytes | None) -> bytes:
    """Write a request for a WebSocket; `changes` to its headers are None to leave one out."""
    headers: dict[str, bytes | None] = {
        "host": b"localhost",
        "connection": b"Upgrade",
        "upgrade": b"websocket",
        "sec-websocket-version": b"13",
        "sec-websocket-key": KEY,
    }
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{method} {target} HTTP/1.1".encode()]
    lines += [name.encode() + b": " + value for name, value in headers.items() if value is not None]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def new_key() -> bytes:
    """Make a Sec-WebSocket-Key."""
    return base64.b64encode(os.urandom(16))


@contextlib.asynccontextmanager
async def open_hall(
    stage: Stage, folder: Path, tls: tuple[ssl.SSLContext, ssl.SSLContext], **settings: Any
) -> AsyncGenerator[Hall, None]:
    """Start a server.

    Args:
        stage: What it is to be.
        folder: Where its Unix socket goes.
        tls: The server's context and the client's.
        settings: More of uvicorn's.
    """
    applications: dict[str, ASGIApp] = {}

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        await applications["/" + scope["path"].split("/")[1]](scope, receive, send)

    config = uvicorn.Config(
        dispatch,  # pyright: ignore[reportArgumentType]
        loop="none",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        **{
            "ws": stage.protocol_class,
            "ws_max_size": MAX_SIZE,
            "ws_ping_interval": None,
            "ws_per_message_deflate": False,
            **settings,
        },
    )
    config.load()
    address: str | tuple[str, int]
    sockets: list[socket.socket] | None = None
    if stage.network == "unix":
        address = config.uds = str(folder / f"{len(list(folder.iterdir()))}.sock")
    else:
        listener = bind("127.0.0.1", 0)
        address, sockets = listener.getsockname(), [listener]
        config.ssl = tls[0] if stage.network == "tls" else None
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets))
    await server.listening.wait()
    hall = Hall(stage, address, tls[1] if stage.network == "tls" else None, server, serving, applications)
    try:
        yield hall
    finally:
        await hall.stop()


class Listener:
    """Accepts, and keeps what it receives, up to the end."""

    def __init__(self) -> None:
        self.scope: Scope = {}
        self.received: list[Message] = []
        self._ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        try:
            assert await receive() == {"type": "websocket.connect"}
            await send({"type": "websocket.accept"})
            while not self.received or self.received[-1]["type"] != "websocket.disconnect":
                self.received.append(await receive())
                await self.react(self.received[-1], send)
        finally:
            self._ended.set()

    async def react(self, message: Message, send: Send) -> None:
        """Do something about a message."""

    async def end(self) -> Message:
        """Wait for the application's end, and give the last event."""
        async with asyncio.timeout(PATIENCE):
            await self._ended.wait()
        return self.received[-1]


class Echo(Listener):
    """Sends back what it receives."""

    async def react(self, message: Message, send: Send) -> None:
        if message["type"] == "websocket.receive":
            await send({**message, "type": "websocket.send"})


class Script:
    """An application that a test writes down as a function of `receive` and `send`.

    `websocket.connect` is received before.
    """

    def __init__(self, run: Callable[[Receive, Send], Awaitable[Any]]) -> None:
        self._run = run
        self._outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() == {"type": "websocket.connect"}
        try:
            self._outcome.set_result(await self._run(receive, send))
        except BaseException as error:
            self._outcome.set_exception(error)
            raise

    async def end(self) -> Any:
        """Wait for the function's end, and give what it returns or raise what it raises."""
        async with asyncio.timeout(PATIENCE):
            return await self._outcome


async def accept(send: Send, **more: Any) -> None:
    """Accept a WebSocket."""
    await send({"type": "websocket.accept", **more})
