"""The handoff face over HTTP. `Tethys n` names a row of the conformance table that the behaviour answers."""

import datetime as dt
import enum
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from hallway import App, Caller, Forbidden, UserWorkspace, View
from hallway.testing import MemoryHost, host_in_memory

JSON_TYPE = "application/json"


class Scale(enum.Enum):
    LOG = "log"
    LINEAR = "linear"


def make_target(calls: list[dict[str, Any]]) -> App:
    app = App("hydrograph-plotter", title="Hydrograph Plotter", redirect_origins=["https://charts.example"])

    @app.handoff("plot-csv")
    def plot_csv(csv_url: str, scale: Scale = Scale.LOG) -> str:
        """Plot the hydrograph in a CSV file."""
        calls.append({"csv_url": csv_url, "scale": scale})
        return "/apps/hydrograph-plotter/plot"

    @app.handoff("several")
    async def several(
        site: list[str], since: dt.date | None = None, count: Annotated[int, Field(ge=0)] = 1
    ) -> str:
        calls.append({"site": site, "since": since, "count": count})
        return "/next"

    @app.handoff("internal-plot-csv", internal=True)
    def internal_plot(path_to_csv: str) -> str:
        raise NotImplementedError

    @app.handoff("delete-all", effects="destroy")
    def delete_all(note: str = "") -> str:
        """Delete every plot."""
        calls.append({"note": note})
        return "/gone"

    @app.handoff("broken")
    def broken() -> str:
        raise TypeError("an inner mistake with a secret")

    @app.handoff("nothing")
    def nothing() -> None:
        return None

    @app.handoff("reserved")
    def reserved(request: str, self: str, app_name: str, handler_name: str) -> str:
        calls.append({"request": request, "self": self, "app_name": app_name, "handler_name": handler_name})
        return "/next"

    @app.handoff("anything")
    def anything(**values: str) -> str:
        calls.append(values)
        return "/next"

    @app.handoff("away")
    def away(to: str) -> str:
        return to

    @app.handoff("whoami")
    def whoami(caller: Caller, workspace: UserWorkspace) -> str:
        calls.append({"caller": caller.principal, "workspace": workspace.path})
        return "/next"

    @app.handoff("only-bob", runnable_by=["urn:hallway:user:bob"])
    def only_bob() -> str:
        return "/next"

    @app.handoff("for-nobody", visible_to=[], runnable_by=[])
    def for_nobody() -> str:
        raise NotImplementedError

    @app.handoff("refuses")
    def refuses() -> View:
        raise Forbidden("Not on a Sunday.")

    return app


@pytest.fixture(scope="module")
def calls() -> list[dict[str, Any]]:
    return []


@pytest.fixture(scope="module")
def house(calls: list[dict[str, Any]]) -> Iterator[MemoryHost]:
    with host_in_memory(make_target(calls), App("bare")) as host:
        yield host


@pytest.fixture(scope="module")
def alice(house: MemoryHost) -> httpx.Client:
    return house.visitor("alice")


@pytest.fixture(scope="module")
def program(house: MemoryHost) -> httpx.Client:
    return house.program("alice")


@pytest.fixture(autouse=True)
def _no_calls_before(calls: list[dict[str, Any]]) -> None:
    calls.clear()


# --- lists ------------------------------------------------------------------------------------------------------


def test_the_list_of_an_app_has_names_and_arguments_and_no_internal_handler(alice: httpx.Client) -> None:
    """Tethys 1 and 15: its body, as proper JSON."""
    answer = alice.get("/handoff/hydrograph-plotter/")
    assert answer.headers["content-type"] == JSON_TYPE
    rows = answer.json()
    assert rows[0] == {"name": "plot-csv", "arguments": ["csv_url", "scale"]}
    assert [row["name"] for row in rows if row["name"] in ("internal-plot-csv", "for-nobody")] == []


def test_underscore_and_hyphen_are_the_same_in_an_apps_name(alice: httpx.Client) -> None:
    """Tethys 2."""
    assert (
        alice.get("/handoff/hydrograph_plotter/").json() == alice.get("/handoff/hydrograph-plotter/").json()
    )


def test_an_app_without_handoffs_has_an_empty_list(alice: httpx.Client) -> None:
    """Tethys 3."""
    assert alice.get("/handoff/bare/").json() == []


def test_an_unknown_app_is_not_found_and_near_matches_are_named(program: httpx.Client) -> None:
    """Tethys 4 answered 200 with the text None."""
    answer = program.get("/handoff/hydrograph-ploter/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown_app"
    assert answer.json()["near"] == ["hydrograph-plotter"]


def test_an_address_without_its_slash_moves_and_keeps_the_query(alice: httpx.Client) -> None:
    """Tethys 5."""
    answer = alice.get("/handoff/hydrograph-plotter/plot-csv?csv_url=a%20b")
    assert answer.status_code == 301
    assert answer.headers["location"] == "/handoff/hydrograph-plotter/plot-csv/?csv_url=a%20b"


def test_the_list_of_all_names_the_apps(alice: httpx.Client) -> None:
    rows = alice.get("/handoff/").json()
    assert {row["app"] for row in rows} == {"hydrograph-plotter"}


def test_details_add_schema_title_description_and_effects(alice: httpx.Client) -> None:
    row = alice.get("/handoff/hydrograph-plotter/?detail=1").json()[0]
    assert row["title"] == "Plot csv"
    assert row["description"] == "Plot the hydrograph in a CSV file."
    assert row["effects"] == "read"
    assert row["schema"]["required"] == ["csv_url"]
    assert row["schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_list_is_not_written_to(alice: httpx.Client) -> None:
    answer = alice.post("/handoff/hydrograph-plotter/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_lists_are_for_people_who_are_signed_in(house: MemoryHost) -> None:
    answer = house.anonymous({"accept": JSON_TYPE}).get("/handoff/")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


# --- handing over -----------------------------------------------------------------------------------------------


def test_following_a_link_runs_the_handler_and_redirects(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    """Tethys 6 and 19: with typed values and defaults."""
    answer = alice.get("/handoff/hydrograph-plotter/plot-csv/?csv_url=a&scale=linear")
    assert (answer.status_code, answer.headers["location"]) == (302, "/apps/hydrograph-plotter/plot")
    assert answer.headers["cache-control"] == "no-store"
    assert calls == [{"csv_url": "a", "scale": Scale.LINEAR}]


def test_a_bearer_token_hands_over_at_once(program: httpx.Client, calls: list[dict[str, Any]]) -> None:
    assert program.get("/handoff/hydrograph-plotter/plot-csv/?csv_url=a").status_code == 302
    assert calls == [{"csv_url": "a", "scale": Scale.LOG}]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["'csv_url' is missing"]),  # Tethys 15
        ("?csv_url=a&bogus=1", ["'bogus' is unknown"]),  # Tethys 16
        ("?csv_url=a&csv_url=b", ["'csv_url' is given more than once"]),  # Tethys 18 took the last
        ("?csv_url=a&scale=cubic", ["'scale'", "'log' or 'linear'", "'cubic'"]),
        ("?scale=cubic&bogus=1", ["'csv_url' is missing", "'scale'", "'bogus' is unknown"]),
    ],
)
def test_wrong_parameters_are_named_in_the_five_keys_before_anything_runs(
    alice: httpx.Client, calls: list[dict[str, Any]], query: str, names: list[str]
) -> None:
    answer = alice.get(f"/handoff/hydrograph-plotter/plot-csv/{query}")
    body = answer.json()
    assert answer.status_code == 400
    assert list(body) == ["message", "code", "status", "app_name", "handler_name"]
    assert (body["code"], body["status"]) == (400, "error")
    assert (body["app_name"], body["handler_name"]) == ("hydrograph-plotter", "plot-csv")
    assert body["message"].startswith("HTTP 400 Bad Request: ")
    assert [name for name in names if name not in body["message"]] == []
    assert calls == []


def test_an_empty_value_is_a_value(alice: httpx.Client, calls: list[dict[str, Any]]) -> None:
    """Tethys 17."""
    assert alice.get("/handoff/hydrograph-plotter/plot-csv/?csv_url=").status_code == 302
    assert calls[0]["csv_url"] == ""


def test_a_parameter_that_takes_a_list_may_be_repeated(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    answer = alice.get("/handoff/hydrograph-plotter/several/?site=01&site=02&since=2017-01-31&count=3")
    assert answer.status_code == 302
    assert calls == [{"site": ["01", "02"], "since": dt.date(2017, 1, 31), "count": 3}]


def test_any_parameter_is_taken_by_a_handler_that_takes_anything(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    """Tethys 21."""
    assert alice.get("/handoff/hydrograph-plotter/anything/?a=1&b=2").status_code == 302
    assert calls == [{"a": "1", "b": "2"}]


def test_words_that_hosts_use_themselves_are_harmless_as_parameters(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    """Tethys 34 answered 500."""
    sent = {"request": "r", "self": "s", "app_name": "a", "handler_name": "h"}
    assert alice.get("/handoff/hydrograph-plotter/reserved/", params=sent).status_code == 302
    assert calls == [sent]


def test_a_handler_gets_the_caller_and_a_workspace_of_its_own_app(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    """Tethys 36 answered 500, or gave the originator's workspace."""
    assert alice.get("/handoff/hydrograph-plotter/whoami/").status_code == 302
    assert calls[0]["caller"] == "urn:hallway:user:alice"
    assert "hydrograph-plotter" in calls[0]["workspace"].parts


@pytest.mark.parametrize("name", ["nope", "internal-plot-csv", "for-nobody"])
def test_unknown_internal_and_hidden_handlers_are_the_same_404(program: httpx.Client, name: str) -> None:
    """Tethys 27, 31: it answered 500 and 400."""
    answer = program.get(f"/handoff/hydrograph-plotter/{name}/?x=1")
    problem = answer.json()
    assert answer.status_code == 404
    assert (
        problem["detail"].replace(name, "NAME").startswith("There is no handoff 'hydrograph-plotter/NAME'.")
    )
    assert not {"internal-plot-csv", "for-nobody"} & {near.partition("/")[2] for near in problem["near"]}


def test_an_app_and_handler_without_the_word_handoff_get_a_hint(program: httpx.Client) -> None:
    answer = program.get("/hydrograph-plotter/plot-csv/?csv_url=a")
    assert answer.status_code == 404
    assert answer.json()["near"][0] == "/handoff/hydrograph-plotter/plot-csv/"


def test_whoever_may_see_but_not_run_is_forbidden(alice: httpx.Client, house: MemoryHost) -> None:
    assert alice.get("/handoff/hydrograph-plotter/only-bob/").status_code == 403
    assert house.visitor("bob").get("/handoff/hydrograph-plotter/only-bob/").status_code == 302


def test_a_handlers_own_refusal_reaches_the_caller(program: httpx.Client) -> None:
    answer = program.get("/handoff/hydrograph-plotter/refuses/")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Not on a Sunday."


def test_a_mistake_inside_a_handler_is_500_with_an_id_and_tells_nothing(
    program: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Tethys 23 blamed the caller and leaked the text."""
    answer = program.get("/handoff/hydrograph-plotter/broken/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["correlation_id"] in caplog.text
    assert "an inner mistake" in caplog.text


def test_a_handler_that_returns_nothing_is_its_authors_mistake_with_the_cure_in_the_log(
    program: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Tethys 13 blamed the caller."""
    answer = program.get("/handoff/hydrograph-plotter/nothing/")
    assert answer.status_code == 500
    assert answer.json()["code"] == "bad_result"
    assert "Return View" in caplog.text


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x",
        "/\t/e",
    ],
)
def test_a_handler_that_echoes_an_address_cannot_send_anybody_away(program: httpx.Client, to: str) -> None:
    """Tethys 8 was an open redirect."""
    answer = program.get("/handoff/hydrograph-plotter/away/", params={"to": to})
    assert answer.status_code == 500
    assert "location" not in answer.headers


def test_a_registered_origin_may_be_sent_to(program: httpx.Client) -> None:
    answer = program.get("/handoff/hydrograph-plotter/away/", params={"to": "https://charts.example/x?y=1"})
    assert answer.headers["location"] == "https://charts.example/x?y=1"


# --- who and how ------------------------------------------------------------------------------------------------


def test_a_link_survives_signing_in(house: MemoryHost, calls: list[dict[str, Any]]) -> None:
    """Tethys 40: login, and back with the query kept."""
    house.program("carol")
    stranger = house.anonymous()
    to_login = stranger.get(
        "/handoff/hydrograph-plotter/plot-csv/?csv_url=https%3A%2F%2Fx.example%2Fa.csv%3Fb%3D1"
    )
    assert to_login.status_code == 302
    house.call(house.host.identity.set_password, "carol", "pw")
    target = httpx.URL(to_login.headers["location"]).params["next"]
    back = stranger.post("/login", data={"username": "carol", "password": "pw", "next": target})
    assert back.status_code == 303
    assert stranger.get(back.headers["location"]).status_code == 302
    assert calls[0]["csv_url"] == "https://x.example/a.csv?b=1"


def test_nobody_learns_by_not_signing_in_which_handoffs_exist(house: MemoryHost) -> None:
    stranger = house.anonymous({"accept": JSON_TYPE})
    answers = [stranger.get(f"/handoff/{path}/") for path in ("hydrograph-plotter/plot-csv", "no/such")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1


@pytest.mark.parametrize("destination", ["image", "iframe", "script", "empty", "style"])
def test_a_picture_or_frame_on_any_page_runs_nothing(
    alice: httpx.Client, calls: list[dict[str, Any]], destination: str
) -> None:
    headers = {"sec-fetch-dest": destination, "sec-fetch-mode": "no-cors", "sec-fetch-site": "cross-site"}
    answer = alice.get("/handoff/hydrograph-plotter/plot-csv/?csv_url=a", headers=headers)
    assert answer.status_code == 403
    assert calls == []


def test_a_prefetch_runs_nothing(alice: httpx.Client, calls: list[dict[str, Any]]) -> None:
    answer = alice.get("/handoff/hydrograph-plotter/plot-csv/?csv_url=a", headers={"sec-purpose": "prefetch"})
    assert answer.status_code == 403
    assert calls == []


def test_a_link_from_another_site_that_a_person_follows_runs(alice: httpx.Client) -> None:
    answer = alice.get(
        "/handoff/hydrograph-plotter/plot-csv/?csv_url=a", headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 302


def without_metadata(client: httpx.Client) -> httpx.Client:
    plain = {name: value for name, value in client.headers.items() if not name.startswith("sec-fetch")}
    client.headers = httpx.Headers(plain)
    return client


def test_a_cookie_without_fetch_metadata_is_asked_first(
    house: MemoryHost, calls: list[dict[str, Any]]
) -> None:
    visitor = without_metadata(house.visitor("dora"))
    page = visitor.get("/handoff/hydrograph-plotter/plot-csv/", params={"csv_url": "<script>"})
    assert page.status_code == 200
    assert "Go on to Hydrograph Plotter?" in page.text
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert calls == []


def test_a_handoff_that_destroys_is_asked_first_and_runs_when_confirmed(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    page = alice.get("/handoff/hydrograph-plotter/delete-all/?note=all")
    assert page.status_code == 200
    assert "deletes data" in page.text
    assert calls == []
    answer = alice.post("/handoff/hydrograph-plotter/delete-all/", data={"note": "all"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/gone")
    assert calls == [{"note": "all"}]


def test_a_confirmation_from_another_site_is_refused(
    alice: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    answer = alice.post("/handoff/hydrograph-plotter/delete-all/", data={"note": "all"}, headers=headers)
    assert answer.status_code == 403
    assert calls == []


def test_asking_for_the_head_runs_nothing(alice: httpx.Client, calls: list[dict[str, Any]]) -> None:
    """Tethys 38 ran it."""
    assert alice.head("/handoff/hydrograph-plotter/plot-csv/?csv_url=a").status_code == 200
    assert alice.head("/handoff/hydrograph-plotter/plot-csv/").status_code == 400
    assert calls == []


def test_other_methods_are_not_allowed(alice: httpx.Client) -> None:
    answer = alice.put("/handoff/hydrograph-plotter/plot-csv/?csv_url=a")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


# --- bodies -----------------------------------------------------------------------------------------------------


def test_json_carries_typed_values(program: httpx.Client, calls: list[dict[str, Any]]) -> None:
    """Tethys 39 had no body at all."""
    answer = program.post("/handoff/hydrograph-plotter/several/", json={"site": ["01", "02"], "count": 2})
    assert answer.status_code == 303
    assert calls == [{"site": ["01", "02"], "since": None, "count": 2}]


def test_a_parameter_in_query_and_body_is_repeated(program: httpx.Client) -> None:
    answer = program.post("/handoff/hydrograph-plotter/plot-csv/?csv_url=a", data={"csv_url": "b"})
    assert answer.status_code == 400
    assert "more than once" in answer.json()["message"]


@pytest.mark.parametrize(
    ("content", "media_type", "words"),
    [
        (b"{", "application/json", "no JSON"),
        (b"[1]", "application/json", "no JSON object"),
        (b"[" * 100_000, "application/json", "no JSON"),
        (b"<a/>", "text/xml", "allowed: a form or application/json"),
        (b"x", "", "untyped"),
    ],
)
def test_a_body_that_cannot_be_read_says_what_can(
    program: httpx.Client, content: bytes, media_type: str, words: str
) -> None:
    answer = program.post(
        "/handoff/hydrograph-plotter/plot-csv/", content=content, headers={"content-type": media_type}
    )
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_a_body_over_the_limit_is_refused(program: httpx.Client) -> None:
    answer = program.post("/handoff/hydrograph-plotter/plot-csv/", data={"csv_url": "x" * (1 << 20)})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


# --- whatever comes ---------------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(
        st.one_of(st.sampled_from(["hydrograph-plotter", "plot-csv", "several", ""]), st.text()), max_size=4
    ),
    query=st.lists(
        st.tuples(st.sampled_from(["csv_url", "site", "scale", "count", "x"]) | st.text(), st.text())
    ),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"]),
)
def test_no_path_or_query_whatsoever_breaks_the_face(
    program: httpx.Client, path: list[str], query: list[tuple[str, str]], method: str
) -> None:
    address = "/handoff/" + "/".join(quote(part, safe="", errors="replace") for part in path)
    answer = program.request(method, f"{address}?{urlencode(query, errors='replace')}")
    assert answer.status_code < 500


def test_a_program_with_a_token_may_ask_from_any_page_and_still_never_destroys_by_a_link(
    program: httpx.Client, calls: list[dict[str, Any]]
) -> None:
    fetched = {"sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
    assert program.get("/handoff/hydrograph-plotter/plot-csv/?csv_url=a", headers=fetched).status_code == 302
    calls.clear()
    assert program.get("/handoff/hydrograph-plotter/delete-all/", headers=fetched).status_code == 200
    assert calls == []
