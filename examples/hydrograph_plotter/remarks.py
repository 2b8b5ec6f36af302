"""What could not be read, counted and told."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class _Reason:
    rows: int
    first_line: int
    example: str


class LeftOut:
    """Counts the rows that were left out, by reason."""

    def __init__(self) -> None:
        self._reasons = dict[str, _Reason]()

    def add(self, reason: str, line: int, example: str = "") -> None:
        """Count a row.

        Args:
            reason: What is wrong with it: "the date does not parse".
            line: The row's line number in the file.
            example: The cell that was wrong.
        """
        known = self._reasons.setdefault(reason, _Reason(0, line, example))
        known.rows += 1

    def in_words(self) -> str:
        """Say how many rows were left out and why, or "" where there are none."""
        rows = sum(reason.rows for reason in self._reasons.values())
        if not rows:
            return ""
        return f"{counted(rows, 'row')} left out: {', '.join(self._parts())}."

    def _parts(self) -> Iterator[str]:
        for reason, known in self._reasons.items():
            times = f"{known.rows:,} × " if len(self._reasons) > 1 else ""
            yield f"{times}{reason} ({_where(known)})"


def counted(number: int, what: str) -> str:
    """Say `1 row was` or `3 rows were`."""
    return f"{number:,} {what} was" if number == 1 else f"{number:,} {what}s were"


def _where(reason: _Reason) -> str:
    line = f"line {reason.first_line}"
    if not reason.example:
        return line
    shown = reason.example if len(reason.example) <= 40 else reason.example[:39] + "…"
    return f"“{shown}” in {line}" if reason.rows == 1 else f"such as “{shown}” in {line}"
