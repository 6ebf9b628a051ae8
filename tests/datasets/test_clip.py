"""One labelled recording, and what it is called."""

from pathlib import Path

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip, calling_normal


@pytest.mark.parametrize(
    ("start_s", "end_s", "name"),
    [
        (0.0, None, "fan.wav"),
        (0.0, 2.5, "fan.wav[0-2.5s]"),
        (1.5, None, "fan.wav[1.5-s]"),
        (10.0, 20.0, "fan.wav[10-20s]"),
    ],
)
def test_a_clip_is_called_by_its_file_and_stretch(start_s, end_s, name):
    assert Clip(path=Path("fan.wav"), start_s=start_s, end_s=end_s).name == name


def test_a_waveform_is_called_by_its_place_in_the_file():
    sound = Sound(samples=np.zeros(8, np.float32), rate_hz=8000)
    assert Clip(path=Path("a.json"), group="a.json#3", sound=sound).name == "a.json#3"


def test_only_what_is_labelled_normal_is_normal():
    labels = ("normal", "anomaly", "", "Normal")
    assert [Clip(path=Path("a"), label=label).is_normal for label in labels] == [
        True,
        False,
        False,
        False,
    ]


def test_clips_are_equal_whatever_their_samples():
    one, other = (
        Clip(path=Path("a"), sound=Sound(samples=np.full(4, value, np.float32), rate_hz=8000))
        for value in (0.0, 1.0)
    )
    assert one == other


@pytest.mark.parametrize(
    ("normal", "expected"),
    [
        ({"rain"}, ["normal", "dog", "", "anomaly", "anomaly"]),
        ({"rain", "dog"}, ["normal", "normal", "", "anomaly", "anomaly"]),
        ({"normal"}, ["rain", "dog", "", "normal", "anomaly"]),
        ({"anomaly"}, ["rain", "dog", "", "anomaly", "normal"]),
    ],
)
def test_the_classes_that_are_called_normal_are_and_no_other_label_is(normal, expected):
    labels = ("rain", "dog", "", "normal", "anomaly")
    clips = [Clip(path=Path(f"{i}.wav"), label=label) for i, label in enumerate(labels)]
    called = list(calling_normal(clips, normal))
    assert [clip.label for clip in called] == expected
    assert [clip.path for clip in called] == [clip.path for clip in clips]
