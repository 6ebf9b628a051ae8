"""Distances to what is allowed: in the graph as in NumPy, and never more than before."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.memory.reach import ALIKE, BEYOND, prefixes_of, whitened, with_reach, without_reach
from auscult.runtime.engine import Engine

ONE = {"block": [1], "window": [1]}


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def strange(edge_bundle, rng):
    """Embeddings some way off, shape (3, dim)."""
    sigma = 1.0 / edge_bundle.weights["block.inverse_sigma"]
    return edge_bundle.weights["block.mean"] + 3.0 * rng.standard_normal((3, len(sigma))) * sigma


def reaching(bundle, vectors, counts=None):
    n = len(vectors)
    return with_reach(
        bundle.model,
        {"block": vectors, "window": vectors},
        counts or {"block": [1] * n, "window": [1] * n},
    )


def inputs(bundle, samples):
    manifest = bundle.manifest
    window = samples[None, : manifest.window_samples]
    return {
        "waveform": window,
        "context": np.zeros((1, manifest.context, manifest.dim), np.float32),
        "context_length": np.zeros(1, np.int64),
    }


def scores(model, given):
    feeds = dict(given)
    found = Engine(model.SerializeToString()).run(
        feeds.pop("waveform"), **feeds, outputs=["score", "fast_score", "embedding"]
    )
    return {name: value[0] for name, value in found.items()}


def by_hand(bundle, prefix, x, ends, counts):
    """The least length of what is left of x beside each way."""
    scale = bundle.weights[f"{prefix}.scale"].item()
    x = whitened(prefix, bundle.weights, x[None])[0]
    found = [x @ x]
    for end, count in zip(whitened(prefix, bundle.weights, ends), counts, strict=True):
        way = np.clip(x @ end / (end @ end), 0.0, BEYOND)
        rest = x - way * end
        unlike = ALIKE**2 * (end @ end) / scale**2
        found.append((rest @ rest) / (1.0 + way**2 * (1.0 / count + unlike)))
    return np.sqrt(min(found)) / scale


def test_the_space_is_the_one_of_the_distance(edge_bundle, machine):
    found = scores(edge_bundle.model, inputs(edge_bundle, machine(5)))
    length = np.linalg.norm(whitened("window", edge_bundle.weights, found["embedding"][None])[0])
    assert found["fast_score"] == pytest.approx(
        length / edge_bundle.weights["window.scale"].item(), rel=1e-3
    )


@pytest.mark.parametrize("counts", [[1, 1, 1], [1, 3, 20]])
def test_the_graph_says_what_numpy_says(edge_bundle, machine, faulty, strange, counts):
    given = inputs(edge_bundle, faulty(7, start_s=0.0, end_s=2.0))
    embedding = scores(edge_bundle.model, given)["embedding"].astype(float)
    # One on the way to this very sound, one a little off it.
    ends = np.stack([embedding, 0.5 * (embedding + strange[1]), strange[2]])
    model = reaching(edge_bundle, ends, {"block": counts, "window": counts})
    found = scores(model, given)
    assert found["fast_score"] == pytest.approx(
        by_hand(edge_bundle, "window", embedding, ends, counts), rel=2e-2, abs=2e-2
    )
    assert found["fast_score"] < 0.05 * scores(edge_bundle.model, given)["fast_score"]


def test_the_graph_says_what_numpy_says_beside_the_way(edge_bundle, faulty, strange):
    given = inputs(edge_bundle, faulty(7, start_s=0.0, end_s=2.0))
    embedding = scores(edge_bundle.model, given)["embedding"].astype(float)
    ends = np.stack([0.7 * embedding + 0.3 * strange[1], strange[2]])
    found = scores(reaching(edge_bundle, ends), given)["fast_score"]
    by_numpy = by_hand(edge_bundle, "window", embedding, ends, [1, 1])
    assert found == pytest.approx(by_numpy, rel=1e-2)
    before = scores(edge_bundle.model, given)["fast_score"]
    assert 0.0 < found < 0.5 * before


def test_all_the_way_there_is_allowed_and_further_on_and_nothing_across(edge_bundle, strange):
    ends = strange[:1]
    mean = edge_bundle.weights["window.mean"].astype(float)
    near = [mean + part * (ends[0] - mean) for part in (0.1, 0.5, 1.0, BEYOND)]
    lengths = [by_hand(edge_bundle, "window", x, ends, [1]) for x in near]
    np.testing.assert_allclose(lengths, 0.0, atol=1e-6)
    # The other way from normal, it is as strange as it was.
    back = mean - (ends[0] - mean)
    assert by_hand(edge_bundle, "window", back, ends, [1]) == pytest.approx(
        by_hand(edge_bundle, "window", back, ends[:0], [])
    )


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.integers(1, 4), st.floats(0.0, 0.2))
def test_no_score_is_higher_than_before(edge_bundle, machine, seed, n, hiss):
    rng = np.random.default_rng(seed)
    dim = edge_bundle.manifest.dim
    ends = edge_bundle.weights["block.mean"] + rng.standard_normal((n, dim))
    samples = machine(seed % 50) + hiss * rng.standard_normal(160000).astype(np.float32)
    given = inputs(edge_bundle, samples.astype(np.float32))
    before, after = (scores(m, given) for m in (edge_bundle.model, reaching(edge_bundle, ends)))
    for name in ("score", "fast_score"):
        assert 0.0 <= after[name] <= before[name] * (1.0 + 1e-5)


def test_it_can_be_taken_back_to_the_last_byte(edge_bundle, strange):
    once = reaching(edge_bundle, strange)
    assert without_reach(once).SerializeToString(deterministic=True) == (
        without_reach(edge_bundle.model).SerializeToString(deterministic=True)
    )
    again = with_reach(once, {"block": strange[:1], "window": strange[:1]}, ONE)
    assert again.SerializeToString(deterministic=True) == (
        reaching(edge_bundle, strange[:1]).SerializeToString(deterministic=True)
    )
    onnx.checker.check_model(again, full_check=True)


def test_parts_have_numbers():
    weights = dict.fromkeys(["block.mean", "block.1.mean", "window.mean"], np.zeros(1))
    assert prefixes_of(weights, "block") == ["block", "block.1"]
    assert prefixes_of(weights, "window") == ["window"]
