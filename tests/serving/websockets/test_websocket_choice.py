"""Who serves which socket."""

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hallway.serving.websockets import PicowsProtocol, WebSocketProtocol, websocket_class

from .conftest import OpenHall
from .stage import Echo, Stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage("picows", "tcp"), PicowsProtocol),
        (Stage("picows", "tls"), PicowsProtocol),
        (Stage("picows", "unix"), WebSocketsSansIOProtocol),
        (Stage("picows", "tcp", "asyncio"), PicowsProtocol),
        (Stage("picows", "unix", "asyncio"), WebSocketsSansIOProtocol),
    ],
    indirect=["stage"],
    ids=str,
)
async def test_picows_serves_all_but_unix_sockets(new_hall: OpenHall, expected: type):
    async with new_hall(ws=WebSocketProtocol) as hall, hall.connect(hall.serve(Echo())) as peer:
        (connection,) = hall.connections
        assert isinstance(connection, expected)
        await peer.send("x" * 100_000)
        assert await peer.recv() == "x" * 100_000
        await peer.close(4000)
        assert peer.close_code == 4000


@pytest.mark.parametrize("stage", [Stage("picows", "tcp")], indirect=True, ids=str)
async def test_a_server_that_stops_tells_the_chosen_one(new_hall: OpenHall):
    async with new_hall(ws=WebSocketProtocol) as hall, hall.connect(hall.serve(Echo())) as peer:
        await hall.stop()
        await peer.wait_closed()
        assert peer.close_code == 1012


def test_an_operator_may_prefer_uvicorns_own():
    assert websocket_class("picows") is WebSocketProtocol
    assert websocket_class("websockets-sansio") is WebSocketsSansIOProtocol
