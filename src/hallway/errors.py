"""One taxonomy of errors, by whose fault it is.

Each class says whose fault (`fault`), a stable machine word (`code`), the HTTP status that a face answers with
(`status`), and what to do about it (`remedy`). Faces turn them into their own wire format and never add a traceback
or echo a secret. What is *not* a `HallwayError` is a bug, of an app or of Hallway, and is answered with a
correlation id alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from hallway.values import Json

Fault = Literal["caller", "author", "operator", "outside", "host"]


class HallwayError(Exception):
    """Something went wrong that Hallway understands; catch a subclass to act on it.

    Args:
        detail: What happened, for a person, with the value that was wrong where it is no secret.
        remedy: What to do about it, where this can be said better than the class does.
        extra: Further members of the answer, such as near matches.
    """

    fault: ClassVar[Fault] = "host"
    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    remedy: str = "Report it with the correlation id."

    def __init__(
        self, detail: str, *, remedy: str | None = None, extra: Mapping[str, Json] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra: Mapping[str, Json] = extra or {}
        if remedy is not None:
            self.remedy = remedy


# --- the caller's fault ---------------------------------------------------------------------------------------


class CallerError(HallwayError):
    """The request was wrong; sending it again unchanged will not help."""

    fault = "caller"
    status = 400
    code = "bad_request"
    title = "Bad request"
    remedy = "Correct the request."


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One thing wrong with one input.

    Args:
        name: The parameter, with the path inside it (`points.0.x`), or "" for the inputs as a whole.
        message: What was given and what is allowed.
        kind: A machine word for it: `missing`, `unknown`, `repeated` or `invalid`.
    """

    name: str
    message: str
    kind: Literal["missing", "unknown", "repeated", "invalid"] = "invalid"


class InvalidInput(CallerError):
    """The inputs do not fit what the capability declares; `problems` names each one."""

    code = "invalid_input"
    title = "The inputs do not fit"
    remedy = "Compare them with the capability's schema."

    def __init__(self, problems: Sequence[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(problem.message for problem in self.problems),
            extra={
                "errors": [
                    {"name": problem.name, "kind": problem.kind, "message": problem.message}
                    for problem in self.problems
                ]
            },
        )


class NotSignedIn(CallerError):
    """Nobody is signed in, and this is not open to everybody."""

    status = 401
    code = "not_signed_in"
    title = "Sign in first"
    remedy = "Sign in, or send a bearer token."


class BadCredentials(NotSignedIn):
    """The password, token, session or link is wrong, expired or used up; which of these is not told."""

    code = "bad_credentials"
    title = "That sign-in did not work"
    remedy = "Check the name and password, or ask for a new token."


class Forbidden(CallerError):
    """The caller is known and may see this, but may not do it."""

    status = 403
    code = "forbidden"
    title = "Not allowed"
    remedy = "Ask the app's owner to add you to those who may."


class NotFound(CallerError):
    """It does not exist, or the caller may not know that it does; the two answers are the same."""

    status = 404
    code = "not_found"
    title = "Not found"
    remedy = "Check the name."


class UnknownApp(NotFound):
    """No app of that name can be seen by this caller."""

    code = "unknown_app"


class UnknownHandoff(NotFound):
    """No handoff of that name can be seen by this caller."""

    code = "unknown_handoff"


class MethodNotAllowed(CallerError):
    """The address exists but does not take this HTTP method."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    remedy = "Use one of the methods in the Allow header."

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__(f"{method} is not allowed here; allowed: {', '.join(allowed)}.")


class TooLarge(CallerError):
    """The request body is larger than the host takes."""

    status = 413
    code = "too_large"
    title = "Too large"
    remedy = "Send less."


# --- the author's fault ---------------------------------------------------------------------------------------


class AuthorError(HallwayError):
    """An app is written wrongly; its author can mend it."""

    fault = "author"
    code = "app_error"
    title = "The app made a mistake"
    remedy = "Tell the app's author, with the correlation id."


class BadDeclaration(AuthorError):
    """An app or capability is declared in a way that cannot work; found when it is loaded."""

    code = "bad_declaration"
    remedy = "Correct it in the app's code."


class BadResult(AuthorError):
    """A handler returned something that its kind of capability cannot use."""

    code = "bad_result"


class NotBound(AuthorError):
    """The app was asked for something that only a running host can give."""

    code = "not_bound"
    remedy = "Serve the app (`hallway serve`), or use `hallway.testing` in tests."


class WrongThread(AuthorError):
    """A blocking call was made on the event loop's thread, where it would stop every app."""

    code = "wrong_thread"
    remedy = "Await the async form, or call this from a plain `def`."


# --- the operator's fault -------------------------------------------------------------------------------------


class OperatorError(HallwayError):
    """The host is set up wrongly; `hallway serve` prints it as one line and exits with 2."""

    fault = "operator"
    code = "misconfigured"
    title = "The host is not set up right"
    remedy = "Tell whoever runs this host."


class BadSetting(OperatorError):
    """A setting has a value that it cannot have."""

    code = "bad_setting"


class BadTarget(OperatorError):
    """A TARGET of `hallway serve` names nothing that can be served."""

    code = "bad_target"


class PortUnavailable(OperatorError):
    """The address to listen on is taken, privileged or not this machine's."""

    code = "port_unavailable"


class DataUnusable(OperatorError):
    """The data directory or the store in it cannot be used."""

    code = "data_unusable"


# --- the outside's fault --------------------------------------------------------------------------------------


class OutsideError(HallwayError):
    """Somebody else's server failed us."""

    fault = "outside"
    status = 502
    code = "outside_failed"
    title = "Another server failed"
    remedy = "Try again later, or check the address that was given."


class FetchFailed(OutsideError):
    """A remote file could not be downloaded."""

    code = "fetch_failed"


class FetchRefused(CallerError):
    """A remote file is at an address that Hallway does not fetch from."""

    code = "fetch_refused"
    title = "That address is not fetched"
    remedy = "Use a public https address, or a shared link of an app on this host."


# --- the host's own state -------------------------------------------------------------------------------------


class HostBusy(HallwayError):
    """A bounded queue is full or the store is locked; nothing was started."""

    status = 503
    code = "busy"
    title = "Busy"
    remedy = "Try again after the seconds in Retry-After."

    def __init__(self, detail: str, *, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(detail)
