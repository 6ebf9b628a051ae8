"""RTSP and HTTP from senders on this machine: what is heard, and what becomes of every way to fail."""

import logging
import sys
import time
from functools import partial
from pathlib import Path
from threading import Thread, Timer

import numpy as np
import pytest

from auscult.errors import MissingExtra, SourceError
from auscult.live.clock import SystemClock
from auscult.live.sources import network
from auscult.live.sources.network import NetworkSource, checked, samples_of, shown
from auscult.live.sources.source import Backoff

from .conftest import (
    RATE_HZ,
    encoded,
    heard,
    http,
    no_threads_left,
    refusing,
    rtsp,
    silent,
    tone,
)

av = pytest.importorskip("av", reason="the extra 'streams' is not installed")


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    """No proxy lies between two programs of one machine."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def hear():
    """A function from a sender to a source that is quick to give up and to try again."""

    def source(
        sender,
        scheme="http",
        *,
        user="",
        host="127.0.0.1",
        path="sound",
        realtime=False,
        may_call=None,
        patience_s=0.4,
    ):
        return NetworkSource(
            f"{scheme}://{user}{host}:{sender.port}/{path}",
            realtime=realtime,
            clock=SystemClock(),
            may_call=may_call,
            open_s=patience_s,
            read_s=patience_s,
            backoff=Backoff(shortest_s=0.02, longest_s=0.1),
        )

    return source


def joined(blocks):
    return np.concatenate([block.samples[:, 0] for block in blocks])


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_a_file_behind_an_address_is_that_file_and_ends(sender, hear, kind):
    samples = tone(3.0)
    content = encoded(samples, kind=kind, subtype="PCM_16")
    source = hear(sender(http(content, length=len(content))))
    with no_threads_left():
        blocks = heard(source)
    assert {block.rate_hz for block in blocks} == {RATE_HZ}
    assert np.abs(joined(blocks) - samples).max() < 1e-4
    assert (source.state, source.error, source.dropped_samples) == ("ended", None, 0)


def test_a_file_takes_its_time_where_it_plays_live(sender, hear):
    content = encoded(tone(0.6))
    begin_s = time.monotonic()
    heard(hear(sender(http(content, length=len(content))), realtime=True))
    assert time.monotonic() - begin_s > 0.5


def test_what_is_compressed_is_decoded(sender, hear):
    samples = tone(3.0)
    blocks = heard(hear(sender(http(encoded(samples, kind="OGG"), stall_s=5.0))), seconds=2.5)
    found = joined(blocks)[: 2 * RATE_HZ]
    assert np.corrcoef(found, samples[: len(found)])[0, 1] > 0.99


def test_a_stream_that_breaks_off_is_heard_again_and_the_gap_shows(sender, hear):
    served = sender(http(encoded(tone(1.0), kind="MP3")))
    source = hear(served)
    states = set()
    blocks = []
    for block in source:
        states.add(source.state)
        blocks.append(block)
        if served.connections >= 3 and len(blocks) > 80:
            source.close()
    assert served.connections >= 3
    times_s = [block.time_s for block in blocks]
    assert times_s == sorted(times_s)
    ends_s = [block.time_s + len(block.samples) / block.rate_hz for block in blocks]
    assert all(b >= a - 1e-6 for a, b in zip(ends_s, times_s[1:], strict=False))


def test_a_stall_is_a_break_and_sound_goes_on_within_seconds(sender, hear):
    served = sender(rtsp(tone(0.2), stall_s=60.0), rtsp(tone(2.0), stall_s=60.0))
    begin_s = time.monotonic()
    blocks = heard(hear(served, "rtsp", patience_s=1.0), seconds=1.5)
    assert time.monotonic() - begin_s > 1.0
    assert served.connections == 2
    gaps_s = np.diff([block.time_s for block in blocks]) - 0.02
    assert np.count_nonzero(gaps_s > 0.05) == 1
    assert gaps_s.max() > 0.1


def test_a_camera_is_heard_and_only_its_sound_is_asked_for(sender, hear):
    samples = tone(2.0)
    served = sender(rtsp(samples, stall_s=8.0))
    source = hear(served, "rtsp")
    blocks = heard(source, seconds=1.9)
    found = joined(blocks)
    assert np.abs(found - samples[: len(found)]).max() < 1e-3
    asked = [line.splitlines()[0] for line in served.requests]
    setups = [line for line in asked if line.startswith("SETUP")]
    assert len(setups) == 1
    assert "track1" in setups[0]
    assert source.kind == "rtsp"


def test_lost_packets_are_a_gap_as_long_as_what_was_lost(sender, hear):
    served = sender(rtsp(tone(3.0), lost=range(40, 70), stall_s=8.0))
    blocks = heard(hear(served, "rtsp"), seconds=2.2)
    steps_s = np.diff([block.time_s for block in blocks])
    assert steps_s[39] == pytest.approx(0.02 + 30 * 0.02, abs=0.03)
    assert np.delete(steps_s, 39) == pytest.approx(0.02, abs=1e-6)


def test_a_rate_that_changes_is_told_by_the_blocks(sender, hear):
    first = encoded(tone(2.0, rate_hz=44100), rate_hz=44100, kind="MP3")
    second = encoded(tone(2.0, rate_hz=32000), rate_hz=32000, kind="MP3")
    blocks = heard(hear(sender(http(first + second, stall_s=8.0))), seconds=3.8)
    rates_hz = [block.rate_hz for block in blocks]
    assert rates_hz == sorted(rates_hz, reverse=True)
    assert set(rates_hz) == {44100, 32000}


FOR_GOOD = [
    ("http", http(b"", status="404 Not Found"), "404 Not Found"),
    ("http", http(b"", status="401 Unauthorized"), "401 Unauthorized"),
    ("http", http(b"", status="403 Forbidden"), "403 Forbidden"),
    ("http", http(b"", status="410 Gone"), "4XX"),
    ("rtsp", rtsp(tone(1.0), status="404 Not Found"), "404 Not Found"),
    ("rtsp", rtsp(tone(1.0), password="me:other"), "401 Unauthorized"),
]


@pytest.mark.parametrize(("scheme", "script", "words"), FOR_GOOD)
def test_an_answer_that_will_not_change_ends_it_and_no_password_is_told(  # noqa: PLR0917
    sender, hear, scheme, script, words, caplog, capfd
):
    served = sender(script)
    source = hear(served, scheme, user="me:secret@", path="sound?token=hidden")
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as error:
        heard(source)
    told = str(error.value)
    assert words in told
    assert "can't be heard" in told
    assert "Expected: an address that gives sound. Check the address" in told
    assert (source.state, source.error) == ("failed", told)
    assert served.connections == 1
    said = "".join((told, source.name, caplog.text, *capfd.readouterr()))
    assert "secret" not in said
    assert "hidden" not in said


PASSING = [
    ("http", refusing, "connection"),
    ("http", http(b"", status="503 Service Unavailable"), "5XX"),
    ("http", http(b"", status="429 Too Many Requests"), "429"),
    ("http", silent, "nothing came for 0.4 s"),
    ("http", http(b"<html>hello</html>" * 100), "no sound"),
    ("http", http(bytes(range(256)) * 400), "no sound"),
    ("rtsp", silent, "no"),
    ("rtsp", rtsp(tone(0.5), garbage=True), "the sound ended"),
]


@pytest.mark.parametrize(("scheme", "script", "words"), PASSING)
def test_what_may_pass_is_tried_again_until_there_is_sound(sender, hear, scheme, script, words):
    good = http(encoded(tone(2.0), kind="OGG"), stall_s=8.0)
    good = rtsp(tone(2.0), stall_s=8.0) if scheme == "rtsp" else good
    served = sender(script, script, good)
    source = hear(served, scheme, user="me:secret@")
    told = set()
    blocks = iter(source)
    watching = _watch(source, told)
    have_s = 0.0
    while have_s < 1.0:
        block = next(blocks)
        have_s += len(block.samples) / block.rate_hz
    assert source.state == "listening"
    assert source.error is None
    source.close()
    watching.join()
    assert list(blocks) == [] or source.state == "ended"
    assert served.connections == 3
    assert any(words in (error or "") for _, error in told), told
    assert "reconnecting" in {state for state, _ in told}
    assert not any("secret" in (error or "") for _, error in told)


def is_told(words, told):
    return any(words in (error or "") for _, error in list(told))


def is_refused_twice(served, words, told):
    return served.connections >= 2 and is_told(words, told)


def closed_when(source, is_so, limit_s=60.0):
    """Close it as soon as this is so; it fails where it never is."""
    end_s = time.monotonic() + limit_s

    def watch():
        while not is_so() and time.monotonic() < end_s:
            time.sleep(0.002)
        source.close()
        assert time.monotonic() < end_s, "it never came"

    Thread(target=watch).start()


def _watch(source, told):
    """Note every state that a source has, until it has sound."""

    def watch():
        while source.state in ("starting", "reconnecting"):
            told.add((source.state, source.error))
            time.sleep(0.002)

    thread = Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_after_there_was_sound_every_answer_may_pass(sender, hear):
    """A camera that starts again answers anything for a while."""
    served = sender(
        rtsp(tone(0.5)), rtsp(tone(0.1), status="404 Not Found"), rtsp(tone(2.0), stall_s=8.0)
    )
    heard(hear(served, "rtsp"), seconds=2.0)
    assert served.connections == 3


def test_no_playlist_and_no_redirect_leads_anywhere_else(sender, hear, tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(encoded(tone(1.0)))
    trap = sender(http(encoded(tone(1.0))))
    goal = f"http://127.0.0.1:{trap.port}/trap.wav"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{goal}\n{secret.as_uri()}\n"
    concat = f"ffconcat version 1.0\nfile '{secret}'\nfile '{goal}'\n"
    redirect = http(b"", status="302 Found", headers=f"Location: {goal}\r\n")
    for script in (http(playlist.encode()), http(concat.encode()), redirect):
        served = sender(script)
        source = hear(served, path="a.m3u8")
        closed_when(source, lambda of=served: of.connections >= 2)
        assert list(source) == []
    assert trap.connections == 0


def test_no_camera_leads_anywhere_else(sender, hear):
    trap = sender(rtsp(tone(1.0)))
    for number in (300, 302, 399):
        moved = f"{number} Moved\r\nLocation: rtsp://127.0.0.1:{trap.port}/x"
        served = sender(rtsp(tone(1.0), status=moved))
        source = hear(served, "rtsp", user="me:secret@")
        told = set()
        watching = _watch(source, told)
        words = f"leads elsewhere (status {number}), and is not followed"
        closed_when(source, partial(is_refused_twice, served, words, told))
        assert list(source) == []
        watching.join()
    assert trap.connections == 0


@pytest.mark.parametrize("scheme", ["rtsp", "http", "https"])
def test_what_may_not_be_called_is_not(sender, hear, scheme):
    trap = sender(silent)
    asked = []

    def never(address, port):
        asked.append((address, port))
        return False

    source = hear(trap, scheme, may_call=never)
    told = set()
    watching = _watch(source, told)
    closed_when(source, lambda: is_told("leads to 127.0.0.1, where nobody", told))
    assert list(source) == []
    watching.join()
    assert trap.connections == 0
    assert set(asked) == {("127.0.0.1", trap.port)}


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_what_was_judged_is_what_is_called_whatever_the_name_stands_for_later(
    sender, hear, scheme, monkeypatch
):
    """The name is not known to anybody but the first who looks it up; a second look would fail."""
    looked_up = []

    def addresses(host, port):
        looked_up.append((host, port))
        return ["127.0.0.9", "127.0.0.1"]

    monkeypatch.setattr(network, "addresses_of", addresses)
    content = encoded(tone(1.0), kind="OGG")
    script = rtsp(tone(1.0), password="me:secret") if scheme == "rtsp" else http(content)
    served = sender(script)
    source = hear(
        served,
        scheme,
        user="me:secret@",
        host="camera.invalid",
        may_call=lambda address, _: address != "127.0.0.9",
    )
    heard(source, seconds=0.5)
    assert looked_up[0] == ("camera.invalid", served.port)
    if scheme == "http":
        assert f"Host: camera.invalid:{served.port}\r\n" in served.requests[0]
        assert served.requests[0].count("Host:") == 1


def test_where_everything_may_be_called_a_name_that_is_none_is_told(hear, sender):
    source = hear(sender(silent), "rtsp", host="camera.invalid")
    told = set()
    watching = _watch(source, told)
    closed_when(source, lambda: is_told("name", told))
    assert list(source) == []
    watching.join()


def test_it_ends_at_once_from_any_thread_even_while_nothing_answers(sender, hear):
    source = hear(sender(silent), patience_s=3.0)
    Timer(0.2, source.close).start()
    begin_s = time.monotonic()
    with no_threads_left():
        assert list(source) == []
        assert time.monotonic() - begin_s < 2.5
    assert source.state == "ended"


def test_whoever_is_slow_loses_nothing_the_sender_waits(sender, hear):
    samples = tone(6.0)
    content = encoded(samples, subtype="PCM_16")
    source = hear(sender(http(content, length=len(content))))
    blocks = []
    for number, block in enumerate(source):
        blocks.append(block)
        if number < 10:
            time.sleep(0.05)
    assert np.abs(joined(blocks) - samples).max() < 1e-4
    assert source.dropped_samples == 0


def test_no_more_than_its_own_thread_is_left_behind_after_hundreds_of_breaks(sender, hear):
    served = sender(refusing)
    source = hear(served)
    files = open_files()
    with no_threads_left():
        closed_when(source, lambda: served.connections > 5)
        list(source)
    assert open_files() <= files + 4


def open_files():
    """How many this process has open, where that can be told."""
    place = Path("/proc/self/fd")
    return len(list(place.iterdir())) if place.is_dir() else 0


def test_every_format_of_samples_is_scaled_alike():
    samples = np.stack([tone(0.1), -tone(0.1, hz=700.0)])
    for name in ("u8", "u8p", "s16", "s16p", "s32", "s32p", "flt", "fltp", "dbl", "dblp"):
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate = RATE_HZ
        (converted,) = av.AudioResampler(format=name).resample(frame)
        found = samples_of(converted)
        assert found.shape == (samples.shape[1], 2)
        assert found.dtype == np.float32
        assert np.abs(found - samples.T).max() < 0.01


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://",
        "http:///path",
        "http://host:99999/x",
        "http://host:0/",
        "rtsp://[::1/x",
        "rtsp://host/a b",
        "rtsp://host/a\nb",
        "http://me:secret@/x",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_told_without_passwords(address):
    with pytest.raises(
        SourceError, match=r"is no address of a stream\. Expected: rtsp://"
    ) as error:
        checked(address)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://me:secret@host/x",
        "rtsp://me:se/secret@host/x",
        "rtsp://me:se?secret@host/x",
        "http://host/x?password=secret",
        "http://host/x#secret",
        "rtsp://host/user=me_password=secret_channel=1.sdp",
        "ftp://me:secret@host",
    ],
)
def test_no_password_is_ever_shown(address):
    assert "secret" not in shown(address)


def test_without_its_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match=r"pip install 'auscult\[streams\]'"):
        NetworkSource("http://host/x", realtime=True, clock=SystemClock())
