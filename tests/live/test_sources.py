import io
from math import inf, nan

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.read import read
from auscult.audio.synth import Knock, fan, render
from auscult.errors import AudioError, RecipeError
from auscult.live.sources import BLOCK_S, from_file, from_machine


def joined(blocks):
    return np.concatenate([block.samples for block in blocks])


@pytest.fixture(scope="module")
def stereo(tmp_path_factory):
    """Two seconds of two channels at 44.1 kHz."""
    path = tmp_path_factory.mktemp("stereo") / "two.wav"
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (88200, 2)).astype(np.float32)
    soundfile.write(path, samples, 44100, subtype="FLOAT")
    return path


@given(st.floats(0.001, 3.0))
def test_however_it_is_cut_a_file_is_the_same_sound(stereo, block_s):
    blocks = list(from_file(stereo, block_s=block_s))
    assert {block.rate_hz for block in blocks} == {44100}
    assert np.array_equal(joined(blocks), read(stereo).samples)


def test_blocks_follow_one_another_and_are_as_long_as_asked_for(stereo):
    blocks = list(from_file(stereo))
    assert {len(block.samples) for block in blocks} == {round(BLOCK_S * 44100)}
    assert {block.time_s for block in blocks} == {None}


def test_a_channel_can_be_chosen(stereo):
    samples, _ = soundfile.read(stereo, dtype="float32")
    assert np.array_equal(joined(from_file(stereo, channel=1)), samples[:, 1])


def test_bytes_and_open_files_are_files_too(stereo):
    whole = read(stereo).samples
    content = stereo.read_bytes()
    assert np.array_equal(joined(from_file(content)), whole)
    assert np.array_equal(joined(from_file(io.BytesIO(content))), whole)


def test_what_is_no_recording_is_told(tmp_path, stereo):
    with pytest.raises(AudioError, match=r"gone\.wav does not exist\. Expected: a recording\."):
        next(from_file(tmp_path / "gone.wav"))
    with pytest.raises(AudioError, match=r"Channel 2 was asked for.*Choose another channel"):
        next(from_file(stereo, channel=2))


@given(st.sampled_from([0.02, 0.1, 0.25, 1.0, 7.0]))
def test_however_it_is_cut_a_machine_is_the_same_sound(block_s):
    sound = joined(from_machine(fan(), seconds=2.0, seed=3, block_s=block_s))
    whole = joined(from_machine(fan(), seconds=2.0, seed=3, block_s=2.0))
    np.testing.assert_allclose(sound, whole, atol=1e-6)


def test_a_machine_live_is_the_machine_as_recorded():
    live = joined(from_machine(fan(), seconds=3.0, seed=5))
    np.testing.assert_allclose(live, render(fan(), seconds=3.0, seed=5).samples, atol=1e-6)


def test_a_fault_is_there_at_its_time_and_nowhere_else():
    fault = Knock(start_s=1.0, duration_s=1.0, snr_db=10.0)
    normal = joined(from_machine(fan(), seconds=3.0, seed=1))
    broken = joined(from_machine(fan(), seconds=3.0, seed=1, faults=[fault]))
    changed = np.flatnonzero(np.abs(broken - normal) > 1e-6) / 16000
    assert changed.min() >= 1.0
    assert changed.max() <= 2.1
    assert len(changed) > 1000


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.0, 3.14, 10.0])
def test_it_lasts_as_long_as_asked_for(seconds):
    blocks = list(from_machine(fan(), seconds=seconds, seed=0))
    assert sum(len(block.samples) for block in blocks) == round(seconds * 16000)


@pytest.mark.parametrize("seconds", [0.0, -3.0, nan, inf, 1e12])
def test_lengths_without_a_meaning_are_refused(seconds):
    with pytest.raises(
        RecipeError, match=r"s of a simulated machine were asked for\. Expected: more than 0 s"
    ):
        next(from_machine(fan(), seconds=seconds, seed=0))


def test_a_seed_below_zero_is_refused():
    with pytest.raises(RecipeError, match=r"The seed is -1\. Expected: a whole number, 0 or more"):
        next(from_machine(fan(), seconds=1.0, seed=-1))
