"""Text to cells: the delimiter, the line with the column names, and the lines below it."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hydrograph_plotter.columns import Columns, find_columns
from hydrograph_plotter.errors import UnreadableFile

LONGEST_LINE = 20_000
"""Characters; no table of flows has longer lines, and splitting one of megabytes costs a gigabyte."""

_HEADER_WITHIN = 60
"""Lines of explanation that may stand above the column names."""

_RDB_FORMATS = re.compile(r"\d+[sdn](\t\d+[sdn])*")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text.

    Args:
        delimiter: What separates its cells.
        columns: Where things stand.
        names: What the columns are called.
        lines: The lines below the column names.
        before: How many lines stand above the first of them.
    """

    delimiter: str
    columns: Columns
    names: tuple[str, ...]
    lines: Sequence[str]
    before: int

    def rows(self) -> Iterator[tuple[int, list[str] | None]]:
        """Give each row's line number with its cells, or with None where the line is too long to be a row."""
        for number, line in enumerate(self.lines, self.before + 1):
            if not line or line.startswith("#") or line.isspace():
                continue
            yield number, None if len(line) > LONGEST_LINE else split(line, self.delimiter)


def split(line: str, delimiter: str) -> list[str]:
    """Split one line into stripped cells.

    Each line stands for itself, so that one forgotten quotation mark cannot swallow the rest of a file.
    """
    cells = next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter)
    return [cell.strip() for cell in cells]


def find_table(content: str) -> Table:
    """Find the line with the column names, below comments and explanations.

    Raises:
        UnreadableFile: No line names both a time and a flow, or there is nothing below it.
    """
    lines = content.split("\n")
    first: list[str] | None = None
    candidates = (index for index, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    for _, index in zip(range(_HEADER_WITHIN), candidates, strict=False):
        if len(lines[index]) > LONGEST_LINE:
            raise UnreadableFile(
                f"Line {index + 1} of this file has {len(lines[index]):,} characters; that is no table of flows."
            )
        delimiter = _delimiter(lines[index])
        names = split(lines[index], delimiter)
        first = first or names
        columns = find_columns(names)
        if columns is not None:
            return _below(lines, index, delimiter, names, columns)
    if first is None:
        raise UnreadableFile("This file has only comments, and no table.")
    raise UnreadableFile(_what_is_missing(first))


def _delimiter(line: str) -> str:
    return max("\t;,|", key=line.count)


def _below(lines: list[str], index: int, delimiter: str, names: list[str], columns: Columns) -> Table:
    start = index + 1
    if start < len(lines) and _RDB_FORMATS.fullmatch(lines[start]):
        start += 1  # the line of a USGS RDB file that gives each column's width and type
    table = Table(delimiter, columns, tuple(names), lines[start:], start)
    if not any(True for _ in table.rows()):
        raise UnreadableFile("This file has column names, but no rows below them.")
    return table


def _what_is_missing(names: list[str]) -> str:
    shown = ", ".join(f"“{name[:40]}”" for name in names[:12]) + (" and more" if len(names) > 12 else "")
    return (
        "No columns with a date and a discharge were recognised in this file. Its first line has "
        f"{shown}; expected is something like “date” and “discharge_cfs” (or “discharge_cms”)."
    )
