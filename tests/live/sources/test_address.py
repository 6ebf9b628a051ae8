import sys

import pytest

from auscult.errors import MissingExtra, RecipeError, SourceError
from auscult.live.clock import FakeClock
from auscult.live.sources import FileSource, MachineSource, NetworkSource, open_source

from .conftest import encoded, tone


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("file:here/a sound.wav", FileSource, "a sound.wav"),
        ("FILE:/tmp/x.wav", FileSource, "x.wav"),
        ("machine:pump", MachineSource, "simulated pump"),
        ("rtsp://me:secret@camera/audio", NetworkSource, "rtsp://camera/audio"),
        ("HTTPS://radio.example/live.ogg?key=1", NetworkSource, "https://radio.example/live.ogg"),
    ],
)
def test_one_line_of_text_is_a_source(address, kind, name):
    source = open_source(address, clock=FakeClock())
    assert isinstance(source, kind)
    assert (source.name, source.state, source.error) == (name, "starting", None)


def test_a_recording_goes_as_fast_as_it_is_heard_where_asked(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(encoded(tone(60.0)))
    blocks = list(open_source(f"file:{path}", realtime=False))
    assert sum(len(block.samples) for block in blocks) == 60 * 16000


@pytest.mark.parametrize(
    "address", ["", "today.wav", "micro", "mic:", "file:", "ftp://host/x", "C:\\sound.wav", ":"]
)
def test_anything_else_is_told_with_what_would_do(address):
    with pytest.raises(SourceError, match=r"is no source\. Expected: mic, mic:NAME, file:PATH, "):
        open_source(address)


def test_an_unknown_machine_is_told():
    with pytest.raises(RecipeError, match="no simulated machine 'car'"):
        open_source("machine:car")


def test_no_password_is_told():
    with pytest.raises(SourceError) as error:
        open_source("ftp://me:secret@host/x")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "module", "extra"),
    [("mic", "sounddevice", "mic"), ("rtsp://host/x", "av", "streams")],
)
def test_what_is_not_installed_is_told_at_once(monkeypatch, address, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'auscult\[{extra}\]'"):
        open_source(address)
