"""Embeddings on a plane, and how well their classes keep apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from auscult.evaluation import plane as module
from auscult.evaluation.plane import class_silhouettes, on_a_plane, scaled, silhouettes


def blobs(*centres, n=12, dim=4, seed=0):
    rng = np.random.default_rng(seed)
    points = [rng.normal(size=(n, dim)) + centre for centre in centres]
    return np.concatenate(points), [f"class {i}" for i in range(len(centres)) for _ in range(n)]


def test_a_dimension_that_hardly_changes_counts_little():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(50, 5))
    z[:, 0] *= 1e-6
    spread = scaled(z).std(axis=0)
    np.testing.assert_allclose(spread[1:], 1)
    assert spread[0] < 1e-4


@pytest.mark.parametrize("tsne", [False, True])
def test_what_lies_apart_stays_apart(tsne):
    points, labels = blobs(0.0, 30.0)
    found = on_a_plane(points, tsne=tsne)
    assert found.points.shape == (24, 2)
    assert silhouettes(found.points, labels).min() > 0.5


def test_few_points_are_placed_by_their_directions():
    found = on_a_plane(np.eye(4), tsne=True)
    assert found.x_label.startswith("first direction")


@given(
    points=arrays.arrays(
        float, st.tuples(st.integers(4, 30), st.integers(1, 4)), elements=st.floats(-10, 10)
    ),
    data=st.data(),
)
def test_silhouettes_are_those_of_scikit_learn(points, data):
    reference = pytest.importorskip("sklearn.metrics").silhouette_samples
    n = len(points)
    labels = data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    distinct = len(set(labels))
    if not 1 < distinct < n:
        return
    found = silhouettes(points, labels)
    assert np.all(np.abs(found) <= 1.0)
    # Where all points of two classes lie on one spot, rounding alone decides.
    if np.unique(points.round(3), axis=0).shape[0] == n:
        np.testing.assert_allclose(found, reference(points, labels), atol=1e-4)


def test_many_points_are_compared_in_parts(monkeypatch):
    points, labels = blobs(0.0, 2.0, 4.0)
    whole = silhouettes(points, labels)
    monkeypatch.setattr(module, "_ROWS", 5)
    np.testing.assert_allclose(silhouettes(points, labels), whole)


def test_of_each_class():
    points, labels = blobs(0.0, 30.0, 30.0)
    found = class_silhouettes(points, labels)
    assert found["class 0"] > 0.7
    assert abs(found["class 1"]) < 0.2
    assert set(found) == set(labels)


def test_one_class_says_nothing():
    points, labels = blobs(0.0)
    assert class_silhouettes(points, labels) == {}
    assert class_silhouettes(np.empty((12, 0)), labels) == {}


def test_too_many_are_thinned_out(monkeypatch):
    points, labels = blobs(0.0, 5.0)
    monkeypatch.setattr(module, "MAX_POINTS", 8)
    asked = []
    monkeypatch.setattr(
        module, "silhouettes", lambda z, names: asked.append(len(z)) or silhouettes(z, names)
    )
    class_silhouettes(points, labels)
    assert asked == [8]
