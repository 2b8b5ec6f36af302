"""The host's own static files, read once and kept."""

import functools
import hashlib
from dataclasses import dataclass
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response

from hallway.errors import NotFound
from hallway.serving.router import segments_of

_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _StaticFile:
    content: bytes
    media_type: str
    etag: str


async def serve_static(request: Request) -> Response:
    """Answer `/static/<name>`."""
    file = _files().get("/".join(segments_of(request)))
    if file is None:
        raise NotFound(f"There is no static file {request.url.path!r}.")
    headers = {
        "etag": file.etag,
        "cache-control": "public, max-age=3600",
        "x-content-type-options": "nosniff",
    }
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.media_type)


@functools.cache
def _files() -> dict[str, _StaticFile]:
    found: dict[str, _StaticFile] = {}
    for entry in resources.files("hallway.serving").joinpath("static").iterdir():
        media_type = _MEDIA_TYPES.get(entry.name.rpartition(".")[2])
        if media_type is not None:
            content = entry.read_bytes()
            found[entry.name] = _StaticFile(
                content, media_type, f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            )
    return found
