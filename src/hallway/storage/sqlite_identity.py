"""The identity store in SQLite."""

import sqlite3

from hallway.identity.records import Session, Token, User
from hallway.storage.sqlite import SqliteDatabase

_ALL_USERS = "SELECT name, password_hash, admin, created FROM users ORDER BY name"


class SqliteIdentityStore:
    """Keeps users, sessions, tokens and secrets in a SQLite file; see `IdentityStore`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def generation(self) -> object:
        """See `IdentityStore.generation`."""
        return self._database.generation()

    async def add_user(self, user: User) -> bool:
        """See `IdentityStore.add_user`."""
        return await self._database.write(lambda db: _insert_user(db, user))

    async def set_password_hash(self, name: str, password_hash: str) -> bool:
        """See `IdentityStore.set_password_hash`."""

        def change(db: sqlite3.Connection) -> bool:
            db.execute("DELETE FROM sessions WHERE user = ?", (name,))
            changed = db.execute("UPDATE users SET password_hash = ? WHERE name = ?", (password_hash, name))
            return changed.rowcount == 1

        return await self._database.write(change)

    async def user(self, name: str) -> User | None:
        """See `IdentityStore.user`."""
        return self._one_user("SELECT name, password_hash, admin, created FROM users WHERE name = ?", name)

    async def users(self) -> list[User]:
        """See `IdentityStore.users`."""
        return [_user(row) for row in self._database.read(_ALL_USERS)]

    async def add_session(self, session: Session) -> None:
        """See `IdentityStore.add_session`."""

        def add(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM sessions WHERE expires <= ?", (session.created,))
            db.execute(
                "INSERT INTO sessions (secret_hash, user, created, expires) VALUES (?, ?, ?, ?)",
                (session.secret_hash, session.user, session.created, session.expires),
            )

        await self._database.write(add)

    async def session_user(self, secret_hash: bytes, now: float) -> User | None:
        """See `IdentityStore.session_user`."""
        return self._one_user(
            "SELECT users.name, users.password_hash, users.admin, users.created FROM sessions JOIN users ON users.name = sessions.user "
            "WHERE sessions.secret_hash = ? AND sessions.expires > ?",
            secret_hash,
            now,
        )

    async def remove_session(self, secret_hash: bytes) -> None:
        """See `IdentityStore.remove_session`."""
        await self._database.write(
            lambda db: db.execute("DELETE FROM sessions WHERE secret_hash = ?", (secret_hash,)).rowcount
        )

    async def add_token(self, token: Token) -> None:
        """See `IdentityStore.add_token`."""
        row = (token.id, token.secret_hash, token.user, token.created, token.expires)
        await self._database.write(
            lambda db: (
                db.execute(
                    "INSERT INTO tokens (id, secret_hash, user, created, expires) VALUES (?, ?, ?, ?, ?)", row
                ).rowcount
            )
        )

    async def token_user(self, secret_hash: bytes, now: float) -> User | None:
        """See `IdentityStore.token_user`."""
        return self._one_user(
            "SELECT users.name, users.password_hash, users.admin, users.created FROM tokens JOIN users ON users.name = tokens.user "
            "WHERE tokens.secret_hash = ? AND (tokens.expires IS NULL OR tokens.expires > ?)",
            secret_hash,
            now,
        )

    async def tokens(self) -> list[Token]:
        """See `IdentityStore.tokens`."""
        rows = self._database.read(
            "SELECT id, secret_hash, user, created, expires FROM tokens ORDER BY created, id"
        )
        return [Token(*row) for row in rows]

    async def remove_token(self, id: str) -> bool:
        """See `IdentityStore.remove_token`."""
        return await self._database.write(
            lambda db: db.execute("DELETE FROM tokens WHERE id = ?", (id,)).rowcount == 1
        )

    async def set_signin_link(self, secret_hash: bytes, expires: float) -> None:
        """See `IdentityStore.set_signin_link`."""
        await self._database.write(
            lambda db: (
                db.execute(
                    "INSERT OR REPLACE INTO signin_link (one, secret_hash, expires) VALUES (1, ?, ?)",
                    (secret_hash, expires),
                ).rowcount
            )
        )

    async def redeem_signin_link(self, secret_hash: bytes, now: float, user: User) -> bool:
        """See `IdentityStore.redeem_signin_link`."""

        def redeem(db: sqlite3.Connection) -> bool:
            if db.execute("SELECT 1 FROM users LIMIT 1").fetchone():
                return False
            used = db.execute(
                "DELETE FROM signin_link WHERE secret_hash = ? AND expires > ?", (secret_hash, now)
            ).rowcount
            return used == 1 and _insert_user(db, user)

        return await self._database.write(redeem)

    async def secret(self, name: str, candidate: bytes) -> bytes:
        """See `IdentityStore.secret`."""

        def keep(db: sqlite3.Connection) -> bytes:
            db.execute("INSERT OR IGNORE INTO secrets (name, value) VALUES (?, ?)", (name, candidate))
            (value,) = db.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()
            return value

        return await self._database.write(keep)

    def _one_user(self, sql: str, *parameters: object) -> User | None:
        rows = self._database.read(sql, *parameters)
        return _user(rows[0]) if rows else None


def _user(row: tuple[str, str, int, float]) -> User:
    name, password_hash, admin, created = row
    return User(name, password_hash, bool(admin), created)


def _insert_user(db: sqlite3.Connection, user: User) -> bool:
    inserted = db.execute(
        "INSERT OR IGNORE INTO users (name, password_hash, admin, created) VALUES (?, ?, ?, ?)",
        (user.name, user.password_hash, user.admin, user.created),
    )
    return inserted.rowcount == 1
