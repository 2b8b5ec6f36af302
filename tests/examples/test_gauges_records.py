"""The gauges' records and statistics, on the real data."""

import numpy as np
import pytest

from gauges.records import Kind, Record, Source, Unit, catalogue
from gauges.statistics import in_cfs, summarise, water_years


def made(times: list[str], flows: list[float], kind: Kind = Kind.DAILY) -> Record:
    source = Source("none.csv", kind, Unit.CFS, "date", "discharge_cfs", None)
    return Record(
        key="0",
        site="0",
        source=source,
        times=np.array(times, dtype="datetime64[s]"),
        flows=np.array(flows),
        notes={},
        span=(0, 0),
    )


def test_the_catalogue_has_the_virginia_gauges_and_the_five_long_records():
    records = catalogue()
    assert len(records) == 195
    kinds = [record.source.kind for record in records.values()]
    assert kinds.count(Kind.PEAKS) == 1
    assert kinds.count(Kind.FIVE_MINUTES) == 1
    assert list(records) == sorted(records)


def test_site_numbers_keep_their_leading_zeros_and_eight_or_ten_digits():
    sites = {record.site for record in catalogue().values()}
    assert len(sites) == 194
    assert all(site.startswith("0") and site.isdigit() for site in sites)
    assert {len(site) for site in sites} == {8, 10}


def test_two_records_of_one_site_have_keys_of_their_own():
    assert catalogue()["01589330"].source.kind is Kind.DAILY
    assert catalogue()["01589330-5min"].source.kind is Kind.FIVE_MINUTES
    assert catalogue()["01589330-5min"].site == "01589330"


def test_a_records_rows_are_the_lines_of_the_file_as_they_are():
    rows = list(catalogue()["0204288786"].rows())
    assert len(rows) == 365
    assert rows[12] == {
        "site_no": "0204288786",
        "date": "2017-01-13",
        "discharge_cfs": "-0.09",
        "qualifiers": "A,e",
    }


def test_rows_of_a_file_without_site_numbers_carry_theirs():
    first = next(catalogue()["01491000"].rows())
    assert first == {"site_no": "01491000", "date": "1999-10-01", "discharge_cms": "3.029902561"}


def test_every_record_begins_and_ends_with_its_own_site():
    for record in catalogue().values():
        rows = list(record.rows())
        assert len(rows) == len(record.times)
        assert {row["site_no"] for row in rows} == {record.site}


def test_statistics_of_a_complete_record():
    summary = summarise(catalogue()["01613900"])
    assert (summary.length, summary.values, summary.gaps) == (365, 365, 0)
    assert summary.mean == pytest.approx(12.9017, abs=1e-4)
    assert summary.maximum is not None
    assert (summary.maximum.flow, str(summary.maximum.at)[:10]) == (323.0, "2017-05-05")


@pytest.mark.parametrize(("key", "gaps"), [("01655794", 208), ("01661977", 208), ("0204306533", 53)])
def test_empty_values_are_gaps_and_not_zero(key: str, gaps: int):
    summary = summarise(catalogue()[key])
    assert (summary.empty, summary.absent, summary.values) == (gaps, 0, 365 - gaps)
    assert summary.mean is not None
    assert summary.mean > 0


@pytest.mark.parametrize(("key", "negative", "lowest"), [("0204288771", 2, -0.47), ("0204288786", 5, -0.35)])
def test_water_that_runs_backwards_is_kept(key: str, negative: int, lowest: float):
    summary = summarise(catalogue()[key])
    assert summary.negative == negative
    assert summary.minimum is not None
    assert summary.minimum.flow == lowest


def test_the_five_minute_record_lasts_thirty_one_days():
    summary = summarise(catalogue()["01589330-5min"])
    assert (summary.length, summary.values, summary.gaps) == (31, 8928, 0)


def test_annual_peaks_count_water_years():
    summary = summarise(catalogue()["01594440"])
    assert (summary.length, summary.values, summary.gaps) == (20, 20, 0)


def test_days_without_a_row_are_gaps():
    summary = summarise(made(["2017-01-01", "2017-01-02", "2017-01-06"], [1.0, float("nan"), 3.0]))
    assert (summary.empty, summary.absent, summary.gaps, summary.length) == (1, 3, 4, 6)


def test_a_water_year_without_a_peak_is_a_gap():
    summary = summarise(made(["2000-03-22", "2002-04-29"], [3640.0, 1510.0], Kind.PEAKS))
    assert (summary.absent, summary.length) == (1, 3)


def test_a_record_without_any_value_has_no_mean_and_no_extremes():
    summary = summarise(made(["2017-01-01", "2017-01-02"], [float("nan")] * 2))
    assert (summary.values, summary.mean, summary.maximum, summary.minimum) == (0, None, None, None)


def test_a_water_year_begins_in_october():
    times = np.array(["2011-09-30", "2011-10-01", "1969-12-31"], dtype="datetime64[s]")
    assert water_years(times) == [2011, 2012, 1970]


def test_flows_in_cubic_metres_compare_as_water():
    assert in_cfs(0.028316846592, Unit.CMS) == pytest.approx(1.0)
    assert in_cfs(5.0, Unit.CFS) == 5.0
