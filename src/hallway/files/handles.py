"""File handles: how one app lets another on the same host read a file, without saying where it lies."""

from pathlib import Path
from typing import Any, BinaryIO, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@final
class FileHandle:
    """The right to read one file of another app's workspace, given by that app (`workspace.handle(name)`).

    It passes between apps in one process, as a parameter of an internal handoff; it cannot be made from text, so no
    outside caller can name a file of the host.
    """

    __slots__ = ("_path",)
    _path: Path

    def __init__(self) -> None:
        raise TypeError("A FileHandle is made by workspace.handle(name).")

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self._path.name

    def open(self) -> BinaryIO:
        """Open the file for reading bytes."""
        return self._path.open("rb")

    def copy_to(self, path: Path) -> Path:
        """Copy the file, and give the path of the copy.

        Args:
            path: Where to; what `workspace.unique(name)` gave, as a rule.
        """
        with self.open() as source, path.open("wb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
        return path

    def __repr__(self) -> str:
        return f"FileHandle({self.name!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "object", "title": "File handle", "description": "A file of another app's workspace."}


def make_handle(path: Path) -> FileHandle:
    """Make a handle; for workspaces alone, which have checked the path."""
    handle = object.__new__(FileHandle)
    handle._path = path  # pyright: ignore[reportPrivateUsage]
    return handle
