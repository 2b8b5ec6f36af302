"""WebSockets of mounted apps, through a real server: who may open one, and what the app gets to know."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from anyio import fail_after
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from hallway import App, Host, Settings, current
from hallway.serving.server import bind, make_server
from hallway.serving.websockets import Choice

from .wsgi_apps import PLAIN, Environ, StartResponse

pytestmark = pytest.mark.anyio


async def tell(socket: WebSocket) -> None:
    """Say who is there and what came, then repeat what is said."""
    await socket.accept(headers=[(b"set-cookie", b"own=1")])
    await socket.send_json(
        {
            "caller": current().caller.name,
            "path": socket.url.path,
            "root": socket.scope["root_path"],
            "cookies": socket.cookies,
            "authorization": socket.headers.get("authorization"),
        }
    )
    async for text in socket.iter_text():
        await socket.send_text(text)


def rooms() -> list[App]:
    talking, silent = App("talking"), App("silent")
    talking.mount(Starlette(routes=[WebSocketRoute("/ws", tell)]))

    def pages(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        return []

    silent.mount(pages)
    return [talking, silent]


class Served:
    """A host that listens, and its user ada."""

    def __init__(self, origin: str, cookie: str, token: str) -> None:
        self.origin = origin
        self.cookie = cookie
        self.token = token

    def connect(self, path: str, **headers: str) -> websockets.connect:
        """Open a WebSocket as a page or program does."""
        return websockets.connect(self.origin.replace("http", "ws") + path, additional_headers=headers)

    async def refusal(self, path: str, **headers: str) -> dict[str, Any]:
        """Give the status and the problem with which a handshake is refused."""
        with pytest.raises(websockets.InvalidStatus) as refused:
            await self.connect(path, **headers)
        response = refused.value.response
        assert response.body is not None
        return {"answered": response.status_code, **json.loads(response.body)}


@asynccontextmanager
async def served(data: Path, choice: Choice) -> AsyncGenerator[Served, None]:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with fail_after(30):
        async with Host(Settings(data=str(data), port=port), apps=rooms()) as host:
            await host.identity.add_user("ada", "pw")
            token = await host.identity.create_token("ada")
            server = make_server(host.asgi, choice)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            async with httpx.AsyncClient(base_url=host.url) as client:
                answer = await client.post("/login", data={"username": "ada", "password": "pw"})
            yield Served(host.url, answer.headers["set-cookie"].partition(";")[0], token)
            server.should_exit = True
            await serving


@pytest.mark.parametrize("choice", ["picows", "websockets-sansio"])
async def test_a_page_of_the_host_talks_with_its_app_as_its_user(tmp_path: Path, choice: Choice) -> None:
    async with (
        served(tmp_path, choice) as host,
        host.connect("/apps/talking/ws", cookie=f"{host.cookie}; mine=2", origin=host.origin) as socket,
    ):
        assert socket.response is not None
        assert socket.response.headers["set-cookie"] == "own=1"
        told = json.loads(await socket.recv())
        assert told == {
            "caller": "ada",
            "path": "/apps/talking/ws",
            "root": "/apps/talking",
            "cookies": {"mine": "2"},
            "authorization": None,
        }
        for text in ("hello", "ÄÖ" * 40_000):
            await socket.send(text)
            assert await socket.recv() == text


async def test_a_program_talks_with_a_token_which_the_app_never_sees(tmp_path: Path) -> None:
    async with (
        served(tmp_path, "picows") as host,
        host.connect("/apps/talking/ws", authorization=f"Bearer {host.token}") as socket,
    ):
        told = json.loads(await socket.recv())
        assert (told["caller"], told["authorization"]) == ("ada", None)


async def test_whoever_may_not_open_one_is_told_why(tmp_path: Path) -> None:
    async with served(tmp_path, "picows") as host:
        foreign = {"cookie": host.cookie, "origin": "https://evil.example"}
        assert (await host.refusal("/apps/talking/ws", **foreign))["code"] == "forbidden"
        assert (await host.refusal("/apps/talking/ws"))["answered"] == 401
        assert (await host.refusal("/apps/nothing/ws"))["answered"] == 401
        assert (await host.refusal("/apps/nothing/ws", cookie=host.cookie))["answered"] == 404
        assert (await host.refusal("/apps/silent/ws", cookie=host.cookie))["answered"] == 404
        assert (await host.refusal("/apps/talking/ws", authorization="Bearer hwt_wrong"))["answered"] == 401
        assert (await host.refusal("/handoff/", cookie=host.cookie))["answered"] == 404
