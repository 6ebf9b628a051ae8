"""Sounds are named in everyday words, people are not told apart, and nothing is named where nothing can be known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import BundleError
from auscult.live import names as everyday
from auscult.live.names import LEAST, MOST, Namer, likeliest, open_namer
from auscult.runtime.bundle import load

RATE_HZ = 16000


def level(amplitude, seconds=2.0, rate_hz=RATE_HZ):
    return np.full(round(seconds * rate_hz), amplitude, np.float32)


def test_the_likeliest_names_come_first_and_voices_are_one(tagger):
    namer = open_namer()
    assert namer.source == "mn04"
    found = namer.names(level(0.5), rate_hz=RATE_HZ)
    assert [(one.name, one.probability) for one in found] == [
        ("Engine", 0.5),
        ("Squeak", 0.4),
        ("Speech", 0.3),
        ("Door", 0.1),
        ("Rain", 0.05),
    ]
    quiet = namer.names(level(0.02), rate_hz=RATE_HZ)
    assert [one.name for one in quiet] == ["Squeak", "Speech", "Door", "Rain", "Engine"]


def test_what_is_told_is_plain(tagger):
    told = open_namer().told(level(0.5), rate_hz=RATE_HZ)
    assert told["by"] == "mn04"
    assert told["names"][0] == {"name": "Engine", "probability": 0.5}


@pytest.mark.parametrize("samples", [level(0.0), level(0.5, 0.4), level(np.nan), level(0.5, 0.0)])
def test_silence_and_what_is_too_short_has_no_name(tagger, samples):
    assert open_namer().names(samples, rate_hz=RATE_HZ) == ()
    assert open_namer().told(samples, rate_hz=RATE_HZ) is None


def test_another_rate_is_brought_to_its_own(tagger):
    (first, *_) = open_namer().names(level(0.5, rate_hz=48000), rate_hz=48000)
    assert first.name == "Engine"
    assert first.probability == pytest.approx(0.5, abs=0.01)


def test_of_a_long_sound_the_middle_is_named(tagger):
    samples = np.concatenate([level(0.9, 30.0), level(0.02, 10.0), level(0.9, 30.0)])
    (first, *_) = open_namer().names(samples, rate_hz=RATE_HZ)
    assert first.name == "Squeak"


def test_without_a_network_and_with_a_broken_one_there_are_no_names(tagger, caplog):
    content = tagger.read_bytes()
    tagger.write_bytes(content[: len(content) // 2])
    assert open_namer() is None
    assert "Nothing is named by mn04: " in caplog.text
    tagger.unlink()
    assert open_namer() is None


def test_an_embedder_without_names_is_refused(embedder_file):
    with pytest.raises(BundleError, match=r"names no sounds.*auscult embedder fetch mn04"):
        Namer(load(embedder_file))


NAMES = sorted(everyday._VOICES | everyday._BODIES | {"Engine", "Squeak", "Door", "Rain", "Cat"})


@given(st.dictionaries(st.sampled_from(NAMES), st.floats(0.0, 1.0), max_size=30))
def test_nothing_is_told_of_people_but_that_they_are_there(probabilities):
    found = likeliest(probabilities)
    assert len(found) <= MOST
    assert [one.probability for one in found] == sorted(
        (one.probability for one in found), reverse=True
    )
    assert all(one.probability >= LEAST for one in found)
    told = {one.name for one in found}
    assert not told & (everyday._VOICES - {"Speech"})
    assert not told & everyday._BODIES
