import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from auscult.audio.sound import Sound
from auscult.audio.synth import fan, render
from auscult.datasets.cache import embedder_file
from auscult.datasets.clip import Clip
from auscult.errors import BundleError, EngineError, RecipeError
from auscult.memory.embedder import FILE_CONTEXT, describe, from_file, spectrum_or_file
from auscult.memory.graph import OPSET, spectrum_embedder
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import PRESETS
from auscult.runtime.bundle import EMBEDDER, load
from auscult.runtime.engine import Engine
from auscult.runtime.scorer import Scorer

WINDOW = {"rate_hz": 16000, "window_samples": 16000, "hop_samples": 8000}


def network(*, opset=OPSET, batch="batch", names=("score", "block.mean", "embedding")):
    """Magnitude in four quarters of a window; inner names are chosen to meet those of a memory."""
    quarters, magnitude, embedding = names
    shape = numpy_helper.from_array(np.array([0, 4, 4000]), "axes.1")
    axis = numpy_helper.from_array(np.array([2]), "one")
    nodes = [
        helper.make_node("Reshape", ["waveform", "axes.1"], [quarters]),
        helper.make_node("Abs", [quarters], [magnitude]),
        helper.make_node("ReduceSum", [magnitude, "one"], [embedding], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "quarters",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [batch, 16000])],
        [helper.make_tensor_value_info(embedding, TensorProto.FLOAT, [batch, 4])],
        [shape, axis],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 9
    return model


def described(model=None, **changes):
    return describe(model or network(), **{"name": "quarters", "dim": 4, **WINDOW, **changes})


def refused(path, what, expected, action, kind=BundleError):
    with pytest.raises(kind) as caught:
        from_file(str(path))
    for words, said in zip((what, expected, action), caught.value.args, strict=True):
        assert re.search(words, said), f"{words!r} is not in {said!r}"


class TestDescribing:
    def test_what_is_described_is_said_again(self, tmp_path):
        path = described(licences=("CC BY",)).save(tmp_path / "quarters.onnx")
        embedder = from_file(str(path))
        assert (embedder.name, embedder.dim, embedder.context) == ("quarters", 4, FILE_CONTEXT)
        assert (embedder.rate_hz, embedder.window_samples, embedder.hop_samples) == (
            16000,
            16000,
            8000,
        )
        assert embedder.min_window_samples == 16000
        assert embedder.licences == ("CC BY",)
        assert not embedder.has_bands

    def test_a_shorter_window_where_the_network_takes_one(self, tmp_path):
        model = spectrum_embedder(PRESETS["edge"]).model
        ours = described(model, dim=192, min_window_samples=8000)
        assert from_file(str(ours.save(tmp_path / "a.onnx"))).min_window_samples == 8000

    def test_it_is_no_bundle_yet(self):
        assert described().manifest.family == EMBEDDER
        assert described().manifest.calibration is None


class TestFromFile:
    def test_the_graph_is_the_network_and_the_level(self, tmp_path, machine):
        embedder = from_file(str(described().save(tmp_path / "quarters.onnx")))
        windows = machine(90, 2.0).reshape(2, 16000)
        found = Engine(embedder.model.SerializeToString()).run(windows)
        expected = np.abs(windows).reshape(2, 4, 4000).sum(axis=2)
        np.testing.assert_allclose(found["embedding"], expected, rtol=1e-4)
        rms = np.sqrt(np.mean(windows.astype(np.float64) ** 2, axis=1))
        np.testing.assert_allclose(found["level_db"], 20 * np.log10(rms), atol=1e-3)

    def test_names_inside_never_meet_those_of_the_memory(self, tmp_path, clips, faulty):
        path = described().save(tmp_path / "quarters.onnx")
        bundle = learn_clips(clips, embedder=str(path)).bundle
        assert bundle.manifest.embedder == "quarters"
        sound = Sound(samples=4.0 * faulty(90), rate_hz=16000)
        assert Scorer(bundle).score(sound).is_anomaly

    def test_what_else_it_gives_is_left_out(self, tmp_path):
        ours = described(spectrum_embedder(PRESETS["edge"]).model, dim=192, window_samples=32000)
        embedder = from_file(str(ours.save(tmp_path / "edge.onnx")))
        assert [output.name for output in embedder.model.graph.output] == ["embedding", "level_db"]

    def test_a_bundle_is_none(self, bundle_file):
        refused(
            bundle_file,
            "is a bundle of the family 'memory', not an embedder",
            "manifest says family 'embedder'",
            "leave out --embedder",
        )

    def test_a_plain_onnx_model_is_none(self, tmp_path):
        path = tmp_path / "network.onnx"
        onnx.save(network(), path)
        refused(path, "an ONNX model but no bundle", "auscult learn", "Learn one")

    def test_a_missing_file(self, tmp_path):
        refused(tmp_path / "no.onnx", "could not be opened: No such file", "a bundle", "Check")

    @pytest.mark.parametrize("opset", [13, OPSET + 1])
    def test_another_opset(self, tmp_path, opset):
        path = described(network(opset=opset)).save(tmp_path / "other.onnx")
        refused(
            path,
            f"was exported with opset {opset}",
            f"opset {OPSET}, in which bundles are written",
            f"Export it again with opset {OPSET}",
        )

    def test_an_embedding_of_another_length_than_described(self, tmp_path):
        path = described(dim=5).save(tmp_path / "wrong.onnx")
        refused(
            path,
            r"its output 'embedding' is float32 of shape \(1, 4\)",
            r"float32 of shape \(1, 5\), as its manifest says",
            "Get the bundle again",
        )

    def test_a_window_that_the_network_does_not_take(self, tmp_path):
        path = described(window_samples=20_000).save(tmp_path / "wrong.onnx")
        what, expected = r"could not judge a window of shape \(1, 20000\)", "as its manifest"
        refused(path, what, expected, "auscult bundle verify", kind=EngineError)

    def test_no_embedding(self, tmp_path):
        path = described(network(names=("a", "b", "features"))).save(tmp_path / "wrong.onnx")
        what = re.escape("its graph takes ['waveform'] and gives ['features']")
        refused(path, what, re.escape("['embedding']"), "Get the bundle again")

    def test_one_window_at_a_time_is_too_few(self, tmp_path, clips):
        path = described(network(batch=1)).save(tmp_path / "single.onnx")
        with pytest.raises(EngineError, match=r"could not judge a window of shape \(16, 16000\)"):
            learn_clips(clips, embedder=str(path))


class TestWhichOne:
    @pytest.mark.parametrize("preset", sorted(PRESETS))
    def test_the_built_in_one(self, preset):
        embedder = spectrum_or_file("spectrum", preset, None)
        assert (embedder.name, embedder.dim) == ("spectrum", PRESETS[preset].dim)

    def test_a_file(self, embedder_file):
        assert spectrum_or_file(str(embedder_file), "default", None).name == "sixteen"

    def test_an_unknown_preset_lists_the_known_ones(self):
        with pytest.raises(RecipeError) as caught:
            spectrum_or_file("spectrum", "tiny", None)
        assert caught.value.what == "There is no preset 'tiny'."
        assert caught.value.expected == "one of default, edge"
        assert "--preset" in caught.value.action

    def test_going_on_takes_the_preset_of_the_bundle(self, edge_bundle):
        assert spectrum_or_file("spectrum", "default", edge_bundle).dim == PRESETS["edge"].dim

    def test_going_on_takes_the_same_file_again(self, own_bundle, embedder_file):
        assert spectrum_or_file(str(embedder_file), "default", own_bundle).name == "sixteen"

    def test_going_on_with_a_file_needs_the_file(self, own_bundle):
        with pytest.raises(BundleError) as caught:
            spectrum_or_file("spectrum", "default", own_bundle)
        assert "was learned with the embedder 'sixteen'" in caught.value.what
        assert "the same embedder to go on with" in caught.value.expected
        assert "Name its file with --embedder" in caught.value.action

    def test_going_on_with_another_file(self, own_bundle, tmp_path):
        other = described().save(tmp_path / "quarters.onnx")
        with pytest.raises(BundleError, match="was learned with the embedder 'sixteen'"):
            spectrum_or_file(str(other), "default", own_bundle)

    def test_going_on_with_a_file_where_there_was_none(self, bundle, embedder_file):
        with pytest.raises(BundleError) as caught:
            spectrum_or_file(str(embedder_file), "default", bundle)
        assert "was learned with the embedder 'spectrum'" in caught.value.what
        assert "Leave out --embedder" in caught.value.action

    @pytest.mark.parametrize(
        "recipe", [{}, {"n_fft": 0}, {**PRESETS["default"].to_dict(), "n_fft": "1024"}]
    )
    def test_a_recipe_that_is_none_is_not_followed(self, bundle, recipe):
        other = replace(bundle, manifest=replace(bundle.manifest, recipe=recipe))
        with pytest.raises(BundleError, match="was learned with the embedder 'spectrum'"):
            spectrum_or_file("spectrum", "default", other)


class TestFetchedOnes:
    @pytest.fixture(autouse=True)
    def cache(self, monkeypatch, tmp_path):
        monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path / "cache"))
        monkeypatch.chdir(tmp_path)

    def test_a_bare_name_is_looked_up_in_the_cache(self):
        embedder_file("mn04").parent.mkdir(parents=True)
        described(name="mn04").save(embedder_file("mn04"))
        assert spectrum_or_file("mn04", "default", None).name == "mn04"

    def test_a_file_of_that_name_comes_first(self):
        described(name="ours").save("yamnet")
        assert from_file("yamnet").name == "ours"

    def test_what_was_not_fetched_says_how(self):
        refused(
            "mn04",
            "The embedder 'mn04' is not on this machine",
            "mn04-2.onnx",
            "Fetch it once: auscult embedder fetch mn04",
            kind=RecipeError,
        )

    def test_going_on_with_it(self, clips):
        embedder_file("mn04").parent.mkdir(parents=True)
        described(name="mn04").save(embedder_file("mn04"))
        before = learn_clips(clips, embedder="mn04").bundle
        assert spectrum_or_file("mn04", "default", before).name == "mn04"


def test_an_embedder_can_be_shown_like_a_bundle(embedder_file):
    manifest = load(embedder_file).manifest
    assert (manifest.name, manifest.family, manifest.dim) == ("sixteen", "embedder", 48)


def test_a_higher_sample_rate_is_no_anomaly():
    """Learned at 16 kHz and heard through the resampler from 48: its filter lies above the bands."""
    wide = fan(rate_hz=48000)

    def at_16_khz(seed):
        spectrum = np.fft.rfft(render(wide, seconds=10.0, seed=seed).samples)
        samples = np.fft.irfft(spectrum[:80001] / 3.0, 160000).astype(np.float32)
        return Sound(samples=samples, rate_hz=16000)

    learned = learn_clips(
        [Clip(path=Path(f"{i}.wav"), label="normal", sound=at_16_khz(i)) for i in range(20)]
    )
    scorer = Scorer(learned.bundle)
    low = scorer.score(at_16_khz(100), explain=False)
    high = scorer.score(render(wide, seconds=10.0, seed=100), explain=False)
    assert high.score == pytest.approx(low.score, rel=0.1)
    assert (low.state, high.state) == ("normal", "normal")
