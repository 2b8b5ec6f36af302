"""The WSGI bridge: runs a blocking app in its own threads and speaks ASGI for it.

An ordinary response crosses from the thread to the loop once. A response of unknown length is streamed, at most
`_WINDOW` pieces ahead of the client; the iterator is closed in the thread that ran it.
"""

import asyncio
import contextvars
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from hallway.errors import BadResult, TooLarge
from hallway.serving.asgi import Message, Receive, Scope, Send
from hallway.serving.environ import Environ, build_environ
from hallway.serving.pool import Pool, tell

WSGIApp = Callable[..., Iterable[bytes]]

_IN_MEMORY = 1 << 20
_WINDOW = 16


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something for the client: the head (status and headers) with the first piece, then the body piece by piece."""

    head: Message | None
    body: bytes
    last: bool


class _ClientGone(Exception):
    """Nobody reads the response any longer."""


class WSGIBridge:
    """A WSGI app as an ASGI app.

    Args:
        app: The WSGI app.
        pool: The threads it runs in.
        max_body: The largest request body taken, in bytes.
    """

    def __init__(self, app: WSGIApp, pool: Pool, *, max_body: int) -> None:
        self._app = app
        self._pool = pool
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request.

        Raises:
            HostBusy: The app's backlog is full.
            TooLarge: The request body is over the limit.
            BadResult: The app broke the rules of WSGI.
        """
        body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by whoever has it last
        try:
            length = await self._read_body(scope, receive, body)
            if length is None:
                body.close()
                return
            body.seek(0)
            environ = build_environ(scope, cast("BinaryIO", body), length)
            crossing = _Crossing(asyncio.get_running_loop())
            context = contextvars.copy_context()
            self._pool.submit(lambda: context.run(crossing.work, self._app, environ, body))
        except BaseException:
            body.close()
            raise
        # From here on the body is the thread's, which may still read it when this coroutine is cancelled.
        try:
            await _relay(crossing, receive, send)
        except _ClientGone:
            pass  # the thread has stopped, too
        finally:
            crossing.abandon()

    async def _read_body(self, scope: Scope, receive: Receive, body: IO[bytes]) -> int | None:
        """Read the whole body; None if the client left meanwhile."""
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._max_body:
                raise self._too_large()
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece: bytes = message.get("body", b"")
            length += len(piece)
            if length > self._max_body:
                raise self._too_large()
            body.write(piece)
            if not message.get("more_body"):
                return length

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The request body has more than {self._max_body} bytes.")


async def _relay(crossing: "_Crossing", receive: Receive, send: Send) -> None:
    piece = await crossing.next()
    watcher = None if piece.last else asyncio.create_task(_watch(crossing, receive))
    try:
        while True:
            if piece.head is not None:
                await send(piece.head)
            await send({"type": "http.response.body", "body": piece.body, "more_body": not piece.last})
            if piece.last:
                return
            piece = await crossing.next()
    finally:
        if watcher is not None:
            watcher.cancel()


async def _watch(crossing: "_Crossing", receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    crossing.abandon()


class _Crossing:
    """One response on its way from a worker thread to the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pieces: asyncio.Queue[_Piece | BaseException] = asyncio.Queue()
        self._room = threading.Semaphore(_WINDOW)
        self._abandoned = False
        self._head: Message | None = None
        self._head_sent = False
        self._announced: int | None = None

    # --- on the loop ------------------------------------------------------------------------------------------

    async def next(self) -> _Piece:
        """Give the next piece, or raise what the app raised."""
        piece = await self._pieces.get()
        self._room.release()
        if isinstance(piece, BaseException):
            raise piece
        return piece

    def abandon(self) -> None:
        """Tell the thread that nobody reads any longer."""
        self._abandoned = True
        self._room.release()

    # --- in the worker thread ---------------------------------------------------------------------------------

    def work(self, app: WSGIApp, environ: Environ, body: IO[bytes]) -> None:
        """Run the app and send its response; never raises."""
        try:
            self._run(app, environ)
        except BaseException as error:  # noqa: BLE001 - raised again on the loop, where it is logged
            tell(self._loop, self._pieces.put_nowait, error)
        finally:
            body.close()  # not what environ has by now: middleware may have put something else there

    def _run(self, app: WSGIApp, environ: Environ) -> None:
        written: list[bytes] = []  # by the old `write()`, which PEP 3333 keeps for old apps
        iterable = app(environ, self._start_response(written))
        try:
            # A list, as most frameworks give, and a response of known length cross in one go.
            gathered = written
            for piece in iterable:
                if not isinstance(piece, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
                    raise BadResult(f"The app yielded {type(piece).__name__}, not bytes.")
                gathered.append(piece)
                if not self._wait_for_more(gathered, iterable):
                    self._put(b"".join(gathered), last=False)
                    gathered = []
            self._put(b"".join(gathered), last=True)
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()

    def _wait_for_more(self, gathered: list[bytes], iterable: object) -> bool:
        """Whether the rest is surely at hand, so that gathering it delays nobody."""
        if self._head_sent:
            return False
        if isinstance(iterable, (list, tuple)):
            return True
        return self._announced is not None and sum(map(len, gathered)) == self._announced

    def _start_response(self, written: list[bytes]) -> Callable[..., Callable[[bytes], None]]:
        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            if exc_info is not None:
                error = exc_info[1]
                if self._head_sent:
                    raise error
            elif self._head is not None:
                raise BadResult("The app called start_response twice.")
            self._head = _head(status, headers)
            self._announced = next((int(v) for n, v in headers if n.lower() == "content-length"), None)
            return written.append

        return start_response

    def _put(self, body: bytes, *, last: bool) -> None:
        if self._head is None:
            raise BadResult("The app never called start_response.")
        if not (body or last):
            return
        self._room.acquire()
        if self._abandoned:
            raise _ClientGone
        head = None if self._head_sent else self._head
        self._head_sent = True
        tell(self._loop, self._pieces.put_nowait, _Piece(head, body, last))


def _head(status: str, headers: list[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": int(status[:3]),
        "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers],
    }
