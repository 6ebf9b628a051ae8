import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.evidence import FLOOR_DB, MAX_BANDS, MAX_FRAMES, drawn_map, evidence
from auscult.runtime.manifest import Fingerprint, Manifest

RATE_HZ = 16000


def manifest(n_bands=40, *, rate_hz=RATE_HZ):
    edges = np.linspace(100.0, rate_hz * 0.45, n_bands + 2)
    bands = tuple(
        (float(edges[k]), float(edges[k + 1]), float(edges[k + 2])) for k in range(n_bands)
    )
    return Manifest(
        name="m",
        family="memory",
        sample_rate_hz=rate_hz,
        window_samples=2 * rate_hz,
        hop_samples=rate_hz,
        min_window_samples=rate_hz,
        bands_hz=bands,
        data=Fingerprint(sha256="", recordings=0, seconds=0.0),
    )


def tone(hz, seconds=5.0, amplitude=1.0, rate_hz=RATE_HZ):
    return (
        amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    ).astype(np.float32)


@given(
    st.integers(1, 200),
    st.floats(0.0, 21.0),
    st.sampled_from([8000, 16000, 48000]),
    st.integers(0, 300),
)
def test_it_is_small_and_plain_whatever_is_asked_for(n_bands, seconds, rate_hz, map_frames):
    samples = np.random.default_rng(0).standard_normal(round(seconds * rate_hz)).astype(np.float32)
    drawn = np.ones((n_bands, map_frames), np.float32) if map_frames else None
    picture = evidence(manifest(n_bands, rate_hz=rate_hz), samples, 1.5, anomaly_map=drawn)
    assert json.loads(json.dumps(picture, allow_nan=False)) == picture
    bands, frames = len(picture["bands_hz"]), len(picture["level_db"])
    assert 1 <= bands <= min(MAX_BANDS, n_bands)
    assert 1 <= frames <= MAX_FRAMES
    assert {len(row) for row in picture["level_db"]} == {bands}
    if map_frames:
        assert {len(row) for row in picture["anomaly_map"]} == {bands}
        assert len(picture["anomaly_map"]) == frames
    assert picture["bands_hz"] == sorted(picture["bands_hz"])


def test_a_tone_stands_in_its_band_at_its_level():
    picture = evidence(manifest(), tone(2000.0, amplitude=0.1), 0.0)
    levels = np.array(picture["level_db"])
    power = 10 * np.log10((10 ** (levels / 10)).sum(axis=1))
    assert power == pytest.approx(-23.0, abs=0.2)
    loudest = np.array(picture["bands_hz"])[levels.argmax(axis=1)]
    assert loudest == pytest.approx(2000.0, abs=180.0)


def test_a_knock_stands_at_its_time():
    samples = np.zeros(5 * RATE_HZ, np.float32)
    samples[3 * RATE_HZ : 3 * RATE_HZ + 200] = tone(3000.0)[:200]
    picture = evidence(manifest(), samples, 10.0)
    loudest = np.array(picture["level_db"]).max(axis=1).argmax()
    middle_s = picture["start_s"] + loudest * picture["hop_s"] + 0.032
    assert middle_s == pytest.approx(13.0, abs=0.05)


def test_silence_is_the_floor():
    picture = evidence(manifest(), np.zeros(RATE_HZ, np.float32), 0.0)
    assert {value for row in picture["level_db"] for value in row} == {FLOOR_DB}
    assert picture["anomaly_map"] is None


def test_narrow_bands_are_not_empty():
    """Narrower than the distance of two frequencies of the DFT, as the lowest mel bands are."""
    narrow = tuple((k * 10.0, k * 10.0 + 10.0, k * 10.0 + 20.0) for k in range(10, 40))
    noise = np.random.default_rng(0).standard_normal(5 * RATE_HZ).astype(np.float32)
    levels = np.array(evidence(replace(manifest(), bands_hz=narrow), noise, 0.0)["level_db"])
    expected_db = 10 * np.log10(10.0 / (RATE_HZ / 2))
    assert 10 * np.log10((10 ** (levels / 10)).mean(axis=0)) == pytest.approx(expected_db, abs=2.5)


@pytest.mark.parametrize(("bands", "frames"), [(40, 155), (128, 500), (10, 7)])
def test_the_map_shows_the_same_place_as_the_levels(bands, frames):
    samples = np.zeros(10 * RATE_HZ, np.float32)
    drawn = np.zeros((bands, frames), np.float32)
    drawn[bands // 2, frames // 4] = 7.25
    picture = evidence(manifest(bands), samples, 0.0, anomaly_map=drawn)
    found = np.array(picture["anomaly_map"])
    frame, band = np.unravel_index(found.argmax(), found.shape)
    assert found.max() == pytest.approx(7.2, abs=0.06)
    assert frame / len(found) == pytest.approx(1 / 4, abs=0.15)
    assert band / found.shape[1] == pytest.approx(1 / 2, abs=0.06)


def test_a_real_bundle_draws_its_map(scorer, faulty):
    samples = faulty(3)
    outputs = scorer.run(samples, (), ["anomaly_map"])
    found = scorer.bundle.manifest
    picture = evidence(found, samples, 0.0, anomaly_map=drawn_map(outputs))
    drawn = np.array(picture["anomaly_map"])
    frame, band = np.unravel_index(drawn[:, :].argmax(), drawn.shape)
    assert 2.8 <= frame * picture["hop_s"] <= 5.2
    assert picture["bands_hz"][band] == pytest.approx(3000.0, rel=0.15)
    assert len(json.dumps(picture)) < 200_000
