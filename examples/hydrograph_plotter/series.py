"""A series of flows in time, its gaps and its statistics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hydrograph_plotter.columns import Unit

Times = NDArray[np.datetime64]
Flows = NDArray[np.float64]
Marks = NDArray[np.bool_]

CFS_IN_CMS = 0.028316846592
"""One cubic foot per second in cubic metres per second, exactly."""

_DAY = 86400


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What one gauge measured.

    Args:
        label: The gauge's number or name, distinct within a file.
        unit: The unit of the flows.
        times: When, ascending and distinct; in UTC if `utc`.
        flows: How much; NaN where a row has no value.
        estimated: Which values were not measured but estimated or filled in.
        peaks: Whether the values are annual peaks: single events, with nothing to draw between them.
        utc: Whether the times are known to be in UTC.
    """

    label: str
    unit: Unit
    times: Times
    flows: Flows
    estimated: Marks
    peaks: bool = False
    utc: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The statistics of a series, in its own unit.

    Args:
        first: When it begins.
        last: When it ends.
        values: How many values it has.
        gaps: How many are missing: rows without a value, and steps (water years for
            annual peaks) without a row.
        mean: The mean of the values, or None without any.
        maximum: The highest value, or None without any.
        maximum_at: When it first occurred.
        minimum: The lowest value, or None without any.
    """

    first: np.datetime64
    last: np.datetime64
    values: int
    gaps: int
    mean: float | None
    maximum: float | None
    maximum_at: np.datetime64 | None
    minimum: float | None


def converted(flows: Flows, unit: Unit, wanted: Unit) -> Flows:
    """Convert flows from one unit to another."""
    if unit is wanted:
        return flows
    return flows * CFS_IN_CMS if wanted is Unit.CMS else flows / CFS_IN_CMS


def step_seconds(series: Series) -> int | None:
    """Give the usual time between two rows, or None where there is no usual one."""
    if series.peaks or len(series.times) < 3:
        return None
    steps, counts = np.unique(np.diff(series.times).astype(np.int64), return_counts=True)
    usual = int(counts.argmax())
    return int(steps[usual]) if counts[usual] * 2 >= len(series.times) - 1 else None


def step_in_words(series: Series) -> str:
    """Say what the values of a series stand for: `daily`, `5-minute`, `annual peaks`, `irregular`."""
    if series.peaks:
        return "annual peaks"
    step = step_seconds(series)
    if step is None:
        return "irregular"
    if step % _DAY == 0:
        days = step // _DAY
        return {1: "daily", 7: "weekly"}.get(days, "monthly" if 28 <= days <= 31 else f"{days}-day")
    if step % 3600 == 0:
        return "hourly" if step == 3600 else f"{step // 3600}-hour"
    return f"{step // 60}-minute" if step % 60 == 0 else f"{step}-second"


def summarise(series: Series) -> Summary:
    """Compute the statistics of a series that has at least one row."""
    present = ~np.isnan(series.flows)
    flows = series.flows[present]
    some = len(flows) > 0
    missing_rows = (
        _missing_years(series.times) if series.peaks else int((_steps_between(series) - 1).clip(min=0).sum())
    )
    return Summary(
        first=series.times[0],
        last=series.times[-1],
        values=len(flows),
        gaps=len(series.flows) - len(flows) + missing_rows,
        mean=float(flows.mean()) if some else None,
        maximum=float(flows.max()) if some else None,
        maximum_at=series.times[present][flows.argmax()] if some else None,
        minimum=float(flows.min()) if some else None,
    )


def with_breaks(times: Times, flows: Flows, series: Series) -> tuple[Times, Flows]:
    """Put an empty value into each stretch of missing rows, so that a line drawn through them is interrupted.

    Args:
        times: The times of `series`.
        flows: Its flows, in whatever unit.
        series: What the usual step is taken from.
    """
    step = step_seconds(series)
    breaks = np.flatnonzero(_steps_between(series) > 1)
    if step is None or not len(breaks):
        return times, flows
    after = times[breaks] + np.timedelta64(step, "s")
    return np.insert(times, breaks + 1, after), np.insert(flows, breaks + 1, np.nan)


def _missing_years(times: Times) -> int:
    # A water year begins on 1 October of the calendar year before.
    years = np.unique((times.astype("datetime64[M]").astype(np.int64) + 3) // 12)
    return int(years[-1] - years[0]) + 1 - len(years)


def _steps_between(series: Series) -> NDArray[np.int64]:
    """Give for each row but the last how many usual steps later the next one comes, or ones without a usual step."""
    elapsed = np.diff(series.times).astype(np.int64)
    step = step_seconds(series)
    if step is None:
        return np.ones_like(elapsed)
    # Months differ in length and clocks drift: only half a step more than usual is a gap.
    return np.rint(elapsed / step).astype(np.int64)
