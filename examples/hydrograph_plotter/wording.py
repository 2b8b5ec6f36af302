"""Numbers and times as people read them."""

import math

import numpy as np

from hydrograph_plotter.labels import UNNAMED
from hydrograph_plotter.series import Series, step_in_words, step_seconds

_DAY = 86400


def flow_in_words(flow: float | None) -> str:
    """Write a flow with three significant digits: `16,800`, `4.94`, `-0.47`; a dash where there is none."""
    if flow is None:
        return "–"
    if flow == 0:
        return "0"
    decimals = min(12, max(0, 2 - math.floor(math.log10(abs(flow)))))
    text = f"{flow:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def has_clock(series: Series) -> bool:
    """Tell whether the time of day of a series' values means anything."""
    if series.peaks:
        return False
    step = step_seconds(series)
    return bool(step is not None and step < _DAY) or bool(
        (series.times != series.times.astype("datetime64[D]")).any()
    )


def time_in_words(time: np.datetime64 | None, series: Series) -> str:
    """Write a time of a series: the day, with the time of day where that means anything."""
    if time is None:
        return "–"
    if not has_clock(series):
        return str(time.astype("datetime64[D]"))
    return str(time.astype("datetime64[m]")).replace("T", " ") + (" UTC" if series.utc else "")


def period_in_words(first: np.datetime64, last: np.datetime64) -> str:
    """Write a period by its first and last day."""
    begin, end = str(first.astype("datetime64[D]")), str(last.astype("datetime64[D]"))
    return begin if begin == end else f"{begin} – {end}"


def title_in_words(series: tuple[Series, ...]) -> str:
    """Name what is plotted: up to three series by their labels, more by how many they are."""
    labels = [each.label for each in series]
    if labels == [UNNAMED]:
        return UNNAMED
    if len(labels) > 3:
        return f"Discharge, {len(labels)} records"
    listed = f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else labels[0]
    return f"Discharge at {listed}"


def subtitle_in_words(series: tuple[Series, ...]) -> str:
    """Say what the values stand for and from when to when they reach."""
    first = min(each.times[0] for each in series)
    last = max(each.times[-1] for each in series)
    kinds = dict.fromkeys(step_in_words(each) for each in series)
    return f"{', '.join(kinds)} · {period_in_words(first, last)}"
