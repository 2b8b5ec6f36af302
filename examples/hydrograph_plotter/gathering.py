"""Rows to series: gathers the values of each gauge from the rows of a table."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice

import numpy as np

from hydrograph_plotter.cells import BadCell, DateOrder, Moment, date_order, parse_flow, parse_time
from hydrograph_plotter.columns import FlowColumn, Unit
from hydrograph_plotter.errors import UnreadableFile
from hydrograph_plotter.labels import distinct_labels
from hydrograph_plotter.remarks import LeftOut, counted
from hydrograph_plotter.series import Series, step_in_words
from hydrograph_plotter.table import Table

MOST_SERIES = 500

# Enough for five-minute values to reach the 13th of a month, which settles what is the day.
_ROWS_FOR_DATES = 10_000

# "A,e" is approved and estimated; hydrofunctions fills in what is missing and what failing equipment left out.
_ESTIMATED = frozenset(("e", "est", "estimated", "eqp", "hf.missing"))
_ESTIMATED_PEAK = frozenset(("2",))


@dataclass(frozen=True, slots=True)
class _Key:
    """What sets series apart within a file."""

    site: str
    time_column: int
    flow: FlowColumn


@dataclass(slots=True)
class _Rows:
    """The rows of one series, as they come."""

    utc: bool
    times: list[datetime] = field(default_factory=list[datetime])
    flows: list[float] = field(default_factory=list[float])
    estimated: list[bool] = field(default_factory=list[bool])


class Gatherer:
    """Takes the rows of a table and makes series of them.

    Args:
        table: Where the rows come from.
    """

    def __init__(self, table: Table) -> None:
        self._names = table.names
        self._columns = table.columns
        times = (*self._columns.times, *self._columns.peak_times)
        first_flow = self._columns.flows[0].index
        self._needed = 1 + max(self._columns.site or 0, min(times), first_flow)
        begin = islice(_whole_rows(table, self._needed), _ROWS_FOR_DATES)
        self._dates = date_order(cells[min(times)] for cells in begin)
        self._day_first = self._dates is DateOrder.DAY_FIRST or (
            self._dates is DateOrder.EITHER and table.delimiter == ";"
        )
        self._decimal_comma = table.delimiter == ";" and any(
            "," in cells[first_flow] for cells in _whole_rows(table, self._needed)
        )
        self._gathered = dict[_Key, _Rows]()
        self._left_out = LeftOut()
        self._repeated = 0
        self._valueless = list[str]()

    def take(self, line: int, cells: list[str] | None) -> None:
        """Take a row, or count it as left out.

        Args:
            line: Its line number in the file.
            cells: Its cells, or None for a line that is too long to be a row.

        Raises:
            UnreadableFile: There are more gauges than any plot could show.
        """
        if cells is None or len(cells) < self._needed:
            self._left_out.add("the line is far too long" if cells is None else "too few cells", line)
            return
        if not any(cells):
            return
        cells += [""] * (len(self._names) - len(cells))
        dated = False
        for flow in self._columns.flows:
            time_column = self._time_column(flow, cells)
            if time_column is not None:
                dated = True
                self._take_flow(line, cells, flow, time_column)
        if not dated:
            self._left_out.add("no date", line)

    def series(self, name: str) -> tuple[Series, ...]:
        """Make the series, in the order in which they begin in the file.

        Args:
            name: What to call a series for which the file gives no gauge.
        """
        kept = list(self._with_values())
        made = [self._series(key, rows) for key, rows in kept]
        keys = [key for key, _ in kept]
        labels = distinct_labels([_names(key, each, name) for key, each in zip(keys, made, strict=True)])
        return tuple(replace(each, label=label) for each, label in zip(made, labels, strict=True))

    def remarks(self) -> list[str]:
        """Say what had to be left out or assumed; call it after `series`."""
        said = [self._left_out.in_words()]
        if self._repeated:
            said.append(
                f"{counted(self._repeated, 'row')} left out: another row has the same gauge and time."
            )
        if self._valueless:
            said.append(f"Without any value, and so not drawn: {', '.join(self._valueless)}.")
        if self._dates is DateOrder.EITHER:
            order = "day/month/year" if self._day_first else "month/day/year"
            said.append(f"Dates such as 03/04/2017 can be read in two ways; they were read as {order}.")
        said.extend(
            f"The column “{flow.name}” names no unit; its values are taken as cubic feet per second."
            for flow in self._columns.flows
            if flow.unit is None
        )
        return [remark for remark in said if remark]

    def _time_column(self, flow: FlowColumn, cells: list[str]) -> int | None:
        columns = self._columns
        among = (
            columns.peak_times if (flow.peaks and columns.peak_times) or not columns.times else columns.times
        )
        return next((column for column in among if cells[column]), None)

    def _take_flow(self, line: int, cells: list[str], flow: FlowColumn, time_column: int) -> None:
        try:
            moment = self._moment(cells, time_column)
        except BadCell:
            self._left_out.add("the date does not parse", line, cells[time_column])
            return
        try:
            amount = parse_flow(cells[flow.index], decimal_comma=self._decimal_comma)
        except BadCell:
            self._left_out.add(f"“{flow.name}” does not parse", line, cells[flow.index])
            return
        site = flow.site or (cells[self._columns.site] if self._columns.site is not None else "")
        rows = self._rows(_Key(site, time_column, flow), moment)
        rows.times.append(moment.at)
        rows.flows.append(amount)
        rows.estimated.append(
            _is_estimated(cells[flow.qualifiers], flow) if flow.qualifiers is not None else False
        )

    def _moment(self, cells: list[str], time_column: int) -> Moment:
        text = cells[time_column]
        if self._columns.clock is not None and cells[self._columns.clock]:
            text = f"{text} {cells[self._columns.clock]}"
        return parse_time(text, day_first=self._day_first)

    def _rows(self, key: _Key, moment: Moment) -> _Rows:
        rows = self._gathered.get(key)
        if rows is None:
            if len(self._gathered) == MOST_SERIES:
                raise UnreadableFile(f"This file has more than {MOST_SERIES} gauges; no plot can show them.")
            utc = moment.utc or "utc" in self._names[key.time_column].casefold()
            rows = self._gathered[key] = _Rows(utc)
        return rows

    def _with_values(self) -> Iterator[tuple[_Key, _Rows]]:
        """Give what has a value; a gauge has none in the columns of the other gauges' units."""
        sites = dict[str, bool]()
        for key, rows in self._gathered.items():
            has_values = any(not math.isnan(amount) for amount in rows.flows)
            sites[key.site] = sites.get(key.site, False) or has_values
            if has_values:
                yield key, rows
        self._valueless = [site or "the whole file" for site, has_values in sites.items() if not has_values]

    def _series(self, key: _Key, rows: _Rows) -> Series:
        times = np.array(rows.times, dtype="datetime64[s]")
        distinct, first = np.unique(times, return_index=True)
        self._repeated += len(times) - len(distinct)
        return Series(
            label="",
            unit=key.flow.unit or Unit.CFS,
            times=distinct,
            flows=np.array(rows.flows)[first],
            estimated=np.array(rows.estimated)[first],
            peaks=key.flow.peaks,
            utc=rows.utc,
        )


def _whole_rows(table: Table, needed: int) -> Iterator[list[str]]:
    return (cells for _, cells in table.rows() if cells is not None and len(cells) >= needed)


def _names(key: _Key, series: Series, fallback: str) -> list[str]:
    name = key.site or fallback
    return [name, f"{name} ({step_in_words(series)})", f"{name} ({step_in_words(series)}, {key.flow.name})"]


@lru_cache(maxsize=1024)
def _is_estimated(qualifiers: str, flow: FlowColumn) -> bool:
    codes = re.split(r"[\s,;:\[\]]+", qualifiers.casefold())
    return not (_ESTIMATED_PEAK if flow.peaks else _ESTIMATED).isdisjoint(codes)
