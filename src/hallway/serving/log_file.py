"""Where the access log goes: a file that others may rotate, or standard output."""

import os
import stat
from pathlib import Path

from hallway.errors import BadSetting

_STANDARD_OUTPUT = 1
_MODE = 0o640  # it tells who did what from where


class LogFile:
    """A file to which whole lines are added.

    Programs such as logrotate may rename or delete it at any time: a new one is begun then.

    Args:
        path: The file, in a folder that exists.

    Raises:
        BadSetting: It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._open()
        except OSError as error:
            raise BadSetting(
                f"The access log cannot be written to {str(path)!r}: {error.strerror}.",
                remedy="Name a file in a folder in which Hallway may write.",
            ) from error

    def write(self, lines: bytes) -> None:
        """Add lines, all of them.

        Raises:
            OSError: Some could not be written.
        """
        if self._is_file and not self._is_there():
            old = self._descriptor
            self._open()
            os.close(old)
        # After half a line, where the disk was full, the next one begins on a line of its own.
        rest = memoryview(b"\n" + lines if self._torn else lines)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
            self._torn = bool(rest)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        self._is_file = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        self._torn = False

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False


def write_to_standard_output(lines: bytes) -> None:
    """Write lines to standard output, past what Python may still hold back.

    Raises:
        OSError: Nobody reads it any longer.
    """
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(_STANDARD_OUTPUT, rest) :]
