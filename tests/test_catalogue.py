"""The catalogue shows each caller the apps of which they may see anything, and of these just that."""

from collections.abc import Iterator

import pytest

from hallway import App
from hallway.access.callers import ANONYMOUS, Caller
from hallway.catalogue import CatalogueEntry, CatalogueItem, catalogue
from hallway.testing import MemoryHost, host_in_memory
from hallway.values import Kind

from .handoff.inside import quiet_page

ALICE = Caller("urn:hallway:user:alice", "alice")


def plot(csv_url: str, width: int = 600) -> str:
    """Plot the hydrograph in a CSV file."""
    raise NotImplementedError


@pytest.fixture(scope="module")
def host() -> Iterator[MemoryHost]:
    pages, rooms = App("pages", title="zebra"), App("rooms", title="Aardvark")
    hidden, open_to_all = App("hidden", visible_to=[]), App("open", title="middle", public=True)
    for app in (pages, hidden, open_to_all):
        app.mount(quiet_page)
    rooms.handoff("plot-csv")(plot)
    rooms.handoff("inner", internal=True)(plot)
    rooms.handoff("secret", visible_to=[])(plot)
    rooms.action("count", title="Count", description="Counts.")(plot)
    hidden.method("Show")(plot)
    with host_in_memory(pages, rooms, hidden, open_to_all, App("empty")) as running:
        yield running


def shown(host: MemoryHost, caller: Caller) -> dict[str, CatalogueEntry]:
    return {entry.app.id: entry for entry in catalogue(host.host.registry, caller)}


def test_apps_are_listed_by_title_whatever_its_case(host: MemoryHost) -> None:
    assert list(shown(host, ALICE)) == ["rooms", "hidden", "open", "pages"]


def test_a_capability_is_described_for_people(host: MemoryHost) -> None:
    assert shown(host, ALICE)["rooms"].items == (
        CatalogueItem(
            Kind.HANDOFF,
            "plot-csv",
            "Plot csv",
            "Plot the hydrograph in a CSV file.",
            ("csv_url", "width"),
        ),
        CatalogueItem(Kind.ACTION, "count", "Count", "Counts.", ("csv_url", "width")),
    )


def test_pages_are_told_of_to_those_who_may_open_them(host: MemoryHost) -> None:
    assert {id: entry.has_pages for id, entry in shown(host, ALICE).items()} == {
        "rooms": False,
        "hidden": False,  # but its method is open to all who are signed in
        "open": True,
        "pages": True,
    }


def test_somebody_anonymous_sees_what_is_public_alone(host: MemoryHost) -> None:
    assert {id: [item.name for item in entry.items] for id, entry in shown(host, ANONYMOUS).items()} == {
        "rooms": ["count"],
        "open": [],
    }
