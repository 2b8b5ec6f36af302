"""Blocks: times in which the event loop did not come to what waited for it, and how they are told."""

import logging
from dataclasses import dataclass

from hallway.clock import Clock
from hallway.serving.stacks import Stack

_log = logging.getLogger("hallway.watchdog")

_PERIOD = 60.0
_MOST_IN_PERIOD = 10
_ALWAYS_TOLD = 1.0


@dataclass(frozen=True, slots=True)
class Block:
    """A time in which the loop did not come to what waited for it.

    Args:
        seconds: How long it has lasted, at least.
        over: Whether it has ended.
        stack: What the loop was doing; None where no single piece of Python code was seen at it.
        standstill: Whether the watchdog's own thread was kept from running as well.
    """

    seconds: float
    over: bool
    stack: Stack | None
    standstill: bool = False


@dataclass(frozen=True, slots=True)
class BlockStatistics:
    """The blocks that have ended, since the start.

    Args:
        blocks: How many.
        seconds: How long all of them together.
        longest: How long the longest one.
    """

    blocks: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def plus(self, seconds: float) -> "BlockStatistics":
        """Give what it is with one more."""
        return BlockStatistics(self.blocks + 1, self.seconds + seconds, max(self.longest, seconds))


class BlockLog:
    """Writes blocks to the log, once when one begins and once when it has ended.

    At most ten short ones are told in a minute; those of a second and more always are, at their end at the latest.

    Args:
        clock: What tells how many there were of late.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._period_began = clock.monotonic()
        self._told_in_period = 0
        self._left_out = 0
        self._begun = False

    def __call__(self, block: Block) -> None:
        """Tell of a block, where it is not one too many."""
        begun, self._begun = self._begun, False
        if not block.over:
            self._begun = self._may_tell()
            if self._begun:
                _log.warning("%s", describe(block))
        elif begun or block.seconds >= _ALWAYS_TOLD or self._may_tell():
            _log.warning("%s%s", describe(block), self._left_out_since())
        else:
            self._left_out += 1

    def _may_tell(self) -> bool:
        now = self._clock.monotonic()
        if now - self._period_began >= _PERIOD:
            self._period_began, self._told_in_period = now, 0
        if self._told_in_period >= _MOST_IN_PERIOD:
            return False
        self._told_in_period += 1
        return True

    def _left_out_since(self) -> str:
        left_out, self._left_out = self._left_out, 0
        return f"\n  Not told before this one: {left_out} short ones." if left_out else ""


def describe(block: Block) -> str:
    """Say what happened, in a sentence and the lines of code that show where."""
    how_long = f"{block.seconds:.2f} s"
    if block.standstill:
        begin = (
            f"The whole process stood still for {how_long}: a library kept Python's lock to itself, "
            "or the machine was too busy"
        )
        return begin + (f". The loop was{_where(block.stack)}" if block.stack else ".")
    if block.stack is None:
        return (
            f"The event loop {'was' if block.over else 'is'} {how_long} behind, without one piece of Python code "
            "that took so long: there was too much to do, or a callback written in C blocked it."
        )
    who = f"the app {block.stack.app!r}" if block.stack.app else "code of no app that is known"
    if block.over:
        return f"The event loop was blocked for {how_long} by {who},{_where(block.stack)}"
    return (
        f"The event loop has been blocked for {how_long} by {who}, and nobody is served meanwhile. "
        f"Await what takes long, or have a plain `def` or asyncio.to_thread do it. It is{_where(block.stack)}"
    )


def _where(stack: Stack) -> str:
    first, *callers = stack.lines
    inside = f" (inside {stack.inside})" if stack.inside else ""
    text = f"\n    {first.text}" if first.text else ""
    return f" at {first}{inside}{text}" + "".join(f"\n  called at {line}" for line in callers)
