import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.memory.distance import fit
from auscult.memory.graph import (
    IR_VERSION,
    OPSET,
    Nodes,
    memory_graph,
    spectrum_embedder,
)
from auscult.memory.spectrum import PRESETS, SpectrumRecipe, embed, log_bands
from auscult.runtime.bundle import ALLOWED_OPERATORS
from auscult.runtime.engine import Engine

RATE_HZ = 16000
TINY = SpectrumRecipe(n_fft=256, hop=128, n_bands=8, context=2)


@pytest.fixture(scope="module")
def engines():
    """Each preset's embedder, ready to run."""
    models = {name: spectrum_embedder(recipe).model for name, recipe in PRESETS.items()}
    return {name: Engine(model.SerializeToString()) for name, model in models.items()}


@pytest.fixture(scope="module")
def normal():
    """Embeddings of a made-up machine."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((30, TINY.dim)) * rng.uniform(0.1, 3.0, TINY.dim)


def joined(normal, *, context=2, band_mean=None, band_sigma=None):
    recipe = SpectrumRecipe(n_fft=256, hop=128, n_bands=8, context=context)
    block, window = fit(normal).scaled(2.0), fit(normal[::2]).scaled(0.5)
    graph = memory_graph(
        spectrum_embedder(recipe),
        block=block,
        window=window,
        band_mean=band_mean,
        band_sigma=band_sigma,
    )
    return Engine(graph.SerializeToString()), block, window


class TestEmbedder:
    @pytest.mark.parametrize("preset", sorted(PRESETS))
    @pytest.mark.parametrize("gain", [1.0, 0.01])
    def test_it_is_the_numpy_reference(self, engines, machine, preset, gain):
        samples = (gain * machine(80, 2.0)).astype(np.float32)
        found = engines[preset].run(samples[None])
        expected = embed(samples, PRESETS[preset])
        np.testing.assert_allclose(found["embedding"][0], expected, atol=2e-3)
        rms = np.sqrt(np.mean(samples.astype(np.float64) ** 2))
        assert found["level_db"][0] == pytest.approx(20 * np.log10(rms), abs=1e-3)

    @pytest.mark.parametrize("preset", sorted(PRESETS))
    def test_log_bands_are_without_level(self, engines, machine, preset):
        samples = machine(80, 2.0)
        found = engines[preset].run(samples[None])["log_bands"][0]
        bands = log_bands(samples, PRESETS[preset])
        np.testing.assert_allclose(found, bands - bands.mean(), atol=5e-3)

    @settings(max_examples=15)
    @given(samples=st.integers(8000, 34_000))
    def test_any_length_is_embedded_and_an_unfinished_frame_dropped(
        self, engines, machine, samples
    ):
        sound = machine(80, 2.2)[:samples]
        found = engines["edge"].run(sound[None])["embedding"][0]
        np.testing.assert_allclose(found, embed(sound, PRESETS["edge"]), atol=2e-3)
        whole = sound[: samples - samples % 256]
        np.testing.assert_allclose(
            found, engines["edge"].run(whole[None])["embedding"][0], atol=1e-5
        )

    def test_digital_silence_gives_numbers(self, engines):
        found = engines["default"].run(np.zeros((1, 32000), np.float32))
        assert all(np.all(np.isfinite(value)) for value in found.values())
        assert found["level_db"][0] == pytest.approx(-200.0)

    @pytest.mark.parametrize("preset", sorted(PRESETS))
    def test_what_it_says_of_itself(self, preset):
        recipe = PRESETS[preset]
        embedder = spectrum_embedder(recipe, name="mine")
        assert embedder.name == "mine"
        assert embedder.recipe == recipe.to_dict()
        assert (embedder.rate_hz, embedder.window_samples, embedder.hop_samples) == (
            16000,
            32000,
            16000,
        )
        assert embedder.min_window_samples == 8000
        assert embedder.has_bands
        assert len(embedder.bands_hz) == recipe.n_bands
        assert embedder.dim == recipe.dim == 3 * recipe.n_bands
        assert (embedder.map_hop_samples, embedder.map_frame_samples) == (recipe.hop, recipe.n_fft)

    @pytest.mark.parametrize("preset", sorted(PRESETS))
    def test_only_operators_that_bundles_may_use(self, preset):
        nodes = spectrum_embedder(PRESETS[preset]).model.graph.node
        assert {node.op_type for node in nodes} <= ALLOWED_OPERATORS


class TestMemory:
    def test_scores_are_the_learned_distances(self, normal, machine):
        engine, block, window = joined(normal)
        windows = machine(80, 6.0).reshape(3, 32000)
        vectors = np.stack([embed(one, TINY) for one in windows])
        context = np.random.default_rng(1).standard_normal((3, 2, TINY.dim)).astype(np.float32)
        length = np.array([0, 1, 2])
        context[0] = 0.0
        context[1, 0] = 0.0
        found = engine.run(windows, context=context, context_length=length)
        mean = (vectors + context.sum(axis=1)) / (length + 1.0)[:, None]
        np.testing.assert_allclose(found["score"], block(mean), rtol=1e-3)
        np.testing.assert_allclose(found["fast_score"], window(vectors), rtol=1e-3)
        np.testing.assert_allclose(found["embedding"], vectors, atol=2e-3)

    def test_without_context_a_window_stands_for_itself(self, normal, machine):
        engine, block, _ = joined(normal, context=0)
        assert engine.inputs == ("waveform",)
        samples = machine(80, 2.0)
        found = engine.run(samples[None])["score"][0]
        assert found == pytest.approx(block(embed(samples, TINY)[None])[0], rel=1e-3)

    def test_the_map_is_in_deviations_either_way(self, normal, machine):
        mean, sigma = np.linspace(-1, 1, 8), np.linspace(0.5, 2, 8)
        engine, *_ = joined(normal, context=0, band_mean=mean, band_sigma=sigma)
        samples = machine(80, 2.0)
        found = engine.run(samples[None])["anomaly_map"][0]
        bands = log_bands(samples, TINY)
        expected = np.abs(bands - bands.mean() - mean[:, None]) / sigma[:, None]
        np.testing.assert_allclose(found, expected, atol=1e-2)
        assert found.min() >= 0.0

    def test_without_band_statistics_there_is_no_map(self, normal):
        engine, *_ = joined(normal)
        assert engine.outputs == ("score", "fast_score", "level_db", "embedding")

    def test_it_is_a_checked_model_of_the_promised_opset(self, normal):
        whitened = fit(normal)
        model = memory_graph(spectrum_embedder(TINY), block=whitened, window=whitened)
        onnx.checker.check_model(model, full_check=True)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", OPSET)]
        assert model.ir_version == IR_VERSION
        assert {node.op_type for node in model.graph.node} <= ALLOWED_OPERATORS
        assert len({t.name for t in model.graph.initializer}) == len(model.graph.initializer)

    def test_the_same_arrays_give_the_same_bytes(self, normal):
        whitened = fit(normal)
        one, other = (
            memory_graph(spectrum_embedder(TINY), block=whitened, window=whitened) for _ in range(2)
        )
        assert one.SerializeToString() == other.SerializeToString()


class TestNodes:
    def test_constants_have_the_two_types_that_graphs_use(self):
        n = Nodes()
        n.constant("f", 0.5)
        n.constant("i", [1, 2])
        kinds = {name: tensor.data_type for name, tensor in n.constants.items()}
        assert kinds == {"f": onnx.TensorProto.FLOAT, "i": onnx.TensorProto.INT64}

    def test_every_method_names_its_output(self):
        n = Nodes()
        assert n.add("Neg", "x", to="y") == "y"
        assert n.reduce("ReduceSum", "y", [1], to="z", keep=False) == "z"
        assert n.cut("z", 0, 3, 0, to="cut") == "cut"
        assert n.cast("cut", to="whole") == "whole"
        assert [node.op_type for node in n.nodes] == ["Neg", "ReduceSum", "Slice", "Cast"]
