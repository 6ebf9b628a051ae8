import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.training.sweeping.spread import spread_of, spreads_of, with_error, with_spread


def test_one_figure_has_no_deviation():
    assert spread_of([0.5]).sd is None
    assert spread_of([0.5]).se is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9))
def test_it_lies_between_its_figures(values):
    spread = spread_of(values)
    assert min(values) - 1e-12 <= spread.mean <= max(values) + 1e-12
    assert 0 <= spread.se <= spread.sd <= 1
    assert spread.n == len(values)


def test_figures_that_are_not_everywhere_are_those_of_where_they_are():
    found = spreads_of([{"a": 0.2, "b": 0.5}, {"a": 0.4}])
    assert (found["a"].mean, found["a"].n, found["b"].n) == (pytest.approx(0.3), 2, 1)
    assert spreads_of([]) == {}


def test_a_mean_is_written_with_its_deviation_or_its_error():
    spread = spread_of([0.5, 0.7])
    assert with_spread(spread) == "0.600 ± 0.141"
    assert with_error(spread) == "0.600 ± 0.100"
    assert with_error(None) == "–"
