"""For the tests of apps: a host in memory, visitors, and a clock that only moves when told."""

from hallway.testing.clock import FakeClock
from hallway.testing.memory import MemoryHost, host_in_memory

__all__ = ["FakeClock", "MemoryHost", "host_in_memory"]
