"""Turn measurements into a table for people and a file for machines."""

import importlib.metadata
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from measuring import Metric, Row

RESULTS = Path(__file__).parent / "results.json"

_MINUS = "-"


@dataclass(frozen=True)
class Result:
    """One line of the table: our figures and one rival's, round by round."""

    row: Row
    metric: Metric
    rival: str
    version: str
    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def ratio(self) -> float:
        """Ours to theirs. Both were measured in turns, so each round is compared with itself."""
        return statistics.median(ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    def verdict(self, bound: float | None) -> str:
        """Say whether a bound is kept, and which one it is."""
        if bound is None:
            return _MINUS
        metric = self.metric
        figure = self.ratio if metric.judge == "ratio" else statistics.median(self.ours)
        kept = figure <= bound if metric.better == "lower" else figure >= bound
        sign = "≤" if metric.better == "lower" else "≥"
        unit = "×" if metric.judge == "ratio" else f" {metric.unit}"
        return f"{'PASS' if kept else 'MISS'} {sign} {bound:g}{unit}"


def table(results: Sequence[Result]) -> str:
    """Lay the results out in columns."""
    lines = [("row", "metric", "ours", "peer", "theirs", "ratio", "must", "stretch")]
    for result in results:
        unit = result.metric.unit
        lines.append(
            (
                result.row.name,
                result.metric.name,
                f"{statistics.median(result.ours):.3g} {unit}",
                f"{result.rival} {result.version}",
                f"{statistics.median(result.theirs):.3g} {unit}",
                f"{result.ratio:.2f}×",
                result.verdict(result.metric.must),
                result.verdict(result.metric.stretch),
            )
        )
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def write(results: Sequence[Result]) -> None:
    """Write the results, keeping those of rows that were not measured this time, if they are of this machine."""
    machine = _machine()
    kept: list[Mapping[str, object]] = []
    if RESULTS.exists():
        before = json.loads(RESULTS.read_text(encoding="utf-8"))
        measured = {result.row.name for result in results}
        if before["machine"] == machine:
            kept = [entry for entry in before["rows"] if entry["row"] not in measured]
    rows = [*kept, *(_entry(result) for result in results)]
    document = {"machine": machine, "rows": sorted(rows, key=lambda entry: str(entry["row"]))}
    RESULTS.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _entry(result: Result) -> Mapping[str, object]:
    metric = result.metric
    return {
        "row": result.row.name,
        "title": result.row.title,
        "metric": metric.name,
        "unit": metric.unit,
        "ours": {
            "version": importlib.metadata.version("hallway"),
            "median": _short(statistics.median(result.ours)),
            "rounds": [_short(figure) for figure in result.ours],
        },
        "peer": {
            "name": result.rival,
            "version": result.version,
            "median": _short(statistics.median(result.theirs)),
            "rounds": [_short(figure) for figure in result.theirs],
        },
        "ratio": _short(result.ratio),
        "must": result.verdict(metric.must),
        "stretch": result.verdict(metric.stretch),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _short(figure: float) -> float:
    return float(f"{figure:.4g}")


def _machine() -> Mapping[str, object]:
    """Tell what the figures depend on, but not whose machine it is."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
