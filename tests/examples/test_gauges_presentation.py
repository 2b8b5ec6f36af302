"""How the gauges are drawn, worded, found and sorted."""

import numpy as np
import pytest

from gauges.listing import Order, near_matches, ordered, search
from gauges.records import Kind, catalogue
from gauges.sparkline import sparkline
from gauges.wording import flow_in_words, notes_in_words, period_in_words


def test_a_sparkline_lifts_the_pen_at_gaps():
    whole = sparkline(catalogue()["01613900"], width=720, height=150)
    assert whole.path.count("M") == 1
    late = sparkline(catalogue()["01655794"], width=720, height=150)
    first_x = float(late.path[1:].split(" ", 1)[0])
    assert late.path.count("M") == 1
    assert 720 * 208 / 365 < first_x < 720 * 212 / 365


def test_a_sparkline_shows_zero_only_where_the_water_runs_backwards():
    assert sparkline(catalogue()["01613900"], width=120, height=26).zero is None
    zero = sparkline(catalogue()["0204288786"], width=120, height=26).zero
    assert zero is not None
    assert 0 < zero < 26


def test_annual_peaks_are_strokes():
    drawing = sparkline(catalogue()["01594440"], width=720, height=150)
    assert drawing.path.count("M") == drawing.path.count("V") == 20


def test_every_record_has_a_sparkline_within_its_frame():
    for record in catalogue().values():
        drawing = sparkline(record, width=120, height=26)
        assert drawing.path
        assert "nan" not in drawing.path


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (16800.0, "16,800"),
        (4.938, "4.94"),
        (-0.47, "-0.47"),
        (-0.0, "0"),
        (0.009910896, "0.00991"),
        (99.96, "100"),
        (12.0, "12"),
    ],
)
def test_flows_have_three_significant_digits(flow: float, words: str):
    assert flow_in_words(flow) == words


def test_whole_years_are_told_as_years():
    first, last = np.datetime64("2002-01-01T00:00:00"), np.datetime64("2004-12-31T00:00:00")
    assert period_in_words(first, last) == "2002–2004"
    assert period_in_words(first, first) == "2002-01-01 to 2002-01-01"


def test_qualifiers_are_explained_one_by_one():
    notes = notes_in_words({"A": 90, "A,e": 275}, Kind.DAILY)
    assert [(note.code, note.values) for note in notes] == [("A", 365), ("e", 275)]
    assert notes[1].meaning == "estimated"


def test_every_code_in_the_data_has_a_meaning():
    for record in catalogue().values():
        for note in notes_in_words(record.notes, record.source.kind):
            assert note.meaning != "not explained by the source", (record.key, note.code)


def test_search_finds_numbers_by_any_part_and_rivers_by_name():
    records = catalogue().values()
    assert [record.key for record in search(records, " 1613900 ")] == ["01613900"]
    assert [record.key for record in search(records, "dead RUN")] == ["01589330", "01589330-5min"]
    assert len(search(records, "")) == 195
    assert search(records, "Amazon") == []


def test_sorting_by_flow_compares_cubic_feet_with_cubic_metres():
    chosen = [catalogue()[key] for key in ("01491000", "01613900", "01594440")]
    by_mean = ordered(chosen, Order.MEAN, descending=True)
    # 4.59 m³/s is more water than 12.9 cfs.
    assert [record.key for record in by_mean] == ["01594440", "01491000", "01613900"]


@pytest.mark.parametrize("order", list(Order))
def test_the_table_sorts_by_every_column(order: Order):
    records = list(catalogue().values())
    assert sorted(record.key for record in ordered(records, order, descending=False)) == list(catalogue())


def test_near_matches_know_parts_and_slips():
    assert near_matches("0161390", catalogue())[0] == "01613900"
    assert "01613900" in near_matches("01613090", catalogue())
    assert near_matches("x" * 10_000, catalogue()) == []
