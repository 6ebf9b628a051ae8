"""Sound made here, and what is learned from it, once for all tests."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.memory.embedder import describe
from auscult.memory.graph import spectrum_embedder
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import SpectrumRecipe
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000

# Real recordings, where they are; tests that want them say so when they skip.
RECORDINGS = Path(__file__).resolve().parents[1] / "../shared/data"
if RECORDINGS.is_dir():
    os.environ.setdefault("AUSCULT_DATA", str(RECORDINGS.resolve()))

# The same examples on every run; time says nothing on a shared machine.
settings.register_profile("auscult", deadline=None, derandomize=True)
settings.load_profile("auscult")


def machine_sound(seed, seconds=10.0):
    """A motor: flow noise that falls with frequency, a hum and its overtones that wander a little."""
    return _machine_sound(seed, seconds).copy()


@cache
def _machine_sound(seed, seconds):
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    frequency = np.fft.rfftfreq(n, 1 / RATE_HZ)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / (1.0 + frequency / 500.0) ** 0.7, n)
    time_s = np.arange(n) / RATE_HZ
    for overtone, strength in ((1, 0.4), (2, 0.3), (7, 0.2)):
        wander = 1.0 + 0.1 * np.sin(2 * np.pi * (0.3 * time_s + rng.random()))
        noise += strength * wander * np.sin(2 * np.pi * (120 * overtone * time_s + rng.random()))
    return (0.05 * noise).astype(np.float32)


def faulty_sound(seed, seconds=10.0, *, start_s=3.0, end_s=5.0, hz=3000.0, amplitude=0.05):
    """The same motor with a whistle from one time to another."""
    samples = machine_sound(seed, seconds)
    time_s = np.arange(len(samples)) / RATE_HZ
    inside = (time_s >= start_s) & (time_s < end_s)
    whistle = amplitude * np.sin(2 * np.pi * hz * time_s) * inside
    return samples + whistle.astype(np.float32)


def clip_of(samples, name, label="normal"):
    """A recording in memory."""
    sound = Sound(samples=np.asarray(samples, np.float32), rate_hz=RATE_HZ)
    return Clip(path=Path(name), label=label, group=name, sound=sound)


@pytest.fixture(scope="session")
def machine():
    """A function from a seed, and seconds, to samples at 16 kHz."""
    return machine_sound


@pytest.fixture(scope="session")
def faulty():
    """A function like `machine`: with a whistle at 3 kHz from 3 s to 5 s, or what else is asked for."""
    return faulty_sound


@pytest.fixture(scope="session")
def clip():
    """A function from samples and a name to a `Clip` that holds them."""
    return clip_of


@pytest.fixture(scope="session")
def clips():
    """Twelve independent recordings of ten seconds, labelled normal, in memory."""
    return [clip_of(machine_sound(seed), f"{seed:02d}.wav") for seed in range(12)]


@pytest.fixture(scope="session")
def folder(clips, tmp_path_factory):
    """The same recordings as 24-bit WAV files; not to be written to."""
    root = tmp_path_factory.mktemp("machine") / "normal"
    root.mkdir()
    for one in clips:
        soundfile.write(root / one.path.name, one.sound.samples, RATE_HZ, subtype="PCM_24")
    return root


@pytest.fixture(scope="session")
def bundle(clips):
    """Learned from `clips` with the default preset."""
    return learn_clips(clips, name="machine").bundle


@pytest.fixture(scope="session")
def edge_bundle(clips):
    """Learned from `clips` with the edge preset."""
    return learn_clips(clips, name="machine", preset="edge").bundle


@pytest.fixture(scope="session")
def embedder_file(tmp_path_factory):
    """An ONNX embedder as anyone could bring one: sixteen bands, whole windows of one second only."""
    recipe = SpectrumRecipe(n_fft=512, hop=256, n_bands=16)
    model = spectrum_embedder(recipe).model
    del model.graph.output[1:]
    described = describe(
        model,
        name="sixteen",
        rate_hz=RATE_HZ,
        window_samples=RATE_HZ,
        hop_samples=RATE_HZ // 2,
        dim=recipe.dim,
        licences=("Made for tests.",),
    )
    return described.save(tmp_path_factory.mktemp("embedder") / "sixteen.onnx")


@pytest.fixture(scope="session")
def own_bundle(clips, embedder_file):
    """Learned from `clips` with the embedder in `embedder_file`; it draws no map, and is small."""
    return learn_clips(clips, name="machine", embedder=str(embedder_file)).bundle


@pytest.fixture(scope="session")
def bundle_file(bundle, tmp_path_factory):
    """`bundle`, saved; not to be written to."""
    return bundle.save(tmp_path_factory.mktemp("bundle") / "machine.onnx")


@pytest.fixture(scope="session")
def scorer(bundle):
    """`bundle` made ready."""
    return Scorer(bundle)
