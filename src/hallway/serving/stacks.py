"""Reading another thread's stack: which lines it is at, and for which app."""

import asyncio
import linecache
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

from hallway.app import App
from hallway.pipeline import Pipeline, PreparedCall
from hallway.serving.apps import AppPages, Place

_MOST_LINES = 8
_OWN = f"{Path(__file__).parents[1]}{os.sep}"
_STANDARD_LIBRARY = f"{Path(os.__file__).parent}{os.sep}"
_PACKAGES = frozenset({"site-packages", "dist-packages"})

_RUN_ONCE: CodeType = vars(asyncio.BaseEventLoop)["_run_once"].__code__
LOOPS = frozenset({_RUN_ONCE, asyncio.Runner.run.__code__})
"""What calls the callbacks of asyncio's own loop, and the last Python code below uvloop's."""

CALLING: CodeType = vars(asyncio.Handle)["_run"].__code__
"""What stands between asyncio's own loop and a callback. Like the loop's, it has no public name."""

Entry = Callable[[Mapping[str, object]], str]
"""Tells from the local names of a function of the host which app it works for; "" where it cannot."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is being run.

    Args:
        file: Where it is.
        number: Which line.
        function: The function around it.
    """

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number} in {self.function}"

    @property
    def text(self) -> str:
        """The line itself, "" where its file cannot be read."""
        return linecache.getline(self.file, self.number).strip()


@dataclass(frozen=True, slots=True)
class Stack:
    """Where a thread is.

    Args:
        app: The app that it works for, "" where that cannot be known.
        lines: The innermost line of the app's own code, then its callers, as far as they are not the host's. Where
            there is no such line, the innermost of all takes its place.
        inside: The innermost line of all where that is another one: what the app's code called and waits for.
    """

    app: str
    lines: tuple[Line, ...]
    inside: Line | None


def _app_of_page(names: Mapping[str, object]) -> str:
    place = names.get("place")
    return place.loaded.app.id if isinstance(place, Place) else ""


def _app_of_call(names: Mapping[str, object]) -> str:
    call = names.get("call")
    return call.capability.app.id if isinstance(call, PreparedCall) else ""


ENTRIES: Mapping[CodeType, Entry] = {
    AppPages.serve.__code__: _app_of_page,
    Pipeline.run.__code__: _app_of_call,
}
"""The functions of the host through which it enters the code of an app.

Context variables of another thread cannot be read, but the frames of a coroutine and of all that await it are on the
stack while it runs, so what the host knew when it called the app can be found there.
"""


class StackReader:
    """Reads stacks.

    An app is known by the innermost of the host's functions that entered it, and where there is none, as in a task
    that an app started by itself, by the folder in which its code lies.

    Args:
        apps: Gives the apps that there are.
        entries: The functions that enter an app.
    """

    def __init__(
        self, apps: Callable[[], Iterable[App]], entries: Mapping[CodeType, Entry] = ENTRIES
    ) -> None:
        self._apps = apps
        self._entries = entries

    def read(self, innermost: FrameType) -> Stack:
        """Read the stack that ends with a frame, as far as an event loop called it."""
        folders = _folders(self._apps())
        lines: list[Line] = []
        app, culprit = "", -1
        frame: FrameType | None = innermost
        while frame is not None and frame.f_code not in LOOPS:
            code = frame.f_code
            if code is CALLING and lines:
                break
            if culprit < 0 and _owner(code.co_filename, folders):
                culprit = len(lines)
            entry = self._entries.get(code)
            if entry is not None and not app:
                app = entry(frame.f_locals)
            lines.append(Line(code.co_filename, frame.f_lineno or 0, code.co_qualname))
            frame = frame.f_back
        if culprit < 0:
            culprit = next((n for n, line in enumerate(lines) if not _is_library(line.file)), 0)
        return Stack(
            app or _owner(lines[culprit].file, folders),
            _outward(lines[culprit:]),
            lines[0] if culprit else None,
        )


def _outward(lines: list[Line]) -> tuple[Line, ...]:
    """Keep a line and its callers up to the host's own code, which is the same for every request."""
    kept = lines[:1]
    for line in lines[1:]:
        if line.file.startswith(_OWN) or len(kept) == _MOST_LINES:
            break
        if not line.file.startswith("<frozen"):  # the machinery of imports
            kept.append(line)
    return tuple(kept)


def _folders(apps: Iterable[App]) -> list[tuple[str, str]]:
    """Give the folders that hold code of apps and nothing else, the innermost first, each with the apps in it."""
    by_folder: dict[str, list[str]] = {}
    for app in apps:
        folder = f"{app.folder}{os.sep}"
        # The host makes the App of a bare application, so its folder is ours; a module that lies among the installed
        # packages shares its folder with all of them.
        if not folder.startswith(_OWN) and app.folder.name not in _PACKAGES:
            by_folder.setdefault(folder, []).append(app.id)
    return sorted(
        ((folder, " or ".join(ids)) for folder, ids in by_folder.items()), key=lambda each: -len(each[0])
    )


def _owner(file: str, folders: list[tuple[str, str]]) -> str:
    """Name the app to which a file belongs, "" for none."""
    if file.startswith(_OWN):
        return ""
    for folder, app in folders:
        # A project's folder may hold its virtual environment, too.
        if file.startswith(folder) and _PACKAGES.isdisjoint(Path(file[len(folder) :]).parts):
            return app
    return ""


def _is_library(file: str) -> bool:
    ours_or_pythons = file.startswith((_OWN, _STANDARD_LIBRARY, "<frozen"))
    return ours_or_pythons or not _PACKAGES.isdisjoint(Path(file).parts)
