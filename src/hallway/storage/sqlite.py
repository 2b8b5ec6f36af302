"""One SQLite file: a thread that writes, a connection that reads, and migrations."""

import asyncio
import contextlib
import fcntl
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from hallway.errors import DataUnusable, HostBusy

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

_BUSY_TIMEOUT = 5.0
_LOOK_EVERY = 0.01


class SqliteDatabase:
    """A SQLite file shared with other processes on this machine.

    Reads of a row or a few take microseconds and run where they are asked for, the loop included. Writes go to one
    thread, each in a transaction of its own, and are on the disk when they return (WAL, synchronous=FULL).

    Args:
        path: The file; made, with its folder, where missing.

    Raises:
        DataUnusable: The file or its folder cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                path.touch(mode=0o600)  # before SQLite makes it by the umask: it holds hashes and secrets
            with _alone_in(path.parent):
                self._writing = self._connect()
                _migrate(self._writing)
            self._reading = self._connect()
        except OSError as error:
            raise self._unusable(f"{error.strerror or error}") from error
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error
        self._written = 0
        self._others = 0
        self._looked = -_LOOK_EVERY
        self._work: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="hallway:store", daemon=True)
        self._writer.start()

    def _connect(self) -> sqlite3.Connection:
        # isolation_level=None: transactions begin and end where this module says, nowhere else.
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _unusable(self, reason: str) -> DataUnusable:
        return DataUnusable(
            f"The store {str(self._path)!r} cannot be used: {reason}.",
            remedy="Give a folder that you may write to with --data DIR (or HALLWAY_DATA).",
        )

    def generation(self) -> tuple[int, int]:
        """Give numbers that differ once anybody may have written; other processes' writes show within 10 ms."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            ((self._others,),) = self.read("PRAGMA data_version")
        return self._written, self._others

    def read(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Give the rows of a quick query."""
        return self._reading.execute(sql, parameters).fetchall()

    async def write(self, work: Work[T]) -> T:
        """Run `work` with the writing connection inside a transaction, and wait until it is on the disk.

        Raises:
            HostBusy: Another process holds the store, or the disk is full; nothing was written.
        """
        done: Future[T] = Future()
        self._work.put((work, done))
        # Shielded: what was handed to the writer happens, even if nobody waits for it any longer.
        return await asyncio.shield(asyncio.wrap_future(done))

    def close(self) -> None:
        """Finish what was begun, and close the file."""
        self._work.put(None)
        self._writer.join()
        self._reading.close()
        self._writing.close()

    def _write_all(self) -> None:
        while (item := self._work.get()) is not None:
            work, done = item
            try:
                result = self._transact(work)
            except sqlite3.OperationalError as error:
                done.set_exception(HostBusy(f"The store cannot be written: {error}."))
            except Exception as error:  # noqa: BLE001 - handed to whoever asked, who raises it
                done.set_exception(error)
            else:
                done.set_result(result)

    def _transact(self, work: Work[T]) -> T:
        self._writing.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._writing)
            self._writing.execute("COMMIT")
            self._written += 1
        except BaseException:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            raise
        return result


@contextlib.contextmanager
def _alone_in(folder: Path) -> Generator[None, None, None]:
    """Let one process at a time open the store: turning WAL on, once, does not wait for the others but fails."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the file up to date; each migration happens once, wholly, whichever process comes first."""
    migrations = sorted(
        (
            file
            for file in resources.files("hallway.storage.migrations").iterdir()
            if file.name.endswith(".sql")
        ),
        key=lambda file: file.name,
    )
    newest = len(migrations)
    for number, file in enumerate(migrations, start=1):
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            (version,) = cursor.execute("PRAGMA user_version").fetchone()
            if version > newest:
                cursor.execute("ROLLBACK")
                raise sqlite3.DatabaseError(
                    f"it was written by a newer Hallway (version {version} > {newest})"
                )
            if version < number:
                for statement in _statements(file.read_text(encoding="utf-8")):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {number}")
            cursor.execute("COMMIT")


def _statements(script: str) -> list[str]:
    # executescript would commit the transaction it runs in.
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
