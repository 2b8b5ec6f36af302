"""What all tests share."""

import pytest
from hypothesis import settings

settings.register_profile(
    "hallway", deadline=None
)  # how long one example takes depends on the machine's other work
settings.load_profile("hallway")


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which is what the host runs on."""
    return "asyncio"
