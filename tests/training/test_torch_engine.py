"""PyTorch behind the same door as the other engines."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.errors import BundleError, EngineError
from auscult.runtime.bundle import verify
from auscult.training.torch_engine import TorchEngine


@pytest.mark.parametrize("which", ["bundle", "edge_bundle", "own_bundle", "classifier"])
def test_it_gives_what_a_bundle_promises(which, request):
    bundle = request.getfixturevalue(which)
    engine = TorchEngine(bundle)
    assert engine.name == "torch"
    assert verify(bundle, engine) < 1e-3


def test_windows_go_through_one_by_one_and_come_back_together(bundle, machine):
    windows = machine(3, 4.0).reshape(2, 32_000)
    context = np.zeros((2, 8, bundle.manifest.dim), np.float32)
    feeds = {"context": context, "context_length": np.zeros(2, np.int64)}
    engines = TorchEngine(bundle), bundle.engine()
    found, wanted = (one.run(windows, outputs=["score", "embedding"], **feeds) for one in engines)
    assert list(found) == ["score", "embedding"]
    for name, value in wanted.items():
        scale = float(np.abs(value).max())
        np.testing.assert_allclose(found[name], value, rtol=1e-3, atol=1e-4 * scale)


@pytest.mark.parametrize("samples", [16_000, 32_001])
def test_only_whole_windows_are_taken(edge_bundle, samples):
    with pytest.raises(EngineError, match=r"waveform, context, context_length of whole windows"):
        TorchEngine(edge_bundle).run(np.zeros((1, samples), np.float32))


def test_a_tflite_bundle_is_refused(bundle):
    with pytest.raises(BundleError, match=r"is a TFLite bundle\..*that it was made of"):
        TorchEngine(replace(bundle, tflite=b"TFL3"))
