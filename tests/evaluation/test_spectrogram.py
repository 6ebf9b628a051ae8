"""A picture of a sound."""

import re
import struct
import zlib

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.evaluation.spectrogram import png, shades, spectrogram
from auscult.runtime.verdict import Explanation

RATE_HZ = 8000


def tone(hz, *, start_s=0.0, seconds=2.0):
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    samples = 0.5 * np.sin(2 * np.pi * hz * time_s) * (time_s >= start_s)
    return Sound(samples=samples.astype(np.float32), rate_hz=RATE_HZ)


def test_png():
    data = png(np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (3, 2)
    idat = data.index(b"IDAT")
    size = struct.unpack(">I", data[idat - 4 : idat])[0]
    rows = zlib.decompress(data[idat + 4 : idat + 4 + size])
    assert list(rows) == [0, 0, 255, 128, 0, 255, 0, 64]


def test_high_tones_are_on_top_and_late_ones_to_the_right():
    low, high = (shades(tone(hz)).mean(axis=1).argmax() for hz in (300, 3000))
    assert low > high
    shade = shades(tone(1000, start_s=1.0))
    middle = shade.shape[1] // 2
    assert shade[:, : middle - 5].max() < shade[:, middle + 5 :].max() == 1
    assert shade.min() == 0


@pytest.mark.parametrize("samples", [np.zeros(RATE_HZ), np.ones(10)])
def test_silence_and_next_to_nothing_are_pictures_too(samples):
    sound = Sound(samples=samples.astype(np.float32), rate_hz=RATE_HZ)
    assert np.isfinite(shades(sound)).all()
    assert "data:image/png;base64," in spectrogram(sound, title="x")


def test_the_explained_part_is_framed():
    why = Explanation(low_hz=2000, high_hz=3000, start_s=11.0, end_s=12.0, text="")
    picture = spectrogram(tone(440), title="<fan>", start_s=10.0, explanation=why)
    x, width = re.search(
        r'x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*class="frame"', picture
    ).groups()
    assert (float(x), float(width)) == (40 + 314 / 2, 314 / 2)
    assert "Spectrogram of &lt;fan&gt;, 2.0 s, with the explained part framed" in picture


def test_axes_name_what_the_rate_can_hold():
    picture = spectrogram(tone(440), title="fan")
    assert re.findall(r">([\d.]+)</text>", picture)[:3] == ["0.5", "1", "2"]
    assert ">8</text>" not in picture
    assert 'class="frame"' not in picture
