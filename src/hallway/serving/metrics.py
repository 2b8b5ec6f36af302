"""Metrics: counters, gauges and histograms, and the Prometheus text format (version 0.0.4) in which they are read.

Written here since the usual library takes 28 ms and 5 MB to load. Everything is recorded and read on the event loop's
thread, so nothing is locked.
"""

import logging
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, Literal, TypeVar

_log = logging.getLogger("hallway.metrics")

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Label = str | int
Labels = tuple[Label, ...]
V = TypeVar("V")

_LIMIT = 1000
_OTHER = "other"
_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure.

    Args:
        value: The figure.
        labels: What it is of, by the names of the labels.
        suffix: What its name has after the family's.
    """

    value: float
    labels: Mapping[str, Label]
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """The figures of one name.

    Args:
        name: The name.
        kind: What they are.
        help: What they tell, in words.
        samples: The figures.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: Sequence[Sample]


Collector = Callable[[], Iterable[Family]]
"""Gives figures that are looked up when they are read."""


class _ByLabels(Generic[V]):
    """What is kept for each set of labels, so many at most: what comes after them is all counted as `other`."""

    def __init__(self, name: str, help: str, labels: Sequence[str], limit: int) -> None:
        if not _METRIC_NAME.fullmatch(name) or not all(map(_LABEL_NAME.fullmatch, labels)):
            raise ValueError(f"{name!r} with the labels {labels!r} cannot be a metric")
        self.name = name
        self.help = help
        self._label_names = tuple(labels)
        self._limit = limit
        self._values: dict[Labels, V] = {}
        self._overflowing = False

    def _place(self, labels: Labels) -> Labels:
        """Say under which labels a set that is not there yet is kept."""
        if len(labels) != len(self._label_names):
            raise ValueError(f"{self.name} has the labels {self._label_names}, not {labels}")
        if len(self._values) < self._limit:
            return labels
        if not self._overflowing:
            self._overflowing = True
            _log.warning("%s has %d sets of labels; further ones count as 'other'.", self.name, self._limit)
        return (_OTHER,) * len(labels)

    def _named(self, labels: Labels) -> dict[str, Label]:
        return dict(zip(self._label_names, labels, strict=True))

    def _samples(self: "_ByLabels[float]") -> list[Sample]:
        return [Sample(value, self._named(labels)) for labels, value in self._values.items()]


class Counter(_ByLabels[float]):
    """Counts; see `Metrics.counter`."""

    def add(self, *labels: Label, by: float = 1) -> None:
        """Count one more, or several."""
        try:
            self._values[labels] += by
        except KeyError:
            labels = self._place(labels)
            self._values[labels] = self._values.get(labels, 0) + by

    def collect(self) -> Iterable[Family]:
        """Give its figures."""
        yield Family(self.name, "counter", self.help, self._samples())


class Gauge(_ByLabels[float]):
    """Keeps the last value; see `Metrics.gauge`."""

    def set(self, value: float, *labels: Label) -> None:
        """Take a value for the one that holds now."""
        self._values[labels if labels in self._values else self._place(labels)] = value

    def collect(self) -> Iterable[Family]:
        """Give its figures."""
        yield Family(self.name, "gauge", self.help, self._samples())


class _Distribution:
    __slots__ = ("counts", "total")

    def __init__(self, buckets: int) -> None:
        self.counts = [0] * buckets
        self.total = 0.0


class Histogram(_ByLabels[_Distribution]):
    """Counts values by their size; see `Metrics.histogram`."""

    def __init__(
        self, name: str, help: str, labels: Sequence[str], bounds: Sequence[float], limit: int
    ) -> None:
        super().__init__(name, help, labels, limit)
        if "le" in labels or not bounds or list(bounds) != sorted(set(bounds)):
            raise ValueError(f"{name}: the bounds {bounds!r} do not rise, or a label is called 'le'")
        self._bounds = tuple(bounds)

    def observe(self, value: float, *labels: Label) -> None:
        """Count a value."""
        try:
            distribution = self._values[labels]
        except KeyError:
            distribution = self._begin(self._place(labels))
        distribution.counts[bisect_left(self._bounds, value)] += 1
        distribution.total += value

    def collect(self) -> Iterable[Family]:
        """Give its figures."""
        samples: list[Sample] = []
        bounds = [_number(bound) for bound in (*self._bounds, math.inf)]
        for labels, distribution in self._values.items():
            named = self._named(labels)
            counts = list(accumulate(distribution.counts))
            samples += [
                Sample(count, {**named, "le": bound}, "_bucket")
                for bound, count in zip(bounds, counts, strict=True)
            ]
            samples += [Sample(distribution.total, named, "_sum"), Sample(counts[-1], named, "_count")]
        yield Family(self.name, "histogram", self.help, samples)

    def _begin(self, labels: Labels) -> _Distribution:
        return self._values.setdefault(labels, _Distribution(len(self._bounds) + 1))


class Metrics:
    """All figures of a host."""

    def __init__(self) -> None:
        self._collectors: list[Collector] = []

    def counter(self, name: str, help: str, labels: Sequence[str] = (), *, limit: int = _LIMIT) -> Counter:
        """Make something that counts.

        Args:
            name: Its name, which by custom ends in `_total`.
            help: What it tells, in words.
            labels: The names of its labels.
            limit: The most sets of labels.
        """
        counter = Counter(name, help, labels, limit)
        self.add(counter.collect)
        return counter

    def gauge(self, name: str, help: str, labels: Sequence[str] = (), *, limit: int = _LIMIT) -> Gauge:
        """Make something that keeps the last value; the arguments are those of `counter`."""
        gauge = Gauge(name, help, labels, limit)
        self.add(gauge.collect)
        return gauge

    def histogram(
        self,
        name: str,
        help: str,
        labels: Sequence[str] = (),
        *,
        bounds: Sequence[float],
        limit: int = _LIMIT,
    ) -> Histogram:
        """Make something that counts values by their size; the arguments are those of `counter`.

        Args:
            bounds: The largest value of each bucket; there is one more for what is larger than all.
        """
        histogram = Histogram(name, help, labels, bounds, limit)
        self.add(histogram.collect)
        return histogram

    def add(self, collector: Collector) -> None:
        """Have figures looked up whenever they are read."""
        self._collectors.append(collector)

    def render(self) -> str:
        """Write all figures."""
        return render(family for collect in self._collectors for family in collect())


def render(families: Iterable[Family]) -> str:
    """Write figures in the text format."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {family.help.translate(_HELP_ESCAPES)}\n")
        lines.append(f"# TYPE {family.name} {family.kind}\n")
        lines += [
            f"{family.name}{sample.suffix}{_braced(sample.labels)} {_number(sample.value)}\n"
            for sample in family.samples
        ]
    return "".join(lines)


def _braced(labels: Mapping[str, Label]) -> str:
    if not labels:
        return ""
    return (
        "{" + ",".join(f'{name}="{str(value).translate(_ESCAPES)}"' for name, value in labels.items()) + "}"
    )


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)
