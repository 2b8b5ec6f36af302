"""An app that tells what reached it, once as WSGI and once as ASGI; and that sets what cookies it is asked to."""

from collections.abc import Iterable
from typing import Any

import httpx
from starlette.datastructures import Headers

from hallway import App
from hallway.serving.asgi import Receive, Scope, Send
from hallway.testing import MemoryHost

from .wsgi_apps import StartResponse


class Echo:
    """Notes the headers and the query of each request, and answers with the headers of `sets`."""

    def __init__(self) -> None:
        self.headers = Headers({})
        self.query = ""
        self.seen: object = None
        self.sets: list[tuple[str, str]] = []

    def wsgi(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve as WSGI."""
        names = [name for name in environ if name.startswith("HTTP_")]
        self.headers = Headers({name[5:].replace("_", "-").lower(): environ[name] for name in names})
        self.query = environ["QUERY_STRING"]
        self.seen = environ
        start_response("200 OK", [("Content-Type", "text/plain"), *self.sets])
        return [environ["REQUEST_METHOD"].encode()]

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as ASGI."""
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        self.headers = Headers(raw=scope["headers"])
        self.query = scope["query_string"].decode()
        self.seen = scope
        headers = [(name.lower().encode(), value.encode()) for name, value in self.sets]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": scope["method"].encode()})

    def app(self, kind: str = "wsgi", **options: Any) -> App:
        """Make the app, as one of the two."""
        app = App("room", **options)
        app.mount(self.wsgi if kind == "wsgi" else self.asgi)
        return app


def with_headers(host: MemoryHost, signed_in: httpx.Client, headers: dict[str, str]) -> httpx.Client:
    """Give somebody who is signed in, whose browser sends these headers and no others."""
    client = host.anonymous(headers)
    client.cookies.update(signed_in.cookies)
    return client
