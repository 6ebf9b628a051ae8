"""A bundle is what was trained, or none."""

import numpy as np
import pytest
import torch

from auscult.errors import BundleError
from auscult.models.cnn_attention import CnnAttention
from auscult.runtime.bundle import loads
from auscult.runtime.checks import check_references
from auscult.runtime.manifest import Fingerprint
from auscult.training import export

from .simple import sound

DATA = Fingerprint(sha256="0" * 64, recordings=1, seconds=1.0)


def windows(n=4):
    return np.stack([sound(k, knocks=k % 2 == 0, seconds=0.5) for k in range(n)])


def exported(detector, **options):
    return export.bundle_of(
        detector,
        windows(),
        name="it",
        recipe={"family": "x"},
        hop_samples=2000,
        data=DATA,
        **options,
    )


def test_it_gives_what_the_network_gives_and_proves_it():
    torch.manual_seed(0)
    detector = CnnAttention.tiny()
    bundle, parity = exported(detector)
    assert parity.windows == 4
    assert 0.0 <= parity.worst <= export.TOLERANCE
    again = loads(bundle.to_bytes())
    check_references(again)
    assert again.manifest.labels == detector.labels
    assert again.manifest.hop_samples == 2000
    assert again.manifest.min_window_samples == detector.min_window_samples


def test_what_is_no_number_differs_from_everything():
    parity = export.Parity(differences={"score": 1e-7, "distance": float("nan")}, windows=1)
    assert not parity.worst <= export.TOLERANCE


def test_one_that_differs_is_refused(monkeypatch):
    detector = CnnAttention.tiny()
    to_onnx = export.to_onnx

    def otherwise(detector, **options):
        model = to_onnx(detector, **options)
        with torch.no_grad():
            detector.head[1].weight.mul_(1.5)
        return model

    monkeypatch.setattr(export, "to_onnx", otherwise)
    with pytest.raises(BundleError, match=r"differs from what was trained by .* at most 0.0003"):
        exported(detector)


def test_for_inspection_it_gives_what_the_layers_see():
    from auscult.models.resnet import ResNet

    bundle, _ = exported(ResNet.tiny(), inspect=True)
    found = {value.name for value in bundle.model.graph.output}
    assert {"feature_map.stem", "feature_map.stage4"} <= found
    check_references(loads(bundle.to_bytes()))
