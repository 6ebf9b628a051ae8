"""The app behind a socket of the operating system."""

import socket
from contextlib import suppress

import pytest

from auscult.errors import RecipeError
from auscult.server.serving import bound_socket, url_of
from auscult.server.settings import Settings


def test_a_free_port_is_found_and_told():
    with bound_socket(Settings(port=0)) as bound:
        assert url_of(bound, host="127.0.0.1") == f"http://localhost:{bound.getsockname()[1]}"


def test_a_port_that_is_taken_is_told():
    with bound_socket(Settings(port=0)) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(RecipeError, match=rf"Port {port} is taken\. .*--port 8001"):
            bound_socket(Settings(port=port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.name.invalid"])
def test_an_address_of_another_machine_is_told(host):
    with pytest.raises(RecipeError, match=r"can't be used: .*--host 127\.0\.0\.1"):
        bound_socket(Settings(host=host, port=0))


def test_the_address_to_open_is_one_that_browsers_trust():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::"):
            assert url_of(bound, host=host) == f"http://localhost:{port}"
        assert url_of(bound, host="fe80::7") == f"http://[fe80::7]:{port}"
        assert url_of(bound, host="ears.local") == f"http://ears.local:{port}"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine knows no IPv6")
def test_the_newer_addresses_work_too():
    with suppress(RecipeError), bound_socket(Settings(host="::1", port=0)) as bound:
        assert bound.family == socket.AF_INET6
