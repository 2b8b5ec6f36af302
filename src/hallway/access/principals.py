"""Principals: the URNs by which policy lists name people, groups and everybody."""

import re
from typing import Final

from hallway.errors import BadDeclaration

PUBLIC: Final = "public"
"""Everybody, signed in or not."""

ALL_AUTHENTICATED_USERS: Final = "all_authenticated_users"
"""Everybody who is signed in."""

_LOCAL_USER: Final = "urn:hallway:user:"
_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:[!-~]{1,240}")


def is_user_name(name: str) -> bool:
    """Tell whether a name can be a local user's: lower-case letters, digits and `._@+-`, at most 64."""
    return _USER_NAME.fullmatch(name) is not None


def user_urn(name: str) -> str:
    """Give the principal of a local user."""
    return _LOCAL_USER + name


def check_principal(value: str) -> str:
    """Return a principal as it is, or say what is wrong with it.

    Raises:
        BadDeclaration: It is neither a URN nor one of the two special words.
    """
    text = str(value)  # an author's list may hold anything, such as an unset environment variable's None
    if text in (PUBLIC, ALL_AUTHENTICATED_USERS) or _URN.fullmatch(text):
        return text
    hint = f"; a local user is {user_urn(text)!r}" if value is text and is_user_name(text) else ""
    raise BadDeclaration(
        f"{value!r} is no principal{hint}. Allowed: {PUBLIC!r}, {ALL_AUTHENTICATED_USERS!r} or a URN."
    )
