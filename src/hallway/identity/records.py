"""What the identity store keeps, and the protocol that every such store fulfils."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class User:
    """A local user.

    Args:
        name: Unique; see `is_user_name`.
        password_hash: An argon2 hash, or "" for somebody who signs in only by link or token.
        admin: Whether they administer the host.
        created: In seconds since 1970-01-01 UTC.
    """

    name: str
    password_hash: str
    admin: bool
    created: float


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in. Only the hash of its secret is kept."""

    secret_hash: bytes
    user: str
    created: float
    expires: float


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token. Only the hash of its secret is kept.

    Args:
        id: Public, for listing and revoking.
        secret_hash: SHA-256 of the whole token.
        user: Whose it is.
        created: In seconds since 1970-01-01 UTC.
        expires: The same, or None for never.
    """

    id: str
    secret_hash: bytes
    user: str
    created: float
    expires: float | None


class IdentityStore(Protocol):
    """Keeps users, sessions, tokens and secrets. A write has reached the disk when its call returns."""

    def generation(self) -> object:
        """Give something that differs once anything may have changed; cheap enough to ask for each request.

        A change by this process shows at once, one by another within 10 ms.
        """
        ...

    async def add_user(self, user: User) -> bool:
        """Add a user; False if the name is taken."""
        ...

    async def set_password_hash(self, name: str, password_hash: str) -> bool:
        """Change a user's password; their sessions end. False if there is no such user."""
        ...

    async def user(self, name: str) -> User | None:
        """Find a user."""
        ...

    async def users(self) -> list[User]:
        """List all users by name."""
        ...

    async def add_session(self, session: Session) -> None:
        """Add a session; expired ones are swept on the way."""
        ...

    async def session_user(self, secret_hash: bytes, now: float) -> User | None:
        """Find whose session this is, if it has not expired."""
        ...

    async def remove_session(self, secret_hash: bytes) -> None:
        """End a session; one that does not exist is no error."""
        ...

    async def add_token(self, token: Token) -> None:
        """Add a token."""
        ...

    async def token_user(self, secret_hash: bytes, now: float) -> User | None:
        """Find whose token this is, if it has not expired."""
        ...

    async def tokens(self) -> list[Token]:
        """List all tokens, oldest first."""
        ...

    async def remove_token(self, id: str) -> bool:
        """Revoke a token; False if there is none of that id."""
        ...

    async def set_signin_link(self, secret_hash: bytes, expires: float) -> None:
        """Keep the one link by which an empty store is entered, in place of any earlier one."""
        ...

    async def redeem_signin_link(self, secret_hash: bytes, now: float, user: User) -> bool:
        """Use the link up and add its first user, both or neither; False if it is wrong, used, expired or late."""
        ...

    async def secret(self, name: str, candidate: bytes) -> bytes:
        """Give the secret kept under a name, keeping the candidate where there is none yet."""
        ...
