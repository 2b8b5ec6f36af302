"""The catalogue: what a caller may see of every app, for the front page, the API and the command line."""

from dataclasses import dataclass

from hallway.access.callers import Caller
from hallway.app import App
from hallway.capability import Handoff
from hallway.registry import LoadedApp, Registry
from hallway.values import Kind


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """A capability in the catalogue."""

    kind: Kind
    name: str
    title: str
    description: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An app in the catalogue.

    Args:
        app: The app.
        has_pages: Whether the caller may open pages of it.
        items: Its capabilities that the caller may see.
    """

    app: App
    has_pages: bool
    items: tuple[CatalogueItem, ...]


def catalogue(registry: Registry, caller: Caller) -> list[CatalogueEntry]:
    """List the apps that a caller may see anything of, by title."""
    entries = [_entry(loaded, caller) for loaded in registry.apps()]
    return sorted(
        (entry for entry in entries if entry.has_pages or entry.items),
        key=lambda entry: entry.app.title.casefold(),
    )


def _entry(loaded: LoadedApp, caller: Caller) -> CatalogueEntry:
    items = tuple(
        CatalogueItem(
            kind,
            found.declared.name,
            found.declared.shown_title,
            found.declared.shown_description,
            found.signature.inputs.names,
        )
        for (kind, _name), found in loaded.capabilities.items()
        if found.policy.may_see(caller).allowed
        and not (isinstance(found.declared, Handoff) and found.declared.internal)
    )
    has_pages = loaded.app.mounted is not None and loaded.page_policy.may_see(caller).allowed
    return CatalogueEntry(loaded.app, has_pages, items)
