"""Run a bundle with onnxruntime alone, and get the same score: what a program in any other language has to do.

`score` below needs NumPy, onnxruntime and the standard library, and nothing of Auscult. The last lines compare.
"""

import json
import wave
from pathlib import Path

import numpy as np
import onnxruntime


def score(bundle: Path, recording: Path) -> float:
    """Score of a recording of at most ten seconds, 16-bit, mono, at the bundle's own rate."""
    session = onnxruntime.InferenceSession(bundle, providers=["CPUExecutionProvider"])
    manifest = json.loads(session.get_modelmeta().custom_metadata_map["auscult.manifest"])
    with wave.open(str(recording)) as file:
        assert file.getframerate() == manifest["sample_rate_hz"], "resample it first"
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2), "convert it first"
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    samples /= 32768.0  # full scale at ±1

    context, dim = manifest["context"], manifest["dim"]
    before = np.zeros((1, context, dim), np.float32)  # embeddings of earlier windows, newest last
    length = 0  # how many of them are real
    last = len(samples) - manifest["window_samples"]
    for start in range(0, last + 1, manifest["hop_samples"]):
        window = samples[start : start + manifest["window_samples"]]
        found, embedding = session.run(
            ["score", "embedding"],
            {
                "waveform": window[None],
                "context": before,
                "context_length": np.array([length], np.int64),
            },
        )
        before = np.concatenate([before[:, 1:], embedding[:, None]], axis=1)
        length = min(length + 1, context)
    # The last window has the ten seconds behind it: its score is that of the recording.
    return float(found[0])


def main() -> None:
    import auscult
    from auscult.datasets.simulate import simulate

    monday, tuesday = Path("monday"), Path("tuesday")
    if not monday.exists():
        simulate(monday, machine="fan", normal=12, anomaly=0)
    if not tuesday.exists():
        simulate(tuesday, machine="fan", normal=4, anomaly=4, seed=1)
    auscult.learn(monday, name="fan").save("fan.onnx")

    scorer = auscult.load("fan.onnx")
    for recording in sorted(tuesday.rglob("*.wav")):
        here, there = score(Path("fan.onnx"), recording), scorer.score(recording).score
        print(f"{recording}: {here:.4f} without Auscult, {there:.4f} with it")
        assert abs(here - there) < 1e-4 * there


if __name__ == "__main__":
    main()
