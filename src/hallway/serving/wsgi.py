"""The WSGI bridge: runs a blocking app in its own threads and speaks ASGI for it.

An ordinary response crosses from the thread to the loop once. A response of unknown length is streamed, at most
`_WINDOW` pieces ahead of the client; the iterator is closed in the thread that ran it.
"""

import asyncio
import contextvars
import io
import logging
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

_log = logging.getLogger("hallway.wsgi")

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
        body = await self._body(scope, receive)
        if body is None:
            return
        try:
            environ = build_environ(scope, body.file, body.length)
            crossing = _Crossing(asyncio.get_running_loop())
            context = contextvars.copy_context()
            self._pool.submit(lambda: context.run(crossing.work, self._app, environ, body.file))
        except BaseException:
            body.file.close()
            raise
        # From here on the body is the thread's, which may still read it when this coroutine is cancelled.
        try:
            await _relay(crossing, receive, send)
        except _ClientGone:
            pass  # the thread has stopped, too
        finally:
            crossing.abandon()

    async def _body(self, scope: Scope, receive: Receive) -> "_Body | None":
        """Give the whole request body; None if the client left meanwhile."""
        announced = _announced_body(scope)
        if announced == 0:
            return _Body(io.BytesIO(), 0)
        if announced is not None and announced > self._max_body:
            raise self._too_large()
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by whoever has it last
        try:
            length = await self._read_body(receive, file)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        if length is None:
            file.close()
            return None
        return _Body(cast("BinaryIO", file), length)

    async def _read_body(self, receive: Receive, file: IO[bytes]) -> int | None:
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece: bytes = message.get("body", b"")
            length += len(piece)
            if length > self._max_body:
                raise self._too_large()
            file.write(piece)
            if not message.get("more_body"):
                return length

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The request body has more than {self._max_body} bytes.")


@dataclass(frozen=True, slots=True)
class _Body:
    file: BinaryIO
    length: int


def _announced_body(scope: Scope) -> int | None:
    """Give the length that the request announces for its body, 0 for none; None if it announces no length."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    # Without either there is no body (RFC 9112 section 6.3), though later versions of HTTP may bring one all the same.
    return 0 if scope["method"] in ("GET", "HEAD") and scope.get("http_version", "1.1")[:1] == "1" else None


async def _relay(crossing: "_Crossing", receive: Receive, send: Send) -> None:
    piece = await crossing.first
    assert piece.head is not None
    await send(piece.head)
    await send({"type": "http.response.body", "body": piece.body, "more_body": not piece.last})
    if piece.last:
        return
    watcher = asyncio.create_task(_watch(crossing, receive))
    try:
        while not piece.last:
            piece = await crossing.next()
            await send({"type": "http.response.body", "body": piece.body, "more_body": not piece.last})
    finally:
        watcher.cancel()


async def _watch(crossing: "_Crossing", receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    crossing.abandon()


class _Stream:
    """What a response needs that comes in several pieces."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[_Piece | BaseException] = asyncio.Queue()
        self.room = threading.Semaphore(_WINDOW)


class _Crossing:
    """One response on its way from a worker thread to the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.first: asyncio.Future[_Piece] = loop.create_future()
        self._stream: _Stream | None = None
        self._abandoned = False
        self._head: Message | None = None
        self._head_sent = False
        self._announced: int | None = None

    # --- on the loop ------------------------------------------------------------------------------------------

    async def next(self) -> _Piece:
        """Give the next piece after the first, or raise what the app raised."""
        assert self._stream is not None
        piece = await self._stream.pieces.get()
        self._stream.room.release()
        if isinstance(piece, BaseException):
            raise piece
        return piece

    def abandon(self) -> None:
        """Tell the thread that nobody reads any longer."""
        self._abandoned = True
        if self._stream is not None:
            self._stream.room.release()

    # --- in the worker thread ---------------------------------------------------------------------------------

    def work(self, app: WSGIApp, environ: Environ, body: BinaryIO) -> None:
        """Run the app and send its response; never raises."""
        try:
            self._run(app, environ)
        except BaseException as error:  # noqa: BLE001 - raised again on the loop, where it is logged
            tell(self._loop, self._fail, error)
        finally:
            body.close()  # not what environ has by now: middleware may have put something else there

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, StopIteration):  # which no future takes, and no coroutine raises
            bug = RuntimeError("The app raised StopIteration.")
            bug.__cause__ = error
            error = bug
        if not self.first.done():
            self.first.set_exception(error)
        elif self._stream is not None:
            self._stream.pieces.put_nowait(error)
        elif not isinstance(error, _ClientGone):
            _log.error("An app failed after its response was complete.", exc_info=error)

    def _succeed(self, piece: _Piece) -> None:
        if not self.first.done():  # it may have been cancelled meanwhile
            self.first.set_result(piece)

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
        if not self._head_sent:
            self._head_sent = True
            if not last:
                self._stream = _Stream()
            tell(self._loop, self._succeed, _Piece(self._head, body, last))
        elif self._stream is not None:
            self._stream.room.acquire()
            tell(self._loop, self._stream.pieces.put_nowait, _Piece(None, body, last))
        if self._abandoned:
            raise _ClientGone


def _head(status: str, headers: list[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": int(status[:3]),
        "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers],
    }
