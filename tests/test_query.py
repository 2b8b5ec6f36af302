"""What is written into an address' query comes out of it again, and what cannot be is refused."""

import datetime as dt
import enum
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.query import Unwritable, query_of, query_texts, write_query

PAIRS = st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5)


class Scale(enum.Enum):
    LOG = "log"


@given(PAIRS)
def test_a_query_is_read_back_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    query = write_query(pairs)
    assert parse_qsl(query[1:], keep_blank_values=True, strict_parsing=bool(pairs)) == pairs
    assert query.isascii()
    assert not set(query[1:]) & set("#?/ +\\\r\n\t")


def test_no_pairs_make_no_question_mark() -> None:
    assert write_query([]) == ""


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("01", ["01"]),
        (5, ["5"]),
        (True, ["true"]),
        (2.5, ["2.5"]),
        (dt.date(2017, 1, 31), ["2017-01-31"]),
        (Scale.LOG, ["log"]),
        (Decimal("1.10"), ["1.10"]),
        (["a", 1, None], ["a", "1", "null"]),
        (("a", "b"), ["a", "b"]),
        ([], []),
        ({"a": 1}, ['{"a": 1}']),
    ],
)
def test_a_value_is_written_as_text_and_a_list_as_several(value: object, texts: list[str]) -> None:
    assert query_texts(value) == texts


def circle() -> list[object]:
    itself: list[object] = []
    itself.append(itself)
    return itself


@pytest.mark.parametrize("value", [object(), b"\xff", "\ud800", ["\udfff"], circle()])
def test_what_has_no_text_is_refused(value: object) -> None:
    with pytest.raises(Unwritable):
        query_of({"a": value})


def test_what_is_none_is_left_out() -> None:
    assert query_of({"a": None, "b": "x y", "c": ["1", "2"]}) == "?b=x%20y&c=1&c=2"
    assert query_of({"a": None}) == ""
