"""Learn with an embedder of your own: any ONNX graph from the waveform to a vector that describes it.

This one is small enough to read: 24 band-pass filters, and for each the logarithm of the power that comes through, the mean
of all taken off so that loudness says nothing. A network exported from PyTorch takes the same three steps:
describe, save, learn.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import auscult
from auscult.datasets.simulate import simulate
from auscult.memory.embedder import describe

RATE_HZ, WINDOW, HOP, BANDS, TAPS = 16000, 32000, 16000, 24, 512


def filters() -> np.ndarray:
    """A cosine and a sine under a Hann window for each band, shape (2 * bands, 1, taps)."""
    centres_hz = np.geomspace(100.0, 7000.0, BANDS)
    phase = 2 * np.pi * np.outer(centres_hz, np.arange(TAPS) / RATE_HZ)
    waves = np.concatenate([np.cos(phase), np.sin(phase)]) * np.hanning(TAPS)
    return waves[:, None].astype(np.float32)


def constant(name: str, value: object) -> TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)


# waveform (batch, samples) -> embedding (batch, bands); only operators that bundles may use.
nodes = [
    helper.make_node("Unsqueeze", ["waveform", "one"], ["mono"]),
    helper.make_node("Conv", ["mono", "filters"], ["filtered"], strides=[TAPS // 2]),
    helper.make_node("Mul", ["filtered", "filtered"], ["power"]),
    helper.make_node("ReduceMean", ["power", "two"], ["mean"], keepdims=0),
    helper.make_node("Split", ["mean"], ["cosines", "sines"], axis=1, num_outputs=2),
    helper.make_node("Add", ["cosines", "sines"], ["bands"]),
    helper.make_node("Add", ["bands", "floor"], ["bands.safe"]),
    helper.make_node("Log", ["bands.safe"], ["logs"]),
    helper.make_node("ReduceMean", ["logs", "one"], ["level"]),
    helper.make_node("Sub", ["logs", "level"], ["embedding"]),
]
constants = [
    constant("one", np.array([1])),
    constant("two", np.array([2])),
    constant("filters", filters()),
    constant("floor", np.float32(1e-10)),
]
graph = helper.make_graph(
    nodes,
    "bands",
    [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", WINDOW])],
    [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", BANDS])],
    constants,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
onnx.checker.check_model(model, full_check=True)

# The manifest says what the graph alone does not: what it is called, its rate, its window.
embedder = describe(
    model, name="24-bands", rate_hz=RATE_HZ, window_samples=WINDOW, hop_samples=HOP, dim=BANDS
)
embedder.save("24-bands.onnx")

MONDAY, TUESDAY = Path("monday"), Path("tuesday")
if not MONDAY.exists():
    simulate(MONDAY, machine="fan", normal=12, anomaly=0)
if not TUESDAY.exists():
    simulate(TUESDAY, machine="fan", normal=4, anomaly=4, seed=1)

# Measure it against the built-in one before you trust it.
for name in ("24-bands.onnx", "spectrum"):
    bundle = auscult.learn(MONDAY, embedder=name, name="fan")
    bundle.save("fan.onnx")
    result = auscult.evaluate(auscult.load("fan.onnx"), auscult.discover(TUESDAY).clips())
    found = result.at_limit
    print(
        f"{bundle.manifest.embedder:9} AUC {result.columns['rms_normalised'].auc:.2f},"
        f" {found.tp} of {result.n_anomaly} faults heard, {found.fp} of {result.n_normal} false alarms"
    )
