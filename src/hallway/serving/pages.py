"""The host's own HTML pages, rendered from templates that always escape."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from hallway.serving.visit import visit_of

if TYPE_CHECKING:
    import jinja2

# No script, frame or foreign origin: these pages need none, so nothing that slips into one can use any.
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


class HostPages:
    """Renders the host's own pages.

    Args:
        root_path: The path below which the host lies.
    """

    def __init__(self, root_path: str) -> None:
        self._root_path = root_path

    def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Give a page as a response.

        Args:
            request: What it answers.
            template: The template's name, without `.html`.
            status: The HTTP status.
            headers: Headers beside the usual ones.
            context: What the template shows.
        """
        text = (
            _templates()
            .get_template(f"{template}.html")
            .render(root=self._root_path, caller=visit_of(request).caller, **context)
        )
        return HTMLResponse(text, status, {**_HEADERS, **(headers or {})})


@functools.cache
def _templates() -> "jinja2.Environment":
    # 40 ms to import, and a host may run long before it shows its first page.
    import jinja2

    loader = jinja2.PackageLoader("hallway.serving", "templates")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
