"""Reading the host's own shared links in process, for remote files that an app on this host offers."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote, urlsplit

from hallway.errors import FetchFailed, FetchRefused
from hallway.files.shares import SHARE_PARAMETER
from hallway.handoff.links import Places
from hallway.serving.address import HostAddress
from hallway.serving.asgi import ASGIApp, Message, Scope

_WINDOW = 16


class OwnSharedFiles:
    """Reads shared links through the front door, without a socket; see `hallway.files.fetching.OwnFiles`.

    Args:
        address: Tells which addresses are the host's own.
        places: Where the apps' pages lie.
        door: The host's ASGI application.
    """

    def __init__(self, address: HostAddress, places: Places, door: ASGIApp) -> None:
        self._address = address
        self._places = places
        self._door = door

    def owns(self, url: str) -> bool:
        """See `OwnFiles.owns`."""
        return self._address.below_root(url) is not None

    @asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """See `OwnFiles.open`."""
        parts = urlsplit(url)
        below = self._address.below_root(url)
        # Only pages of apps: a link can make the host read them, and nothing else of its own (a handoff, say).
        page = None if below is None else self._places.locate(unquote(below.partition("?")[0]))
        if page is None or f"{SHARE_PARAMETER}=" not in parts.query:
            raise FetchRefused(
                f"{url!r} is on this host, but no shared link.",
                remedy="Make the link with app.share_url(…) or url_for_handoff(…).",
            )
        pieces: asyncio.Queue[Message | None] = asyncio.Queue(_WINDOW)
        request = asyncio.create_task(self._ask(_scope(parts.path or "/", parts.query, parts.netloc), pieces))
        try:
            start = await pieces.get()
            if start is None or not 200 <= start["status"] < 300:
                status = "nothing" if start is None else start["status"]
                raise FetchRefused(
                    f"The shared link to {parts.path!r} answered {status}: it may have expired.",
                    remedy="Start again from the page that has the link.",
                )
            yield _bodies(url, pieces)
        finally:
            request.cancel()

    async def _ask(self, scope: Scope, pieces: "asyncio.Queue[Message | None]") -> None:
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # until cancelled: nothing more comes, and nobody leaves
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        # A response that broke off was logged by the door; here the reader learns of it by the end that never came.
        with contextlib.suppress(Exception):
            await self._door(scope, receive, pieces.put)
        await pieces.put(None)


async def _bodies(url: str, pieces: "asyncio.Queue[Message | None]") -> AsyncIterator[bytes]:
    while True:
        message = await pieces.get()
        if message is None:
            raise FetchFailed(f"{url} broke off.")
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


def _scope(raw_path: str, query: str, host: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", host.encode())],
        "client": None,
        "server": ("127.0.0.1", 0),
    }
