"""Tables as rules: the same numbers from a smaller file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from auscult.audio.mel import cosine_matrix, dft_matrices, filter_bank, hann
from auscult.memory.graph import spectrum_embedder
from auscult.memory.spectrum import PRESETS
from auscult.runtime.bundle import ALLOWED_OPERATORS
from auscult.runtime.compact import compacted, rules_in
from auscult.runtime.cost import Estimate
from auscult.runtime.engine import Engine


def product(table):
    """A graph that multiplies with a table of two axes, and shows nothing else."""
    sides = [
        helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", table.shape[0]]),
        helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch", table.shape[1]]),
    ]
    nodes = [helper.make_node("MatMul", ["waveform", "table"], ["score"])]
    constant = numpy_helper.from_array(np.ascontiguousarray(table, np.float32), "table")
    graph = helper.make_graph(nodes, "product", sides[:1], sides[1:], [constant])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def shown(model):
    """The table, as the engine computes it."""
    rows = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    return Engine(model.SerializeToString()).run(np.eye(rows, dtype=np.float32))["score"]


BINS = np.arange(3, 200)
TABLES = {
    "cosines and sines under a window": np.concatenate(dft_matrices(512, BINS)) * hann(512),
    "cosines": dft_matrices(512, BINS)[0],
    "a quarter of sines": dft_matrices(512, BINS)[1][:, :129],
    "not a power of two": dft_matrices(400, np.arange(200))[0],
    "a cosine transform": cosine_matrix(40, 128),
    "triangles": filter_bank(rate_hz=16000, n_fft=1024, n_bands=64),
}


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_with_a_rule_is_computed(name, across):
    table = TABLES[name].T if across else TABLES[name]
    before = product(table)
    after = compacted(before)
    assert list(rules_in(after)) == ["table"]
    assert after.ByteSize() < 0.12 * before.ByteSize()
    assert {node.op_type for node in after.graph.node} <= ALLOWED_OPERATORS
    np.testing.assert_allclose(shown(after), table.astype(np.float32), atol=2e-6)


def test_numbers_of_a_filter_bank_stay_the_same_to_the_last_bit():
    table = TABLES["triangles"].astype(np.float32)
    np.testing.assert_array_equal(shown(compacted(product(table))), table)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t + 1e-4 * np.random.default_rng(0).standard_normal(t.shape),
        lambda t: t * np.linspace(0.5, 1.0, t.shape[1]),
        lambda t: np.where(np.arange(t.shape[1]) == 7, 0.5, t),
        lambda t: 2.0 * t,
    ],
)
def test_what_only_resembles_one_is_kept(spoil):
    before = product(spoil(TABLES["cosines"]))
    assert compacted(before).SerializeToString() == before.SerializeToString()


@given(st.integers(8, 80), st.integers(60, 120), st.integers(0, 2**32 - 1))
def test_weights_are_no_rule(rows, columns, seed):
    table = np.random.default_rng(seed).standard_normal((rows, columns))
    assert not list(rules_in(compacted(product(table))))


def test_three_numbers_in_a_column_are_too_many():
    table = TABLES["triangles"].copy()
    table[[20, 21, 22], 300] = 1.0
    assert not list(rules_in(compacted(product(table))))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_spectrum_is_the_same_within_rounding(preset, machine):
    before = spectrum_embedder(PRESETS[preset]).model
    after = compacted(before)
    assert len(list(rules_in(after))) == 6
    assert after.ByteSize() < 40_000
    window = machine(3, 2.0)[None]
    found, wanted = (Engine(m.SerializeToString()).run(window) for m in (after, before))
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-4, atol=2e-5)


def test_what_it_costs_is_known_before_it_runs():
    cost = Estimate(compacted(spectrum_embedder(PRESETS["default"]).model)).cost(
        {"waveform": (1, 32000)}
    )
    assert not cost.over()


def test_it_is_the_same_every_time_and_leaves_what_it_is_given():
    model = spectrum_embedder(PRESETS["edge"]).model
    before = model.SerializeToString()
    assert compacted(model).SerializeToString() == compacted(model).SerializeToString()
    assert model.SerializeToString() == before
    assert compacted(compacted(model)).SerializeToString() == compacted(model).SerializeToString()
