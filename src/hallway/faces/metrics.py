"""The metrics, for a Prometheus server to read."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from hallway.errors import MethodNotAllowed, NotSignedIn
from hallway.serving.metrics import MEDIA_TYPE, Metrics
from hallway.serving.router import Endpoint
from hallway.serving.visit import visit_of

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class MetricsFace:
    """Serves `/metrics`, to administrators.

    Args:
        metrics: The figures.
        nothing_here: Answers users who do not administer the host, as any path does where there is nothing.
        open_to_loopback: Whether programs on this machine may read them, too, without signing in. A proxy on this
            machine that does not say for whom it asks passes for one of them, so it must not pass this path on.
    """

    def __init__(self, metrics: Metrics, nothing_here: Endpoint, *, open_to_loopback: bool) -> None:
        self._metrics = metrics
        self._nothing_here = nothing_here
        self._open_to_loopback = open_to_loopback

    async def __call__(self, request: Request) -> Response:
        """Give all figures."""
        caller = visit_of(request).caller
        if not (caller.admin or (self._open_to_loopback and _is_from_here(request))):
            if not caller.signed_in:
                raise NotSignedIn("The metrics are for administrators.")
            return await self._nothing_here(request)
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(request.method, ("GET", "HEAD"))
        return Response(self._metrics.render(), headers={"cache-control": "no-store"}, media_type=MEDIA_TYPE)


def _is_from_here(request: Request) -> bool:
    """Tell whether a program on this machine asks, for itself.

    The name by which it calls the host must be one of this machine, too: a page from elsewhere whose name was made to
    lead here (DNS rebinding) is read by a browser on this machine. A proxy asks for others, and says so.
    """
    if request.client is None or any(name in request.headers for name in _PROXY_HEADERS):
        return False
    return _is_loopback(request.client.host) and _is_loopback(_asked_for(request))


def _asked_for(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:  # brackets that do not match
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
