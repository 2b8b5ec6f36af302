"""Hallway: many web apps that work as one.

What app authors need is handed on from here, each name's module loaded when it is first asked for, so that importing
an app costs little. Nothing inside Hallway imports from here.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request as Request
    from starlette.responses import Response as Response

    from hallway.access.callers import Caller as Caller
    from hallway.app import App as App
    from hallway.context import Current as Current
    from hallway.context import current as current
    from hallway.context import url_for_handoff as url_for_handoff
    from hallway.errors import AuthorError as AuthorError
    from hallway.errors import CallerError as CallerError
    from hallway.errors import FetchFailed as FetchFailed
    from hallway.errors import FetchRefused as FetchRefused
    from hallway.errors import Forbidden as Forbidden
    from hallway.errors import HallwayError as HallwayError
    from hallway.errors import InvalidInput as InvalidInput
    from hallway.errors import NotFound as NotFound
    from hallway.errors import NotSignedIn as NotSignedIn
    from hallway.errors import UnknownApp as UnknownApp
    from hallway.errors import UnknownHandoff as UnknownHandoff
    from hallway.files.handles import FileHandle as FileHandle
    from hallway.files.remote import RemoteFile as RemoteFile
    from hallway.files.workspaces import AppWorkspace as AppWorkspace
    from hallway.files.workspaces import UserWorkspace as UserWorkspace
    from hallway.handoff.views import View as View
    from hallway.host import Host as Host
    from hallway.settings import Settings as Settings

_HOMES = {
    "App": "hallway.app",
    "AppWorkspace": "hallway.files.workspaces",
    "AuthorError": "hallway.errors",
    "Caller": "hallway.access.callers",
    "CallerError": "hallway.errors",
    "Current": "hallway.context",
    "FetchFailed": "hallway.errors",
    "FetchRefused": "hallway.errors",
    "FileHandle": "hallway.files.handles",
    "Forbidden": "hallway.errors",
    "HallwayError": "hallway.errors",
    "Host": "hallway.host",
    "InvalidInput": "hallway.errors",
    "NotFound": "hallway.errors",
    "NotSignedIn": "hallway.errors",
    "RemoteFile": "hallway.files.remote",
    "Request": "starlette.requests",
    "Response": "starlette.responses",
    "Settings": "hallway.settings",
    "UnknownApp": "hallway.errors",
    "UnknownHandoff": "hallway.errors",
    "UserWorkspace": "hallway.files.workspaces",
    "View": "hallway.handoff.views",
    "current": "hallway.context",
    "url_for_handoff": "hallway.context",
}

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hallway' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
