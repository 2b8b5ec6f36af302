"""Serving the apps' own pages, under `/apps/<id>/` or at a path of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import RedirectResponse

from hallway.access.callers import Caller, Credential
from hallway.app import App
from hallway.context import Current, CurrentHost, entered
from hallway.errors import BadResult, NotFound, NotSignedIn
from hallway.files.shares import SHARE_PARAMETER, ShareSigner, share_address
from hallway.handoff.views import View
from hallway.identity.service import Identity, own_token
from hallway.registry import LoadedApp
from hallway.serving.asgi import Message, Receive, Scope, Send
from hallway.serving.cookies import SessionCookie
from hallway.serving.mounts.base import Mount
from hallway.serving.visit import Visit, note_app, visit_in
from hallway.values import did_you_mean, fold, near_matches

_HEADS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
# Headers by which proxies tell apps who somebody is: nobody but this host may tell its apps.
_IDENTITY_HEADERS = frozenset(
    {
        b"forwarded",
        b"remote-user",
        b"x-remote-user",
        b"x-forwarded-user",
        b"x-forwarded-email",
        b"x-forwarded-groups",
        b"x-forwarded-preferred-username",
    }
)
_IDENTITY_PREFIXES = (b"x-hallway-", b"x-auth-request-")


@dataclass(frozen=True, slots=True)
class Place:
    """An app's pages and where they lie.

    Args:
        loaded: The app.
        mount: What serves them.
        path: Where, below the host's root: `/apps/<id>`, or what the operator chose.
    """

    loaded: LoadedApp
    mount: Mount
    path: str


class AppPages:
    """Serves the pages of all apps.

    Args:
        identity: Says for whom a shared link acts.
        signer: Checks shared links.
        cookie: The host's cookie, which apps never see.
        host: What `current()` answers from.
        is_own: Tells whether a first segment of a path is the host's own.
        root_path: The path below which the host lies.
    """

    def __init__(
        self,
        identity: Identity,
        signer: ShareSigner,
        cookie: SessionCookie,
        host: CurrentHost,
        *,
        is_own: Callable[[str], bool],
        root_path: str,
    ) -> None:
        self._identity = identity
        self._signer = signer
        self._cookie = cookie
        self._host = host
        self._is_own = is_own
        self._root_path = root_path
        self._places: dict[str, Place] = {}

    def place(self, place: Place) -> None:
        """Serve an app's pages."""
        self._places[fold(place.loaded.app.id)] = place

    def place_of(self, app: App) -> Place | None:
        """Say where an app's pages lie; None if it has none."""
        return self._places.get(fold(app.id))

    def path_of(self, app_id: str) -> str:
        """See `hallway.handoff.links.Places`."""
        place = self._places.get(fold(app_id))
        return f"/apps/{app_id}" if place is None else place.path

    def locate(self, path: str) -> tuple[str, str] | None:
        """See `hallway.handoff.links.Places`."""
        found = [place for place in self._places.values() if path.startswith(f"{place.path}/")]
        if not path.startswith("/apps/") and self._is_own(path.split("/")[1]):
            return None  # the host's own pages stay its own, even with an app at the root
        if not found:
            return None
        place = max(found, key=lambda place: len(place.path))
        return place.loaded.app.id, path.removeprefix(place.path)

    def page_url(self, app: App, view: View) -> str:
        """See `hallway.handoff.views.Pages`."""
        place = self.place_of(app)
        if place is None:
            raise BadResult(f"{app.id!r} has no pages.", remedy="Mount a web application: app.mount(…).")
        return place.mount.page_url(view)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request below `/apps/`."""
        visit = visit_in(scope)
        app_id, slash, rest = visit.path.removeprefix("/apps").removeprefix("/").partition("/")
        place = self._places.get(fold(app_id))
        if place is None:
            raise self._not_there(visit)
        if slash and app_id == place.loaded.app.id and place.path.startswith("/apps/"):
            await self.serve(place, scope, receive, send)
        elif scope["type"] == "http" and place.loaded.page_policy.may_see(visit.caller).allowed:
            await _redirect(scope, receive, send, f"{self._root_path}{place.path}/{rest}")
        else:
            raise self._not_there(visit)

    async def serve(self, place: Place, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request to one app's pages."""
        visit = visit_in(scope)
        shared = await self._shared_caller(place, scope, visit)
        caller = shared or visit.caller
        if not place.loaded.page_policy.may_see(caller).allowed:
            raise self._not_there(visit)
        if scope["type"] == "websocket" and not place.mount.is_asgi:
            raise NotFound(f"The pages of {place.loaded.app.id!r} take no WebSockets.")
        note_app(scope, place.loaded.app.id)
        inner = self._inward(place, scope, hide_share=shared is not None)

        async def send_outward(message: Message) -> None:
            if message["type"] in _HEADS:
                self._cookie.strip_settings(message)
            await send(message)

        visit.inside(caller).attach(inner)
        with entered(Current(caller, place.loaded.app, self._host)):
            await place.mount.asgi(inner, receive, send_outward)

    def _not_there(self, visit: Visit) -> NotSignedIn | NotFound:
        """Answer for an app that is not there or may not be seen; nobody can tell which of the two it was."""
        if not visit.caller.signed_in:
            return NotSignedIn("These pages are for people who are signed in.")
        seen = [
            p.loaded.app.id
            for p in self._places.values()
            if p.loaded.page_policy.may_see(visit.caller).allowed
        ]
        near = near_matches(visit.path.split("/")[2], seen) if visit.path.startswith("/apps/") else ()
        return NotFound(f"There is no page at {visit.path!r}.{did_you_mean(near)}", extra={"near": near})

    async def _shared_caller(self, place: Place, scope: Scope, visit: Visit) -> Caller | None:
        """Give the user for whom a shared link acts, if this request is one."""
        query: bytes = scope["query_string"]
        if SHARE_PARAMETER.encode() not in query or scope.get("method") not in ("GET", "HEAD"):
            return None
        rest, signature = _split_share(query)
        inside = visit.path.removeprefix(place.path)
        grant = self._signer.verify(share_address(place.loaded.app.id, inside, rest), signature)
        if grant is None or not place.loaded.shares(inside):
            return None
        return await self._identity.principal_caller(grant.principal, Credential.SHARED_LINK)

    def _inward(self, place: Place, scope: Scope, *, hide_share: bool) -> Scope:
        """Give the scope as the app gets it: its own root path, and nothing of the host's secrets."""
        inner = dict(scope)
        inner["root_path"] = self._root_path + place.path
        headers: list[tuple[bytes, bytes]] = []
        for name, value in scope["headers"]:
            if name == b"cookie":
                kept = self._cookie.without(value)
                if kept:
                    headers.append((name, kept))
            elif not _is_identity(name, value):
                headers.append((name, value))
        inner["headers"] = headers
        if hide_share:
            inner["query_string"] = _split_share(scope["query_string"])[0].encode("latin-1")
        return inner


def _is_identity(name: bytes, value: bytes) -> bool:
    if name in _IDENTITY_HEADERS or name.startswith(_IDENTITY_PREFIXES):
        return True
    return name == b"authorization" and own_token(value) is not None


def _split_share(query: bytes) -> tuple[str, str]:
    """Take the signature out of a query; the rest keeps its spelling."""
    kept: list[str] = []
    signature = ""
    for pair in query.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        if name == SHARE_PARAMETER:
            signature = value
        elif pair:
            kept.append(pair)
    return "&".join(kept), signature


async def _redirect(scope: Scope, receive: Receive, send: Send, path: str) -> None:
    query = scope["query_string"].decode("latin-1")
    # `//host` at the beginning would lead to another host.
    target = "/" + quote(path, safe="/!$&'()*+,;=:@~").lstrip("/")
    # 307 keeps the method and the body; the browser asks again next time, since apps may move.
    response = RedirectResponse(target + (f"?{query}" if query else ""), 307)
    await response(scope, receive, send)
