"""Column names: which of them are the site, the time, the flow and its qualifiers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """A unit of discharge, as it is shown."""

    CFS = "cfs"
    CMS = "m³/s"


@dataclass(frozen=True, slots=True)
class FlowColumn:
    """A column of flows.

    Args:
        index: Where it stands.
        name: What it is called.
        unit: The unit that the name tells, or None.
        peaks: Whether its values are annual peaks.
        qualifiers: Where its qualifiers stand, or None.
        site: The site number in its name, or "".
    """

    index: int
    name: str
    unit: Unit | None
    peaks: bool
    qualifiers: int | None
    site: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a table.

    Args:
        site: The column with the gauge's number or name, or None.
        times: The columns with days or moments; a row uses the first of them that is filled.
        clock: The column with the time of day where it stands apart from the date, or None.
        peak_times: The columns with the days of annual peaks.
        flows: The columns with flows.
    """

    site: int | None
    times: tuple[int, ...]
    clock: int | None
    peak_times: tuple[int, ...]
    flows: tuple[FlowColumn, ...]


_SITES = frozenset(
    [
        "site_no",
        "site",
        "site_id",
        "site_number",
        "siteno",
        "station",
        "station_id",
        "station_no",
        "gauge",
        "gauge_id",
        "gage",
        "gage_id",
        "monitoring_location_id",
    ]
)
_TIMES = frozenset(
    [
        "date",
        "datetime",
        "date_time",
        "datetime_utc",
        "datetimeutc",
        "date_utc",
        "time",
        "time_utc",
        "timestamp",
        "day",
        "datum",
        "date_heure",
    ]
)
_PEAK_TIMES = frozenset(("peak_date", "peak_dt"))
_QUALIFIERS = frozenset(
    ["qualifiers", "qualifier", "qualification", "flag", "flags", "peak_codes", "peak_cd", "quality_cd"]
)

_NOT_FLOW = re.compile(
    r"height|stage|00065|gage_ht|temp|qualif|flag|code|_cd$|percentile|unit|note|comment|remark|direction"
)
_NWIS_FLOW = re.compile(r"(?:^|[:_])(?:(\d{8,15})[:_])?00060(?:[:_]\d{5})?$")
_CFS = re.compile(r"cfs|cusecs?|ft3|ft³|ft\^3|cubic_feet|peak_va")
_CMS = re.compile(r"cms|cumecs?|m3|m³|m\^3|cubic_met")
_FLOW = re.compile(r"discharge|flow|^q$|^q_|^value$|abfluss|debit|débit|caudal|portata")


def find_columns(names: Sequence[str]) -> Columns | None:
    """Tell what the columns are by their names, or None where there is no time or no flow among them."""
    folded = [_fold(name) for name in names]
    times = tuple(index for index, name in enumerate(folded) if name in _TIMES)
    peak_times = tuple(index for index, name in enumerate(folded) if name in _PEAK_TIMES)
    clock = None
    if "date" in folded and "time" in folded:
        clock = folded.index("time")
        times = tuple(index for index in times if index != clock)
    flows = tuple(_flow_columns(names, folded))
    if not flows or not (times or peak_times):
        return None
    site = next((index for index, name in enumerate(folded) if name in _SITES), None)
    return Columns(site, times, clock, peak_times, flows)


def _fold(name: str) -> str:
    # "Discharge (m³/s)" and "discharge_m3s" alike; the colons of NWIS names stay.
    return re.sub(r"[^\w:³^]+", "_", name.strip().casefold()).strip("_")


def _flow_columns(names: Sequence[str], folded: Sequence[str]) -> list[FlowColumn]:
    shared = next((index for index, name in enumerate(folded) if name in _QUALIFIERS), None)
    found = list[FlowColumn]()
    for index, name in enumerate(folded):
        nwis = _NWIS_FLOW.search(name)
        if _NOT_FLOW.search(name) or not (nwis or any(known.search(name) for known in (_CFS, _CMS, _FLOW))):
            continue
        unit = Unit.CFS if nwis or _CFS.search(name) else Unit.CMS if _CMS.search(name) else None
        own = next(
            (folded.index(name + end) for end in ("_cd", "_qualifiers") if name + end in folded), shared
        )
        site = nwis[1] or "" if nwis else ""
        found.append(FlowColumn(index, names[index].strip(), unit, "peak" in name, own, site))
    return found
