"""Redirects are followed a few steps, each checked like the first address; TLS is for the name that was asked for."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from hallway.errors import FetchFailed, FetchRefused, HallwayError

from .web import Answer, Names, a_fetcher, answer, download, names_in, ok, redirect, web_server

pytestmark = pytest.mark.anyio

CHAIN: dict[str, Answer] = {f"/{n}": redirect(f"/{n + 1}") for n in range(5)}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["b.csv", "/x/b.csv", "?", "//files.test:{port}/x/b.csv"])
async def test_a_redirect_is_followed_wherever_it_is_written_from(
    tmp_path: Path, status: int, location: str
) -> None:
    with web_server({}) as server:
        said = redirect(location.format(port=server.port), status)
        server.answers = {"/x/a.csv": said, "/x/b.csv": ok(b"b"), "/x/a.csv?": ok(b"b")}
        url = f"http://files.test:{server.port}/x/a.csv"
        if location == "?":
            with pytest.raises(FetchFailed):  # it leads to itself
                await download(url, tmp_path, a_fetcher())
        else:
            assert await download(url, tmp_path, a_fetcher()) == b"b"


async def test_three_redirects_are_followed_and_four_are_not(tmp_path: Path) -> None:
    with web_server({**CHAIN, "/4": ok(b"end")}) as server:
        url = f"http://files.test:{server.port}"
        assert await download(f"{url}/1", tmp_path, a_fetcher()) == b"end"
        with pytest.raises(FetchFailed) as failed:
            await download(f"{url}/0", tmp_path, a_fetcher())
    assert "More than 3 redirects" in failed.value.detail
    assert [head.split(" ")[1] for head in server.heads] == ["/1", "/2", "/3", "/4", "/0", "/1", "/2", "/3"]


async def test_each_step_asks_for_the_address_anew(tmp_path: Path) -> None:
    names = Names(files_test=[["127.0.0.1"], ["127.0.0.2"]])
    with (
        web_server({"/0": redirect("/1")}) as first,
        web_server({"/1": ok(b"second")}, address="127.0.0.2", port=first.port),
    ):
        url = f"http://files.test:{first.port}/0"
        assert await download(url, tmp_path, a_fetcher(names)) == b"second"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://127.0.0.1:{port}/b.csv",
        "http://[::1]:{port}/b.csv",
        "//inner.test:{port}/b.csv",
        "http://10.0.0.5/",
        "http://files.test.evil.test:{port}/",
        "http://user:password@files.test:{port}/b.csv",
        "http://user@files.test:{port}/b.csv",
        "file:///etc/passwd",
        "ftp://files.test/",
    ],
)
async def test_a_redirect_to_where_nobody_may_go_is_refused_before_anything_is_asked(
    tmp_path: Path, location: str
) -> None:
    names = Names(files_test=[["127.0.0.1"]], inner_test=[["127.0.0.1"]])
    names.add("files.test.evil.test", "127.0.0.1")
    with web_server({"/b.csv": ok()}) as server:
        server.answers = {"/a.csv": redirect(location.format(port=server.port)), **server.answers}
        with pytest.raises(FetchRefused):
            await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher(names))
    assert len(server.heads) == 1
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "location",
    [
        "",
        "//[",
        "http://[::1",
        "http://files.test:99999/",
        "http://files.test:x/",
        "http://xn--a/",
        "http://\xff\xfe/",
        "http:///",
        "javascript:alert(1)",
        "http://a b/",
        "\\\\files.test\\b.csv",
        "http://files.test/" + "x" * 20_000,
    ],
)
async def test_a_redirect_to_what_is_no_address_is_an_error_like_any_other(
    tmp_path: Path, location: str
) -> None:
    names = Names(files_test=[["127.0.0.1"], []])
    names.add("xn--a")
    names.add("\xff\xfe")
    with web_server({"/a.csv": redirect(location)}) as server, pytest.raises(HallwayError) as failed:
        await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher(names))
    assert failed.value.code in ("fetch_failed", "fetch_refused")


async def test_a_redirect_that_says_not_where_to_is_a_failure(tmp_path: Path) -> None:
    said = answer(302, b"", "content-length: 0")
    with web_server({"/a.csv": said}) as server, pytest.raises(FetchFailed) as failed:
        await download(f"http://files.test:{server.port}/a.csv", tmp_path, a_fetcher())
    assert "answered 302" in failed.value.detail


# --- https --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("only openssl makes certificates here")
    folder = tmp_path_factory.mktemp("tls")
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", "/CN=files.test", "-addext", "subjectAltName=DNS:files.test"]
    subprocess.run(
        [*command, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_a_certificate_is_asked_for_by_name_and_must_be_vouched_for(
    tmp_path: Path, certificate: ssl.SSLContext
) -> None:
    named: list[str | None] = []
    certificate.sni_callback = lambda _socket, name, _context: named.append(name)
    names = Names(files_test=[["127.0.0.1"]])
    with web_server({"/a.csv": ok()}, tls=certificate) as server, pytest.raises(FetchFailed) as failed:
        await download(f"https://files.test:{server.port}/a.csv", tmp_path, a_fetcher(names))
    assert named == ["files.test"]
    assert names.asked == [("files.test", server.port)]
    assert "certificate" in failed.value.detail.lower()
    assert server.heads == []


async def test_https_is_asked_for_at_its_own_port(tmp_path: Path) -> None:
    names = Names(inner_test=[["10.0.0.5"]])
    with pytest.raises(FetchRefused):
        await download("https://inner.test/a.csv", tmp_path, a_fetcher(names))
    assert names.asked == [("inner.test", 443)]
