"""Numbers, times and codes as people read them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gauges.records import Kind

_QUALIFIERS = {
    "A": "approved by the USGS after review",
    "P": "provisional, and may still be revised",
    "e": "estimated",
    "R": "revised after it was first approved",
    "Eqp": "the equipment failed; the values lie on a straight line between the readings before and after",
    "hf.missing": "missing at the source; filled in by hydrofunctions on a straight line between neighbours",
    "hf.upsampled": "a row that the source does not have; here the days before the gauge began, without a value",
}

_PEAK_CODES = {
    "1": "the highest daily mean rather than a momentary peak",
    "2": "the discharge is an estimate",
    "3": "affected by the failure of a dam",
    "4": "the true discharge is less than the value",
    "5": "affected to an unknown degree by regulation or diversion",
    "6": "affected by regulation or diversion",
    "7": "a historic peak, from outside the systematic record",
    "8": "the true discharge is greater than the value",
    "9": "due to snow melt, hurricane, ice jam or the breach of a debris dam",
}

_UNKNOWN = "not explained by the source"


@dataclass(frozen=True, slots=True)
class Note:
    """A code that values carry, in words.

    Args:
        code: The code as the USGS writes it.
        meaning: What it stands for.
        values: How many values carry it.
    """

    code: str
    meaning: str
    values: int


def notes_in_words(fields: Mapping[str, int], kind: Kind) -> tuple[Note, ...]:
    """Explain the codes in qualifiers fields (`"A,e"`) or peak codes fields, the most frequent first."""
    meanings = _PEAK_CODES if kind is Kind.PEAKS else _QUALIFIERS
    counts = dict[str, int]()
    for codes, values in fields.items():
        for code in filter(None, codes.split(",")):
            counts[code] = counts.get(code, 0) + values
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Note(code, meanings.get(code, _UNKNOWN), values) for code, values in ordered)


def flow_in_words(flow: float) -> str:
    """Write a flow with three significant digits, as the USGS publishes them: `16,800`, `4.94`, `-0.47`."""
    if flow == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(flow))))
    text = f"{flow:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day_in_words(time: np.datetime64) -> str:
    """Write the day of a time."""
    return str(time.astype("datetime64[D]"))


def time_in_words(time: np.datetime64, kind: Kind) -> str:
    """Write a day, or for five-minute values a moment in UTC."""
    if kind is Kind.FIVE_MINUTES:
        return str(time.astype("datetime64[m]")).replace("T", " ") + " UTC"
    return day_in_words(time)


def period_in_words(first: np.datetime64, last: np.datetime64) -> str:
    """Write a period by its years where it is whole years, or else by its days: `2002–2004`, `1999-10-01 to 2011-09-30`."""
    begin, end = day_in_words(first), day_in_words(last)
    if begin.endswith("-01-01") and end.endswith("-12-31"):
        return begin[:4] if begin[:4] == end[:4] else f"{begin[:4]}–{end[:4]}"
    return f"{begin} to {end}"


def length_in_words(length: int, kind: Kind) -> str:
    """Write how long a record is: in days, or in water years for annual peaks."""
    return f"{length:,} {'water years' if kind is Kind.PEAKS else 'days'}"
