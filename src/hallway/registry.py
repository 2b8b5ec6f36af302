"""The registry: the loaded apps and what they offer, looked up by name with near matches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hallway.access.callers import Caller
from hallway.access.policy import Policy, policy_for
from hallway.app import App
from hallway.capability import Capability, Handoff
from hallway.errors import BadDeclaration, HallwayError, UnknownApp, UnknownHandoff
from hallway.files.shares import RouteTemplate
from hallway.signature import Signature, read_signature
from hallway.supply import SuppliedTypes
from hallway.values import RESERVED_NAMES, Kind, did_you_mean, fold, is_url_name, near_matches


@dataclass(frozen=True, slots=True)
class LoadedCapability:
    """A capability that was checked and can be called.

    Args:
        app: The app that declares it.
        declared: What its author wrote.
        signature: What it takes.
        policy: Who may see and run it.
    """

    app: App
    declared: Capability
    signature: Signature
    policy: Policy

    @property
    def target(self) -> str:
        """`app/name`, as people and links name it."""
        return f"{self.app.id}/{self.declared.name}"


@dataclass(frozen=True, slots=True)
class LoadProblem:
    """Something that could not be loaded; its neighbours are not affected.

    Args:
        where: The app's id or target, or `app/name` of the capability.
        message: What is wrong.
        remedy: What to do about it.
    """

    where: str
    message: str
    remedy: str

    @classmethod
    def of(cls, where: str, error: HallwayError) -> "LoadProblem":
        """Make one from an error."""
        return cls(where, error.detail, error.remedy)


@dataclass(frozen=True, slots=True)
class LoadedApp:
    """An app with those of its capabilities that can be called.

    Args:
        app: What its author declared.
        page_policy: Who may open its pages.
        capabilities: By kind and folded name.
        shared_routes: Which pages may be read through shared links.
        problems: What was left out, and why.
    """

    app: App
    page_policy: Policy
    capabilities: Mapping[tuple[Kind, str], LoadedCapability]
    shared_routes: tuple[RouteTemplate, ...]
    problems: tuple[LoadProblem, ...]

    def of_kind(self, kind: Kind) -> list[LoadedCapability]:
        """List the capabilities of one kind, in the order they were declared."""
        return [loaded for (found, _name), loaded in self.capabilities.items() if found is kind]

    def shares(self, path: str) -> bool:
        """Tell whether a path inside the app is of a shared route."""
        return any(route.matches(path) for route in self.shared_routes)


def load_app(app: App, supplied_types: SuppliedTypes) -> LoadedApp:
    """Check everything that an app declares; what is wrong is left out and reported.

    Raises:
        BadDeclaration: The app itself cannot be served: its id or its lists are wrong.
    """
    if not is_url_name(app.id):
        raise BadDeclaration(
            f"{app.id!r} cannot be an app's id. Allowed: up to 64 ASCII letters, digits, '-' and '_'."
        )
    if fold(app.id) in RESERVED_NAMES:
        raise _reserved(app.id)
    page_policy = policy_for(
        Kind.PAGE, visible_to=app.visible_to, runnable_by=app.visible_to, public=app.public
    )
    problems: list[LoadProblem] = []
    capabilities: dict[tuple[Kind, str], LoadedCapability] = {}
    for declared in app.capabilities:
        key = (declared.kind, fold(declared.name))
        try:
            if key in capabilities:
                raise BadDeclaration(
                    f"There are two {declared.kind}s of this name ('-' and '_' are the same); the first one stays.",
                    remedy="Rename one of them.",
                )
            capabilities[key] = _load_capability(app, declared, supplied_types)
        except HallwayError as error:
            problems.append(LoadProblem.of(f"{app.id}/{declared.name}", error))
    routes: list[RouteTemplate] = []
    for route in app.shared_routes:
        try:
            routes.append(RouteTemplate(route))
        except BadDeclaration as error:
            problems.append(LoadProblem.of(f"{app.id} share({route!r})", error))
    return LoadedApp(app, page_policy, MappingProxyType(capabilities), tuple(routes), tuple(problems))


def _load_capability(app: App, declared: Capability, supplied_types: SuppliedTypes) -> LoadedCapability:
    if declared.kind in (Kind.HANDOFF, Kind.ACTION):
        _check_address_name(declared)
    signature = read_signature(declared.function, supplied_types, input_schema=declared.input_schema)
    return LoadedCapability(app, declared, signature, declared.policy)


def _check_address_name(declared: Capability) -> None:
    if fold(declared.name) in RESERVED_NAMES:
        raise _reserved(declared.name)
    if not is_url_name(declared.name):
        raise BadDeclaration(
            f"{declared.name!r} cannot be a {declared.kind}'s name, since it stands in an address. "
            "Allowed: up to 64 ASCII letters, digits, '-' and '_'."
        )


def _reserved(name: str) -> BadDeclaration:
    return BadDeclaration(
        f"The name {name!r} is reserved; it has a meaning of its own in addresses.",
        remedy=f"Choose another; reserved are: {', '.join(sorted(RESERVED_NAMES))}.",
    )


class Registry:
    """The apps that a host runs. What a caller may not see is answered like what does not exist."""

    def __init__(self) -> None:
        self._apps: dict[str, LoadedApp] = {}

    def add(self, loaded: LoadedApp) -> None:
        """Add an app.

        Raises:
            BadDeclaration: One of that id is there already.
        """
        key = fold(loaded.app.id)
        if key in self._apps:
            raise BadDeclaration(
                f"There are two apps with the id {loaded.app.id!r} ('-' and '_' are the same).",
                remedy="Rename one of them.",
            )
        self._apps[key] = loaded

    def apps(self) -> Sequence[LoadedApp]:
        """List all apps, in the order they were loaded."""
        return list(self._apps.values())

    def find_app(self, id: str) -> LoadedApp | None:
        """Find an app by its id, whoever asks."""
        return self._apps.get(fold(id))

    def visible(
        self, kind: Kind, caller: Caller, *, inside: bool, app: str | None = None
    ) -> list[LoadedCapability]:
        """List what a caller may see.

        Args:
            kind: The kind of capability.
            caller: Who asks.
            inside: Whether an app on this host asks, in process, so that internal handoffs exist.
            app: Of one app only.

        Raises:
            UnknownApp: The named app has nothing that this caller may see; near matches come with it.
        """
        if app is None:
            return [c for loaded in self.apps() for c in _seen(loaded.of_kind(kind), caller, inside=inside)]
        loaded = self.find_app(app)
        found = [] if loaded is None else _seen(loaded.of_kind(kind), caller, inside=inside)
        # An app that this caller may open is no secret, even if it offers nothing of this kind.
        if loaded is None or not (found or loaded.page_policy.may_see(caller).allowed):
            raise self._unknown_app(app, kind, caller, inside=inside)
        return found

    def find_handoff(self, app: str, name: str, caller: Caller, *, inside: bool) -> LoadedCapability:
        """Find a handoff that a caller may see.

        Args:
            app: The app's id.
            name: The handoff's name.
            caller: Who asks.
            inside: Whether an app on this host asks, in process.

        Raises:
            UnknownHandoff: There is none, or the caller may not know of it: the answers are the same.
        """
        loaded = self.find_app(app)
        found = loaded.capabilities.get((Kind.HANDOFF, fold(name))) if loaded else None
        if found is not None and _may_know(found, caller, inside=inside):
            return found
        visible = [c.target for c in self.visible(Kind.HANDOFF, caller, inside=inside)]
        near = near_matches(f"{app}/{name}", visible)
        raise UnknownHandoff(f"There is no handoff '{app}/{name}'.{did_you_mean(near)}", extra={"near": near})

    def _unknown_app(self, app: str, kind: Kind, caller: Caller, *, inside: bool) -> UnknownApp:
        visible = dict.fromkeys(c.app.id for c in self.visible(kind, caller, inside=inside))
        near = near_matches(app, visible)
        return UnknownApp(f"There is no app {app!r}.{did_you_mean(near)}", extra={"near": near})


def _seen(
    capabilities: Iterable[LoadedCapability], caller: Caller, *, inside: bool
) -> list[LoadedCapability]:
    return [capability for capability in capabilities if _may_know(capability, caller, inside=inside)]


def _may_know(capability: LoadedCapability, caller: Caller, *, inside: bool) -> bool:
    declared = capability.declared
    if isinstance(declared, Handoff) and declared.internal and not inside:
        return False
    return capability.policy.may_see(caller).allowed
