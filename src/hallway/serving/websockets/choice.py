"""Who serves which socket: picows wherever it can, uvicorn's own protocol where it was never tried or is not wanted."""

import asyncio
import socket
from typing import Any, Literal

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from hallway.serving.websockets.protocol import PicowsProtocol

Choice = Literal["picows", "websockets-sansio"]


class WebSocketProtocol(asyncio.Protocol):
    """Serves a connection by picows over TCP, and by uvicorn's `websockets-sansio` over a Unix socket.

    uvicorn makes its protocols before it says which connection they are for, so the choice is made after.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._server_state = server_state
        self._app_state = app_state

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Choose, and have the chosen one called from now on."""
        chosen = _class_for(transport)(self._config, self._server_state, self._app_state)
        # The transport looks its callbacks up on this object, after this call: no detour for every read.
        self.data_received = chosen.data_received
        self.eof_received = chosen.eof_received
        self.connection_lost = chosen.connection_lost
        self.pause_writing = chosen.pause_writing
        self.resume_writing = chosen.resume_writing
        chosen.connection_made(transport)


def websocket_class(choice: Choice) -> type[asyncio.Protocol]:
    """Give the class for uvicorn's setting `ws`, as the operator's setting has it."""
    return WebSocketProtocol if choice == "picows" else WebSocketsSansIOProtocol


def _class_for(transport: asyncio.BaseTransport) -> type[PicowsProtocol | WebSocketsSansIOProtocol]:
    connection: socket.socket = transport.get_extra_info("socket")
    # picows sets options of TCP, and its authors test nothing else.
    return WebSocketsSansIOProtocol if connection.family == socket.AF_UNIX else PicowsProtocol
