"""A file to series: what the plotter makes of what it was given."""

from dataclasses import dataclass

from hydrograph_plotter.decoding import decode
from hydrograph_plotter.errors import UnreadableFile
from hydrograph_plotter.gathering import Gatherer
from hydrograph_plotter.series import Series
from hydrograph_plotter.table import find_table

MOST_VALUES = 1_000_000
"""Read from one file, which takes some ten seconds; nine years of five-minute values."""


@dataclass(frozen=True, slots=True)
class Hydrographs:
    """What a file holds.

    Args:
        series: At least one series, each with at least one value.
        remarks: What a person should know about how the file was read.
    """

    series: tuple[Series, ...]
    remarks: tuple[str, ...]


def read_hydrographs(data: bytes, *, name: str) -> Hydrographs:
    """Read a CSV, TSV or USGS RDB file.

    Args:
        data: The file.
        name: What to call a series for which the file gives no gauge.

    Raises:
        UnreadableFile: It holds nothing that can be plotted.
    """
    text = decode(data)
    table = find_table(text.content)
    gatherer = Gatherer(table)
    remarks = [text.remark] if text.remark else []
    most_rows = MOST_VALUES // len(table.columns.flows)
    for taken, (line, cells) in enumerate(table.rows()):
        if taken == most_rows:
            remarks.append(f"Only the first {most_rows:,} rows of this file were read.")
            break
        gatherer.take(line, cells)
    series = gatherer.series(name)
    remarks += gatherer.remarks()
    if not series:
        raise UnreadableFile(" ".join(["This file has no row with a date and a discharge.", *remarks]))
    return Hydrographs(series, tuple(remarks))
