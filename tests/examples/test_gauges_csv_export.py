"""The CSV that the gauges give away."""

import csv
import io

from gauges.csv_export import csv_lines, csv_name
from gauges.records import catalogue


def exported(*keys: str) -> str:
    return "".join(csv_lines([catalogue()[key] for key in keys]))


def test_one_daily_record_has_the_columns_and_lines_of_the_data():
    lines = exported("01613900").splitlines()
    assert lines[0] == "site_no,date,discharge_cfs,qualifiers"
    assert lines[1] == "01613900,2017-01-01,4.94,A"
    assert len(lines) == 366


def test_gaps_stay_empty_and_qualifiers_with_a_comma_are_quoted():
    assert "01655794,2017-01-01,,hf.upsampled" in exported("01655794").splitlines()
    assert '0204288786,2017-01-13,-0.09,"A,e"' in exported("0204288786").splitlines()


def test_values_are_written_as_they_were():
    assert "0204288786,2017-03-29,-0.0," in exported("0204288786")
    assert "0204295063,2017-02-11,0.08399999999999999," in exported("0204295063")
    assert ",3640,5,11.90" in exported("01594440")


def test_records_of_several_kinds_and_units_share_a_file_with_a_column_for_each():
    rows = list(csv.DictReader(io.StringIO(exported("01491000", "01589330", "01589330-5min", "01594440"))))
    assert list(rows[0]) == [
        "site_no",
        "date",
        "datetime_utc",
        "discharge_cfs",
        "discharge_cms",
        "peak_date",
        "peak_time",
        "peak_cfs",
        "peak_codes",
        "gage_height_ft",
        "qualifiers",
    ]
    assert len(rows) == 4383 + 1097 + 8928 + 20
    assert (rows[0]["discharge_cms"], rows[0]["discharge_cfs"], rows[0]["peak_cfs"]) == (
        "3.029902561",
        "",
        "",
    )
    assert (rows[-1]["peak_cfs"], rows[-1]["date"]) == ("7220", "")


def test_the_file_is_named_after_its_gauge_or_their_number():
    records = catalogue()
    assert csv_name([records["01613900"]]) == "01613900.csv"
    assert csv_name([records["01613900"], records["01615000"]]) == "2-gauges.csv"
