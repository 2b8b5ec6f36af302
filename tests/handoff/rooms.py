"""Two apps of which one hands files over to the other, and what builds links between them."""

import datetime as dt
import enum
from typing import Any

from hallway import App, Caller, RemoteFile, UserWorkspace, View, current
from hallway.testing import MemoryHost

from .inside import Inside, quiet_page

URL = "http://127.0.0.1:8000"


class Scale(enum.Enum):
    LOG = "log"


class Gauges:
    """An app with a shared route and pages that tell whom they were read by.

    Args:
        visible_to: Who may open the pages.
    """

    def __init__(self, visible_to: list[str] | None = None) -> None:
        self.app = App("gauges", visible_to=visible_to)
        self.app.mount(self._page)
        self.app.share("/csv/{site}")
        self.inside = Inside(self.app)
        self.readers: list[Caller] = []

    def _page(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.readers.append(current().caller)
        return quiet_page(environ, start_response)


def make_plotter() -> App:
    app = App("plotter")
    app.mount(quiet_page)
    app.share("/csv/{site}")

    @app.handoff("plot")
    async def plot(csv: RemoteFile, workspace: UserWorkspace, title: str = "") -> View:
        path = await csv.save(workspace.unique("a.csv"))
        return View("plot", said=path.read_text(), title=title)

    @app.handoff("compare")
    async def compare(csvs: list[RemoteFile], workspace: UserWorkspace) -> View:
        paths = [await csv.save(workspace.unique("a.csv")) for csv in csvs]
        return View("plot", said=[path.read_text() for path in paths])

    @app.handoff("typed")
    def typed(
        day: dt.date = dt.date(2000, 1, 1),
        sites: list[str] | None = None,
        scale: Scale = Scale.LOG,
        n: int = 1,
    ) -> View:
        return View("typed", day=day, sites=sites, scale=scale, n=n)

    @app.handoff("text")
    def text(where: str) -> View:
        return View("text", where=where)

    @app.handoff("table")
    def table(rows: dict[str, int]) -> View:
        raise NotImplementedError

    @app.handoff("needs-sites")
    def needs_sites(sites: list[str]) -> View:
        raise NotImplementedError

    @app.handoff("anything")
    def anything(**rest: Any) -> View:
        return View("anything", **rest)

    @app.handoff("raw", input_schema={"properties": {"n": {"type": "integer"}}})
    def raw(body: dict[str, Any]) -> View:
        raise NotImplementedError

    @app.handoff("inner", internal=True)
    def inner() -> View:
        raise NotImplementedError

    @app.handoff("for-bob", runnable_by=["urn:hallway:user:bob"])
    def for_bob() -> View:
        raise NotImplementedError

    return app


def link(gauges: Gauges, house: MemoryHost, target: str, **values: object) -> str:
    return gauges.inside.run(house, lambda: gauges.app.url_for_handoff(target, **values))


def shared(gauges: Gauges, house: MemoryHost, path: str) -> str:
    return gauges.inside.run(house, lambda: gauges.app.share_url(path))


def path_of(url: str) -> str:
    """Give an address on the host without its origin."""
    assert url.startswith(f"{URL}/")
    return url.removeprefix(URL)
