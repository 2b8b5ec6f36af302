"""Signing in: users, sessions, tokens and the one-time link, over any identity store."""

import hashlib
import re
import secrets

from hallway.access.callers import Caller, Credential
from hallway.access.principals import is_user_name, user_urn
from hallway.clock import Clock
from hallway.errors import BadCredentials, CallerError, NotFound
from hallway.identity.memory import RecentCallers
from hallway.identity.passwords import LONGEST_PASSWORD, Passwords
from hallway.identity.records import IdentityStore, Session, Token, User

TOKEN_PREFIX = "hwt_"  # noqa: S105 - not a secret: it marks our tokens for scanners, and tells them from others'
_TOKEN = re.compile(r"hwt_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_OWN_BEARER = re.compile(rb"bearer\s+(hwt_.*)", re.IGNORECASE | re.DOTALL)
_FIRST_USER = "admin"
_LINK_LIFETIME = 3600.0
_LONGEST_SECRET = 256


class Identity:
    """Says who somebody is.

    Args:
        store: Where users, sessions and tokens are kept.
        clock: For expiry.
        session_lifetime: Seconds that a sign-in lasts.
    """

    def __init__(self, store: IdentityStore, clock: Clock, *, session_lifetime: float) -> None:
        self._store = store
        self._clock = clock
        self._session_lifetime = session_lifetime
        self._passwords = Passwords()
        self._recent = RecentCallers(store, clock)

    # --- users ------------------------------------------------------------------------------------------------

    async def add_user(self, name: str, password: str, *, admin: bool = False) -> User:
        """Add a local user.

        Args:
            name: Lower-case letters, digits and `._@+-`, at most 64.
            password: At most 1024 characters; "" for one who signs in only by token.
            admin: Whether they administer the host.

        Raises:
            CallerError: The name cannot be one or is taken, or the password is too long.
        """
        if not is_user_name(name):
            raise CallerError(
                f"{name!r} cannot be a user's name. Allowed: up to 64 lower-case letters, digits and . _ @ + -",
                remedy="Choose another name.",
            )
        user = User(name, await self._hash(password), admin, self._clock.time())
        if not await self._store.add_user(user):
            raise CallerError(
                f"There is a user {name!r} already.",
                remedy=f"Use `hallway user password {name}` to change it.",
            )
        return user

    async def set_password(self, name: str, password: str) -> None:
        """Change a user's password and end their sessions.

        Raises:
            NotFound: There is no such user.
            CallerError: The password is too long.
        """
        if not await self._store.set_password_hash(name, await self._hash(password)):
            raise NotFound(f"There is no user {name!r}.", remedy="See `hallway user list`.")

    async def users(self) -> list[User]:
        """List the local users."""
        return await self._store.users()

    async def _hash(self, password: str) -> str:
        if len(password) > LONGEST_PASSWORD:
            raise CallerError(f"The password has more than {LONGEST_PASSWORD} characters.")
        return await self._passwords.hash(password) if password else ""

    # --- signing in -------------------------------------------------------------------------------------------

    async def sign_in(self, name: str, password: str) -> str:
        """Start a session.

        Returns:
            The session's secret, for the browser's cookie.

        Raises:
            BadCredentials: The name or the password is wrong; which of them is not told.
        """
        user = await self._store.user(name)
        if not await self._passwords.matches(user.password_hash if user else "", password) or user is None:
            raise BadCredentials("The name or the password is wrong.")
        return await self._start_session(user)

    async def offer_signin_link(self) -> str | None:
        """Make the secret of a one-time sign-in link, if the store has no users yet."""
        if await self._store.users():
            return None
        secret = secrets.token_urlsafe(32)
        await self._store.set_signin_link(_digest(secret), self._clock.time() + _LINK_LIFETIME)
        return secret

    async def redeem_signin_link(self, secret: str) -> str:
        """Use a one-time link up: its user becomes the first administrator, and a session starts.

        Raises:
            BadCredentials: The link is wrong, used or expired, or somebody else came first.
        """
        now = self._clock.time()
        admin = User(_FIRST_USER, "", admin=True, created=now)
        if not await self._store.redeem_signin_link(_digest(secret), now, admin):
            raise BadCredentials(
                "This sign-in link is wrong, used or expired.",
                remedy="Sign in by name, or have a user added: `hallway user add NAME --admin`.",
            )
        return await self._start_session(admin)

    async def _start_session(self, user: User) -> str:
        secret, now = secrets.token_urlsafe(32), self._clock.time()
        await self._store.add_session(Session(_digest(secret), user.name, now, now + self._session_lifetime))
        return secret

    async def sign_out(self, secret: str) -> None:
        """End a session."""
        await self._store.remove_session(_digest(secret))

    async def session_caller(self, secret: str) -> Caller | None:
        """Say whose session this is; None if it is nobody's (any more)."""
        if len(secret) > _LONGEST_SECRET:
            return None
        secret_hash = _digest(secret)

        async def ask() -> Caller | None:
            return _caller(
                await self._store.session_user(secret_hash, self._clock.time()), Credential.SESSION
            )

        return await self._recent.caller(secret_hash, ask)

    # --- tokens -----------------------------------------------------------------------------------------------

    async def create_token(self, user: str, *, lifetime: float | None = None) -> str:
        """Make a bearer token that may do all that its user may.

        Args:
            user: The user's name.
            lifetime: Seconds until it expires, None for never.

        Returns:
            The token, which is not kept and cannot be shown again.

        Raises:
            NotFound: There is no such user.
        """
        if await self._store.user(user) is None:
            raise NotFound(f"There is no user {user!r}.", remedy="See `hallway user list`.")
        id, now = secrets.token_hex(6), self._clock.time()
        text = f"{TOKEN_PREFIX}{id}_{secrets.token_urlsafe(32)}"
        expires = None if lifetime is None else now + lifetime
        await self._store.add_token(Token(id, _digest(text), user, now, expires))
        return text

    async def tokens(self) -> list[Token]:
        """List all tokens."""
        return await self._store.tokens()

    async def revoke_token(self, id: str) -> None:
        """Revoke a token at once, in every process.

        Args:
            id: The token's id, or the token itself.

        Raises:
            NotFound: There is none.
        """
        whole = _TOKEN.fullmatch(id)
        if not await self._store.remove_token(whole.group(1) if whole else id):
            raise NotFound("There is no token of that id.", remedy="See `hallway token list`.")

    async def token_caller(self, text: str) -> Caller | None:
        """Say whose token this is; None if it is nobody's (any more)."""
        if not _TOKEN.fullmatch(text):
            return None
        secret_hash = _digest(text)

        async def ask() -> Caller | None:
            return _caller(await self._store.token_user(secret_hash, self._clock.time()), Credential.BEARER)

        return await self._recent.caller(secret_hash, ask)

    # --- for links that act for somebody ----------------------------------------------------------------------

    async def principal_caller(self, principal: str, credential: Credential) -> Caller | None:
        """Make the caller for a local user's principal; None if that user is gone."""
        user = await self._store.user(principal.removeprefix(user_urn("")))
        return _caller(user, credential)


def _caller(user: User | None, credential: Credential) -> Caller | None:
    return None if user is None else local_caller(user, credential)


def local_caller(user: User, credential: Credential) -> Caller:
    """Make the caller of a local user."""
    principal = user_urn(user.name)
    return Caller(principal, user.name, frozenset((principal,)), user.admin, credential)


def own_token(authorization: bytes) -> str | None:
    """Give the token of ours that an Authorization header carries; None if what it carries is for others."""
    found = _OWN_BEARER.fullmatch(authorization.strip())
    return found.group(1).decode("latin-1") if found else None


def _digest(secret: str) -> bytes:
    # Plain SHA-256 is enough: the secrets are 256 random bits, which nobody guesses one hash at a time.
    return hashlib.sha256(secret.encode()).digest()
