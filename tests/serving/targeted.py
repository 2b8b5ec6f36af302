"""A host in memory that serves targets, as `hallway serve` takes them."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio.from_thread
import msgspec

from hallway import Settings
from hallway.host import Host
from hallway.testing import MemoryHost


@contextmanager
def serving(*targets: str, settings: Settings | None = None) -> Generator[MemoryHost, None, None]:
    """Serve targets, with the data in the current folder."""
    chosen = msgspec.structs.replace(settings or Settings(), data=str(Path.cwd() / "data"))
    with (
        anyio.from_thread.start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(Host(chosen, targets=targets)) as host,
    ):
        memory_host = MemoryHost(host, portal)
        yield memory_host
        memory_host.close()
