"""Files that are no hydrographs: each is refused in plain words, and nothing else is ever raised."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrograph_plotter import reading
from hydrograph_plotter.columns import Unit
from hydrograph_plotter.errors import UnreadableFile
from hydrograph_plotter.figure import Scale, plot
from hydrograph_plotter.reading import read_hydrographs
from hydrograph_plotter.series import summarise
from hydrograph_plotter.table import LONGEST_LINE


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_hydrographs(data, name="file")
    return str(caught.value)


def test_a_web_page_saved_as_csv_is_called_a_web_page():
    page = (
        b"\n<!DOCTYPE html><html><head><title>Sign\n in</title></head><body>date,discharge_cfs</body></html>"
    )
    assert refused(page).startswith("This file is a web page (HTML, titled “Sign in”), not a CSV:")


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_called_empty(data: bytes):
    assert refused(data) == "This file is empty."


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04rest", "an Excel workbook"),
        (gzip.compress(b"date,discharge_cfs\n"), "a gzip archive"),
        (bytes(range(256)) * 50, "not text"),
        (b"date,discharge_cfs\n" + b"\0" * 1000, "not text"),
        (b'{"value": {}}', "JSON"),
        (b"<?xml version='1.0'?><a/>", "XML"),
    ],
)
def test_other_kinds_of_files_are_named(data: bytes, what: str):
    assert what in refused(data)


def test_a_table_without_date_or_discharge_says_what_it_has():
    message = refused(b"name,height\nRiver,3\n")
    assert "“name”, “height”" in message
    assert "date" in message


@pytest.mark.parametrize(
    "data", [b"date,discharge_cfs\n", b"date,discharge_cfs\n\n\n", b"#c\ndate,discharge_cfs\n#\n"]
)
def test_column_names_without_rows_are_told(data: bytes):
    assert refused(data) == "This file has column names, but no rows below them."


def test_only_comments_are_told():
    assert "only comments" in refused(b"# one\n# two\n")


def test_rows_that_all_fail_say_why():
    message = refused(b"date,discharge_cfs\nyesterday,1\ntoday,2\n")
    assert "no row with a date and a discharge" in message
    assert "such as “yesterday” in line 2" in message


def test_a_header_of_a_megabyte_is_refused():
    assert "no table of flows" in refused(b"x," * 500_000)


def test_a_row_of_a_megabyte_is_left_out():
    data = b"date,discharge_cfs\n2017-01-01,1\n2017-01-02," + b"9" * LONGEST_LINE + b"\n"
    found = read_hydrographs(data, name="file")
    assert found.series[0].flows.tolist() == [1.0]
    assert "far too long (line 3)" in found.remarks[0]


def test_a_forgotten_quotation_mark_costs_one_row():
    rows = "".join(f"2017-01-{day:02},{day},A\n" for day in range(3, 20))
    found = read_hydrographs(
        f'date,discharge_cfs,qualifiers\n2017-01-01,1,A\n2017-01-02,"2,A\n{rows}'.encode(), name="file"
    )
    assert len(found.series[0].flows) == 18


def test_thousands_of_gauges_are_refused():
    rows = "".join(f"{site:08},2017-01-01,1\n" for site in range(600))
    assert "more than 500 gauges" in refused(f"site_no,date,discharge_cfs\n{rows}".encode())


def test_an_endless_file_is_read_up_to_a_limit_and_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "MOST_VALUES", 10)
    rows = "".join(f"2017-01-{day:02},1,2\n" for day in range(1, 20))
    found = read_hydrographs(f"date,flow_a_cfs,flow_b_cfs\n{rows}".encode(), name="file")
    assert [len(series.flows) for series in found.series] == [5, 5]
    assert found.remarks == ("Only the first 5 rows of this file were read.",)


@pytest.mark.parametrize("value", ["inf", "-inf", "1e400", "1_000", "0x10", "١٢", "1e13", "--1", "+"])
def test_numbers_that_are_no_flows_are_left_out(value: str):
    found = read_hydrographs(f"date,discharge_cfs\n2017-01-01,1\n2017-01-02,{value}\n".encode(), name="file")
    assert found.series[0].flows.tolist() == [1.0]
    assert found.remarks


@pytest.mark.parametrize(
    "date", ["0000-00-00", "2017-02-30", "99999-01-01", "now", "NaT", "9999-12-31T23:59-23:00"]
)
def test_dates_that_are_no_days_are_left_out(date: str):
    found = read_hydrographs(f"date,discharge_cfs\n2017-01-01,1\n{date},2\n".encode(), name="file")
    assert found.series[0].flows.tolist() == [1.0]
    assert "the date does not parse" in found.remarks[0]


def read_or_refuse(data: bytes) -> None:
    """Go the whole way to a figure; only a refusal may end it."""
    try:
        found = read_hydrographs(data, name="file")
    except UnreadableFile:
        return
    assert found.series
    for series in found.series:
        assert summarise(series).values > 0
    for unit in Unit:
        for scale in Scale:
            plot(found.series, unit=unit, scale=scale)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes):
    read_or_refuse(data)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str):
    read_or_refuse(text.encode(errors="surrogatepass"))


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "2017-01-01", "2017-01-02T05:00Z", "1/2/2017", "01.02.2017 10:00", "-0.0", "1,5", '"']
    ),
    st.dates().map(str),
    st.datetimes().map(str),
    st.floats().map(str),
    st.integers().map(str),
)
NAMES = st.sampled_from(
    [
        "date",
        "datetime_utc",
        "time",
        "site_no",
        "discharge_cfs",
        "discharge_cms",
        "flow",
        "peak_date",
        "peak_cfs",
        "qualifiers",
        "gage_height_ft",
        "USGS:01613900:00060:00003",
        "69928_00060",
        "69928_00060_cd",
    ]
)


@given(
    st.sampled_from(",;\t|"),
    st.lists(NAMES, min_size=2, max_size=6),
    st.lists(st.lists(CELLS, max_size=7), max_size=12),
)
def test_any_table_is_read_or_refused(delimiter: str, names: list[str], rows: list[list[str]]):
    lines = [delimiter.join(names), *(delimiter.join(row) for row in rows)]
    read_or_refuse("\n".join(lines).encode(errors="replace"))
