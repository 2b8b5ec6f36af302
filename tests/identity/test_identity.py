"""Users, sessions, tokens and the one-time link."""

from pathlib import Path

import pytest

from hallway.access.callers import Credential
from hallway.errors import BadCredentials, CallerError, NotFound
from hallway.identity.service import own_token
from hallway.testing import FakeClock

from .identities import LIFETIME, identity_in

pytestmark = pytest.mark.anyio

HOUR = 3600.0


# --- users ------------------------------------------------------------------------------------------------------


async def test_a_user_is_stamped_with_the_urn_that_policies_name(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "secret", admin=True)
        caller = await identity.session_caller(await identity.sign_in("ada", "secret"))
    assert caller is not None
    assert (caller.principal, caller.name, caller.admin) == ("urn:hallway:user:ada", "ada", True)
    assert caller.identities == {"urn:hallway:user:ada"}
    assert caller.credential is Credential.SESSION


@pytest.mark.parametrize("name", ["", "Ada", "a b", "-ada", "a" * 65, "ada\n", "ädа", "a/b", "urn:x"])
async def test_a_name_that_cannot_be_a_users_is_refused_with_what_can(tmp_path: Path, name: str):
    async with identity_in(tmp_path) as identity:
        with pytest.raises(CallerError) as caught:
            await identity.add_user(name, "secret")
        assert await identity.users() == []
    assert "Allowed" in caught.value.detail


@pytest.mark.parametrize("name", ["a", "ada.lovelace@example.org", "9-lives_+", "a" * 64])
async def test_a_name_may_be_an_address(tmp_path: Path, name: str):
    async with identity_in(tmp_path) as identity:
        await identity.add_user(name, "")
        assert [user.name for user in await identity.users()] == [name]


async def test_a_name_is_given_once(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "first")
        with pytest.raises(CallerError):
            await identity.add_user("ada", "second")
        await identity.sign_in("ada", "first")


async def test_a_password_may_be_long_but_not_endless(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "x" * 1024)
        await identity.sign_in("ada", "x" * 1024)
        with pytest.raises(BadCredentials):
            await identity.sign_in("ada", "x" * 1025)
        with pytest.raises(CallerError):
            await identity.add_user("bob", "x" * 1025)
        with pytest.raises(CallerError):
            await identity.set_password("ada", "x" * 1025)


async def test_a_new_password_is_the_only_one_and_ends_the_sessions(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "old")
        session = await identity.sign_in("ada", "old")
        await identity.set_password("ada", "new")
        assert await identity.session_caller(session) is None
        with pytest.raises(BadCredentials):
            await identity.sign_in("ada", "old")
        assert await identity.session_caller(await identity.sign_in("ada", "new")) is not None
        with pytest.raises(NotFound):
            await identity.set_password("nobody", "new")


# --- signing in -------------------------------------------------------------------------------------------------


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "secret")
        await identity.add_user("robot", "")
        told: set[tuple[str, str]] = set()
        for name, password in [("ada", "wrong"), ("ada", ""), ("nobody", "secret"), ("robot", "")]:
            with pytest.raises(BadCredentials) as caught:
                await identity.sign_in(name, password)
            told.add((caught.value.detail, caught.value.remedy))
    assert len(told) == 1


async def test_a_session_ends_when_its_time_is_over(tmp_path: Path):
    clock = FakeClock()
    async with identity_in(tmp_path, clock) as identity:
        await identity.add_user("ada", "secret")
        session = await identity.sign_in("ada", "secret")
        clock.advance(LIFETIME - 1)
        assert await identity.session_caller(session) is not None
        clock.advance(1)
        assert await identity.session_caller(session) is None


async def test_what_is_far_too_long_is_nobodys_session(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "secret")
        session = await identity.sign_in("ada", "secret")
        assert await identity.session_caller(session + "x" * 300) is None


async def test_signing_out_ends_that_session_alone(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "secret")
        sessions = [await identity.sign_in("ada", "secret") for _ in range(2)]
        assert sessions[0] != sessions[1]
        await identity.sign_out(sessions[0])
        assert [await identity.session_caller(session) is None for session in sessions] == [True, False]


# --- the one-time link ------------------------------------------------------------------------------------------


async def test_the_link_makes_the_first_administrator_once(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        link = await identity.offer_signin_link()
        assert link is not None
        caller = await identity.session_caller(await identity.redeem_signin_link(link))
        assert caller is not None
        assert (caller.name, caller.admin) == ("admin", True)
        with pytest.raises(BadCredentials):
            await identity.redeem_signin_link(link)
        assert await identity.offer_signin_link() is None


async def test_the_link_works_for_an_hour(tmp_path: Path):
    clock = FakeClock()
    async with identity_in(tmp_path, clock) as identity:
        link = await identity.offer_signin_link()
        assert link is not None
        clock.advance(HOUR)
        with pytest.raises(BadCredentials):
            await identity.redeem_signin_link(link)
        link = await identity.offer_signin_link()
        assert link is not None
        clock.advance(HOUR - 1)
        await identity.redeem_signin_link(link)


async def test_who_comes_by_the_link_has_no_password_until_one_is_set(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.redeem_signin_link(await identity.offer_signin_link() or "")
        for password in ("", "admin"):
            with pytest.raises(BadCredentials):
                await identity.sign_in("admin", password)
        await identity.set_password("admin", "secret")
        await identity.sign_in("admin", "secret")


# --- tokens -----------------------------------------------------------------------------------------------------


async def test_a_token_acts_for_its_user_until_it_is_revoked(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "")
        token = await identity.create_token("ada")
        caller = await identity.token_caller(token)
        assert caller is not None
        assert (caller.name, caller.credential) == ("ada", Credential.BEARER)
        (listed,) = await identity.tokens()
        assert listed.id in token
        await identity.revoke_token(listed.id)
        assert await identity.token_caller(token) is None
        with pytest.raises(NotFound):
            await identity.revoke_token(listed.id)


async def test_a_token_may_be_revoked_by_showing_it(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "")
        token, other = await identity.create_token("ada"), await identity.create_token("ada")
        await identity.revoke_token(token)
        assert await identity.token_caller(token) is None
        assert await identity.token_caller(other) is not None


async def test_a_token_ends_when_its_time_is_over(tmp_path: Path):
    clock = FakeClock()
    async with identity_in(tmp_path, clock) as identity:
        await identity.add_user("ada", "")
        mortal, immortal = await identity.create_token("ada", lifetime=60), await identity.create_token("ada")
        clock.advance(59)
        assert await identity.token_caller(mortal) is not None
        clock.advance(1)
        assert await identity.token_caller(mortal) is None
        clock.advance(1e9)
        assert await identity.token_caller(immortal) is not None


async def test_nobody_gets_no_token(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        with pytest.raises(NotFound):
            await identity.create_token("nobody")
        assert await identity.tokens() == []


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_no_secret_reaches_the_disk(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        link = await identity.offer_signin_link() or ""
        await identity.add_user("ada", "correct horse battery staple")
        session = await identity.sign_in("ada", "correct horse battery staple")
        token = await identity.create_token("ada")
        kept = everything_in(tmp_path)  # while the store is open, for it is not yet tidied up
    assert b"argon2id" in kept
    for secret in (link, session, token, token.rpartition("_")[2], "correct horse"):
        assert secret.encode() not in kept


# --- whose principal, whose header ------------------------------------------------------------------------------


async def test_a_principal_is_a_caller_only_where_its_user_is_there(tmp_path: Path):
    async with identity_in(tmp_path) as identity:
        await identity.add_user("ada", "")
        caller = await identity.principal_caller("urn:hallway:user:ada", Credential.SHARED_LINK)
        assert caller is not None
        assert (caller.name, caller.credential) == ("ada", Credential.SHARED_LINK)
        assert await identity.principal_caller("urn:hallway:user:bob", Credential.SHARED_LINK) is None
        assert await identity.principal_caller("", Credential.SHARED_LINK) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (b"Bearer hwt_1", "hwt_1"),
        (b"bEARER \t hwt_1 ", "hwt_1"),
        (b"Bearer hwt_\xff", "hwt_ÿ"),
        (b"Bearer hwt_1 hwt_2", "hwt_1 hwt_2"),
        (b"Bearer abc", None),
        (b"Bearerhwt_1", None),
        (b"Basic hwt_1", None),
        (b"Bearer x hwt_1", None),
        (b"hwt_1", None),
        (b"", None),
    ],
)
async def test_a_header_carries_a_token_of_ours_or_something_for_others(header: bytes, token: str | None):
    assert own_token(header) == token
