"""The gauges' records: what the files in `data/` hold, read once when first asked for."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"

Times = NDArray[np.datetime64]
Flows = NDArray[np.float64]


class Kind(StrEnum):
    """What one value of a record stands for."""

    DAILY = "daily means"
    FIVE_MINUTES = "five-minute values"
    PEAKS = "annual peaks"


class Unit(StrEnum):
    """The unit of a record's values, as it is shown."""

    CFS = "cfs"
    CMS = "m³/s"


@dataclass(frozen=True, slots=True)
class Source:
    """One CSV file of `data/` and how it is laid out.

    Args:
        file: Its name.
        kind: What its values stand for.
        unit: The unit of its values.
        time_column: The column with the day or moment.
        value_column: The column with the flow.
        note_column: The column with qualifiers or peak codes, or None where there is none.
        site: The site number, where the file has no `site_no` column.
        suffix: Set apart a second record of the same site in keys and addresses.
    """

    file: str
    kind: Kind
    unit: Unit
    time_column: str
    value_column: str
    note_column: str | None
    site: str | None = None
    suffix: str = ""

    @property
    def path(self) -> Path:
        """Where the file is."""
        return DATA / self.file


def _daily(file: str, *, site: str | None = None) -> Source:
    return Source(file, Kind.DAILY, Unit.CFS, "date", "discharge_cfs", "qualifiers", site)


SOURCES = (
    _daily("virginia_2017_daily.csv"),
    _daily("01589330_dead_run_2002-2004_daily.csv", site="01589330"),
    _daily("01581830_grave_run_2002-2004_daily.csv", site="01581830"),
    Source(
        "01589330_dead_run_2018-06_5min.csv",
        Kind.FIVE_MINUTES,
        Unit.CFS,
        "datetime_utc",
        "discharge_cfs",
        "qualifiers",
        site="01589330",
        suffix="-5min",
    ),
    Source(
        "01491000_choptank_1999-2011_daily_cms.csv",
        Kind.DAILY,
        Unit.CMS,
        "date",
        "discharge_cms",
        None,
        site="01491000",
    ),
    Source("annual_peaks.csv", Kind.PEAKS, Unit.CFS, "peak_date", "peak_cfs", "peak_codes"),
)

# The Virginia file gives numbers only, so only these five records have a name.
NAMES = {
    "01491000": "Choptank River near Greensboro, MD",
    "01581830": "Grave Run near Beckleysville, MD",
    "01589330": "Dead Run at Franklintown, MD",
    "01594440": "Patuxent River near Bowie, MD",
}


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One gauge's record.

    Args:
        key: What addresses call it: the site number, and a suffix for a second record of the same site.
        site: The USGS site number, with its leading zeros.
        source: The file that it is in.
        times: The day or moment (UTC) of each value, ascending.
        flows: The values in the source's unit; NaN where the file has none.
        notes: How often each qualifiers field or peak codes field occurs, as written.
        span: Where its lines begin and end in the file, in bytes.
    """

    key: str
    site: str
    source: Source
    times: Times
    flows: Flows
    notes: Mapping[str, int]
    span: tuple[int, int] = field(repr=False)

    @property
    def name(self) -> str:
        """The river and place, or "" where the data does not say."""
        return NAMES.get(self.site, "")

    def rows(self) -> Iterator[dict[str, str]]:
        """Give the record's rows exactly as the file has them, by column name, always with `site_no`."""
        with self.source.path.open("rb") as file:
            header = _cells(file.readline())
            file.seek(self.span[0])
            lines = file.read(self.span[1] - self.span[0]).decode().splitlines()
        for cells in csv.reader(lines):
            yield {"site_no": self.site} | dict(zip(header, cells, strict=True))


def _cells(line: bytes) -> list[str]:
    return next(csv.reader([line.decode().rstrip("\r\n")]))


@cache
def catalogue() -> Mapping[str, Record]:
    """Give every record by its key, in order of site number."""
    records = [record for source in SOURCES for record in read_source(source)]
    return {record.key: record for record in sorted(records, key=lambda record: record.key)}


def read_source(source: Source) -> Iterator[Record]:
    """Read one file: one record for each site, whose rows stand together."""
    with source.path.open("rb") as file:
        header_line = file.readline()
        header = _cells(header_line)
        start = end = len(header_line)
        site, lines = "", list[str]()
        for line in file:
            line_site = source.site or line[: line.index(b",")].decode()
            if lines and line_site != site:
                yield _record(source, site, header, lines, (start, end))
                start, lines = end, []
            site = line_site
            lines.append(line.decode())
            end += len(line)
        yield _record(source, site, header, lines, (start, end))


def _record(source: Source, site: str, header: list[str], lines: list[str], span: tuple[int, int]) -> Record:
    columns = dict(zip(header, zip(*csv.reader(lines), strict=True), strict=True))
    return Record(
        key=site + source.suffix,
        site=site,
        source=source,
        # numpy knows no time zones; every moment in the files is UTC and ends in Z.
        times=np.array([text.rstrip("Z") for text in columns[source.time_column]], dtype="datetime64[s]"),
        flows=np.array([float(text or "nan") for text in columns[source.value_column]]),
        notes=Counter(columns[source.note_column]) if source.note_column else {},
        span=span,
    )
