import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.runtime.decision import NOTHING, Decider, Threshold, Votes, voted


@st.composite
def votes_of(draw):
    of = draw(st.integers(1, 20))
    return draw(st.integers(1, of)), of


scores_of = st.lists(st.floats(0.0, 100.0, allow_subnormal=False), max_size=60)


@given(scores=scores_of, vote=votes_of())
def test_a_stream_votes_like_a_whole_series(scores, vote):
    votes, of = vote
    count = Votes(votes=votes, of=of)
    streamed = [value for score in scores if (value := count.push(score)) is not None]
    assert streamed == voted(np.array(scores), votes=votes, of=of).tolist()


@given(scores=scores_of, vote=votes_of(), limit=st.floats(0.0, 100.0))
def test_the_statistic_is_over_the_limit_where_so_many_of_the_last_scores_are(scores, vote, limit):
    votes, of = vote
    series = np.array(scores)
    for end, statistic in enumerate(voted(series, votes=votes, of=of), start=votes):
        recent = series[max(end - of, 0) : end]
        assert (statistic > limit) == (np.sum(recent > limit) >= votes)


def test_votes_before_a_gap_do_not_count_after_it():
    count = Votes(votes=2, of=3)
    count.push(9.0)
    count.push(9.0)
    count.reset()
    assert count.push(9.0) is None
    assert count.push(1.0) == 1.0


def test_too_few_scores_give_no_statistic():
    assert voted(np.array([1.0, 2.0]), votes=3, of=5).shape == (0,)


@pytest.fixture
def rule():
    def made(name="sustained", **changes):
        values = {"statistic": "fast_score", "votes": 1, "of": 1, "limit": 2.0, "release": 1.5}
        return Threshold(name=name, **(values | changes))

    return made


def test_between_release_and_limit_an_event_goes_on_but_none_begins(rule):
    decider = Decider([rule()])
    decisions = [decider.push({"fast_score": score}) for score in (1.0, 1.7, 2.1, 1.7, 1.5)]
    assert [d.over for d in decisions] == [False, False, True, False, False]
    assert [d.holding for d in decisions] == [False, True, True, True, False]


def test_exactly_at_the_limit_is_not_over_it(rule):
    decision = Decider([rule()]).push({"fast_score": 2.0})
    assert (decision.ratio, decision.over) == (1.0, False)


def test_the_rule_with_the_largest_ratio_is_named_and_any_rule_alarms(rule):
    decider = Decider([rule(), rule("sudden", statistic="score", limit=10.0, release=9.0)])
    decision = decider.push({"fast_score": 1.0, "score": 20.0})
    assert (decision.rule, decision.ratio, decision.over) == ("sudden", 2.0, True)
    decision = decider.push({"fast_score": 3.0, "score": 1.0})
    assert (decision.rule, decision.ratio, decision.over) == ("sustained", 1.5, True)


def test_any_rule_holds_an_event_whatever_the_largest_ratio_says(rule):
    # The second rule is nearer to its limit, but only the first is over its release level.
    decider = Decider([rule(release=0.2), rule("sudden", statistic="score", release=1.9)])
    decision = decider.push({"fast_score": 0.4, "score": 1.0})
    assert (decision.rule, decision.holding) == ("sudden", True)


def test_a_vote_that_is_not_complete_says_nothing(rule):
    decider = Decider([rule(votes=2, of=3)])
    assert decider.push({"fast_score": 9.0}) == NOTHING
    assert decider.push({"fast_score": 9.0}).over


def test_a_reset_forgets_the_votes_of_all_rules(rule):
    decider = Decider([rule(votes=2, of=2)])
    decider.push({"fast_score": 9.0})
    decider.reset()
    assert decider.push({"fast_score": 9.0}) == NOTHING


def test_without_rules_nothing_is_ever_decided():
    assert Decider([]).push({"fast_score": 1e9}) == NOTHING
