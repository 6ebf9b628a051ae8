import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auscult.runtime.poisson import upper_mean


@pytest.mark.parametrize("count", [0, 1, 2, 5, 20, 199])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_it_is_the_exact_bound_of_garwood(count, confidence):
    expected = stats.chi2.ppf(confidence, 2 * (count + 1)) / 2.0
    assert upper_mean(count, confidence) == pytest.approx(expected, rel=1e-9)


def test_nothing_counted_is_the_rule_of_three():
    assert upper_mean(0) == pytest.approx(3.0, abs=0.005)


@given(count=st.integers(0, 150))
def test_the_more_were_counted_the_higher_it_is(count):
    assert upper_mean(count) < upper_mean(count + 1) < upper_mean(count) + 3.0
