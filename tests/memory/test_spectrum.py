import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from auscult.memory.spectrum import PRESETS, SpectrumRecipe, embed, log_bands

PRESET_NAMES = sorted(PRESETS)
WINDOW = 32000


def hiss(seed=0, samples=WINDOW, level=0.1):
    return (level * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


def parts(embedding):
    """Shape, unsteadiness, impulsiveness."""
    return np.split(embedding, 3)


@pytest.fixture(params=PRESET_NAMES)
def recipe(request):
    return PRESETS[request.param]


def test_the_default_listens_to_128_bands_and_the_edge_preset_to_64():
    assert (PRESETS["default"].dim, PRESETS["edge"].dim) == (384, 192)
    assert PRESETS["edge"].n_fft == 512
    assert PRESETS["default"].to_dict()["n_bands"] == 128


def test_frames_are_not_padded(recipe):
    bands = log_bands(hiss(), recipe)
    assert bands.shape == (recipe.n_bands, 1 + (WINDOW - recipe.n_fft) // recipe.hop)


def test_a_default_window_has_61_frames():
    assert log_bands(hiss(), PRESETS["default"]).shape == (128, 61)


def test_white_noise_has_its_own_power_in_every_band(recipe):
    # A band is the mean power of its bins, and white noise of variance v has v in each of them.
    power = np.exp(log_bands(hiss(level=0.1, samples=10 * WINDOW), recipe)).mean(axis=1)
    np.testing.assert_allclose(power, 0.01, rtol=0.25)


@settings(max_examples=30, deadline=None)
@given(
    gain_db=st.floats(-30.0, 10.0), seed=st.integers(0, 1000), name=st.sampled_from(PRESET_NAMES)
)
def test_louder_or_quieter_is_the_same(gain_db, seed, name):
    recipe = PRESETS[name]
    sound = hiss(seed)
    louder = (sound * 10.0 ** (gain_db / 20.0)).astype(np.float32)
    np.testing.assert_allclose(embed(louder, recipe), embed(sound, recipe), atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(arrays.arrays(np.float32, st.integers(8000, 9000), elements=st.floats(-1.0, 1.0, width=32)))
def test_any_sound_gives_numbers_in_range(samples):
    for recipe in PRESETS.values():
        embedding = embed(samples, recipe)
        shape, unsteadiness, impulsiveness = parts(embedding)
        assert embedding.shape == (recipe.dim,)
        assert np.all(np.isfinite(embedding))
        assert shape.mean() == pytest.approx(0.0, abs=1e-9)
        assert unsteadiness.min() >= 0.0
        assert impulsiveness.min() >= -1e-9


def test_a_constant_sound_is_neither_unsteady_nor_impulsive(recipe):
    # A pulse train whose period divides the hop: every frame hears the same.
    sound = np.zeros(WINDOW, np.float32)
    sound[:: recipe.hop // 8] = 0.5
    shape, unsteadiness, impulsiveness = parts(embed(sound, recipe))
    assert shape.std() > 0.0
    np.testing.assert_allclose(unsteadiness, 0.0, atol=1e-4)
    np.testing.assert_allclose(impulsiveness, 0.0, atol=1e-4)


def test_stationary_noise_has_the_unsteadiness_of_its_statistics(recipe):
    _, unsteadiness, impulsiveness = parts(embed(hiss(), recipe))
    # The logarithm of an exponential variable deviates by pi / sqrt(6) = 1.28; wide bands average.
    assert unsteadiness.max() < 1.9
    assert unsteadiness[-1] < 0.5
    assert impulsiveness[-1] < 0.2


def test_a_click_is_impulsive(recipe):
    sound = hiss()
    _, _, before = parts(embed(sound, recipe))
    sound[16000] += 20.0
    _, _, after = parts(embed(sound, recipe))
    assert (after - before).min() > 0.5


def test_a_burst_of_noise_is_unsteady(recipe):
    sound = hiss()
    _, before, _ = parts(embed(sound, recipe))
    sound[8000:16000] *= 10.0
    _, after, _ = parts(embed(sound, recipe))
    assert (after - before).mean() > 1.0


def test_a_tone_makes_its_own_bands_brighter(recipe):
    tone = 0.05 * np.sin(2 * np.pi * 1000.0 * np.arange(WINDOW) / recipe.rate_hz)
    brighter = embed(hiss() + tone.astype(np.float32), recipe) - embed(hiss(), recipe)
    low_hz, _, high_hz = recipe.edges_hz()[np.argmax(parts(brighter)[0])]
    assert low_hz < 1000.0 < high_hz


def test_digital_silence_gives_numbers(recipe):
    np.testing.assert_allclose(embed(np.zeros(WINDOW, np.float32), recipe), 0.0, atol=1e-9)


def test_bands_are_means_of_bins_between_50_hz_and_7300_hz(recipe):
    assert isinstance(recipe, SpectrumRecipe)
    np.testing.assert_allclose(recipe.bank().sum(axis=1), 1.0, atol=1e-6)
    edges = recipe.edges_hz()
    assert edges.shape == (recipe.n_bands, 3)
    assert edges[0, 0] == pytest.approx(50.0)
    assert edges[-1, 2] == pytest.approx(7300.0)
