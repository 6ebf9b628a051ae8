"""Recordings on a plane."""

import sys

import numpy as np
import pytest

from auscult.errors import MissingExtra
from auscult.evaluation import embedding_map as module
from auscult.evaluation.embedding_map import embedding_map
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.plane import scaled


def test_principal_components_come_in_order(evaluation):
    found = embedding_map(evaluation)
    assert found.points.shape == (24, 2)
    spread = found.points.std(axis=0)
    assert spread[0] >= spread[1] > 0
    assert "of the spread" in found.x_label
    assert (found.rows, found.left_out) == (evaluation.rows, 0)


def test_the_plane_is_where_scaled_embeddings_spread_most(evaluation):
    found = embedding_map(evaluation)
    embeddings = np.stack([row.embedding for row in evaluation.rows]).astype(float)
    z = scaled(embeddings)
    values = np.linalg.eigvalsh(z.T @ z)[::-1]
    np.testing.assert_allclose((found.points**2).sum(axis=0), values[:2])


def test_tsne(evaluation):
    found = embedding_map(evaluation, tsne=True)
    assert found.x_label.startswith("t-SNE")
    assert found.points.shape == (24, 2)
    assert np.isfinite(found.points).all()
    np.testing.assert_array_equal(found.points, embedding_map(evaluation, tsne=True).points)


def test_tsne_needs_an_extra(evaluation, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    with pytest.raises(MissingExtra, match=r"t-SNE map.*pip install 'auscult\[report\]'"):
        embedding_map(evaluation, tsne=True)


def test_points_are_thinned_out(evaluation, monkeypatch):
    monkeypatch.setattr(module, "MAX_POINTS", 10)
    found = embedding_map(evaluation)
    assert len(found.rows) == len(found.points) == 8
    assert found.left_out == 16


def test_too_few_recordings_or_dimensions_have_no_map(fake_scorer, scorer, some_clips, clip):
    class Bare(fake_scorer):
        def embed(self, sound):
            return np.empty(0)

    two = evaluate(scorer, [clip(1), clip(2, "anomaly")], bootstrap=1)
    assert embedding_map(two) is None
    assert embedding_map(evaluate(Bare(), some_clips, bootstrap=1)) is None


def test_normal_comes_first_and_every_point_has_its_label(scorer, some_clips, clip):
    clips = [clip(1, "belt"), *some_clips, clip(2, "another")]
    found = embedding_map(evaluate(scorer, clips, bootstrap=1))
    assert found.labels == ("normal", "anomaly", "another", "belt")
    assert [len(found.of(label)) for label in found.labels] == [14, 10, 1, 1]
    np.testing.assert_array_equal(found.of("belt")[0], found.points[0])
