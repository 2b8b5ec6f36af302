"""What a row of the benchmark table is made of. Each module in `rows/` offers a list of them named `ROWS`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from peers import Peer

Figures = Mapping[str, float]
"""What one measurement gives: a figure for each metric, by the metric's name."""


@dataclass(frozen=True)
class Metric:
    """One figure of a row, and what it has to be.

    Args:
        name: The key that it has in what a measurement gives.
        unit: `s`, `ms`, `MB`, `1/s`.
        must: The bound that has to be kept, or None where there is none.
        stretch: The bound that we would like to keep.
        judge: Whether the bounds are for our own figure or for its ratio to the peer's.
        better: Whether a lower or a higher figure is the better one.
    """

    name: str
    unit: str
    must: float | None = None
    stretch: float | None = None
    judge: Literal["ours", "ratio"] = "ours"
    better: Literal["lower", "higher"] = "lower"


@dataclass(frozen=True)
class Rival:
    """A peer and how the same thing is measured with it."""

    peer: Peer
    measure: Callable[[], Figures]


@dataclass(frozen=True)
class Row:
    """One comparison: the same work done by us and by each rival, in turns.

    Args:
        name: What `--only` calls it.
        title: What is measured, in a few words.
        metrics: The figures that every measurement gives.
        ours: Does the work once with Hallway.
        rivals: Those who do it too.
        rounds: How often it is repeated; one more round, before these, only warms up.
    """

    name: str
    title: str
    metrics: Sequence[Metric]
    ours: Callable[[], Figures]
    rivals: Sequence[Rival]
    rounds: int = 7
