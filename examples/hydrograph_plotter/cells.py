"""Single cells: numbers and times as people and programs write them."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache

LARGEST_FLOW = 1e12
"""No river comes near, so what is larger is a mistake; and sums of what is smaller cannot overflow."""

NO_DATA = -999999.0
"""What the USGS writes for a value that it does not have."""

# What stands in a value column where there is no value, among it the USGS codes for ice, equipment and so on.
_EMPTY = frozenset(
    [
        "-",
        "--",
        "***",
        ".",
        "n/a",
        "na",
        "nan",
        "none",
        "null",
        "nil",
        "missing",
        "ice",
        "eqp",
        "dis",
        "bkw",
        "ssn",
        "rat",
        "mnt",
        "fld",
    ]
)

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DAY_AND_CLOCK = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
)


class BadCell(ValueError):
    """A cell that does not parse."""


def parse_flow(text: str, *, decimal_comma: bool) -> float:
    """Parse a flow; NaN where the cell says that there is none.

    Args:
        text: The cell, stripped.
        decimal_comma: Whether `1.234,5` is meant rather than `1,234.5`.

    Raises:
        BadCell: It is no number, or larger than any river.
    """
    if not text or text.casefold() in _EMPTY:
        return math.nan
    if decimal_comma:
        text = text.replace(".", "").replace(",", ".")
    elif _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not text.isascii() or not _PLAIN.fullmatch(text):
        raise BadCell
    flow = float(text)
    if flow == NO_DATA:
        return math.nan
    if abs(flow) > LARGEST_FLOW:
        raise BadCell
    return flow


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a cell has it.

    Args:
        at: The time without a zone; in UTC where the cell named its offset.
        utc: Whether the cell named its offset.
    """

    at: datetime
    utc: bool = False


@lru_cache(maxsize=8192)  # a file of many gauges has the same days over and over
def parse_time(text: str, *, day_first: bool) -> Moment:
    """Parse a date or a date with a time of day.

    Args:
        text: The cell, stripped.
        day_first: Whether 03/04/2017 is in April rather than in March.

    Raises:
        BadCell: It is neither.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            return Moment(found)
        return Moment(found.astimezone(UTC).replace(tzinfo=None), utc=True)
    except (ValueError, OverflowError):
        return Moment(_parse_customary(text, day_first=day_first))


class DateOrder(Enum):
    """What a column of dates says about the order of day and month."""

    CLEAR = "every date begins with the year"
    DAY_FIRST = "day/month/year"
    MONTH_FIRST = "month/day/year"
    EITHER = "each date could be read both ways"


def date_order(cells: Iterable[str]) -> DateOrder:
    """Tell from a column whether the day or the month comes first."""
    order = DateOrder.CLEAR
    for cell in cells:
        match = _DAY_AND_CLOCK.match(cell)
        if match is None or len(match[1]) > 2:
            continue
        if cell[match.end(1)] == "." or int(match[1]) > 12:
            return DateOrder.DAY_FIRST
        if int(match[2]) > 12:
            return DateOrder.MONTH_FIRST
        order = DateOrder.EITHER
    return order


def _parse_customary(text: str, *, day_first: bool) -> datetime:
    match = _DAY_AND_CLOCK.fullmatch(text)
    if match is None or not text.isascii():
        raise BadCell
    first, second, third = (int(match[group]) for group in (1, 2, 3))
    if len(match[1]) == 4:
        year, month, day = first, second, third
    elif len(match[3]) == 4:
        year, month, day = (third, second, first) if day_first else (third, first, second)
    else:
        raise BadCell  # a year of two digits could be in any century
    try:
        return datetime(year, month, day, int(match[4] or 0), int(match[5] or 0), int(match[6] or 0))  # noqa: DTZ001
    except ValueError:
        raise BadCell from None
