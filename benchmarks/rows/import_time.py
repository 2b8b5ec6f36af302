"""How long an app's first line takes: what every command, worker and test pays before it does anything."""

import sys
from pathlib import Path

from measuring import Figures, Metric, Rival, Row
from peers import Peer, run

_FLASK = Peer("flask", ["flask"])


def _milliseconds(python: Path | str, statement: str) -> float:
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    return float(run(python, code)) * 1000


def _ours() -> Figures:
    # The package hands out its names lazily, so that importing it alone tells little.
    return {"time": _milliseconds(sys.executable, "from hallway import App")}


def _flask() -> Figures:
    return {"time": _milliseconds(_FLASK.bin / "python", "from flask import Flask")}


ROWS = [
    Row(
        name="import_time",
        title="`from hallway import App`, beside `from flask import Flask`",
        metrics=[Metric("time", "ms", must=150)],
        ours=_ours,
        rivals=[Rival(_FLASK, _flask)],
        rounds=15,
    )
]
