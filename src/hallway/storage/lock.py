"""The lock by which a data directory has one host at a time."""

import fcntl
import os
from pathlib import Path
from typing import IO

from hallway.errors import DataUnusable


class DataLock:
    """Held by the host that owns a data directory; the system frees it when the process ends, however it ends.

    Args:
        data: The data directory, which exists.

    Raises:
        DataUnusable: Another host holds it, or the directory cannot be written.
    """

    def __init__(self, data: Path) -> None:
        path = data / "host.lock"
        try:
            self._file: IO[str] = path.open("a+", encoding="ascii")
        except OSError as error:
            raise DataUnusable(
                f"The data directory {str(data)!r} cannot be written: {error.strerror}.",
                remedy="Give a folder that you may write to with --data DIR (or HALLWAY_DATA).",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            owner = self._file.read().strip() or "another process"
            self._file.close()
            raise DataUnusable(
                f"A host (process {owner}) uses the data directory {str(data)!r} already.",
                remedy="Stop it, or give this one its own with --data DIR.",
            ) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another host have the directory."""
        self._file.close()
