"""Counts by score."""

import numpy as np
import pytest

from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.histogram import histogram


@pytest.mark.parametrize("limit", [np.inf, 0.42, 1e-3, 50.0])
def test_every_score_and_the_limit_lie_inside(fake_scorer, some_clips, limit):
    bins = histogram(evaluate(fake_scorer(limit=limit), some_clips, bootstrap=1))
    assert (bins.normal.sum(), bins.anomaly.sum()) == (14, 10)
    assert (np.diff(bins.edges) > 0).all()
    if np.isfinite(limit):
        assert bins.edges[0] < limit < bins.edges[-1]


def test_scores_that_span_much_have_equal_ratios(fake_scorer, some_clips):
    bins = histogram(evaluate(fake_scorer(limit=50.0), some_clips, bootstrap=1))
    assert bins.log
    ratios = bins.edges[1:] / bins.edges[:-1]
    np.testing.assert_allclose(ratios, ratios[0])


def test_scores_that_span_little_have_equal_steps(evaluation):
    bins = histogram(evaluation)
    assert not bins.log
    np.testing.assert_allclose(np.diff(bins.edges), bins.edges[1] - bins.edges[0])


def test_scores_all_alike_have_bins_all_the_same(fake_scorer, clip, fan):
    same = [clip(i, label, sound=fan(1)) for i in range(2) for label in ("normal", "anomaly")]
    bins = histogram(evaluate(fake_scorer(limit=np.inf), same, bootstrap=1))
    assert len(bins.normal) == 12
    assert bins.normal.max() == bins.anomaly.max() == 2
