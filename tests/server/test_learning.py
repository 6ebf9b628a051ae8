"""Learning in a process of its own."""

import asyncio

import pytest

from auscult.audio.sound import Sound
from auscult.errors import DatasetError
from auscult.runtime.bundle import loads
from auscult.server import learning
from auscult.server.learning import learn_sound


def test_a_minute_becomes_a_bundle_at_the_wanted_budget(machine):
    sound = Sound(samples=machine(1, 60.0), rate_hz=16000)
    lesson = asyncio.run(learn_sound(sound, name="Fan Ä", budget_per_day=5.0))
    manifest = loads(lesson.content).manifest
    assert manifest.name == "Fan Ä"
    assert manifest.calibration.budget_per_day == 5.0
    assert lesson.seconds == pytest.approx(60.0)
    assert all(isinstance(note, str) for note in lesson.notes)


def test_no_voice_is_in_what_proves_it(spoken, is_voice_in):
    sound = Sound(samples=spoken, rate_hz=16000)
    lesson = asyncio.run(learn_sound(sound, name="fan", budget_per_day=None))
    assert not is_voice_in(loads(lesson.content))


def test_too_little_is_told_in_the_words_of_who_learns(machine):
    sound = Sound(samples=machine(1, 5.0), rate_hz=16000)
    with pytest.raises(DatasetError, match=r"Only 5\.0 s of normal sound") as told:
        asyncio.run(learn_sound(sound, name="fan", budget_per_day=None))
    assert (told.value.code, told.value.values["seconds"]) == ("data_short", 5.0)


def test_one_that_does_not_come_to_an_end_is_ended(machine, monkeypatch):
    monkeypatch.setattr(learning, "TIME_S", 0.01)
    sound = Sound(samples=machine(1, 5.0), rate_hz=16000)
    with pytest.raises(DatasetError, match="did not come to an end"):
        asyncio.run(learn_sound(sound, name="fan", budget_per_day=None))
