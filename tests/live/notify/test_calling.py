"""Who may be called; the calls themselves are tested with webhooks."""

import pytest

from auscult.errors import NotifyError
from auscult.live.clock import FakeClock
from auscult.live.notify.calling import addresses_of, is_public, post


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_what_is_out_in_the_world(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "fe80::1%eth0",
        "fd00::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::5db8:d70e",
        "2001:0:0:0:0:0:f5ff:fffe",
        "ff02::1",
    ],
)
def test_what_is_not(address):
    assert not is_public(address)


def test_a_name_is_looked_up():
    assert "127.0.0.1" in addresses_of("localhost", 80)


def test_a_name_that_no_wire_can_carry():
    def resolve(host, port):
        raise UnicodeError("label too long")

    with pytest.raises(NotifyError, match="hook has no address: label too long"):
        call(resolve)


def test_when_the_time_was_over_before_anyone_was_called():
    with pytest.raises(NotifyError, match="hook did not answer within 0 s"):
        call(lambda *_: ["127.0.0.1"], timeout_s=0.0)


def call(resolve, *, timeout_s=1.0):
    return post(
        "http://hook.example/",
        name="hook",
        headers={"content-length": "2"},
        body=b"{}",
        allow_private=True,
        resolve=resolve,
        timeout_s=timeout_s,
        clock=FakeClock(),
    )
