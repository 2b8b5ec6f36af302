"""Find and order records for the table."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from gauges.records import Record
from gauges.statistics import in_cfs, summarise


class Order(StrEnum):
    """A column that the table can be sorted by."""

    GAUGE = "gauge"
    RECORD = "record"
    LENGTH = "length"
    GAPS = "gaps"
    MEAN = "mean"
    MAXIMUM = "maximum"


def _mean(record: Record) -> float:
    return in_cfs(summarise(record).mean or 0.0, record.source.unit)


def _maximum(record: Record) -> float:
    maximum = summarise(record).maximum
    return in_cfs(maximum.flow if maximum else 0.0, record.source.unit)


_SORT_KEYS: Mapping[Order, Callable[[Record], str | float]] = {
    Order.GAUGE: lambda record: record.key,
    Order.RECORD: lambda record: str(record.source.kind),
    Order.LENGTH: lambda record: summarise(record).length,
    Order.GAPS: lambda record: summarise(record).gaps,
    Order.MEAN: _mean,
    Order.MAXIMUM: _maximum,
}


def search(records: Iterable[Record], query: str) -> list[Record]:
    """Give the records whose number or name contains every word of the query."""
    words = query.casefold().split()
    return [record for record in records if all(word in _text(record) for word in words)]


def ordered(records: Sequence[Record], order: Order, *, descending: bool) -> list[Record]:
    """Sort records by a column; flows of different units are compared as water, not as numbers."""
    return sorted(records, key=lambda record: _SORT_KEYS[order](record), reverse=descending)


def near_matches(key: str, known: Iterable[str], *, limit: int = 6) -> list[str]:
    """Give the known keys that somebody who wrote `key` may have meant, best first."""
    wanted = key.strip().casefold()
    keys = list(known)
    containing = [candidate for candidate in keys if len(wanted) >= 3 and wanted in candidate]
    similar = difflib.get_close_matches(wanted, keys, n=limit, cutoff=0.6)
    return list(dict.fromkeys([*containing, *similar]))[:limit]


def _text(record: Record) -> str:
    return f"{record.key} {record.name}".casefold()
