from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from auscult.audio.sound import Sound
from auscult.errors import BundleError, RecipeError
from auscult.memory.blocks import blocks_of
from auscult.memory.embedder import describe, from_file, spectrum_or_file
from auscult.memory.graph import memory_graph, spectrum_embedder
from auscult.memory.hear import hear
from auscult.memory.learn import learn_clips
from auscult.memory.memorise import memorise
from auscult.memory.spectrum import PRESETS, SpectrumRecipe
from auscult.memory.together import together
from auscult.runtime.bundle import ALLOWED_OPERATORS, loads, verify
from auscult.runtime.checks import run_checks
from auscult.runtime.engine import Engine
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000


@pytest.fixture(scope="module")
def twelve(tmp_path_factory):
    """An ONNX embedder as anyone could bring one: twelve bands, whole windows of two seconds only."""
    recipe = SpectrumRecipe(n_fft=512, hop=256, n_bands=12)
    model = spectrum_embedder(recipe).model
    for tensor in model.graph.initializer:
        if tensor.name == "chunk.shape":
            tensor.CopyFrom(numpy_helper.from_array(np.array([0, 125, 256]), tensor.name))
    ours = describe(
        model,
        name="twelve",
        rate_hz=RATE_HZ,
        window_samples=2 * RATE_HZ,
        hop_samples=RATE_HZ,
        dim=recipe.dim,
        licences=("Made for tests.",),
    )
    return ours.save(tmp_path_factory.mktemp("embedder") / "twelve.onnx")


@pytest.fixture(scope="module")
def both(twelve):
    """The names of two embedders."""
    return f"spectrum+{twelve}"


@pytest.fixture(scope="module")
def joint(clips, both):
    """A bundle learned with two embedders."""
    return learn_clips(clips, name="machine", embedder=both).bundle


def sound_of(samples):
    return Sound(samples=samples, rate_hz=RATE_HZ)


class TestEmbedder:
    def test_embeddings_stand_side_by_side(self, both, twelve, machine):
        windows = machine(90, 4.0).reshape(2, -1)
        embedder = spectrum_or_file(both, "edge", None)
        alone = [spectrum_or_file(one, "edge", None) for one in ("spectrum", str(twelve))]
        found = Engine(embedder.model.SerializeToString()).run(windows)
        parts = [Engine(one.model.SerializeToString()).run(windows) for one in alone]
        expected = np.concatenate([part["embedding"] for part in parts], axis=1)
        np.testing.assert_allclose(found["embedding"], expected, atol=1e-5)
        np.testing.assert_allclose(found["level_db"], parts[0]["level_db"], atol=1e-4)
        np.testing.assert_allclose(found["log_bands"], parts[0]["log_bands"], atol=1e-4)
        assert embedder.parts == (192, 36)

    def test_what_it_says_of_itself(self, both):
        embedder = spectrum_or_file(both, "edge", None)
        assert (embedder.name, embedder.dim) == ("spectrum+twelve", 228)
        assert embedder.recipe == {"spectrum": PRESETS["edge"].to_dict(), "twelve": {}}
        assert embedder.min_window_samples == 2 * RATE_HZ
        assert embedder.licences == ("Made for tests.",)
        assert len(embedder.bands_hz) == 64

    def test_nothing_is_in_the_graph_that_it_does_not_need(self, both):
        graph = spectrum_or_file(both, "edge", None).model.graph
        used = {name for node in graph.node for name in node.input}
        assert {tensor.name for tensor in graph.initializer} <= used
        made = [name for node in graph.node for name in node.output]
        assert set(made) <= used | {output.name for output in graph.output}
        assert len(set(made)) == len(made)

    def test_the_spectrum_comes_first(self, twelve):
        embedder = spectrum_or_file(f"{twelve}+spectrum", "edge", None)
        assert embedder.name == "spectrum+twelve"

    def test_low_rates_cut_the_spectrums_bands(self, both):
        embedder = spectrum_or_file(both, "default", None, rate_hz=8000)
        assert embedder.bands_hz[-1][2] < 4000.0

    def test_three_of_them(self, twelve):
        third = replace(from_file(str(twelve)), name="third")
        joined = together([spectrum_embedder(PRESETS["edge"]), from_file(str(twelve)), third])
        assert joined.parts == (192, 36, 36)
        onnx.checker.check_model(joined.model, full_check=True)


class TestRefused:
    def refused(self, name, what, expected, action, kind=RecipeError):
        with pytest.raises(kind) as caught:
            spectrum_or_file(name, "default", None)
        for words, said in zip((what, expected, action), caught.value.args, strict=True):
            assert words in said

    @pytest.mark.parametrize("name", ["spectrum+mn05", "mn05+spectrum", "spectrum+", "+spectrum"])
    def test_an_unknown_name(self, name):
        unknown = name.replace("spectrum", "").strip("+")
        self.refused(
            name,
            f"There is no embedder '{unknown}', which '{name}' names.",
            "spectrum, mn04, yamnet, or the file of an ONNX embedder, joined by +",
            "Check the name: --embedder spectrum+mn04",
        )

    def test_one_that_was_not_fetched(self, monkeypatch, tmp_path):
        monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path))
        self.refused(
            "spectrum+mn04",
            "The embedder 'mn04' is not on this machine.",
            "mn04-2.onnx",
            "Fetch it once: auscult embedder fetch mn04",
        )

    def test_the_same_twice(self):
        self.refused(
            "spectrum+spectrum",
            "'spectrum+spectrum' names an embedder twice.",
            "different embedders",
            "Name each once.",
        )

    def test_other_windows(self, embedder_file):
        self.refused(
            f"spectrum+{embedder_file}",
            "sixteen 16,000 samples every 8,000 at 16,000 Hz",
            "embedders that hear the same windows",
            "or learn a bundle with each",
        )


class TestLearned:
    def test_it_passes_all_checks_of_bundles(self, joint):
        run_checks(joint)

    def test_it_says_what_it_is(self, joint):
        manifest = joint.manifest
        assert (manifest.embedder, manifest.dim) == ("spectrum+twelve", 384 + 36)
        assert manifest.licences == ("Made for tests.",)
        assert len(manifest.bands_hz) == 128
        assert {node.op_type for node in joint.model.graph.node} <= ALLOWED_OPERATORS
        assert verify(loads(joint.to_bytes())) == 0.0

    def test_learning_twice_gives_the_same_file(self, clips, both, joint):
        assert learn_clips(clips, name="machine", embedder=both).bundle.to_bytes() == (
            joint.to_bytes()
        )

    def test_scores_are_the_sum_of_both_distances(self, clips, both, machine):
        embedder = spectrum_or_file(both, "default", None)
        heard = hear(clips, embedder)
        windows = learn_windows(heard, embedder)
        memory = memorise(windows, embedder.parts)
        (other,) = memory.others
        graph = memory_graph(
            embedder,
            block=memory.block,
            window=memory.window,
            partial=memory.partial,
            others=memory.others,
        )
        batch = machine(80, 6.0).reshape(3, -1)
        length = np.array([0, 3, 8])
        context = np.zeros((3, 8, embedder.dim), np.float32)
        for row, n in enumerate(length):
            context[row, 8 - n :] = heard.embeddings[:n]
        engine = Engine(graph.SerializeToString())
        found = engine.run(batch, context=context, context_length=length)
        vectors = found["embedding"].astype(np.float64)
        means = (vectors + context.sum(axis=1)) / (length + 1.0)[:, None]
        first, second = means[:, :384], means[:, 384:]
        score = memory.block(first) / memory.partial[length]
        score += other.block(second) / other.partial[length]
        np.testing.assert_allclose(found["score"], score, rtol=1e-3)
        fast = memory.window(vectors[:, :384]) + other.window(vectors[:, 384:])
        np.testing.assert_allclose(found["fast_score"], fast, rtol=1e-3)
        np.testing.assert_array_equal(found["first_embedding"], found["embedding"][:, :384])

    def test_held_out_normal_sound_scores_one_and_faults_are_heard(self, joint, machine, faulty):
        scorer = Scorer(joint)
        normal = [scorer.score(sound_of(machine(seed)), explain=False) for seed in range(100, 112)]
        assert np.median([one.score for one in normal]) == pytest.approx(1.0, abs=0.15)
        assert np.median([w.fast_score for one in normal for w in one]) == pytest.approx(
            1.0, abs=0.1
        )
        assert sum(one.is_anomaly for one in normal) <= 1
        assert all(scorer.score(sound_of(faulty(seed))).is_anomaly for seed in range(100, 105))

    def test_the_spectrums_part_explains(self, joint, bundle, faulty):
        sound = sound_of(faulty(100))
        found, alone = (Scorer(one).score(sound).explanation for one in (joint, bundle))
        assert found.text == alone.text
        assert (found.kinds, found.start_s, found.end_s) == (
            alone.kinds,
            alone.start_s,
            alone.end_s,
        )
        assert found.nearest.recording == alone.nearest.recording

    def test_without_the_spectrum_nothing_is_drawn(self, clips, twelve, tmp_path, faulty):
        other = replace(from_file(str(twelve)), name="other")
        ours = describe(
            other.model,
            name="other",
            rate_hz=RATE_HZ,
            window_samples=2 * RATE_HZ,
            hop_samples=RATE_HZ,
            dim=36,
        ).save(tmp_path / "other.onnx")
        bundle = learn_clips(clips, name="machine", embedder=f"{twelve}+{ours}").bundle
        bundle = loads(bundle.to_bytes())
        assert bundle.manifest.bands_hz == ()
        verdict = Scorer(bundle).score(sound_of(faulty(100)))
        assert verdict.is_anomaly
        assert verdict.explanation is None

    def test_a_first_embedding_of_another_length_is_refused(self, joint):
        model = onnx.ModelProto()
        model.CopyFrom(joint.model)
        (node,) = (n for n in model.graph.node if n.output[0] == "first_embedding")
        node.input[0] = "embedding"
        (output,) = (value for value in model.graph.output if value.name == "first_embedding")
        del output.type.tensor_type.shape.dim[:]
        broken = loads(replace(joint, model=model).to_bytes())
        with pytest.raises(BundleError, match="its output 'first_embedding'"):
            verify(broken)

    @pytest.mark.parametrize("name", ["block.mean", "window.directions", "bands.sigma"])
    def test_what_explains_is_seen_to(self, joint, name):
        model = onnx.ModelProto()
        model.CopyFrom(joint.model)
        (tensor,) = (t for t in model.graph.initializer if t.name == name)
        tensor.name = "another"
        for node in model.graph.node:
            node.input[:] = ["another" if used == name else used for used in node.input]
        with pytest.raises(BundleError, match=f"its constant '{name}' is missing"):
            loads(replace(joint, model=model).to_bytes())


class TestGoingOn:
    def more(self, clip, machine):
        return [clip(machine(seed), f"{seed}.wav") for seed in (50, 51, 52)]

    def test_with_the_same_embedders(self, joint, both, clip, machine):
        again = learn_clips(self.more(clip, machine), embedder=both, add=joint).bundle
        assert again.manifest.embedder == "spectrum+twelve"
        assert again.manifest.data.recordings == 15

    @pytest.mark.parametrize("name", ["spectrum", "twelve"])
    def test_with_one_of_them(self, joint, twelve, name, clip, machine):
        one = name if name == "spectrum" else str(twelve)
        with pytest.raises(BundleError) as caught:
            learn_clips(self.more(clip, machine), embedder=one, add=joint)
        assert "was learned with the embedder 'spectrum+twelve'" in caught.value.what
        assert "the same embedder to go on with" in caught.value.expected
        assert "Name them with --embedder spectrum+twelve, or their files" in caught.value.action

    def test_with_one_more_than_before(self, bundle, both, clip, machine):
        with pytest.raises(BundleError, match="was learned with the embedder 'spectrum'"):
            learn_clips(self.more(clip, machine), embedder=both, add=bundle)


def learn_windows(heard, embedder):
    from auscult.memory.learn import _windows_of

    return _windows_of(heard, embedder)


def test_a_file_whose_name_holds_a_plus_is_a_file(tmp_path, twelve, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a+b.onnx").write_bytes(twelve.read_bytes())
    assert spectrum_or_file("a+b.onnx", "default", None).name == "twelve"


def test_blocks_of_both_are_of_the_same_windows(clips, both):
    embedder = spectrum_or_file(both, "edge", None)
    windows = learn_windows(hear(clips, embedder), embedder)
    memory = memorise(windows, embedder.parts)
    assert len(memory.block_scores) == len(blocks_of(windows))
