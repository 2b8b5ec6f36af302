"""Looking at an event loop from another thread, to notice when something blocks it and to name it.

Every waking of a thread or of an idle loop costs about 0.1 ms of processor time, so a beat of the loop every 50 ms
would alone cost 0.2 %. The loop is therefore asked for a sign of life only while its stack shows that it is at work,
and now and then besides: idle, the two cost 0.06 %.
"""

import asyncio
import contextlib
import functools
import logging
import selectors
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from hallway.clock import Clock
from hallway.serving.blocks import Block, BlockStatistics
from hallway.serving.stacks import CALLING, LOOPS, StackReader

_log = logging.getLogger("hallway.watchdog")

THRESHOLD = 0.1
_ATTENTIVE_LOOKS = 20
_ASK_AT_REST = 10

Report = Callable[[Block], None]


@dataclass(frozen=True, slots=True)
class _Work:
    """What the loop is at: the same at two looks, with no sign of life between, means that it has not moved on.

    The frames themselves are not kept: whoever lets go of a frame last destroys what is in it, in the wrong thread.

    Args:
        code: The outermost function that the loop called.
        task: The task that runs, weakly, where one does.
    """

    code: CodeType
    task: "weakref.ref[asyncio.Task[Any]] | None"


@dataclass(slots=True)
class _Question:
    """One request for a sign of life.

    Args:
        asked: When.
        work: What the loop was at when last looked at.
        since: When it was first seen at that.
        answered: When the sign came.
        block: What was reported to have begun.
    """

    asked: float
    work: _Work | None
    since: float
    answered: float | None = None
    block: Block | None = None


class LoopWatch:
    """Looks at a loop from another thread. Make it on the loop, and call `look` again and again in the other thread.

    Args:
        loop: The loop that runs here.
        clock: What measures how late it is.
        reader: Names the code that blocks it.
        report: Called, in the thread that looks, when a block is noticed and again when it has ended.
        threshold: How long a block must be to be one, in seconds. One and a half times as long is always noticed;
            three times as long where the loop had nothing to do before.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        reader: StackReader,
        report: Report,
        *,
        threshold: float = THRESHOLD,
    ) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self._clock = clock
        self._reader = reader
        self._report = report
        self._threshold = threshold
        self._question: _Question | None = None
        self._looks_at_rest = 0
        self._next_look = clock.monotonic()
        self.statistics = BlockStatistics()

    def look(self) -> float:
        """Look, and report what there is to report; give the seconds until the next look."""
        now = self._clock.monotonic()
        pause = self._look(now, now - self._next_look)
        self._next_look = self._clock.monotonic() + pause
        return pause

    def finish(self) -> None:
        """Report a block that has ended just now; called on the loop, when nobody looks any longer."""
        if self._question is not None:
            self._answer(self._question)
            self._settle(self._question)

    def _look(self, now: float, overslept: float) -> float:
        question = self._question
        if question is not None and question.answered is None:
            self._judge(question, now)
            return self._threshold / 2
        told = question is not None and self._settle(question)
        if overslept >= self._threshold and not told:
            self._tell_standstill(overslept)
        work = self._work()
        self._looks_at_rest = 0 if work else self._looks_at_rest + 1
        if work or self._looks_at_rest % _ASK_AT_REST == 0:
            self._ask(_Question(now, work, now))
            return self._threshold / 2
        return self._threshold * (0.5 if self._looks_at_rest < _ATTENTIVE_LOOKS else 2)

    # --- signs of life ----------------------------------------------------------------------------------------

    def _ask(self, question: _Question) -> None:
        with contextlib.suppress(RuntimeError):  # it has been closed
            self._loop.call_soon_threadsafe(functools.partial(self._answer, question))
            self._question = question

    def _answer(self, question: _Question) -> None:
        if question.answered is None:
            question.answered = self._clock.monotonic()

    def _judge(self, question: _Question, now: float) -> None:
        """Report that a block has begun, where it has: no answer, and all the time at the same work."""
        work = self._work()
        if work != question.work:
            if question.block is not None:  # what was told of has ended, and the next thing goes on
                self._end(question, now)
                question.asked, question.block = now, None
            question.work, question.since = work, now
        if question.block is not None or now - question.since < self._threshold:
            return
        frame = self._frame()
        stack = self._reader.read(frame) if work and frame else None
        if question.answered is None:  # or what was read may be what came after
            question.block = Block(now - question.asked, over=False, stack=stack)
            self._tell(question.block)

    def _settle(self, question: _Question) -> bool:
        """Be done with a question that was answered; tell whether the answer came late."""
        self._question = None
        return question.answered is not None and self._end(question, question.answered)

    def _end(self, question: _Question, ended: float) -> bool:
        """Report that a block has ended, if it was one; tell whether."""
        seconds = ended - question.asked
        if seconds < self._threshold:
            return False
        stack = question.block.stack if question.block else None
        self.statistics = self.statistics.plus(seconds)
        self._tell(Block(seconds, over=True, stack=stack))
        return True

    def _tell_standstill(self, seconds: float) -> None:
        frame = self._frame() if self._work() else None
        stack = self._reader.read(frame) if frame else None
        self.statistics = self.statistics.plus(seconds)
        self._tell(Block(seconds, over=True, stack=stack, standstill=True))

    def _tell(self, block: Block) -> None:
        try:
            self._report(block)
        except Exception:  # noqa: BLE001 - whoever listens must not end the watch
            _log.exception("A block of %.2f s could not be reported.", block.seconds)

    # --- what the loop is at ----------------------------------------------------------------------------------

    def _frame(self) -> FrameType | None:
        """Give the innermost frame of the loop's thread. Never keep it longer than it takes to read it."""
        return sys._current_frames().get(self._thread)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def _work(self) -> _Work | None:
        """Say what the loop is at; None where it waits for something to happen."""
        outermost: CodeType | None = None
        frame = self._frame()
        while frame is not None and frame.f_code not in LOOPS:
            if outermost is None or frame.f_code is not CALLING:
                outermost = frame.f_code
            frame = frame.f_back
        # Code of an app may be in a selector, too, waiting for a child process: but then the loop did not call it.
        if outermost is None or outermost.co_filename == selectors.__file__:
            return None
        task = asyncio.current_task(self._loop)
        return _Work(outermost, weakref.ref(task) if task else None)
