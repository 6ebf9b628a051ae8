from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auscult.runtime.student import log_tail, upper_quantile

DEGREES = [1.0, 1.5, 2.0, 2.37, 5.0, 9.99, 30.0, 123.4, 1000.0, 1e5]
TAILS = [0.5, 0.25, 0.05, 1e-3, 1e-5, 1e-7, 1e-10]


@pytest.mark.parametrize("nu", DEGREES)
@pytest.mark.parametrize("tail", TAILS[1:])
def test_quantiles_equal_scipys(tail, nu):
    assert upper_quantile(tail, nu) == pytest.approx(stats.t.isf(tail, nu), rel=1e-8)


@pytest.mark.parametrize("nu", DEGREES)
def test_the_median_is_zero(nu):
    assert upper_quantile(0.5, nu) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("nu", DEGREES)
@pytest.mark.parametrize("t", [1e-3, 0.1, 1.0, 3.0, 6.0, 20.0])
def test_tails_equal_scipys(t, nu):
    expected = stats.t.logsf(t, nu)
    # Where the logarithm underflows in SciPy there is nothing to compare with.
    if np.isfinite(expected):
        assert log_tail(t, nu) == pytest.approx(expected, rel=1e-8)


@given(tail=st.floats(1e-12, 0.49), nu=st.floats(0.5, 1e5))
def test_the_quantile_is_the_inverse_of_the_tail(tail, nu):
    assert exp(log_tail(upper_quantile(tail, nu), nu)) == pytest.approx(tail, rel=1e-7)


@given(tail=st.floats(1e-10, 0.4), nu=st.floats(1.0, 1e4))
def test_fewer_degrees_of_freedom_and_smaller_tails_lie_further_out(tail, nu):
    here = upper_quantile(tail, nu)
    assert upper_quantile(tail, nu * 0.8) >= here * (1 - 1e-9)
    assert upper_quantile(tail * 0.8, nu) > here


@pytest.mark.parametrize("tail", [0.0, -0.1, 0.6, float("nan")])
def test_tails_without_a_meaning_are_refused(tail):
    with pytest.raises(ValueError, match=r"expected 0 < tail <= 0\.5"):
        upper_quantile(tail, 5.0)
