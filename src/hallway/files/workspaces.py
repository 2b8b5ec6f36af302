"""Workspaces: a folder for each user of each app, and one for each app itself."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import quote

from hallway.access.callers import Caller
from hallway.errors import CallerError, Forbidden, NotFound
from hallway.files.handles import FileHandle, make_handle

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 100


class Workspace(os.PathLike[str]):
    """A folder of the host's in which an app keeps files.

    It is path-like, so `open(os.path.join(workspace, "a.csv"))` works for names of the app's own making. Names that
    come from a caller go through `file`, which cannot leave the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The folder; it is made when first asked for."""
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._path)!r})"

    def unique(self, name: str) -> Path:
        """Reserve a new file whose name begins like `name`, so that two tabs never fight over one file.

        Args:
            name: What the file should be called; a folder in it, or anything a shell minds, is dropped.

        Returns:
            The path of a new, empty file.
        """
        wanted = Path(_UNSAFE.sub("-", name.rsplit("/", 1)[-1]).strip(".-") or "file")
        stem = wanted.stem[:_LONGEST_STEM].strip("-")
        while True:
            path = self.path / f"{stem}-{secrets.token_hex(4)}{wanted.suffix[:20]}"
            try:
                path.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                continue
            return path

    def file(self, name: str) -> Path:
        """Find a file by a name that may come from anybody.

        A link that the app itself made in the workspace is followed.

        Raises:
            CallerError: The name is a path that leads elsewhere.
            NotFound: There is no such file.
        """
        relative = Path(name)
        if not name or "\0" in name or "\\" in name or relative.is_absolute() or ".." in relative.parts:
            raise CallerError(
                f"{name!r} is no file name inside a workspace.", remedy="Give a plain file name."
            )
        path = self.path / relative
        try:
            found = path.is_file()
        except OSError:  # a name longer than the file system takes
            found = False
        if not found:
            raise NotFound(f"There is no file {name!r} in this workspace.")
        return path

    def files(self) -> list[Path]:
        """List the files directly in the workspace, newest first."""
        found = [path for path in self.path.iterdir() if path.is_file()]
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)

    def handle(self, file: str | Path) -> FileHandle:
        """Make a handle by which another app on this host may read one file of this workspace.

        Args:
            file: A file's name in the workspace, or its path.

        Raises:
            CallerError: It is not in this workspace.
            NotFound: There is no such file.
        """
        path = Path(file)
        name = os.path.relpath(path, self.path) if path.is_absolute() else str(file)
        return make_handle(self.file(name))


class UserWorkspace(Workspace):
    """The files of one user in one app."""


class AppWorkspace(Workspace):
    """The files of an app, shared by all its users."""


class Workspaces:
    """Every workspace of a host, below one folder.

    Args:
        root: The folder; made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()  # paths given to apps must outlive a change of folder

    def of_user(self, app_id: str, caller: Caller) -> UserWorkspace:
        """Give the caller's workspace in an app.

        Raises:
            Forbidden: The caller is anonymous, and nobody's files would be everybody's.
        """
        if not caller.signed_in:
            raise Forbidden("Somebody who is not signed in has no workspace.", remedy="Sign in first.")
        return UserWorkspace(self._root / app_id / "users" / quote(caller.principal, safe=""))

    def of_app(self, app_id: str) -> AppWorkspace:
        """Give an app's own workspace."""
        return AppWorkspace(self._root / app_id / "app")
