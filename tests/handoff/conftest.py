"""The two apps, and a host that runs them."""

from collections.abc import Iterator

import pytest

from hallway import Settings
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .rooms import Gauges, make_plotter


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gauges() -> Gauges:
    return Gauges()


@pytest.fixture
def house(gauges: Gauges, clock: FakeClock) -> Iterator[MemoryHost]:
    with host_in_memory(
        gauges.app, make_plotter(), settings=Settings(share_lifetime=60), clock=clock
    ) as running:
        yield running
