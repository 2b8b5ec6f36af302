"""What the plotter draws."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from gauges.csv_export import csv_lines
from gauges.records import catalogue
from hydrograph_plotter.columns import Unit
from hydrograph_plotter.figure import MOST_POINTS, Plot, Scale, plot, suggested_scale, suggested_unit
from hydrograph_plotter.labels import distinct_labels, label_from_file
from hydrograph_plotter.palette import DISTINCT, style
from hydrograph_plotter.reading import read_hydrographs
from hydrograph_plotter.series import Series, with_breaks
from hydrograph_plotter.thinning import thinned


def series_of(*keys: str) -> tuple[Series, ...]:
    text = "".join(csv_lines([catalogue()[key] for key in keys]))
    return read_hydrographs(text.encode(), name="file").series


def made(flows: list[float], *, days: list[int] | None = None) -> Series:
    offsets = np.array(days or range(len(flows)), dtype="timedelta64[D]")
    return Series(
        label="0",
        unit=Unit.CFS,
        times=(np.datetime64("2017-01-01") + offsets).astype("datetime64[s]"),
        flows=np.array(flows, dtype=np.float64),
        estimated=np.zeros(len(flows), dtype=bool),
    )


def main_traces(drawn: Plot) -> list[dict[str, Any]]:
    return [trace for trace in drawn.figure["data"] if trace.get("hoverinfo") != "skip"]


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("scale", list(Scale))
def test_figures_are_what_plotly_takes(unit: Unit, scale: Scale):
    keys = ("01491000", "01594440", "01589330-5min", "01589330", "01655794", "0204288786")
    go.Figure(plot(series_of(*keys), unit=unit, scale=scale).figure)


def test_each_gauge_is_a_named_trace_of_a_colour_of_its_own():
    drawn = main_traces(plot(series_of("01613900", "01615000", "01616100"), unit=Unit.CFS, scale=Scale.LOG))
    assert [trace["name"] for trace in drawn] == ["01613900", "01615000", "01616100"]
    assert len({trace["line"]["color"] for trace in drawn}) == 3


def test_a_few_dozen_styles_are_distinct():
    assert DISTINCT >= 36
    assert len({style(index) for index in range(DISTINCT)}) == DISTINCT


def test_gauges_beyond_the_distinct_styles_are_told():
    keys = list(catalogue())[5 : 5 + DISTINCT + 2]
    drawn = plot(series_of(*keys), unit=Unit.CFS, scale=Scale.LINEAR)
    assert len(main_traces(drawn)) == DISTINCT
    assert drawn.remarks == (f"This file has {DISTINCT + 2} records; the first {DISTINCT} are drawn.",)


def test_empty_values_interrupt_the_line():
    (trace, *_) = main_traces(plot(series_of("01655794"), unit=Unit.CFS, scale=Scale.LOG))
    assert trace["connectgaps"] is False
    assert trace["y"][:208] == [None] * 208
    assert trace["y"][208] is not None


def test_missing_days_interrupt_the_line():
    (trace, *_) = main_traces(
        plot((made([1, 2, 3, 4, 5], days=[0, 1, 2, 6, 7]),), unit=Unit.CFS, scale=Scale.LINEAR)
    )
    assert trace["y"] == [1, 2, 3, None, 4, 5]
    assert trace["x"][3] == "2017-01-04"


def test_months_of_different_lengths_are_no_gaps():
    monthly = made([1, 2, 3, 4, 5, 6], days=[0, 31, 59, 90, 120, 151])
    _, flows = with_breaks(monthly.times, monthly.flows, monthly)
    assert not np.isnan(flows).any()


def test_a_value_alone_between_gaps_gets_a_point():
    nan = float("nan")
    drawn = plot((made([1, nan, 2, nan, 3, 4]),), unit=Unit.CFS, scale=Scale.LINEAR)
    points = [trace for trace in drawn.figure["data"] if trace["mode"] == "markers"]
    assert [trace["y"] for trace in points] == [[1, 2]]


def test_negative_flow_is_drawn_on_the_linear_axis():
    drawn = plot(series_of("0204288786"), unit=Unit.CFS, scale=Scale.LINEAR)
    assert min(main_traces(drawn)[0]["y"]) == -0.35
    assert drawn.remarks == ()


def test_what_the_log_axis_cannot_show_is_counted():
    (series,) = series_of("0204288786")
    not_positive = int((series.flows <= 0).sum())
    drawn = plot((series,), unit=Unit.CFS, scale=Scale.LOG)
    assert main_traces(drawn)[0]["y"].count(None) == not_positive
    assert drawn.remarks == (
        f"{not_positive} values at or below zero are not drawn on the log axis; the linear axis shows them.",
    )


def test_one_such_value_is_told_in_the_singular():
    assert (
        plot((made([1, 0, 2]),), unit=Unit.CFS, scale=Scale.LOG).remarks[0].startswith("1 value at or below")
    )


def test_the_scale_that_is_suggested_shows_every_value():
    assert suggested_scale(series_of("01613900")) is Scale.LOG
    assert suggested_scale(series_of("01613900", "0204288786")) is Scale.LINEAR
    assert suggested_scale(series_of("01594440")) is Scale.LINEAR


def test_cubic_metres_and_cubic_feet_are_drawn_in_one_unit():
    series = series_of("01491000", "01589330")
    metric = main_traces(plot(series, unit=Unit.CMS, scale=Scale.LOG))
    feet = main_traces(plot(series, unit=Unit.CFS, scale=Scale.LOG))
    assert metric[0]["y"][0] == 3.029902561
    assert feet[0]["y"][0] == pytest.approx(107.0, abs=1e-6)
    assert feet[1]["y"][0] == 0.6
    assert metric[1]["y"][0] == pytest.approx(0.6 * 0.028316846592, rel=1e-12)


def test_the_axis_tells_the_unit_and_the_title_the_gauge():
    layout = plot(series_of("01491000"), unit=Unit.CMS, scale=Scale.LINEAR).figure["layout"]
    assert layout["yaxis"]["title"]["text"] == "Discharge (m³/s)"
    assert layout["title"]["text"] == "Discharge at 01491000"
    assert layout["title"]["subtitle"]["text"] == "daily · 1999-10-01 – 2011-09-30"


def test_the_unit_that_is_suggested_is_the_files():
    assert suggested_unit(series_of("01491000")) is Unit.CMS
    assert suggested_unit(series_of("01491000", "01589330")) is Unit.CFS


def test_annual_peaks_are_points_and_not_a_line():
    drawn = plot(series_of("01594440"), unit=Unit.CFS, scale=Scale.LINEAR)
    (trace,) = main_traces(drawn)
    assert trace["mode"] == "markers"
    assert len(trace["y"]) == 20
    assert drawn.figure["layout"]["yaxis"]["title"]["text"] == "Annual peak discharge (cfs)"


def test_estimated_values_are_hollow_points_beside_the_line():
    (series,) = series_of("01613900")
    drawn = plot((series,), unit=Unit.CFS, scale=Scale.LOG)
    hollow = [
        trace for trace in drawn.figure["data"] if trace.get("marker", {}).get("symbol") == "circle-open"
    ]
    assert [len(trace["y"]) for trace in hollow] == [int(series.estimated.sum())] == [17]
    assert drawn.captions == ("Hollow points are estimated or filled in.",)


def test_hidden_records_keep_their_style_and_are_not_counted():
    series = series_of("0204288786", "01613900")
    drawn = plot(series, unit=Unit.CFS, scale=Scale.LOG, hidden={0})
    assert {(trace["name"], trace["visible"]) for trace in drawn.figure["data"]} == {
        ("0204288786", False),
        ("01613900", True),
    }
    assert main_traces(drawn)[1]["line"]["color"] == style(1).colour
    assert drawn.remarks == ()


def test_five_minute_points_carry_the_time_of_day():
    (trace,) = main_traces(plot(series_of("01589330-5min"), unit=Unit.CFS, scale=Scale.LOG))
    assert trace["x"][1] == "2018-06-01T04:05:00"


def test_very_long_lines_are_thinned_and_told():
    rng = np.random.default_rng(1)
    flows = rng.uniform(1, 2, MOST_POINTS * 2).tolist()
    drawn = plot((made(flows),), unit=Unit.CFS, scale=Scale.LINEAR)
    (trace,) = main_traces(drawn)
    assert len(trace["y"]) <= MOST_POINTS
    assert (max(trace["y"]), min(trace["y"])) == (max(flows), min(flows))
    assert "Long lines" in drawn.captions[0]


def test_thinning_keeps_gaps_and_both_ends():
    times = np.datetime64("2017-01-01") + np.arange(10_000).astype("timedelta64[D]")
    flows = np.linspace(1, 2, 10_000)
    flows[5_000] = np.nan
    kept_times, kept = thinned(times, flows, 300)
    assert len(kept) <= 303
    assert np.isnan(kept).sum() == 1
    assert (kept_times[0], kept_times[-1]) == (times[0], times[-1])


def test_labels_grow_only_where_they_clash():
    choices = [
        ["a", "a (daily)"],
        ["b", "b (daily)"],
        ["a", "a (hourly)"],
        ["c", "c (daily)"],
        ["c", "c (daily)"],
    ]
    assert distinct_labels(choices) == ["a (daily)", "b", "a (hourly)", "c (daily)", "c (daily) #2"]


@pytest.mark.parametrize(
    ("file_name", "label"),
    [("my-creek-0a1b2c3d.csv", "my-creek"), ("hydrograph-0a1b2c3d.csv", "Discharge"), ("x.rdb", "x")],
)
def test_a_file_name_becomes_a_label(file_name: str, label: str):
    assert label_from_file(file_name) == label
