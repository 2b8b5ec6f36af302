"""What was found out about a secret is remembered for a moment, and never longer than it is true."""

import asyncio
from pathlib import Path

import anyio
import pytest

from hallway.identity.records import User
from hallway.identity.service import Identity
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore
from hallway.testing import FakeClock

from .identities import LIFETIME, identity_in

pytestmark = pytest.mark.anyio


class Counting(SqliteIdentityStore):
    """Counts how often it is asked whose a token is."""

    asked = 0

    async def token_user(self, secret_hash: bytes, now: float) -> User | None:
        self.asked += 1
        return await super().token_user(secret_hash, now)


async def test_a_burst_of_requests_asks_the_store_once_a_second(tmp_path: Path):
    clock, database = FakeClock(), SqliteDatabase(tmp_path / "store.sqlite")
    store = Counting(database)
    identity = Identity(store, clock, session_lifetime=LIFETIME)
    with anyio.fail_after(20):
        await identity.add_user("ada", "")
        token = await identity.create_token("ada")
        await identity.token_caller(token)
        before = store.asked
        for _ in range(10):
            assert await identity.token_caller(token) is not None
        assert store.asked <= before + 1  # once more where the store noticed its own last write only now
        clock.advance(1)
        settled = store.asked
        await identity.token_caller(token)
        assert store.asked == settled + 1
        for _ in range(10):
            assert await identity.token_caller(f"hwt_{'0' * 12}_{'x' * 43}") is None
        assert store.asked == settled + 11  # what is wrong is not kept
    database.close()


async def test_who_was_remembered_is_out_at_once_when_signed_out_or_revoked_here(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "secret")
        session, token = await identity.sign_in("ada", "secret"), await identity.create_token("ada")
        assert await identity.session_caller(session) is not None
        assert await identity.token_caller(token) is not None
        await identity.sign_out(session)
        assert await identity.session_caller(session) is None
        await identity.revoke_token(token)
        assert await identity.token_caller(token) is None
        session = await identity.sign_in("ada", "secret")
        assert await identity.session_caller(session) is not None
        await identity.set_password("ada", "new")
        assert await identity.session_caller(session) is None


async def test_who_was_remembered_is_out_without_the_clock_when_another_process_revokes(tmp_path: Path):
    async with identity_in(tmp_path) as here, identity_in(tmp_path) as elsewhere:
        await here.add_user("ada", "")
        token = await here.create_token("ada")
        assert await here.token_caller(token) is not None
        await elsewhere.revoke_token(token)
        # Bounded by identity_in; the clock stands still, so that time alone never ends this.
        while await here.token_caller(token) is not None:  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0)


async def test_memory_is_bounded_and_its_end_costs_no_more_than_asking_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hallway.identity.memory._MOST", 1)
    database = SqliteDatabase(tmp_path / "store.sqlite")
    store = Counting(database)
    identity = Identity(store, FakeClock(), session_lifetime=LIFETIME)
    with anyio.fail_after(20):
        await identity.add_user("ada", "")
        one, two = await identity.create_token("ada"), await identity.create_token("ada")
        for token in (one, two, one, two):
            assert await identity.token_caller(token) is not None
    assert store.asked == 4
    database.close()


async def test_many_callers_at_once_are_told_apart(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        names = [f"user{number}" for number in range(20)]
        tokens: dict[str, str] = {}
        for name in names:
            await identity.add_user(name, "")
            tokens[name] = await identity.create_token(name)
        for _ in range(2):
            found = await asyncio.gather(*(identity.token_caller(tokens[name]) for name in names))
            assert [caller and caller.name for caller in found] == names
