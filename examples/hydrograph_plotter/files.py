"""The user's files: read once, and said in a line what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from hydrograph_plotter.errors import UnreadableFile
from hydrograph_plotter.labels import label_from_file
from hydrograph_plotter.reading import Hydrographs, read_hydrographs
from hydrograph_plotter.wording import subtitle_in_words

_LARGEST_DESCRIBED = 1_000_000
_MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the list shows it.

    Args:
        name: Its name in the workspace.
        saved: When it came.
        size: Bytes.
        content: What is in it, in a line.
    """

    name: str
    saved: datetime
    size: int
    content: str


def read_file(path: Path) -> Hydrographs:
    """Read a file, or give what was read before if it has not changed.

    Raises:
        UnreadableFile: It holds nothing that can be plotted.
    """
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


def listed(paths: Sequence[Path]) -> list[Listed]:
    """Describe files for the list, in the order given; empty and hidden ones are not for users."""
    described = list[Listed]()
    for path in paths:
        if path.name.startswith("."):
            continue
        stat = path.stat()
        if stat.st_size:
            saved = datetime.fromtimestamp(stat.st_mtime, UTC)
            described.append(Listed(path.name, saved, stat.st_size, _describe(path, stat.st_size)))
        if len(described) == _MOST_LISTED:
            break
    return described


# The picture of one file is asked for again with each change of unit or scale.
@lru_cache(maxsize=8)
def _read(path: Path, changed: int, size: int) -> Hydrographs:
    del changed, size  # only make another state of the file another entry
    return read_hydrographs(path.read_bytes(), name=label_from_file(path.name))


@lru_cache(maxsize=512)
def _content(path: Path, changed: int) -> str:
    del changed
    try:
        series = read_hydrographs(path.read_bytes(), name=label_from_file(path.name)).series
    except UnreadableFile as problem:
        return f"cannot be plotted: {problem}"
    labels = ", ".join(each.label for each in series[:3])
    more = f" and {len(series) - 3} more" if len(series) > 3 else ""
    return f"{labels}{more}: {subtitle_in_words(series)}"


def _describe(path: Path, size: int) -> str:
    if size > _LARGEST_DESCRIBED:
        return "large"
    return _content(path, path.stat().st_mtime_ns)
