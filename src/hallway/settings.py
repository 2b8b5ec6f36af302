"""Settings: one typed class, filled from flags, the environment and `hallway.toml`, in that order."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from hallway.errors import BadSetting
from hallway.values import did_you_mean, fold, near_matches

SETTINGS_FILE = "hallway.toml"
_PREFIX = "HALLWAY_"
# Read by the command line's client, and no settings of a host.
_NOT_SETTINGS = frozenset({"HALLWAY_URL", "HALLWAY_TOKEN"})

Port = Annotated[int, Meta(ge=0, le=65535, description="a port from 0 to 65535; 0 takes any that is free")]
Seconds = Annotated[int, Meta(ge=1, description="a whole number of seconds, at least 1")]
Bytes = Annotated[int, Meta(ge=1, description="a whole number of bytes, at least 1")]
Count = Annotated[int, Meta(ge=1, le=10_000, description="a whole number from 1 to 10000")]
Text = Annotated[str, Meta(description="text")]
Texts = Annotated[
    tuple[str, ...], Meta(description="a list of texts; in the environment, with commas between")
]
Switch = Annotated[bool, Meta(description="true or false")]
RootPath = Annotated[
    str,
    Meta(pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="a path such as /portal, without a slash at the end"),
]
WebUrl = Annotated[
    str,
    Meta(
        pattern=r"^(https?://[^/?#@\s]+)?$",
        description="an address such as https://portal.example, without a path",
    ),
]
LogLevel = Annotated[
    str, Meta(pattern=r"^(debug|info|warning|error)$", description="debug, info, warning or error")
]


LogTarget = Annotated[str, Meta(description="a file, - for standard output, or nothing for no access log")]


WebSockets = Annotated[
    Literal["picows", "websockets-sansio"], Meta(description="picows or websockets-sansio")
]


class AppSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator sets for one app: a table `[apps.<id>]` in `hallway.toml`.

    Args:
        redirect_origins: Other origins to which the app's handoffs may send users.
    """

    redirect_origins: Texts = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is set up.

    Args:
        host: The address to listen on.
        port: The port to listen on.
        data: The folder that holds the store and the workspaces.
        root_path: The path below which everything lies, when the host shares its origin with others.
        public_url: Where visitors reach the host when that is not where it listens, behind a proxy say.
        session_lifetime: How long a sign-in lasts.
        share_lifetime: How long a shared link works.
        threads_per_app: The most threads of one app.
        backlog_per_app: The most requests of one app that may wait for a thread.
        max_body: The largest request body of a mounted app.
        fetch_max_bytes: The largest remote file.
        fetch_timeout: How long downloading a remote file may take.
        fetch_https_only: Whether remote files must be at https addresses.
        fetch_private_hosts: Hosts of one's own network from which remote files may come, by name.
        log_level: How much the log tells.
        websockets: What serves WebSockets: picows, which is fast, or uvicorn's own way.
        access_log: The file that every request is noted in, "-" for standard output.
        metrics_to_loopback: Whether programs on this machine may read /metrics without signing in.
        apps: What is set for single apps.
    """

    host: Text = "127.0.0.1"
    port: Port = 8000
    data: Text = ".hallway"
    root_path: RootPath = ""
    public_url: WebUrl = ""
    session_lifetime: Seconds = 14 * 24 * 3600
    share_lifetime: Seconds = 3600
    threads_per_app: Count = 8
    backlog_per_app: Count = 256
    max_body: Bytes = 1 << 30
    fetch_max_bytes: Bytes = 1 << 30
    fetch_timeout: Seconds = 300
    fetch_https_only: Switch = False
    fetch_private_hosts: Texts = ()
    log_level: LogLevel = "info"
    websockets: WebSockets = "picows"
    access_log: LogTarget = ""
    metrics_to_loopback: Switch = False
    apps: dict[str, AppSettings] = {}

    def app(self, id: str) -> AppSettings:
        """Give what is set for an app."""
        return next((found for name, found in self.apps.items() if fold(name) == fold(id)), AppSettings())


def load_settings(
    flags: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Gather the settings.

    Args:
        flags: What the command line gave; what is None was not given.
        environment: Where `HALLWAY_…` is looked up; the process' own where left out.
        file: The TOML file; `hallway.toml` in the current folder, if there is one, where left out.

    Raises:
        BadSetting: A setting does not exist or cannot have its value, or the file cannot be read.
    """
    given: dict[str, tuple[object, str]] = {}
    path = file or Path(SETTINGS_FILE)
    if file is not None or path.is_file():
        given.update(_from_file(path))
    given.update(_from_environment(os.environ if environment is None else environment))
    for name, value in (flags or {}).items():
        if value is not None:
            given[name] = (value, f"--{name.replace('_', '-')}")
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {}
    for name, (value, source) in given.items():
        if name not in fields:
            raise _unknown(name, source, fields)
        if name == "apps":
            values[name] = _app_settings(value, source)
        else:
            values[name] = _converted(name, value, source, fields[name].type)
    settings = Settings(**values)
    _check_public_url(settings)
    return settings


def _app_settings(table: object, source: str) -> dict[str, AppSettings]:
    if not isinstance(table, Mapping):
        raise BadSetting(
            f"The setting 'apps' (from {source}) is {table!r}. Allowed: tables [apps.<id>].",
            remedy=f"Correct {source}.",
        )
    known = {field.name: field for field in msgspec.structs.fields(AppSettings)}
    found: dict[str, AppSettings] = {}
    for id, values in cast("Mapping[str, object]", table).items():
        if not isinstance(values, Mapping):
            raise BadSetting(
                f"The setting 'apps.{id}' (from {source}) is {values!r}. Allowed: a table [apps.{id}].",
                remedy=f"Correct {source}.",
            )
        given: dict[str, Any] = {}
        for name, value in cast("Mapping[str, object]", values).items():
            if name not in known:
                raise _unknown(name, f"[apps.{id}] of {source}", list(known))
            given[name] = _converted(f"apps.{id}.{name}", value, source, known[name].type)
        found[id] = AppSettings(**given)
    return found


def describe_settings() -> Iterator[tuple[str, str, object]]:
    """Give name, allowed values and default of each plain setting, for the documentation and the command line."""
    for field in msgspec.structs.fields(Settings):
        if field.name != "apps":
            yield field.name, _allowed(field.type), field.default


def _from_file(path: Path) -> dict[str, tuple[object, str]]:
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}.", remedy="Check the file.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path} is no TOML: {error}.", remedy="Correct that line.") from error
    return {name: (value, str(path)) for name, value in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    names = [field.name for field in msgspec.structs.fields(Settings) if field.name != "apps"]
    by_variable = {_PREFIX + name.upper(): name for name in names}
    found: dict[str, tuple[object, str]] = {}
    for variable, value in environment.items():
        if variable in by_variable:
            found[by_variable[variable]] = (value, variable)
        elif variable.startswith(_PREFIX) and variable not in _NOT_SETTINGS:
            raise _unknown(variable.removeprefix(_PREFIX).lower(), variable, names)
    return found


def _converted(name: str, value: object, source: str, type_: Any) -> object:
    if get_origin(type_) is Annotated and get_args(type_)[0] == tuple[str, ...] and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        # Only text is read leniently: the environment has nothing else, and "8000" there is a number.
        return msgspec.convert(value, type_, strict=not isinstance(value, str))
    except msgspec.ValidationError as error:
        allowed = _allowed(type_) or str(error)
        raise BadSetting(
            f"The setting {name!r} (from {source}) is {value!r}. Allowed: {allowed}.",
            remedy=f"Correct {source}.",
        ) from error


def _allowed(type_: Any) -> str:
    metas = [meta for meta in getattr(type_, "__metadata__", ()) if isinstance(meta, Meta)]
    return next((meta.description for meta in metas if meta.description), "")


def _unknown(name: str, source: str, known: Mapping[str, object] | list[str]) -> BadSetting:
    near = near_matches(name, known)
    hint = did_you_mean(near) or f" Allowed: {', '.join(known)}."
    return BadSetting(f"There is no setting {name!r} (from {source}).{hint}", remedy=f"Correct {source}.")


def _check_public_url(settings: Settings) -> None:
    try:
        _ = urlsplit(settings.public_url).port
    except ValueError as error:
        raise BadSetting(
            f"The setting 'public_url' is {settings.public_url!r}. Allowed: {_allowed(WebUrl)}.",
            remedy="Correct its port.",
        ) from error
