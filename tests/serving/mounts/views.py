"""Where handoffs end: the address that an app's view becomes."""

from typing import Any

import httpx

from hallway import App, Settings, View
from hallway.testing import host_in_memory

PROGRAM = {"accept": "application/json"}


def view_answer(application: object, view: View | str, *, root: str = "") -> httpx.Response:
    """Mount an application as the room, and hand over to a view of it."""
    app = App("room")
    app.mount(application)

    @app.handoff("go")
    def go() -> Any:
        return view

    with host_in_memory(app, settings=Settings(root_path=root)) as host:
        return host.program().post(f"{root}/handoff/room/go/", headers=PROGRAM)


def view_url(application: object, view: View | str, *, root: str = "") -> str:
    """Give the address of a view."""
    answer = view_answer(application, view, root=root)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]
