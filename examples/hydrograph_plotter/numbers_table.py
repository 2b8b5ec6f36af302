"""The table of statistics under the plot."""

from collections.abc import Sequence

import numpy as np
from dash import html
from dash.development.base_component import Component

from hydrograph_plotter.columns import Unit
from hydrograph_plotter.palette import style
from hydrograph_plotter.series import Series, converted, step_in_words, summarise
from hydrograph_plotter.wording import flow_in_words, period_in_words, time_in_words


def numbers_table(series: Sequence[Series], unit: Unit) -> Component:
    """Make a table with a row of statistics for each series.

    Args:
        series: What is drawn, in the order in which it is drawn.
        unit: The unit in which flows are shown.
    """
    headings = [
        html.Th("Gauge", scope="col"),
        html.Th("Record", scope="col"),
        html.Th("Period", scope="col"),
        *(
            html.Th(text, scope="col", className="number")
            for text in ("Values", "Gaps", f"Mean ({unit})", f"Maximum ({unit})", f"Minimum ({unit})")
        ),
    ]
    rows = [_row(each, index, unit) for index, each in enumerate(series)]
    return html.Table([html.Thead(html.Tr(headings)), html.Tbody(rows)], className="numbers")


def swatch(series: Series, index: int) -> Component:
    """Show in which style the series at an index is drawn."""
    look = style(index)
    return html.Span(
        className="swatch points" if series.peaks else f"swatch {look.dash}", style={"color": look.colour}
    )


def _row(series: Series, index: int, unit: Unit) -> Component:
    summary = summarise(series)
    at = html.Small(time_in_words(summary.maximum_at, series))
    return html.Tr(
        [
            html.Th([swatch(series, index), series.label], scope="row"),
            html.Td(step_in_words(series)),
            html.Td(period_in_words(summary.first, summary.last)),
            html.Td(f"{summary.values:,}", className="number"),
            html.Td(f"{summary.gaps:,}" if summary.gaps else "none", className="number"),
            html.Td(_in(unit, series, summary.mean), className="number"),
            html.Td([_in(unit, series, summary.maximum), at], className="number"),
            html.Td(_in(unit, series, summary.minimum), className="number"),
        ]
    )


def _in(unit: Unit, series: Series, flow: float | None) -> str:
    return flow_in_words(None if flow is None else float(converted(np.array([flow]), series.unit, unit)[0]))
