"""What an empty host costs: the time until it answers, and the memory it holds then."""

import sys
from pathlib import Path

from measuring import Figures, Metric, Rival, Row
from peers import Peer
from processes import resident_megabytes, started

# With the same event loop and parser as ours.
_UVICORN = Peer("uvicorn", ["uvicorn[standard]"])

_HELLO = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
"""


def _figures(command: list[str | Path], ready: str, files: dict[str, str]) -> Figures:
    with started(command, ready, files) as server:
        return {"start": server.seconds, "memory": resident_megabytes(server.pid)}


def _ours() -> Figures:
    hallway = Path(sys.executable).with_name("hallway")
    return _figures([hallway, "serve", "--port", "0", "--data", "data"], "Hallway is ready at", {})


def _uvicorn() -> Figures:
    command = [_UVICORN.bin / "uvicorn", "--port", "0", "--lifespan", "off", "hello:app"]
    return _figures(command, "Uvicorn running on", {"hello.py": _HELLO})


ROWS = [
    Row(
        name="serve_start",
        title="`hallway serve` without apps, beside `uvicorn` with one that says hello",
        metrics=[
            Metric("start", "s", must=1.0, stretch=0.6),
            Metric("memory", "MB", must=80, stretch=60),
        ],
        ours=_ours,
        rivals=[Rival(_UVICORN, _uvicorn)],
    )
]
