"""A form for a small device is a bundle of its own, and the same detector."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from auscult.errors import BundleError
from auscult.memory.embedder import describe
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import load, loads
from auscult.runtime.calibration import Calibration, rule_from
from auscult.runtime.checks import run_checks
from auscult.runtime.compact import rules_in
from auscult.runtime.learned import digests_of
from auscult.runtime.quantise import layers_of, named
from auscult.runtime.scorer import Scorer
from auscult.training import variant
from auscult.training.twin import Twin

RATE_HZ = 16000


@pytest.fixture(scope="module")
def network(tmp_path_factory, small_network):
    """The file of an embedder that is a small network."""
    described = describe(
        small_network(), name="small", rate_hz=RATE_HZ, window_samples=8000, hop_samples=8000, dim=8
    )
    return described.save(tmp_path_factory.mktemp("network") / "small.onnx")


@pytest.fixture(scope="module")
def heard_by_network(clips, network):
    """A memory of what that network hears."""
    return learn_clips(clips, name="machine", embedder=str(network)).bundle


@pytest.fixture(scope="module")
def labelled(clip, machine, faulty):
    calm = [clip(machine(50 + k), f"calm{k}.wav") for k in range(4)]
    strange = [clip(faulty(60 + k, amplitude=0.2), f"strange{k}.wav", "anomaly") for k in range(4)]
    return [*calm, *strange]


@pytest.fixture(scope="module")
def eight_bits(heard_by_network, clips, labelled):
    return variant.int8(heard_by_network, "static", clips=clips, test=labelled, allow_loss=True)


def test_a_memory_of_a_network_is_learned_again_through_eight_bits(eight_bits, heard_by_network):
    found = eight_bits.manifest.variant
    assert (found.kind, found.relearned, found.limit_ratio) == ("onnx-int8-static", True, 1.0)
    assert found.correlation > 0.9
    assert found.auc is not None
    assert found.auc_before is not None
    assert len(eight_bits.to_bytes()) < len(heard_by_network.to_bytes())
    kinds = {node.op_type for node in eight_bits.model.graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds
    again = loads(eight_bits.to_bytes())
    assert again.manifest == eight_bits.manifest
    assert {"block.mean", "block.directions", "window.mean"} <= set(again.weights)


def test_it_is_loaded_and_judges(eight_bits, faulty, machine, tmp_path):
    scorer = Scorer(load(eight_bits.save(tmp_path / "small.onnx")))
    calm, strange = (
        scorer.run(sound[40_000:48_000], ())["score"][0]
        for sound in (machine(70), faulty(70, amplitude=0.3, start_s=0.0, end_s=10.0))
    )
    assert strange > calm


def test_without_sound_its_memory_stays_and_limits_move(heard_by_network):
    found = variant.int8(heard_by_network, "static", allow_loss=True).manifest
    assert not found.variant.relearned
    before = heard_by_network.manifest.calibration.recording_limit()
    assert found.calibration.recording_limit() != before
    assert found.variant.auc is None


def test_a_spectrum_has_no_network_and_is_smaller_all_the_same(bundle, clips):
    found = variant.int8(bundle, clips=clips)
    assert found.manifest.variant.kind == "onnx-float"
    assert found.manifest.variant.correlation > 0.99999
    assert found.manifest.variant.limit_ratio == pytest.approx(1.0, abs=1e-4)
    assert len(found.to_bytes()) < 0.4 * len(bundle.to_bytes())
    assert len(list(rules_in(found.model))) == 6
    assert not [name for name in found.arrays if name.startswith("record.")]
    assert len(digests_of(found.arrays)) == len(clips)
    assert not layers_of(named(bundle.model)).nodes
    run_checks(found)


def test_what_agrees_too_little_is_refused(heard_by_network, monkeypatch):
    quantised = variant.quantised

    def otherwise(model, *given, **options):
        found = quantised(model, *given, **options)
        for tensor in found.graph.initializer:
            if tensor.name.endswith("second.weight_quantized"):
                nothing = np.zeros_like(numpy_helper.to_array(tensor))
                tensor.CopyFrom(numpy_helper.from_array(nothing, tensor.name))
        return found

    monkeypatch.setattr(variant, "quantised", otherwise)
    with pytest.raises(
        BundleError, match=r"is another detector: its scores correlate .* --allow-loss"
    ):
        variant.int8(heard_by_network, "static")


def test_where_that_agrees_too_little_weights_alone_are_taken(heard_by_network, clips, monkeypatch):
    tried = []
    refuse = variant._refuse_loss

    def strict(found, before):
        tried.append(found.kind)
        refuse(replace(found, correlation=0.5) if found.kind.endswith("static") else found, before)

    monkeypatch.setattr(variant, "_refuse_loss", strict)
    found = variant.int8(heard_by_network, clips=clips)
    assert tried == ["onnx-int8-static", "onnx-int8-weights"]
    assert found.manifest.variant.kind == "onnx-int8-weights"
    assert found.manifest.variant.correlation > 0.999
    assert loads(found.to_bytes()).manifest == found.manifest
    with pytest.raises(BundleError, match="The onnx-int8-static variant is another detector"):
        variant.int8(heard_by_network, "static", clips=clips)


def test_a_lost_auc_is_refused(bundle):
    lost = variant.Variant(
        kind="onnx-int8-static",
        of_sha256="0" * 64,
        windows=9,
        correlation=0.999,
        auc_before=0.9,
        auc=0.87,
    )
    with pytest.raises(BundleError, match=r"its AUC is 0.870 instead of 0.900"):
        variant._refuse_loss(lost, bundle)
    variant._refuse_loss(replace(lost, auc=0.885), bundle)


@pytest.mark.parametrize("what", ["a variant", "an embedder"])
def test_only_what_was_learned_is_exported(what, eight_bits, network):
    given = eight_bits if what == "a variant" else load(network)
    with pytest.raises(
        BundleError, match=r"can't be exported\..*Export the bundle that it was made"
    ):
        variant.int8(given)


def test_a_classifier_moves_its_open_set_and_knows_its_classes(classifier, clip, sound_like):
    sounds = [
        clip(sound_like(kind, seed, 3.0), f"{kind}{seed}.wav", kind)
        for kind in ("hum", "hiss", "whistle")
        for seed in range(4)
    ]
    found = variant.int8(classifier, clips=sounds, test=sounds)
    assert found.manifest.open_set.limit == pytest.approx(3.0, rel=1e-3)
    assert found.manifest.variant.auc == found.manifest.variant.auc_before == 1.0


def test_limits_move_by_what_normal_sound_moves():
    scores = np.exp(np.random.default_rng(0).normal(size=400) * 0.1)
    rule = rule_from(scores, name="sudden", statistic="fast_score", heavy_tail=True)
    before = Calibration(rules=(rule,), recording=None, level=None, heard_s=400.0)
    moved = {"fast_score": variant._Moved.of(scores, 3.0 * scores)}
    after = variant._calibration(before, moved)
    limits = [one.thresholds()[0].limit for one in (before, after)]
    assert limits[1] == pytest.approx(3.0 * limits[0], rel=1e-6)
    assert after.rules[0].largest[0] == pytest.approx(3.0 * rule.largest[0], rel=1e-5)
    # What varies from window to window makes them wider.
    noisy = scores * np.exp(np.random.default_rng(1).normal(size=400) * 0.1)
    wider = variant._calibration(before, {"fast_score": variant._Moved.of(scores, noisy)})
    assert wider.rules[0].log_sd > 1.3 * rule.log_sd
    other = variant._calibration(before, {"score": moved["fast_score"]})
    assert other == before


def test_correlation_of_what_never_changes_is_one_or_nothing():
    same = np.full(5, 2.0)
    assert variant._correlation(same, same) == 1.0
    assert variant._correlation(same, 2.0 * same) == 0.0
    assert variant._correlation(same, np.array([1.0, 2.0, np.nan, 1.0, 1.0])) == 0.0


def test_a_layer_that_can_not_be_converted_is_called_as_its_maker_called_it(
    heard_by_network, monkeypatch
):
    model = onnx.ModelProto()
    model.CopyFrom(heard_by_network.model)
    node = next(node for node in model.graph.node if node.op_type == "Relu")
    node.op_type, node.name = "Elu", "/encoder/act0"

    def by_twin(model, precision, inputs, outputs, *, layers):
        Twin(model, {name: value[:1] for name, value in inputs.items()}, outputs)

    monkeypatch.setattr(variant, "look_first", lambda: None)
    monkeypatch.setattr(variant, "converted", by_twin)
    with pytest.raises(
        BundleError, match=r"operator Elu of the layer 'Elu\.\d+ \(/encoder/act0\)'"
    ):
        variant.tflite(replace(heard_by_network, model=model), "int8")


@pytest.mark.parametrize("how", ["static", None])
def test_a_network_that_learned_from_pieces_of_a_window_is_exported(
    how, clip, machine, small_network, tmp_path
):
    described = describe(
        small_network(),
        name="small",
        rate_hz=RATE_HZ,
        window_samples=16000,
        hop_samples=8000,
        dim=8,
    )
    described = replace(described, manifest=replace(described.manifest, min_window_samples=8000))
    file = described.save(tmp_path / "small.onnx")
    short = [clip(machine(k, 0.6 + k / 100), f"{k}.wav") for k in range(30)]
    before = learn_clips(short, name="short", embedder=str(file)).bundle
    for clips in ((), short):
        found = variant.int8(before, how, clips=clips, allow_loss=True)
        assert found.manifest.variant.relearned is bool(clips)
        assert loads(found.to_bytes()).manifest == found.manifest


def test_a_memory_can_be_learned_through_another_engine(own_bundle, clips):
    """Here the very same one, as an embedder's: what comes of it is the same memory."""
    ears = variant._Ears(own_bundle)
    assert (ears.name, ears.outputs) == ("onnxruntime", ("embedding", "level_db"))
    again = variant._learned_again(own_bundle, own_bundle.model, clips, None, engine=ears)
    for name in ("block.mean", "window.mean", "block.directions"):
        np.testing.assert_allclose(
            np.abs(again.weights[name]), np.abs(own_bundle.weights[name]), rtol=1e-3, atol=1e-4
        )
    limits = [one.manifest.calibration.recording_limit() for one in (again, own_bundle)]
    assert limits[0] == pytest.approx(limits[1], rel=1e-3)
