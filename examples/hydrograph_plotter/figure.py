"""Series to a figure, as the plain document that plotly.js draws.

Building the document rather than plotly's Python objects keeps the import of plotly, and its validation of every
value, out of each page view.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np

from hydrograph_plotter.columns import Unit
from hydrograph_plotter.palette import DISTINCT, style
from hydrograph_plotter.series import Flows, Series, Times, converted, with_breaks
from hydrograph_plotter.thinning import thinned
from hydrograph_plotter.wording import has_clock, subtitle_in_words, title_in_words

MOST_POINTS = 120_000
"""More than this, in all lines together, makes a browser slow."""

_MOST_FOR_COMMON_HOVER = 8

FigureDocument: TypeAlias = dict[str, Any]
"""A plotly figure: `data` and `layout`."""


class Scale(StrEnum):
    """The scale of the discharge axis."""

    LOG = "log"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure, and what is to be said about it.

    Args:
        figure: For plotly.
        captions: How to read it.
        remarks: What it does not show.
    """

    figure: FigureDocument
    captions: tuple[str, ...]
    remarks: tuple[str, ...]


def suggested_scale(series: Sequence[Series]) -> Scale:
    """Give the scale that shows everything: logarithmic, unless a value is not above zero or all are annual peaks."""
    some_not_positive = any(bool((each.flows <= 0).any()) for each in series)
    return Scale.LINEAR if some_not_positive or all(each.peaks for each in series) else Scale.LOG


def suggested_unit(series: Sequence[Series]) -> Unit:
    """Give the unit that most of the series have."""
    return Unit.CMS if sum(each.unit is Unit.CMS for each in series) * 2 > len(series) else Unit.CFS


def drawn(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """Give the series that are drawn: as many as can be told apart."""
    return series[:DISTINCT]


def plot(series: tuple[Series, ...], *, unit: Unit, scale: Scale, hidden: Collection[int] = ()) -> Plot:
    """Draw series: lines with gaps, points for annual peaks, hollow points for estimated values.

    Args:
        series: What to draw; those beyond the number of distinct styles are left out, and told.
        unit: The unit of the axis.
        scale: The scale of the axis.
        hidden: Which series, by their index, are not to be seen for now.
    """
    styled = drawn(series)
    most = max(1000, MOST_POINTS // len(styled))
    traces = [
        trace | {"visible": index not in hidden}
        for index, each in enumerate(styled)
        for trace in _traces(each, index, unit, scale, most)
    ]
    shown = tuple(each for index, each in enumerate(styled) if index not in hidden)
    return Plot(
        figure={"data": traces, "layout": _layout(styled, unit, scale)},
        captions=tuple(_captions(shown, most)),
        remarks=tuple(_remarks(shown, scale, left_out=len(series) - len(styled))),
    )


def _traces(series: Series, index: int, unit: Unit, scale: Scale, most: int) -> list[dict[str, Any]]:
    flows = _drawable(converted(series.flows, series.unit, unit), scale)
    look = style(index)
    clock = has_clock(series)
    common = {
        "type": "scatter",
        "name": series.label,
        "connectgaps": False,
        "hovertemplate": f"%{{y:,.4~g}} {unit}<br>%{{x|{'%Y-%m-%d %H:%M' if clock else '%Y-%m-%d'}}}",
    }
    if series.peaks:
        marker = {"color": look.colour, "size": 9, "symbol": "diamond"}
        traces = [common | {"mode": "markers", "marker": marker} | _points(series.times, flows, clock=clock)]
    else:
        times, values = with_breaks(series.times, flows, series)
        line = {"color": look.colour, "dash": look.dash, "width": 1.6}
        points = _points(*thinned(times, values, most), clock=clock)
        traces = [common | {"mode": "lines", "line": line} | points]
        alone = _stand_alone(values)
        if alone.any():
            # No line leads to a value between two gaps, so it would be lost without a point.
            marker = {"color": look.colour, "size": 4}
            points = _points(*thinned(times[alone], values[alone], most), clock=clock)
            traces.append(common | _beside(marker) | points)
    marked = series.estimated & ~np.isnan(flows)
    if marked.any():
        marker = {
            "color": look.colour,
            "size": 14 if series.peaks else 4,
            "symbol": "circle-open",
            "opacity": 0.5,
        }
        points = _points(*thinned(series.times[marked], flows[marked], most), clock=clock)
        traces.append(common | _beside(marker) | points)
    return traces


def _beside(marker: dict[str, Any]) -> dict[str, Any]:
    """Style points that belong to a line: they say nothing of their own."""
    return {
        "mode": "markers",
        "marker": marker,
        "hoverinfo": "skip",
        "hovertemplate": None,
    }


def _drawable(flows: Flows, scale: Scale) -> Flows:
    return np.where(flows > 0, flows, np.nan) if scale is Scale.LOG else flows


def _points(times: Times, flows: Flows, *, clock: bool) -> dict[str, Any]:
    shown = np.datetime_as_string(times, unit="s" if clock else "D")
    return {"x": shown.tolist(), "y": [None if flow != flow else flow for flow in flows.tolist()]}


def _stand_alone(flows: Flows) -> np.ndarray[Any, np.dtype[np.bool_]]:
    empty = np.concatenate(([True], np.isnan(flows), [True]))
    return ~empty[1:-1] & empty[:-2] & empty[2:]


def _layout(series: tuple[Series, ...], unit: Unit, scale: Scale) -> dict[str, Any]:
    what = "Annual peak discharge" if all(each.peaks for each in series) else "Discharge"
    utc = any(each.utc and has_clock(each) for each in series)
    grid = {"gridcolor": "#e4ebee", "linecolor": "#8ba3ad", "ticks": "outside", "tickcolor": "#8ba3ad"}
    discharge = {"title": {"text": f"{what} ({unit})"}, "type": scale.value, "exponentformat": "none"}
    # A zoom survives a change of unit or scale along the time axis only: a range of logarithms means nothing else.
    discharge |= {"uirevision": f"{scale} {unit}"}
    if scale is Scale.LOG:
        discharge |= {
            "minor": {"ticks": "outside", "tickcolor": "#c4d0d6", "showgrid": True, "gridcolor": "#f1f5f6"}
        }
    else:
        discharge |= {
            "rangemode": "tozero",
            "zeroline": True,
            "zerolinecolor": "#5c6b73",
            "zerolinewidth": 1,
            "separatethousands": True,
        }
    return {
        "title": {
            "text": title_in_words(series),
            "subtitle": {"text": subtitle_in_words(series), "font": {"size": 13, "color": "#54637a"}},
            "x": 0.01,
            "xanchor": "left",
            "font": {"size": 17},
        },
        "xaxis": grid
        | {"title": {"text": "Time (UTC)" if utc else "Date"}, "type": "date", "hoverformat": "%Y-%m-%d"},
        "yaxis": grid | discharge,
        "hovermode": "x unified" if len(series) <= _MOST_FOR_COMMON_HOVER else "closest",
        # The page has a list of the records that is a legend and a choice, also for the keyboard and small screens.
        "showlegend": False,
        "margin": {"l": 70, "r": 20, "t": 80, "b": 60},
        "paper_bgcolor": "#fff",
        "plot_bgcolor": "#fff",
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "color": "#16303a"},
        "uirevision": "kept",
    }


def _captions(shown: tuple[Series, ...], most: int) -> Iterator[str]:
    if any(bool(each.estimated.any()) for each in shown):
        yield "Hollow points are estimated or filled in."
    if any(len(each.flows) > most and not each.peaks for each in shown):
        yield "Long lines show the highest and lowest value of each short stretch; the table uses every value."


def _remarks(shown: tuple[Series, ...], scale: Scale, *, left_out: int) -> Iterator[str]:
    not_positive = sum(int((each.flows <= 0).sum()) for each in shown)
    if scale is Scale.LOG and not_positive:
        what = "value at or below zero is" if not_positive == 1 else "values at or below zero are"
        yield f"{not_positive:,} {what} not drawn on the log axis; the linear axis shows them."
    if left_out:
        yield f"This file has {DISTINCT + left_out} records; the first {DISTINCT} are drawn."
