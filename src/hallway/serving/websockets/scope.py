"""The ASGI scope of a WebSocket."""

from asyncio import Transport
from typing import Any
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from hallway.serving.asgi import Scope
from hallway.serving.websockets.opening import Opening


def make_scope(opening: Opening, transport: Transport, config: Config, app_state: dict[str, Any]) -> Scope:
    """Make the scope of a WebSocket, in which everything means what it means in uvicorn's scopes of requests.

    Args:
        opening: The client's request.
        transport: Whom it came from, and how.
        config: uvicorn's settings.
        app_state: What the lifespan has put there.
    """
    root_path = config.root_path
    return {
        "type": "websocket",
        # 2.4: what is sent to a peer that has left raises an OSError.
        "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if is_ssl(transport) else "ws",
        "server": get_local_addr(transport),
        "client": get_remote_addr(transport),
        "root_path": root_path,
        "path": root_path + unquote(opening.path.decode("ascii")),
        "raw_path": root_path.encode("ascii") + opening.path,
        "query_string": opening.query,
        "headers": opening.headers,
        "subprotocols": opening.subprotocols,
        "state": app_state.copy(),
        "extensions": {"websocket.http.response": {}},
    }
