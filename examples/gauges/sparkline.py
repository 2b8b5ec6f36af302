"""A record as a small line drawing, in SVG path data."""

from dataclasses import dataclass

import numpy as np

from gauges.records import Flows, Kind, Record

MARGIN = 2.0
"""Room at the edges for the width of the line."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A drawing of `width` by `height` pixels.

    Args:
        width: Pixels across.
        height: Pixels down.
        path: SVG path data of the line, interrupted at gaps; of upright strokes for annual peaks.
        zero: How far down zero lies, where values below zero make that worth a line of its own.
    """

    width: int
    height: int
    path: str
    zero: float | None


def sparkline(record: Record, *, width: int, height: int) -> Sparkline:
    """Draw a record on a square-root scale, which shows low water and floods together."""
    # A record with fewer steps than pixels gets a column for each step, so that a gap of one step still shows.
    columns = _columns(record, min(width, _steps(record)))
    scaled = np.sign(columns) * np.sqrt(np.abs(columns))
    low = min(0.0, float(np.nanmin(scaled, initial=0.0)))
    high = max(float(np.nanmax(scaled, initial=0.0)), low + 1e-9)
    across = np.linspace(MARGIN, width - MARGIN, len(columns))
    down = height - MARGIN - (scaled - low) / (high - low) * (height - 2 * MARGIN)
    zero = height - MARGIN + low / (high - low) * (height - 2 * MARGIN)
    draw = _strokes if record.source.kind is Kind.PEAKS else _line
    return Sparkline(width, height, draw(across, down, zero), zero if low < 0 else None)


def _steps(record: Record) -> int:
    if record.source.kind is Kind.PEAKS:
        return 10_000
    step = np.diff(record.times).min()
    return int((record.times[-1] - record.times[0]) // step) + 1


def _columns(record: Record, count: int) -> Flows:
    """Give, for each of `count` equal spans of time, the highest value, NaN where there is none.

    Where water runs backwards it is the lowest, which would otherwise not be seen in a small drawing.
    """
    elapsed = (record.times - record.times[0]).astype(np.float64)
    position = np.rint(elapsed / elapsed[-1] * (count - 1)).astype(np.intp)
    occupied, starts = np.unique(position, return_index=True)
    highest = np.fmax.reduceat(record.flows, starts)
    lowest = np.fmin.reduceat(record.flows, starts)
    columns = np.full(count, np.nan)
    columns[occupied] = np.where(lowest < 0, lowest, highest)
    return columns


def _line(across: Flows, down: Flows, _zero: float) -> str:
    parts = list[str]()
    pen_down = False
    for x, y in zip(across.tolist(), down.tolist(), strict=True):
        if y != y:
            pen_down = False
            continue
        # `h0` makes a value that stands alone between two gaps a dot.
        parts.append(f"L{x:.1f} {y:.1f}" if pen_down else f"M{x:.1f} {y:.1f}h0")
        pen_down = True
    return "".join(parts)


def _strokes(across: Flows, down: Flows, zero: float) -> str:
    pairs = zip(across.tolist(), down.tolist(), strict=True)
    return "".join(f"M{x:.1f} {zero:.1f}V{y:.1f}" for x, y in pairs if y == y)
