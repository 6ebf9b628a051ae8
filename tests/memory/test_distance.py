import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf_shrinkage as sklearns_shrinkage

from auscult.memory.distance import WITHIN_PART, fit, ledoit_wolf_shrinkage

SHAPES = [(4, 30), (10, 30), (29, 30), (30, 30), (31, 30), (400, 30), (8, 1), (40, 384)]


def correlated(n, dim, seed=0):
    """Rows whose columns depend on one another and have units of their own."""
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((dim, dim)) * rng.uniform(0.1, 10.0, dim)
    return rng.standard_normal((n, dim)) @ mixing + 5.0 * rng.standard_normal(dim)


def dense_mahalanobis(normal, vectors):
    """The same distance by the book: the whole covariance matrix, and its inverse."""
    deviation = normal.std(axis=0)
    sigma = np.maximum(deviation, 0.1 * np.median(deviation) + 1e-6)
    z = (normal - normal.mean(axis=0)) / sigma
    n, dim = z.shape
    rho = 1.0 if n <= 3 else max(sklearns_shrinkage(z, assume_centered=True), 0.05)
    scatter = z.T @ z / n
    covariance = (1.0 - rho) * scatter + rho * np.trace(scatter) / dim * np.eye(dim)
    seen = (vectors - normal.mean(axis=0)) / sigma
    return np.sqrt(np.einsum("ij,jk,ik->i", seen, np.linalg.inv(covariance), seen))


@pytest.mark.parametrize(("n", "dim"), SHAPES)
def test_shrinkage_equals_scikit_learns(n, dim):
    z = correlated(n, dim)
    z -= z.mean(axis=0)
    expected = sklearns_shrinkage(z, assume_centered=True)
    assert ledoit_wolf_shrinkage(z) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("n", "dim"), [(2, 30), (3, 30), (2, 1), *SHAPES])
def test_the_low_rank_form_equals_the_dense_one(n, dim):
    normal = correlated(n, dim)
    strange = correlated(20, dim, seed=1)
    learned = fit(normal)
    np.testing.assert_allclose(learned(strange), dense_mahalanobis(normal, strange), rtol=1e-6)
    assert learned.directions.shape[0] <= min(n, dim)


@pytest.mark.parametrize("n", [2, 3])
def test_two_or_three_vectors_give_a_plain_scaled_distance(n):
    normal = correlated(n, 12)
    learned = fit(normal)
    np.testing.assert_allclose(learned.weights, 0.0, atol=1e-9)
    assert np.all(np.isfinite(learned(correlated(5, 12, seed=1))))


@settings(max_examples=40, deadline=None)
@given(
    factors=st.lists(st.floats(0.5, 2.0), min_size=6, max_size=6),
    gain=st.floats(0.01, 100.0),
    seed=st.integers(0, 100),
)
def test_units_of_the_columns_and_shifts_do_not_matter(factors, gain, seed):
    # Factors that leave no column under the floor of a tenth of the median deviation.
    rng = np.random.default_rng(seed)
    normal, strange = rng.standard_normal((20, 6)), rng.standard_normal((5, 6))
    scale, shift = gain * np.array(factors), 100.0 * rng.standard_normal(6)
    moved = fit(normal * scale + shift)(strange * scale + shift)
    np.testing.assert_allclose(moved, fit(normal)(strange), rtol=1e-3)


def test_the_mean_has_no_distance_and_distance_grows_in_proportion_from_there():
    normal = correlated(50, 8)
    learned, mean = fit(normal), normal.mean(axis=0)
    away = correlated(4, 8, seed=1) - mean
    np.testing.assert_allclose(learned(mean[None]), 0.0, atol=1e-9)
    np.testing.assert_allclose(learned(mean + 3.0 * away), 3.0 * learned(mean + away), rtol=1e-9)


def test_columns_that_never_change_neither_break_nor_drown_the_others():
    normal = correlated(30, 10)
    normal[:, [0, 4]] = 7.0
    learned = fit(normal)
    barely = normal[:1].copy()
    barely[0, 0] += 0.01 * np.median(normal.std(axis=0))
    assert np.all(np.isfinite(learned(normal)))
    assert learned(barely)[0] == pytest.approx(learned(normal[:1])[0], rel=0.05)
    barely[0, 0] += 100.0 * np.median(normal.std(axis=0))
    assert learned(barely)[0] > 10.0 * learned(normal).max()


def test_vectors_that_are_all_the_same_give_numbers():
    assert np.all(np.isfinite(fit(np.ones((5, 4)))(np.zeros((2, 4)))))


def test_the_scale_is_a_unit():
    normal = correlated(20, 5)
    learned = fit(normal)
    np.testing.assert_allclose(learned.scaled(4.0)(normal), learned(normal) / 4.0)


def test_scatter_within_blocks_tells_which_directions_are_harmless():
    rng = np.random.default_rng(0)
    harmless, other = np.linalg.qr(rng.standard_normal((30, 2)))[0].T
    stretched = np.eye(30) + 9.0 * np.outer(harmless, harmless)
    windows = rng.standard_normal((4, 9, 30)) @ stretched
    blocks = windows.mean(axis=1)
    within = (windows - blocks[:, None]).reshape(-1, 30)
    steps = 10.0 * np.stack([harmless, other]) + blocks.mean(axis=0)

    def contrast(learned):
        along, across = learned(steps)
        return across / along

    assert contrast(fit(blocks, within)) > 1.5 * contrast(fit(blocks))


def test_blocks_and_windows_weigh_as_much_however_many_there_are():
    blocks, within = correlated(6, 4), correlated(60, 4, seed=1)
    within -= within.mean(axis=0)
    twice = fit(blocks, np.concatenate([within, within]))
    np.testing.assert_allclose(twice.sigma, fit(blocks, within).sigma, rtol=1e-9)
    expected = np.sqrt(blocks.var(axis=0) + WITHIN_PART**2 * within.var(axis=0))
    np.testing.assert_allclose(twice.sigma, expected, rtol=1e-9)
