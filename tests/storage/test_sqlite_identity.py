"""The identity store in SQLite keeps the laws of identity stores."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import anyio
import pytest

from hallway.identity.records import User
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore
from hallway.testing.identity_laws import IDENTITY_LAWS, Law, OpenStore, check_identity_store, law_name

pytestmark = pytest.mark.anyio


def opener(path: Path, kind: type[SqliteIdentityStore] = SqliteIdentityStore) -> OpenStore:
    """Give what opens the store in a file."""

    @asynccontextmanager
    async def open_store() -> AsyncGenerator[SqliteIdentityStore, None]:
        database = SqliteDatabase(path)
        try:
            yield kind(database)
        finally:
            database.close()

    return open_store


@pytest.mark.parametrize("law", IDENTITY_LAWS, ids=law_name)
async def test_the_store_keeps_the_law(law: Law, tmp_path: Path):
    with anyio.fail_after(20):
        await law(opener(tmp_path / "store.sqlite"))


class Forgetful(SqliteIdentityStore):
    """Lets a link in again and again."""

    async def redeem_signin_link(self, secret_hash: bytes, now: float, user: User) -> bool:
        await self.add_user(user)
        return True


async def test_all_laws_can_be_checked_in_one_go(tmp_path: Path):
    numbers = count()
    with anyio.fail_after(20):
        await check_identity_store(lambda: opener(tmp_path / f"{next(numbers)}.sqlite"))
    assert next(numbers) == len(IDENTITY_LAWS)


async def test_a_store_that_breaks_a_law_is_found_out(tmp_path: Path):
    numbers = count()
    with anyio.fail_after(20), pytest.raises(AssertionError):
        await check_identity_store(lambda: opener(tmp_path / f"{next(numbers)}.sqlite", Forgetful))
    assert 0 < next(numbers) < len(IDENTITY_LAWS)
