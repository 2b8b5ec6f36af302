"""Small types that every room shares: names and how they are compared, effects, JSON."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Anything that JSON can carry."""

Effects = Literal["read", "write", "destroy"]
"""What running a capability may touch: nothing but the caller's own workspace, other data, or data beyond recall."""


class Kind(StrEnum):
    """The ways in which an app can be used by other apps and by people."""

    PAGE = "page"
    HANDOFF = "handoff"
    ACTION = "action"
    METHOD = "method"
    RESOURCE = "resource"


RESERVED_NAMES = frozenset(
    {"actions", "api", "cancel", "handoff", "log", "release", "resume", "run", "runs", "status"}
)
"""Words that stand for something else in the addresses of apps and capabilities, so neither may have them as a name."""

_URL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def is_url_name(name: str) -> bool:
    """Tell whether a name can stand in an address as it is: ASCII letters, digits, `-` and `_`, at most 64."""
    return _URL_NAME.fullmatch(name) is not None


def fold(name: str) -> str:
    """Give the form in which names are compared, where `-` and `_` are the same."""
    return name.replace("_", "-")


def near_matches(name: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Give the known names that a person who typed `name` may have meant, best first."""
    by_form = {fold(candidate).casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(fold(name).casefold(), by_form, n=limit, cutoff=0.5)
    return tuple(by_form[form] for form in close)


def did_you_mean(near: Iterable[str]) -> str:
    """Write near matches as a question with a space before it; "" for none."""
    names = " or ".join(repr(name) for name in near)
    return f" Did you mean {names}?" if names else ""
