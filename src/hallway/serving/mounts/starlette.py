"""Mounting a Starlette or FastAPI application."""

from typing import cast

from starlette.applications import Starlette
from starlette.routing import NoMatchFound, Route

from hallway.app import App
from hallway.errors import BadResult
from hallway.handoff.views import View
from hallway.query import query_of
from hallway.serving.asgi import ASGIApp
from hallway.serving.mounts.base import Mount, path_url


def mount_starlette(app: App, prefix: str) -> Mount:
    """Mount a Starlette or FastAPI application. Its views are found by route name, or by path."""
    application = cast("Starlette", app.mounted)

    def page_url(view: View) -> str:
        for route in application.routes:
            if isinstance(route, Route) and route.name == view.name:
                in_path = {k: v for k, v in view.parameters.items() if k in route.param_convertors}
                in_query = {k: v for k, v in view.parameters.items() if k not in in_path}
                try:
                    return prefix + str(route.url_path_for(view.name, **in_path)) + query_of(in_query)
                except (NoMatchFound, AssertionError) as error:  # a converter asserts that its value fits
                    raise BadResult(
                        f"{view!r} does not fit the route {route.path!r} of {app.id!r}.",
                        remedy=f"Give {', '.join(route.param_convertors)}.",
                    ) from error
        return path_url(prefix, view)

    return Mount(cast("ASGIApp", application), page_url, is_asgi=True)
