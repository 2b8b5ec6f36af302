"""What was found out about a secret, kept for a moment, so that a burst of requests asks the store once."""

from collections.abc import Awaitable, Callable

from hallway.access.callers import Caller
from hallway.clock import Clock
from hallway.identity.records import IdentityStore

_FRESH = 1.0
_MOST = 4096


class RecentCallers:
    """Callers by the hashes of their secrets.

    Forgotten as soon as the store changes, so that whoever signs out or is revoked is out at once; and after a second,
    so that what expires does so.

    Args:
        store: Tells when it has changed.
        clock: Tells when a second is over.
    """

    def __init__(self, store: IdentityStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._generation: object = None
        self._found: dict[bytes, tuple[Caller, float]] = {}

    async def caller(self, secret_hash: bytes, ask: Callable[[], Awaitable[Caller | None]]) -> Caller | None:
        """Give the caller of a secret, from memory if that is fresh.

        Args:
            secret_hash: The hash of what was sent.
            ask: Asks the store.
        """
        generation = self._store.generation()
        if generation != self._generation:
            self._generation = generation
            self._found.clear()
        found = self._found.get(secret_hash)
        now = self._clock.time()
        if found is not None and 0 <= now - found[1] < _FRESH:
            return found[0]
        caller = await ask()
        # Wrong secrets are not kept: anybody can make up any number of them. Nor is an answer that the store may have
        # overtaken while it came.
        if caller is not None and self._generation == generation:
            if len(self._found) >= _MOST:
                self._found.clear()
            self._found[secret_hash] = (caller, now)
        return caller
