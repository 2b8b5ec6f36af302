"""Metrics: what is counted, how it is written, who may read it."""

import math
import os
import re
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway import App
from hallway.faces.handoff import HandoffFace
from hallway.faces.metrics import MetricsFace
from hallway.serving.access_log import AccessLogStatistics
from hallway.serving.asgi import Receive, Scope, Send
from hallway.serving.blocks import BlockStatistics
from hallway.serving.host_metrics import (
    RequestMetrics,
    access_log_families,
    build_families,
    loop_families,
    pool_families,
    process_families,
    thread_cpu_seconds,
)
from hallway.serving.metrics import Family, Metrics, Sample, render
from hallway.serving.pages import HostPages
from hallway.serving.pool import Pool
from hallway.serving.recorder import Recorder
from hallway.serving.router import endpoint
from hallway.serving.visit import note_app
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .exchange import Exchange, http_scope

# A line of the text format, by https://prometheus.io/docs/instrumenting/exposition_formats.
LINE = re.compile(
    r"# HELP [a-zA-Z_:][a-zA-Z0-9_:]* (?:[^\\\n]|\\\\|\\n)*"
    r"|# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (?:counter|gauge|histogram)"
    r'|[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{[a-zA-Z_]\w*="(?:[^\\"\n]|\\[\\"n])*"(?:,[a-zA-Z_]\w*="(?:[^\\"\n]|\\[\\"n])*")*\})?'
    r" (?:[+-]Inf|NaN|-?[0-9.]+(?:e[+-][0-9]+)?)"
)


def value_of(text: str, series: str) -> float:
    """Give the value of one series, by its name with its labels."""
    (value,) = [line.rpartition(" ")[2] for line in text.splitlines() if line.rpartition(" ")[0] == series]
    return float(value)


# --- the text format --------------------------------------------------------------------------------------------


def test_a_counter_is_written_with_its_help_its_type_and_its_labels():
    metrics = Metrics()
    counter = metrics.counter("rooms_total", "Rooms that\nwere \\ entered.", ("name", "floor"))
    counter.add("hall", 1)
    counter.add("hall", 1, by=2)
    counter.add('the "blue"\\\nroom', 2)
    assert metrics.render() == (
        "# HELP rooms_total Rooms that\\nwere \\\\ entered.\n"
        "# TYPE rooms_total counter\n"
        'rooms_total{name="hall",floor="1"} 3\n'
        'rooms_total{name="the \\"blue\\"\\\\\\nroom",floor="2"} 1\n'
    )


def test_a_gauge_keeps_the_last_value():
    metrics = Metrics()
    gauge = metrics.gauge("depth", "How deep.")
    gauge.set(3)
    gauge.set(-0.5)
    assert metrics.render().splitlines()[-1] == "depth -0.5"


def test_a_histogram_counts_each_value_in_its_bucket_and_all_larger_ones():
    metrics = Metrics()
    histogram = metrics.histogram("seconds", "How long.", ("app",), bounds=(0.5, 1, 2))
    for value in (0.25, 0.5, 0.75, 1.5, 64):
        histogram.observe(value, "a")
    assert metrics.render() == (
        "# HELP seconds How long.\n"
        "# TYPE seconds histogram\n"
        'seconds_bucket{app="a",le="0.5"} 2\n'
        'seconds_bucket{app="a",le="1"} 3\n'
        'seconds_bucket{app="a",le="2"} 4\n'
        'seconds_bucket{app="a",le="+Inf"} 5\n'
        'seconds_sum{app="a"} 67.0\n'
        'seconds_count{app="a"} 5\n'
    )


@pytest.mark.parametrize(("value", "text"), [(math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN")])
def test_what_is_no_ordinary_number_is_written_as_the_format_wants_it(value: float, text: str):
    assert render([Family("x", "gauge", "", [Sample(value, {})])]).endswith(f"x {text}\n")


@given(help=st.text(), label=st.text(), value=st.floats())
def test_whatever_is_told_makes_lines_of_the_format(help: str, label: str, value: float):
    text = render([Family("x", "gauge", help, [Sample(value, {"a": label, "b": 1})])])
    assert text.endswith("\n")
    assert [bool(LINE.fullmatch(line)) for line in text[:-1].split("\n")] == [True] * 3


def test_more_sets_of_labels_than_may_be_are_counted_together_and_that_is_told_once(
    caplog: pytest.LogCaptureFixture,
):
    metrics = Metrics()
    counter = metrics.counter("rooms_total", "", ("name", "floor"), limit=2)
    histogram = metrics.histogram("seconds", "", ("name",), bounds=(1,), limit=2)
    gauge = metrics.gauge("depth", "", ("name",), limit=2)
    for number in range(10):
        counter.add(f"room-{number}", number)
        histogram.observe(0.5, f"room-{number}")
        gauge.set(number, f"room-{number}")
    counter.add("room-0", 0)
    text = metrics.render()
    assert value_of(text, 'rooms_total{name="room-0",floor="0"}') == 2
    assert value_of(text, 'rooms_total{name="other",floor="other"}') == 8
    assert value_of(text, 'seconds_count{name="other"}') == 8
    assert value_of(text, 'depth{name="other"}') == 9
    assert len(caplog.records) == 3


def test_what_cannot_be_a_metric_is_refused():
    metrics = Metrics()
    with pytest.raises(ValueError, match="cannot be a metric"):
        metrics.counter("rooms total", "")
    with pytest.raises(ValueError, match="cannot be a metric"):
        metrics.counter("rooms_total", "", ("__name__",))
    with pytest.raises(ValueError, match="do not rise"):
        metrics.histogram("seconds", "", bounds=(2, 1))
    with pytest.raises(ValueError, match="has the labels"):
        metrics.counter("rooms_total", "", ("name",)).add()


# --- what a host tells ------------------------------------------------------------------------------------------


def test_requests_are_counted_by_app_method_and_status_and_timed_by_app():
    metrics = Metrics()
    requests = RequestMetrics(metrics)
    requests.record("plotter", "GET", 200, 0.03)
    requests.record("plotter", "GET", 200, 40)
    requests.record("", "BREW", 404, 0.001)
    text = metrics.render()
    assert value_of(text, 'hallway_requests_total{app="plotter",method="GET",status="200"}') == 2
    assert value_of(text, 'hallway_requests_total{app="-",method="other",status="404"}') == 1
    assert value_of(text, 'hallway_request_seconds_bucket{app="plotter",le="0.05"}') == 1
    assert value_of(text, 'hallway_request_seconds_count{app="plotter"}') == 2
    assert value_of(text, 'hallway_request_seconds_bucket{app="-",le="0.001"}') == 1


def test_a_pool_tells_its_threads_what_waits_and_what_was_refused():
    pool, gate, begun = Pool("a", size=1, backlog=1), threading.Event(), threading.Event()
    pool.submit(lambda: (begun.set(), gate.wait(20), None)[-1])
    assert begun.wait(20)
    pool.submit(lambda: None)
    with pytest.raises(Exception, match="busy"):
        pool.submit(lambda: None)
    text = render(pool_families({"a": pool.statistics()}, {"a": 0.5}))
    gate.set()
    pool.close()
    assert pool.wait_closed(time.monotonic() + 20)
    assert value_of(text, 'hallway_pool_threads{app="a"}') == 1
    assert value_of(text, 'hallway_pool_waiting{app="a"}') == 1
    assert value_of(text, 'hallway_pool_refused_total{app="a"}') == 1
    assert value_of(text, 'hallway_app_thread_cpu_seconds_total{app="a"}') == 0.5


def test_processor_time_is_that_of_the_threads_named_and_of_no_others():
    pools = [Pool(name, size=1, backlog=9) for name in ("busy", "idle")]
    done, times = threading.Semaphore(0), list[float]()

    def compute() -> None:
        while time.thread_time() < 0.05:
            pass
        times.append(time.thread_time())
        done.release()

    pools[0].submit(compute)
    pools[1].submit(lambda: (done.release(), None)[-1])
    for _ in range(2):
        assert done.acquire(timeout=20)
    busy, idle = (thread_cpu_seconds(pool._threads) for pool in pools)
    for pool in pools:
        pool.close()
        assert pool.wait_closed(time.monotonic() + 20)
    assert busy >= times[0] >= 0.05
    assert idle < 0.05


def test_threads_that_have_ended_or_never_began_do_no_harm():
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    assert thread_cpu_seconds([ended, threading.Thread(target=lambda: None)]) == 0.0


def test_the_loop_the_access_log_and_the_build_are_told_of():
    text = render(
        [
            *loop_families(BlockStatistics(3, 2.75, 2.0)),
            *access_log_families(AccessLogStatistics(written=7, dropped=2)),
            *build_families(),
        ]
    )
    assert value_of(text, "hallway_loop_blocked_total") == 3
    assert value_of(text, "hallway_loop_blocked_seconds_total") == 2.75
    assert value_of(text, "hallway_loop_blocked_longest_seconds") == 2.0
    assert value_of(text, "hallway_access_log_written_total") == 7
    assert value_of(text, "hallway_access_log_dropped_total") == 2
    assert re.search(r'hallway_build_info\{version="\d[^"]*",python="3[^"]*"\} 1\n', text)


def test_the_process_tells_its_memory_time_files_and_start():
    reading, writing = os.pipe()
    text = render(process_families())
    os.close(reading)
    os.close(writing)
    assert value_of(text, "process_open_fds") == value_of(render(process_families()), "process_open_fds") + 2
    assert value_of(text, "process_resident_memory_bytes") > 1 << 20
    assert value_of(text, "process_virtual_memory_bytes") > value_of(text, "process_resident_memory_bytes")
    assert 0 < value_of(text, "process_cpu_seconds_total") <= time.process_time()
    assert 0 < value_of(text, "process_start_time_seconds") <= time.time()


# --- recording what is served -----------------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("fails", [False, True])
async def test_a_request_is_recorded_however_it_ends(fails: bool):
    clock, metrics = FakeClock(), Metrics()

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        note_app(scope, "plotter")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        clock.advance(4)
        if fails:
            raise KeyError("lost")
        await send({"type": "http.response.body", "body": b"done"})

    exchange = Exchange()
    recorder = Recorder(door, clock, RequestMetrics(metrics), None)
    if fails:
        with pytest.raises(KeyError):
            await recorder(http_scope("/apps/plotter/"), exchange.receive, exchange.send)
    else:
        await recorder(http_scope("/apps/plotter/"), exchange.receive, exchange.send)
        assert exchange.pieces == [b"done"]
    text = metrics.render()
    assert value_of(text, 'hallway_requests_total{app="plotter",method="GET",status="200"}') == 1
    assert value_of(text, 'hallway_request_seconds_sum{app="plotter"}') == 4


@pytest.mark.anyio
async def test_a_request_that_nobody_answered_has_the_status_0():
    metrics = Metrics()

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    exchange = Exchange()
    await Recorder(door, FakeClock(), RequestMetrics(metrics), None)(
        http_scope("/"), exchange.receive, exchange.send
    )
    assert value_of(metrics.render(), 'hallway_requests_total{app="-",method="GET",status="0"}') == 1


@pytest.mark.anyio
async def test_what_is_no_http_request_passes_unrecorded():
    metrics, seen = Metrics(), list[str]()

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    exchange = Exchange()
    await Recorder(door, FakeClock(), RequestMetrics(metrics), None)(
        {"type": "websocket"}, exchange.receive, exchange.send
    )
    assert seen == ["websocket"]
    assert "hallway_requests_total{" not in metrics.render()


# --- who may read it --------------------------------------------------------------------------------------------

PROGRAM = {"accept": "application/json"}


def serve_metrics(host: MemoryHost, *, open_to_loopback: bool) -> None:
    """Have a host serve metrics."""
    rooms = host.host._running()
    metrics = Metrics()
    metrics.gauge("depth", "How deep.").set(3)
    handoffs = HandoffFace(rooms.manager, HostPages(""), "")
    face = MetricsFace(metrics, handoffs.nothing_here, open_to_loopback=open_to_loopback)
    rooms.router.exact("/metrics", endpoint(face))


@pytest.fixture(scope="module")
def closed() -> Iterator[MemoryHost]:
    with host_in_memory(App("room")) as host:
        serve_metrics(host, open_to_loopback=False)
        yield host


@pytest.fixture(scope="module")
def opened() -> Iterator[MemoryHost]:
    with host_in_memory(App("room")) as host:
        serve_metrics(host, open_to_loopback=True)
        yield host


def test_an_administrator_reads_the_metrics(closed: MemoryHost):
    admin = closed.visitor("root", admin=True)
    answer = admin.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.endswith("depth 3\n")
    assert admin.head("/metrics").status_code == 200


def test_nobody_who_is_not_signed_in_reads_them(closed: MemoryHost):
    answer = closed.anonymous(PROGRAM).get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert "depth" not in answer.text


def test_for_other_users_there_is_nothing_as_at_any_other_path(closed: MemoryHost):
    alice = closed.program("alice")
    answers = [alice.get(path).json() | {"correlation_id": ""} for path in ("/metrics", "/nothing")]
    assert answers[0] == {**answers[1], "detail": answers[1]["detail"].replace("/nothing", "/metrics")}
    assert answers[0]["status"] == 404


def test_only_reading_is_allowed(closed: MemoryHost):
    answer = closed.visitor("root", admin=True).post("/metrics", headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_programs_on_this_machine_read_them_where_the_setting_says_so(opened: MemoryHost, closed: MemoryHost):
    assert opened.anonymous(PROGRAM).get("/metrics").text.endswith("depth 3\n")
    assert closed.anonymous(PROGRAM).get("/metrics").status_code == 401


def status_for(host: MemoryHost, client: tuple[str, int] | None, headers: dict[str, str]) -> int:
    """Ask for the metrics from an address, with nothing but these headers."""
    exchange = Exchange()
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {**http_scope("/metrics"), "client": client, "headers": encoded}
    host.call(host.host.asgi, scope, exchange.receive, exchange.send)
    return exchange.status


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("127.0.0.1", "127.0.0.1:8000"),
        ("127.8.8.8", "localhost"),
        ("::1", "[::1]:8000"),
        ("::ffff:127.0.0.1", "localhost:8000"),
    ],
)
def test_every_loopback_address_is_this_machine(opened: MemoryHost, client: str, name: str):
    assert status_for(opened, (client, 50000), {"host": name}) == 200


@pytest.mark.parametrize(
    "client", [("10.0.0.5", 1), ("::ffff:10.0.0.5", 1), ("fe80::1%eth0", 1), ("", 0), None]
)
def test_no_other_address_is(opened: MemoryHost, client: tuple[str, int] | None):
    assert status_for(opened, client, {"host": "localhost"}) == 401


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[::1", "10.0.0.5"]
)
def test_a_foreign_name_that_was_made_to_lead_here_is_refused(opened: MemoryHost, name: str):
    assert status_for(opened, ("127.0.0.1", 50000), {"host": name}) == 401


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"])
def test_a_proxy_on_this_machine_asks_for_others(opened: MemoryHost, header: str):
    assert status_for(opened, ("127.0.0.1", 50000), {"host": "localhost", header: "10.0.0.5"}) == 401


def test_loopback_is_no_rank_for_a_request_that_writes(opened: MemoryHost):
    answer: httpx.Response = opened.anonymous(PROGRAM).post("/metrics")
    assert answer.status_code == 405
