"""The session's cookie, as browsers are told of it."""

import pytest

from hallway import Settings
from hallway.serving.cookies import SessionCookie
from hallway.testing import host_in_memory


def cookie(root: str = "", port: int = 8000, *, secure: bool = False) -> SessionCookie:
    return SessionCookie(root, port, secure=secure, lifetime=60)


def attributes(setting: str) -> set[str]:
    return {part.strip() for part in setting.split(";")[1:]}


def test_a_browser_keeps_it_from_scripts_and_from_writes_of_other_sites():
    setting = cookie().setting("secret")
    assert setting.startswith(f"{cookie().name}=secret;")
    assert attributes(setting) == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60"}


def test_over_https_it_is_bound_to_this_host():
    secure = cookie(secure=True)
    assert secure.name.startswith("__Host-")
    assert attributes(secure.setting("secret")) == {
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
        "Secure",
        "Max-Age=60",
    }


def test_below_a_root_it_goes_no_further():
    below = cookie("/portal", secure=True)
    assert not below.name.startswith("__Host-")  # which needs the root path
    assert {"Path=/portal", "Secure"} <= attributes(below.setting("secret"))


def test_clearing_it_tells_the_browser_to_forget_it():
    cleared = cookie().clearing()
    assert cleared.startswith(f"{cookie().name}=;")
    assert {"Max-Age=0", "Path=/"} <= attributes(cleared)


def test_hosts_of_one_machine_have_cookies_of_different_names():
    names = {cookie(root, port).name for root in ("", "/a", "/b") for port in (8000, 8001)}
    assert len(names) == 6
    assert cookie().name == cookie().name


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ([], ""),
        ([b""], ""),
        ([b"other=1"], ""),
        ([b"NAME=secret"], "secret"),
        ([b"a=1;NAME=secret ; b=2"], "secret"),
        ([b"a=1", b"NAME=secret"], "secret"),
        ([b"xNAME=secret"], ""),
        ([b"NAMEx=secret"], ""),
        ([b"NAME=one; NAME=two"], "one"),
        ([b"NAME=\xff=="], "ÿ=="),
    ],
)
def test_the_secret_is_found_among_other_cookies(headers: list[bytes], secret: str):
    name = cookie().name.encode()
    assert cookie().read([header.replace(b"NAME", name) for header in headers]) == secret


def test_behind_a_proxy_with_https_the_browser_is_told_to_demand_it():
    with host_in_memory(settings=Settings(public_url="https://gauges.example", session_lifetime=90)) as host:
        host.call(host.host.identity.add_user, "ada", "secret")
        answer = host.anonymous().post("/login", data={"username": "ada", "password": "secret"})
    assert answer.headers["set-cookie"].startswith("__Host-hallway-")
    assert {"Secure", "Max-Age=90"} <= attributes(answer.headers["set-cookie"])
