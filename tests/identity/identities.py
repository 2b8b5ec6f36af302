"""An `Identity` over a store of its own, and a clock that only moves when told."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from hallway.identity.service import Identity
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore
from hallway.testing import FakeClock

LIFETIME = 1000.0


@asynccontextmanager
async def identity_in(folder: Path, clock: FakeClock | None = None) -> AsyncGenerator[Identity, None]:
    """Open an identity whose sessions last for `LIFETIME` seconds."""
    with anyio.fail_after(20):
        database = SqliteDatabase(folder / "store.sqlite")
        try:
            store = SqliteIdentityStore(database)
            yield Identity(store, clock or FakeClock(), session_lifetime=LIFETIME)
        finally:
            database.close()
