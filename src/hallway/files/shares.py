"""Shared links: a signed, expiring address by which anybody who has it may read one page of one app.

The link acts for the user who made it, on that one address alone, and only as long as the app marks the route as
shared. Ordinary HTTP clients can follow it: no cookie or token is needed.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote

from hallway.clock import Clock
from hallway.errors import BadDeclaration

SHARE_PARAMETER = "hallway_share"
"""The query parameter that carries the signature; it is taken away before the app sees the request."""

_HOLE = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")


@dataclass(frozen=True, slots=True)
class ShareGrant:
    """What a valid link stands for.

    Args:
        principal: The user who made it.
        expires: When it ends, in seconds since 1970-01-01 UTC.
    """

    principal: str
    expires: int


def share_address(app_id: str, path: str, query: str) -> str:
    """Give the form in which an address is signed.

    Args:
        app_id: The app's id: where the operator put its pages does not count.
        path: Inside the app, percent-decoded, since clients spell `%7E` as they like.
        query: As it was written, without the signature.
    """
    # Encoded anew, a `?` in the path cannot be taken for the one that begins the query; empty pairs mean nothing.
    return f"{app_id}:{quote(path)}?{'&'.join(filter(None, query.split('&')))}"


class RouteTemplate:
    """A route that an app shares, such as `/csv/{site}.csv`; `{…}` stands for anything but a slash.

    Raises:
        BadDeclaration: It does not begin with a slash, or its braces do not match.
    """

    def __init__(self, template: str) -> None:
        fixed = _HOLE.split(template)
        if not template.startswith("/") or any("{" in part or "}" in part for part in fixed):
            raise BadDeclaration(f"{template!r} is no route to share. Allowed: like '/csv/{{site}}'.")
        self.template = template
        self._pattern = re.compile("[^/]+".join(re.escape(part) for part in fixed))

    def matches(self, path: str) -> bool:
        """Tell whether a path inside the app, not percent-encoded, is of this route."""
        return self._pattern.fullmatch(path) is not None and ".." not in path.split("/")


class ShareSigner:
    """Signs and checks shared links with a secret of the host's.

    Args:
        key: The secret, at least 32 bytes.
        clock: What tells when a link has expired.
        lifetime: How long a new link lives, in seconds.
    """

    def __init__(self, key: bytes, clock: Clock, *, lifetime: int = 3600) -> None:
        if len(key) < 32:
            raise ValueError("the key of shared links must be at least 32 bytes")
        self._key = key
        self._clock = clock
        self._lifetime = lifetime

    def sign(self, address: str, principal: str) -> str:
        """Make the value of `hallway_share` for an address.

        Args:
            address: What `share_address` gave.
            principal: The user for whom the link acts.
        """
        expires = int(self._clock.time()) + self._lifetime
        who = _encode(principal.encode())
        return f"v1.{expires}.{who}.{_encode(self._mac(address, expires, principal))}"

    def verify(self, address: str, signature: str) -> ShareGrant | None:
        """Give what a link stands for, or None where it is forged, altered or expired."""
        try:
            version, expires_text, who, mac = signature.split(".")
            expires, principal, given = int(expires_text), _decode(who).decode(), _decode(mac)
        except (ValueError, binascii.Error):
            return None
        genuine = hmac.compare_digest(given, self._mac(address, expires, principal))
        canonical = version == "v1" and expires_text == str(expires)  # int() reads " 1", "0_1" and "１", too
        if not canonical or not genuine or expires <= self._clock.time():
            return None
        return ShareGrant(principal, expires)

    def _mac(self, address: str, expires: int, principal: str) -> bytes:
        message = "\0".join(("v1", str(expires), principal, address)).encode()
        return hmac.new(self._key, message, hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(data) != text:
        raise ValueError("not canonical")  # one signature has one spelling (RFC 4648 section 3.5)
    return data
