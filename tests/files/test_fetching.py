"""A download goes where it was checked to go, tells nothing of us, and is whole."""

import asyncio
import gzip
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from anyio import fail_after

from hallway.errors import FetchFailed, FetchRefused
from hallway.files.fetching import FetchRules, GuardedFetcher, resolve

from .web import Answer, Names, OwnHost, a_fetcher, answer, download, names_in, ok, redirect, web_server

pytestmark = pytest.mark.anyio


async def fetched(tmp_path: Path, said: Answer, fetcher: GuardedFetcher | None = None) -> bytes:
    """Download what a server says."""
    with web_server({"/a.csv": said}) as server:
        return await download(f"http://files.test:{server.port}/a.csv", tmp_path, fetcher or a_fetcher())


async def failure(tmp_path: Path, said: Answer, fetcher: GuardedFetcher | None = None) -> FetchFailed:
    """Fail to download what a server says, and leave nothing behind."""
    with pytest.raises(FetchFailed) as failed:
        await fetched(tmp_path, said, fetcher)
    assert names_in(tmp_path) == []
    return failed.value


# --- what is asked ------------------------------------------------------------------------------------------------


async def test_the_request_tells_nothing_but_what_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine files.test login alice password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    with web_server({"/a%20b.csv?x=%C3%A9&y=1": ok()}) as server:
        url = f"http://files.test:{server.port}/a%20b.csv?x=%C3%A9&y=1#part"
        assert await download(url, tmp_path, a_fetcher()) == b"1,2\n"
    (head,) = server.heads
    first, *headers = head.strip().split("\r\n")
    sent = dict(line.lower().split(": ", 1) for line in headers)
    assert first == "GET /a%20b.csv?x=%C3%A9&y=1 HTTP/1.1"
    assert sent["host"] == f"files.test:{server.port}"
    assert sent["accept-encoding"] == "identity"
    assert set(sent) == {"host", "accept", "accept-encoding", "connection", "user-agent"}


async def test_cookies_of_one_server_are_not_sent_to_the_next(tmp_path: Path) -> None:
    first = answer(302, b"", "location: /b.csv", "set-cookie: a=1; path=/", "content-length: 0")
    with web_server({"/a.csv": first, "/b.csv": ok()}) as server:
        await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher())
    assert len(server.heads) == 2
    assert "cookie" not in server.heads[1].lower()


@pytest.mark.parametrize(
    ("host", "named"), [("FILES.test", "files.test"), ("bücher.test", "xn--bcher-kva.test")]
)
async def test_the_server_is_told_the_name_in_its_ascii_form(tmp_path: Path, host: str, named: str) -> None:
    names = Names(**{host.lower(): [["127.0.0.1"]]})
    fetcher = a_fetcher(names, private_hosts=frozenset({host}))
    with web_server({"/": ok()}) as server:
        await download(f"http://{host}:{server.port}", tmp_path, fetcher)
    assert f"\r\nhost: {named}:{server.port}\r\n" in server.heads[0].lower()


# --- where it goes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.64.1.1", "::1", "fd00::1", "::ffff:10.0.0.5"]
)
async def test_a_name_with_a_private_address_is_refused(tmp_path: Path, address: str) -> None:
    names = Names(inner_test=[[address]], mixed_test=[["93.184.216.34", address]])
    for host in ("inner.test", "mixed.test", f"[{address}]" if ":" in address else address):
        with pytest.raises(FetchRefused):
            await download(f"http://{host}/a.csv", tmp_path, a_fetcher(names))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "0", "[::1]", "[::]", "localhost", "127。0。0。1"],
)
async def test_every_spelling_of_this_machine_is_seen_through(tmp_path: Path, host: str) -> None:
    with fail_after(10):
        fetcher = GuardedFetcher(FetchRules(), OwnHost(), asyncio.get_running_loop())
        with pytest.raises(FetchRefused):
            await download(f"http://{host}:9/a.csv", tmp_path, fetcher)


@pytest.mark.parametrize("host", ["a..b", ".test", "x" * 300])
async def test_a_name_that_can_be_none_is_a_failure(tmp_path: Path, host: str) -> None:
    fetcher = GuardedFetcher(FetchRules(), OwnHost(), asyncio.get_running_loop())
    with pytest.raises(FetchFailed):
        await download(f"http://{host}/a.csv", tmp_path, fetcher)


async def test_a_name_that_the_resolver_does_not_know_is_a_failure() -> None:
    with fail_after(10), pytest.raises(FetchFailed):
        await resolve("fe80::1%no-such-interface", 80)


async def test_a_name_without_addresses_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed):
        await download("http://empty.test/a.csv", tmp_path, a_fetcher(Names(empty_test=[[]])))


async def test_a_private_host_is_allowed_by_its_own_name_alone(tmp_path: Path) -> None:
    names = Names(files_test=[["127.0.0.1"]], other_test=[["127.0.0.1"]], x_files_test=[["127.0.0.1"]])
    with web_server({"/a.csv": ok()}) as server:
        assert await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher(names))
        for host in ("other.test", "127.0.0.1", "x.files.test"):
            with pytest.raises(FetchRefused):
                await download(f"http://{host}:{server.port}/a.csv", tmp_path, a_fetcher(names))
    assert len(server.heads) == 1


async def test_the_address_that_was_checked_is_the_one_connected_to(tmp_path: Path) -> None:
    """DNS rebinding: whoever asked the name a second time would come to the second server."""
    names = Names(localhost=[["127.0.0.2"], ["127.0.0.1"]])
    fetcher = a_fetcher(names, private_hosts=frozenset({"localhost"}))
    with (
        web_server({"/a.csv": ok(b"checked")}, address="127.0.0.2") as checked,
        web_server({"/a.csv": ok(b"rebound")}, port=checked.port) as rebound,
    ):
        url = f"http://localhost:{checked.port}/a.csv"
        assert await download(url, tmp_path, fetcher) == b"checked"
    assert names.asked == [("localhost", checked.port)]
    assert rebound.heads == []


async def test_with_https_only_nothing_is_asked_by_http(tmp_path: Path) -> None:
    with web_server({"/a.csv": ok()}) as server, pytest.raises(FetchRefused):
        await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher(https_only=True))
    assert server.heads == []


# --- what comes back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        ok(b"whole"),
        answer(200, b"5\r\nwhole\r\n0\r\n\r\n", "transfer-encoding: chunked"),
        answer(200, b"whole", "connection: close"),
        answer(206, b"whole", "content-length: 5"),
        ok(gzip.compress(b"whole"), "content-encoding: gzip"),
        ok(gzip.compress(b"who") + gzip.compress(b"le"), "content-encoding: x-gzip"),
        ok(zlib.compress(b"whole"), "content-encoding: deflate"),
        ok(b"whole", "content-encoding: identity"),
    ],
)
async def test_a_body_is_taken_in_every_form_that_servers_send(tmp_path: Path, said: bytes) -> None:
    assert await fetched(tmp_path, said) == b"whole"


async def test_an_empty_body_is_an_empty_file(tmp_path: Path) -> None:
    assert await fetched(tmp_path, answer(204, b"")) == b""


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 410, 500, 503])
async def test_an_answer_that_is_no_success_is_a_failure_with_its_number(tmp_path: Path, status: int) -> None:
    error = await failure(tmp_path, answer(status, b"", "content-length: 0"))
    assert f"answered {status}" in error.detail


@pytest.mark.parametrize(
    "said",
    [
        answer(200, b"1,2\n", "content-length: 100"),
        answer(200, b"5\r\nwh", "transfer-encoding: chunked"),
        answer(200, b"zz\r\n", "transfer-encoding: chunked"),
        ok(gzip.compress(b"whole" * 100)[:-12], "content-encoding: gzip"),
        ok(b"no gzip at all", "content-encoding: gzip"),
        ok(b"whole", "content-encoding: br"),
        ok(gzip.compress(gzip.compress(b"whole")), "content-encoding: gzip, gzip"),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000,
        b"",
    ],
)
async def test_what_breaks_off_or_is_no_http_leaves_no_file(tmp_path: Path, said: bytes) -> None:
    await failure(tmp_path, said)


async def test_a_server_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with web_server({}) as server:
        pass
    with pytest.raises(FetchFailed):
        await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher())


def endless(send: Callable[[bytes], object], _over: threading.Event) -> None:
    send(answer(200, b"", "connection: close"))
    while True:
        send(b"x" * 65536)


def silent_after(*pieces: bytes) -> Answer:
    def say(send: Callable[[bytes], object], over: threading.Event) -> None:
        send(b"".join(pieces))
        over.wait()

    return say


async def test_a_file_of_just_the_limit_is_taken_and_one_more_byte_is_not(tmp_path: Path) -> None:
    assert await fetched(tmp_path, ok(b"x" * 1000), a_fetcher(max_bytes=1000)) == b"x" * 1000
    (tmp_path / "saved.csv").unlink()
    error = await failure(tmp_path, ok(b"x" * 1001), a_fetcher(max_bytes=1000))
    assert "1000 bytes" in error.detail


async def test_an_endless_body_is_given_up_and_the_server_left(tmp_path: Path) -> None:
    with web_server({"/a.csv": endless}) as server:
        with pytest.raises(FetchFailed):
            await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher(max_bytes=200_000))
        with fail_after(5):
            await asyncio.to_thread(server.left.wait)
    assert names_in(tmp_path) == []


async def test_a_bomb_is_unpacked_in_small_pieces_and_only_up_to_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    sizes: list[int] = []

    async def unpack(url: str) -> None:
        async with a_fetcher(max_bytes=1 << 20).open(url) as pieces:
            async for piece in pieces:
                assert len(piece) <= 1 << 16
                sizes.append(len(piece))

    packed = ok(bomb, "content-encoding: gzip")
    with web_server({"/a.csv": packed}) as server, fail_after(10), pytest.raises(FetchFailed):
        await unpack(f"http://files.test:{server.port}/a.csv")
    assert 0 < sum(sizes) <= 1 << 20


@pytest.mark.parametrize(
    "rules", [{"stall_timeout": 0.05}, {"timeout": 0.05}], ids=["no byte for a while", "too long in all"]
)
@pytest.mark.parametrize("said", [(), (answer(200, b"1,2\n", "content-length: 100"),)], ids=["head", "body"])
async def test_a_server_that_falls_silent_is_given_up(
    tmp_path: Path, rules: dict[str, float], said: tuple[bytes, ...]
) -> None:
    await failure(tmp_path, silent_after(*said), a_fetcher(**rules))


# --- the host's own -----------------------------------------------------------------------------------------------


async def test_an_address_of_this_host_is_read_in_process_within_the_same_limits(tmp_path: Path) -> None:
    names = Names()
    assert await download(f"{OwnHost.origin}/x", tmp_path, a_fetcher(names)) == b"own file"
    assert names.asked == []
    with pytest.raises(FetchFailed):
        await download(f"{OwnHost.origin}/x", tmp_path, a_fetcher(max_bytes=7))


async def test_nobody_leads_back_to_this_host_by_a_redirect(tmp_path: Path) -> None:
    with pytest.raises(FetchRefused):
        await fetched(tmp_path, redirect(f"{OwnHost.origin}/apps/x/?hallway_share=v1"))
