"""A link that hands over is checked when it is built, and brings to the handler just what it was built with."""

import contextlib
import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallway import FetchRefused, Forbidden, InvalidInput, UnknownHandoff
from hallway.errors import BadDeclaration
from hallway.testing import MemoryHost

from .rooms import URL, Gauges, Scale, link, shared

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


TEXTS = st.text() | st.text("/[]\\?#%&=:.@x ", max_size=12).map("/".__add__)
IN_ONE_HOUSE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)


@IN_ONE_HOUSE
@given(text=TEXTS)
def test_any_text_at_all_reaches_the_handler_through_a_link(
    gauges: Gauges, house: MemoryHost, text: str
) -> None:
    address = link(gauges, house, "plotter/text", where=text)
    assert not set(address) & set(" \\\r\n\t")
    arrived = urlsplit(house.program().get(address).headers["location"])
    assert parse_qs(arrived.query, keep_blank_values=True)["where"] == [text]


@IN_ONE_HOUSE
@given(text=TEXTS, prefix=st.sampled_from(["", URL, f"{URL}/apps/gauges/csv", "/apps/gauges"]))
def test_no_text_whatever_for_a_file_brings_anything_but_a_link_or_a_refusal(
    gauges: Gauges, house: MemoryHost, prefix: str, text: str
) -> None:
    with contextlib.suppress(InvalidInput, BadDeclaration):
        address = link(gauges, house, "plotter/plot", csv=prefix + text)
        (csv,) = parse_qs(urlsplit(address).query)["csv"]
        assert csv.isascii()
        assert house.program().get(address).status_code == 302
    answer = house.program().get("/handoff/plotter/plot/", params={"csv": prefix + text})
    assert answer.status_code in (302, 400, 502), answer.text


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
