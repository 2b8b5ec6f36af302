"""What a Flask page costs: through our bridge and signed in, beside the usual bridge and nobody signed in."""

import sys

from load import load
from measuring import Figures, Metric, Rival, Row
from peers import Peer
from processes import started

_A2WSGI = Peer("a2wsgi", ["a2wsgi", "flask", "uvicorn[standard]"])

_PAGES = """
from flask import Flask

pages = Flask(__name__)

@pages.get("/")
def hello():
    return "hello"
"""

_OURS = """
import logging

import httpx
import uvloop
from pages import pages

from hallway import App, Host, Settings

app = App("hello")
app.mount(pages)
logging.disable()

async def announce(host):
    await host.identity.add_user("bench", "bench")
    async with httpx.AsyncClient(base_url=host.url) as client:
        answer = await client.post("/login", data={"username": "bench", "password": "bench"})
    print("ready", f"{host.url}/apps/hello/", answer.headers["set-cookie"].partition(";")[0], flush=True)

uvloop.run(Host(Settings(port=0, data="data"), apps=[app]).serve(announce))
"""

_THEIRS = """
from a2wsgi import WSGIMiddleware
from pages import pages

app = WSGIMiddleware(pages, workers=8)
"""


def _ours() -> Figures:
    with started([sys.executable, "serve.py"], "ready", {"pages.py": _PAGES, "serve.py": _OURS}) as server:
        _, url, cookie = server.line.split()
        return _figures(server.pid, url, {"cookie": cookie})


def _a2wsgi() -> Figures:
    command = [_A2WSGI.bin / "uvicorn", "--port", "0", "--no-access-log", "--lifespan", "off", "bridge:app"]
    with started(command, "Uvicorn running on", {"pages.py": _PAGES, "bridge.py": _THEIRS}) as server:
        url = next(word for word in server.line.split() if word.startswith("http"))
        return _figures(server.pid, f"{url}/", {})


def _figures(pid: int, url: str, headers: dict[str, str]) -> Figures:
    load(pid, url, headers, seconds=1)
    return {"rate": load(pid, url, headers).per_core_second}


ROWS = [
    Row(
        name="wsgi_hello",
        title="A Flask page signed in through Hallway, beside a2wsgi on uvicorn",
        metrics=[Metric("rate", "/core s", must=2.0, stretch=2.5, judge="ratio", better="higher")],
        ours=_ours,
        rivals=[Rival(_A2WSGI, _a2wsgi)],
        rounds=3,
    )
]
