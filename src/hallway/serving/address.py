"""Where the host is reached: its origins, its root path, and which addresses are its own."""

from urllib.parse import urlsplit

from hallway.serving.visit import current_visit

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104 - compared with, not bound to
_DEFAULT_PORTS = {"http": 80, "https": 443}


class HostAddress:
    """The host's own addresses; see `hallway.handoff.links.OwnAddress`.

    Args:
        host: The name or address that it listens on.
        port: The port that it listens on.
        root_path: The path below which everything lies, "" for none.
        public_url: Where visitors reach it, when that differs (behind a proxy, say); "" if not.
    """

    def __init__(self, host: str, port: int, *, root_path: str = "", public_url: str = "") -> None:
        host = host.strip("[]")
        host = f"[{host}]" if ":" in host else host
        names = {host, *_LOOPBACK} if host in (*_LOOPBACK, *_EVERYWHERE) else {host}
        self.root_path = root_path
        self._origins = {origin_of(f"http://{name}:{port}") for name in names}
        shown = "127.0.0.1" if host in _EVERYWHERE else host
        self._primary = origin_of(public_url or f"http://{shown}:{port}")
        self._origins.add(self._primary)

    @property
    def base_url(self) -> str:
        """See `OwnAddress.base_url`."""
        visit = current_visit()
        origin = visit.origin if visit is not None and visit.origin in self._origins else self._primary
        return origin + self.root_path

    @property
    def origin(self) -> str:
        """The origin that visitors see in their address bar."""
        return self._primary

    @property
    def primary_url(self) -> str:
        """The address to print and to give to others."""
        return self._primary + self.root_path

    @property
    def secure(self) -> bool:
        """Whether visitors come by https, so that cookies can demand it."""
        return self._primary.startswith("https://")

    def below_root(self, url: str) -> str | None:
        """See `OwnAddress.below_root`."""
        try:
            parts = urlsplit(url)
            if origin_of(url) not in self._origins:
                return None
        except ValueError:
            return None
        path = parts.path or "/"
        if self.root_path and not path.startswith(self.root_path + "/"):
            return None
        below = path.removeprefix(self.root_path)
        return f"{below}?{parts.query}" if parts.query else below


def origin_of(url: str) -> str:
    """Give the origin of an address (RFC 6454), with the port left out where it is the scheme's own.

    Raises:
        ValueError: The address has a port that is no number.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    if parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{parts.port}"
