"""RemoteFile: a parameter that names a file by its address, downloaded by the host under guard."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, final
from urllib.parse import unquote, urlsplit

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

FETCHER = "hallway.fetcher"
"""Under this key of the validation context a `RemoteFile` finds what downloads it."""


class Fetcher(Protocol):
    """What downloads remote files under the host's rules."""

    def open(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open the file and give its bytes in pieces.

        Raises:
            FetchRefused: The address is one that the host does not fetch from.
            FetchFailed: The other server failed, or sent more than the limit.
        """
        ...

    def save_blocking(self, file: "RemoteFile", path: Path) -> Path:
        """Save from a thread other than the loop's."""
        ...


@final
class RemoteFile:
    """A file somewhere on the web, or behind a shared link of an app on this host.

    Annotate a parameter with it; the caller sends the address. Nothing is downloaded before `save`. Private networks,
    this machine and cloud metadata services are refused, also behind redirects and changing DNS answers, and no
    cookie or token of the user goes with the request.
    """

    __slots__ = ("_fetcher", "url")

    def __init__(self, url: str, fetcher: Fetcher) -> None:
        self.url = url
        self._fetcher = fetcher

    @property
    def name(self) -> str:
        """The last part of the address' path, or "" where there is none."""
        return PurePosixPath(unquote(urlsplit(self.url).path)).name

    async def save(self, path: Path) -> Path:
        """Download to a file; it appears there whole or not at all.

        Args:
            path: Where to; what `workspace.unique(name)` gave, as a rule.

        Returns:
            The same path.

        Raises:
            FetchRefused: The address is one that the host does not fetch from.
            FetchFailed: The other server failed, or sent more than the limit.
        """
        partial = path.with_name(f".{path.name}.part")
        reserved = _is_empty_file(path)
        try:
            async with self._fetcher.open(self.url) as pieces:
                with partial.open("wb") as file:
                    async for piece in pieces:
                        file.write(piece)
            partial.replace(path)
        except BaseException:  # cancellation, too, must leave neither the reserved name nor half a file
            _remove(partial, path if reserved else partial)
            raise
        return path

    def save_blocking(self, path: Path) -> Path:
        """Do what `save` does, from a plain `def` in a worker thread."""
        return self._fetcher.save_blocking(self, path)

    def __repr__(self) -> str:
        return f"RemoteFile({self.url!r})"

    def __str__(self) -> str:
        return self.url

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "uri", "title": "Remote file", "x-hallway-type": "remote-file"}

    @classmethod
    def _validate(cls, value: object, info: core_schema.ValidationInfo) -> "RemoteFile":
        if isinstance(value, RemoteFile):
            return value
        if not isinstance(value, str) or not is_web_address(value):
            raise PydanticCustomError("remote_file", "Allowed: an http or https address of a file")
        context: dict[str, Any] = info.context or {}
        return cls(value, context[FETCHER])


def is_web_address(value: str) -> bool:
    """Tell whether this is an absolute http(s) address without credentials in it."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        return False
    printable = value.isprintable() and " " not in value
    return parts.scheme in ("http", "https") and bool(host) and parts.username is None and printable


def _is_empty_file(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return False


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
