"""The SQLite file: private, migrated once, written by one thread in whole transactions."""

import asyncio
import contextlib
import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from hallway.errors import DataUnusable, HostBusy
from hallway.storage.sqlite import SqliteDatabase

ADD = "INSERT INTO secrets (name, value) VALUES (?, x'00')"


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[SqliteDatabase, None]:
    with anyio.fail_after(20):
        database = SqliteDatabase(path)
        try:
            yield database
        finally:
            database.close()


async def add(database: SqliteDatabase, name: str) -> None:
    await database.write(lambda db: db.execute(ADD, (name,)).rowcount)


def names(database: SqliteDatabase) -> list[str]:
    return [name for (name,) in database.read("SELECT name FROM secrets ORDER BY name")]


def version_of(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return version


# --- the file ---------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_what_holds_hashes_is_readable_by_its_owner_alone(tmp_path: Path):
    folder = tmp_path / "new" / "data"
    async with opened(folder / "store.sqlite") as database:
        await add(database, "a")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def make_folder_a_file(path: Path) -> None:
    path.parent.write_text("a file")


def make_store_a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def make_store_something_else(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("This is no database, and long enough to be seen as none." * 20)


@pytest.mark.parametrize("spoil", [make_folder_a_file, make_store_a_folder, make_store_something_else])
def test_a_store_that_cannot_be_used_says_which_and_what_to_do(tmp_path: Path, spoil: object):
    path = tmp_path / "data" / "store.sqlite"
    assert callable(spoil)
    spoil(path)
    with pytest.raises(DataUnusable) as caught:
        SqliteDatabase(path)
    assert str(path) in caught.value.detail
    assert "--data" in caught.value.remedy


# --- migrations -------------------------------------------------------------------------------------------------


def test_an_empty_file_is_brought_up_to_date_and_stays_so(tmp_path: Path):
    path = tmp_path / "store.sqlite"
    for _ in range(2):
        SqliteDatabase(path).close()
        assert version_of(path) == 1


def test_a_store_of_a_newer_hallway_is_left_alone(tmp_path: Path):
    path = tmp_path / "store.sqlite"
    SqliteDatabase(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DataUnusable) as caught:
        SqliteDatabase(path)
    assert "newer" in caught.value.detail
    assert version_of(path) == 99
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # nobody holds it


OPEN_WHEN_TOLD = """
import sys
from pathlib import Path
from hallway.storage.sqlite import SqliteDatabase
print("here", flush=True)
sys.stdin.read()
for number in range(10):
    SqliteDatabase(Path(f"{number}/store.sqlite")).close()
print("done", flush=True)
"""


def test_several_processes_that_open_a_new_store_at_once_all_find_it_ready(tmp_path: Path):
    reading, writing = os.pipe()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_WHEN_TOLD],
            cwd=tmp_path,
            stdin=reading,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
    os.close(reading)
    os.close(writing)  # which all of them notice at once
    answers = [process.communicate(timeout=30) for process in processes]
    assert [error for _, error in answers] == [""] * 4
    assert [answer for answer, _ in answers] == ["done\n"] * 4
    assert {version_of(tmp_path / str(number) / "store.sqlite") for number in range(10)} == {1}


OPEN = """
from pathlib import Path
from hallway.storage.sqlite import SqliteDatabase
SqliteDatabase(Path("store.sqlite")).close()
"""


def waits_for_a_lock(process: "subprocess.Popen[bytes]") -> bool:
    """Tell whether a process waits; False as well once it has ended."""
    while process.poll() is None:
        waiting = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
        if any(str(process.pid) in words for words in waiting):
            return True
    return False


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux shows who waits")
def test_while_one_process_opens_a_store_another_waits(tmp_path: Path):
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as a process does that makes the store
    with subprocess.Popen([sys.executable, "-c", OPEN], cwd=tmp_path) as process:
        waits = waits_for_a_lock(process)
        os.close(folder)
    assert waits
    assert process.returncode == 0
    assert version_of(tmp_path / "store.sqlite") == 1


# --- writing ----------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_write_that_fails_takes_back_all_of_itself_and_spoils_no_other(tmp_path: Path):
    def half(db: sqlite3.Connection) -> None:
        db.execute(ADD, ("half",))
        raise KeyError("on purpose")

    async with opened(tmp_path / "store.sqlite") as database:
        before, failed, after = await asyncio.gather(
            add(database, "before"), database.write(half), add(database, "after"), return_exceptions=True
        )
        assert names(database) == ["after", "before"]
    assert before is after is None
    assert isinstance(failed, KeyError)


@pytest.mark.anyio
async def test_a_write_that_breaks_a_rule_of_the_schema_says_so_to_whoever_asked(tmp_path: Path):
    async with opened(tmp_path / "store.sqlite") as database:
        await add(database, "a")
        with pytest.raises(sqlite3.IntegrityError):
            await add(database, "a")
        await add(database, "b")
        assert names(database) == ["a", "b"]


@pytest.mark.anyio
async def test_a_write_gives_what_its_work_gave_and_runs_off_the_loop(tmp_path: Path):
    async with opened(tmp_path / "store.sqlite") as database:
        assert await database.write(lambda _db: threading.current_thread().name) == "hallway:store"


@pytest.mark.anyio
async def test_a_write_that_nobody_waits_for_any_longer_happens(tmp_path: Path):
    may_begin = threading.Event()

    def wait(_db: sqlite3.Connection) -> None:
        assert may_begin.wait(10)

    async with opened(tmp_path / "store.sqlite") as database:
        first = asyncio.create_task(database.write(wait))
        second = asyncio.create_task(add(database, "kept"))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        may_begin.set()
        await first
        await add(database, "later")
        assert names(database) == ["kept", "later"]


@pytest.mark.anyio
async def test_closing_finishes_what_was_begun(tmp_path: Path):
    path = tmp_path / "store.sqlite"
    async with opened(path) as database:
        writes = [asyncio.ensure_future(add(database, str(number))) for number in range(9)]
        await asyncio.sleep(0)
    await asyncio.gather(*writes)
    async with opened(path) as database:
        assert names(database) == [str(number) for number in range(9)]


@pytest.mark.anyio
async def test_a_store_that_another_process_holds_is_busy_until_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hallway.storage.sqlite._BUSY_TIMEOUT", 0.0)
    path = tmp_path / "store.sqlite"
    async with opened(path) as database:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(HostBusy):
                await add(database, "a")
            assert names(database) == []  # reading goes on
            other.execute("ROLLBACK")
        await add(database, "a")
        assert names(database) == ["a"]


@pytest.mark.anyio
async def test_a_reader_sees_a_write_when_it_is_whole(tmp_path: Path):
    seen: list[list[str]] = []
    async with opened(tmp_path / "store.sqlite") as database:

        def look_meanwhile(db: sqlite3.Connection) -> None:
            db.execute(ADD, ("a",))
            seen.append(names(database))

        await database.write(look_meanwhile)
        seen.append(names(database))
    assert seen == [[], ["a"]]


WRITE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from hallway.identity.records import User
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore

async def write(store, start):
    for number in range(start, 10**9, 10):
        await store.add_user(User(f"user{number}", "", False, 1.0))
        print(f"user{number}", flush=True)

async def main():
    store = SqliteIdentityStore(SqliteDatabase(Path(sys.argv[1])))
    await asyncio.gather(*(write(store, start) for start in range(10)))

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(3))
def test_what_was_said_to_be_written_survives_that_its_process_is_killed(tmp_path: Path, attempt: int):
    path = tmp_path / "store.sqlite"
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(200 * (attempt + 1))]
        process.kill()
        printed += process.stdout.readlines()
    told = {line.strip() for line in printed if line.endswith("\n")}  # the last one may be cut off
    database = SqliteDatabase(path)
    kept = {name for (name,) in database.read("SELECT name FROM users")}
    database.close()
    assert len(told) >= 200
    assert kept >= told
