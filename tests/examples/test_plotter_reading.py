"""What the plotter makes of real and untidy files."""

from pathlib import Path

import numpy as np
import pytest

from gauges.csv_export import csv_lines
from gauges.records import DATA, catalogue
from hydrograph_plotter.columns import Unit
from hydrograph_plotter.reading import Hydrographs, read_hydrographs
from hydrograph_plotter.series import Series, step_in_words, summarise


def read(text: str, name: str = "file") -> Hydrographs:
    return read_hydrographs(text.encode(), name=name)


def one(text: str) -> Series:
    (series,) = read(text).series
    return series


def exported(*keys: str) -> Hydrographs:
    return read("".join(csv_lines([catalogue()[key] for key in keys])))


def test_one_gauge_is_one_series_named_by_its_number():
    (series,) = exported("01613900").series
    summary = summarise(series)
    assert (series.label, series.unit, step_in_words(series)) == ("01613900", Unit.CFS, "daily")
    assert (summary.values, summary.gaps, summary.maximum) == (365, 0, 323.0)
    assert str(summary.maximum_at)[:10] == "2017-05-05"


def test_empty_values_become_gaps():
    (series,) = exported("01655794").series
    summary = summarise(series)
    assert (summary.values, summary.gaps) == (157, 208)


def test_missing_days_become_gaps():
    series = one("date,discharge_cfs\n2017-01-01,1\n2017-01-02,2\n2017-01-03,2\n2017-01-04,2\n2017-01-09,3\n")
    assert summarise(series).gaps == 4


def test_negative_flow_is_kept():
    (series,) = exported("0204288786").series
    assert float(np.nanmin(series.flows)) == -0.35
    assert int((series.flows < 0).sum()) == 5


def test_a_file_of_several_kinds_and_units_gives_a_series_for_each():
    found = exported("01491000", "01594440", "01589330-5min", "01589330", "01655794")
    described = [(each.label, each.unit, step_in_words(each), len(each.flows)) for each in found.series]
    assert described == [
        ("01491000", Unit.CMS, "daily", 4383),
        ("01594440", Unit.CFS, "annual peaks", 20),
        ("01589330 (5-minute)", Unit.CFS, "5-minute", 8928),
        ("01589330 (daily)", Unit.CFS, "daily", 1097),
        ("01655794", Unit.CFS, "daily", 365),
    ]
    assert found.remarks == ()


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda path: path.name)
def test_every_file_of_the_data_reads_without_a_remark(path: Path):
    found = read_hydrographs(path.read_bytes(), name=path.stem)
    assert found.remarks == ()
    assert all(summarise(series).values > 0 for series in found.series)


def test_all_virginia_gauges_of_one_file_are_told_apart():
    found = read_hydrographs((DATA / "virginia_2017_daily.csv").read_bytes(), name="virginia")
    assert len({series.label for series in found.series}) == 190


def test_a_series_without_a_gauge_is_named_after_the_file():
    found = read("date,discharge_cms\n1999-10-01,3.03\n", name="choptank")
    assert (found.series[0].label, found.series[0].unit) == ("choptank", Unit.CMS)


def test_five_minute_times_are_in_utc_and_gage_height_is_ignored():
    (series,) = exported("01589330-5min").series
    assert series.utc
    assert str(series.times[0]) == "2018-06-01T04:00:00"
    assert float(series.flows[0]) == 23.9


def test_times_with_an_offset_are_brought_to_utc():
    series = one("datetime,discharge_cfs\n2018-06-01T00:00:00-04:00,23.9\n")
    assert (series.utc, str(series.times[0])) == (True, "2018-06-01T04:00:00")


def test_estimated_and_filled_values_are_marked():
    series = one(
        "date,discharge_cfs,qualifiers\n"
        '2017-01-01,1,A\n2017-01-02,2,"A,e"\n2017-01-03,3,hf.missing\n2017-01-04,4,"P,Eqp"\n'
    )
    assert series.estimated.tolist() == [False, True, True, True]


def test_an_estimated_peak_has_code_2():
    (series,) = exported("01594440").series
    assert series.peaks
    assert series.times[series.estimated].astype("datetime64[D]").astype(str).tolist() == ["2002-04-29"]


def test_rows_that_do_not_parse_are_counted_and_told():
    found = read(
        "date,discharge_cfs\n2017-01-01,1\n2017-13-45,2\n2017-01-03,many\n2017-01-04\n\n2017-01-05,5\n"
    )
    assert found.series[0].flows.tolist() == [1.0, 5.0]
    assert found.remarks == (
        "3 rows were left out: 1 × the date does not parse (“2017-13-45” in line 3), "
        "1 × “discharge_cfs” does not parse (“many” in line 4), 1 × too few cells (line 5).",
    )


def test_rows_are_sorted_and_repeated_times_told():
    found = read("date,discharge_cfs\n2017-01-02,2\n2017-01-01,1\n2017-01-02,7\n")
    assert found.series[0].flows.tolist() == [1.0, 2.0]
    assert found.remarks == ("1 row was left out: another row has the same gauge and time.",)


def test_a_column_without_a_unit_is_taken_as_cubic_feet_and_told():
    found = read("date,flow\n2017-01-01,1\n")
    assert found.series[0].unit is Unit.CFS
    assert "names no unit" in found.remarks[0]


def test_a_gauge_without_any_value_is_told_and_not_drawn():
    found = read("site_no,date,discharge_cfs\n01,2017-01-01,1\n02,2017-01-01,\n")
    assert [series.label for series in found.series] == ["01"]
    assert found.remarks == ("Without any value, and so not drawn: 02.",)


def test_byte_order_marks_and_windows_line_ends_are_no_matter():
    plain = "date,discharge_cfs\n2017-01-01,1.5\n"
    for data in (
        b"\xef\xbb\xbf" + plain.encode(),
        plain.replace("\n", "\r\n").encode(),
        plain.replace("\n", "\r").encode(),
        plain.encode("utf-16"),
    ):
        found = read_hydrographs(data, name="file")
        assert found.series[0].flows.tolist() == [1.5]
        assert found.remarks == ()


def test_european_files_have_semicolons_decimal_commas_and_days_first():
    series = one("Datum;Abfluss (m³/s)\n01.02.2017;1.234,5\n02.02.2017;0,75\n")
    assert series.unit is Unit.CMS
    assert series.flows.tolist() == [1234.5, 0.75]
    assert str(series.times[0])[:10] == "2017-02-01"


def test_thousands_commas_are_understood_only_where_they_are_whole():
    found = read('date,discharge_cfs\n2017-01-01,"12,700"\n2017-01-02,"1,5"\n')
    assert found.series[0].flows.tolist() == [12700.0]
    assert "“1,5” in line 3" in found.remarks[0]


def test_american_dates_are_recognised_by_a_day_after_the_twelfth():
    assert str(one("date,discharge_cfs\n1/2/2017,1\n1/13/2017,2\n").times[0])[:10] == "2017-01-02"
    assert str(one("date,discharge_cfs\n1/2/2017,1\n13/2/2017,2\n").times[0])[:10] == "2017-02-01"


def test_dates_that_could_be_either_are_told():
    found = read("date,discharge_cfs\n1/2/2017,1\n")
    assert "month/day/year" in found.remarks[0]


def test_a_usgs_rdb_file_reads_like_a_csv():
    series = one(
        "# U.S. Geological Survey\n#\n"
        "agency_cd\tsite_no\tdatetime\ttz_cd\t69928_00060\t69928_00060_cd\t69929_00065\t69929_00065_cd\n"
        "5s\t15s\t20d\t6s\t14n\t10s\t14n\t10s\n"
        "USGS\t01589330\t2018-06-01 00:00\tEDT\t23.9\tA\t0.93\tA\n"
        "USGS\t01589330\t2018-06-01 00:05\tEDT\t23.1\tA:e\t0.92\tA\n"
        "USGS\t01589330\t2018-06-01 00:10\tEDT\tIce\tA:e\t0.92\tA\n"
    )
    assert (series.label, series.unit) == ("01589330", Unit.CFS)
    assert series.flows.tolist()[:2] == [23.9, 23.1]
    assert np.isnan(series.flows[2])
    assert series.estimated.tolist() == [False, True, True]


def test_a_usgs_peak_file_gives_peaks():
    series = one(
        "# peaks\nagency_cd\tsite_no\tpeak_dt\tpeak_tm\tpeak_va\tpeak_cd\tgage_ht\n"
        "5s\t15s\t10d\t6s\t8s\t27s\t8s\n"
        "USGS\t01594440\t2001-06-08\t06:30\t3800\t5\t12.05\n"
    )
    assert (series.peaks, series.flows.tolist()) == (True, [3800.0])


def test_columns_named_after_gauges_are_series_of_their_own():
    found = read(
        "datetimeUTC,USGS:01613900:00060:00003,USGS:01613900:00060:00003_qualifiers,"
        "USGS:01615000:00060:00003,USGS:01615000:00060:00003_qualifiers\n"
        '2017-01-01 00:00:00+00:00,4.9,A,30,"A,e"\n'
    )
    assert [(each.label, each.estimated.tolist()) for each in found.series] == [
        ("01613900", [False]),
        ("01615000", [True]),
    ]


def test_explanations_above_the_column_names_are_passed_over():
    assert one("Station report\nMade in May\ndate,discharge_cfs\n2017-01-01,1\n").flows.tolist() == [1.0]


def test_a_time_of_day_in_a_column_of_its_own_is_added_to_the_date():
    series = one("date,time,discharge_cfs\n2017-01-01,06:30,1\n")
    assert str(series.times[0]) == "2017-01-01T06:30:00"


def test_the_usgs_number_for_no_data_is_a_gap():
    series = one("date,discharge_cfs\n2017-01-01,1\n2017-01-02,-999999\n")
    assert np.isnan(series.flows[1])
