"""Stream Gauges: real records of the U.S. Geological Survey to look at, download and hand to other apps."""

from gauges.app import app

__all__ = ["app"]
