"""Running a test's code inside an app, as a user has it run."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from hallway import App
from hallway.testing import MemoryHost

T = TypeVar("T")


class Inside:
    """Runs code in the handlers of an app, for a user who is signed in; gives or raises what the code does.

    Args:
        app: It gets two handoffs, `in-thread` and `on-loop`.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._job: Callable[[], Any] = NotImplemented
        self._result: Any = None
        self._error: Exception | None = None
        app.handoff("in-thread")(self._in_thread)
        app.handoff("on-loop")(self._on_loop)

    def run(self, host: MemoryHost, job: Callable[[], T], *, user: str = "alice") -> T:
        """Run a function in a thread of the app."""
        return self._run(host, job, user, "in-thread")

    def run_on_loop(self, host: MemoryHost, job: Callable[[], Awaitable[T]], *, user: str = "alice") -> T:
        """Run a coroutine function on the host's loop."""
        return self._run(host, job, user, "on-loop")

    def _run(self, host: MemoryHost, job: Callable[[], Any], user: str, handoff: str) -> Any:
        self._job, self._result, self._error = job, None, None
        answer = host.program(user).get(f"{host.host.home_url}handoff/{self.app.id}/{handoff}/")
        if self._error is not None:
            raise self._error
        assert answer.status_code == 302, answer.text
        return self._result

    def _in_thread(self) -> str:
        try:
            self._result = self._job()
        except Exception as error:  # noqa: BLE001 - raised again where the test waits
            self._error = error
        return "/"

    async def _on_loop(self) -> str:
        try:
            self._result = await self._job()
        except Exception as error:  # noqa: BLE001 - as above
            self._error = error
        return "/"


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function as most decorators do: a plain function stands before it, whatever it is."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def quiet_page(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer any request with its path and query; a WSGI application."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    query = environ["QUERY_STRING"]
    return [(environ["PATH_INFO"] + (f"?{query}" if query else "")).encode("latin-1")]
