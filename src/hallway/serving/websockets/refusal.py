"""Refusing a WebSocket before it is opened."""

from hallway.errors import HallwayError
from hallway.serving.asgi import Scope, Send
from hallway.wire.problem import MEDIA_TYPE, internal_problem, problem_headers, problem_of


async def refuse_websocket(scope: Scope, send: Send, error: HallwayError | None, correlation_id: str) -> None:
    """Answer a handshake with an error, None standing for a bug.

    Browsers tell a page no more than that it failed; programs read why, where the server can say it (the ASGI extension
    "websocket.http.response").
    """
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the server answers 403
        return
    problem = internal_problem(correlation_id) if error is None else problem_of(error, correlation_id)
    headers = {} if error is None else problem_headers(error)
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send(
        {
            "type": "websocket.http.response.start",
            "status": problem.status,
            "headers": [(b"content-type", MEDIA_TYPE.encode()), *lines],
        }
    )
    await send({"type": "websocket.http.response.body", "body": problem.encode()})
