"""`hallway user` and `hallway token`: straight on the store, also while a host runs on it."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from hallway.cli.options import data_option
from hallway.clock import SystemClock, utc
from hallway.errors import CallerError
from hallway.identity.service import Identity
from hallway.settings import load_settings
from hallway.storage.sqlite import SqliteDatabase
from hallway.storage.sqlite_identity import SqliteIdentityStore

T = TypeVar("T")

# ISO 8601 durations of fixed length (P30D, PT12H, P1DT6H, P2W); months and years have none.
_DURATION = re.compile(r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?")
_SECONDS = (604_800, 86_400, 3_600, 60, 1)
_LONGEST = 36_525 * 86_400  # a hundred years


def _with_identity(data: str | None, work: Callable[[Identity], Awaitable[T]]) -> T:
    settings = load_settings({"data": data})

    async def run() -> T:
        database = SqliteDatabase(Path(settings.data) / "hallway.sqlite")
        try:
            store = SqliteIdentityStore(database)
            return await work(Identity(store, SystemClock(), session_lifetime=settings.session_lifetime))
        finally:
            database.close()

    return asyncio.run(run())


@click.group()
def user() -> None:
    """Add and list local users."""


@user.command("add")
@click.argument("name")
@click.option("--password", help="The password; asked for where neither this nor --password-stdin is given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--admin", is_flag=True, help="Let the user administer the host.")
@data_option
def add_user(name: str, password: str | None, password_stdin: bool, admin: bool, data: str | None) -> None:
    """Add a local user."""
    given = _password(password, from_stdin=password_stdin)
    _with_identity(data, lambda identity: identity.add_user(name, given, admin=admin))
    click.echo(f"Added {name}.")


@user.command("password")
@click.argument("name")
@click.option(
    "--password", help="The new password; asked for where neither this nor --password-stdin is given."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@data_option
def change_password(name: str, password: str | None, password_stdin: bool, data: str | None) -> None:
    """Change a user's password and end their sessions."""
    given = _password(password, from_stdin=password_stdin)
    _with_identity(data, lambda identity: identity.set_password(name, given))
    click.echo(f"Changed the password of {name}.")


@user.command("list")
@data_option
def list_users(data: str | None) -> None:
    """List the local users."""
    for found in _with_identity(data, lambda identity: identity.users()):
        click.echo(f"{found.name}\t{'admin' if found.admin else 'user'}\t{utc(found.created):%Y-%m-%d}")


@click.group()
def token() -> None:
    """Make, list and revoke bearer tokens."""


@token.command("create")
@click.argument("user_name", metavar="USER")
@click.option(
    "--expires", metavar="DURATION", help="How long it lives, such as P30D or PT12H; for ever where left out."
)
@data_option
def create_token(user_name: str, expires: str | None, data: str | None) -> None:
    """Make a token that may do what USER may, and print it alone; it cannot be shown again."""
    lifetime = None if expires is None else _seconds(expires)
    click.echo(_with_identity(data, lambda identity: identity.create_token(user_name, lifetime=lifetime)))


@token.command("list")
@data_option
def list_tokens(data: str | None) -> None:
    """List the tokens, without their secrets."""
    for found in _with_identity(data, lambda identity: identity.tokens()):
        expires = "never" if found.expires is None else f"{utc(found.expires):%Y-%m-%d %H:%M} UTC"
        click.echo(f"{found.id}\t{found.user}\texpires {expires}")


@token.command("revoke")
@click.argument("id")
@data_option
def revoke_token(id: str, data: str | None) -> None:
    """Revoke a token by its id (or the token itself), at once."""
    _with_identity(data, lambda identity: identity.revoke_token(id))
    click.echo("Revoked.")


def _password(given: str | None, *, from_stdin: bool) -> str:
    if given is not None and from_stdin:
        raise click.UsageError("Give --password or --password-stdin, not both.")
    if from_stdin:
        given = sys.stdin.readline().rstrip("\n")
    elif given is None:
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not given:
        raise CallerError("The password is empty.", remedy="Give one.")
    return given


def _seconds(duration: str) -> float:
    match = _DURATION.fullmatch(duration.upper())
    parts = [int(part or 0) for part in match.groups()] if match else []
    seconds = sum(count * length for count, length in zip(parts, _SECONDS, strict=False))
    if not 0 < seconds <= _LONGEST:
        raise click.BadParameter(
            f"{duration!r} is no duration. Allowed: weeks, days, hours, minutes and seconds, like P30D, PT12H or P2W, "
            "up to a hundred years.",
            param_hint="--expires",
        )
    return float(seconds)
