"""Labelled sound that a small network learns within seconds: hum, and hum with knocks."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 8000

PLAIN = {
    "family": "cnn_attention",
    "name": "knocks",
    "audio": {"sample_rate_hz": RATE_HZ, "window_s": 0.5, "hop_s": 0.25},
    "model": {"channels": [8, 8, 16], "attention_dim": 16, "heads": 2, "hidden": 8, "dropout": 0.2},
    "training": {"epochs": 4, "batch_size": 16, "learning_rate": 0.01, "patience": 0},
    "augment": {"gain_db": 3.0, "shift_s": 0.05},
}


def sound(seed, *, knocks, seconds=1.5):
    """Noise, with a knock in every quarter of a second."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    samples = 0.05 * rng.normal(size=n)
    if knocks:
        ring = np.exp(-np.arange(400) / 60.0) * np.sin(np.arange(400) * 0.9)
        for at in range(rng.integers(200, 1500), n - 400, 2000):
            samples[at : at + 400] += 0.8 * ring
    return samples.astype(np.float32)


def write_set(folder: Path, n=12) -> Path:
    for kind in ("normal", "anomaly"):
        (folder / kind).mkdir(parents=True)
        for number in range(n):
            samples = sound(number + 1000 * (kind == "anomaly"), knocks=kind == "anomaly")
            soundfile.write(folder / kind / f"{number}.wav", samples, RATE_HZ, subtype="PCM_16")
    return folder
