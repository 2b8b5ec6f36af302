"""Signing in and out."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hallway import Settings
from hallway.faces.login import safe_target
from hallway.testing import FakeClock, MemoryHost, host_in_memory

ORIGIN = "http://127.0.0.1:8000"
FUZZ = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
PROGRAM = {"accept": "application/json"}


@pytest.fixture(scope="module")
def host() -> Iterator[MemoryHost]:
    with host_in_memory() as served:
        served.call(served.host.identity.add_user, "ada", "secret")
        yield served


def sign_in(client: httpx.Client, password: str = "secret", name: str = "ada", **form: str) -> httpx.Response:
    return client.post("/login", data={"username": name, "password": password, **form})


def is_signed_in(client: httpx.Client) -> bool:
    return client.get("/").status_code == 200


# --- by password ------------------------------------------------------------------------------------------------


def test_the_right_password_signs_in_and_leads_to_the_front_page(host: MemoryHost):
    visitor = host.anonymous()
    answer = sign_in(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["cache-control"] == "no-store"
    assert is_signed_in(visitor)


def test_names_are_taken_as_people_type_them(host: MemoryHost):
    assert sign_in(host.anonymous(), name=" Ada ").status_code == 303


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(host: MemoryHost):
    wrong = sign_in(host.anonymous(), "wrong")
    unknown = sign_in(host.anonymous(), "wrong", name="bob")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace('value="ada"', "") == unknown.text.replace('value="bob"', "")
    assert wrong.headers.keys() == unknown.headers.keys()
    assert "set-cookie" not in wrong.headers


def test_a_failed_sign_in_says_so_keeps_the_name_and_forgets_the_password(host: MemoryHost):
    answer = sign_in(host.anonymous(), "wrong-password", next="/apps/x/?y=1")
    assert 'role="alert"' in answer.text
    assert 'value="ada"' in answer.text
    assert "wrong-password" not in answer.text
    assert 'name="next" value="/apps/x/?y=1"' in answer.text


@pytest.mark.parametrize(
    "body",
    [b"", b"username=ada", b"password=secret", b"username=ada&password=", b"{}", b"\xff\xfe=\x00", b"&&==&;"],
)
def test_half_a_form_is_a_failed_sign_in(host: MemoryHost, body: bytes):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert host.anonymous().post("/login", content=body, headers=headers).status_code == 401


def test_an_endless_form_is_refused(host: MemoryHost):
    answer = host.anonymous(PROGRAM).post("/login", content=b"x" * 16_385)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@FUZZ
@given(name=st.text(max_size=70), password=st.text(max_size=70))
def test_no_made_up_name_and_password_sign_in_or_break_anything(host: MemoryHost, name: str, password: str):
    assert sign_in(host.anonymous(PROGRAM), password, name).status_code == 401


def test_markup_in_a_name_stays_text(host: MemoryHost):
    answer = sign_in(host.anonymous(), name='"><script>alert(1)</script>', next='/"><script>')
    assert "<script>" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_signing_in_takes_a_form_and_nothing_else(host: MemoryHost, method: str):
    answer = host.anonymous(PROGRAM).request(method, "/login")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


# --- where it leads ---------------------------------------------------------------------------------------------

DANGEROUS = [
    "//",
    "/\\",
    "\\",
    "/",
    "http:",
    "https://",
    "javascript:",
    "@",
    "\t",
    "\n",
    "\r",
    "\0",
    "%2F",
    ".",
    ":",
]
target = st.lists(st.sampled_from([*DANGEROUS, "evil.example", "apps", "?next="]) | st.text(max_size=8)).map(
    "".join
)


@settings(deadline=None, max_examples=500)
@given(text=target)
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https://evil.example")
@example("///evil.example")
@example("/ /evil.example")
@example("\x7f//evil.example")
def test_no_target_leads_to_another_host(text: str):
    for base in (f"{ORIGIN}/login", f"{ORIGIN}/portal/login"):
        # Browsers drop these characters, and take a backslash for a slash (https://url.spec.whatwg.org).
        read = re.sub(r"[\t\n\r]", "", safe_target(text)).replace("\\", "/").strip("\0 ")
        assert urlsplit(urljoin(base, read)).netloc == urlsplit(ORIGIN).netloc
        assert read.startswith("/")
        assert not read.startswith("//")


@FUZZ
@given(text=target)
def test_no_target_that_a_form_or_an_address_names_leads_to_another_host(host: MemoryHost, text: str):
    visitor = host.anonymous()
    shown = visitor.get(f"/login?next={quote(text, safe='')}")
    assert shown.status_code == 200
    (kept,) = re.findall(r'name="next" value="([^"]*)"', shown.text)
    assert kept.startswith("/")
    location = sign_in(visitor, next=text).headers["location"]
    assert urlsplit(urljoin(ORIGIN, location)).netloc == "127.0.0.1:8000"
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "wanted", ["/apps/room/?a=1&b=2", "/", "/handoff/a/b/?csv_url=http%3A%2F%2Fx%2Fy", "/caf%C3%A9"]
)
def test_whoever_was_heading_somewhere_gets_there(host: MemoryHost, wanted: str):
    assert sign_in(host.anonymous(), next=wanted).headers["location"] == wanted


# --- sessions ---------------------------------------------------------------------------------------------------


def session_of(client: httpx.Client) -> str:
    (secret,) = client.cookies.values()
    return secret


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(host: MemoryHost):
    visitor, elsewhere = host.anonymous(), host.anonymous()
    sign_in(visitor)
    sign_in(elsewhere)
    before = dict(visitor.cookies)
    sign_in(visitor)
    assert session_of(visitor) not in before.values()
    old = host.anonymous()
    old.cookies.update(before)
    assert [is_signed_in(client) for client in (visitor, elsewhere, old)] == [True, True, False]


def test_a_session_that_somebody_planted_is_never_the_one_that_signs_in(host: MemoryHost):
    visitor = host.anonymous()
    sign_in(visitor)
    (name,) = visitor.cookies.keys()
    victim = host.anonymous()
    victim.cookies.set(name, "planted")
    sign_in(victim)
    thief = host.anonymous({"cookie": f"{name}=planted"})
    assert not is_signed_in(thief)


def test_a_failed_sign_in_leaves_the_session_that_there_was(host: MemoryHost):
    visitor = host.anonymous()
    sign_in(visitor)
    sign_in(visitor, "wrong")
    assert is_signed_in(visitor)


def test_signing_out_ends_the_session_everywhere_and_not_only_in_the_browser(host: MemoryHost):
    visitor = host.anonymous()
    sign_in(visitor)
    copy = host.anonymous()
    copy.cookies.update(visitor.cookies)
    answer = visitor.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not visitor.cookies
    assert not is_signed_in(copy)


def test_signing_out_is_harmless_for_who_is_not_signed_in_and_never_happens_by_a_link(host: MemoryHost):
    assert host.anonymous().post("/logout").status_code == 303
    visitor = host.anonymous()
    sign_in(visitor)
    answer = visitor.get("/logout")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert is_signed_in(visitor)


def test_a_session_ends_when_its_time_is_over():
    clock = FakeClock()
    with host_in_memory(clock=clock, settings=Settings(session_lifetime=100)) as host:
        ada = host.visitor("ada")
        clock.advance(99)
        assert is_signed_in(ada)
        clock.advance(1)
        answer = ada.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/login?next=/")


def test_a_session_outlives_the_host(tmp_path: Path):
    kept = Settings(data=str(tmp_path))
    with host_in_memory(settings=kept) as host:
        cookies = host.visitor("ada").cookies
    with host_in_memory(settings=kept) as host:
        again = host.anonymous()
        again.cookies.update(cookies)
        assert is_signed_in(again)


# --- the one-time link ------------------------------------------------------------------------------------------


def test_the_link_signs_the_first_administrator_in_once():
    with host_in_memory() as host:
        link = host.call(host.host.identity.offer_signin_link)
        first, second = host.anonymous(), host.anonymous()
        assert host.anonymous().head(f"/login?link={link}").status_code == 200  # looking does not use it up
        answer = first.get(f"/login?link={link}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "Signed in as <strong>admin</strong>" in first.get("/").text
        refused = second.get(f"/login?link={link}")
        assert refused.status_code == 401
        assert "hallway user add" in refused.text
        assert not is_signed_in(second)


@FUZZ
@given(link=st.text(max_size=80))
def test_no_made_up_link_signs_in_or_breaks_anything(host: MemoryHost, link: str):
    answer = host.anonymous(PROGRAM).get(f"/login?link={quote(link, safe='')}")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
