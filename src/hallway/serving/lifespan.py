"""Running the lifespan of a mounted ASGI application (ASGI lifespan protocol 2.0)."""

import asyncio
import logging

from hallway.errors import BadDeclaration
from hallway.serving.asgi import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("hallway.lifespan")


class Lifespan:
    """The lifespan of one application, in a task of its own.

    Args:
        name: Whose it is, for messages.
        application: The ASGI application.
    """

    def __init__(self, name: str, application: ASGIApp) -> None:
        self._name = name
        self._application = application
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._started = False
        self.state: dict[str, object] = {}

    async def start(self) -> None:
        """Start the application up.

        Raises:
            BadDeclaration: Its start-up failed.
        """
        self._task = asyncio.create_task(self._run(), name=f"lifespan of {self._name}")
        answer = await self._exchange("lifespan.startup")
        if answer is None:
            # Raising at the lifespan scope means "not supported": the specification has the server go on.
            _log.debug("%s has no lifespan: %r", self._name, self._failure)
        elif answer["type"] == "lifespan.startup.failed":
            message: str = answer.get("message", "").strip()
            _log.error("The start-up of %s failed: %s", self._name, message)
            # Starlette sends its whole traceback, whose last line says what was wrong.
            reason = message.rpartition("\n")[2] or "see the log"
            raise BadDeclaration(f"The start-up of {self._name} failed: {reason}.")
        else:
            self._started = True

    async def stop(self) -> None:
        """Shut the application down; a failure is logged."""
        answer = await self._exchange("lifespan.shutdown")
        if answer is not None and answer["type"] == "lifespan.shutdown.failed":
            _log.error("The shutdown of %s failed: %s", self._name, answer.get("message") or self._failure)
        elif answer is None and self._started and self._failure is not None:
            _log.error("The lifespan of %s ended early", self._name, exc_info=self._failure)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, giving the application what its start-up put into the state."""
        await self._application({**scope, "state": self.state.copy()}, receive, send)

    async def _exchange(self, event: str) -> Message | None:
        """Send an event and wait for its answer; None if the application has ended without one."""
        task = self._task
        if task is None or task.done():
            return None
        self._events.put_nowait({"type": event})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait({answer, task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None

    async def _run(self) -> None:
        scope: Scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }

        async def send(message: Message) -> None:
            self._answers.put_nowait(message)

        try:
            await self._application(scope, self._events.get, send)
        except Exception as error:  # noqa: BLE001 - what it means depends on whether an answer came first
            self._failure = error
