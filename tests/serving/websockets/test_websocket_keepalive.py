"""Pings that find out whether the peer is still there."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from hallway.serving.websockets.keepalive import Keepalive

from .conftest import OpenHall
from .frames import CLOSE, PING, PONG, frame
from .stage import Listener


@dataclass(eq=False)
class Timer:
    due: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Clock:
    """Timers that run when they are told to."""

    now: float = 0.0
    timers: list[Timer] = field(default_factory=list[Timer])

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        timer = Timer(self.now + delay, callback)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer.due <= end and not timer.cancelled]:
            timer = min(due, key=lambda one: one.due)
            self.timers.remove(timer)
            self.now = timer.due
            timer.callback()
        self.now = end


class Peer:
    """A peer that answers when it is told to."""

    def __init__(self, *, interval: float | None = 20, timeout: float | None = 10) -> None:
        self.clock = Clock()
        self.pings: list[bytes] = []
        self.given_up = 0
        self.keepalive = Keepalive(
            self.clock,  # pyright: ignore[reportArgumentType]
            interval=interval,
            timeout=timeout,
            ping=self.pings.append,
            silent=self.give_up,
        )
        self.keepalive.start()

    def give_up(self) -> None:
        self.given_up += 1

    def answer(self) -> None:
        self.keepalive.answered(self.pings[-1])


def test_a_ping_follows_each_answer():
    peer = Peer()
    peer.clock.advance(19)
    assert peer.pings == []
    for count in range(1, 4):
        peer.clock.advance(1)
        assert len(peer.pings) == count
        peer.clock.advance(9)
        peer.answer()
        peer.clock.advance(19)
    assert len(set(peer.pings)) == 3
    assert not peer.given_up


def test_a_silent_peer_is_given_up_once():
    peer = Peer()
    peer.clock.advance(29)
    assert not peer.given_up
    peer.clock.advance(1000)
    assert peer.given_up == 1
    assert len(peer.pings) == 1


def test_only_the_right_answer_counts():
    peer = Peer()
    peer.clock.advance(25)
    peer.keepalive.answered(b"")
    peer.keepalive.answered(b"made up")
    peer.clock.advance(5)
    assert peer.given_up


def test_an_answer_counts_once():
    peer = Peer()
    peer.clock.advance(20)
    peer.answer()
    peer.answer()
    peer.clock.advance(20)
    assert len(peer.pings) == 2


@pytest.mark.parametrize("interval", [None, 0])
def test_no_interval_no_pings(interval: float | None):
    peer = Peer(interval=interval)
    peer.clock.advance(1000)
    assert not peer.pings


def test_no_timeout_no_hurry():
    peer = Peer(timeout=None)
    peer.clock.advance(100)
    assert len(peer.pings) == 5
    peer.answer()
    peer.keepalive.suspend()
    peer.clock.advance(40)
    peer.keepalive.resume()
    peer.clock.advance(60)
    assert len(peer.pings) == 10
    assert not peer.given_up


def test_a_peer_that_is_not_read_is_not_blamed():
    peer = Peer()
    peer.clock.advance(25)
    peer.keepalive.suspend()
    peer.clock.advance(1000)
    assert not peer.given_up
    peer.keepalive.resume()
    peer.clock.advance(9)
    peer.answer()
    peer.clock.advance(9)
    assert not peer.given_up


def test_a_ping_sent_while_nothing_is_read_waits_too():
    peer = Peer()
    peer.keepalive.suspend()
    peer.clock.advance(1000)
    assert len(peer.pings) == 1
    assert not peer.given_up
    peer.keepalive.resume()
    peer.clock.advance(10)
    assert peer.given_up


def test_once_stopped_nothing_happens():
    for seconds in (0, 25):
        peer = Peer()
        peer.clock.advance(seconds)
        peer.keepalive.stop()
        peer.keepalive.resume()
        peer.clock.advance(1000)
        assert len(peer.pings) == (seconds > 20)
        assert not peer.given_up


@pytest.mark.anyio
async def test_a_connection_is_pinged_until_it_is_silent(new_hall: OpenHall):
    listener = Listener()
    async with (
        new_hall(ws_ping_interval=0.001, ws_ping_timeout=0.3) as hall,
        hall.raw(hall.serve(listener)) as peer,
    ):
        for _ in range(3):
            ping = await peer.frame()
            assert ping is not None
            assert ping.opcode == PING
            await peer.send(frame(PONG, ping.payload))
        last = await peer.frame()
        assert last is not None
        assert last.opcode == PING
        end = await peer.frame()
        assert end is not None
        assert (end.opcode, end.code) == (CLOSE, 1011)
        await peer.left()
        assert (await listener.end())["code"] == 1011
