"""WebSockets of mounted ASGI applications (RFC 6455; ASGI WebSocket messages 2.4), behind uvicorn's `ws=` hook.

picows, a C extension, parses and writes the frames; everything that is policy lies here, one subject a module:
`opening` and `responses` the HTTP side of the handshake, `states` what may follow what, `closing` close codes,
`frames` messages out of frames, `inbox` what waits for the application, `keepalive` the pings, `engine` picows itself,
`protocol` the connection, `conversation` the ASGI side, and `choice` who serves which socket.
"""

from hallway.serving.websockets.choice import Choice, WebSocketProtocol, websocket_class
from hallway.serving.websockets.protocol import PicowsProtocol

__all__ = ["Choice", "PicowsProtocol", "WebSocketProtocol", "websocket_class"]
