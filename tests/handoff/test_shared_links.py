"""Whoever has a shared link reads that one page, as the one who made it, for a while and no more."""

from urllib.parse import quote

import httpx
import pytest

from hallway import FetchRefused, Settings
from hallway.access.callers import Credential
from hallway.errors import BadDeclaration
from hallway.testing import FakeClock, MemoryHost, host_in_memory

from .rooms import URL, Gauges, link, make_plotter, path_of, shared


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
    plainly_written = path_of(shared(gauges, house, "/csv/é b?name=é b"))
    assert plainly_written.startswith("/apps/gauges/csv/%C3%A9%20b?name=%C3%A9%20b&")
    assert stranger.get(plainly_written).text == "/csv/é b?name=%C3%A9%20b"


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


def test_a_shared_link_grants_no_more_than_its_maker_may_see() -> None:
    gauges = Gauges(visible_to=["urn:hallway:user:bob"])
    with host_in_memory(gauges.app) as house:
        links = {
            user: gauges.inside.run(house, lambda: gauges.app.share_url("/csv/01"), user=user)
            for user in ("alice", "bob")
        }
        stranger = house.anonymous({})
        assert stranger.get(path_of(links["alice"])).status_code == 401
        assert stranger.get(path_of(links["bob"])).status_code == 200
    assert [reader.name for reader in gauges.readers] == ["bob"]


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
