"""The laws of identity stores: what `IdentityStore` promises, checked on any implementation.

    @pytest.mark.parametrize("law", IDENTITY_LAWS, ids=law_name)
    async def test_my_store_keeps_the_law(law: Law) -> None:
        await law(open_my_store)

Each law opens a store that is empty at first; opening it again, later or meanwhile as another process does, gives the
same data.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeVar

from hallway.identity.records import IdentityStore, Session, Token, User

T = TypeVar("T")

OpenStore = Callable[[], AbstractAsyncContextManager[IdentityStore]]
Law = Callable[[OpenStore], Awaitable[None]]

_CROWD = 50


def law_name(law: Law) -> str:
    """Give the sentence that a law stands for."""
    return getattr(law, "__name__", repr(law)).replace("_", " ")


async def check_identity_store(open_new_store: Callable[[], OpenStore]) -> None:
    """Check all laws.

    Args:
        open_new_store: Gives what opens a store that is empty; called once a law.

    Raises:
        AssertionError: The store breaks a law.
    """
    for law in IDENTITY_LAWS:
        await law(open_new_store())


# --- users ----------------------------------------------------------------------------------------------------


async def a_user_is_added_once_and_found_as_it_was_added(open_store: OpenStore) -> None:
    """The second of a name changes nothing."""
    async with open_store() as store:
        ada = _user("ada", admin=True)
        assert await store.user("ada") is None
        assert await store.add_user(ada) is True
        assert await store.add_user(_user("ada", "another")) is False
        assert await store.user("ada") == ada


async def users_are_listed_by_name(open_store: OpenStore) -> None:
    """Whatever the order in which they came."""
    async with open_store() as store:
        assert await store.users() == []
        for name in ("bob", "ada", "al"):
            await store.add_user(_user(name))
        assert [user.name for user in await store.users()] == ["ada", "al", "bob"]


async def of_a_crowd_that_adds_one_name_one_succeeds(open_store: OpenStore) -> None:
    """Also where they come from two processes."""
    async with open_store() as store, open_store() as other:
        added = await _at_once(
            [(store if number % 2 else other).add_user(_user("ada", str(number))) for number in range(_CROWD)]
        )
        assert added.count(True) == 1
        kept = await store.user("ada")
        assert kept is not None
        assert kept.password_hash == str(added.index(True))


async def names_are_kept_letter_by_letter(open_store: OpenStore) -> None:
    """Nothing in a value has a meaning for the store."""
    async with open_store() as store:
        odd = _user("o'hara\"; DROP TABLE users; --%_é", "$argon2id$'\"é")
        assert await store.add_user(odd) is True
        assert await store.user(odd.name) == odd
        assert await store.user("o'hara%") is None
        assert await store.users() == [odd]


async def a_new_password_ends_the_sessions_of_that_user_alone(open_store: OpenStore) -> None:
    """Whoever had the old password is signed out; tokens are revoked one by one."""
    async with open_store() as store:
        await _add_users(store, "ada", "bob")
        await store.add_session(Session(b"ada-1", "ada", 1.0, 100.0))
        await store.add_session(Session(b"ada-2", "ada", 1.0, 100.0))
        await store.add_session(Session(b"bob-1", "bob", 1.0, 100.0))
        await store.add_token(Token("t", b"token", "ada", 1.0, None))
        assert await store.set_password_hash("ada", "new") is True
        assert await store.user("ada") == _user("ada", "new")
        assert await store.session_user(b"ada-1", 2.0) is None
        assert await store.session_user(b"ada-2", 2.0) is None
        assert await store.session_user(b"bob-1", 2.0) == _user("bob")
        assert await store.token_user(b"token", 2.0) is not None


async def nobody_has_no_password(open_store: OpenStore) -> None:
    """Changing it fails, and adds nobody."""
    async with open_store() as store:
        assert await store.set_password_hash("ada", "new") is False
        assert await store.users() == []


# --- sessions -------------------------------------------------------------------------------------------------


async def a_session_is_its_users_until_it_expires(open_store: OpenStore) -> None:
    """The moment of expiry is too late."""
    async with open_store() as store:
        await _add_users(store, "ada")
        await store.add_session(Session(b"secret", "ada", 1.0, 10.0))
        assert await store.session_user(b"secret", 9.999) == _user("ada")
        assert await store.session_user(b"secret", 10.0) is None
        assert await store.session_user(b"secre", 2.0) is None
        assert await store.session_user(b"", 2.0) is None


async def a_session_that_ended_is_over_and_may_be_ended_again(open_store: OpenStore) -> None:
    """Other sessions of the same user go on."""
    async with open_store() as store:
        await _add_users(store, "ada")
        await store.add_session(Session(b"one", "ada", 1.0, 10.0))
        await store.add_session(Session(b"two", "ada", 1.0, 10.0))
        await store.remove_session(b"one")
        await store.remove_session(b"one")
        await store.remove_session(b"never was")
        assert await store.session_user(b"one", 2.0) is None
        assert await store.session_user(b"two", 2.0) == _user("ada")


async def a_new_session_sweeps_out_expired_ones(open_store: OpenStore) -> None:
    """Those that have not expired stay."""
    async with open_store() as store:
        await _add_users(store, "ada")
        await store.add_session(Session(b"short", "ada", 1.0, 10.0))
        await store.add_session(Session(b"long", "ada", 1.0, 100.0))
        await store.add_session(Session(b"new", "ada", 10.0, 20.0))
        assert await store.session_user(b"short", 2.0) is None  # gone, not merely expired
        assert await store.session_user(b"long", 11.0) == _user("ada")


async def what_is_nobodys_opens_nothing(open_store: OpenStore) -> None:
    """A session or token of an unknown user is refused, or useless."""
    async with open_store() as store:
        with contextlib.suppress(Exception):
            await store.add_session(Session(b"session", "nobody", 1.0, 10.0))
        with contextlib.suppress(Exception):
            await store.add_token(Token("t", b"token", "nobody", 1.0, None))
        assert await store.session_user(b"session", 2.0) is None
        assert await store.token_user(b"token", 2.0) is None


# --- tokens ---------------------------------------------------------------------------------------------------


async def a_token_is_its_users_until_it_expires(open_store: OpenStore) -> None:
    """One without an end lives for ever."""
    async with open_store() as store:
        await _add_users(store, "ada", "bob")
        await store.add_token(Token("t1", b"mortal", "ada", 1.0, 10.0))
        await store.add_token(Token("t2", b"immortal", "bob", 1.0, None))
        assert await store.token_user(b"mortal", 9.999) == _user("ada")
        assert await store.token_user(b"mortal", 10.0) is None
        assert await store.token_user(b"immortal", 1e12) == _user("bob")
        assert await store.token_user(b"wrong", 2.0) is None


async def tokens_are_listed_oldest_first(open_store: OpenStore) -> None:
    """Expired ones too, as they were added."""
    async with open_store() as store:
        assert await store.tokens() == []
        await _add_users(store, "ada", "bob")
        tokens = [
            Token("a", b"2", "bob", 2.0, None),
            Token("b", b"1", "ada", 1.0, 1.5),
            Token("c", b"3", "ada", 3.0, 4.0),
        ]
        for token in tokens:
            await store.add_token(token)
        assert [token.id for token in await store.tokens()] == ["b", "a", "c"]
        assert sorted(await store.tokens(), key=lambda token: token.id) == tokens


async def a_revoked_token_is_dead_and_no_other(open_store: OpenStore) -> None:
    """Revoking it again says that there is none."""
    async with open_store() as store:
        await _add_users(store, "ada")
        await store.add_token(Token("t1", b"one", "ada", 1.0, None))
        await store.add_token(Token("t2", b"two", "ada", 1.0, None))
        assert await store.remove_token("t1") is True
        assert await store.remove_token("t1") is False
        assert await store.remove_token("") is False
        assert await store.token_user(b"one", 2.0) is None
        assert await store.token_user(b"two", 2.0) == _user("ada")


# --- the one-time link ----------------------------------------------------------------------------------------


async def a_link_is_used_once_and_brings_its_user(open_store: OpenStore) -> None:
    """A second use fails."""
    async with open_store() as store:
        await store.set_signin_link(b"link", 10.0)
        assert await store.redeem_signin_link(b"link", 2.0, _user("admin", admin=True)) is True
        assert await store.users() == [_user("admin", admin=True)]
        assert await store.redeem_signin_link(b"link", 2.0, _user("second")) is False
        assert await store.users() == [_user("admin", admin=True)]


async def a_link_that_is_wrong_or_late_brings_nobody(open_store: OpenStore) -> None:
    """A wrong guess does not use up the right one."""
    async with open_store() as store:
        assert await store.redeem_signin_link(b"never was", 2.0, _user("admin")) is False
        await store.set_signin_link(b"link", 10.0)
        assert await store.redeem_signin_link(b"wrong", 2.0, _user("admin")) is False
        assert await store.redeem_signin_link(b"link", 10.0, _user("admin")) is False
        assert await store.users() == []
        await store.set_signin_link(b"link", 20.0)
        assert await store.redeem_signin_link(b"link", 11.0, _user("admin")) is True


async def a_later_link_takes_the_place_of_an_earlier_one(open_store: OpenStore) -> None:
    """There is one at most."""
    async with open_store() as store:
        await store.set_signin_link(b"earlier", 10.0)
        await store.set_signin_link(b"later", 10.0)
        assert await store.redeem_signin_link(b"earlier", 2.0, _user("admin")) is False
        assert await store.redeem_signin_link(b"later", 2.0, _user("admin")) is True


async def a_link_is_void_once_there_is_a_user(open_store: OpenStore) -> None:
    """It is for empty stores."""
    async with open_store() as store:
        await store.set_signin_link(b"link", 10.0)
        await _add_users(store, "ada")
        assert await store.redeem_signin_link(b"link", 2.0, _user("admin", admin=True)) is False
        assert await store.users() == [_user("ada")]


async def of_a_crowd_with_one_link_one_comes_in(open_store: OpenStore) -> None:
    """Also where they come through two processes."""
    async with open_store() as store, open_store() as other:
        await store.set_signin_link(b"link", 10.0)
        came_in = await _at_once(
            [
                (store if number % 2 else other).redeem_signin_link(b"link", 2.0, _user(f"user{number}"))
                for number in range(_CROWD)
            ]
        )
        assert came_in.count(True) == 1
        assert await other.users() == [_user(f"user{came_in.index(True)}")]


# --- secrets, and several processes ---------------------------------------------------------------------------


async def the_first_secret_of_a_name_is_kept(open_store: OpenStore) -> None:
    """Everybody who brings another gets the first one."""
    async with open_store() as store, open_store() as other:
        assert await store.secret("key", b"\0first") == b"\0first"
        assert await other.secret("key", b"second") == b"\0first"
        assert await store.secret("another", b"second") == b"second"
        given = await _at_once(
            [
                (store if number % 2 else other).secret("crowd", str(number).encode())
                for number in range(_CROWD)
            ]
        )
        assert len(set(given)) == 1


async def what_one_process_writes_every_other_knows_at_once(open_store: OpenStore) -> None:
    """A token that is revoked, or a session that ends, dies everywhere."""
    async with open_store() as store, open_store() as other:
        await _add_users(store, "ada")
        assert await other.user("ada") == _user("ada")
        await store.add_token(Token("t", b"token", "ada", 1.0, None))
        await store.add_session(Session(b"session", "ada", 1.0, 10.0))
        assert await other.token_user(b"token", 2.0) == _user("ada")
        assert await other.session_user(b"session", 2.0) == _user("ada")
        assert await other.remove_token("t") is True
        await other.remove_session(b"session")
        assert await store.token_user(b"token", 2.0) is None
        assert await store.session_user(b"session", 2.0) is None


async def every_write_changes_the_generation(open_store: OpenStore) -> None:
    """At once: whoever remembers an answer of the store must know when to ask again."""
    async with open_store() as store:
        seen = [store.generation()]
        await _add_users(store, "ada")
        seen.append(store.generation())
        await store.add_session(Session(b"s", "ada", 1.0, 9.0))
        seen.append(store.generation())
        await store.remove_session(b"s")
        seen.append(store.generation())
        assert len(set(map(repr, seen))) == len(seen)


async def a_write_by_another_process_changes_the_generation(open_store: OpenStore) -> None:
    """Soon, and for good."""
    async with open_store() as store, open_store() as other:
        before = store.generation()
        await _add_users(other, "ada")
        async with asyncio.timeout(10):
            while store.generation() == before:  # noqa: ASYNC110 - the other process signals nothing
                await asyncio.sleep(0)


async def a_change_shows_in_the_generation(open_store: OpenStore) -> None:
    """At once where it was made, soon where another process made it; and not without a change."""
    async with open_store() as store, open_store() as other:
        seen = store.generation()
        assert await store.user("ada") is None
        assert store.generation() == seen
        await _add_users(other, "ada")
        # Whoever runs this bounds it.
        while store.generation() == seen:  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0)
        seen = store.generation()
        await _add_users(store, "bob")
        assert store.generation() != seen


async def what_was_written_is_there_when_the_store_is_opened_again(open_store: OpenStore) -> None:
    """All of it."""
    async with open_store() as store:
        await _add_users(store, "ada")
        await store.add_session(Session(b"session", "ada", 1.0, 10.0))
        await store.add_token(Token("t", b"token", "ada", 1.0, None))
        await store.secret("key", b"value")
    async with open_store() as store:
        assert await store.users() == [_user("ada")]
        assert await store.session_user(b"session", 2.0) == _user("ada")
        assert await store.tokens() == [Token("t", b"token", "ada", 1.0, None)]
        assert await store.secret("key", b"other") == b"value"


IDENTITY_LAWS: Final[tuple[Law, ...]] = (
    a_user_is_added_once_and_found_as_it_was_added,
    users_are_listed_by_name,
    of_a_crowd_that_adds_one_name_one_succeeds,
    names_are_kept_letter_by_letter,
    a_new_password_ends_the_sessions_of_that_user_alone,
    nobody_has_no_password,
    a_session_is_its_users_until_it_expires,
    a_session_that_ended_is_over_and_may_be_ended_again,
    a_new_session_sweeps_out_expired_ones,
    what_is_nobodys_opens_nothing,
    a_token_is_its_users_until_it_expires,
    tokens_are_listed_oldest_first,
    a_revoked_token_is_dead_and_no_other,
    a_link_is_used_once_and_brings_its_user,
    a_link_that_is_wrong_or_late_brings_nobody,
    a_later_link_takes_the_place_of_an_earlier_one,
    a_link_is_void_once_there_is_a_user,
    of_a_crowd_with_one_link_one_comes_in,
    the_first_secret_of_a_name_is_kept,
    what_one_process_writes_every_other_knows_at_once,
    a_change_shows_in_the_generation,
    every_write_changes_the_generation,
    a_write_by_another_process_changes_the_generation,
    what_was_written_is_there_when_the_store_is_opened_again,
)
"""Every law; each name is the sentence that must hold."""


def _user(name: str, hashed: str = "hash", *, admin: bool = False) -> User:
    return User(name, hashed, admin, 1.0)


async def _add_users(store: IdentityStore, *names: str) -> None:
    for name in names:
        assert await store.add_user(_user(name)) is True


async def _at_once(calls: list[Coroutine[Any, Any, T]]) -> list[T]:
    return await asyncio.gather(*calls)
