"""Microphones: a false PortAudio for what hardware does, and a real one behind a sound server that plays a file."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from threading import Thread
from types import SimpleNamespace

import numpy as np
import pytest

from auscult.errors import MissingExtra, SourceError
from auscult.live.clock import FakeClock, SystemClock
from auscult.live.listener import GAP_S
from auscult.live.sources import microphone as module
from auscult.live.sources.microphone import (
    BUFFERED_S,
    Microphone,
    MicrophoneSource,
    chosen,
    microphones,
)

from .conftest import encoded


class PortAudioError(Exception):
    pass


@dataclass(kw_only=True)
class FakePortAudio:
    """What of `sounddevice` is used. Plugging in shows only after a new start, as in the real one."""

    plugged: list = field(default_factory=list)
    listed: list = field(default_factory=list)
    streams: list = field(default_factory=list)
    starts: int = 0
    busy: bool = False
    apis: tuple = ("ALSA",)
    PortAudioError: type = PortAudioError

    def plug(self, *names, channels=1, rate_hz=48000.0):
        self.plugged = [
            {"name": name, "max_input_channels": channels, "default_samplerate": rate_hz}
            for name in names
        ]

    def query_devices(self):
        return self.listed

    def query_hostapis(self):
        numbers = list(range(len(self.listed)))
        default = numbers[0] if numbers else -1
        return [
            {"name": api, "devices": numbers, "default_input_device": default} for api in self.apis
        ]

    def _terminate(self):
        assert not any(stream.active for stream in self.streams), "it would cut off others"

    def _initialize(self):
        self.starts += 1
        self.listed = list(self.plugged)

    def InputStream(self, **options):  # noqa: N802 - as it is called there
        if self.busy:
            raise PortAudioError("Device unavailable [PaErrorCode -9985]")
        stream = FakeStream(options)
        self.streams.append(stream)
        return stream


class FakeStream:
    def __init__(self, options):
        self.options = options
        self.active = False
        self.is_closed = False

    def start(self):
        self.active = True

    def close(self, ignore_errors=True):
        del ignore_errors
        self.active = False
        self.is_closed = True

    def give(self, samples, *, overflow=False):
        """Call back, with memory that is used again, as PortAudio does."""
        memory = np.tile(samples[:, None], (1, self.options["channels"])).astype(np.float32)
        self.options["callback"](
            memory, len(memory), None, SimpleNamespace(input_overflow=overflow)
        )
        memory[:] = np.nan


@pytest.fixture
def portaudio(monkeypatch):
    fake = FakePortAudio()
    monkeypatch.setattr(module, "_portaudio", lambda: fake)
    monkeypatch.setattr(module, "_OPEN", set())
    monkeypatch.setattr(module, "_POLL_S", 0.01)
    monkeypatch.setattr(module, "STALL_S", 0.05)
    return fake


class Hurried:
    """A source's end, which no wait waits for."""

    def __init__(self, source):
        self.inner = source._closed
        self.waits_s = []

    def is_set(self):
        return self.inner.is_set()

    def set(self):
        self.inner.set()

    def wait(self, seconds):
        self.waits_s.append(seconds)
        return self.inner.wait(0.005)


def heard_by(source):
    """A thread that listens, and what it has heard."""
    source._closed = Hurried(source)
    blocks = []
    thread = Thread(target=_hear, args=(source, blocks), daemon=True)
    thread.start()
    return thread, blocks


def _hear(source, blocks):
    for block in source:
        blocks.append(block)


def eventually(is_so, limit_s=60.0):
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.002)


NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 2400).astype(np.float32)


def test_microphones_are_listed_with_names_that_stay(portaudio):
    portaudio.plug("HDA Intel: ALC (hw:0,0)", "USB Audio: - (hw:1,0)", "USB Audio: - (hw:2,0)")
    assert [one.id for one in microphones()] == ["HDA Intel: ALC", "USB Audio", "USB Audio #2"]
    assert microphones()[0] == Microphone(
        id="HDA Intel: ALC",
        name="HDA Intel: ALC (hw:0,0)",
        rate_hz=48000,
        channels=1,
        is_default=True,
    )
    portaudio.plug("USB Audio: - (hw:5,0)")
    assert [one.id for one in microphones()] == ["USB Audio"]


def test_what_can_not_record_is_not_listed(portaudio):
    portaudio.plug("Loudspeaker", channels=0)
    assert microphones() == []


def test_it_is_heard_as_it_was_given(portaudio):
    portaudio.plug("USB Audio: - (hw:1,0)", channels=2)
    clock = FakeClock()
    source = MicrophoneSource("USB Audio", clock=clock)
    thread, blocks = heard_by(source)
    eventually(lambda: portaudio.streams)
    (stream,) = portaudio.streams
    assert stream.options["samplerate"] == 48000
    eventually(lambda: stream.active)
    for _ in range(3):
        clock.advance(0.05)
        stream.give(NOISE)
    eventually(lambda: len(blocks) == 3)
    assert (source.name, source.kind, source.state, source.error) == (
        "USB Audio",
        "mic",
        "listening",
        None,
    )
    for block in blocks:
        assert block.samples.shape == (2400, 2)
        assert np.array_equal(block.samples[:, 0], NOISE)
    assert [block.time_s for block in blocks] == pytest.approx([0.0, 0.05, 0.1])
    source.close()
    thread.join(60.0)
    assert not thread.is_alive()
    assert stream.is_closed
    assert (source.state, source.dropped_samples) == ("ended", 0)


def test_what_the_system_lost_is_counted_and_is_a_gap(portaudio):
    portaudio.plug("USB Audio")
    clock = FakeClock()
    source = MicrophoneSource(clock=clock)
    thread, blocks = heard_by(source)
    eventually(lambda: portaudio.streams and portaudio.streams[0].active)
    stream = portaudio.streams[0]
    clock.advance(0.05)
    stream.give(NOISE)
    clock.advance(1.05)
    stream.give(NOISE, overflow=True)
    eventually(lambda: len(blocks) == 2)
    assert blocks[1].time_s - blocks[0].time_s == pytest.approx(1.05)
    assert source.dropped_samples == 48000
    stream.give(NOISE, overflow=True)  # no time has passed, and yet something is missing
    eventually(lambda: len(blocks) == 3)
    assert blocks[2].time_s - blocks[1].time_s > 0.05 + GAP_S
    source.close()
    thread.join(60.0)


def test_whoever_does_not_listen_loses_the_oldest_and_is_told(portaudio):
    portaudio.plug("USB Audio")
    clock = FakeClock()
    source = MicrophoneSource(clock=clock)
    blocks = iter(source)

    def give():
        eventually(lambda: portaudio.streams and portaudio.streams[0].active)
        portaudio.streams[0].give(NOISE)

    Thread(target=give).start()
    next(blocks)
    stream = portaudio.streams[0]
    for _ in range(round(BUFFERED_S / 0.05) + 40):
        clock.advance(0.05)
        stream.give(NOISE)
    assert source.dropped_samples == 40 * 2400
    assert next(blocks).time_s == pytest.approx(40 * 0.05, abs=0.06)
    source.close()
    assert list(blocks) == []


@pytest.mark.parametrize("is_told", [True, False])
def test_unplugged_it_is_opened_again_at_another_place_when_it_is_back(portaudio, is_told):
    portaudio.plug("HDA Intel (hw:0,0)", "USB Audio: - (hw:1,0)")
    source = MicrophoneSource("USB Audio", clock=SystemClock())
    thread, blocks = heard_by(source)
    for round_ in range(10):
        eventually(lambda n=round_: len(portaudio.streams) == n + 1 and portaudio.streams[n].active)
        portaudio.streams[-1].give(NOISE)
        eventually(lambda n=round_: len(blocks) == n + 1)
        assert source.state == "listening"
        portaudio.plug("HDA Intel (hw:0,0)")
        portaudio.streams[-1].active = not is_told
        eventually(lambda: source.state == "reconnecting")
        eventually(lambda: "No microphone is called 'USB Audio'" in (source.error or ""))
        assert "one of HDA Intel" in source.error
        portaudio.plug("HDA Intel (hw:0,0)", "Another", f"USB Audio: - (hw:{round_ + 2},0)")
    eventually(lambda: len(portaudio.streams) == 11)
    assert portaudio.streams[-1].options["device"] == 2
    assert all(stream.is_closed for stream in portaudio.streams[:-1])
    times_s = [block.time_s for block in blocks]
    assert times_s == sorted(times_s)
    source.close()
    thread.join(60.0)
    assert max(source._closed.waits_s) <= 4.0


def test_what_is_not_there_at_first_is_waited_for(portaudio):
    source = MicrophoneSource(clock=SystemClock())
    thread, blocks = heard_by(source)
    words = "This machine has no microphone, or this user may not use it. Expected: a microphone."
    eventually(lambda: (source.error or "").startswith(words))
    portaudio.plug("USB Audio")
    eventually(lambda: portaudio.streams and portaudio.streams[0].active)
    portaudio.streams[0].give(NOISE)
    eventually(lambda: blocks)
    source.close()
    thread.join(60.0)


def test_one_that_another_program_holds_is_waited_for(portaudio):
    portaudio.plug("USB Audio")
    portaudio.busy = True
    source = MicrophoneSource("USB Audio", clock=SystemClock())
    thread, _ = heard_by(source)
    eventually(lambda: "Device unavailable" in (source.error or ""))
    assert "no other program holds" in source.error
    portaudio.busy = False
    eventually(lambda: portaudio.streams and portaudio.streams[0].active)
    source.close()
    thread.join(60.0)


def test_looking_for_new_ones_cuts_off_nobody(portaudio):
    portaudio.plug("USB Audio")
    source = MicrophoneSource("USB Audio", clock=SystemClock())
    thread, _ = heard_by(source)
    eventually(lambda: portaudio.streams and portaudio.streams[0].active)
    starts = portaudio.starts
    assert [one.id for one in microphones()] == ["USB Audio"]
    assert portaudio.starts == starts
    source.close()
    thread.join(60.0)
    microphones()
    assert portaudio.starts == starts + 1


@pytest.mark.parametrize(
    ("wanted", "device"),
    [
        ("USB Audio", 1),
        ("USB Audio (hw:1,0)", 1),
        ("webcam", 2),
        (None, 0),
    ],
)
def test_a_name_or_the_only_one_alike_is_enough(portaudio, wanted, device):
    portaudio.plug("HDA (hw:0,0)", "USB Audio (hw:1,0)", "Webcam C920 Mono")
    number, microphone = module._look_for(portaudio, wanted)
    assert number == device
    assert chosen(microphones(), wanted) == microphone


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("o", "2 microphones are called like 'o'. Expected: one of USB Audio, Webcam C920 Mono."),
        ("x", "No microphone is called 'x'. Expected: one of HDA, USB Audio, Webcam C920 Mono."),
    ],
)
def test_a_name_that_says_not_which_is_told(portaudio, wanted, told):
    portaudio.plug("HDA (hw:0,0)", "USB Audio (hw:1,0)", "Webcam C920 Mono")
    with pytest.raises(SourceError, match=re.escape(told)):
        chosen(microphones(), wanted)


def test_where_the_system_names_them_several_times_the_best_list_counts(portaudio):
    portaudio.plug("Microphone (USB Aud", "Microphone (USB Audio Device)")
    microphones()
    portaudio.query_hostapis = lambda: [
        {"name": "MME", "devices": [0], "default_input_device": 0},
        {"name": "Windows WASAPI", "devices": [1], "default_input_device": 1},
    ]
    (found,) = [one for _, one in module._found(portaudio)]
    assert (found.id, found.is_default) == ("Microphone (USB Audio Device)", True)


def test_a_system_that_fails_is_told(portaudio):
    def fail():
        raise PortAudioError("Error querying host API -9979")

    portaudio.query_devices = fail
    with pytest.raises(SourceError, match="can't be opened: Error querying host API"):
        microphones()


def test_what_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingExtra, match=r"pip install 'auscult\[mic\]'"):
        microphones()


def test_a_system_without_portaudio_is_told(monkeypatch):
    class Finder:
        def find_spec(self, name, *_):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(SourceError, match=r"has no PortAudio.*apt-get install libportaudio2"):
        microphones()


# The real one

NEEDED = ("pulseaudio", "paplay", "pactl")

PROGRAM = """
import json, sys, time
import numpy as np
from auscult.live.clock import SystemClock
from auscult.live.sources import microphones, open_source
source = open_source("mic:pulse")
known = [one.id for one in microphones()]
have, parts, rates = 0.0, [], set()
stop_s = time.monotonic() + 60.0
for block in source:
    parts.append(block.mono())
    rates.add(block.rate_hz)
    have += len(block.samples) / block.rate_hz
    if have > 2.2 or time.monotonic() > stop_s:
        source.close()
np.save(sys.argv[1], np.concatenate(parts))
print(json.dumps([known, sorted(rates), source.dropped_samples, source.state]))
"""


@pytest.fixture
def sound_server(tmp_path, monkeypatch):
    """A sound server of its own, whose only microphone hears what is played; a function to play."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (packages pulseaudio, pulseaudio-utils)")
    pytest.importorskip("sounddevice", reason="no PortAudio (libportaudio2)", exc_type=OSError)
    folder = tmp_path / "pulse"
    folder.mkdir(mode=0o700)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".asoundrc").write_text("pcm.pulse { type pulse }\nctl.pulse { type pulse }\n")
    environment = os.environ | {
        "HOME": str(home),
        "PULSE_RUNTIME_PATH": str(folder),
        "PULSE_SERVER": f"unix:{folder}/native",
        "PULSE_SOURCE": "null.monitor",
        "XDG_CONFIG_HOME": str(home),
        "JACK_NO_START_SERVER": "1",
    }
    server = subprocess.Popen(
        [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--load=module-null-sink sink_name=null rate=44100 channels=1",
            f"--load=module-native-protocol-unix socket={folder}/native",
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end_s = time.monotonic() + 60.0
        ask = ["pactl", "info"]
        while subprocess.run(ask, env=environment, capture_output=True, check=False).returncode:
            assert server.poll() is None, "the sound server has ended"
            assert time.monotonic() < end_s, "the sound server does not answer"
            time.sleep(0.05)
        yield environment
    finally:
        server.terminate()
        server.wait(60.0)


def test_a_real_microphone_hears_what_is_played(sound_server, tmp_path):
    rng = np.random.default_rng(3)
    played = (0.2 * rng.standard_normal(8 * 44100)).astype(np.float32).clip(-0.9, 0.9)
    path = tmp_path / "played.wav"
    path.write_bytes(encoded(played, rate_hz=44100, subtype="FLOAT"))
    player = subprocess.Popen(["paplay", "--device=null", path], env=sound_server)
    heard = tmp_path / "heard.npy"
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, heard],
            env=sound_server,
            capture_output=True,
            text=True,
            timeout=120.0,
            check=False,
        )
    finally:
        player.terminate()
        player.wait(60.0)
    assert done.returncode == 0, done.stderr
    known, rates_hz, dropped, state = json.loads(done.stdout.splitlines()[-1])
    assert "pulse" in known
    assert (dropped, state) == (0, "ended")
    samples = np.load(heard)
    assert rates_hz == [44100]
    assert _correlation(samples[44100 : 2 * 44100], played) > 0.999


def _correlation(found, played):
    """With the part of what was played that fits best."""
    n = len(played) + len(found)
    product = np.fft.irfft(np.fft.rfft(played, n) * np.conj(np.fft.rfft(found, n)), n)
    start = int(product[: len(played) - len(found)].argmax())
    return float(np.corrcoef(played[start : start + len(found)], found)[0, 1])
