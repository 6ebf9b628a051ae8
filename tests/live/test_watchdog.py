"""What systemd would hear, from a real socket of its kind."""

import os
import socket
import sys

import pytest

from auscult.live.clock import FakeClock
from auscult.live.watchdog import Watchdog

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets with a path are POSIX")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def heard(tmp_path):
    """A socket as systemd has one, and what came to it so far."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(tmp_path / "notify"))
    line.setblocking(False)

    def messages():
        found = []
        while True:
            try:
                found.append(line.recv(4096).decode())
            except BlockingIOError:
                return found

    yield messages
    line.close()


def watchdog(tmp_path, clock, **variables):
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"}
    return Watchdog(clock=clock, environment=environment | variables, process_id=7)


def test_it_says_that_it_is_ready_goes_on_and_ends(tmp_path, clock, heard):
    dog = watchdog(tmp_path, clock)
    dog.ready("Listening to\nthe fan")
    dog.beat()
    dog.stopping()
    assert heard() == ["READY=1\nSTATUS=Listening to the fan", "WATCHDOG=1", "STOPPING=1"]


def test_however_often_it_beats_three_are_sent_in_the_time_that_is_waited(tmp_path, clock, heard):
    dog = watchdog(tmp_path, clock)
    sent = []
    for _ in range(1200):  # five minutes, four times a second
        dog.beat()
        clock.advance(0.25)
        sent += heard()
    assert len(sent) == 30
    assert set(sent) == {"WATCHDOG=1"}


def test_who_is_stuck_sends_nothing(tmp_path, clock, heard):
    dog = watchdog(tmp_path, clock)
    dog.beat()
    heard()
    clock.advance(3600.0)
    assert heard() == []


@pytest.mark.parametrize(
    "variables",
    [
        {"WATCHDOG_USEC": ""},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_PID": "8"},
    ],
)
def test_beats_that_nobody_waits_for_are_not_sent(tmp_path, clock, heard, variables):
    dog = watchdog(tmp_path, clock, **variables)
    assert not dog.is_watched
    dog.beat()
    dog.ready("It listens")
    assert heard() == ["READY=1\nSTATUS=It listens"]


def test_beats_for_this_process_are_sent(tmp_path, clock, heard):
    dog = watchdog(tmp_path, clock, WATCHDOG_PID="7")
    dog.beat()
    assert dog.is_watched
    assert heard() == ["WATCHDOG=1"]


@pytest.mark.parametrize("address", ["", "vsock:2:1", "/nowhere/at/all", "@nobody-is-here"])
def test_without_systemd_it_is_silent_and_harmless(clock, address):
    dog = Watchdog(
        clock=clock, environment={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"}, process_id=7
    )
    dog.ready("It listens")
    dog.beat()
    dog.stopping()


def test_a_socket_that_takes_no_more_stops_nobody(tmp_path, clock, heard):
    dog = watchdog(tmp_path, clock)
    for _ in range(5000):
        dog.ready("It listens")
    assert len(heard()) < 5000


@pytest.mark.skipif(sys.platform != "linux", reason="sockets without a path are Linux's")
def test_a_socket_without_a_path_is_found(clock):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(f"\0auscult-{os.getpid()}")
        environment = {"NOTIFY_SOCKET": f"@auscult-{os.getpid()}"}
        Watchdog(clock=clock, environment=environment).ready("It listens")
        assert line.recv(100) == b"READY=1\nSTATUS=It listens"


def test_a_file_is_touched_every_ten_seconds_with_systemd_or_without(tmp_path, clock):
    place = tmp_path / "beat"
    dog = Watchdog(clock=clock, environment={"AUSCULT_BEAT": str(place)}, process_id=7)
    assert not place.exists()
    dog.beat()
    touched = []
    for _ in range(240):  # a minute, four times a second
        os.utime(place, (0.0, 0.0))
        clock.advance(0.25)
        dog.beat()
        touched.append(place.stat().st_mtime > 0.0)
    assert sum(touched) == 6
    assert touched[39]


def test_a_file_that_cannot_be_touched_stops_nobody(tmp_path, clock):
    environment = {"AUSCULT_BEAT": str(tmp_path / "gone" / "beat")}
    Watchdog(clock=clock, environment=environment, process_id=7).beat()
