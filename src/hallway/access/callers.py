"""The caller: who a request acts for, as stamped by the host."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Credential(StrEnum):
    """How a caller proved who they are; it decides what a plain GET may start (see the handoff face)."""

    NONE = "none"
    SESSION = "session"
    BEARER = "bearer"
    SHARED_LINK = "shared_link"
    IN_PROCESS = "in_process"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. It is never absent: somebody who is not signed in is `ANONYMOUS`.

    Made by the host alone; apps receive it (annotate a parameter with `Caller`, or ask `current().caller`).

    Args:
        principal: The URN that policy lists name, "" for anonymous.
        name: What to show a person.
        identities: All URNs of this person or service, groups included.
        admin: Whether they administer this host.
        credential: How they proved it.
        via: The apps that this call came through, outermost first.
    """

    principal: str = ""
    name: str = "anonymous"
    identities: frozenset[str] = frozenset()
    admin: bool = False
    credential: Credential = Credential.NONE
    via: tuple[str, ...] = ()

    @property
    def signed_in(self) -> bool:
        """Whether anybody is signed in at all."""
        return bool(self.principal)


ANONYMOUS: Final = Caller()
