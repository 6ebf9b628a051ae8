"""`auscult sources`: the microphones of this machine."""

import sys

import pytest

from auscult.cli.console import BAD_USE, OK
from auscult.live import sources
from auscult.live.sources import Microphone

FOUND = [
    Microphone(
        id="USB [red] Audio", name="USB (hw:1,0)", rate_hz=48000, channels=1, is_default=False
    ),
    Microphone(id="HDA", name="HDA (hw:0,0)", rate_hz=44100, channels=2, is_default=True),
]


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(sources, "microphones", lambda: FOUND)


def test_microphones_are_listed_with_what_opens_them(run, found):
    ended = run("sources")
    assert ended.code == OK
    lines = ended.out.splitlines()
    assert "mic:USB [red] Audio" in lines[1]
    assert "48000 Hz" in lines[1]
    assert "mic:HDA" in lines[2]
    assert "default: mic" in lines[2]


def test_programs_get_the_same(run, found):
    (first, second) = run("sources", "--json").json["microphones"]
    assert first == {
        "id": "USB [red] Audio",
        "name": "USB (hw:1,0)",
        "rate_hz": 48000,
        "channels": 1,
        "is_default": False,
        "address": "mic:USB [red] Audio",
    }
    assert second["is_default"]


def test_a_machine_without_any_is_no_error(run, monkeypatch):
    monkeypatch.setattr(sources, "microphones", list)
    ended = run("sources")
    assert ended.code == OK
    assert "This machine has no microphone" in ended.words
    assert run("sources", "--json").json == {"microphones": []}


def test_without_its_extra_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    ended = run("sources")
    assert ended.code == BAD_USE
    assert "pip install 'auscult[mic]'" in ended.err
