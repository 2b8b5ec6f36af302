"""The guarded download: every server-side request whose address somebody else chose goes through here."""

import asyncio
import ipaddress
import socket
import typing
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin, urlsplit

from hallway.blocking import wait_for_loop
from hallway.errors import FetchFailed, FetchRefused
from hallway.files.addresses import IPAddress, is_public
from hallway.files.remote import RemoteFile, is_web_address

if TYPE_CHECKING:
    import httpx

Resolver = Callable[[str, int], Awaitable[Sequence[IPAddress]]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CODINGS = {"": False, "identity": False, "gzip": True, "x-gzip": True, "deflate": True}
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32
_LARGEST_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What a download may do.

    Args:
        max_bytes: The most that one file may have, after decoding.
        timeout: Seconds for the whole download.
        stall_timeout: Seconds in which at least one byte must come.
        max_redirects: How many redirects are followed; each is checked like the first address.
        https_only: Refuse plain http to other hosts.
        private_hosts: Host names whose private addresses are allowed all the same, for servers of one's own network.
    """

    max_bytes: int = 1 << 30
    timeout: float = 300.0
    stall_timeout: float = 20.0
    max_redirects: int = 3
    https_only: bool = False
    private_hosts: frozenset[str] = frozenset()


class OwnFiles(Protocol):
    """The host's own addresses, which are read in process and only through shared links."""

    def owns(self, url: str) -> bool:
        """Tell whether an address is on the host itself."""
        ...

    def open(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Read a shared link.

        Raises:
            FetchRefused: It is not a valid shared link.
        """
        ...


async def resolve(host: str, port: int) -> Sequence[IPAddress]:
    """Ask the system's resolver for a host's addresses."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter of a name that cannot be one
        raise FetchFailed(f"The host {host!r} has no address: {_words(error)}.") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


class GuardedFetcher:
    """Downloads remote files under `FetchRules`.

    Args:
        rules: The limits.
        own_files: What reads the host's own shared links.
        loop: The host's loop, for the blocking form.
        resolver: Looks up a host's addresses; tests give their own.
    """

    def __init__(
        self,
        rules: FetchRules,
        own_files: OwnFiles,
        loop: asyncio.AbstractEventLoop,
        resolver: Resolver = resolve,
    ) -> None:
        self._rules = rules
        self._private_hosts = frozenset(map(str.lower, rules.private_hosts))  # as addresses are read
        self._own_files = own_files
        self._loop = loop
        self._resolve = resolver

    def save_blocking(self, file: RemoteFile, path: Path) -> Path:
        """See `Fetcher.save_blocking`."""
        return wait_for_loop(self._loop, file.save(path))

    @asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """See `Fetcher.open`."""
        try:
            async with asyncio.timeout(self._rules.timeout):
                if self._own_files.owns(url):
                    async with self._own_files.open(url) as pieces:
                        yield self._bounded(url, pieces)
                else:
                    async with self._open_remote(url) as response:
                        yield self._bounded(url, _decoded(url, response))
        except TimeoutError as error:
            raise FetchFailed(f"{url} took longer than {self._rules.timeout:g} seconds.") from error

    async def _bounded(self, url: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        received = 0
        async for piece in pieces:
            received += len(piece)
            if received > self._rules.max_bytes:
                raise FetchFailed(f"{url} has more than the {self._rules.max_bytes} bytes allowed.")
            yield piece

    @asynccontextmanager
    async def _open_remote(self, url: str) -> AsyncGenerator["httpx.Response", None]:
        # 100 ms to import, and most hosts never download anything.
        import httpx

        # No environment, no cookies: the request carries nothing of ours (rule "no ambient credentials").
        limits = httpx.Timeout(self._rules.stall_timeout)
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=limits) as client:
            for _ in range(self._rules.max_redirects + 1):
                request = await self._checked_request(client, url)
                try:
                    response = await client.send(request, stream=True)
                except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # of a redirect, too
                    raise FetchFailed(f"{url} could not be fetched: {_words(error)}.") from error
                try:
                    target = response.headers.get("location")
                    if response.status_code not in _REDIRECTS or target is None:
                        _require_success(url, response.status_code)
                        yield response
                        return
                finally:
                    await response.aclose()
                url = _joined(url, target)
        raise FetchFailed(f"More than {self._rules.max_redirects} redirects, the last to {url}.")

    async def _checked_request(self, client: "httpx.AsyncClient", url: str) -> "httpx.Request":
        import httpx

        if not is_web_address(url):
            raise FetchRefused(f"{url!r} is no http or https address.")
        parts = urlsplit(url)
        host = typing.cast("str", parts.hostname)
        if self._own_files.owns(url):
            raise FetchRefused(f"{url} leads back to this host by a redirect.")
        if self._rules.https_only and parts.scheme != "https":
            raise FetchRefused(f"{url} is not https, which this host requires.")
        address = await self._checked_address(host, parts.port or (443 if parts.scheme == "https" else 80))
        # Connect to the very address that was checked: a second look-up could answer differently (DNS rebinding).
        try:
            request = client.build_request("GET", url, headers={"accept-encoding": "identity"})
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchRefused(f"{url!r} is no address that can be asked for: {_words(error)}.") from error
        # The Host header, made of the name in its ASCII form, stays; so does the name in TLS.
        request.extensions["sni_hostname"] = request.url.raw_host.decode("ascii")
        request.url = request.url.copy_with(host=str(address))
        return request

    async def _checked_address(self, host: str, port: int) -> IPAddress:
        addresses = await self._resolve(host, port)
        if host not in self._private_hosts and not all(map(is_public, addresses)):
            raise FetchRefused(f"The host {host!r} is on a private network or on this machine.")
        if not addresses:
            raise FetchFailed(f"The host {host!r} has no address.")
        return addresses[0]


async def _decoded(url: str, response: "httpx.Response") -> AsyncIterator[bytes]:
    """Give the body in pieces; some servers compress though nobody asked them to."""
    import httpx

    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in _CODINGS:
        raise FetchFailed(f"{url} is sent as {coding!r}, which was not asked for.")
    raw = response.aiter_raw()
    try:
        async for piece in _inflated(raw) if _CODINGS[coding] else raw:
            yield piece
    except (httpx.HTTPError, zlib.error) as error:
        raise FetchFailed(f"{url} broke off: {_words(error)}.") from error


async def _inflated(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Undo gzip or deflate, never more than one piece at a time: a few bytes can stand for gigabytes."""
    inflater = zlib.decompressobj(_ZLIB_OR_GZIP)
    async for piece in pieces:
        rest = piece
        while rest:
            if inflater.eof:  # gzip files may follow one another
                inflater = zlib.decompressobj(_ZLIB_OR_GZIP)
            yield inflater.decompress(rest, _LARGEST_PIECE)
            rest = inflater.unconsumed_tail or inflater.unused_data
    yield inflater.flush()
    if not inflater.eof:
        raise zlib.error("the compressed data ended early")


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise FetchFailed(f"{url} redirects to {target!r}, which is no address.") from error


def _require_success(url: str, status: int) -> None:
    if not 200 <= status < 300:
        raise FetchFailed(f"{url} answered {status}.")


def _words(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
