"""HTTP/1.1 responses to requests for a WebSocket, written by hand: uvicorn's HTTP protocol has let go of the connection."""

import re
from collections.abc import Iterable
from http import HTTPStatus

Header = tuple[bytes, bytes]
Headers = Iterable[Header]

# RFC 9110 sections 5.1 and 5.5. A line break in a value would let it write headers of its own.
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# What the handshake itself says (RFC 6455 section 4.2.2), and what a 1xx response must not have (RFC 9110 8.6, 6.1).
_OWN_OF_HANDSHAKE = frozenset(
    {
        b"connection",
        b"content-length",
        b"sec-websocket-accept",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
        b"transfer-encoding",
        b"upgrade",
    }
)


def switching(
    accept_key: bytes, subprotocol: str | None, default_headers: Headers, headers: Headers
) -> bytes:
    """Write the 101 response that opens a WebSocket.

    Args:
        accept_key: The value of Sec-WebSocket-Accept.
        subprotocol: What the application chose, if it did.
        default_headers: The server's.
        headers: The application's.

    Raises:
        ValueError: A header cannot be sent.
    """
    own: list[Header] = [
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-accept", accept_key),
    ]
    if subprotocol:
        own.append((b"sec-websocket-protocol", subprotocol.encode("latin-1")))
    given = [(bytes(name), bytes(value)) for name, value in headers]
    for name, _value in given:
        if name.lower() in _OWN_OF_HANDSHAKE:
            raise ValueError(f"The handshake of a WebSocket sets {name.decode('latin-1')!r} itself.")
    return _head(101, [*own, *default_headers, *given])


def denial_head(status: int, default_headers: Headers, headers: Headers, length: int | None) -> bytes:
    """Write the head of the response by which an application denies a WebSocket.

    Args:
        status: Its status.
        default_headers: The server's.
        headers: The application's.
        length: How long the body is; if nobody knows, the end of the connection ends it (RFC 9112 section 6.3).

    Raises:
        ValueError: The status or a header cannot be sent.
    """
    if not 200 <= status <= 599:
        raise ValueError(f"{status} is no status of a response that denies a WebSocket.")
    # How the body is framed is for the server to say.
    kept = [
        (bytes(name), bytes(value))
        for name, value in headers
        if name.lower() not in {b"connection", b"transfer-encoding"}
    ]
    said = any(name.lower() == b"content-length" for name, _value in kept)
    if length is not None and not said and may_have_body(status):
        kept.append((b"content-length", b"%d" % length))
    return _head(status, [*default_headers, *kept, (b"connection", b"close")])


def may_have_body(status: int) -> bool:
    """Whether a response with this status has a body (RFC 9110 sections 15.3.5 and 15.4.5)."""
    return status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


def refusal(status: int, text: str, default_headers: Headers, headers: Headers = ()) -> bytes:
    """Write a whole response by which the server itself refuses a WebSocket."""
    body = text.encode()
    kind = (b"content-type", b"text/plain; charset=utf-8")
    return denial_head(status, default_headers, [*headers, kind], len(body)) + body


def _head(status: int, headers: Headers) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    lines = [b"HTTP/1.1 %d %s\r\n" % (status, phrase.encode())]
    for name, value in headers:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an HTTP header.")
        if _NOT_IN_VALUE.search(value):
            raise ValueError(f"The value of the header {name.decode()!r} has a control character.")
        lines.append(b"%s: %s\r\n" % (name, value))
    lines.append(b"\r\n")
    return b"".join(lines)
