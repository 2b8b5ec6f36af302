"""The opening handshake: what the application is told, and what it may answer."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from hallway.serving.asgi import Message, Receive, Scope, Send

from .frames import TEXT, frame
from .stage import ACCEPT, Echo, Hall, Script, accept, read_head, request

pytestmark = pytest.mark.anyio


async def test_the_scope_tells_what_was_asked_for(hall: Hall):
    echo = Echo()
    target = hall.serve(echo) + "/a%20b/%C3%A4?x=1&y=%20"
    async with hall.connect(target, additional_headers={"X-Who": "me"}, subprotocols=["one", "two"]):
        pass
    scope = echo.scope
    assert scope["type"] == "websocket"
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.4"}
    assert scope["http_version"] == "1.1"
    assert scope["scheme"] == ("wss" if hall.tls else "ws")
    assert scope["path"].endswith("/a b/ä")
    assert scope["raw_path"].endswith(b"/a%20b/%C3%A4")
    assert scope["root_path"] == ""
    assert scope["query_string"] == b"x=1&y=%20"
    assert (b"x-who", b"me") in scope["headers"]
    assert scope["subprotocols"] == ["one", "two"]
    assert scope["state"] == {}
    assert scope["extensions"] == {"websocket.http.response": {}}


async def test_the_scope_tells_who_is_at_both_ends(hall: Hall):
    echo = Echo()
    async with hall.connect(hall.serve(echo)) as peer:
        ends = peer.local_address, peer.remote_address
    if isinstance(hall.address, str):
        assert echo.scope["client"] is None
        assert echo.scope["server"] == (hall.address, None)
    else:
        assert (echo.scope["client"], echo.scope["server"]) == ends


async def test_an_application_chooses_the_subprotocol_and_adds_headers(hall: Hall):
    async def run(receive: Receive, send: Send) -> None:
        await accept(send, subprotocol="two", headers=[(b"x-one", b"1"), (b"set-cookie", b"a=\xe4")])
        await receive()

    async with hall.raw(hall.serve(Script(run))) as peer:
        lines = peer.head.lower().split("\r\n")
    assert "sec-websocket-protocol: two" in lines
    assert "x-one: 1" in lines
    assert "set-cookie: a=ä" in lines
    assert f"sec-websocket-accept: {ACCEPT.lower()}" in lines
    assert "upgrade: websocket" in lines
    assert "connection: upgrade" in lines
    assert sum(line.startswith("date: ") for line in lines) == 1


async def test_no_extension_is_agreed_on(hall: Hall):
    async with hall.connect(hall.serve(Echo()), compression="deflate") as peer:
        assert peer.response is not None
        assert "sec-websocket-extensions" not in peer.response.headers
        await peer.send("uncompressed")
        assert await peer.recv() == "uncompressed"


async def test_firefox_keeps_the_connection_alive_as_well(hall: Hall):
    async with hall.line() as (reader, writer):
        writer.write(request(hall.serve(Echo()), connection=b"keep-alive, Upgrade"))
        assert (await read_head(reader)).startswith("HTTP/1.1 101 ")


async def test_closing_instead_of_accepting_is_403(hall: Hall):
    async def run(receive: Receive, send: Send) -> Message:
        await send({"type": "websocket.close"})
        return await receive()

    script = Script(run)
    with pytest.raises(InvalidStatus) as caught:
        await hall.talk(script)
    assert caught.value.response.status_code == 403
    disconnect = await script.end()
    assert (disconnect["type"], disconnect["code"]) == ("websocket.disconnect", 1006)


async def test_an_application_may_answer_with_http(hall: Hall):
    async def run(receive: Receive, send: Send) -> Message:
        headers = [(b"www-authenticate", b"Basic"), (b"content-type", b"text/html")]
        await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"Who are you?"})
        return await receive()

    script = Script(run)
    with pytest.raises(InvalidStatus) as caught:
        await hall.talk(script)
    response = caught.value.response
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Basic"
    assert response.headers["content-type"] == "text/html"
    assert response.headers["content-length"] == "12"
    assert response.headers["connection"] == "close"
    assert response.body == b"Who are you?"
    assert (await script.end())["code"] == 1006


async def test_an_answer_in_http_may_come_in_pieces(hall: Hall):
    first_arrived = asyncio.Event()

    async def run(_receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 418})
        await send({"type": "websocket.http.response.body", "body": b"first ", "more_body": True})
        await first_arrived.wait()
        await send({"type": "websocket.http.response.body", "body": b"second"})

    async with hall.line() as (reader, writer):
        writer.write(request(hall.serve(Script(run))))
        head = await read_head(reader)
        assert head.startswith("HTTP/1.1 418 ")
        assert "content-length" not in head.lower()
        assert await reader.readexactly(6) == b"first "
        first_arrived.set()
        assert await reader.read() == b"second"


async def test_some_answers_have_no_body(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 304})
        await send({"type": "websocket.http.response.body"})

    answer = await hall.exchange(request(hall.serve(Script(run))))
    head, _, body = answer.lower().partition(b"\r\n\r\n")
    assert head.startswith(b"http/1.1 304 ")
    assert b"content-length" not in head
    assert body == b""


@pytest.mark.parametrize("denying", [False, True], ids=["silent", "denying"])
@pytest.mark.parametrize("raising", [False, True], ids=["returning", "raising"])
async def test_an_application_that_ends_without_an_answer_is_500(hall: Hall, denying: bool, raising: bool):
    async def run(_receive: Receive, send: Send) -> None:
        if denying:
            await send({"type": "websocket.http.response.start", "status": 401})
        if raising:
            raise ValueError("broken")

    answer = await hall.exchange(request(hall.serve(Script(run))))
    assert answer.startswith(b"HTTP/1.1 500 ")


async def test_half_an_answer_does_not_look_whole(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 401})
        await send({"type": "websocket.http.response.body", "body": b"half", "more_body": True})
        raise ValueError("broken")

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        async with hall.line() as (reader, writer):
            writer.write(request(hall.serve(Script(run))))
            await read_head(reader)
            await reader.readexactly(4)
            assert await reader.readexactly(1)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "websocket.send", "text": "too early"},
        {"type": "websocket.http.response.body", "body": b""},
        {"type": "websocket.unheard-of"},
        {"type": "websocket.accept", "headers": [(b"x-evil", b"a\r\nset-cookie: b")]},
        {"type": "websocket.accept", "headers": [(b"bad name", b"a")]},
        {"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"a")]},
    ],
    ids=["send", "body", "unheard-of", "line-break", "bad-name", "own-header"],
)
async def test_a_wrong_answer_is_the_applications_error(hall: Hall, message: Message):
    async def run(_receive: Receive, send: Send) -> None:
        await send(message)

    script = Script(run)
    assert (await hall.exchange(request(hall.serve(script)))).startswith(b"HTTP/1.1 500 ")
    with pytest.raises((RuntimeError, ValueError)):
        await script.end()


async def test_a_status_that_denies_nothing_is_the_applications_error(hall: Hall):
    async def run(_receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 101})
        await send({"type": "websocket.http.response.body"})

    script = Script(run)
    assert (await hall.exchange(request(hall.serve(script)))).startswith(b"HTTP/1.1 500 ")
    with pytest.raises(ValueError):
        await script.end()


async def test_a_client_may_leave_before_the_answer(hall: Hall):
    async def run(receive: Receive, send: Send) -> Message:
        asked.set()
        disconnect = await receive()
        with pytest.raises(OSError):
            await accept(send)
        return disconnect

    asked = asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script), accepted=False) as peer:
        await asked.wait()
        peer.abort()
        disconnect = await script.end()
    assert (disconnect["type"], disconnect["code"]) == ("websocket.disconnect", 1006)


async def test_what_is_sent_before_the_answer_is_kept(hall: Hall):
    async def run(receive: Receive, send: Send) -> list[str]:
        asked.set()
        await sent.wait()
        await accept(send)
        return [(await receive())["text"] for _ in range(3)]

    asked, sent = asyncio.Event(), asyncio.Event()
    script = Script(run)
    async with hall.raw(hall.serve(script), accepted=False) as peer:
        await asked.wait()
        await peer.send(b"".join(frame(TEXT, text) for text in (b"one", b"two", b"three")))
        sent.set()
        assert await script.end() == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        (request("/0", sec_websocket_key=None), 400),
        (request("/0", sec_websocket_key=b"short"), 400),
        (request("/0", sec_websocket_key=b"!" * 24), 400),
        (request("/0", content_length=b"5") + b"hello", 400),
        (request("/0", sec_websocket_version=b"8"), 426),
        (request("/0", sec_websocket_version=None), 426),
        (request("/0", method="POST"), 405),
    ],
    ids=["no-key", "short-key", "strange-key", "body", "old-version", "no-version", "post"],
)
async def test_a_malformed_request_is_refused(hall: Hall, changed: bytes, status: int):
    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("refused requests do not come here")

    hall.applications.setdefault("/0", never)
    answer = await hall.exchange(changed)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    if status == 426:
        assert b"sec-websocket-version: 13\r\n" in answer.lower()
