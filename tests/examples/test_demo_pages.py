"""The two demo apps together, served by a host in memory."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

import gauges
import hydrograph_plotter
from gauges.records import catalogue
from hallway.testing import MemoryHost, host_in_memory
from hydrograph_plotter.reading import read_hydrographs


@pytest.fixture(scope="module")
def host() -> Iterator[MemoryHost]:
    with host_in_memory(gauges.app, hydrograph_plotter.app) as served:
        yield served


@pytest.fixture(scope="module")
def alice(host: MemoryHost) -> httpx.Client:
    return host.visitor("alice")


def ask_plotter(client: httpx.Client, callback: str, **values: Any) -> httpx.Response:
    """Do what Dash's renderer does in the browser when an input of a callback changes."""
    listed = client.get("/apps/hydrograph-plotter/_dash-dependencies").json()
    (found,) = [entry for entry in listed if callback in entry["output"]]
    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in found["output"].strip(".").split("...")
    ]

    def filled(entries: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [entry | {"value": values.get(f"{entry['id']}_{entry['property']}")} for entry in entries]

    return client.post(
        "/apps/hydrograph-plotter/_dash-update-component",
        json={
            "output": found["output"],
            "outputs": outputs,
            "inputs": filled(found["inputs"]),
            "state": filled(found["state"]),
            "changedPropIds": [],
        },
    )


def page_of(client: httpx.Client, url: str) -> str:
    parts = urlsplit(url)
    search = f"?{parts.query}" if parts.query else ""
    answer = ask_plotter(client, "page.children", address_pathname=parts.path, address_search=search)
    assert answer.status_code == 200
    return json.dumps(answer.json()["response"]["page"], ensure_ascii=False)


def figure_of(client: httpx.Client, url: str, **values: Any) -> dict[str, Any]:
    chosen = {"scale_value": "log", "unit_value": "cfs", "records_value": list(range(48))} | values
    answer = ask_plotter(client, "hydrograph.figure", address_search=f"?{urlsplit(url).query}", **chosen)
    assert answer.status_code == 200
    response: dict[str, Any] = answer.json()["response"]
    return response["hydrograph"]["figure"]


def test_the_table_has_every_gauge_and_a_way_to_plot_it(alice: httpx.Client):
    page = alice.get("/apps/gauges/").text
    assert page.count('<tr data-text="') == 195
    assert 'href="/apps/gauges/plot?site=01613900"' in page
    assert "/static/gauges.css" in page


def test_the_table_is_searched_and_sorted_without_javascript(alice: httpx.Client):
    page = alice.get("/apps/gauges/", params={"q": "02042887", "sort": "maximum", "order": "desc"}).text
    assert page.count('<tr data-text="') == 2
    assert page.index("0204288786") < page.index("0204288771")
    assert 'aria-sort="descending"' in page


def test_a_search_without_a_match_says_what_is_near(alice: httpx.Client):
    page = alice.get("/apps/gauges/", params={"q": "01613090"}).text
    assert "No gauge matches “01613090”" in page
    assert 'href="/apps/gauges/gauge/01613900"' in page


def test_a_gauge_page_tells_gaps_negative_flow_and_codes(alice: httpx.Client):
    assert "208 empty, 0 without a row" in alice.get("/apps/gauges/gauge/01655794").text
    tidal = alice.get("/apps/gauges/gauge/0204288786").text
    assert "-0.35 cfs" in tidal
    assert "the water ran backwards" in tidal
    assert "<code>e</code></th><td>estimated</td>" in tidal


def test_an_unknown_gauge_is_a_404_with_near_matches(alice: httpx.Client):
    page = alice.get("/apps/gauges/gauge/0161390")
    assert page.status_code == 404
    assert 'href="/apps/gauges/gauge/01613900"' in page.text
    csv = alice.get("/apps/gauges/csv/0161390.csv")
    assert (csv.status_code, csv.headers["content-type"]) == (404, "text/plain; charset=utf-8")


def test_several_gauges_come_as_one_csv(alice: httpx.Client):
    answer = alice.get("/apps/gauges/csv/01491000,01613900.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("site_no,date,discharge_cfs,discharge_cms,qualifiers\n")
    assert len(read_hydrographs(answer.content, name="file").series) == 2


@pytest.mark.parametrize(
    "path",
    [
        "?q=%00&sort=zzz&order=zzz",
        "?q=" + "9" * 3000,
        "gauge/%00",
        "gauge/..%2f..%2fetc",
        "gauge/%ff",
        "csv/,,.csv",
        "csv/01613900,nope.csv",
        "plot",
        "plot?site=nope",
        "download",
        "nothing/here",
    ],
)
def test_bad_addresses_are_answered_kindly(alice: httpx.Client, path: str):
    answer = alice.get(f"/apps/gauges/{path}")
    assert answer.status_code in {200, 400, 404}


def test_too_many_gauges_for_one_plot_can_still_be_downloaded(alice: httpx.Client):
    sites = list(catalogue())[:60]
    refused = alice.get("/apps/gauges/plot", params={"site": sites})
    assert refused.status_code == 400
    assert "60 gauges are too many" in refused.text
    answer = alice.get("/apps/gauges/download", params={"site": sites}, follow_redirects=True)
    assert 'filename="60-gauges.csv"' in answer.headers["content-disposition"]


def test_the_plot_link_hands_the_user_to_a_page_that_draws_the_gauge(alice: httpx.Client):
    answer = alice.get("/apps/gauges/plot", params={"site": "0204288786"})
    assert answer.status_code == 303
    handoff = alice.get(answer.headers["location"])
    assert handoff.status_code in {302, 303}
    url = handoff.headers["location"]
    assert urlsplit(url).path == "/apps/hydrograph-plotter/plot"
    assert "Discharge at 0204288786" in page_of(alice, url)
    linear = figure_of(alice, url, scale_value="linear")
    assert min(linear["data"][0]["y"]) == -0.35
    assert linear["layout"]["yaxis"]["type"] == "linear"


def test_the_internal_handoff_takes_several_gauges_of_both_units(host: MemoryHost, alice: httpx.Client):
    answer = alice.post("/apps/gauges/plot", data={"site": ["01491000", "01613900", "01594440"]})
    assert answer.status_code == 303
    drawn = figure_of(alice, answer.headers["location"], unit_value="m³/s")
    named = [trace["name"] for trace in drawn["data"] if trace.get("hoverinfo") != "skip"]
    assert named == ["01491000", "01613900", "01594440"]
    assert drawn["layout"]["yaxis"]["title"]["text"] == "Discharge (m³/s)"


def test_the_gauge_page_links_straight_to_the_handoff(alice: httpx.Client):
    assert (
        'href="/handoff/hydrograph-plotter/plot-csv/?csv_url='
        in alice.get("/apps/gauges/gauge/01613900").text
    )


def test_the_plotters_front_page_lists_the_users_own_files(host: MemoryHost, alice: httpx.Client):
    url = alice.post("/apps/gauges/plot", data={"site": "01615000"}).headers["location"]
    (name,) = parse_qs(urlsplit(url).query)["file"]
    assert name in page_of(alice, "/apps/hydrograph-plotter/")
    assert "01615000: daily" in page_of(alice, "/apps/hydrograph-plotter/")
    bob = host.visitor("bob")
    assert "None yet." in page_of(bob, "/apps/hydrograph-plotter/")
    assert "There is no file" in page_of(bob, url)


@pytest.mark.parametrize("query", ["?file=nope.csv", "?file=../../x", "?file=%00", "?file=", "", "?other=1"])
def test_a_file_that_is_not_there_is_told_on_the_page(alice: httpx.Client, query: str):
    page = page_of(alice, f"/apps/hydrograph-plotter/plot{query}")
    assert '"H1"' in page
    assert "Graph" not in page


def test_an_upload_is_kept_and_plotted(alice: httpx.Client):
    contents = "data:text/csv;base64," + base64.b64encode(b"Date,Flow\n2017-01-01,5\nxx,3\n").decode()
    answer = ask_plotter(alice, "address.href", upload_contents=contents, upload_filename="../my creek.csv")
    url = answer.json()["response"]["address"]["href"]
    assert "Discharge at my-creek" in page_of(alice, url)


def test_an_upload_that_is_a_web_page_is_refused(alice: httpx.Client):
    contents = "data:text/csv;base64," + base64.b64encode(b"<html><title>Oops</title></html>").decode()
    answer = ask_plotter(alice, "address.href", upload_contents=contents, upload_filename="x.csv")
    assert "web page (HTML, titled “Oops”)" in json.dumps(answer.json(), ensure_ascii=False)
    assert "href" not in answer.json()["response"].get("address", {})


def test_nonsense_from_the_browser_does_not_break_the_plotter(alice: httpx.Client):
    url = alice.post("/apps/gauges/plot", data={"site": "01613900"}).headers["location"]
    assert figure_of(alice, url, scale_value="cubic", unit_value="buckets")["data"]
    gone = ask_plotter(alice, "hydrograph.figure", address_search="?file=gone.csv", records_value=[])
    assert gone.status_code == 204


def test_without_the_plotter_the_gauges_say_why_there_is_no_plot():
    with host_in_memory(gauges.app) as alone:
        alice = alone.visitor("alice")
        page = alice.get("/apps/gauges/").text
        assert "Hydrograph Plotter is not installed" in page
        assert "/apps/gauges/plot?site=" not in page
        assert "Hydrograph Plotter is not installed" in alice.get("/apps/gauges/gauge/01613900").text
        for answer in (
            alice.get("/apps/gauges/plot", params={"site": "01613900"}),
            alice.post("/apps/gauges/plot", data={"site": "01613900"}),
        ):
            assert answer.status_code == 404
            assert "<h1>" in answer.text
