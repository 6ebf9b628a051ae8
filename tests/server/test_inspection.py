"""A recording from all sides: in bounded size, with everything in its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.errors import AudioError, BundleError
from auscult.runtime.scorer import Scorer
from auscult.server import inspection
from auscult.server.inspection import (
    COLUMNS,
    MAX_CHANNELS,
    MAX_MAP_COLUMNS,
    MAX_MAP_ROWS,
    Picture,
    anomaly_map,
    layers,
    recording_of,
    spectrogram,
    telling_s,
    waveform,
    window_at,
)

RATE_HZ = 16_000


def tone(hz, seconds=2.0, rate_hz=RATE_HZ, amplitude=0.1):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_recordings_of_every_kind_are_read(wav, kind):
    found = recording_of(wav(tone(440, rate_hz=44_100), 44_100, format=kind), "a.x")
    assert (found.name, found.rate_hz, found.channels, found.format) == ("a.x", 44_100, 1, kind)
    assert found.sound.duration_s == pytest.approx(2.0, abs=0.1)


def test_a_high_rate_takes_no_more_room(wav):
    found = recording_of(wav(tone(440, rate_hz=192_000), 192_000), "")
    assert (found.rate_hz, found.sound.rate_hz) == (192_000, 48_000)
    assert found.sound.duration_s == pytest.approx(2.0)


def test_a_text_named_wav_is_told_by_its_name():
    with pytest.raises(AudioError, match=r"notes\.wav can't be read as sound") as told:
        recording_of(b"no sound at all, but a long enough text", "notes.wav")
    assert "WAV, FLAC, OGG, MP3" in told.value.expected


def test_what_is_longer_than_ten_minutes_is_not_decoded(wav, monkeypatch):
    with pytest.raises(AudioError, match=r"long\.flac is 11 minutes long") as told:
        recording_of(wav(np.zeros(660 * 1000, np.float32), 1000, format="FLAC"), "long.flac")
    assert "auscult score FILE" in told.value.action
    monkeypatch.setattr(inspection, "MAX_S", 1.0)
    content = wav(np.zeros(1500, np.float32), 1000)
    # A header that does not say how long it is.
    monkeypatch.setattr(
        inspection.read,
        "info",
        lambda _: inspection.read.SoundInfo(
            rate_hz=1000, channels=1, duration_s=float("nan"), format="WAV"
        ),
    )
    with pytest.raises(AudioError, match="longer than 0 minutes"):
        recording_of(content, "x")


@given(st.integers(1, 5000), st.integers(1, 1200))
def test_the_waveform_leaves_nothing_out(length, columns):
    samples = np.random.default_rng(length).uniform(-1, 1, length).astype(np.float32)
    low, high = waveform(samples, columns)
    assert len(low) == len(high) == min(length, columns)
    assert min(low) == pytest.approx(float(samples.min()), abs=1e-4)
    assert max(high) == pytest.approx(float(samples.max()), abs=1e-4)


@pytest.mark.parametrize("hz", [120.0, 1000.0, 5000.0])
def test_a_tone_stands_at_its_frequency(hz):
    picture = spectrogram(Sound(samples=tone(hz), rate_hz=RATE_HZ))
    row = int(picture.values.mean(axis=0).argmax())
    assert picture.bands_hz[row] == pytest.approx(hz, rel=0.12)
    assert -32.0 < picture.values[:, row].mean() < -19.0  # high bands are wide, a tone is not
    assert picture.hop_s * len(picture.values) == pytest.approx(2.0)
    assert picture.high - picture.low == inspection.RANGE_DB


def test_a_knock_in_ten_minutes_is_seen():
    samples = 1e-4 * np.random.default_rng(0).standard_normal(600 * 8000).astype(np.float32)
    at = 8000 * 123
    samples[at : at + 80] = 0.5
    picture = spectrogram(Sound(samples=samples, rate_hz=8000))
    assert len(picture.values) == COLUMNS
    column = int(picture.values.max(axis=1).argmax())
    assert column * picture.hop_s == pytest.approx(123.0, abs=2 * picture.hop_s)


def test_the_shortest_and_the_silent_are_drawn():
    short = spectrogram(Sound(samples=np.zeros(10, np.float32), rate_hz=RATE_HZ))
    assert short.values.shape == (1, inspection.ROWS)
    assert set(short.levels()) <= set(range(256))


def test_levels_are_bytes_between_the_edges():
    values = np.array([[-5.0, 0.0], [0.5, 7.0]])
    assert list(Picture(values=values, low=0.0, high=1.0).levels()) == [0, 0, 128, 255]
    assert list(Picture(values=values * 0, low=0.0, high=0.0).levels()) == [0, 0, 0, 0]


def test_the_map_shows_where_it_is_off(scorer, faulty):
    samples = faulty(5, start_s=4.0, end_s=6.0)
    picture = anomaly_map(scorer, samples)
    assert picture.hop_s * len(picture.values) == pytest.approx(10.0)
    column, row = np.unravel_index(picture.values.argmax(), picture.values.shape)
    assert 3.9 <= column * picture.hop_s <= 6.1
    assert 2700 <= picture.bands_hz[row] <= 3300
    few = anomaly_map(scorer, samples, columns=16)
    assert len(few.values) == 16
    assert few.values.max() == picture.values.max()


def test_a_bundle_that_draws_nothing(classifier):
    assert anomaly_map(Scorer(classifier), tone(440)) is None


def test_layers_of_a_bundle_for_inspection(inspected, sound_like):
    scorer = Scorer(inspected)
    assert inspection.layer_names(scorer) == ["stem", "late"]
    samples = sound_like("whistle", seconds=3.0)
    window, start_s = window_at(samples, inspected.manifest, 1.5)
    assert (len(window), start_s) == (RATE_HZ, 1.5)
    stem, late = layers(scorer, window)
    steps = 1 + (RATE_HZ - 800) // 400
    assert stem.shape == (2, 1, steps)
    assert late.shape == (1, 1, steps)
    assert stem.mean.values == pytest.approx(np.zeros((steps, 1)), abs=1e-9)
    assert stem.channels[0].values == pytest.approx(-stem.channels[1].values)
    assert {(one.low, one.high) for one in stem.channels} == {
        (stem.channels[0].low, stem.channels[0].high)
    }


def test_other_bundles_show_no_layers(scorer):
    with pytest.raises(BundleError, match="does not show its layers") as told:
        layers(scorer, tone(440))
    assert "--inspect" in told.value.action


@pytest.mark.parametrize("shape", [(7,), (3, 5), (2, 3, 5), (2, 2, 3, 5), (100, 90, 700)])
def test_layers_of_any_shape_become_small_pictures(shape):
    given_maps = np.random.default_rng(0).standard_normal(shape)
    given_maps.flat[0] = np.nan
    layer = inspection._layer("x", given_maps)
    assert np.prod(layer.shape) == np.prod(shape)
    assert len(layer.channels) == min(layer.shape[0], MAX_CHANNELS)
    columns, rows = layer.mean.values.shape
    assert (rows, columns) == (
        min(layer.shape[1], MAX_MAP_ROWS),
        min(layer.shape[2], MAX_MAP_COLUMNS),
    )
    assert all(np.isfinite(one.values).all() for one in layer.channels)


def test_the_window_that_tells_most(scorer, faulty):
    verdict = scorer.score(Sound(samples=faulty(5), rate_hz=RATE_HZ))
    at_s = telling_s(verdict)
    assert 1.0 <= at_s <= 9.0
    short, start_s = window_at(tone(440, 0.7), scorer.bundle.manifest, 5.0)
    assert (len(short), start_s) == (round(0.7 * RATE_HZ), 0.0)
