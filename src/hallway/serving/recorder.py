"""Recording what was served: the metrics and the access log, in front of the front door."""

from collections.abc import Awaitable

from hallway.clock import Clock
from hallway.serving.access_log import AccessLog
from hallway.serving.asgi import ASGIApp, Message, Receive, Scope, Send
from hallway.serving.host_metrics import RequestMetrics
from hallway.serving.visit import Visit, app_in, visit_in


class Recorder:
    """An ASGI application that records what another one serves.

    Args:
        door: The front door.
        clock: What tells how long it takes.
        metrics: Counts requests.
        log: The access log, where one is kept.
    """

    def __init__(self, door: ASGIApp, clock: Clock, metrics: RequestMetrics, log: AccessLog | None) -> None:
        self._door = door
        self._clock = clock
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and record it when it is over, however it ends."""
        if scope["type"] != "http":
            await self._door(scope, receive, send)
            return
        answer = _Answer(send)
        begun = self._clock.monotonic()
        try:
            await self._door(scope, receive, answer.send)
        finally:
            self._record(scope, answer, self._clock.monotonic() - begun)

    def _record(self, scope: Scope, answer: "_Answer", seconds: float) -> None:
        app: str = app_in(scope)
        method: str = scope["method"]
        self._metrics.record(app, method, answer.status, seconds)
        if self._log is None:
            return
        visit = _visit_of(scope)
        client = scope.get("client")
        self._log.record(
            method=method,
            path=visit.path if visit else scope["path"],
            query=scope["query_string"],
            status=answer.status,
            bytes=answer.bytes,
            seconds=seconds,
            app=app,
            user=visit.caller.principal if visit else "",
            client=client[0] if client else "",
            correlation_id=visit.correlation_id if visit else "",
            broken_off=answer.status != 0 and not answer.complete,
        )


def _visit_of(scope: Scope) -> Visit | None:
    """Give what the door found out, which may be nothing where it failed."""
    try:
        return visit_in(scope)
    except KeyError:
        return None


class _Answer:
    """Passes an answer on, and remembers what it was."""

    __slots__ = ("_send", "bytes", "complete", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.bytes = 0
        self.complete = False

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message on. Not a coroutine itself: one less to run for each message."""
        if message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
        elif message["type"] == "http.response.start":
            self.status = message["status"]
        return self._send(message)
