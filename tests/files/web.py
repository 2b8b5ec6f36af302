"""Servers of the outside world, for downloads: real ones, on this machine, under any name and as ill-behaved as told."""

import asyncio
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

from anyio import fail_after

from hallway.files.addresses import IPAddress
from hallway.files.fetching import FetchRules, GuardedFetcher
from hallway.files.remote import RemoteFile

Answer = bytes | Callable[[Callable[[bytes], object], threading.Event], None]
"""What a server says: bytes, or a function that gets what sends them, and an event that is set at the end."""


def ok(body: bytes = b"1,2\n", *headers: str) -> bytes:
    """Give a whole response."""
    return answer(200, body, f"content-length: {len(body)}", *headers)


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """Give a response with just these headers."""
    return "\r\n".join([f"HTTP/1.1 {status} Said", *headers, "\r\n"]).encode("latin-1") + body


def redirect(location: str, status: int = 302) -> bytes:
    """Give a redirect."""
    return answer(status, b"", f"location: {location}", "content-length: 0")


class WebServer(socketserver.ThreadingTCPServer):
    """A server in threads of its own, so that a download that gives up leaves nothing of it on the test's loop.

    Args:
        address: Where it listens; the port 0 takes any that is free.
        answers: What it says to a path.
        tls: Its side of TLS, where it speaks https.
    """

    allow_reuse_address = True

    def __init__(
        self, address: tuple[str, int], answers: Mapping[str, Answer], tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(address, _Exchange)
        self.port: int = self.server_address[1]
        self.answers = answers
        self.tls = tls
        self.heads: list[str] = []
        self.over = threading.Event()
        self.left = threading.Event()
        """Set when a client has left in the middle of an answer."""


class _Exchange(socketserver.BaseRequestHandler):
    """Answers one request."""

    def setup(self) -> None:
        self._web = cast("WebServer", self.server)

    def handle(self) -> None:
        connection = self.request
        try:
            if self._web.tls is not None:
                connection = self._web.tls.wrap_socket(connection, server_side=True)
            self._answer(connection)
        except (ConnectionError, ssl.SSLError):
            self._web.left.set()
        finally:
            connection.close()

    def _answer(self, connection: Any) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        self._web.heads.append(head.decode("latin-1"))
        said = self._web.answers[self._web.heads[-1].split(" ", 2)[1]]
        if isinstance(said, bytes):
            connection.sendall(said)
        else:
            said(connection.sendall, self._web.over)


@contextmanager
def web_server(
    answers: Mapping[str, Answer],
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Generator[WebServer, None, None]:
    """Run a server for the length of a block; once it is left, every thread and socket of the server is gone."""
    with WebServer((address, port), answers, tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


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
