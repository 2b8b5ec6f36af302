"""The kinds of capability, as pure data: what an author declared, not yet checked or bound to anything."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from hallway.access.policy import Policy, policy_for
from hallway.values import Effects, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing that an app lets others use.

    Args:
        name: By which callers name it; `-` and `_` are the same.
        function: What runs.
        title: A short name for people; made from `name` where the author gave none.
        description: What it does; the function's docstring where the author gave none.
        visible_to: Principals who may know of it, None for the default of its kind.
        runnable_by: Principals who may run it, None for the default of its kind.
        effects: What running it may touch.
        input_schema: A raw JSON Schema in place of annotations.
    """

    kind: ClassVar[Kind]

    name: str
    function: Callable[..., object]
    title: str = ""
    description: str = ""
    visible_to: tuple[str, ...] | None = None
    runnable_by: tuple[str, ...] | None = None
    effects: Effects = "read"
    input_schema: Mapping[str, object] | None = None

    @property
    def shown_title(self) -> str:
        """The title, or one made from the name."""
        return self.title or self.name.replace("-", " ").replace("_", " ").capitalize()

    @property
    def shown_description(self) -> str:
        """The description, or the function's docstring."""
        return self.description or inspect.getdoc(self.function) or ""

    @property
    def policy(self) -> Policy:
        """Who may see and run it.

        Raises:
            BadDeclaration: A list names something that is no principal.
        """
        return policy_for(self.kind, visible_to=self.visible_to, runnable_by=self.runnable_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff(Capability):
    """Takes a user over from another app, with data, and says which page comes next.

    Args:
        internal: Only other apps on this host may use it, in process; over HTTP it does not exist.
    """

    kind = Kind.HANDOFF
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Capability):
    """A long job that others start, follow, cancel and release."""

    kind = Kind.ACTION
    effects: Effects = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(Capability):
    """A function that live peers call, choosing among its instances."""

    kind = Kind.METHOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Capability):
    """An address that answers on the event loop. Its name is the path below the app's own.

    Args:
        methods: HTTP methods it takes.
        page: Serve it among the app's pages rather than under `/res/`.
        public: Open it to everybody.
    """

    kind = Kind.RESOURCE
    methods: tuple[str, ...] = ("GET",)
    page: bool = False
    public: bool = False

    @property
    def policy(self) -> Policy:
        """See `Capability.policy`."""
        return policy_for(
            self.kind, visible_to=self.visible_to, runnable_by=self.runnable_by, public=self.public
        )
