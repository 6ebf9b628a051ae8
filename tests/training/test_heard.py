"""Sound to measure ranges on is normal, is spread over all there is, and fits the bundle."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.errors import BundleError, DatasetError
from auscult.memory.learn import learn_clips
from auscult.training import variant
from auscult.training.heard import _spread, heard_of


@pytest.fixture(scope="module")
def pieces(clip, machine):
    """Recordings of a second, half of what a window takes."""
    return [clip(machine(k)[: 16_000 + k], f"{k}.wav") for k in range(30)]


@pytest.fixture(scope="module")
def of_pieces(pieces):
    """Learned from them."""
    return learn_clips(pieces, name="pieces").bundle


def test_windows_are_spread_over_all_that_was_heard():
    numbers = [np.full(2, float(k + 1), np.float32) for k in range(1000)]
    kept = [int(window[0]) for window in _spread(numbers, 16)]
    assert len(kept) <= 16
    assert kept[0] == 1
    assert kept[-1] > 900
    assert len(set(np.diff(kept))) == 1


def test_sound_to_measure_on_is_not_what_is_compared_on(bundle, clips):
    heard = heard_of(bundle, clips)
    measured = {window.tobytes() for window in heard.measured}
    assert heard.compared
    assert not heard.from_references
    assert not measured & {window.tobytes() for window in heard.compared}
    assert heard_of(bundle).from_references


USELESS = {
    "silence": np.zeros(64_000),
    "a constant": np.full(64_000, 0.1),
    "one bit of noise": np.random.default_rng(0).integers(0, 2, 64_000) / 32768,
    "clipped": np.sign(np.random.default_rng(1).standard_normal(64_000)),
    "too short": np.random.default_rng(2).standard_normal(4_000) / 10,
}


@pytest.mark.parametrize("what", USELESS)
def test_what_could_not_be_learned_is_nothing_to_measure_on(bundle, clip, what):
    useless = [clip(USELESS[what], f"{k}.wav") for k in range(3)]
    with pytest.raises(
        DatasetError,
        match=r"nothing to measure on in 3 recordings: they are silent, stuck, clipped.*pieces of 0.5 s.*leave --calibrate out",
    ):
        heard_of(bundle, useless)


def test_what_is_silent_beside_sound_is_left_out(bundle, clip, clips):
    mixed = [*(clip(samples, f"{what}.wav") for what, samples in USELESS.items()), *clips]
    found, alone = heard_of(bundle, mixed), heard_of(bundle, clips)
    for one, other in zip(found.measured, alone.measured, strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_offset_is_no_reason_as_little_as_for_learning(bundle, clip, machine):
    heard = heard_of(bundle, [clip(machine(3) * 0.5 + 0.4, "offset.wav")])
    assert not heard.from_references


def test_pieces_shorter_than_a_window_are_windows_of_their_own_length(of_pieces, pieces):
    own = heard_of(of_pieces)
    assert own.from_references
    assert [len(window) for window in own.compared] == [len(w) for w in own.measured]
    assert {len(window) < 32_000 for window in own.compared} == {True}
    heard = heard_of(of_pieces, pieces)
    assert not heard.from_references
    assert {len(window) for window in heard.compared} == {16_000 + k for k in range(1, 30, 2)}
    found = variant.int8(of_pieces, clips=pieces)
    assert found.manifest.variant.correlation > 0.9999


def test_of_a_recording_longer_than_a_window_the_rest_is_left_out(bundle, clip, machine):
    heard = heard_of(bundle, [clip(machine(1)[:80_000], "x.wav")])
    assert {len(window) for window in (*heard.measured, *heard.compared)} == {32_000}


def test_litert_takes_no_pieces(of_pieces, pieces, clips, monkeypatch):
    monkeypatch.setattr(variant, "look_first", lambda: None)
    for given in ((), pieces, clips):
        with pytest.raises(
            BundleError,
            match=r"pieces has learned from sound that is shorter than its window of 2 s\. Expected: .* of 2 s at least, .*leave out --tflite",
        ):
            variant.tflite(of_pieces, "float", clips=given)


def test_litert_is_not_measured_on_pieces(bundle, pieces, monkeypatch):
    monkeypatch.setattr(variant, "look_first", lambda: None)
    with pytest.raises(
        DatasetError, match=r"in 30 recordings: .* shorter than 2 s.*leave --calibrate out"
    ):
        variant.tflite(bundle, "float", clips=pieces)


def test_a_bundle_without_sound_of_its_own_asks_for_some(bundle, clips):
    bare = replace(bundle, manifest=replace(bundle.manifest, references=()))
    with pytest.raises(DatasetError, match=r"in machine itself\..*with --calibrate"):
        heard_of(bare)
    assert heard_of(bare, clips[:1]).compared
    short = clips[0].sound.samples[:4_000]
    with pytest.raises(DatasetError, match=r"in 1 recordings: .*with --calibrate"):
        heard_of(bare, [replace(clips[0], sound=replace(clips[0].sound, samples=short))])
