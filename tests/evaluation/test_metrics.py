"""Ranking figures against scikit-learn, hand-computed cases and laws that always hold."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk

from auscult.errors import DatasetError, RecipeError
from auscult.evaluation.metrics import (
    Confusion,
    always_alarm_f1,
    auc,
    average_precision,
    bootstrap_ci,
    confusion,
    f1_at,
    f1_curve,
    harmonic_mean,
    pauc,
    precision_recall,
    roc,
)

# Small whole numbers make many ties, which is where ranking code goes wrong.
scores = arrays(np.int64, st.integers(1, 40), elements=st.integers(-6, 6)).map(
    lambda values: values.astype(float)
)
FIGURES = [auc, pauc, average_precision]


def labelled(normal, anomaly):
    truth = np.r_[np.zeros(len(normal)), np.ones(len(anomaly))]
    return truth, np.r_[normal, anomaly]


def drawn(seed, n_normal=60, n_anomaly=40, *, shift=1.0, decimals=1):
    rng = np.random.default_rng(seed)
    normal, anomaly = rng.normal(0, 1, n_normal), rng.normal(shift, 1, n_anomaly)
    return normal.round(decimals), anomaly.round(decimals)


class TestAgainstScikitLearn:
    @given(scores, scores)
    def test_auc(self, normal, anomaly):
        assert auc(normal, anomaly) == pytest.approx(sk.roc_auc_score(*labelled(normal, anomaly)))

    @given(scores, scores, st.sampled_from([0.01, 0.1, 0.25, 0.5, 0.99, 1.0]))
    def test_pauc(self, normal, anomaly, max_fpr):
        expected = sk.roc_auc_score(*labelled(normal, anomaly), max_fpr=max_fpr)
        assert pauc(normal, anomaly, max_fpr=max_fpr) == pytest.approx(expected, abs=1e-12)

    @given(scores, scores)
    def test_average_precision(self, normal, anomaly):
        expected = sk.average_precision_score(*labelled(normal, anomaly))
        assert average_precision(normal, anomaly) == pytest.approx(expected)

    @given(scores, scores)
    def test_roc(self, normal, anomaly):
        expected = sk.roc_curve(*labelled(normal, anomaly), drop_intermediate=False)
        for ours, theirs in zip(roc(normal, anomaly), expected, strict=True):
            np.testing.assert_allclose(ours, theirs)

    @given(scores, scores)
    def test_precision_recall(self, normal, anomaly):
        expected = sk.precision_recall_curve(*labelled(normal, anomaly))
        for ours, theirs in zip(precision_recall(normal, anomaly), expected, strict=True):
            np.testing.assert_allclose(ours, theirs)

    @given(scores, scores, st.integers(-7, 7))
    def test_f1_and_confusion(self, normal, anomaly, limit):
        truth, both = labelled(normal, anomaly)
        counted = confusion(normal, anomaly, limit)
        table = sk.confusion_matrix(truth, both > limit, labels=[0, 1])
        assert [[counted.tn, counted.fp], [counted.fn, counted.tp]] == table.tolist()
        assert f1_at(normal, anomaly, limit) == pytest.approx(
            sk.f1_score(truth, both > limit, zero_division=0)
        )


class TestByHand:
    def test_perfect_reversed_and_undecided(self):
        assert auc([1, 2], [3, 4]) == 1.0
        assert auc([3, 4], [1, 2]) == 0.0
        assert auc([1, 1], [1, 1, 1]) == 0.5
        assert pauc([1, 2], [3, 4]) == 1.0

    def test_pauc_of_nothing_found_early_is_its_least(self):
        # Area 0 under the curve up to 0.1: 0.5 · (1 - 0.005 / 0.095).
        assert pauc([5] * 10, [1] * 10) == pytest.approx(0.9 / 1.9)

    def test_pauc_by_hand(self):
        # Half of the anomalies lie above every normal, the others below: area 0.5 · 0.1 = 0.05 up to 0.1.
        assert pauc(range(10), [20, -1]) == pytest.approx(0.5 * (1 + (0.05 - 0.005) / 0.095))

    def test_roc_begins_and_ends_in_the_corners(self):
        fpr, tpr, thresholds = roc([1, 2], [2, 3])
        assert (fpr[0], tpr[0], thresholds[0]) == (0, 0, np.inf)
        assert (fpr[-1], tpr[-1]) == (1, 1)

    def test_a_score_at_the_limit_is_normal(self):
        assert confusion([2.0], [2.0], 2.0) == Confusion(tn=1, fp=0, fn=1, tp=0)

    def test_rates_of_a_confusion(self):
        counted = Confusion(tn=6, fp=2, fn=1, tp=3)
        assert counted.precision == pytest.approx(3 / 5)
        assert counted.recall == pytest.approx(3 / 4)
        assert counted.false_positive_rate == pytest.approx(2 / 8)
        assert counted.f1 == pytest.approx(6 / 9)

    def test_no_alarm_is_zero_not_a_division_by_zero(self):
        silent = Confusion(tn=5, fp=0, fn=5, tp=0)
        assert (silent.precision, silent.recall, silent.f1) == (0, 0, 0)

    def test_always_alarm(self):
        assert always_alarm_f1(10, 5) == pytest.approx(0.5)
        assert always_alarm_f1(50, 50) == pytest.approx(2 / 3)

    def test_infinite_scores_rank_last(self):
        assert auc([1, 2], [math.inf, 3]) == 1.0

    @given(scores, scores)
    def test_f1_curve_is_f1_at_each_limit(self, normal, anomaly):
        limits, f1 = f1_curve(normal, anomaly)
        assert (np.diff(limits) > 0).all()
        for limit, value in zip(limits, f1, strict=True):
            assert value == pytest.approx(f1_at(normal, anomaly, limit))
        assert f1[0] == pytest.approx(always_alarm_f1(len(normal), len(anomaly)))
        assert f1[-1] == 0


class TestLaws:
    @given(scores, scores)
    @pytest.mark.parametrize("figure", FIGURES)
    def test_rising_maps_of_the_scores_change_nothing(self, figure, normal, anomaly):
        for rising in (np.exp, np.arctan, lambda x: 3 * x - 7, lambda x: x**3):
            assert figure(rising(normal), rising(anomaly)) == pytest.approx(figure(normal, anomaly))

    @given(scores, scores)
    def test_auc_turns_round(self, normal, anomaly):
        assert auc(normal, anomaly) == pytest.approx(1 - auc(anomaly, normal))

    @given(scores, scores)
    def test_ranges(self, normal, anomaly):
        assert 0 <= auc(normal, anomaly) <= 1
        assert 0.9 / 1.9 - 1e-12 <= pauc(normal, anomaly) <= 1 + 1e-12
        assert 0 < average_precision(normal, anomaly) <= 1 + 1e-12

    @given(scores, scores)
    def test_order_of_the_recordings_does_not_matter(self, normal, anomaly):
        assert auc(normal[::-1], np.sort(anomaly)) == pytest.approx(auc(normal, anomaly))

    @given(st.lists(st.floats(0.01, 1), min_size=1))
    def test_harmonic_mean_never_exceeds_the_arithmetic(self, values):
        assert min(values) - 1e-9 <= harmonic_mean(values) <= np.mean(values) + 1e-9


class TestBootstrap:
    @pytest.mark.parametrize("figure", FIGURES)
    def test_holds_the_figure_and_is_reproducible(self, figure):
        normal, anomaly = drawn(1)
        low, high = bootstrap_ci(normal, anomaly, figure, seed=3)
        assert low < figure(normal, anomaly) < high
        assert (low, high) == bootstrap_ci(normal, anomaly, figure, seed=3)
        assert (low, high) != bootstrap_ci(normal, anomaly, figure, seed=4)

    @pytest.mark.parametrize("figure", FIGURES)
    def test_array_operations_equal_one_by_one(self, figure):
        normal, anomaly = drawn(2, 15, 12)
        one_by_one = bootstrap_ci(normal, anomaly, partial(figure), n=50)
        assert bootstrap_ci(normal, anomaly, figure, n=50) == pytest.approx(one_by_one)

    def test_memory_blocks_change_nothing(self, monkeypatch):
        normal, anomaly = drawn(5)
        whole = bootstrap_ci(normal, anomaly, n=100)
        monkeypatch.setattr("auscult.evaluation.metrics._BOOTSTRAP_CELLS", 700)
        assert bootstrap_ci(normal, anomaly, n=100) == whole

    def test_a_higher_level_is_wider(self):
        normal, anomaly = drawn(6)
        low, high = bootstrap_ci(normal, anomaly, level=0.5)
        wide_low, wide_high = bootstrap_ci(normal, anomaly, level=0.99)
        assert wide_low < low < high < wide_high

    @settings(max_examples=20)
    @given(scores, scores)
    def test_stays_in_range(self, normal, anomaly):
        low, high = bootstrap_ci(normal, anomaly, n=30)
        assert 0 <= low <= high <= 1

    def test_covers_the_truth_about_as_often_as_it_says(self):
        truth = 0.5 * (1 + math.erf(1 / 2))  # P(N(1, 1) > N(0, 1))
        covered = [
            low <= truth <= high
            for low, high in (
                bootstrap_ci(*drawn(seed, decimals=6), n=300, seed=seed) for seed in range(200)
            )
        ]
        assert 0.88 <= np.mean(covered) <= 0.99

    @pytest.mark.parametrize("wrong", [{"n": 0}, {"level": 1.0}, {"level": 0.0}])
    def test_meaningless_settings_are_refused(self, wrong):
        with pytest.raises(RecipeError, match="has no meaning"):
            bootstrap_ci([1], [2], **wrong)


class TestRefusals:
    @pytest.mark.parametrize("figure", [*FIGURES, roc, precision_recall, f1_curve, bootstrap_ci])
    def test_empty_sides_and_nan(self, figure):
        with pytest.raises(DatasetError, match=r"no score of normal sound.*Expected: one normal"):
            figure([], [1])
        with pytest.raises(DatasetError, match="no score of anomalous sound"):
            figure([1], [])
        with pytest.raises(DatasetError, match="1 of 2 scores of anomalous sound are NaN"):
            figure([1], [1, np.nan])

    def test_confusion_refuses_nan_too(self):
        with pytest.raises(DatasetError, match="NaN"):
            confusion([np.nan], [1], 0)

    @pytest.mark.parametrize("max_fpr", [0, -0.1, 1.1, np.nan])
    def test_max_fpr_out_of_range(self, max_fpr):
        with pytest.raises(RecipeError, match=r"is no false positive rate.*DCASE uses 0\.1"):
            pauc([1], [2], max_fpr=max_fpr)

    @pytest.mark.parametrize("values", [[], [-0.1, 1], [np.nan]])
    def test_harmonic_mean(self, values):
        with pytest.raises(DatasetError, match="harmonic mean"):
            harmonic_mean(values)

    def test_harmonic_mean_of_a_zero_is_zero(self):
        assert harmonic_mean([0.0, 1.0]) == 0
