"""Mounting a Starlette or FastAPI application."""

from typing import cast

from starlette.applications import Starlette
from starlette.routing import Route

from hallway.app import App
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
                return prefix + str(route.url_path_for(view.name, **in_path)) + query_of(in_query)
        return path_url(prefix, view)

    return Mount(cast("ASGIApp", application), page_url, has_lifespan=True)
