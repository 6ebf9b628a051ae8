import inspect
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from auscult.runtime import checks
from auscult.runtime.bundle import Bundle, load
from auscult.runtime.checks import CHECKS, run_checks

BUNDLES = ["bundle", "edge_bundle", "own_bundle", "classifier"]


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_is_learned_does_what_any_bundle_must(request, check, name):
    check(request.getfixturevalue(name))


def test_a_bundle_from_a_file_passes_all(bundle_file):
    run_checks(load(bundle_file))


def test_every_check_is_run():
    named = [f for name, f in inspect.getmembers(checks) if name.startswith("check_")]
    assert set(CHECKS) == set(named)
    assert all(check.__doc__ for check in CHECKS)


def with_manifest(bundle, **fields):
    return replace(bundle, manifest=replace(bundle.manifest, **fields))


def with_graph(bundle, *nodes, **constants):
    """The same bundle with nodes that make `score` from `plain`, which is what `score` was."""
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    for node in model.graph.node:
        node.output[:] = ["plain" if name == "score" else name for name in node.output]
    for op, inputs, output in nodes:
        model.graph.node.append(helper.make_node(op, inputs, [output]))
    for name, value in constants.items():
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return replace(bundle, model=model)


def randomised(bundle):
    return with_graph(
        bundle, ("RandomNormalLike", ["plain"], "noise"), ("Add", ["plain", "noise"], "score")
    )


def with_silence_as_minus_infinity(bundle):
    return with_graph(
        bundle,
        ("Abs", ["waveform"], "magnitude"),
        ("ReduceSum", ["magnitude", "last"], "sum"),
        ("Squeeze", ["sum", "last"], "flat"),
        ("Log", ["flat"], "logarithm"),
        ("Add", ["plain", "logarithm"], "score"),
        last=[1],
    )


def centred_in_its_batch(bundle):
    return with_graph(
        bundle, ("ReduceMean", ["plain"], "typical"), ("Sub", ["plain", "typical"], "score")
    )


def without_output(bundle, name):
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    kept = [output for output in model.graph.output if output.name != name]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    return replace(bundle, model=model)


def with_probabilities_that_are_levels(bundle):
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    model.graph.node.append(helper.make_node("Unsqueeze", ["level_db", "first"], ["column"]))
    columns = helper.make_node("Concat", ["column", "column"], ["probabilities"], axis=1)
    model.graph.node.append(columns)
    model.graph.initializer.append(numpy_helper.from_array(np.array([1]), "first"))
    output = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])
    model.graph.output.append(output)
    return with_manifest(replace(bundle, model=model), labels=("ok", "ng"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Stamped(Bundle):
    """Writes how often it was saved into the file."""

    def to_bytes(self):
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        model.doc_string = f"saved {next(TIMES)} times"
        return Bundle(manifest=self.manifest, model=model, arrays=self.arrays).to_bytes()


TIMES = count()


def stamped(bundle):
    return Stamped(manifest=bundle.manifest, model=bundle.model, arrays=bundle.arrays)


def with_another_reference_score(bundle):
    first, *rest = bundle.manifest.references
    return with_manifest(bundle, references=(replace(first, score=2.0 * first.score), *rest))


def with_a_context_free_proof_alone(bundle):
    return with_manifest(bundle, references=bundle.manifest.references[:1])


def with_an_array_of_a_kind_that_is_not_kept(bundle):
    return replace(bundle, arrays={**bundle.arrays, "more": np.zeros(2, np.complex64)})


BROKEN = [
    (
        "check_references",
        lambda bundle: with_manifest(bundle, references=()),
        "There is no reference window",
    ),
    ("check_references", with_another_reference_score, "prove nothing: .* reference window 1"),
    ("check_references", with_a_context_free_proof_alone, "No reference window comes with context"),
    (
        "check_output_shapes",
        lambda bundle: without_output(bundle, "anomaly_map"),
        "no output 'anomaly_map', though the manifest implies it",
    ),
    (
        "check_output_shapes",
        lambda bundle: with_manifest(bundle, bands_hz=((50.0, 60.0, 70.0),)),
        r"'anomaly_map' of two windows has the shape \(2, 64, 124\) instead of \(2, 1, 124\)",
    ),
    (
        "check_probabilities_are_shares",
        with_probabilities_that_are_levels,
        "The probabilities of a window are -[0-9.]+, -[0-9.]+, and no shares of 1",
    ),
    (
        "check_saving_keeps_everything",
        lambda bundle: with_manifest(bundle, recipe={"layers": (64, 8)}),
        "The manifest is another one after loading",
    ),
    (
        "check_saving_keeps_everything",
        with_an_array_of_a_kind_that_is_not_kept,
        "What was saved is refused: .*arrays in its metadata are broken",
    ),
    ("check_same_input_gives_the_same_bytes", stamped, "Saved twice, the files differ"),
    (
        "check_scores_rise_with_damage",
        lambda bundle: with_graph(bundle, ("Neg", ["plain"], "score")),
        r"A growing tone does not raise the score each time: -[0-9.]+, ",
    ),
    (
        "check_batch_size_does_not_change_scores",
        centred_in_its_batch,
        "The output 'score' is .* for windows together, and 0, 0, 0 for each alone",
    ),
    (
        "check_gain_does_not_change_scores",
        lambda bundle: with_graph(bundle, ("Sub", ["plain", "level_db"], "score")),
        "Loudness changes the score: .* dB louder",
    ),
    (
        "check_broken_sound_is_survived_or_refused",
        with_silence_as_minus_infinity,
        "The graph gives no finite score for silence",
    ),
    (
        "check_cutting_does_not_change_verdicts",
        randomised,
        "in small blocks gets other verdicts than in one piece",
    ),
]


@pytest.mark.parametrize(
    ("check", "broken", "words"),
    BROKEN,
    ids=[f"{check}-{i}" for i, (check, *_) in enumerate(BROKEN)],
)
def test_what_is_broken_is_caught(edge_bundle, check, broken, words):
    with pytest.raises(AssertionError, match=words):
        getattr(checks, check)(broken(edge_bundle))


def test_each_check_catches_something():
    assert {check.__name__ for check in CHECKS} == {name for name, *_ in BROKEN}


def test_a_score_that_is_drawn_by_lot_is_not_the_same_twice(edge_bundle):
    drawn = randomised(edge_bundle)
    with pytest.raises(AssertionError, match=r"What was saved is refused: .*RandomNormalLike"):
        checks.check_same_input_gives_the_same_bytes(drawn)


def test_other_families_may_hear_loudness(edge_bundle):
    loud = with_graph(edge_bundle, ("Sub", ["plain", "level_db"], "score"))
    checks.check_gain_does_not_change_scores(with_manifest(loud, family="autoencoder"))


def test_a_classifier_that_gives_no_distance_may_not_claim_to_know_strangers(make_classifier):
    without = without_output(make_classifier(), "distance")
    with pytest.raises(AssertionError, match="no output 'distance', though the manifest"):
        checks.check_output_shapes(without)
    checks.check_output_shapes(with_manifest(without, open_set=None))


def test_the_first_that_fails_ends_the_run(edge_bundle):
    with pytest.raises(AssertionError, match="There is no reference window"):
        run_checks(with_manifest(edge_bundle, references=()))
