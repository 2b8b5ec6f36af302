"""A link is checked when it is built; what it hands over can be read by whoever gets it, for a while and no more."""

import datetime as dt
import enum
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from hallway import (
    App,
    Caller,
    FetchRefused,
    Forbidden,
    InvalidInput,
    RemoteFile,
    Settings,
    UnknownHandoff,
    UserWorkspace,
    View,
    current,
)
from hallway.access.callers import Credential
from hallway.errors import BadDeclaration
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .inside import Inside, quiet_page

URL = "http://127.0.0.1:8000"


class Scale(enum.Enum):
    LOG = "log"


class Gauges:
    """An app with a shared route and pages that tell whom they were read by."""

    def __init__(self) -> None:
        self.app = App("gauges")
        self.app.mount(self._page)
        self.app.share("/csv/{site}")
        self.inside = Inside(self.app)
        self.readers: list[Caller] = []

    def _page(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.readers.append(current().caller)
        return quiet_page(environ, start_response)


def make_plotter() -> App:
    app = App("plotter")
    app.mount(quiet_page)

    @app.handoff("plot")
    async def plot(csv: RemoteFile, workspace: UserWorkspace, title: str = "") -> View:
        path = await csv.save(workspace.unique("a.csv"))
        return View("plot", said=path.read_text(), title=title)

    @app.handoff("compare")
    async def compare(csvs: list[RemoteFile], workspace: UserWorkspace) -> View:
        paths = [await csv.save(workspace.unique("a.csv")) for csv in csvs]
        return View("plot", said=[path.read_text() for path in paths])

    @app.handoff("typed")
    def typed(
        day: dt.date = dt.date(2000, 1, 1),
        sites: list[str] | None = None,
        scale: Scale = Scale.LOG,
        n: int = 1,
    ) -> View:
        return View("typed", day=day, sites=sites, scale=scale, n=n)

    @app.handoff("text")
    def text(where: str) -> View:
        return View("text", where=where)

    @app.handoff("table")
    def table(rows: dict[str, int]) -> View:
        raise NotImplementedError

    @app.handoff("needs-sites")
    def needs_sites(sites: list[str]) -> View:
        raise NotImplementedError

    @app.handoff("anything")
    def anything(**rest: Any) -> View:
        return View("anything", **rest)

    @app.handoff("raw", input_schema={"properties": {"n": {"type": "integer"}}})
    def raw(body: dict[str, Any]) -> View:
        raise NotImplementedError

    @app.handoff("inner", internal=True)
    def inner() -> View:
        raise NotImplementedError

    @app.handoff("for-bob", runnable_by=["urn:hallway:user:bob"])
    def for_bob() -> View:
        raise NotImplementedError

    return app


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gauges() -> Gauges:
    return Gauges()


@pytest.fixture
def house(gauges: Gauges, clock: FakeClock) -> Iterator[MemoryHost]:
    with host_in_memory(
        gauges.app, make_plotter(), settings=Settings(share_lifetime=60), clock=clock
    ) as running:
        yield running


def link(gauges: Gauges, house: MemoryHost, target: str, **values: object) -> str:
    return gauges.inside.run(house, lambda: gauges.app.url_for_handoff(target, **values))


def shared(gauges: Gauges, house: MemoryHost, path: str) -> str:
    return gauges.inside.run(house, lambda: gauges.app.share_url(path))


def path_of(url: str) -> str:
    """Give an address on the host without its origin."""
    assert url.startswith(f"{URL}/")
    return url.removeprefix(URL)


# --- links that hand over -----------------------------------------------------------------------------------------


def test_a_link_names_the_handoff_and_its_parameters(gauges: Gauges, house: MemoryHost) -> None:
    address = link(
        gauges,
        house,
        "plotter/typed",
        day=dt.date(2017, 1, 31),
        sites=["01", "a b&c"],
        scale=Scale.LOG,
        n="5",
    )
    assert address == "/handoff/plotter/typed/?day=2017-01-31&sites=01&sites=a%20b%26c&scale=log&n=5"
    answer = house.visitor().get(address)
    assert answer.headers["location"] == (
        "/apps/plotter/typed?day=2017-01-31&sites=01&sites=a%20b%26c&scale=log&n=5"
    )


def test_what_is_none_is_left_to_the_handlers_default(gauges: Gauges, house: MemoryHost) -> None:
    assert link(gauges, house, "plotter/typed", sites=None) == "/handoff/plotter/typed/"


def test_a_link_is_written_in_the_apps_own_spelling(gauges: Gauges, house: MemoryHost) -> None:
    assert link(gauges, house, "plotter/needs_sites", sites=["1"]) == "/handoff/plotter/needs-sites/?sites=1"


@pytest.mark.parametrize(
    ("target", "values", "error"),
    [
        ("nowhere/plot", {}, UnknownHandoff),
        ("plotter/plod", {}, UnknownHandoff),
        ("plotter/inner", {}, UnknownHandoff),  # over HTTP it does not exist
        ("plotter/for-bob", {}, Forbidden),
        ("plotter", {}, InvalidInput),
        ("plotter/plot", {}, InvalidInput),
        ("plotter/plot", {"csv": "not an address"}, InvalidInput),
        ("plotter/plot", {"csv": "/elsewhere/a.csv"}, InvalidInput),
        ("plotter/typed", {"n": "many"}, InvalidInput),
        ("plotter/typed", {"bogus": 1}, InvalidInput),
        ("plotter/anything", {"x": object()}, InvalidInput),
        ("plotter/anything", {"x": "\ud800"}, InvalidInput),
    ],
)
def test_what_is_wrong_with_a_link_is_told_when_it_is_built(
    gauges: Gauges, house: MemoryHost, target: str, values: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        link(gauges, house, target, **values)


@pytest.mark.parametrize(
    ("target", "values"),
    [
        ("plotter/table", {"rows": {"a": 1}}),
        ("plotter/needs-sites", {"sites": []}),
        ("plotter/anything", {"x": [1, 2]}),
        ("plotter/raw", {"n": 5}),
    ],
)
def test_a_value_that_an_address_cannot_carry_to_the_handler_is_refused_as_well(
    gauges: Gauges, house: MemoryHost, target: str, values: dict[str, object]
) -> None:
    """The handler would take it; but a link brings text alone, and clicking it would fail."""
    with pytest.raises(InvalidInput):
        link(gauges, house, target, **values)


def test_a_plain_text_stays_as_it_is_even_if_it_looks_like_an_own_address(
    gauges: Gauges, house: MemoryHost
) -> None:
    address = link(gauges, house, "plotter/text", where="/apps/gauges/csv/01")
    assert address == "/handoff/plotter/text/?where=%2Fapps%2Fgauges%2Fcsv%2F01"


# --- files that are handed over -----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["/apps/gauges/csv/01?unit=m", f"{URL}/apps/gauges/csv/01?unit=m"])
def test_an_own_shared_route_is_signed_so_that_the_other_app_can_read_it(
    gauges: Gauges, house: MemoryHost, written: str
) -> None:
    address = link(gauges, house, "plotter/plot", csv=written, title="x")
    (signed,) = parse_qs(urlsplit(address).query)["csv"]
    assert signed.startswith(f"{URL}/apps/gauges/csv/01?unit=m&hallway_share=v1.")
    location = house.visitor().get(address).headers["location"]
    assert location == "/apps/plotter/plot?said=%2Fcsv%2F01%3Funit%3Dm&title=x"


def test_every_file_of_a_list_is_signed(gauges: Gauges, house: MemoryHost) -> None:
    address = link(
        gauges, house, "plotter/compare", csvs=["/apps/gauges/csv/01", f"{URL}/apps/gauges/csv/02"]
    )
    signed = parse_qs(urlsplit(address).query)["csvs"]
    assert [url.split("?")[0] for url in signed] == [f"{URL}/apps/gauges/csv/0{n}" for n in (1, 2)]
    assert house.visitor().get(address).headers["location"].endswith("said=%2Fcsv%2F01&said=%2Fcsv%2F02")


def test_a_link_that_is_shared_already_is_not_signed_again(gauges: Gauges, house: MemoryHost) -> None:
    signed = shared(gauges, house, "/csv/01")
    address = link(gauges, house, "plotter/plot", csv=signed)
    assert parse_qs(urlsplit(address).query)["csv"] == [signed]


def test_a_file_of_another_host_is_named_as_it_is(gauges: Gauges, house: MemoryHost) -> None:
    elsewhere = "https://data.example/apps/gauges/secret.csv"
    address = link(gauges, house, "plotter/plot", csv=elsewhere)
    assert parse_qs(urlsplit(address).query)["csv"] == [elsewhere]


@pytest.mark.parametrize(
    "path",
    ["/apps/gauges/secret.csv", "/apps/gauges/csv/01/more", "/apps/gauges/csv/..", "/apps/plotter/plot"],
)
def test_an_own_route_that_is_not_shared_is_refused_with_the_cure(
    gauges: Gauges, house: MemoryHost, path: str
) -> None:
    for written in (path, URL + path):
        with pytest.raises(BadDeclaration) as refused:
            link(gauges, house, "plotter/plot", csv=written)
        assert "app.share(" in refused.value.remedy


@pytest.mark.parametrize("path", ["/api/apps", "/handoff/plotter/text/?where=x", "/login", "/"])
def test_no_address_of_the_host_itself_can_be_shared(gauges: Gauges, house: MemoryHost, path: str) -> None:
    with pytest.raises(BadDeclaration):
        link(gauges, house, "plotter/plot", csv=URL + path)


def test_an_unsigned_own_address_is_not_downloaded(gauges: Gauges, house: MemoryHost) -> None:
    for path in ("/apps/gauges/csv/01", "/apps/gauges/csv/01?hallway_share=v1.1.YQ.YQ", "/api/apps"):
        answer = house.program().get("/handoff/plotter/plot/", params={"csv": URL + path})
        assert (answer.status_code, answer.json()["code"]) == (FetchRefused.status, FetchRefused.code)
    assert gauges.readers == []


# --- shared links -------------------------------------------------------------------------------------------------


@pytest.fixture
def stranger(house: MemoryHost) -> httpx.Client:
    return house.anonymous({"accept": "*/*"})


def test_whoever_has_a_shared_link_reads_that_page_as_the_one_who_made_it(
    gauges: Gauges, house: MemoryHost, stranger: httpx.Client
) -> None:
    address = path_of(shared(gauges, house, "/csv/a%20b%3Fc.csv?unit=m&x=%26"))
    answer = stranger.get(address)
    assert (answer.status_code, answer.text) == (200, "/csv/a b?c.csv?unit=m&x=%26")  # without the signature
    (reader,) = gauges.readers
    assert (reader.principal, reader.credential) == ("urn:hallway:user:alice", Credential.SHARED_LINK)


def test_a_shared_link_is_for_one_address_alone(
    gauges: Gauges, house: MemoryHost, stranger: httpx.Client
) -> None:
    address = path_of(shared(gauges, house, "/csv/01?unit=m"))
    others = [
        address.replace("/csv/01", "/csv/02"),
        address.replace("/csv/01", "/secret"),
        address.replace("unit=m", "unit=ft"),
        address.replace("unit=m", "unit=m&more=1"),
        address.replace("/csv/01?unit=m&", "/csv/01%3Funit=m?"),
        address.replace("/apps/gauges/csv/01", "/apps/plotter/csv/01"),
        address.replace("/apps/gauges/csv/01", "/api/apps"),
        address[:-1],
        address.split("&hallway_share")[0],
    ]
    assert [other for other in others if stranger.get(other).status_code != 401] == []
    assert stranger.post(address).status_code == 401
    assert stranger.get(address).status_code == 200


def test_a_shared_link_may_be_spelled_as_clients_do(
    gauges: Gauges, house: MemoryHost, stranger: httpx.Client
) -> None:
    address = path_of(shared(gauges, house, "/csv/~a?unit=m&"))
    assert stranger.get(address.replace("~", "%7E")).status_code == 200
    assert stranger.get(address.replace("/csv/", "/%63sv/")).status_code == 200
    assert stranger.head(address).status_code == 200


def test_a_shared_link_dies_when_its_time_is_over(
    gauges: Gauges, house: MemoryHost, stranger: httpx.Client, clock: FakeClock
) -> None:
    url = shared(gauges, house, "/csv/01")
    hand_over = link(gauges, house, "plotter/plot", csv="/apps/gauges/csv/01")
    clock.advance(59)
    assert stranger.get(path_of(url)).status_code == 200
    clock.advance(1)
    assert stranger.get(path_of(url)).status_code == 401
    answer = house.program().get(hand_over)
    assert answer.json()["code"] == FetchRefused.code
    assert "expired" in answer.json()["detail"]


def test_a_shared_link_grants_no_more_than_its_maker_may_see(
    gauges: Gauges, house: MemoryHost, stranger: httpx.Client
) -> None:
    nobodys = gauges.inside.run(house, lambda: gauges.app.share_url("/csv/01"), user="bob")
    assert stranger.get(path_of(nobodys)).status_code == 200
    assert gauges.readers[-1].name == "bob"


@pytest.mark.parametrize(
    "path", ["/secret.csv", "csv/01", "/csv/01/more", "/csv/../secret", "/csv/%2e%2e", ""]
)
def test_only_a_route_that_the_app_shares_gets_a_link(gauges: Gauges, house: MemoryHost, path: str) -> None:
    with pytest.raises(BadDeclaration):
        shared(gauges, house, path)


def test_below_a_root_path_links_carry_it(clock: FakeClock) -> None:
    gauges = Gauges()
    with host_in_memory(
        gauges.app, make_plotter(), settings=Settings(root_path="/portal"), clock=clock
    ) as house:
        url = shared(gauges, house, "/csv/01")
        hand_over = link(gauges, house, "plotter/plot", csv="/portal/apps/gauges/csv/01")
        assert url.startswith(f"{URL}/portal/apps/gauges/csv/01?hallway_share=")
        assert hand_over.startswith(
            f"/portal/handoff/plotter/plot/?csv={quote(f'{URL}/portal/apps/', safe='')}"
        )
        assert house.anonymous({}).get(path_of(url)).status_code == 200
        assert (
            house.program().get(hand_over).headers["location"]
            == "/portal/apps/plotter/plot?said=%2Fcsv%2F01&title="
        )
