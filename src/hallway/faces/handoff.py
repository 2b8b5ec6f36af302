"""The handoff face: lists, and links that hand users over, as Tethys has them and safe on the open web."""

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from hallway.access.callers import Caller, Credential
from hallway.errors import (
    Forbidden,
    InputProblem,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    UnknownHandoff,
)
from hallway.handoff.manager import HandoffManager, offer
from hallway.registry import LoadedCapability
from hallway.serving.pages import HostPages
from hallway.serving.router import segments_of
from hallway.serving.visit import note_app, visit_of
from hallway.values import did_you_mean, near_matches

_LARGEST_BODY = 1 << 20
_RUN_METHODS = ("GET", "HEAD", "POST")
Pairs = list[tuple[str, object]]


class HandoffFace:
    """Serves `/handoff/…`.

    Args:
        manager: Runs handoffs.
        pages: Renders the confirmation page.
        root_path: The path below which the host lies.
    """

    def __init__(self, manager: HandoffManager, pages: HostPages, root_path: str) -> None:
        self._manager = manager
        self._pages = pages
        self._root_path = root_path

    async def __call__(self, request: Request) -> Response:
        """Answer a list, or hand a user over."""
        visit = visit_of(request)
        if not visit.path.endswith("/"):
            return self._with_slash(request)
        match segments_of(request):
            case []:
                return self._list(request, None)
            case [app]:
                return self._list(request, app)
            case [app, name]:
                return await self._hand_over(request, app, name)
            case _:
                raise NotFound(f"There is nothing at {visit.path!r}.")

    async def nothing_here(self, request: Request) -> Response:
        """Answer a path that nothing serves; one that looks like a handoff without `/handoff` gets a hint."""
        visit = visit_of(request)
        visible = [f"/handoff/{found.target}/" for found in self._manager.offers(visit.caller)]
        near = near_matches(f"/handoff{visit.path}", visible)
        raise UnknownHandoff(f"There is nothing at {visit.path!r}.{did_you_mean(near)}", extra={"near": near})

    # --- lists ------------------------------------------------------------------------------------------------

    def _list(self, request: Request, app: str | None) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(request.method, ("GET", "HEAD"))
        caller = visit_of(request).caller
        if not caller.signed_in:
            raise NotSignedIn("The list of handoffs is for people who are signed in.")
        detailed = request.query_params.get("detail", "") not in ("", "0")
        found = self._manager.offers(caller, app=app)
        rows = [_row(handoff, with_app=app is None, detailed=detailed) for handoff in found]
        return JSONResponse(rows)

    # --- handing over -----------------------------------------------------------------------------------------

    async def _hand_over(self, request: Request, app: str, name: str) -> Response:
        caller = visit_of(request).caller
        try:
            handoff = self._manager.find(app, name, caller)
        except NotFound:
            if not caller.signed_in:  # signing in may bring it to light; nobody learns whether it exists
                raise NotSignedIn("Handing over is for people who are signed in.") from None
            raise
        note_app(request.scope, handoff.app.id)
        self._manager.authorize(handoff, caller)
        if request.method not in _RUN_METHODS:
            raise MethodNotAllowed(request.method, _RUN_METHODS)
        try:
            return await self._answer(request, handoff, caller)
        except InvalidInput as error:
            return _five_keys(handoff, error)

    async def _answer(self, request: Request, handoff: LoadedCapability, caller: Caller) -> Response:
        values = _gather(handoff, await _sent_values(request))
        if request.method == "POST":
            return RedirectResponse(await self._manager.run(handoff, caller, values, request), 303)
        if request.method == "HEAD":
            self._manager.validate(handoff, values)
            return Response(headers={"cache-control": "no-store"})
        if _runs_at_once(request, handoff, caller):
            target = await self._manager.run(handoff, caller, values, request)
            return RedirectResponse(target, 302, {"cache-control": "no-store"})
        self._manager.validate(handoff, values)
        return self._pages.render(
            request,
            "confirm",
            app=handoff.app,
            handoff=offer(handoff),
            effects=handoff.declared.effects,
            values=[(name, item) for name, value in values.items() for item in _as_list(value)],
        )

    def _with_slash(self, request: Request) -> Response:
        query = request.url.query
        path = quote(self._root_path + visit_of(request).path, safe="/")
        return RedirectResponse(f"{path}/" + (f"?{query}" if query else ""), 301)


def _runs_at_once(request: Request, handoff: LoadedCapability, caller: Caller) -> bool:
    """Decide whether a GET runs now, or asks the user first.

    Raises:
        Forbidden: The browser asks for it as an image, frame, script or in advance: nobody clicked anything.
    """
    if caller.credential is Credential.BEARER:  # sent by a program, on purpose
        return handoff.declared.effects == "read"
    purpose = request.headers.get("sec-purpose", request.headers.get("purpose", ""))
    destination = request.headers.get("sec-fetch-dest")
    navigated = destination == "document" and request.headers.get("sec-fetch-mode") == "navigate"
    if "prefetch" in purpose or "prerender" in purpose or (destination is not None and not navigated):
        raise Forbidden(
            "A handoff is a page to go to, not a picture, frame, script or prefetch.",
            remedy="Follow the link.",
        )
    if handoff.declared.effects != "read":
        return False
    # A cookie goes with whatever the browser does; that a person followed a link is known only from Fetch metadata.
    # Somebody anonymous lends no authority that could be abused.
    return navigated or caller.credential is not Credential.SESSION


async def _sent_values(request: Request) -> Pairs:
    if request.method != "POST":
        return cast("Pairs", request.query_params.multi_items())
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_BODY:
            raise TooLarge(f"The body has more than {_LARGEST_BODY} bytes.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    query = cast("Pairs", request.query_params.multi_items())
    match media_type:
        case "application/x-www-form-urlencoded":
            return query + cast("Pairs", parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        case "application/json":
            return query + _json_pairs(body)
        case "" if not body:
            return query
        case _:
            raise InvalidInput(
                [
                    InputProblem(
                        "", f"The body is {media_type or 'untyped'}; allowed: a form or application/json"
                    )
                ]
            )


def _json_pairs(body: bytes) -> Pairs:
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput([InputProblem("", "The body is no JSON")]) from None
    if not isinstance(document, dict):
        raise InvalidInput([InputProblem("", "The body is no JSON object of parameters")])
    return list(cast("dict[str, object]", document).items())


def _gather(handoff: LoadedCapability, pairs: Pairs) -> dict[str, object]:
    """Bring the pairs together by name; only a parameter that takes a list may come more than once."""
    inputs = handoff.signature.inputs
    values: dict[str, object] = {}
    repeated: dict[str, InputProblem] = {}
    for name, value in pairs:
        if name in inputs.list_names:
            values[name] = [*_as_list(values.get(name, [])), *_as_list(value)]
        elif name in values:
            repeated[name] = InputProblem(name, f"{name!r} is given more than once", "repeated")
        else:
            values[name] = value
    if repeated:
        raise InvalidInput(list(repeated.values()))
    return values


def _as_list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _row(handoff: LoadedCapability, *, with_app: bool, detailed: bool) -> Mapping[str, object]:
    described = offer(handoff)
    row: dict[str, object] = {"name": described.name, "arguments": list(described.arguments)}
    if with_app:
        row = {"app": described.app, **row}
    if detailed:
        row |= {
            "title": described.title,
            "description": described.description,
            "effects": handoff.declared.effects,
            "schema": handoff.signature.inputs.json_schema,
        }
    return row


def _five_keys(handoff: LoadedCapability, error: InvalidInput) -> Response:
    """Answer wrong parameters as Tethys does."""
    return JSONResponse(
        {
            "message": f"HTTP 400 Bad Request: {error.detail}. ",
            "code": 400,
            "status": "error",
            "app_name": handoff.app.id,
            "handler_name": handoff.declared.name,
        },
        400,
    )
