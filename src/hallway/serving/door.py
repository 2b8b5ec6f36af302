"""The front door: every request comes in here, is told who it is for, and goes to what serves its path.

In this order: the path below the root → who calls (token or cookie) → cross-site writes are refused → the router →
one kind of error for whatever went wrong before a response began.
"""

import logging
import secrets
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from hallway.access.callers import ANONYMOUS, Caller
from hallway.errors import BadCredentials, Forbidden, HallwayError, NotFound
from hallway.identity.service import Identity, own_token
from hallway.serving.asgi import Message, Receive, Scope, Send
from hallway.serving.cookies import SessionCookie
from hallway.serving.router import Router
from hallway.serving.visit import Visit
from hallway.serving.websockets.refusal import refuse_websocket

_log = logging.getLogger("hallway.door")

_WEB_SCHEMES = {"ws": "http", "wss": "https"}
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ENDS = frozenset({"http.response.body", "websocket.close", "websocket.http.response.body"})
ErrorAnswer = Callable[[Request, HallwayError | None, str], Response]
"""Answers a request with an error, None standing for a bug; the last argument is the correlation id."""


class FrontDoor:
    """The host's ASGI application.

    Args:
        router: What serves which path.
        identity: Says who somebody is.
        cookie: The session's cookie.
        root_path: The path below which everything lies, "" for none.
        origin: The host's own origin, which its pages name also where a proxy tells the host another.
        answer_error: Turns an error into a response.
    """

    def __init__(
        self,
        router: Router,
        identity: Identity,
        cookie: SessionCookie,
        *,
        root_path: str,
        origin: str,
        answer_error: ErrorAnswer,
    ) -> None:
        self._router = router
        self._identity = identity
        self._cookie = cookie
        self._root_path = root_path
        self._origin = origin
        self._answer_error = answer_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            raise RuntimeError(
                f"The front door does not serve {scope['type']!r}: the host has a life of its own."
            )
        headers = _first_values(scope)
        path = self._below_root(scope)
        correlation_id = secrets.token_hex(8)
        sending = _WatchedSend(send)
        try:
            await self._serve(scope, receive, sending, headers, path, correlation_id)
        except HallwayError as error:
            if error.fault not in ("caller", "outside"):
                _log.error(
                    "%s %r [%s]: %s %s", _verb(scope), path, correlation_id, error.detail, error.remedy
                )
            await self._fail(scope, receive, sending, error, correlation_id)
        except (Exception, SystemExit):  # noqa: BLE001 - an app's sys.exit() is its bug, and does not end the host
            _log.exception("%s %r [%s]: a bug", _verb(scope), path, correlation_id)
            await self._fail(scope, receive, sending, None, correlation_id)

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Mapping[bytes, bytes],
        path: str,
        correlation_id: str,
    ) -> None:
        scheme = _WEB_SCHEMES.get(scope.get("scheme", ""), scope.get("scheme", "http"))
        origin = f"{scheme}://{headers.get(b'host', b'').decode('latin-1')}"
        try:
            caller, session = await self._who(scope, headers)
        except BaseException:  # the page that tells of it needs a visit, too
            Visit(ANONYMOUS, correlation_id, path, origin).attach(scope)
            raise
        Visit(caller, correlation_id, path, origin, session).attach(scope)
        # A WebSocket is refused like a write: no page of another site may talk with somebody's cookie.
        if _verb(scope) not in _SAFE_METHODS and (session or path == "/login"):
            _refuse_cross_site(headers, (origin, self._origin))
        app = self._router.find(path)
        if app is None:
            raise NotFound(f"There is nothing at {path!r}.", remedy="See the front page for what there is.")
        await app(scope, receive, send)

    async def _who(self, scope: Scope, headers: Mapping[bytes, bytes]) -> tuple[Caller, str]:
        token = own_token(headers.get(b"authorization", b""))
        if token is not None:
            caller = await self._identity.token_caller(token)
            if caller is None:
                raise BadCredentials("The bearer token is wrong, expired or revoked.")
            return caller, ""
        session = self._cookie.read(value for name, value in scope["headers"] if name == b"cookie")
        if session:
            caller = await self._identity.session_caller(session)
            if caller is not None:
                return caller, session
        return ANONYMOUS, ""

    def _below_root(self, scope: Scope) -> str:
        """Give the path below the root, and have the scope's own path begin with the root."""
        path: str = scope["path"]
        root = self._root_path
        if root and path == root:  # as people type it
            scope["path"], scope["raw_path"] = f"{root}/", f"{root}/".encode()
            return "/"
        if root and not path.startswith(root + "/"):
            # A proxy in front took the root away; links and apps need it back.
            scope["path"] = root + path
            if scope.get("raw_path") is not None:
                scope["raw_path"] = root.encode() + scope["raw_path"]
            return path
        return path.removeprefix(root)

    async def _fail(
        self,
        scope: Scope,
        receive: Receive,
        send: "_WatchedSend",
        error: HallwayError | None,
        correlation_id: str,
    ) -> None:
        if send.finished:
            return  # Starlette, for one, answers for itself and raises all the same
        if send.started:
            # The server cuts the connection, so that half an answer is not taken for a whole one.
            raise RuntimeError(f"The response broke off [{correlation_id}].")
        if scope["type"] == "websocket":
            await refuse_websocket(scope, send, error, correlation_id)
            return
        response = self._answer_error(Request(scope, receive), error, correlation_id)
        await response(scope, receive, send)


class _WatchedSend:
    """Remembers how far a response has come."""

    __slots__ = ("_send", "finished", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.finished = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)
        self.finished = message["type"] in _ENDS and not message.get("more_body")


def _first_values(scope: Scope) -> Mapping[bytes, bytes]:
    return dict(reversed(scope["headers"]))


def _verb(scope: Scope) -> str:
    return scope.get("method", "WEBSOCKET")


def _refuse_cross_site(headers: Mapping[bytes, bytes], own_origins: tuple[str, ...]) -> None:
    """Refuse a write that another site had the browser make with our cookie.

    What the browser says of itself decides (https://words.filippo.io/csrf): Fetch metadata, else Origin. A request with
    neither comes from no browser, so nobody else's cookie is on it.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        allowed = site in (b"same-origin", b"none")
    else:
        claimed = headers.get(b"origin")
        allowed = claimed is None or claimed.decode("latin-1") in own_origins
    if not allowed:
        raise Forbidden(
            "Another site asked for this with your sign-in.", remedy="Do it from a page of this host itself."
        )
