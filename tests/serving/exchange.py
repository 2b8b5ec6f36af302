"""Speaking ASGI to an application, where what happens between two messages matters."""

import asyncio
from collections.abc import Callable, Iterable

from hallway.serving.asgi import Message, Scope

Headers = Iterable[tuple[bytes, bytes]]


def http_scope(path: str, *, method: str = "GET", headers: Headers = (), query: str = "") -> Scope:
    """Make the scope of a request, as a server does."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), *headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }


class Exchange:
    """One client: sends a body piece by piece, takes what comes only while `reading` is set, and leaves when told.

    Args:
        body: The pieces of the request's body.
        on_message: Called with each message that it took.
    """

    def __init__(self, *body: bytes, on_message: Callable[[Message], object] = lambda _message: None) -> None:
        self._body = list(body) or [b""]
        self._on_message = on_message
        self.messages: list[Message] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.leaves = asyncio.Event()

    async def receive(self) -> Message:
        """Give the next piece of the body; then nothing until the client leaves."""
        if self._body:
            piece = self._body.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self._body)}
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message of the response."""
        await self.reading.wait()
        self.messages.append(message)
        self._on_message(message)

    @property
    def status(self) -> int:
        """The response's status."""
        return self.messages[0]["status"]

    @property
    def pieces(self) -> list[bytes]:
        """The pieces of the response's body."""
        return [message["body"] for message in self.messages[1:]]

    @property
    def complete(self) -> bool:
        """Whether the response came to its end."""
        return bool(self.messages) and self.messages[-1].get("more_body") is False
