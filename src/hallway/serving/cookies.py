"""The host's own cookie: its name, reading it, setting it, and keeping it from apps."""

import hashlib
from collections.abc import Iterable

from hallway.serving.asgi import Message


class SessionCookie:
    """The cookie that carries a session's secret.

    Browsers do not keep cookies of different ports apart, so its name is made from root path and port.

    Args:
        root_path: The path below which the host lies.
        port: The port that visitors use.
        secure: Whether they come by https.
        lifetime: Seconds that the browser keeps it.
    """

    def __init__(self, root_path: str, port: int, *, secure: bool, lifetime: int) -> None:
        tag = hashlib.sha256(f"{root_path}\0{port}".encode()).hexdigest()[:8]
        # `__Host-` has the browser refuse it from any other host or path, but needs https and the root path.
        prefix = "__Host-" if secure and not root_path else ""
        self.name = f"{prefix}hallway-{tag}"
        self._attributes = f"; Path={root_path or '/'}; HttpOnly; SameSite=Lax" + (
            "; Secure" if secure else ""
        )
        self._lifetime = lifetime
        self._start = f"{self.name}=".encode()

    def read(self, cookie_headers: Iterable[bytes]) -> str:
        """Give the secret from a request's Cookie headers, "" for none."""
        for header in cookie_headers:
            for pair in header.split(b";"):
                trimmed = pair.strip()
                if trimmed.startswith(self._start):
                    return trimmed[len(self._start) :].decode("latin-1")
        return ""

    def setting(self, secret: str) -> str:
        """Give the Set-Cookie value that signs a browser in."""
        return f"{self.name}={secret}{self._attributes}; Max-Age={self._lifetime}"

    def clearing(self) -> str:
        """Give the Set-Cookie value that signs a browser out."""
        return f"{self.name}={self._attributes}; Max-Age=0"

    def without(self, cookie_header: bytes) -> bytes:
        """Give a Cookie header without ours, for an app."""
        kept = [pair.strip() for pair in cookie_header.split(b";")]
        return b"; ".join(pair for pair in kept if pair and not pair.startswith(self._start))

    def strip_settings(self, start: Message) -> None:
        """Take from the start of an app's response any attempt to set our cookie."""
        headers: list[tuple[bytes, bytes]] = list(start.get("headers", ()))
        start["headers"] = [
            (name, value)
            for name, value in headers
            if not (name.lower() == b"set-cookie" and self._sets_ours(value))
        ]

    def _sets_ours(self, setting: bytes) -> bool:
        # As browsers read it (RFC 6265 section 5.2): blanks around the name do not count, and a cookie without a name
        # is sent back as its value alone, which may look like ours.
        name, _, value = setting.partition(b";")[0].partition(b"=")
        return (name.strip() or value.strip().partition(b"=")[0].strip()) == self.name.encode()
