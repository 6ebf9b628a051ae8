import warnings
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from auscult.audio.sound import Sound
from auscult.errors import AuscultError, AuscultWarning, BundleError
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import PRESETS
from auscult.runtime.bundle import loads, verify
from auscult.runtime.manifest import Exemplar
from auscult.runtime.parts import frames_a_piece
from auscult.runtime.scorer import Scorer

RECORD = ["embeddings", "level_db", "recording", "stretch", "start_s", "names"]
LEARNED = ["mean", "inverse_sigma", "directions", "weights", "isotropic", "scale"]
CONSTANTS = [f"{part}.{name}" for part in ("block", "window") for name in LEARNED]
CONSTANTS += ["bands.mean", "bands.sigma"]
ARRAYS = [f"record.{name}" for name in RECORD]
ARRAYS += ["exemplars", "reference.0.waveform", "reference.1.context"]


def with_constant(bundle, name, change):
    """The bundle with another value of a constant, or none."""
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    tensors = model.graph.initializer
    index = next(i for i, tensor in enumerate(tensors) if tensor.name == name)
    value = change(numpy_helper.to_array(tensors[index]))
    if value is None:
        del tensors[index]
    else:
        tensors[index].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), name))
    return replace(bundle, model=model)


def with_decoy(bundle, name, value=None):
    """The bundle with a graph that calls a constant otherwise, and another one of its name."""
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    for tensor in model.graph.initializer:
        if tensor.name == name:
            tensor.name = "other"
    for node in model.graph.node:
        node.input[:] = ["other" if given == name else given for given in node.input]
    if value is not None:
        model.graph.initializer.append(numpy_helper.from_array(value, name))
    return replace(bundle, model=model)


def with_array(bundle, name, change):
    arrays = dict(bundle.arrays)
    value = change(arrays.pop(name))
    return replace(bundle, arrays=arrays if value is None else {**arrays, name: value})


def with_manifest(bundle, **changes):
    return replace(bundle, manifest=replace(bundle.manifest, **changes))


CHANGES = {
    "none": lambda a: None,
    "empty": lambda a: np.zeros(0, a.dtype),
    "no axes": lambda a: np.zeros((), a.dtype),
    "one axis": lambda a: a.reshape(-1),
    "turned": lambda a: a.T if a.ndim == 2 else a[::-1],
    "shorter": lambda a: a[:-1],
    "narrower": lambda a: a[..., :-1],
    "zeros": np.zeros_like,
    "huge": lambda a: np.full_like(a, 6e4 if a.dtype.kind == "f" else np.iinfo(a.dtype).max),
    "least": lambda a: np.full_like(a, -6e4 if a.dtype.kind == "f" else np.iinfo(a.dtype).min),
    "whole numbers": lambda a: a.astype(np.int32),
}


def survived(changed, sound, more):
    """It is refused in three beats, or does all that bundles do."""
    try:
        bundle = loads(changed.to_bytes(), "fan.onnx")
        verify(bundle)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AuscultWarning)
            scorer = Scorer(bundle)
            scorer.score(sound)
            scorer.explain(sound)
            learn_clips(more, add=bundle)
    except AuscultError as refusal:
        beats = (refusal.what, refusal.expected, refusal.action)
    else:
        return True
    assert all(beats)
    return False


@pytest.fixture(scope="module")
def sound(faulty):
    return Sound(samples=faulty(95), rate_hz=16000)


@pytest.fixture(scope="module")
def more(clip, machine):
    return [clip(machine(96), "more.wav")]


class TestFuzz:
    """Whatever is missing or of another shape, a bundle is refused or works."""

    def test_as_it_is_it_does_all(self, edge_bundle, sound, more):
        assert survived(edge_bundle, sound, more)

    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("name", CONSTANTS)
    def test_constants(self, edge_bundle, sound, more, name, change):
        changed = with_constant(edge_bundle, name, CHANGES[change])
        survived(changed, sound, more)

    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("name", ARRAYS)
    def test_arrays(self, edge_bundle, sound, more, name, change):
        changed = with_array(edge_bundle, name, CHANGES[change])
        survived(changed, sound, more)

    @pytest.mark.parametrize(
        "changes",
        [
            {"dim": 191},
            {"dim": 0},
            {"context": 0},
            {"context": 1},
            {"window_samples": 1},
            {"window_samples": 9000},
            {"min_window_samples": 1},
            {"min_window_samples": 40_000},
            {"hop_samples": 10**6},
            {"sample_rate_hz": 1000},
            {"sample_rate_hz": 768_000},
            {"map_hop_samples": 0},
            {"map_hop_samples": 10**9},
            {"map_hop_samples": 1},
            {"map_frame_samples": 0},
            {"map_frame_samples": 10**9},
            {"bands_hz": ()},
            {"bands_hz": ((1.0, 2.0, 3.0),)},
            {"level": None},
            {"calibration": None},
            {"exemplars": ()},
            {"references": ()},
            {"labels": ("ok", "ng")},
            {"family": "autoencoder"},
            {"family": "embedder"},
            {"recipe": {}},
            {"recipe": dict(PRESETS["default"].to_dict())},
        ],
        ids=str,
    )
    def test_manifests(self, edge_bundle, sound, more, changes):
        survived(with_manifest(edge_bundle, **changes), sound, more)

    @pytest.mark.parametrize(
        "output", ["score", "fast_score", "level_db", "embedding", "anomaly_map"]
    )
    def test_outputs(self, edge_bundle, sound, more, output):
        model = onnx.ModelProto()
        model.CopyFrom(edge_bundle.model)
        index = [value.name for value in model.graph.output].index(output)
        del model.graph.output[index]
        known = survived(replace(edge_bundle, model=model), sound, more)
        assert known == (output == "anomaly_map")


def refused(bundle, what, expected):
    with pytest.raises(BundleError) as caught:
        loads(bundle.to_bytes(), "fan.onnx")
    assert caught.value.what == f"fan.onnx: {what}."
    assert expected in caught.value.expected
    assert "Get the bundle again" in caught.value.action


class TestWords:
    @pytest.mark.parametrize("name", [n for n in CONSTANTS if not n.endswith("mean")])
    def test_a_constant_of_another_shape(self, edge_bundle, name):
        changed = with_constant(edge_bundle, name, lambda a: np.zeros((2, 3, 4), np.float32))
        with pytest.raises(BundleError, match=r"do not fit together|is float32 of shape"):
            loads(changed.to_bytes(), "fan.onnx")

    @pytest.mark.parametrize("name", CONSTANTS)
    def test_a_constant_that_the_graph_calls_otherwise(self, edge_bundle, name):
        what = f"its constant '{name}' is missing"
        refused(with_decoy(edge_bundle, name), what, "floating-point numbers of shape (")

    @pytest.mark.parametrize("name", CONSTANTS)
    def test_a_constant_that_the_graph_does_not_use(self, edge_bundle, name):
        """What is read by name is seen to, though all scores are right."""
        changed = with_decoy(edge_bundle, name, np.ones((2, 3, 4), np.float32))
        what = f"its constant '{name}' is float32 of shape (2, 3, 4)"
        refused(changed, what, "floating-point numbers of shape (")

    def test_deviations_that_nothing_can_be_divided_by(self, edge_bundle):
        changed = with_constant(edge_bundle, "bands.sigma", np.zeros_like)
        refused(changed, "its constant 'bands.sigma' is not positive", "numbers above 0")

    @pytest.mark.parametrize("name", ARRAYS[:-1])
    def test_an_array_that_is_missing(self, edge_bundle, name):
        changed = with_array(edge_bundle, name, lambda _: None)
        refused(changed, f"its array '{name}' is missing", "numbers of shape (")

    def test_fewer_exemplars_than_are_named(self, edge_bundle):
        more = (*edge_bundle.manifest.exemplars, Exemplar(recording="x", start_s=0.0, end_s=1.0))
        n = len(more)
        what = f"its array 'exemplars' is float32 of shape ({n - 1}, 192)"
        refused(with_manifest(edge_bundle, exemplars=more), what, f"of shape ({n}, 192)")

    def test_no_record_at_all_is_allowed(self, edge_bundle):
        arrays = {n: a for n, a in edge_bundle.arrays.items() if not n.startswith("record.")}
        assert loads(replace(edge_bundle, arrays=arrays).to_bytes()).arrays.keys() == arrays.keys()

    def test_a_limit_for_loudness_without_loudness(self, edge_bundle):
        changed = with_manifest(edge_bundle, level=None)
        refused(changed, "it has a limit for loudness", "the loudness of normal sound")

    def test_a_limit_for_what_the_graph_does_not_give(self, edge_bundle):
        model = onnx.ModelProto()
        model.CopyFrom(edge_bundle.model)
        index = [value.name for value in model.graph.output].index("fast_score")
        del model.graph.output[index]
        with pytest.raises(BundleError) as caught:
            loads(replace(edge_bundle, model=model).to_bytes(), "fan.onnx")
        assert "its graph gives" in caught.value.what
        assert "'fast_score'" in caught.value.expected

    def test_a_shortest_window_that_is_longer_than_a_window(self, edge_bundle):
        changed = with_manifest(edge_bundle, min_window_samples=32_001)
        refused(changed, "its shortest window has 32,001 samples", "at most 32,000")

    def test_no_embedding(self, edge_bundle):
        changed = with_manifest(edge_bundle, dim=0)
        with pytest.raises(BundleError):
            loads(changed.to_bytes(), "fan.onnx")

    @pytest.mark.parametrize(("hop", "frame"), [(0, 512), (513, 512)])
    def test_a_map_that_leaves_time_out(self, edge_bundle, hop, frame):
        changed = with_manifest(edge_bundle, map_hop_samples=hop, map_frame_samples=frame)
        what = f"its map has 64 bands, and frames of {frame} samples every {hop}"
        refused(changed, what, "frames that leave nothing out")

    def test_a_map_that_is_coarser_than_what_is_explained(self, edge_bundle):
        changed = with_manifest(edge_bundle, map_hop_samples=8000, map_frame_samples=8001)
        what = "its map has frames of 8001 samples every 8000"
        refused(changed, what, "at most 8000 samples in the shortest stretch")


class TestClassifiers:
    def test_they_are_taken(self, make_classifier):
        assert loads(make_classifier(draws=True).to_bytes()).manifest.labels

    def test_without_probabilities(self, classifier):
        with pytest.raises(BundleError) as caught:
            loads(without_output(classifier, "probabilities").to_bytes(), "fan.onnx")
        assert "its graph gives" in caught.value.what
        assert "'probabilities'" in caught.value.expected

    def test_without_the_distance_that_a_limit_is_for(self, classifier):
        without = without_output(classifier, "distance")
        with pytest.raises(BundleError) as caught:
            loads(without.to_bytes(), "fan.onnx")
        assert "'distance'" in caught.value.expected
        assert loads(with_manifest(without, open_set=None).to_bytes()).manifest.open_set is None

    @pytest.mark.parametrize("labels", [("hum", "hum", "hiss"), ("hum", "", "hiss")])
    def test_classes_without_a_name_of_their_own(self, classifier, labels):
        changed = with_manifest(classifier, labels=labels, alarm_labels=())
        what = f"its labels are {', '.join(map(repr, labels))}"
        refused(changed, what, "a name of its own for each class")

    def test_an_alarm_that_is_no_class(self, classifier):
        changed = with_manifest(classifier, alarm_labels=("rattle",))
        refused(changed, "its alarm labels are 'rattle'", "some of 'hum', 'hiss', 'whistle'")

    def test_fewer_probabilities_than_classes(self, classifier):
        changed = loads(with_manifest(classifier, labels=("hum", "whistle")).to_bytes())
        with pytest.raises(BundleError, match="its output 'probabilities' is float32 of shape"):
            verify(changed)

    def test_their_map_may_be_as_coarse_as_their_shortest_window(self, make_classifier):
        drawn = make_classifier(draws=True)
        coarse = with_manifest(drawn, map_hop_samples=8000, map_frame_samples=8000)
        assert loads(coarse.to_bytes())
        changed = with_manifest(drawn, map_hop_samples=8001, map_frame_samples=8001)
        what = "its map has frames of 8001 samples every 8001"
        refused(changed, what, "at most 8000 samples")


def without_output(bundle, name):
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    del model.graph.output[[value.name for value in model.graph.output].index(name)]
    return replace(bundle, model=model)


def test_a_piece_is_a_tenth_of_a_second_or_a_frame(edge_bundle):
    hop = edge_bundle.manifest.map_hop_samples
    assert frames_a_piece(edge_bundle.manifest) == round(1600 / hop)
    assert frames_a_piece(replace(edge_bundle.manifest, map_hop_samples=16000)) == 1
