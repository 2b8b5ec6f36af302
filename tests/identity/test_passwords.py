"""Passwords are hashed with argon2id at a price that a burst of sign-ins can pay."""

import asyncio
import threading

import anyio
import argon2
import pytest

from hallway.identity import passwords
from hallway.identity.passwords import Passwords

pytestmark = pytest.mark.anyio

# OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
PRICE = (argon2.Type.ID, 19 * 1024, 2, 1)


def price_of(password_hash: str) -> tuple[argon2.Type, int, int, int]:
    parameters = argon2.extract_parameters(password_hash)
    return parameters.type, parameters.memory_cost, parameters.time_cost, parameters.parallelism


async def test_a_password_is_hashed_at_the_price_that_was_chosen():
    made = [await Passwords().hash("secret") for _ in range(2)]
    assert [price_of(password_hash) for password_hash in made] == [PRICE, PRICE]
    assert made[0] != made[1]  # salted


async def test_who_is_not_there_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch):
    checked: list[str] = []

    def check(kept: str, _password: str) -> bool:
        checked.append(kept)
        return True

    monkeypatch.setattr(passwords, "_matches", check)
    assert not await Passwords().matches("", "secret")
    (stand_in,) = checked
    assert price_of(stand_in) == PRICE


async def test_the_right_password_matches_and_no_other():
    kept = Passwords()
    made = await kept.hash("secret ü")
    assert await kept.matches(made, "secret ü") is True
    for wrong in ("secret u", "", "Secret ü", "secret ü ", "x" * 1025):
        assert await kept.matches(made, wrong) is False


@pytest.mark.parametrize("kept", ["", "no hash", "$argon2id$v=19$m=19456,t=2,p=1$short"])
async def test_what_is_no_hash_matches_nothing(kept: str):
    assert await Passwords().matches(kept, "secret") is False
    assert await Passwords().matches(kept, "") is False


async def test_four_are_checked_at_once_so_that_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch):
    begun, may_end, counting = threading.Semaphore(0), threading.Event(), threading.Lock()
    running = most = 0

    def check(_kept: str, _password: str) -> bool:
        nonlocal running, most
        with counting:
            running += 1
            most = max(most, running)
        begun.release()
        assert may_end.wait(20)
        with counting:
            running -= 1
        return True

    monkeypatch.setattr(passwords, "_matches", check)
    kept = Passwords()
    with anyio.fail_after(20):
        checks = [asyncio.create_task(kept.matches("hash", "secret")) for _ in range(12)]
        for _ in range(4):
            assert await asyncio.to_thread(begun.acquire, timeout=10)
        may_end.set()
        assert await asyncio.gather(*checks) == [True] * 12
    assert most == 4
