"""What a record says in a few numbers."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from gauges.records import Kind, Record, Times, Unit

CFS_IN_CMS = 0.028316846592
"""One cubic foot per second in cubic metres per second, exactly."""

_STEP = {Kind.DAILY: np.timedelta64(1, "D"), Kind.FIVE_MINUTES: np.timedelta64(5, "m")}


@dataclass(frozen=True, slots=True)
class Extreme:
    """A highest or lowest value, and when it first occurred."""

    flow: float
    at: np.datetime64


@dataclass(frozen=True, slots=True)
class Summary:
    """The statistics of one record; flows are in the record's own unit.

    Args:
        first: When it begins.
        last: When it ends.
        length: How long it is: calendar days, or water years for annual peaks.
        values: How many values it has.
        empty: How many rows have no value.
        absent: How many days, steps or water years have no row at all.
        mean: The mean of the values, or None without any.
        maximum: The highest value, or None without any.
        minimum: The lowest value, or None without any.
        negative: How many values are below zero (water that runs backwards).
    """

    first: np.datetime64
    last: np.datetime64
    length: int
    values: int
    empty: int
    absent: int
    mean: float | None
    maximum: Extreme | None
    minimum: Extreme | None
    negative: int

    @property
    def gaps(self) -> int:
        """All that is missing between the first and the last row, with or without a row of its own."""
        return self.empty + self.absent


@cache
def summarise(record: Record) -> Summary:
    """Compute a record's statistics."""
    present = ~np.isnan(record.flows)
    flows, times = record.flows[present], record.times[present]
    first, last = record.times[0], record.times[-1]
    some = len(flows) > 0
    return Summary(
        first=first,
        last=last,
        length=_length(record),
        values=len(flows),
        empty=len(record.flows) - len(flows),
        absent=_absent(record),
        mean=float(flows.mean()) if some else None,
        maximum=Extreme(float(flows.max()), times[flows.argmax()]) if some else None,
        minimum=Extreme(float(flows.min()), times[flows.argmin()]) if some else None,
        negative=int((flows < 0).sum()),
    )


def in_cfs(flow: float, unit: Unit) -> float:
    """Convert a flow to cubic feet per second, so that records of different units compare."""
    return flow / CFS_IN_CMS if unit is Unit.CMS else flow


def water_years(times: Times) -> list[int]:
    """Give the water year of each time: it begins on 1 October of the calendar year before."""
    months = times.astype("datetime64[M]").astype(np.int64)
    return [int(month) for month in (months + 3) // 12 + 1970]


def _length(record: Record) -> int:
    if record.source.kind is Kind.PEAKS:
        years = water_years(record.times)
        return years[-1] - years[0] + 1
    # Not the UTC days that it touches: a five-minute record that begins at local midnight touches one more.
    return int((record.times[-1] - record.times[0]) // np.timedelta64(1, "D")) + 1


def _absent(record: Record) -> int:
    if record.source.kind is Kind.PEAKS:
        years = water_years(record.times)
        return years[-1] - years[0] + 1 - len(set(years))
    expected = (record.times[-1] - record.times[0]) // _STEP[record.source.kind] + 1
    return int(expected) - len(np.unique(record.times))
