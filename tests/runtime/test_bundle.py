import hashlib
import json
import os
import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NotMade

from auscult.errors import BundleError, EngineError
from auscult.runtime import arrays
from auscult.runtime import bundle as bundles
from auscult.runtime.bundle import (
    ARRAYS_KEY,
    DIGEST_KEY,
    MANIFEST_KEY,
    Bundle,
    load,
    loads,
    output_shapes,
    padded_context,
    reference_window,
    run_window,
    verify,
)
from auscult.runtime.manifest import Reference


def entries_of(model):
    return {entry.key: entry.value for entry in model.metadata_props}


def crafted(bundle, change=None, **texts):
    """A file as someone else might write it: another graph or other texts, and the digest that belongs to them."""
    model = onnx.ModelProto()
    model.ParseFromString(bundle.to_bytes())
    texts = entries_of(model) | {f"auscult.{name}": text for name, text in texts.items()}
    del model.metadata_props[:], texts[DIGEST_KEY]
    if change is not None:
        change(model)
    for key, value in texts.items():
        if value is not None:
            model.metadata_props.add(key=key, value=value)
    digest = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()
    model.metadata_props.add(key=DIGEST_KEY, value=digest)
    return model.SerializeToString()


def refused(content, what, expected, action, path=None):
    """Loading is refused, in these three beats."""
    with pytest.raises(BundleError) as caught:
        verify(loads(content, "fan.onnx")) if path is None else load(path)
    error = caught.value
    for words, said in ((what, error.what), (expected, error.expected), (action, error.action)):
        assert re.search(words, said), f"{words!r} is not in {said!r}"
    assert error.what.count("fan.onnx" if path is None else str(path)) == 1


def tried(content):
    """The bundle, or the error that refuses it; any other exception is a failure."""
    try:
        bundle = loads(content, "fan.onnx")
        verify(bundle)
    except (BundleError, EngineError) as error:
        return None, error
    return bundle, None


@pytest.fixture(scope="module")
def content(own_bundle):
    return own_bundle.to_bytes()


def scores_of(bundle):
    """Every output for the first reference window, as bytes."""
    engine = bundle.engine()
    window, _ = reference_window(bundle, 0)
    context, length = padded_context(None, bundle.manifest)
    found = engine.run(window[None], context=context[None], context_length=length)
    return {name: value.tobytes() for name, value in found.items()}


class TestTheFile:
    def test_what_is_saved_is_loaded_bit_for_bit(self, bundle, bundle_file):
        loaded = load(bundle_file)
        assert loaded.manifest == bundle.manifest
        assert loaded.source == str(bundle_file)
        assert loaded.arrays.keys() == bundle.arrays.keys()
        for name, array in bundle.arrays.items():
            np.testing.assert_array_equal(loaded.arrays[name], array, strict=True)
        assert scores_of(loaded) == scores_of(bundle)
        assert loaded.to_bytes() == bundle.to_bytes() == bundle_file.read_bytes()

    def test_it_is_an_ordinary_onnx_model_with_three_texts(self, bundle_file):
        model = onnx.load(bundle_file)
        onnx.checker.check_model(model, full_check=True)
        assert set(entries_of(model)) == {MANIFEST_KEY, ARRAYS_KEY, DIGEST_KEY}
        assert json.loads(entries_of(model)[MANIFEST_KEY])["format"] == 1

    def test_the_digest_is_that_of_the_model_without_it(self, edge_bundle):
        verify(loads(crafted(edge_bundle)))
        assert crafted(edge_bundle) == edge_bundle.to_bytes()

    def test_any_onnxruntime_gives_the_reference_scores(self, bundle, bundle_file):
        session = onnxruntime.InferenceSession(bundle_file, providers=["CPUExecutionProvider"])
        for index, reference in enumerate(bundle.manifest.references):
            window, context = reference_window(bundle, index)
            padded, length = padded_context(context, bundle.manifest)
            feeds = {"waveform": window[None], "context": padded[None], "context_length": length}
            score, fast_score = session.run(["score", "fast_score"], feeds)
            assert score[0] == pytest.approx(reference.score, rel=1e-3)
            assert fast_score[0] == pytest.approx(reference.fast_score, rel=1e-3)

    def test_one_reference_window_stands_alone_and_one_has_all_its_context(self, bundle):
        contexts = [reference_window(bundle, i)[1] for i in range(len(bundle.manifest.references))]
        assert [len(context) for context in contexts] == [0, 8]

    def test_weights_are_the_constants_of_the_graph(self, bundle):
        assert bundle.weights["window.mean"].shape == (384,)
        assert bundle.weights["block.scale"] > 0.0


class TestSaving:
    def test_a_path_may_be_text_and_comes_back(self, own_bundle, tmp_path):
        assert own_bundle.save(str(tmp_path / "fan.onnx")) == tmp_path / "fan.onnx"

    @pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
    def test_others_may_read_it(self, own_bundle, tmp_path):
        assert own_bundle.save(tmp_path / "fan.onnx").stat().st_mode & 0o777 == 0o644

    @pytest.mark.parametrize("interruption", [KeyboardInterrupt(), OSError(28, "No space left")])
    def test_an_interrupted_save_leaves_the_old_file_and_nothing_else(
        self, own_bundle, tmp_path, monkeypatch, interruption
    ):
        target = tmp_path / "fan.onnx"
        target.write_text("old")

        def interrupted(_):
            raise interruption

        monkeypatch.setattr(os, "fsync", interrupted)
        with pytest.raises((KeyboardInterrupt, BundleError)):
            own_bundle.save(target)
        assert [path.name for path in tmp_path.iterdir()] == ["fan.onnx"]
        assert target.read_text() == "old"

    @pytest.mark.parametrize("place", ["missing/fan.onnx", "."])
    def test_a_place_that_can_not_be_written_to_is_named(self, own_bundle, tmp_path, place):
        with pytest.raises(BundleError) as caught:
            own_bundle.save(tmp_path / place)
        assert re.search("could not be written: (No such|Is a|Device)", caught.value.what)
        assert "a folder that exists and may be written to" in caught.value.expected
        assert "Choose another place with -o" in caught.value.action

    def test_what_the_schema_forbids_is_not_written(self, own_bundle):
        nameless = replace(own_bundle, manifest=replace(own_bundle.manifest, name=""))
        with pytest.raises(BundleError, match="name must be longer than or equal to 1"):
            nameless.to_bytes()


class TestBudget:
    def test_another_budget_changes_limits_and_nothing_else(self, bundle):
        strict = bundle.with_budget(0.1)
        assert strict.manifest.calibration.budget_per_day == 0.1
        assert strict.model is bundle.model
        assert scores_of(strict) == scores_of(bundle)
        assert replace(strict.manifest, calibration=None) == replace(
            bundle.manifest, calibration=None
        )

    def test_a_bundle_without_limits_has_none_to_change(self, bundle):
        bare = replace(bundle, manifest=replace(bundle.manifest, calibration=None))
        with pytest.raises(BundleError) as caught:
            bare.with_budget(1.0)
        assert "was never calibrated" in caught.value.what
        assert "a bundle with limits" in caught.value.expected
        assert "Learn it again" in caught.value.action


class TestOpening:
    def test_a_missing_file(self, tmp_path):
        path = tmp_path / "fan.onnx"
        refused(None, "could not be opened: No such file", "a bundle", "Check the name", path=path)

    def test_a_folder(self, tmp_path):
        action = "Check the name and your permissions"
        refused(None, "could not be opened: Is a dir", "auscult learn", action, path=tmp_path)

    @pytest.mark.parametrize(
        "content", [b"", b"normal\n" * 1000, b"\0" * 4096, b"RIFF\x24\0\0\0WAVEfmt ", b"\x08\x09"]
    )
    def test_what_is_no_onnx_model(self, content, tmp_path):
        path = tmp_path / "fan.onnx"
        path.write_bytes(content)
        what = f"no bundle, or is broken: its {len(content):,} bytes"
        refused(None, what, "a whole file", "Copy it again, or learn it again", path=path)

    def test_an_onnx_model_that_is_no_bundle(self, bundle, tmp_path):
        path = tmp_path / "fan.onnx"
        onnx.save(bundle.model, path)
        what = "an ONNX model but no bundle: it has no auscult.manifest"
        refused(None, what, "auscult learn", "auscult learn FOLDER -o FILE.onnx", path=path)

    def test_two_gigabytes_are_refused_before_they_are_read(self, tmp_path, monkeypatch):
        path = tmp_path / "fan.onnx"
        with path.open("wb") as file:
            file.truncate(2**31)
        monkeypatch.setattr(bundles, "loads", lambda *_: pytest.fail("it was read"))
        what, action = "is longer than any bundle", "Check that this is the file you mean"
        refused(None, what, "at most 512 MiB", action, path=path)

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
    )
    def test_a_file_without_permission(self, own_bundle, tmp_path):
        path = own_bundle.save(tmp_path / "fan.onnx")
        path.chmod(0)
        refused(None, "Permission denied", "a bundle", "your permissions", path=path)

    def test_a_file_that_the_system_does_not_give(self, own_bundle, tmp_path, monkeypatch):
        path = own_bundle.save(tmp_path / "fan.onnx")

        def denied(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", denied)
        refused(None, "opened: Permission denied", "a bundle", "your permissions", path=path)


class TestDamage:
    """Whatever happens to its bytes, a bundle gives the scores it always gave or is refused in words."""

    def loads_or_refuses(self, content, original):
        bundle, refusal = tried(content)
        if refusal is not None:
            assert all((refusal.what, refusal.expected, refusal.action))
            return False
        assert scores_of(bundle) == scores_of(original)
        return True

    def test_cut_off_anywhere(self, content, own_bundle):
        n = len(content)
        ends = {*range(200), *range(n - 200, n), *range(0, n, n // 200)}
        for end in sorted(ends):
            assert not self.loads_or_refuses(content[:end], own_bundle), end

    @settings(max_examples=300)
    @given(data=st.data())
    def test_flipped_bytes(self, content, own_bundle, data):
        position = st.integers(0, len(content) - 1)
        flips = data.draw(st.lists(st.tuples(position, st.integers(1, 255)), max_size=5))
        damaged = bytearray(content)
        for at, mask in flips:
            damaged[at] ^= mask
        survived = self.loads_or_refuses(bytes(damaged), own_bundle)
        assert survived or bytes(damaged) != content

    def test_a_flip_in_every_kind_of_place(self, content, own_bundle):
        # Each name, operator, text and the first bytes of each constant, found by their place in the file.
        marks = [MANIFEST_KEY, ARRAYS_KEY, DIGEST_KEY, "waveform", "context_length", "ReduceMean"]
        marks += ["block.directions", "score", '"format"', '"dtype"', "axes.1", "auscult"]
        for mark in marks:
            for found in list(re.finditer(re.escape(mark.encode()), content))[:3]:
                for at in range(found.start() - 4, found.end() + 4):
                    for mask in (0x01, 0x80):
                        damaged = bytearray(content)
                        damaged[at] ^= mask
                        assert not self.loads_or_refuses(bytes(damaged), own_bundle), (mark, at)

    @settings(max_examples=200)
    @given(data=st.data())
    def test_a_damaged_graph_with_a_digest_that_agrees(self, own_bundle, data):
        model = own_bundle.model
        parts = [*model.graph.node, *model.graph.initializer, *model.graph.input]
        parts += [*model.graph.output, *model.opset_import]
        which = data.draw(st.integers(0, len(parts) - 1))
        part = bytearray(parts[which].SerializeToString())
        at = data.draw(st.one_of(st.integers(0, min(len(part), 60) - 1), st.integers(-8, -1)))
        part[max(at, -len(part))] ^= data.draw(st.integers(1, 255))
        damaged = onnx.ModelProto()
        damaged.CopyFrom(model)
        graph = damaged.graph
        parts = [*graph.node, *graph.initializer, *graph.input, *graph.output]
        try:
            [*parts, *damaged.opset_import][which].ParseFromString(bytes(part))
        except DecodeError:
            return
        _, refusal = tried(replace(own_bundle, model=damaged).to_bytes())
        assert refusal is None or all((refusal.what, refusal.expected, refusal.action))

    def test_text_that_is_no_utf8(self, content):
        damaged = content.replace(b"ReduceMean", b"ReduceM\xe9an")
        what = "is no bundle, or is broken: its [0-9,]+ bytes"
        refused(damaged, what, "a whole file", "Copy it again")

    def test_a_changed_text_is_noticed(self, content):
        damaged = content.replace(b'"name": "machine"', b'"name": "mashine"')
        what = "has changed since it was written: its digest differs"
        refused(damaged, what, "as Auscult wrote it", "Copy it again; if it was edited on purpose")

    def test_a_missing_digest_is_a_changed_one(self, own_bundle):
        model = onnx.ModelProto()
        model.ParseFromString(own_bundle.to_bytes())
        del model.metadata_props[-1]
        refused(model.SerializeToString(), "its digest differs", "wrote it", "Copy it again")


class TestFormats:
    def test_a_future_format(self, own_bundle):
        plain = json.loads(own_bundle.manifest.to_json())
        content = crafted(own_bundle, manifest=json.dumps({**plain, "format": 2, "new": [1]}))
        expected = "format 1, the newest that this version of Auscult reads"
        refused(content, "is a bundle of format 2", expected, "pip install -U auscult")

    @pytest.mark.parametrize("number", [0, -1, True, "1", None, 1.5, [1], {}])
    def test_no_format(self, own_bundle, number):
        plain = json.loads(own_bundle.manifest.to_json())
        content = crafted(own_bundle, manifest=json.dumps({**plain, "format": number}))
        said = re.escape(f"its manifest says format {number!r}")
        refused(content, said, "^format 1$", "Get the bundle again")


class TestWhatReachesOut:
    """A bundle is data: its own bytes, plain operators, nothing else."""

    DATA = ("points to another file", "all data inside the bundle", "Do not use this file")
    PLAIN = ("functions, training steps or sparse constants", "a plain graph", "Export it again")

    @staticmethod
    def external(tensor):
        tensor.data_location = TensorProto.EXTERNAL
        tensor.ClearField("raw_data")
        tensor.external_data.add(key="location", value="../../etc/passwd")

    @staticmethod
    def constant(model, **attribute):
        model.graph.node.append(helper.make_node("Constant", [], ["stray"], **attribute))
        return model.graph.node[-1].attribute[0]

    @staticmethod
    def tensor(name="stray"):
        return numpy_helper.from_array(np.ones(1, np.float32), name)

    def test_a_constant_in_another_file(self, own_bundle):
        content = crafted(own_bundle, lambda m: self.external(m.graph.initializer[0]))
        refused(content, *self.DATA)

    def test_the_place_alone(self, own_bundle):
        def change(model):
            model.graph.initializer[0].data_location = TensorProto.EXTERNAL

        refused(crafted(own_bundle, change), *self.DATA)

    def test_the_name_of_a_file_alone(self, own_bundle):
        def change(model):
            model.graph.initializer[0].external_data.add(key="location", value="weights.bin")

        refused(crafted(own_bundle, change), *self.DATA)

    def test_within_a_constant_node(self, own_bundle):
        content = crafted(
            own_bundle, lambda m: self.external(self.constant(m, value=self.tensor()).t)
        )
        refused(content, *self.DATA)

    def test_within_a_list_of_tensors(self, own_bundle):
        def change(model):
            attribute = self.constant(model, value=self.tensor())
            attribute.name = "values"
            attribute.tensors.add().CopyFrom(self.tensor())
            self.external(attribute.tensors[0])

        refused(crafted(own_bundle, change), *self.DATA)

    def test_within_a_sparse_constant(self, own_bundle):
        def change(model):
            attribute = self.constant(model, value=self.tensor())
            attribute.ClearField("t")
            attribute.name, attribute.type = "sparse_value", onnx.AttributeProto.SPARSE_TENSOR
            attribute.sparse_tensor.values.CopyFrom(self.tensor())
            self.external(attribute.sparse_tensor.values)

        refused(crafted(own_bundle, change), *self.PLAIN)

    def test_sparse_constants_of_the_graph(self, own_bundle):
        content = crafted(own_bundle, lambda m: m.graph.sparse_initializer.add())
        refused(content, *self.PLAIN)

    def test_functions(self, own_bundle):
        function = helper.make_function(
            "own", "Twice", ["x"], ["y"], [helper.make_node("Add", ["x", "x"], ["y"])], []
        )
        content = crafted(own_bundle, lambda m: m.functions.append(function))
        refused(content, *self.PLAIN)

    def test_training_steps(self, own_bundle):
        refused(crafted(own_bundle, lambda m: m.training_info.add()), *self.PLAIN)

    @pytest.mark.parametrize(
        ("domain", "operator", "named"),
        [
            ("", "RandomNormalLike", "RandomNormalLike"),
            ("", "ConstantOfShape", "ConstantOfShape"),
            ("", "NoSuchThing", "NoSuchThing"),
            ("", "", ""),
            ("com.microsoft", "FusedMatMul", "com.microsoft.FusedMatMul"),
            ("own.domain", "Add", "own.domain.Add"),
            ("ai.onnx.ml", "TreeEnsemble", "ai.onnx.ml.TreeEnsemble"),
        ],
    )
    def test_a_foreign_operator(self, own_bundle, domain, operator, named):
        node = helper.make_node(operator, ["waveform"], ["stray"], domain=domain)
        content = crafted(own_bundle, lambda m: m.graph.node.append(node))
        what = re.escape(f"uses the operator {named}.")
        refused(content, what, "only the operators that bundles", "Do not use this file")

    @pytest.mark.parametrize("operator", ["If", "Loop", "Scan", "SequenceMap"])
    def test_control_flow(self, own_bundle, operator):
        node = helper.make_node(operator, ["waveform"], ["stray"])
        content = crafted(own_bundle, lambda m: m.graph.node.append(node))
        refused(content, f"uses the operator {operator}", "only the operators", "Do not use")

    @pytest.mark.parametrize("several", [False, True])
    def test_a_graph_within_an_allowed_operator(self, own_bundle, several):
        inner = helper.make_graph([], "inner", [], [])
        node = helper.make_node("Add", ["waveform", "waveform"], ["stray"])
        node.attribute.append(helper.make_attribute("body", [inner] if several else inner))
        content = crafted(own_bundle, lambda m: m.graph.node.append(node))
        refused(content, "uses the operator Add", "only the operators", "Do not use")

    def test_too_many_nodes(self, own_bundle, monkeypatch):
        monkeypatch.setattr(bundles, "MAX_NODES", 10)
        what = f"has {len(own_bundle.model.graph.node)} nodes"
        refused(own_bundle.to_bytes(), what, "at most 10", "Check that this is the file you mean")

    def test_other_inputs(self, own_bundle):
        def change(model):
            model.graph.input[0].name = "sound"

        what = re.escape("takes ['context', 'context_length', 'sound']")
        expected = re.escape("inputs ['context', 'context_length', 'waveform']")
        refused(crafted(own_bundle, change), what, expected, "Get the bundle again")

    def test_no_score(self, own_bundle):
        def change(model):
            del model.graph.output[0]

        expected = re.escape("at least the outputs ['level_db', 'score']")
        refused(crafted(own_bundle, change), "gives", expected, "Get the bundle again")

    def test_no_sound_going_in(self, own_bundle):
        def change(model):
            model.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE

        what = "the input 'waveform' of its graph is of another kind"
        refused(crafted(own_bundle, change), what, "float32 of 2 axes", "Get the bundle again")

    def test_a_node_that_takes_what_is_not_there(self, own_bundle):
        node = helper.make_node("MatMul", ["waveform", "nothing"], ["stray"])
        content = crafted(own_bundle, lambda m: m.graph.node.append(node))
        what = "do not fit together, or can't be told before it runs: MatMul '': 'nothing'"
        refused(content, what, "shapes follow from the length", "Get the bundle again")

    def test_a_graph_that_no_engine_takes(self, own_bundle, capfd, monkeypatch):
        def refusing(*_, **__):
            raise NotMade("[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED")

        content = crafted(own_bundle)
        # An engine older than the onnx package does not know the newest operators.
        monkeypatch.setattr(onnxruntime, "InferenceSession", refusing)
        with pytest.raises(EngineError) as caught:
            verify(loads(content))
        assert "onnxruntime does not take this graph" in caught.value.what
        assert "a graph that Auscult wrote" in caught.value.expected
        assert "Get the bundle again" in caught.value.action
        assert capfd.readouterr() == ("", "")


class TestArrays:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[1, 2",
            "[]",
            "7",
            "[" * 100_000,
            '{"a": 1}',
            '{"a": {}}',
            '{"a": {"dtype": "int16", "shape": [1]}}',
            '{"a": {"dtype": "object", "shape": [1], "data": "AAAA"}}',
            '{"a": {"dtype": ["int16"], "shape": [1], "data": "AAA="}}',
            '{"a": {"dtype": "int16", "shape": [2], "data": "AAA="}}',
            '{"a": {"dtype": "int16", "shape": [1e99], "data": "AAA="}}',
            '{"a": {"dtype": "int16", "shape": [1%s], "data": "AAA="}}' % ("0" * 99),
            '{"a": {"dtype": "int16", "shape": "1", "data": "AAA="}}',
            '{"a": {"dtype": "int16", "shape": [1], "data": "A*A="}}',
            '{"a": {"dtype": "int16", "shape": [1], "data": "é"}}',
            '{"a": {"dtype": "int16", "shape": [1], "data": 7}}',
            '{"a": {"dtype": "int32", "shape": [1], "data": "AAA="}}',
            '{"a": {"dtype": "float32", "shape": [1], "data": "AADAfw=="}}',
        ],
    )
    def test_broken(self, own_bundle, text):
        what, expected = "the arrays in its metadata are broken", "as Auscult writes them"
        refused(crafted(own_bundle, arrays=text), what, expected, "Get the bundle again")

    def test_too_long(self, own_bundle, monkeypatch):
        monkeypatch.setattr(arrays, "MAX_ARRAYS_BYTES", 1000)
        what = "has [0-9,]+ bytes in 'auscult.arrays'"
        refused(own_bundle.to_bytes(), what, "at most 1,000", "Check that this is the file")

    def test_none_at_all_leave_the_references_without_sound(self, own_bundle):
        what = "its array 'reference.0.waveform' is missing"
        refused(crafted(own_bundle, arrays=None), what, "whole numbers", "Get the bundle again")


class TestProof:
    """What a bundle says of its own scores is tried before it is believed."""

    @staticmethod
    def with_references(bundle, *references):
        return replace(bundle, manifest=replace(bundle.manifest, references=references))

    @staticmethod
    def with_array(bundle, name, array):
        return replace(bundle, arrays={**bundle.arrays, name: array})

    def test_the_error_is_given_back(self, bundle):
        assert 0.0 <= verify(bundle) < 1e-4

    def test_every_reference_is_tried(self, bundle):
        first, second = bundle.manifest.references
        changed = self.with_references(bundle, first, replace(second, score=second.score * 1.01))
        with pytest.raises(BundleError, match="the score of reference window 2"):
            verify(changed)

    @pytest.mark.parametrize("name", ["score", "fast_score"])
    def test_another_score(self, own_bundle, name):
        first, *rest = own_bundle.manifest.references
        other = replace(first, **{name: 1.1 * getattr(first, name)})
        content = self.with_references(own_bundle, other, *rest).to_bytes()
        what = f"the {name} of reference window 1 is [0-9.]+ here"
        refused(content, what, "within 0.001, as its manifest says", "The file is damaged, or this")

    @pytest.mark.parametrize("part", ["block", "window"])
    @pytest.mark.parametrize("constant", ["mean", "scale", "weights"])
    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_weights_that_are_no_numbers(self, own_bundle, part, constant, value):
        def change(model):
            for tensor in model.graph.initializer:
                if tensor.name == f"{part}.{constant}":
                    array = np.full_like(numpy_helper.to_array(tensor), value)
                    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))

        what = f"its constant '{part}.{constant}' has values that are no numbers"
        refused(crafted(own_bundle, change), what, "floating-point numbers", "Get the bundle again")

    @pytest.mark.parametrize(("part", "name"), [("block", "score"), ("window", "fast_score")])
    def test_weights_that_lead_to_no_number(self, own_bundle, part, name):
        def change(model):
            for tensor in model.graph.initializer:
                if tensor.name == f"{part}.mean":
                    huge = np.full_like(numpy_helper.to_array(tensor), 3e38)
                    tensor.CopyFrom(numpy_helper.from_array(huge, tensor.name))

        what = f"the {name} of reference window 1 is (nan|inf|0) here"
        refused(crafted(own_bundle, change), what, "as its manifest says", "The file is damaged")

    def test_no_reference_at_all(self, own_bundle):
        content = self.with_references(own_bundle).to_bytes()
        refused(content, "has no reference window", "at least one", "Get the bundle again")

    @pytest.mark.parametrize(
        "samples", [np.zeros(16000, np.float32), np.zeros((2, 16000), np.int16)]
    )
    def test_reference_sound_of_another_kind(self, own_bundle, samples):
        content = self.with_array(own_bundle, "reference.0.waveform", samples).to_bytes()
        what = "its array 'reference.0.waveform' is (float32|int16) of shape"
        refused(content, what, "whole numbers of shape \\(samples\\)", "Get the bundle again")

    @pytest.mark.parametrize("shape", [(8, 47), (48,)])
    def test_context_of_another_length(self, own_bundle, shape):
        zeros = np.zeros(shape, np.float32)
        content = self.with_array(own_bundle, "reference.1.context", zeros).to_bytes()
        what = re.escape(f"its array 'reference.1.context' is float32 of shape {shape}")
        refused(content, what, "floating-point numbers of shape", "Get the bundle again")

    @pytest.mark.parametrize("shape", [(9, 48)])
    def test_context_that_does_not_fit(self, own_bundle, shape):
        zeros = np.zeros(shape, np.float32)
        content = self.with_array(own_bundle, "reference.1.context", zeros).to_bytes()
        what = re.escape(f"the context of reference window 2 has the shape {shape}")
        refused(content, what, "at most 8 embeddings of length 48", "Get the bundle again")

    @pytest.mark.parametrize("n", [0, 100, 16001])
    def test_sound_of_a_length_that_windows_do_not_have(self, own_bundle, n):
        content = self.with_array(own_bundle, "reference.0.waveform", np.zeros(n, np.int16))
        what = f"reference window 1 has {n:,} samples"
        refused(content.to_bytes(), what, "16,000 to 16,000", "Get the bundle again")

    @pytest.mark.parametrize(
        ("change", "output"),
        [({"dim": 47}, "embedding"), ({"bands_hz": ((1.0, 2.0, 3.0),)}, "anomaly_map")],
    )
    def test_outputs_of_another_size_than_the_manifest_says(self, bundle, change, output):
        reference = Reference(score=bundle.manifest.references[0].score)
        other = replace(bundle.manifest, references=(reference,), **change)
        with pytest.raises((BundleError, EngineError)) as caught:
            verify(replace(bundle, manifest=other))
        assert output in caught.value.what or "shape" in caught.value.what

    def test_the_tolerance_is_that_of_the_engine(self, bundle):
        class Coarse:
            name = "litert"
            outputs = ("score", "fast_score")

            def run(self, *_, outputs, **__):
                score = reference.score * 1.005
                values = {"score": score, "fast_score": reference.fast_score}
                return {name: np.array([values[name]], np.float32) for name in outputs}

        reference = bundle.manifest.references[0]
        one = self.with_references(bundle, reference)
        assert verify(one, Coarse()) == pytest.approx(0.005, rel=0.01)
        strict = replace(reference, tolerance={"onnxruntime": 1e-3})
        with pytest.raises(BundleError, match=r"within 0\.001"):
            verify(self.with_references(bundle, strict), Coarse())

    def test_a_file_that_only_embeds_needs_no_reference(self, embedder_file):
        assert verify(load(embedder_file)) == 0.0

    def test_a_file_that_only_embeds_says_how_long_its_embedding_is(self, embedder_file):
        embedder = load(embedder_file)
        wrong = replace(embedder, manifest=replace(embedder.manifest, dim=47))
        expected = re.escape("float32 of shape (1, 47), as its manifest says")
        with pytest.raises(BundleError, match=expected):
            verify(wrong)


@settings(max_examples=50)
@given(n=st.integers(0, 8))
def test_context_is_padded_in_front(bundle, n):
    given_ = np.random.default_rng(n).standard_normal((n, 384)).astype(np.float32)
    padded, length = padded_context(given_, bundle.manifest)
    assert padded.shape == (8, 384)
    assert length.tolist() == [n]
    np.testing.assert_array_equal(padded[8 - n :], given_)
    assert not padded[: 8 - n].any()


def test_a_window_is_scored_with_and_without_context(bundle):
    engine = bundle.engine()
    window, context = reference_window(bundle, 1)
    alone = run_window(engine, window, None, bundle.manifest)
    within = run_window(engine, window, context, bundle.manifest)
    assert set(alone) == {"score", "fast_score", "level_db"}
    assert alone["fast_score"] == pytest.approx(within["fast_score"])
    assert alone["score"] > within["score"]


def test_output_shapes_follow_the_manifest(bundle):
    shapes = output_shapes(bundle.manifest, 32000, batch=3)
    assert shapes["anomaly_map"] == (3, 128, 61)
    classifier = replace(bundle.manifest, bands_hz=(), dim=0, labels=("ok", "ng"))
    assert output_shapes(classifier, 32000, batch=2) == {
        "score": (2,),
        "fast_score": (2,),
        "level_db": (2,),
        "distance": (2,),
        "probabilities": (2, 2),
    }


def test_a_classifier_comes_back_from_its_file(classifier, classifier_file):
    found = load(classifier_file)
    assert found.manifest == classifier.manifest
    assert found.manifest.open_set.limit == 3.0
    assert verify(found) < 1e-6


def test_a_fresh_bundle_needs_no_arrays(bundle):
    assert Bundle(manifest=bundle.manifest, model=bundle.model).arrays == {}


class TestTooMuch:
    """Small files that would eat the machine are refused before they run."""

    LIMITS = ("at most 268,435,456 numbers and [0-9,]+ products for a window", "Do not use this")

    @staticmethod
    def doubling(start, times):
        names = [start, *(f"bomb.{i}" for i in range(times))]
        return [helper.make_node("Concat", [a, a], [b], axis=0) for a, b in pairwise(names)]

    def test_a_constant_put_beside_itself(self, own_bundle):
        def change(model):
            model.graph.initializer.append(numpy_helper.from_array(np.ones(4096, np.float32), "b"))
            model.graph.node.extend(self.doubling("b", 18))

        refused(crafted(own_bundle, change), "makes [0-9,]+ numbers of one window", *self.LIMITS)

    def test_what_hides_behind_a_shape_that_is_computed(self, bundle):
        def change(model):
            model.graph.node.extend(self.doubling("half.a", 18))

        refused(crafted(bundle, change), "makes [0-9,]+ numbers of one window", *self.LIMITS)

    def test_tables_that_are_multiplied_for_hours(self, own_bundle):
        def change(model):
            table = numpy_helper.from_array(np.ones((1, 6000), np.float32), "row")
            model.graph.initializer.append(table)
            make = helper.make_node
            model.graph.node.append(make("Transpose", ["row"], ["column"], perm=[1, 0]))
            model.graph.node.append(make("MatMul", ["column", "row"], ["table"]))
            model.graph.node.append(make("MatMul", ["table", "table"], ["stray"]))

        refused(crafted(own_bundle, change), "makes [0-9,]+ products of one window", *self.LIMITS)

    def test_the_shortest_window_counts_too(self, bundle):
        def change(model):
            make = helper.make_node
            for name, value in {"usual": [32000], "zero": [0], "many": [10**5], "one": [1]}.items():
                model.graph.initializer.append(
                    numpy_helper.from_array(np.array(value), f"b.{name}")
                )
            model.graph.initializer.append(
                numpy_helper.from_array(np.zeros((0, 5), np.float32), "b.empty")
            )
            model.graph.node.extend(
                [
                    make("Sub", ["b.usual", "samples"], ["b.less"]),
                    make("Mul", ["b.less", "b.many"], ["b.n"]),
                    make("Concat", ["b.n", "b.one"], ["b.shape"], axis=0),
                    make("Reshape", ["b.empty", "b.shape"], ["b.out"], allowzero=1),
                ]
            )

        refused(crafted(bundle, change), "makes 2,400,[0-9,]+ numbers of one window", *self.LIMITS)

    @pytest.mark.parametrize(
        ("what", "limit", "found"),
        [
            ("nodes", "MAX_NODES", "nodes"),
            ("constants", "MAX_CONSTANTS", "constants"),
            ("parts", "MAX_PARTS", "more than 10 parts"),
            ("bytes", "MAX_BUNDLE_BYTES", "is longer than any bundle"),
        ],
    )
    def test_crowds(self, own_bundle, monkeypatch, what, limit, found):
        monkeypatch.setattr(bundles, limit, 10)
        refused(own_bundle.to_bytes(), found, "at most", "Check that this is the file you mean")

    def test_texts_are_measured_before_they_are_read(self, own_bundle, monkeypatch):
        monkeypatch.setattr(bundles, "_parts", lambda _: pytest.fail("they were read"))
        content = crafted(own_bundle, manifest="x" * (2**20 + 1))
        what = "has 1,048,577 bytes in 'auscult.manifest'"
        refused(content, what, "at most 1,048,576", "Check that this is the file you mean")

    def test_very_many_texts(self, own_bundle):
        content = crafted(own_bundle, **{f"x{i}": "" for i in range(200)})
        refused(content, "has 20[0-9] texts", "at most 100", "Check that this is the file you mean")

    def test_very_many_nodes_are_refused_at_once(self):
        model = onnx.ModelProto()
        for _ in range(200_000):
            model.graph.node.add()
        begun = time.process_time()
        refused(model.SerializeToString(), "has 200,000 nodes", "at most 10,000", "Check that")
        assert time.process_time() - begun < 20.0

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("strides", [2**40]),
            ("strides", [0]),
            ("pads", [2**40, 0]),
            ("pads", [-(2**40), 0]),
            ("dilations", [2**62]),
            ("kernel_shape", [-1]),
            ("output_shape", [2**31]),
            ("group", 0),
            ("num_outputs", 0),
            ("hidden_size", -3),
            ("axis", 2**33),
        ],
    )
    def test_steps_and_lengths_that_are_none(self, own_bundle, name, value):
        node = helper.make_node("ConvTranspose", ["waveform", "waveform"], ["stray"])
        node.attribute.append(helper.make_attribute(name, value))
        content = crafted(own_bundle, lambda m: m.graph.node.append(node))
        refused(content, f"'{name}' of a ConvTranspose is", "to 1,048,576", "Do not use this file")


class TestConstants:
    """Constants are as large as they say, and of kinds that graphs compute with."""

    @staticmethod
    def with_tensor(bundle, change):
        def changed(model):
            tensor = TensorProto(name="stray", data_type=TensorProto.FLOAT, dims=[2])
            tensor.raw_data = bytes(8)
            change(tensor)
            model.graph.initializer.append(tensor)

        return crafted(bundle, changed)

    def test_a_whole_one(self, own_bundle):
        loads(self.with_tensor(own_bundle, lambda _: None))

    @pytest.mark.parametrize(
        "values",
        [
            {"raw_data": b"", "dims": [2**40]},
            {"raw_data": bytes(7)},
            {"raw_data": bytes(8), "dims": [-2]},
            {"raw_data": bytes(8), "dims": [-1, -2]},
            {"raw_data": None, "dims": [2**40]},
            {"raw_data": None, "float_data": [1.0]},
            {"raw_data": None, "data_type": TensorProto.STRING, "string_data": [b"a", b"b"]},
            {"data_type": TensorProto.COMPLEX64, "dims": [1]},
            {"data_type": 99},
            {"data_type": 0},
            {"raw_data": None, "data_type": TensorProto.INT8, "int32_data": [0, 300]},
            {"raw_data": None, "data_type": TensorProto.BOOL, "int32_data": [0, 2]},
            {"raw_data": None, "data_type": TensorProto.FLOAT16, "int32_data": [0, -1]},
        ],
        ids=str,
    )
    def test_broken(self, own_bundle, values):
        def change(tensor):
            for name, value in values.items():
                tensor.ClearField(name)
                if isinstance(value, list):
                    getattr(tensor, name).extend(value)
                elif value is not None:
                    setattr(tensor, name, value)

        content = self.with_tensor(own_bundle, change)
        refused(content, "its constant 'stray' is not whole", "as its shape says", "Get the bundle")

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            (TensorProto.INT8, [-128, 127]),
            (TensorProto.UINT8, [0, 255]),
            (TensorProto.BOOL, [0, 1]),
            (TensorProto.FLOAT16, [0, 65504 % 2**15]),
            (TensorProto.INT32, [-(2**31), 2**31 - 1]),
        ],
    )
    def test_values_one_by_one(self, own_bundle, kind, values):
        def change(tensor):
            tensor.ClearField("raw_data")
            tensor.data_type = kind
            tensor.int32_data.extend(values)

        assert loads(self.with_tensor(own_bundle, change)).weights["stray"].shape == (2,)


@pytest.mark.parametrize("versions", [[12], [onnx.defs.onnx_opset_version() + 1], [], [18, 18]])
def test_an_opset_that_is_not_known(own_bundle, versions):
    def change(model):
        del model.opset_import[:]
        model.opset_import.extend(helper.make_opsetid("", version) for version in versions)

    refused(crafted(own_bundle, change), "is written in opset", "one opset, from 13", "opset 18")


def test_padding_is_no_operator_of_bundles():
    """How much it adds is a number in the file."""
    assert "Pad" not in bundles.ALLOWED_OPERATORS


def test_more_votes_than_windows_are_refused(bundle):
    rule = replace(bundle.manifest.calibration.rules[0], votes=20, of=18)
    calibration = replace(bundle.manifest.calibration, rules=(rule,))
    content = replace(bundle, manifest=replace(bundle.manifest, calibration=calibration)).to_bytes()
    with pytest.raises(BundleError, match="wants 20 votes of 18"):
        loads(content)


def test_a_bundle_is_as_open_as_the_users_other_files(bundle, tmp_path):
    before = os.umask(0o077)
    try:
        path = bundle.save(tmp_path / "mine.onnx")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
