import logging
from math import prod

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from auscult.models.cnn_attention import CnnAttention
from auscult.models.export_onnx import ORDER, to_onnx
from auscult.models.wavelet_fusion.masked_transformer import MaskedTransformer
from auscult.runtime.engine import Engine


@pytest.fixture(scope="module")
def model():
    return to_onnx(CnnAttention.tiny())


def test_batch_and_length_are_open(model):
    (waveform,) = model.graph.input
    axes = [axis.dim_param for axis in waveform.type.tensor_type.shape.dim]
    assert axes == ["batch", "samples"]


def test_outputs_have_their_names_in_order(model):
    assert [value.name for value in model.graph.output] == list(ORDER)


def test_nothing_of_the_exporter_is_left_in_it(model):
    onnx.checker.check_model(model)
    assert not model.metadata_props
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    assert b"site-packages" not in model.SerializeToString()


def test_weights_lie_as_they_are_used():
    detector = MaskedTransformer(**{**MaskedTransformer.tiny().settings(), "embed_dim": 32}).eval()
    model = to_onnx(detector)
    weights = {one.name: one.dims for one in model.graph.initializer}
    turned = [weights.get(n.input[0], ()) for n in model.graph.node if n.op_type == "Transpose"]
    assert all(prod(dims) <= 1024 for dims in turned)
    # Inputs of the layers, in their second dimension, lie in the first.
    assert [32, 128] in [list(dims) for dims in weights.values()]
    assert [128, 32] in [list(dims) for dims in weights.values()]
    used = {name for node in model.graph.node for name in node.input}
    assert weights.keys() <= used
    waveform = 0.1 * torch.randn(2, 8192, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = detector(waveform)["score"].numpy()
    found = Engine(model.SerializeToString()).run(waveform.numpy(), outputs=["score"])["score"]
    assert np.allclose(found, wanted, rtol=1e-4)


def test_it_is_quiet_and_leaves_logging_as_it_was(capfd):
    before = logging.getLogger("torch.onnx").level
    to_onnx(CnnAttention.tiny())
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("torch.onnx").level == before


def test_what_was_being_trained_is_exported_as_it_judges():
    detector = CnnAttention.tiny().train()
    kinds = {node.op_type for node in to_onnx(detector).graph.node}
    assert "Dropout" not in kinds
    assert not any(isinstance(one, nn.BatchNorm1d) and one.training for one in detector.modules())
