"""Servers of the outside world, for downloads: real ones, on this machine, under any name and as ill-behaved as told."""

import asyncio
import ipaddress
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import fail_after

from hallway.files.addresses import IPAddress
from hallway.files.fetching import FetchRules, GuardedFetcher
from hallway.files.remote import RemoteFile

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def ok(body: bytes = b"1,2\n", *headers: str) -> bytes:
    """Give a whole response."""
    return answer(200, body, f"content-length: {len(body)}", *headers)


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """Give a response with just these headers."""
    return "\r\n".join([f"HTTP/1.1 {status} Said", *headers, "\r\n"]).encode("latin-1") + body


def redirect(location: str, status: int = 302) -> bytes:
    """Give a redirect."""
    return answer(status, b"", f"location: {location}", "content-length: 0")


@dataclass
class WebServer:
    """One server.

    Args:
        port: Where it listens.
        answers: What it says to a path.
        heads: The request heads that it got.
        left: Set when a client has left.
    """

    port: int
    answers: Mapping[str, Answer]
    heads: list[str] = field(default_factory=list[str])
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        said = self.answers[head.split(" ", 2)[1]]
        try:
            if isinstance(said, bytes):
                writer.write(said)
                await writer.drain()
            else:
                await said(writer)
        except ConnectionError:
            self.left.set()
        finally:
            writer.close()


@asynccontextmanager
async def web_server(
    answers: Mapping[str, Answer], *, address: str = "127.0.0.1", port: int = 0, **options: Any
) -> AsyncGenerator[WebServer, None]:
    """Run a server for the length of a block."""
    found = WebServer(port, answers)
    server = await asyncio.start_server(found.serve, address, port, **options)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


class Names:
    """A resolver: gives each host its addresses, and the last for ever."""

    def __init__(self, **hosts: Sequence[Sequence[str]]) -> None:
        self._hosts = {host.replace("_", "."): list(answers) for host, answers in hosts.items()}
        self.asked: list[tuple[str, int]] = []
        self.otherwise: Sequence[str] | None = None

    def add(self, host: str, *addresses: str) -> None:
        """Give one more host its addresses."""
        self._hosts[host] = [addresses]

    async def __call__(self, host: str, port: int) -> Sequence[IPAddress]:
        self.asked.append((host, port))
        # An address stands for itself.
        answers = self._hosts.get(host, [[host] if self.otherwise is None else self.otherwise])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ipaddress.ip_address(text) for text in found]


class OwnHost:
    """The host's own files, at one origin."""

    origin = "http://hallway.test"

    def owns(self, url: str) -> bool:
        return url.startswith(self.origin)

    def open(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[AsyncIterator[bytes], None]:
            async def pieces() -> AsyncIterator[bytes]:
                yield b"own "
                yield b"file"

            yield pieces()

        return opened()


def a_fetcher(names: Names | None = None, /, **rules: Any) -> GuardedFetcher:
    """Make a fetcher for which `files.test` is a server of one's own network."""
    names = names or Names(files_test=[["127.0.0.1"]])
    rules = {"private_hosts": frozenset({"files.test"}), "timeout": 5, "stall_timeout": 5, **rules}
    return GuardedFetcher(FetchRules(**rules), OwnHost(), asyncio.get_running_loop(), names)


def names_in(folder: Path) -> list[str]:
    """List a folder, to see what a download left in it."""
    return sorted(path.name for path in folder.iterdir())


async def download(url: str, folder: Path, fetcher: GuardedFetcher) -> bytes:
    """Save a remote file under a reserved name, and give what was saved."""
    path = folder / "saved.csv"
    path.touch()
    with fail_after(10):
        saved = await RemoteFile(url, fetcher).save(path)
    assert saved == path
    return path.read_bytes()
