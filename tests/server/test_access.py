"""How a phone gets here, and the picture of the address."""

import ipaddress
import xml.etree.ElementTree as ET

import pytest

from auscult.server.access import own_addresses, qr_svg, ways
from auscult.server.problems import Problem


def shown(**changes):
    given = {"host": "127.0.0.1", "port": 8000, "allowed_hosts": (), "addresses": ("10.0.0.5",)}
    return [(one.address, one.reach, one.has_microphone) for one in ways(**(given | changes))]


def test_where_only_this_machine_is_answered_no_other_way_is_told():
    assert shown() == [("http://localhost:8000", "this_machine", True)]
    assert shown(host="localhost") == shown()


def test_over_plain_http_there_is_no_microphone():
    network = [one for one in shown(host="0.0.0.0") if one[1] == "network"]
    assert network == [("http://10.0.0.5:8000", "network", False)]
    assert ("http://[fd00::7]:8000", "network", False) in shown(host="fd00::7")
    assert ("http://ears.local:8000", "network", False) in shown(host="ears.local")


def test_a_name_that_was_let_in_is_that_of_a_proxy_and_comes_first():
    assert shown(allowed_hosts=("ears.example",))[0] == ("https://ears.example", "proxy", True)


def test_own_addresses_are_addresses_of_a_network():
    assert all(not ipaddress.ip_address(one).is_loopback for one in own_addresses())


def test_a_code_is_a_picture_without_scripts():
    drawn = qr_svg("https://ears.example/?q=1&r=<b>")
    root = ET.fromstring(drawn)
    assert root.tag.endswith("svg")
    assert b"script" not in drawn
    assert qr_svg("https://ears.example") != qr_svg("https://other.example")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "ears.example", "https://", "http://[::1", "https://" + "x" * 300],
)
def test_only_pages_have_a_code(address):
    with pytest.raises(Problem, match="There is no page at"):
        qr_svg(address)
