"""A connection without a network: what the peer sends is handed over, and what it gets is kept."""

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from hallway.serving.asgi import ASGIApp
from hallway.serving.websockets import PicowsProtocol

from .frames import Frame, split_frame
from .stage import request


class FakeTransport(asyncio.Transport):
    """Keeps what is written, as a transport over TLS does that has sent it at once."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__({"ssl_object": object()})
        self._protocol = protocol
        self._socket = socket.socket()
        self.written = bytearray()
        self.closing = False
        self.reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._socket if name == "socket" else super().get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self.closing

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            self._socket.close()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()


class Offline:
    """A connection to an application.

    Args:
        application: The application.
        settings: Some of uvicorn's.
    """

    def __init__(self, application: ASGIApp, **settings: Any) -> None:
        config = uvicorn.Config(
            application,  # pyright: ignore[reportArgumentType]
            log_config=None,
            proxy_headers=False,
            lifespan="off",
            **{"ws_ping_interval": None, **settings},
        )
        config.load()
        self.state = ServerState()
        self.protocol = PicowsProtocol(config, self.state, {})
        self.transport = FakeTransport(self.protocol)
        self.protocol.connection_made(self.transport)

    async def open(self, **changes: bytes | None) -> None:
        """Ask for a WebSocket, and wait for the answer."""
        self.protocol.data_received(request("/", **changes))
        while b"\r\n\r\n" not in self.transport.written:
            await asyncio.sleep(0)

    async def send(self, data: bytes) -> None:
        """Have some bytes arrive, when the server reads."""
        while not self.transport.reading and not self.transport.closing:
            await asyncio.sleep(0)
        if not self.transport.closing:
            self.protocol.data_received(data)
        await asyncio.sleep(0)

    async def lose(self) -> None:
        """Lose the connection, and wait until the application has ended."""
        self.transport.close()
        while self.state.connections or self.state.tasks:
            await asyncio.sleep(0)

    @property
    def frames(self) -> list[Frame]:
        """What the peer has got."""
        rest = bytes(self.transport.written).partition(b"\r\n\r\n")[2]
        frames: list[Frame] = []
        while found := split_frame(rest):
            frame, rest = found
            frames.append(frame)
        assert not rest
        return frames
