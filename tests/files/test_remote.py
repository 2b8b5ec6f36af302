"""A remote file is named by its address; its download appears whole, or not at all."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from anyio import fail_after
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hallway.errors import FetchFailed, FetchRefused, WrongThread
from hallway.files.remote import FETCHER, RemoteFile, is_web_address

from .web import Names, OwnHost, a_fetcher, download, names_in, ok, web_server

OWN = f"{OwnHost.origin}/a.csv"


class Pieces:
    """Gives pieces as a test says, and looks at the folder between them."""

    def __init__(self, pieces: Callable[[], AsyncIterator[bytes]]) -> None:
        self._pieces = pieces

    @asynccontextmanager
    async def open(self, url: str) -> AsyncGenerator[AsyncIterator[bytes], None]:
        assert url == OWN
        yield self._pieces()

    def save_blocking(self, file: RemoteFile, path: Path) -> Path:
        raise NotImplementedError


async def fails_after_one() -> AsyncIterator[bytes]:
    yield b"half"
    raise FetchFailed("It broke off.")


async def never_ends() -> AsyncIterator[bytes]:
    yield b"half"
    await asyncio.Event().wait()


@pytest.mark.anyio
async def test_nothing_is_at_the_path_before_everything_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    seen: list[list[str]] = []

    async def two() -> AsyncIterator[bytes]:
        for piece in (b"whole ", b"file"):
            seen.append(names_in(tmp_path))
            yield piece

    with fail_after(5):
        assert await RemoteFile(OWN, Pieces(two)).save(path) == path
    assert seen == [[".a.csv.part"], [".a.csv.part"]]
    assert names_in(tmp_path) == ["a.csv"]
    assert path.read_bytes() == b"whole file"


@pytest.mark.anyio
@pytest.mark.parametrize("reserved", [True, False])
async def test_a_download_that_fails_leaves_neither_a_file_nor_the_reserved_name(
    tmp_path: Path, reserved: bool
) -> None:
    path = touched(tmp_path / "a.csv", b"") if reserved else tmp_path / "a.csv"
    with fail_after(5), pytest.raises(FetchFailed):
        await RemoteFile(OWN, Pieces(fails_after_one)).save(path)
    assert names_in(tmp_path) == []


@pytest.mark.anyio
async def test_a_download_that_fails_leaves_an_earlier_file_as_it_was(tmp_path: Path) -> None:
    path = touched(tmp_path / "a.csv", b"earlier")
    with fail_after(5), pytest.raises(FetchFailed):
        await RemoteFile(OWN, Pieces(fails_after_one)).save(path)
    assert names_in(tmp_path) == ["a.csv"]
    assert path.read_bytes() == b"earlier"


@pytest.mark.anyio
async def test_a_download_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    path = touched(tmp_path / "a.csv", b"")
    started = anyio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in never_ends():
            yield piece
            started.set()

    with fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(RemoteFile(OWN, Pieces(pieces)).save, path)
            await started.wait()
            group.cancel_scope.cancel()
    assert names_in(tmp_path) == []


def touched(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.anyio
async def test_a_plain_function_in_a_thread_saves_by_the_loop(tmp_path: Path) -> None:
    fetcher = a_fetcher()
    with web_server({"/a.csv": ok(b"saved")}) as server:
        file = RemoteFile(f"http://files.test:{server.port}/a.csv", fetcher)
        with fail_after(5):
            path = await asyncio.to_thread(file.save_blocking, tmp_path / "a.csv")
    assert path.read_bytes() == b"saved"


@pytest.mark.anyio
async def test_saving_by_blocking_the_loop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongThread):
        RemoteFile(OWN, a_fetcher()).save_blocking(tmp_path / "a.csv")
    assert names_in(tmp_path) == []


# --- the address --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x.example/data/a%20b.csv?site=1#top", "a b.csv"),
        ("https://x.example/data/", "data"),
        ("https://x.example", ""),
        ("https://x.example/a%2Fb.csv", "b.csv"),
        ("https://x.example/..%2F..%2Fpasswd", "passwd"),
    ],
)
def test_the_name_is_the_last_part_of_the_path(url: str, name: str) -> None:
    file = RemoteFile(url, Pieces(never_ends))
    assert (file.name, str(file), repr(file)) == (name, url, f"RemoteFile({url!r})")


@given(st.text(st.characters()))
def test_the_name_never_has_a_folder_in_it(text: str) -> None:
    assert "/" not in RemoteFile(f"https://x.example/{text}".replace("[", ""), Pieces(never_ends)).name


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example",
        "HTTPS://x.example:8443/a?b#c",
        "http://[2001:db8::1]:80/",
        "http://bücher.example/ä",
    ],
)
def test_an_absolute_http_address_is_taken(url: str) -> None:
    assert is_web_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a.csv",
        "//x.example/a",
        "x.example/a",
        "ftp://x.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/csv,1",
        "http:///a",
        "http://",
        "http:x.example",
        "http://alice@x.example/",
        "http://alice:secret@x.example/",
        "http://:@x.example/",
        "http://x.example:port/",
        "http://x.example:99999/",
        "http://[::1/",
        " http://x.example/",
        "http://x.example/a b",
        "http://x.example/\t",
        "http://x.exam\nple/",
        "http://x.example/\0",
        "http://x.example/\x7f",
        "http://x.example/\u2028",
        "http://x.example/\ud800",
    ],
)
def test_anything_else_is_no_address_of_a_file(url: str) -> None:
    assert not is_web_address(url)


@given(st.text(st.characters()) | st.text("htps:/@?#[]\\.% \n").map("http://".__add__))
def test_a_web_address_is_absolute_printable_and_without_credentials(url: str) -> None:
    if is_web_address(url):
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert "@" not in parts.netloc
        assert not set(url) & {chr(number) for number in [*range(33), 127]}


@settings(max_examples=40)  # each makes a client
@given(st.text("htps:/@?#[]\\.%-é１0\0 \n~", max_size=20).map("http://".__add__) | st.text(st.characters()))
def test_no_address_whatever_brings_anything_but_a_refusal_or_a_failure(url: str) -> None:
    async def attempt() -> None:
        names = Names()
        names.otherwise = ()
        with fail_after(10), pytest.raises((FetchRefused, FetchFailed)):
            async with a_fetcher(names).open(url):
                raise NotImplementedError

    anyio.run(attempt)


def test_an_address_that_is_too_long_is_refused(tmp_path: Path) -> None:
    async def attempt() -> None:
        with pytest.raises(FetchRefused):
            await download("http://files.test/" + "x" * 70_000, tmp_path, a_fetcher())

    anyio.run(attempt)


# --- as a parameter -----------------------------------------------------------------------------------------------


def test_a_parameter_is_made_from_text_and_its_schema_says_so() -> None:
    adapter = TypeAdapter(RemoteFile)
    made = adapter.validate_python("https://x.example/a.csv", context={FETCHER: Pieces(never_ends)})
    assert made.url == "https://x.example/a.csv"
    assert adapter.validate_python(made) is made
    schema = adapter.json_schema()
    assert (schema["type"], schema["format"], schema["x-hallway-type"]) == ("string", "uri", "remote-file")


@given(
    st.none()
    | st.integers()
    | st.lists(st.text())
    | st.text(st.characters()).filter(lambda t: not is_web_address(t))
)
def test_a_parameter_that_is_no_address_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RemoteFile).validate_python(value, context={FETCHER: Pieces(never_ends)})
