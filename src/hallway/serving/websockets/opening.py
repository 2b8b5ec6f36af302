"""The client's side of the opening handshake (RFC 6455 section 4.2.1), read and judged."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import httptools

from hallway.serving.websockets.responses import Header

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_VERSION = b"13"


@dataclass(frozen=True, slots=True)
class Opening:
    """A request for a WebSocket.

    Args:
        path: The path as it was sent.
        query: The query as it was sent.
        headers: The headers, their names in lower case.
        key: The client's Sec-WebSocket-Key.
        subprotocols: What the client offers to speak, best first.
    """

    path: bytes
    query: bytes
    headers: list[Header]
    key: bytes
    subprotocols: list[str]

    @property
    def accept_key(self) -> bytes:
        """The proof that the request was understood (section 4.2.2, item 5.4)."""
        return base64.b64encode(hashlib.sha1(self.key + _GUID, usedforsecurity=False).digest())


class Refused(Exception):
    """The request is none for a WebSocket that can be served.

    Args:
        status: The HTTP status to answer with.
        text: What is wrong with it.
        headers: What the answer says besides.
    """

    def __init__(self, status: int, text: str, *headers: Header) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


def read_opening(request: bytes) -> Opening:
    """Read a request for a WebSocket.

    Args:
        request: The head as uvicorn hands it over: taken apart and put together again by its HTTP parser, so that
            the lines are well formed. uvicorn has looked at `Connection` and `Upgrade`, too.

    Raises:
        Refused: It cannot be served.
    """
    lines = request.split(b"\r\n")
    method, target, _version = lines[0].split(b" ")
    headers: list[Header] = []
    for line in lines[1:-2]:
        name, _, value = line.partition(b": ")
        headers.append((name.lower(), value))
    if method != b"GET":
        raise Refused(405, "A WebSocket is opened with GET.", (b"allow", b"GET"))
    _refuse_body(headers)
    if _values(headers, b"sec-websocket-version") != [_VERSION]:
        # Section 4.4: the versions that are spoken are named.
        raise Refused(
            426,
            "This server speaks version 13 of the WebSocket protocol.",
            (b"sec-websocket-version", _VERSION),
            (b"upgrade", b"websocket"),
        )
    path, query = _split(target)
    return Opening(path, query, headers, _key(headers), _subprotocols(headers))


def _values(headers: list[Header], wanted: bytes) -> list[bytes]:
    return [value.strip() for name, value in headers if name == wanted]


def _refuse_body(headers: list[Header]) -> None:
    # What follows the head is taken for frames; a body in between would be read as some.
    if _values(headers, b"transfer-encoding") or any(
        length.strip(b"0") for length in _values(headers, b"content-length")
    ):
        raise Refused(400, "A request for a WebSocket has no body.")


def _split(target: bytes) -> tuple[bytes, bytes]:
    # With uvicorn's parser, so that a path means the same here as it does for HTTP.
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError as error:
        raise Refused(400, "The request target is no URL.") from error
    return url.path or b"/", url.query or b""


def _key(headers: list[Header]) -> bytes:
    try:
        (key,) = _values(headers, b"sec-websocket-key")
        valid = len(base64.b64decode(key, validate=True)) == 16
    except (ValueError, binascii.Error):
        valid, key = False, b""
    if not valid:
        raise Refused(400, "Sec-WebSocket-Key is missing, or not 16 bytes in base64.")
    return key


def _subprotocols(headers: list[Header]) -> list[str]:
    offers = b",".join(_values(headers, b"sec-websocket-protocol")).decode("latin-1")
    return [offer.strip() for offer in offers.split(",") if offer.strip()]
