"""Close codes, and the payload of Close frames (RFC 6455 sections 5.5.1 and 7.4)."""

from enum import IntEnum

from picows import WSProtocolError

# A control frame's payload has at most 125 bytes (section 5.5), two of which are the code.
_MAX_REASON = 123


class CloseCode(IntEnum):
    """The codes that this package speaks of; the application and the peer may use others."""

    NORMAL = 1000
    PROTOCOL_ERROR = 1002
    NO_STATUS = 1005
    """Never sent: stands for a Close frame without a code."""
    ABNORMAL = 1006
    """Never sent: stands for a connection that was lost without a Close frame, or never opened."""
    INVALID_DATA = 1007
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    """Registered with IANA: come back later, but not everybody at once."""


class Violation(WSProtocolError):
    """The peer broke the protocol. picows answers it with a Close frame of this code and reason.

    Args:
        code: The close code.
        reason: What the peer did, in at most 123 bytes.
    """

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(int(code), reason)


def may_be_sent(code: int) -> bool:
    """Whether a Close frame may carry this code: the registered ones (section 7.4.1) and those for free use (7.4.2)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def parse_close(payload: bytes) -> tuple[int | None, str]:
    """Read the payload of a Close frame.

    Returns:
        The code, None if there is none, and the reason.

    Raises:
        Violation: No Close frame may look so.
    """
    if not payload:
        return None, ""
    if len(payload) == 1:
        raise Violation(CloseCode.PROTOCOL_ERROR, "a Close frame with half a code")
    code = int.from_bytes(payload[:2], "big")
    if not may_be_sent(code):
        raise Violation(CloseCode.PROTOCOL_ERROR, f"a Close frame with the code {code}")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError as error:
        raise Violation(CloseCode.INVALID_DATA, "a Close frame whose reason is not UTF-8") from error


def fitting(reason: str) -> str:
    """Shorten a reason to what fits into a Close frame: it is for people, and half of it better than an error."""
    encoded = reason.encode(errors="replace")
    if len(encoded) <= _MAX_REASON:
        return encoded.decode()
    return encoded[:_MAX_REASON].decode(errors="ignore")
