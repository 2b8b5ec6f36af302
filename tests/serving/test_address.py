"""Where the host is reached, and which addresses are its own."""

import pytest

from hallway import App, Settings
from hallway.serving.address import HostAddress, origin_of
from hallway.testing import host_in_memory

from .wsgi_apps import PLAIN, Environ, StartResponse


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://host", "http://host"),
        ("http://host:80/x?y#z", "http://host"),
        ("https://HOST:443", "https://host"),
        ("https://host:80", "https://host:80"),
        ("http://user@host:8000", "http://host:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_scheme_host_and_the_port_where_it_is_not_the_usual_one(url: str, origin: str):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("host", "primary"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("[::1]", "http://[::1]:8000"),
        ("gauges.example", "http://gauges.example:8000"),
    ],
)
def test_the_address_to_print_is_one_that_a_browser_can_open(host: str, primary: str):
    assert HostAddress(host, 8000).primary_url == primary


@pytest.mark.parametrize("listening", ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost"])
def test_on_this_machine_the_host_has_three_names(listening: str):
    address = HostAddress(listening, 8000)
    for name in ("127.0.0.1", "localhost", "[::1]", "LOCALHOST"):
        assert address.below_root(f"http://{name}:8000/x?y=1") == "/x?y=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001/x",
        "https://127.0.0.1:8000/x",
        "http://127.0.0.1/x",
        "http://127.0.0.1:8000.evil.example/x",
        "http://127.0.0.1:port/x",
        "http://[::1/x",
        "//127.0.0.1:8000/x",
        "/x",
        "",
    ],
)
def test_another_address_is_not_the_hosts_own(url: str):
    assert HostAddress("127.0.0.1", 8000).below_root(url) is None


def test_a_host_with_a_name_of_its_own_has_that_name_alone():
    address = HostAddress("gauges.example", 8000)
    assert address.below_root("http://gauges.example:8000") == "/"
    assert address.below_root("http://localhost:8000/") is None


@pytest.mark.parametrize(
    ("url", "below"),
    [
        ("http://127.0.0.1:8000/portal/x?y=1", "/x?y=1"),
        ("http://127.0.0.1:8000/portal/", "/"),
        ("http://127.0.0.1:8000/portal/portal/x", "/portal/x"),
        ("http://127.0.0.1:8000/portals/x", None),
        ("http://127.0.0.1:8000/x", None),
    ],
)
def test_below_a_root_only_what_lies_below_it_is_the_hosts_own(url: str, below: str | None):
    assert HostAddress("127.0.0.1", 8000, root_path="/portal").below_root(url) == below


def test_the_public_address_is_the_one_to_give_to_others_and_tells_whether_it_is_https():
    address = HostAddress("127.0.0.1", 8000, root_path="/portal", public_url="https://gauges.example")
    assert address.primary_url == "https://gauges.example/portal"
    assert address.secure
    assert address.below_root("https://gauges.example/portal/x") == "/x"
    assert address.below_root("http://127.0.0.1:8000/portal/x") == "/x"
    assert not HostAddress("127.0.0.1", 8000, public_url="http://gauges.example").secure


def linking() -> App:
    app = App("room", public=True)
    app.share("/file")

    def page(_environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", PLAIN)
        return [app.share_url("/file").encode()]

    app.mount(page)
    return app


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("localhost:8000", "http://localhost:8000/"),
        ("evil.example", "https://gauges.example/"),  # a made-up Host header is nobody's name
    ],
)
def test_a_link_has_the_name_by_which_the_visitor_reaches_the_host(asked: str, expected: str):
    settings = Settings(public_url="https://gauges.example")
    with host_in_memory(linking(), settings=settings) as host:
        assert host.anonymous({"host": asked}).get("/apps/room/").text.startswith(expected)


def test_outside_a_visit_a_link_has_the_address_for_others():
    assert HostAddress("0.0.0.0", 8000, root_path="/portal").base_url == "http://127.0.0.1:8000/portal"
