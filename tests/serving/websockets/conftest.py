"""The stages that WebSockets are tested on: our protocol and uvicorn's own, over each kind of network."""

import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from .differences import DIFFERENCES
from .stage import Hall, Stage, open_hall

STAGES = [
    *(Stage("picows", network) for network in ("tcp", "tls", "unix")),
    *(Stage("picows", network, "asyncio") for network in ("tcp", "tls")),
]
OpenHall = Callable[..., AbstractAsyncContextManager[Hall]]


@pytest.fixture(scope="module", params=STAGES, ids=str)
def stage(request: pytest.FixtureRequest) -> Stage:
    """Run a test on each stage."""
    return request.param


@pytest.fixture(scope="module")
def anyio_backend(stage: Stage) -> tuple[str, dict[str, Any]]:
    """Run on the stage's event loop."""
    return "asyncio", {"use_uvloop": stage.loop == "uvloop"}


@pytest.fixture(scope="session")
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make contexts for a server and its clients."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.fixture(scope="module")
def new_hall(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> OpenHall:
    """Start a server with settings of its own."""
    folder: Path = tmp_path_factory.mktemp("hall")
    return partial(open_hall, stage, folder, tls)


@pytest.fixture(scope="module")
async def shared_hall(new_hall: OpenHall) -> AsyncGenerator[Hall, None]:
    """Start a server for all tests of a module: starting one takes longer than most of them."""
    async with new_hall() as hall:
        yield hall


@pytest.fixture
async def hall(shared_hall: Hall) -> AsyncGenerator[Hall, None]:
    """Give the server, which has no connection before the test, nor after it."""
    yield shared_hall
    if shared_hall.stage.protocol == "picows":
        await shared_hall.quiet()


@pytest.fixture(autouse=True)
def differences(request: pytest.FixtureRequest) -> None:
    """Expect what uvicorn's own protocol does otherwise."""
    if "stage" not in request.fixturenames:
        return
    stage: Stage = request.getfixturevalue("stage")
    if stage.protocol == "sansio":
        name = request.node.originalname
        case = request.node.name.removeprefix(f"{name}[{stage}").strip("-]")
        difference = DIFFERENCES.get((name, case)) or DIFFERENCES.get(name)
        if difference is not None:
            request.applymarker(
                pytest.mark.xfail(reason=difference.what, run=difference.shown, strict=difference.always)
            )
