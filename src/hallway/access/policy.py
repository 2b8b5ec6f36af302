"""Policy: who sees a capability and who runs it, with the reason for each answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from hallway.access.callers import Caller
from hallway.access.principals import ALL_AUTHENTICATED_USERS, PUBLIC, check_principal
from hallway.values import Kind


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer of the policy.

    Args:
        allowed: The answer.
        reason: Why, for logs and for whoever administers the host; never shown to the caller.
    """

    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The lists of a capability. An empty list means nobody.

    Args:
        visible_to: Principals who may know that it exists.
        runnable_by: Principals who may run it.
    """

    visible_to: tuple[str, ...]
    runnable_by: tuple[str, ...]

    def may_see(self, caller: Caller) -> Decision:
        """Decide whether the caller may know about this."""
        return _decide("visible_to", self.visible_to, caller)

    def may_run(self, caller: Caller) -> Decision:
        """Decide whether the caller may run this."""
        return _decide("runnable_by", self.runnable_by, caller)


def _decide(list_name: str, principals: tuple[str, ...], caller: Caller) -> Decision:
    if PUBLIC in principals:
        return Decision(True, f"{list_name} has {PUBLIC!r}")
    if caller.signed_in and ALL_AUTHENTICATED_USERS in principals:
        return Decision(True, f"{list_name} has {ALL_AUTHENTICATED_USERS!r} and {caller.name} is signed in")
    for principal in principals:
        if principal == caller.principal or principal in caller.identities:
            return Decision(True, f"{list_name} has {principal!r}")
    who = caller.principal or "anonymous"
    return Decision(False, f"{list_name} ({', '.join(principals) or 'nobody'}) does not have {who}")


_SIGNED_IN = (ALL_AUTHENTICATED_USERS,)
_EVERYBODY = (PUBLIC,)

DEFAULTS = {
    Kind.PAGE: Policy(_SIGNED_IN, _SIGNED_IN),
    Kind.HANDOFF: Policy(_SIGNED_IN, _SIGNED_IN),
    # Introspection is open, as Globus Action Providers have it; running is not.
    Kind.ACTION: Policy(_EVERYBODY, _SIGNED_IN),
    Kind.METHOD: Policy(_SIGNED_IN, _SIGNED_IN),
    Kind.RESOURCE: Policy(_SIGNED_IN, _SIGNED_IN),
}
"""What a program that names no lists gets."""


def policy_for(
    kind: Kind,
    *,
    visible_to: Sequence[str] | None = None,
    runnable_by: Sequence[str] | None = None,
    public: bool = False,
) -> Policy:
    """Fill the lists that an author left out with the defaults of the kind.

    Args:
        kind: The kind of capability, or `Kind.PAGE` for the pages of a mounted app.
        visible_to: The author's list, or None for the default.
        runnable_by: The author's list, or None for the default.
        public: Open both lists to everybody where they are not named.

    Raises:
        BadDeclaration: A list holds something that is no principal.
    """
    default = Policy(_EVERYBODY, _EVERYBODY) if public else DEFAULTS[kind]
    return Policy(
        _checked(visible_to, default.visible_to),
        _checked(runnable_by, default.runnable_by),
    )


def _checked(principals: Sequence[str] | None, default: tuple[str, ...]) -> tuple[str, ...]:
    if principals is None:
        return default
    return tuple(check_principal(principal) for principal in principals)
