"""The app as it is served: what is declared, with the pages mounted."""

from gauges.declaration import app
from gauges.pages import web

app.mount(web)

__all__ = ["app"]
