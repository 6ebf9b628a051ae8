"""Figures of classes."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import DatasetError
from auscult.evaluation.classes import (
    calibration_error,
    class_results,
    strangers,
    top_accuracy,
    wilson,
)

LABELS = ("rain", "dog", "saw", "rooster", "clock")


def guesses(n, *, k=5, right=0.7, seed=0):
    """Classes, and probabilities whose largest is right about so often."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k))
    hit = rng.random(n) < right
    logits[np.arange(n), np.where(hit, truth, rng.integers(0, k, n))] += 4.0
    shares = np.exp(logits)
    return truth, shares / shares.sum(axis=1, keepdims=True)


@st.composite
def results(draw):
    n, k = draw(st.integers(1, 40)), draw(st.integers(2, 5))
    return guesses(n, k=k, right=draw(st.floats(0, 1)), seed=draw(st.integers(0, 999))), LABELS[:k]


@given(results())
def test_they_are_those_of_scikit_learn(drawn):
    reference = pytest.importorskip("sklearn.metrics")
    (truth, shares), labels = drawn
    found = class_results(truth, shares, labels, draws=10)
    named = shares.argmax(axis=1)
    places = range(len(labels))
    np.testing.assert_array_equal(
        found.confusion, reference.confusion_matrix(truth, named, labels=places)
    )
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        truth, named, labels=places, zero_division=0.0
    )
    for i, one in enumerate(found.per_class):
        assert one.recordings == support[i]
        assert (one.precision or 0.0) == pytest.approx(precision[i])
        assert (one.recall or 0.0) == pytest.approx(recall[i])
        assert (one.f1 or 0.0) == pytest.approx(f1[i])
        assert (one.recall is None) == (support[i] == 0)
    assert found.accuracy == pytest.approx(reference.accuracy_score(truth, named))
    there = support > 0
    assert found.balanced_accuracy == pytest.approx(recall[there].mean())
    assert found.macro_f1 == pytest.approx(f1[there].mean())
    for k, share in found.top.items():
        expected = reference.top_k_accuracy_score(truth, shares, k=k, labels=places)
        assert share == pytest.approx(expected)


@given(results())
def test_figures_are_in_range_and_intervals_hold_them(drawn):
    (truth, shares), labels = drawn
    found = class_results(truth, shares, labels, draws=200)
    assert found.n == found.recordings == len(truth)
    low, high = found.accuracy_ci95
    assert 0.0 <= low <= found.accuracy <= high <= 1.0
    assert low < high
    low, high = found.balanced_ci95
    assert 0.0 <= low <= high <= 1.0
    assert 0.0 <= found.calibration_error <= 1.0
    assert sum(one.recordings for one in found.reliability) == len(truth)
    ranked = [found.accuracy, *found.top.values(), 1.0]
    assert ranked == sorted(ranked)
    assert sum(count for *_, count in found.confusions) == round((1 - found.accuracy) * len(truth))


@given(results(), st.integers(0, 99))
def test_the_order_of_recordings_says_nothing(drawn, seed):
    (truth, shares), labels = drawn
    order = np.random.default_rng(seed).permutation(len(truth))
    one = class_results(truth, shares, labels, draws=5)
    other = class_results(truth[order], shares[order], labels, draws=5)
    assert one.confusion == other.confusion
    assert one.calibration_error == pytest.approx(other.calibration_error)
    assert one.top == other.top


@given(share=st.floats(0, 1), n=st.integers(1, 10_000))
def test_wilsons_interval_is_wider_for_fewer(share, n):
    low, high = wilson(share, n)
    wide_low, wide_high = wilson(share, max(n // 2, 1))
    assert 0.0 <= wide_low <= low + 1e-12 <= share + 1e-9
    assert share - 1e-9 <= high <= wide_high + 1e-12 <= 1.0 + 1e-12


def test_wilsons_interval_is_the_one_of_the_books():
    scipy = pytest.importorskip("scipy.stats")
    for right, n in ((0, 10), (7, 10), (200, 240)):
        expected = scipy.binomtest(right, n).proportion_ci(method="wilson")
        assert wilson(right / n, n) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_clips_of_one_recording_count_once_in_the_interval():
    truth, shares = guesses(60)
    cut = [str(i // 6) for i in range(60)]
    alone = class_results(truth, shares, LABELS)
    together = class_results(truth, shares, LABELS, recordings=cut)
    assert (alone.recordings, together.recordings) == (60, 10)
    assert together.accuracy == alone.accuracy
    assert np.diff(together.accuracy_ci95) > 1.5 * np.diff(alone.accuracy_ci95)


def test_the_interval_of_the_balanced_accuracy_holds_the_truth_as_often_as_it_says():
    truth_is = 0.7 + 0.3 / 5
    inside = 0
    for seed in range(100):
        truth, shares = guesses(100, seed=seed)
        low, high = class_results(truth, shares, LABELS, draws=200).balanced_ci95
        inside += low <= truth_is <= high
    assert 85 <= inside <= 100


def test_always_right_still_has_an_interval():
    found = class_results([0, 1] * 10, np.eye(2)[[0, 1] * 10], ["a", "b"])
    assert (found.accuracy, found.calibration_error, found.confusions) == (1.0, 0.0, ())
    assert found.accuracy_ci95[0] == pytest.approx(0.84, abs=0.01)


def test_being_surer_than_right_is_an_error():
    assert calibration_error([0.95] * 10, [True] * 5 + [False] * 5) == pytest.approx(0.45)
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.2, 1.0, 20_000)
    assert calibration_error(sure, rng.random(20_000) < sure) < 0.02


def test_equal_probabilities_are_guessed_in_order():
    assert top_accuracy(np.array([0, 1, 2]), np.full((3, 3), 1 / 3), 2) == pytest.approx(2 / 3)


def test_what_is_confused_comes_in_order():
    shares = np.eye(3)[[0, 1, 1, 2, 0, 2]]
    found = class_results([0, 0, 0, 0, 1, 2], shares, ["a", "b", "c"])
    assert found.confusions == (("a", "b", 2), ("a", "c", 1), ("b", "a", 1))
    assert found.taken_for == {"a": ("b", 2), "b": ("a", 1)}
    assert found.majority == pytest.approx(4 / 6)


def test_embeddings_give_silhouettes():
    truth, shares = guesses(50)
    embeddings = 20.0 * np.eye(5)[truth] + np.random.default_rng(1).normal(size=(50, 5))
    found = class_results(truth, shares, LABELS, embeddings=embeddings)
    assert found.silhouette > 0.7
    assert all(one.silhouette > 0.5 for one in found.per_class)
    assert class_results(truth, shares, LABELS).silhouette is None


def test_it_is_plain_json():
    truth, shares = guesses(30)
    plain = json.loads(json.dumps(class_results(truth, shares, LABELS).to_dict(), allow_nan=False))
    assert plain["clips"] == 30
    assert set(plain["top"]) == {"3"}
    assert plain["per_class"][0]["label"] == "rain"


@pytest.mark.parametrize(
    ("truth", "shares", "words"),
    [
        ([], np.empty((0, 2)), r"shape \(0, 2\) don't fit 0 clips of 2 classes"),
        ([0], [[0.1, 0.2, 0.7]], r"shape \(1, 3\) don't fit 1 clips of 2 classes"),
        ([0, 1], [[0.5, 0.5], [np.nan, 0.5]], "1 clips have probabilities that are no numbers"),
    ],
)
def test_what_does_not_fit_is_refused(truth, shares, words):
    with pytest.raises(DatasetError, match=words):
        class_results(truth, shares, ["a", "b"])


class TestStrangers:
    def test_farther_is_stranger(self):
        found = strangers([1.0, 1.1, 0.9], [2.0, 3.0], {"tone": 2}, limit=1.5)
        assert (found.auc, found.detected, found.rejected) == (1.0, 1.0, 0.0)
        assert (found.n_known, found.n_unknown) == (3, 2)

    def test_without_a_limit_nothing_is_called_so(self):
        found = strangers([1.0, 2.0], [1.5], {"tone": 1}, limit=None)
        assert (found.auc, found.detected, found.rejected) == (0.5, None, None)

    def test_without_distances_they_are_only_counted(self):
        found = strangers([None, None], [None], {"tone": 1}, limit=None)
        assert (found.n_known, found.n_unknown, found.auc, found.ci95) == (2, 1, None, None)
