import time

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from auscult.runtime import cost as costs
from auscult.runtime.bundle import ALLOWED_OPERATORS
from auscult.runtime.cost import Cost, Estimate, UnknownCost
from auscult.runtime.engine import Engine

OPSET = 18


def network(*nodes, outputs=("embedding",), opset=OPSET, **constants):
    """A graph from `waveform` (batch, samples); nodes are (operator, inputs, outputs, attributes)."""
    made = [
        helper.make_node(op, inputs.split(), outputs_.split(), **attributes)
        for op, inputs, outputs_, attributes in nodes
    ]
    graph = helper.make_graph(
        made,
        "x",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", "samples"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def floats(*shape, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def numbers(model, samples=32000, batch=1):
    return Estimate(model).cost({"waveform": (batch, samples)}).numbers


def ran(model, samples, batch=1, names=()):
    """Numbers in the named outputs, made in earnest."""
    engine = Engine(model.SerializeToString())
    found = engine.run(np.zeros((batch, samples), np.float32), outputs=names or None)
    return sum(value.size for value in found.values())


FRAMED = (
    ("Shape", "waveform", "shape", {}),
    ("Slice", "shape one two zero", "samples", {}),
    ("Div", "samples hop", "count", {}),
    ("Mul", "count hop", "used", {}),
    ("Slice", "waveform zero used one", "cut", {}),
    ("Reshape", "cut framed", "embedding", {}),
)
FRAMED_CONSTANTS = {
    "zero": np.array([0]),
    "one": np.array([1]),
    "two": np.array([2]),
    "hop": np.array([160]),
    "framed": np.array([0, -1, 160]),
}


class TestNumbers:
    @given(samples=st.integers(160, 5000), batch=st.integers(1, 3))
    def test_all_outputs_of_all_nodes_are_counted(self, samples, batch):
        model = network(*FRAMED, **FRAMED_CONSTANTS)
        used = samples // 160 * 160
        assert numbers(model, samples, batch) == 5 + 2 * batch * used
        assert ran(model, samples, batch) == batch * used

    @pytest.mark.parametrize("preset_file", ["bundle", "edge_bundle", "own_bundle"])
    def test_shapes_are_those_that_the_engine_finds(self, preset_file, request):
        bundle = request.getfixturevalue(preset_file)
        manifest = bundle.manifest
        model = onnx.ModelProto()
        model.CopyFrom(bundle.model)
        named = {v.name for v in model.graph.output}
        kinds = onnx.shape_inference.infer_shapes(model).graph.value_info
        floating = {v.name for v in kinds if v.type.tensor_type.elem_type == TensorProto.FLOAT}
        inner = [n.output[0] for n in model.graph.node if n.output[0] in floating - named]
        del model.graph.output[:]
        model.graph.output.extend(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in inner
        )
        engine = Engine(model.SerializeToString())
        n, shape = manifest.window_samples, (1, manifest.context, manifest.dim)
        feeds = {"context": np.zeros(shape, np.float32), "context_length": np.zeros(1, np.int64)}
        found = engine.run(np.zeros((1, n), np.float32), **feeds)
        estimate = Estimate(model).cost(
            {"waveform": (1, n), "context": shape, "context_length": (1,)}
        )
        made = sum(value.size for value in found.values())
        assert 0.9 * estimate.numbers < made <= estimate.numbers

    def test_what_is_within_the_limits_is_not_too_much(self):
        assert Cost(numbers=costs.MAX_NUMBERS, products=costs.MAX_PRODUCTS).over() == ""
        assert Cost(numbers=costs.MAX_NUMBERS + 1, products=0).over() == "268,435,457 numbers"
        assert Cost(numbers=0, products=2**37 + 1).over() == "137,438,953,473 products"

    def test_a_bundle_is_far_below_them(self, bundle):
        context = {"context": (1, 8, 384), "context_length": (1,)}
        found = Estimate(bundle.model).cost({"waveform": (1, 32000), **context})
        assert found.numbers < costs.MAX_NUMBERS / 100
        assert found.products < costs.MAX_PRODUCTS / 1000


class TestBombs:
    """Small files that would eat the machine."""

    def test_what_hides_behind_a_computed_shape(self):
        model = network(
            *FRAMED,
            *(
                ("Concat", f"{a} {a}", f"double{i + 1}", {"axis": 1})
                for i, a in enumerate(["embedding", *(f"double{k}" for k in range(1, 20))])
            ),
            **FRAMED_CONSTANTS,
        )
        assert numbers(model) > 2**20 * 32000

    def test_a_column_times_a_row(self):
        model = network(
            ("Transpose", "waveform", "column", {"perm": [1, 0]}),
            ("MatMul", "column waveform", "embedding", {}),
        )
        assert numbers(model) == 32000 + 32000**2

    def test_tables_multiplied_with_themselves(self):
        model = network(
            ("Reshape", "waveform square", "table", {}),
            *(("MatMul", "table table", f"p{i}", {}) for i in range(3)),
            square=np.array([4096, 4096]),
        )
        found = Estimate(model).cost({"waveform": (1, 4096**2)})
        assert found.numbers < costs.MAX_NUMBERS
        assert found.products > 3 * 4096**3
        assert found.over()

    def test_a_graph_that_is_modest_for_all_lengths_but_one(self):
        model = network(
            ("Shape", "waveform", "shape", {"start": 1}),
            ("Sub", "shape usual", "beyond", {}),
            ("Max", "beyond zero", "more", {}),
            ("Mul", "more many", "n", {}),
            ("Concat", "n one", "new", {"axis": 0}),
            ("Reshape", "empty new", "embedding", {"allowzero": 1}),
            usual=np.array([32000]),
            zero=np.array([0]),
            many=np.array([10**8]),
            one=np.array([1]),
            empty=np.zeros((0, 5), np.float32),
        )
        assert numbers(model) < 100
        assert numbers(model, 32001) > 10**8

    def test_ten_thousand_nodes_take_some_seconds_at_most(self):
        nodes = [("Add", f"x{i} x{i}", f"x{i + 1}", {}) for i in range(10_000)]
        model = network(("Relu", "waveform", "x0", {}), *nodes)
        begun = time.process_time()
        assert numbers(model) == 10_001 * 32000
        assert time.process_time() - begun < 10.0


class TestUnknown:
    def refused(self, model, words, samples=32000):
        with pytest.raises(UnknownCost, match=words):
            numbers(model, samples)

    def test_a_size_that_depends_on_what_is_heard(self):
        model = network(
            ("Cast", "waveform", "whole", {"to": TensorProto.INT64}),
            ("Slice", "whole zero one one", "first", {}),
            ("Reshape", "first one", "end", {}),
            ("Slice", "waveform zero end one", "embedding", {}),
            zero=np.array([0]),
            one=np.array([1]),
        )
        self.refused(model, "Slice '': the size of its output can't be told before it runs")

    def test_an_input_that_is_not_there(self):
        self.refused(network(("Relu", "nothing", "embedding", {})), "Relu '': 'nothing'")

    def test_an_output_that_is_there_already(self):
        twice = (("Relu", "waveform", "embedding", {}),) * 2
        self.refused(network(*twice), "its output is there already")

    def test_an_operator_that_this_opset_does_not_have(self):
        self.refused(network(("Gelu", "waveform", "embedding", {})), "Gelu")

    def test_shapes_that_do_not_fit(self):
        model = network(("MatMul", "waveform table", "embedding", {}), table=floats(7, 3))
        self.refused(model, "MatMul ''")

    def test_a_division_by_nothing(self):
        constants = {**FRAMED_CONSTANTS, "hop": np.array([0])}
        self.refused(network(*FRAMED, **constants), "can't be told")

    def test_numbers_beyond_measure(self):
        constants = {**FRAMED_CONSTANTS, "hop": np.array([-(2**63)])}
        self.refused(network(*FRAMED, **constants), "Slice|Reshape")

    def test_an_output_beyond_measure(self):
        model = network(
            ("Transpose", "waveform", "column", {"perm": [1, 0]}),
            ("MatMul", "column waveform", "embedding", {}),
        )
        self.refused(model, "would have the shape", samples=2**31)


RUNTIME_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.RuntimeException,
)


class TestWholeNumbers:
    """Computed as onnxruntime computes them."""

    def agree(self, model, samples=40):
        """Whether it is known how many numbers come out; if so, as many do."""
        feeds = {"waveform": np.zeros((1, samples), np.float32)}
        try:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), providers=["CPUExecutionProvider"]
            )
            (found,) = session.run(["embedding"], feeds)
        except RUNTIME_ERRORS:
            return False  # what does not run costs nothing
        try:
            expected = numbers(model, samples)
        except UnknownCost:
            return False
        assert found.size == expected - numbers(without_last(model), samples)
        return True

    @pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div", "Min", "Max"])
    @given(a=st.integers(-3, 50), b=st.integers(-3, 50))
    def test_arithmetic(self, op, a, b):
        model = network(
            (op, "a b", "end", {}),
            ("Slice", "waveform zero end axis", "embedding", {}),
            a=np.array([a]),
            b=np.array([b]),
            zero=np.array([0]),
            axis=np.array([1]),
        )
        known = self.agree(model)
        # Where the two divide differently, or a slice ends before it begins, nothing is claimed.
        assert known or op in ("Div", "Sub", "Mul") or min(a, b) <= 0

    @given(
        start=st.integers(-50, 50),
        end=st.integers(-50, 50),
        step=st.sampled_from([-3, -1, 1, 2]),
    )
    def test_slices_of_shapes(self, start, end, step):
        model = network(
            ("Slice", "many start end zero step", "kept", {}),
            ("Concat", "kept all", "shape", {"axis": 0}),
            ("Reshape", "waveform shape", "embedding", {}),
            many=np.array([1, 1, 2, 1, 5]),
            start=np.array([start]),
            end=np.array([end]),
            step=np.array([step]),
            zero=np.array([0]),
            all=np.array([-1]),
        )
        self.agree(model)

    @given(at=st.integers(-6, 6))
    def test_one_of_several(self, at):
        model = network(
            ("Gather", "many at", "one", {"axis": 0}),
            ("Unsqueeze", "one zero", "end", {}),
            ("Slice", "waveform zero end axis", "embedding", {}),
            many=np.array([3, 7, 11, -4, 5]),
            at=np.array(at),
            zero=np.array([0]),
            axis=np.array([1]),
        )
        known = self.agree(model)
        assert known == (-5 <= at <= 4)


def without_last(model):
    shorter = onnx.ModelProto()
    shorter.CopyFrom(model)
    del shorter.graph.node[-1]
    return shorter


FAMILIES = {
    "convolutions": (
        (
            ("Unsqueeze", "waveform one", "mono", {}),
            ("Conv", "mono w1", "c1", {"strides": [64], "pads": [64, 64]}),
            ("BatchNormalization", "c1 s16 s16 s16 v16", "b1", {}),
            ("Relu", "b1", "r1", {}),
            ("MaxPool", "r1", "p1", {"kernel_shape": [3], "strides": [2]}),
            ("Unsqueeze", "p1 one", "image", {}),
            ("Conv", "image w2", "c2", {"dilations": [2, 2]}),
            ("AveragePool", "c2", "p2", {"kernel_shape": [2, 2], "strides": [2, 2]}),
            ("GlobalAveragePool", "p2", "g", {}),
            ("Flatten", "g", "flat", {}),
            ("Gemm", "flat w3 bias", "out", {"transB": 1}),
            ("LayerNormalization", "out s5", "embedding", {}),
        ),
        {
            "one": np.array([1]),
            "w1": floats(16, 1, 128),
            "s16": np.ones(16, np.float32),
            "v16": np.ones(16, np.float32),
            "w2": floats(8, 1, 3, 3),
            "w3": floats(5, 8),
            "bias": floats(5),
            "s5": np.ones(5, np.float32),
        },
    ),
    "attention": (
        (
            ("Shape", "waveform", "shape", {"start": 0, "end": 1}),
            ("Concat", "shape rest", "tokens.shape", {"axis": 0}),
            ("Reshape", "waveform tokens.shape", "tokens", {}),
            ("MatMul", "tokens wq", "q", {}),
            ("MatMul", "tokens wk", "k", {}),
            ("MatMul", "tokens wv", "v", {}),
            ("Transpose", "k", "kt", {"perm": [0, 2, 1]}),
            ("MatMul", "q kt", "dots", {}),
            ("Softmax", "dots", "weights", {"axis": -1}),
            ("MatMul", "weights v", "mixed", {}),
            ("Erf", "mixed", "erf", {}),
            ("ReduceMean", "erf one", "embedding", {"keepdims": 0}),
        ),
        {
            "one": np.array([1]),
            "rest": np.array([-1, 320]),
            "wq": floats(320, 16),
            "wk": floats(320, 16, seed=1),
            "wv": floats(320, 16, seed=2),
        },
    ),
    "memory of its own": (
        (
            ("Reshape", "waveform frames", "framed", {}),
            ("Transpose", "framed", "steps", {"perm": [1, 0, 2]}),
            ("LSTM", "steps w r", "y last", {"hidden_size": 8}),
            ("Squeeze", "last zero", "hidden", {}),
            ("GRU", "steps wg rg", "yg lastg", {"hidden_size": 8}),
            ("Squeeze", "lastg zero", "hiddeng", {}),
            ("Concat", "hidden hiddeng", "embedding", {"axis": 1}),
        ),
        {
            "frames": np.array([0, -1, 320]),
            "zero": np.array([0]),
            "w": floats(1, 32, 320),
            "r": floats(1, 32, 8),
            "wg": floats(1, 24, 320),
            "rg": floats(1, 24, 8),
        },
    ),
    "eight bits": (
        (
            ("QuantizeLinear", "waveform scale zero8", "q", {}),
            ("DequantizeLinear", "q scale zero8", "x", {}),
            ("Reshape", "x frames", "framed", {}),
            ("DynamicQuantizeLinear", "framed", "d d.scale d.zero", {}),
            ("MatMulInteger", "d w d.zero", "whole", {}),
            ("Cast", "whole", "floating", {"to": TensorProto.FLOAT}),
            ("Mul", "floating d.scale", "scaled", {}),
            ("ReduceMax", "scaled one", "embedding", {"keepdims": 0}),
        ),
        {
            "scale": np.float32(0.01),
            "zero8": np.uint8(128),
            "frames": np.array([0, -1, 320]),
            "w": np.ones((320, 4), np.uint8),
            "one": np.array([1]),
        },
    ),
    "autoencoder": (
        (
            ("Unsqueeze", "waveform one", "mono", {}),
            ("Conv", "mono down", "small", {"strides": [32]}),
            ("ConvTranspose", "small up", "large", {"strides": [32]}),
            ("Sub", "large mono", "error", {}),
            ("ReduceSumSquare", "error two", "embedding", {"keepdims": 0}),
        ),
        {
            "one": np.array([1]),
            "two": np.array([2]),
            "down": floats(4, 1, 32),
            "up": floats(4, 1, 32),
        },
    ),
    "spectrum": (
        (
            ("Unsqueeze", "waveform two", "third", {}),
            ("STFT", "third step window", "complex", {}),
            ("ReduceL2", "complex three", "magnitude", {"keepdims": 0}),
            ("TopK", "magnitude k", "largest which", {"axis": 2}),
            ("ReduceMean", "largest one", "embedding", {"keepdims": 0}),
        ),
        {
            "one": np.array([1]),
            "two": np.array([2]),
            "three": np.array([3]),
            "step": np.array(256),
            "window": np.hanning(512).astype(np.float32),
            "k": np.array([5]),
        },
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("batch", [1, 2])
def test_the_cost_of_families_to_come_is_known(family, batch):
    nodes, constants = FAMILIES[family]
    model = network(*nodes, **constants)
    assert {node.op_type for node in model.graph.node} <= ALLOWED_OPERATORS
    found = Estimate(model).cost({"waveform": (batch, 32000)})
    assert found.over() == ""
    engine = Engine(model.SerializeToString())
    value = engine.run(floats(batch, 32000))["embedding"]
    assert value.shape[0] == batch
    alone = network(*nodes[:-1], **constants)
    rest = Estimate(alone).cost({"waveform": (batch, 32000)})
    assert found.numbers - rest.numbers == value.size
