"""The access log: a line for each request, nothing secret in it, and no loss that is not told."""

import json
import logging
import resource
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway import App
from hallway.errors import BadSetting
from hallway.serving.access_log import AccessLog, AccessLogStatistics, query_names
from hallway.serving.asgi import Receive, Scope, Send
from hallway.serving.host_metrics import RequestMetrics
from hallway.serving.log_file import LogFile, write_to_standard_output
from hallway.serving.metrics import Metrics
from hallway.serving.recorder import Recorder
from hallway.serving.visit import note_app
from hallway.testing import FakeClock, host_in_memory

from .exchange import Exchange, http_scope

SERVED: dict[str, Any] = {
    "method": "GET",
    "path": "/apps/plotter/view",
    "query": b"site=01613900",
    "status": 200,
    "bytes": 5120,
    "seconds": 0.0123456789,
    "app": "plotter",
    "user": "urn:hallway:user:alice",
    "client": "127.0.0.1",
    "correlation_id": "0123456789abcdef",
}


class Sink:
    """Takes lines, each time only once it is let to.

    Args:
        open: Whether it takes them from the start.
    """

    def __init__(self, *, open: bool = True) -> None:
        self.asked = threading.Semaphore(0)
        self.taken = threading.Semaphore(0)
        self.open = threading.Event()
        self.failures = 0
        self.written = b""
        if open:
            self.open.set()

    def __call__(self, lines: bytes) -> None:
        self.asked.release()
        assert self.open.wait(20)
        if self.failures:
            self.failures -= 1
            raise OSError("no space left on device")
        self.written += lines
        self.taken.release()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it took."""
        assert not self.written or self.written.endswith(b"\n")
        return [json.loads(line) for line in self.written.splitlines()]


def started(sink: Sink, *, capacity: int = 8192, pause: float = 0.0) -> AccessLog:
    log = AccessLog(FakeClock(), sink, capacity=capacity, pause=pause)
    log.start()
    return log


def record(log: AccessLog, **different: Any) -> None:
    log.record(**{**SERVED, **different})


def line_of(**different: Any) -> dict[str, Any]:
    """Give the line of one request."""
    sink = Sink()
    log = started(sink)
    record(log, **different)
    assert log.stop(20)
    (line,) = sink.lines
    return line


# --- lines ------------------------------------------------------------------------------------------------------


def test_a_line_tells_when_what_for_whom_and_how_it_went():
    assert line_of() == {
        "time": "2023-11-14T22:13:20.000Z",
        "method": "GET",
        "path": "/apps/plotter/view",
        "query": ["site"],
        "status": 200,
        "bytes": 5120,
        "seconds": 0.012346,
        "app": "plotter",
        "user": "urn:hallway:user:alice",
        "client": "127.0.0.1",
        "correlation_id": "0123456789abcdef",
    }


def test_what_is_not_known_is_null_and_an_answer_that_broke_off_says_so():
    line = line_of(app="", user="", client="", correlation_id="", query=b"", broken_off=True)
    assert [line[name] for name in ("app", "user", "client", "correlation_id")] == [None] * 4
    assert (line["query"], line["broken_off"]) == ([], True)


def test_time_goes_on_from_line_to_line():
    sink, clock = Sink(), FakeClock()
    log = AccessLog(clock, sink, pause=0.0)
    log.start()
    for seconds in (0.25, 0.5, 60.0):
        clock.advance(seconds)
        record(log)
    assert log.stop(20)
    assert [line["time"][14:] for line in sink.lines] == ["13:20.250Z", "13:20.750Z", "14:20.750Z"]


@given(path=st.text(), method=st.text(), query=st.binary(), user=st.text(st.characters(codec="utf-8")))
def test_whatever_is_asked_for_is_one_line_of_json(path: str, method: str, query: bytes, user: str):
    sink = Sink()
    log = started(sink)
    record(log, path=path, method=method.encode("utf-8", "replace").decode(), query=query)
    record(log, user=user)
    assert log.stop(20)
    assert len(sink.lines) == sink.written.count(b"\n") == 2


def test_half_a_character_in_a_path_is_spelled_out():
    assert line_of(path="/caf\udce9")["path"] == "/caf\\udce9"


def test_what_is_too_long_is_cut():
    line = line_of(path="/" + "x" * 5000, method="M" * 100, query=b"&".join([b"a=1"] * 100))
    assert line["path"] == "/" + "x" * 1023 + "…"
    assert line["method"] == "…"
    assert line["query"] == ["a"] * 20 + ["…"]
    assert line_of(query=b"a=" + b"1" * 5000)["query"] == ["a", "…"]


# --- secrets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (b"csv_url=https%3A%2F%2Fx&site=01", ["csv_url", "site"]),
        (b"hallway_share=v1.17.abc.def&a=1", ["hallway_share", "a"]),
        (b"link=Zm9vYmFy", ["link"]),
        (b"filter%5B%5D=1&filter[]=2&x.y=3", ["filter%5B%5D", "filter[]", "x.y"]),
        (b"a=b=c", ["a"]),
        (b"Zm9vYmFy", ["…"]),  # a token that is the whole query
        (b"Zm9vYmFy=", ["…"]),  # in base64
        (b"Zm9vYmFyYg==", ["…"]),
        (b"a=1&Zm9vYmFy&b=2", ["a", "…", "b"]),
        (b"=Zm9vYmFy", ["…"]),
        (b"&", ["…", "…"]),
        (b"s" * 41 + b"=1", ["…"]),
        (b"se cret=1", ["…"]),
        (b"\xffsecret=1", ["…"]),
    ],
)
def test_of_a_query_only_names_are_told(query: bytes, names: list[str]):
    assert query_names(query) == names


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(st.characters(codec="ascii"), min_size=1)
        )
    )
)
def test_no_value_whatsoever_is_told(pairs: list[tuple[str, str]]):
    values = [value.replace("&", "").lstrip("=") or "1" for _, value in pairs]
    names = [name for name, _ in pairs][:20]
    query = "&".join(
        f"{name}={value}" for name, value in zip((name for name, _ in pairs), values, strict=True)
    )
    told = query_names(query.encode())
    assert set(told) <= {*names, "…"}


def test_neither_cookies_nor_tokens_nor_shared_links_reach_the_log():
    sink = Sink()
    log = started(sink)
    app = App("room", public=True)

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"set-cookie", b"app=s3cret")]}
        )
        await send({"type": "http.response.body", "body": b"hello"})

    app.mount(page)
    with host_in_memory(app) as host:
        rooms = host.host._running()
        recorder = Recorder(rooms.door, FakeClock(), RequestMetrics(Metrics()), log)
        token = host.program("alice").headers["authorization"].encode()
        exchange = Exchange()
        headers = [(b"authorization", token), (b"cookie", b"app=s3cret")]
        query = "hallway_share=v1.s3cret&link=s3cret&site=s3cret"
        host.call(
            recorder,
            http_scope("/apps/room/", headers=headers, query=query),
            exchange.receive,
            exchange.send,
        )
        assert exchange.status == 200
    assert log.stop(20)
    (line,) = sink.lines
    assert b"s3cret" not in sink.written
    assert token.removeprefix(b"Bearer ") not in sink.written
    assert line["query"] == ["hallway_share", "link", "site"]
    assert (line["user"], line["path"], line["bytes"]) == ("urn:hallway:user:alice", "/apps/room/", 5)
    assert len(line["correlation_id"]) == 16


# --- what the recorder notes ------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_length_of_an_answer_in_pieces_is_that_of_all_and_one_that_broke_off_is_marked():
    sink = Sink()
    log = started(sink)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        note_app(scope, "plotter")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"cde", "more_body": scope["path"] == "/broken"})

    recorder = Recorder(door, FakeClock(), RequestMetrics(Metrics()), log)
    for path in ("/whole", "/broken"):
        exchange = Exchange()
        await recorder(http_scope(path), exchange.receive, exchange.send)
    assert log.stop(20)
    whole, broken = sink.lines
    assert (whole["bytes"], whole["app"], whole["path"]) == (5, "plotter", "/whole")
    assert "broken_off" not in whole
    assert broken["broken_off"] is True


# --- buffers ----------------------------------------------------------------------------------------------------


def test_lines_that_wait_are_written_together():
    sink = Sink(open=False)
    log = started(sink)
    record(log)
    assert sink.asked.acquire(timeout=20)
    for _ in range(100):
        record(log)
    sink.open.set()
    assert log.stop(20)
    assert len(sink.lines) == 101
    assert sink.taken._value == 2
    assert log.statistics() == AccessLogStatistics(written=101, dropped=0)


def test_many_lines_do_not_wait_until_the_pause_is_over():
    sink = Sink()
    log = started(sink, capacity=8, pause=3600.0)
    for _ in range(4):
        record(log)
    assert sink.asked.acquire(timeout=20)
    assert log.stop(20)


def test_stopping_writes_what_waits_without_a_pause():
    sink = Sink()
    log = started(sink, pause=3600.0)
    record(log)
    assert log.stop(20)
    assert len(sink.lines) == 1


def test_lines_that_nobody_takes_in_time_are_dropped_counted_and_told(caplog: pytest.LogCaptureFixture):
    sink = Sink(open=False)
    log = started(sink, capacity=4)
    record(log)
    assert sink.asked.acquire(timeout=20)
    for _ in range(10):
        record(log)
    assert log.statistics().dropped == 6
    sink.open.set()
    assert log.stop(20)
    assert [line.get("dropped") for line in sink.lines] == [None, 6, None, None, None, None]
    assert log.statistics() == AccessLogStatistics(written=5, dropped=6)
    assert "lost 6 lines" in caplog.text


def test_a_full_disk_loses_lines_which_is_told_once_and_counted_when_there_is_room_again(
    caplog: pytest.LogCaptureFixture,
):
    sink = Sink()
    log = started(sink)
    sink.failures = 3
    for _ in range(3):
        record(log)
        assert sink.asked.acquire(timeout=20)
    record(log)
    assert log.stop(20)
    assert sink.lines[0]["dropped"] == 3
    assert log.statistics() == AccessLogStatistics(written=1, dropped=3)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert ["cannot be written" in record.getMessage() for record in warnings] == [True, False]


def test_stopping_does_not_wait_for_ever_for_a_reader_that_is_stuck():
    sink = Sink(open=False)
    log = started(sink)
    record(log)
    assert sink.asked.acquire(timeout=20)
    assert not log.stop(0.0)
    record(log)
    assert log.statistics().dropped == 1
    sink.open.set()
    assert log.stop(20)


def test_a_log_that_never_began_can_be_stopped():
    log = AccessLog(FakeClock(), Sink())
    assert log.stop(20)


# --- where it goes ----------------------------------------------------------------------------------------------


def test_a_file_is_added_to_and_only_its_owner_and_group_may_read_it(tmp_path: Path):
    path = tmp_path / "access.log"
    for text in (b"1\n", b"2\n"):
        file = LogFile(path)
        file.write(text)
        file.close()
    assert path.read_bytes() == b"1\n2\n"
    assert path.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("deleted", [False, True])
def test_a_file_that_was_rotated_is_begun_anew(tmp_path: Path, deleted: bool):
    path, old = tmp_path / "access.log", tmp_path / "access.log.1"
    file = LogFile(path)
    file.write(b"1\n")
    path.rename(old)
    if deleted:
        old.unlink()
    file.write(b"2\n")
    file.close()
    assert path.read_bytes() == b"2\n"
    assert deleted or old.read_bytes() == b"1\n"


def test_a_file_that_cannot_be_written_is_a_wrong_setting(tmp_path: Path):
    with pytest.raises(BadSetting, match="missing"):
        LogFile(tmp_path / "missing" / "access.log")


def test_after_half_a_line_the_next_one_begins_on_a_line_of_its_own(tmp_path: Path):
    file = LogFile(tmp_path / "access.log")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))  # as where a disk runs full in the middle of a write
    try:
        with pytest.raises(OSError, match="File too large"):
            file.write(b"first line\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    file.write(b"second line\n")
    file.close()
    assert (tmp_path / "access.log").read_bytes() == b"firs\nsecond line\n"


def test_standard_output_can_take_it(capfdbinary: pytest.CaptureFixture[bytes]):
    write_to_standard_output(b"1\n2\n")
    assert capfdbinary.readouterr().out == b"1\n2\n"


def test_a_device_is_not_taken_for_a_file_that_was_rotated():
    file = LogFile(Path("/dev/null"))
    descriptor = file._descriptor
    file.write(b"1\n")
    assert file._descriptor == descriptor
    file.close()
