"""Signing in and out, with forms that need no JavaScript."""

from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hallway.errors import BadCredentials, MethodNotAllowed, TooLarge
from hallway.identity.service import Identity
from hallway.serving.cookies import SessionCookie
from hallway.serving.pages import HostPages
from hallway.serving.visit import visit_of

_LARGEST_FORM = 16_384


class LoginFace:
    """Serves `/login` and `/logout`.

    Args:
        identity: Checks who somebody is.
        cookie: The session's cookie.
        pages: Renders the form.
        root_path: The path below which the host lies.
    """

    def __init__(self, identity: Identity, cookie: SessionCookie, pages: HostPages, root_path: str) -> None:
        self._identity = identity
        self._cookie = cookie
        self._pages = pages
        self._root_path = root_path

    async def login(self, request: Request) -> Response:
        """Show the form, take it, or use a one-time link."""
        match request.method:
            case "GET" | "HEAD":
                link = request.query_params.get("link")
                if link is not None and request.method == "GET":
                    return await self._by_link(request, link)
                return self._form(request, request.query_params.get("next", ""))
            case "POST":
                return await self._by_password(request)
            case method:
                raise MethodNotAllowed(method, ("GET", "HEAD", "POST"))

    async def logout(self, request: Request) -> Response:
        """End the session."""
        if request.method != "POST":
            raise MethodNotAllowed(request.method, ("POST",))
        session = visit_of(request).session
        if session:
            await self._identity.sign_out(session)
        response = RedirectResponse(f"{self._root_path}/login", 303)
        response.headers["set-cookie"] = self._cookie.clearing()
        return response

    async def _by_link(self, request: Request, link: str) -> Response:
        return await self._signed_in(request, await self._identity.redeem_signin_link(link), "")

    async def _by_password(self, request: Request) -> Response:
        form = await _read_form(request)
        name, target = form.get("username", ""), form.get("next", "")
        try:
            session = await self._identity.sign_in(name.strip().lower(), form.get("password", ""))
        except BadCredentials as error:
            return self._form(request, target, status=401, username=name, message=error.detail)
        return await self._signed_in(request, session, target)

    async def _signed_in(self, request: Request, session: str, target: str) -> Response:
        earlier = visit_of(request).session
        if earlier:
            await self._identity.sign_out(earlier)
        response = RedirectResponse(self._root_path + safe_target(target), 303)
        response.headers["set-cookie"] = self._cookie.setting(session)
        response.headers["cache-control"] = "no-store"
        return response

    def _form(
        self, request: Request, target: str, *, status: int = 200, username: str = "", message: str = ""
    ) -> Response:
        context: dict[str, Any] = {"target": safe_target(target), "username": username, "message": message}
        return self._pages.render(request, "login", status=status, **context)


def safe_target(target: str) -> str:
    """Give a path below the root to go to after signing in; the front page in place of anything else."""
    # Browsers read `//host` and `/\\host` as another host, and drop control characters first.
    plain = all(" " < character != "\x7f" for character in target) and "\\" not in target
    return target if target.startswith("/") and not target.startswith("//") and plain else "/"


async def _read_form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_FORM:
            raise TooLarge(f"The sign-in form has more than {_LARGEST_FORM} bytes.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
