"""Errors outside the foreign wire formats: problem+json for programs, a page for people, sign-in where it helps."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hallway.errors import BadCredentials, HallwayError, NotSignedIn
from hallway.serving.pages import HostPages
from hallway.serving.visit import visit_of
from hallway.wire.problem import MEDIA_TYPE, internal_problem, problem_headers, problem_of


class FailureFace:
    """Answers requests that failed.

    Args:
        pages: Renders the error page.
        root_path: The path below which the host lies.
    """

    def __init__(self, pages: HostPages, root_path: str) -> None:
        self._pages = pages
        self._root_path = root_path

    def __call__(self, request: Request, error: HallwayError | None, correlation_id: str) -> Response:
        """Answer with an error, None standing for a bug."""
        if (
            isinstance(error, NotSignedIn)
            and not isinstance(error, BadCredentials)
            and is_navigation(request)
        ):
            return self._to_sign_in(request)
        problem = internal_problem(correlation_id) if error is None else problem_of(error, correlation_id)
        headers = {} if error is None else problem_headers(error)
        if _prefers_html(request):
            return self._pages.render(
                request, "error", status=problem.status, headers=headers, problem=problem
            )
        return Response(
            problem.encode(), problem.status, {**headers, "cache-control": "no-store"}, MEDIA_TYPE
        )

    def _to_sign_in(self, request: Request) -> Response:
        query = request.url.query
        here = quote(visit_of(request).path) + (f"?{query}" if query else "")
        return RedirectResponse(f"{self._root_path}/login?next={quote(here, safe='/')}", 302)


def is_navigation(request: Request) -> bool:
    """Tell whether a person opens a page, rather than a program asking for data."""
    if request.method != "GET":
        return False
    destination = request.headers.get("sec-fetch-dest")
    if destination is not None:
        return destination in ("document", "iframe", "frame")
    # Old clients say only what they accept. A handoff link is for people even where nothing is said.
    if visit_of(request).path.startswith("/handoff/"):
        return "*/*" in request.headers.get("accept", "*/*") or _prefers_html(request)
    return _prefers_html(request)


def _prefers_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
