"""The one pipeline: whatever the way in, a call goes through these steps in this order.

Find the capability (the registry) → who calls (stamped before) → may they → validate the inputs → supply what the
host supplies → run → answer, or one kind of error.
"""

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from hallway.access.callers import Caller, Credential
from hallway.blocking import waiting_thread
from hallway.context import Current, CurrentHost, entered
from hallway.errors import Forbidden, NotSignedIn
from hallway.registry import LoadedCapability
from hallway.supply import CallContext, SuppliedTypes


class WorkerPools(Protocol):
    """Where plain `def` functions run: a pool of threads for each app."""

    async def run(self, app_id: str, function: Callable[[], object]) -> object:
        """Run a function in the app's pool, with the caller's context variables, and wait for its result.

        Raises:
            HostBusy: The app's backlog is full; nothing was started.
        """
        ...


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call that passed every check: it is allowed, its inputs are valid and all its arguments are there.

    Args:
        capability: What is called.
        invoke: Runs the function with its arguments; gives its result, or an awaitable of it.
        current: What `current()` answers while it runs.
    """

    capability: LoadedCapability
    invoke: Callable[[], object]
    current: Current

    @property
    def on_loop(self) -> bool:
        """Whether the function belongs on the event loop (`async def`) or in a thread (`def`)."""
        return self.capability.signature.is_async


class Pipeline:
    """Calls capabilities.

    Args:
        supplied_types: What fills supplied parameters.
        pools: Where `def` functions run.
        host: What `current()` answers from.
        input_context: What input types need to make themselves; see `Inputs.validate`.
    """

    def __init__(
        self,
        supplied_types: SuppliedTypes,
        pools: WorkerPools,
        host: CurrentHost,
        input_context: Mapping[str, object],
    ) -> None:
        self._supplied_types = supplied_types
        self._pools = pools
        self._host = host
        self._input_context = input_context

    def authorize(self, capability: LoadedCapability, caller: Caller) -> None:
        """Check that the caller may run what they may see.

        Raises:
            NotSignedIn: Nobody is signed in, and signing in may help.
            Forbidden: The policy says no.
        """
        if capability.policy.may_run(caller).allowed:
            return
        if not caller.signed_in:
            raise NotSignedIn(f"{capability.target} is not open to everybody.")
        raise Forbidden(f"{caller.name} may not use {capability.target}.")

    def validate(self, capability: LoadedCapability, values: Mapping[str, object]) -> dict[str, object]:
        """Check the inputs without running anything.

        Raises:
            InvalidInput: They do not fit.
        """
        return capability.signature.inputs.validate(values, self._input_context)

    async def prepare(
        self,
        capability: LoadedCapability,
        caller: Caller,
        values: Mapping[str, object],
        request: object | None = None,
    ) -> PreparedCall:
        """Do everything but run it.

        Args:
            capability: What to call.
            caller: Who calls.
            values: The inputs as the caller sent them.
            request: The HTTP request, where there is one.

        Raises:
            NotSignedIn, Forbidden: The caller may not.
            InvalidInput: The inputs do not fit.
        """
        self.authorize(capability, caller)
        arguments = self.validate(capability, values)
        context = CallContext(app_id=capability.app.id, caller=caller, request=request)
        for name, type_ in capability.signature.supplied.items():
            arguments[name] = await self._supplied_types.supply(type_, context)
        args, kwargs = capability.signature.arguments(arguments)
        function = capability.declared.function
        return PreparedCall(
            capability, lambda: function(*args, **kwargs), Current(caller, capability.app, self._host)
        )

    async def run(self, call: PreparedCall) -> object:
        """Run a prepared call where it belongs: `async def` on the loop, `def` in its app's pool.

        What the function raises comes out as it is; cancelling reaches an `async def`.
        """
        with entered(call.current):
            result = call.invoke() if call.on_loop else await self._in_thread(call)
            if inspect.isawaitable(result):  # a decorator may hide that a function is `async`
                return await typing.cast("Awaitable[object]", result)
            return result

    async def _in_thread(self, call: PreparedCall) -> object:
        # A thread that waits for this very call serves it: one of a pool might be waiting just so for us.
        waiting = waiting_thread()
        if waiting is not None:
            return await waiting.run(call.invoke)
        return await self._pools.run(call.capability.app.id, call.invoke)


def through(caller: Caller, app_id: str) -> Caller:
    """Give the caller as seen by what an app calls on their behalf: the same person, one app further."""
    return replace(caller, via=(*caller.via, app_id), credential=Credential.IN_PROCESS)
