"""Errors as `application/problem+json` (RFC 9457)."""

from typing import Any

import msgspec

from hallway.errors import AuthorError, HallwayError, HostBusy, MethodNotAllowed, NotSignedIn, OperatorError

MEDIA_TYPE = "application/problem+json"
_WHOM_TO_TELL = {"author": AuthorError.remedy, "operator": OperatorError.remedy}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, for a machine and for a person.

    Args:
        type: A URI reference that names the kind of problem.
        title: The kind, in words; the same for every occurrence.
        status: The HTTP status.
        detail: This occurrence, in words.
        code: The kind, as one stable word.
        correlation_id: By which the host's log is searched.
        remedy: What to do about it.
        extra: Further members, written beside these.
    """

    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    remedy: str
    type: str = "about:blank"
    extra: dict[str, Any] = {}

    def encode(self) -> bytes:
        """Give the JSON document."""
        members = msgspec.structs.asdict(self)
        extra = members.pop("extra")
        return msgspec.json.encode({**extra, **members})


def problem_of(error: HallwayError, correlation_id: str) -> Problem:
    """Describe an error of ours."""
    # What an author or operator did wrong is for the log; a caller learns no more than whom to tell.
    told = error.fault in ("caller", "outside") or error.status == 503
    return Problem(
        type=f"urn:hallway:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.detail if told else "It has been logged.",
        code=error.code,
        correlation_id=correlation_id,
        remedy=error.remedy if told else _WHOM_TO_TELL.get(error.fault, HallwayError.remedy),
        extra=dict(error.extra) if told else {},
    )


def internal_problem(correlation_id: str) -> Problem:
    """Describe a bug: nothing is told but by what to find it in the log."""
    return Problem(
        type="urn:hallway:problem:internal",
        title="Something broke",
        status=500,
        detail="An unexpected error happened; it has been logged.",
        code="internal",
        correlation_id=correlation_id,
        remedy="Report it with the correlation id.",
    )


def problem_headers(error: HallwayError) -> dict[str, str]:
    """Give the headers that go with an error's status."""
    if isinstance(error, MethodNotAllowed):
        return {"allow": ", ".join(error.allowed)}
    if isinstance(error, NotSignedIn):
        return {"www-authenticate": 'Bearer realm="hallway"'}
    if isinstance(error, HostBusy):
        return {"retry-after": str(max(1, round(error.retry_after)))}
    return {}
