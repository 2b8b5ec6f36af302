"""Taking the address to listen on."""

import contextlib
import socket

import pytest

from hallway.errors import PortUnavailable
from hallway.serving.server import bind


def test_any_free_port_may_be_taken_and_taken_again_at_once():
    with contextlib.closing(bind("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=10):
            listener.setblocking(True)
            listener.accept()[0].close()
    bind("127.0.0.1", port).close()


def test_a_port_that_is_taken_is_refused_with_another_to_choose():
    with contextlib.closing(bind("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortUnavailable) as caught:
            bind("127.0.0.1", port)
    assert str(port) in caught.value.detail
    assert f"--port {port + 1}" in caught.value.remedy


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_this_machines_is_refused_with_the_cure(host: str):
    with pytest.raises(PortUnavailable) as caught:
        bind(host, 0)
    assert host in caught.value.detail
    assert "--host" in caught.value.remedy


def test_a_privileged_port_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch):
    def refuse(_socket: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")  # as for everybody but root, who may run the tests

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(PortUnavailable) as caught:
        bind("127.0.0.1", 80)
    assert "1023" in caught.value.remedy


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_may_be_written_with_or_without_brackets(host: str):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with contextlib.closing(bind(host, 0)) as listener:
        assert listener.family is socket.AF_INET6
