"""The machine's clock, and the one that tests move by hand."""

import time
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hallway.clock import Clock, SystemClock, utc
from hallway.testing import FakeClock


def test_the_systems_clock_tells_the_machines_time() -> None:
    clock: Clock = SystemClock()
    before, now, after = time.time(), clock.time(), time.time()
    assert before <= now <= after
    before, now, after = time.monotonic(), clock.monotonic(), time.monotonic()
    assert before <= now <= after


def test_a_fake_clock_stands_still_until_it_is_told() -> None:
    clock = FakeClock(1000.0)
    assert (clock.time(), clock.time()) == (1000.0, 1000.0)
    clock.advance(2.5)
    assert (clock.time(), clock.monotonic()) == (1002.5, 1002.5)


@given(st.integers(0, 4_000_000_000))
def test_seconds_become_a_date_that_knows_its_zone_and_back(seconds: int) -> None:
    moment = utc(seconds)
    assert moment.tzinfo is UTC
    assert moment.timestamp() == seconds


def test_the_epoch_is_1970() -> None:
    assert utc(0) == datetime(1970, 1, 1, tzinfo=UTC)
