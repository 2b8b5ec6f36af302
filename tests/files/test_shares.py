"""A shared link stands for one address and one user until it expires, and for nothing else."""

import base64
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hallway.errors import BadDeclaration
from hallway.files.shares import RouteTemplate, ShareGrant, ShareSigner, share_address
from hallway.testing import FakeClock

KEY = bytes(range(32))
ALICE = "urn:hallway:user:alice"
ADDRESS = "/apps/gauges/csv/01613900.csv?unit=m3"
NOW = 1_700_000_000
BASE64URL = string.ascii_letters + string.digits + "-_"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def signer(clock: FakeClock | None = None, *, key: bytes = KEY, lifetime: int = 3600) -> ShareSigner:
    return ShareSigner(key, clock or FakeClock(NOW), lifetime=lifetime)


SIGNATURE = signer().sign(ADDRESS, ALICE)
VERSION, EXPIRES, WHO, MAC = SIGNATURE.split(".")


@given(TEXT, TEXT)
def test_a_link_stands_for_its_user_and_address(address: str, principal: str) -> None:
    signature = signer().sign(address, principal)
    assert signer().verify(address, signature) == ShareGrant(principal, NOW + 3600)
    assert quote(signature, safe="") == signature  # it stands in a query as it is


@given(st.integers(0, len(SIGNATURE) - 1), st.characters())
def test_a_signature_with_any_character_altered_is_refused(position: int, other: str) -> None:
    assume(SIGNATURE[position] != other)
    assert signer().verify(ADDRESS, SIGNATURE[:position] + other + SIGNATURE[position + 1 :]) is None


@given(st.integers(0, len(SIGNATURE)), st.characters())
def test_a_signature_with_anything_added_is_refused(position: int, more: str) -> None:
    assert signer().verify(ADDRESS, SIGNATURE[:position] + more + SIGNATURE[position:]) is None


@given(st.integers(0, len(SIGNATURE) - 1), st.integers(1, 10))
def test_a_signature_with_anything_left_out_is_refused(position: int, length: int) -> None:
    assert signer().verify(ADDRESS, SIGNATURE[:position] + SIGNATURE[position + length :]) is None


@given(st.text(st.characters()))
def test_no_other_text_is_a_signature(text: str) -> None:
    assert signer().verify(ADDRESS, text) is None


@given(TEXT)
def test_a_signature_is_of_one_address_alone(other: str) -> None:
    assume(other != ADDRESS)
    assert signer().verify(other, SIGNATURE) is None


def test_one_signature_has_one_spelling() -> None:
    """RFC 4648 section 3.5: the last character of a 32-byte MAC has two bits that say nothing."""
    last = BASE64URL.index(MAC[-1])
    twins = [MAC[:-1] + BASE64URL[last ^ bits] for bits in (1, 2, 3)]
    standard = base64.b64encode(base64.urlsafe_b64decode(MAC + "=")).decode()
    macs = [*twins, MAC + "=", MAC + "\n", f" {MAC}", standard]
    spellings = [f"{VERSION}.{EXPIRES}.{WHO}.{mac}" for mac in macs]
    spellings += [
        f"{VERSION}.{expires}.{WHO}.{MAC}"
        for expires in (f"0{EXPIRES}", f"+{EXPIRES}", f"{EXPIRES[0]}_{EXPIRES[1:]}")
    ]
    spellings.append(f"{VERSION}.{EXPIRES.translate({ord('7'): '７'})}.{WHO}.{MAC}")
    assert [text for text in spellings if signer().verify(ADDRESS, text) is not None] == []
    assert signer().verify(ADDRESS, SIGNATURE) is not None


@pytest.mark.parametrize("text", ["v1...", f"v1.{'9' * 5000}.{WHO}.{MAC}", f"v2.{EXPIRES}.{WHO}.{MAC}"])
def test_a_signature_of_another_form_is_refused(text: str) -> None:
    assert signer().verify(ADDRESS, text) is None


def test_a_link_dies_at_the_end_of_its_lifetime() -> None:
    clock = FakeClock(NOW)
    signature = signer(clock, lifetime=60).sign(ADDRESS, ALICE)
    clock.advance(59.9)
    assert signer(clock).verify(ADDRESS, signature) is not None
    clock.advance(0.1)
    assert signer(clock).verify(ADDRESS, signature) is None


def test_a_link_of_another_host_is_refused() -> None:
    assert signer(key=bytes(32)).verify(ADDRESS, SIGNATURE) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        signer(key=bytes(31))


# --- the address that is signed -----------------------------------------------------------------------------------


ADDRESSES = st.tuples(
    st.text("/a?&=%:", max_size=5), st.lists(st.text("a?=%", min_size=1), max_size=2).map("&".join)
)


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_are_never_signed_alike(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (share_address("a", *one) == share_address("a", *other)) == (one == other)


@pytest.mark.parametrize("query", ["", "?", "b=1", "b=1?"])
def test_a_question_mark_in_the_path_is_not_the_one_before_the_query(query: str) -> None:
    assert share_address("a", "/csv/a?b=1", "") != share_address("a", "/csv/a", query)


@pytest.mark.parametrize("query", ["a=1&b=2", "&a=1&&b=2&"])
def test_empty_pairs_do_not_count(query: str) -> None:
    assert share_address("a", "/csv", query) == share_address("a", "/csv", "a=1&b=2")


# --- which routes are shared --------------------------------------------------------------------------------------

PIECE = st.text("ab.~%é \n", min_size=1, max_size=6)


@given(st.text(st.characters(), max_size=12))
def test_a_hole_takes_any_text_but_a_slash_or_a_way_up(text: str) -> None:
    assert RouteTemplate("/csv/{site}").matches(f"/csv/{text}") == (
        text not in ("", "..") and "/" not in text
    )


@given(st.lists(PIECE, min_size=1, max_size=4), st.lists(PIECE, min_size=1, max_size=4))
def test_a_template_matches_paths_of_its_own_depth_alone(fixed: list[str], given_path: list[str]) -> None:
    template = RouteTemplate("/" + "/".join(["{hole}"] * len(fixed)))
    matches = len(fixed) == len(given_path) and ".." not in given_path
    assert template.matches("/" + "/".join(given_path)) == matches


@given(st.text("/.a", max_size=10))
def test_no_path_that_goes_up_is_shared(rest: str) -> None:
    templates = ["/{a}", "/{a}/{b}", "/{a}/{b}/{c}", f"/{rest}"]
    path = f"/{rest}"
    if ".." in path.split("/"):
        assert [template for template in templates if RouteTemplate(template).matches(path)] == []


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/csv/{site}.csv", "/csv/01.csv"),
        ("/{a}-{b}", "/x-y-z"),
        ("/", "/"),
        ("/a+b(c)", "/a+b(c)"),
        ("/{site}", "/..."),
    ],
)
def test_a_route_takes_what_its_template_says(template: str, path: str) -> None:
    assert RouteTemplate(template).matches(path)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/csv/{site}.csv", "/csv/.csv"),
        ("/csv/{site}.csv", "/csv/01xcsv"),
        ("/csv/{site}", "/csv/01/"),
        ("/csv/{site}", "/csv/01/more"),
        ("/csv/{site}", "/x/csv/01"),
        ("/csv", "/csv\n"),
        ("/CSV", "/csv"),
    ],
)
def test_a_route_takes_nothing_else(template: str, path: str) -> None:
    assert not RouteTemplate(template).matches(path)


@pytest.mark.parametrize("template", ["", "csv/{site}", "/{", "/}", "/{}", "/{a b}", "/{1}", "/{{a}}", "/{a"])
def test_a_template_that_is_no_route_is_refused(template: str) -> None:
    with pytest.raises(BadDeclaration) as refused:
        RouteTemplate(template)
    assert "'/csv/{site}'" in refused.value.detail
