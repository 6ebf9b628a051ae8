import json
from dataclasses import replace
from math import exp, inf, log, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auscult.errors import RecipeError
from auscult.runtime.calibration import (
    RELEASE_PART,
    Calibration,
    Rule,
    Tail,
    effective_size,
    peaks_of,
    prediction_bound,
    rule_from,
    tail_of,
    voted_by_stretch,
)

HOUR_S = 3600.0


def autoregressive(n, keep, seed=0):
    steps = np.random.default_rng(seed).standard_normal(n)
    series = np.empty(n)
    value = steps[0] / np.sqrt(1.0 - keep**2)
    for i, step in enumerate(steps):
        value = keep * value + step
        series[i] = value
    return series


def log_normal(n=1000, seed=0):
    return np.exp(0.2 * np.random.default_rng(seed).standard_normal(n))


@pytest.fixture
def rule():
    return rule_from(log_normal(), name="sustained", statistic="fast_score", votes=5, of=9)


@pytest.fixture
def calibration(rule):
    def made(heard_s=HOUR_S, **changes):
        values = {"rules": (rule,), "recording": rule, "level": None, "heard_s": heard_s}
        return Calibration(**(values | changes))

    return made


class TestEffectiveSize:
    @pytest.mark.parametrize("keep", [0.0, 0.5, 0.8, 0.95])
    def test_an_autoregressive_series_is_worth_what_theory_says(self, keep):
        n = 20000
        expected = n * (1.0 - keep) / (1.0 + keep)
        # Correlations below 0.05 are not counted: a few per cent are left out.
        assert effective_size(autoregressive(n, keep)) == pytest.approx(expected, rel=0.2)

    @given(st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=1, max_size=50))
    def test_it_is_never_more_than_the_number_of_values(self, values):
        n = effective_size(np.array(values))
        assert min(6.0, len(values)) <= n <= len(values)

    def test_constant_values_are_worth_few(self):
        assert effective_size(np.ones(1000)) == 6.0


class TestPredictionBound:
    def test_it_holds_on_fresh_values_as_often_as_it_says(self):
        rng = np.random.default_rng(0)
        over = 0
        for _ in range(1500):
            x = rng.standard_normal(8)
            bound = prediction_bound(
                log_mean=float(x.mean()), log_sd=float(x.std(ddof=1)), n_effective=8.0, tail=0.05
            )
            over += log(bound) < rng.standard_normal()
        assert over / 1500 == pytest.approx(0.05, abs=0.017)

    @pytest.mark.parametrize("n", [2.0, 3.0, 40.5])
    def test_it_is_students(self, n):
        bound = prediction_bound(log_mean=0.3, log_sd=0.1, n_effective=n, tail=0.02)
        expected = 0.3 + 0.1 * stats.t.isf(0.02, n - 1.0) * np.sqrt(1.0 + 1.0 / n)
        assert log(bound) == pytest.approx(expected)

    @given(
        n=st.floats(3.0, 5000.0),
        tail=st.floats(1e-9, 0.4),
        log_sd=st.floats(0.01, 0.5),
    )
    def test_fewer_independent_values_raise_it(self, n, tail, log_sd):
        def bound(n_effective):
            return prediction_bound(log_mean=0.0, log_sd=log_sd, n_effective=n_effective, tail=tail)

        assert bound(n) >= bound(n * 1.5) * (1.0 - 1e-9)


class TestTail:
    def test_it_is_the_largest_values_above_a_start(self):
        tail = tail_of(np.arange(4000.0))
        assert tail == Tail(start=3979.0, mean=10.5, part=0.005, n=20)

    @pytest.mark.parametrize(("total", "n"), [(2, 1), (3, 1), (10, 5), (100, 10), (10000, 50)])
    def test_it_takes_half_a_percent_but_ten_if_there_are_so_many(self, total, n):
        assert tail_of(np.arange(float(total))).n == n

    def test_its_bound_holds_on_fresh_values_as_often_as_it_says(self):
        rng = np.random.default_rng(0)
        over = [
            log(tail_of(x[:-1]).bound(0.005)) < x[-1] for x in rng.standard_exponential((10000, 21))
        ]
        assert np.mean(over) == pytest.approx(0.005, abs=0.0025)

    @given(tail=st.floats(1e-9, 1.0), mean=st.floats(0.0, 5.0), n=st.integers(1, 100))
    def test_rarer_values_lie_further_out_and_never_below_the_start(self, tail, mean, n):
        end = Tail(start=1.0, mean=mean, part=0.1, n=n)
        assert exp(1.0) <= end.bound(tail) <= end.bound(tail / 2.0) < inf

    def test_of_a_single_cluster_the_peak_stands_over_what_is_typical(self):
        tail = tail_of(np.array([0.0, 1.0, 5.0, 1.0, 0.0]), reach=4)
        assert tail == Tail(start=1.0, mean=4.0, part=0.2, n=1)

    @given(st.lists(st.floats(0.0, 10.0), min_size=2, max_size=60), st.integers(0, 5))
    def test_the_peaks_of_clusters_are_apart_and_hold_the_largest(self, values, reach):
        peaks = peaks_of(np.array(values), reach)
        assert peaks[0] == max(values)
        assert np.all(np.diff(peaks) <= 0.0)
        assert len(peaks) <= -(-len(values) // (reach + 1))
        if reach == 0:
            assert sorted(peaks) == sorted(values)

    def test_clusters_do_not_reach_from_one_recording_into_another(self):
        values, recordings = np.array([1.0, 5.0, 4.0, 2.0]), np.array([0, 0, 1, 1])
        assert peaks_of(values, 9, recordings).tolist() == [5.0, 4.0]
        assert peaks_of(values, 9).tolist() == [5.0]

    def test_knocks_in_the_background_raise_the_limit_of_a_rule_that_expects_them(self):
        statistics = log_normal(3600)
        statistics[::180] *= np.exp(1.0 + np.random.default_rng(1).standard_exponential(20))

        def limit(heavy_tail):
            made = rule_from(
                statistics, name="sudden", statistic="fast_score", heavy_tail=heavy_tail
            )
            return made.limit(0.03)

        assert limit(heavy_tail=True) > 1.5 * statistics.max() > 1.5 * limit(heavy_tail=False)

    def test_without_knocks_expecting_them_costs_little(self):
        statistics = log_normal(3600)
        made = [
            rule_from(statistics, name="sudden", statistic="fast_score", heavy_tail=heavy)
            for heavy in (False, True)
        ]
        assert 1.0 <= made[1].limit(0.03) / made[0].limit(0.03) < 1.6


class TestRule:
    @given(
        per_hour=st.floats(1e-4, 1000.0),
        factor=st.floats(1.01, 10.0),
        heavy_tail=st.booleans(),
    )
    def test_the_limit_falls_as_more_false_alarms_are_allowed(self, per_hour, factor, heavy_tail):
        made = rule_from(
            log_normal(200), name="sudden", statistic="fast_score", heavy_tail=heavy_tail
        )
        assert made.limit(per_hour * factor) <= made.limit(per_hour)

    @given(share=st.floats(0.05, 1.0), per_hour=st.floats(1e-3, 3600.0))
    def test_release_lies_between_what_is_typical_and_the_limit(self, share, per_hour):
        made = rule_from(log_normal(100), name="sudden", statistic="fast_score", share=share)
        threshold = made.threshold(per_hour)
        assert threshold.limit == made.limit(per_hour * share)
        assert min(made.median, threshold.limit) <= threshold.release <= threshold.limit
        if threshold.limit > made.median:
            part = (threshold.limit - threshold.release) / (threshold.limit - made.median)
            assert part == pytest.approx(RELEASE_PART)

    def test_on_sound_like_that_heard_alarms_are_as_rare_as_asked_for(self):
        made = rule_from(log_normal(20000), name="sudden", statistic="fast_score")
        expected = stats.lognorm.isf(36.0 / 3600.0, 0.2)
        assert made.limit(36.0) == pytest.approx(expected, rel=0.02)

    @pytest.mark.parametrize(
        ("statistics", "words"),
        [
            ([], "got 0 normal scores"),
            ([1.0], "got 1 normal scores"),
            ([1.0, 2.0, nan], "got 3 normal scores to set a limit from, 2 of them finite"),
            ([1.0, inf], "1 of them finite"),
        ],
    )
    def test_nothing_to_learn_from_is_refused_in_three_beats(self, statistics, words):
        with pytest.raises(RecipeError) as caught:
            rule_from(np.array(statistics), name="sustained", statistic="fast_score")
        text = str(caught.value)
        assert "The rule 'sustained'" in text
        assert words in text
        assert "Expected: at least two scores, all finite." in text
        assert "Learn from more normal sound." in text

    def test_scores_that_are_all_the_same_still_give_a_limit_above_them(self):
        made = rule_from(np.ones(50), name="sudden", statistic="fast_score", heavy_tail=True)
        assert 1.0 < made.limit(0.1) < 2.0


class TestVotedByStretch:
    def test_votes_do_not_reach_over_the_border_of_a_recording(self):
        scores = np.array([1.0, 9.0, 9.0, 1.0, 1.0])
        recordings = np.array([0, 0, 1, 1, 1])
        statistics, which = voted_by_stretch(scores, recordings, votes=2, of=2)
        assert (statistics.tolist(), which.tolist()) == ([1.0, 1.0, 1.0], [0, 1, 1])

    def test_of_a_recording_too_short_for_a_vote_all_windows_vote(self):
        scores = np.array([4.0, 9.0, 5.0, 3.0, 6.0, 7.0])
        recordings = np.array([0, 0, 1, 2, 2, 2])
        statistics, which = voted_by_stretch(scores, recordings, votes=3, of=4)
        assert (statistics.tolist(), which.tolist()) == ([4.0, 5.0, 3.0], [0, 1, 2])

    def test_one_strange_short_recording_among_many_counts(self):
        scores = np.ones(20)
        scores[7] = 9.0
        assert voted_by_stretch(scores, np.arange(20), votes=15, of=18)[0].max() == 9.0

    def test_no_scores_give_no_statistics(self):
        nothing, nowhere = voted_by_stretch(np.empty(0), np.empty(0, np.int64), votes=2, of=3)
        assert nothing.shape == nowhere.shape == (0,)


class TestPromise:
    @given(heard_s=st.floats(10.0, 1e7), budget_per_day=st.floats(1e-3, 1e4, exclude_min=True))
    def test_it_is_never_better_than_the_sound_heard_supports(self, heard_s, budget_per_day):
        made = Calibration(
            rules=(), recording=None, level=None, heard_s=heard_s, budget_per_day=budget_per_day
        )
        assert made.promised_per_day >= made.supported_per_day
        assert made.promised_per_day >= made.budget_per_day
        # Three expected events in the time heard: the bound at 95 % for none.
        assert made.supported_per_day * heard_s / 86400.0 == pytest.approx(3.0, abs=0.005)

    @given(heard_s=st.floats(600.0, 1e7), budget_per_day=st.floats(0.05, 1e3))
    def test_its_words_are_never_better_either(self, heard_s, budget_per_day):
        made = Calibration(
            rules=(), recording=None, level=None, heard_s=heard_s, budget_per_day=budget_per_day
        )
        promise = made.in_words().removeprefix("At most ").split(",")[0]
        count, _, _, _, unit = promise.split()
        days = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}[unit]
        assert int(count) / days >= made.promised_per_day * (1 - 1e-6)

    @pytest.mark.parametrize(("n_events", "bound"), [(0, 3.0), (1, 4.74), (2, 6.30), (10, 16.96)])
    def test_what_it_would_have_called_while_learning_makes_it_worse(self, n_events, bound):
        statistics = log_normal(36000)
        statistics[1000 : 1000 + 100 * n_events : 100] = 1e6
        loud = rule_from(statistics, name="sudden", statistic="fast_score", same_event=10)
        made = Calibration(
            rules=(loud,), recording=None, level=None, heard_s=10 * HOUR_S, budget_per_day=1.0
        )
        assert made.events_heard == n_events
        assert made.supported_per_day == pytest.approx(2.4 * bound, rel=0.01)
        promise = made.in_words()
        called = {0: "", 1: " It would have called once while learning"}.get(
            n_events, f" It would have called {n_events} times while learning"
        )
        assert called in promise
        assert made.with_budget(1000.0).promised_per_day == 1000.0

    def test_two_rules_that_would_have_called_are_counted_together(self, calibration):
        statistics = log_normal()
        statistics[500] = 1e6
        rules = tuple(
            rule_from(statistics, name=name, statistic="score") for name in ("sustained", "sudden")
        )
        made = calibration(rules=rules, recording=None)
        assert made.events_heard == 2
        # The rule for recordings hears the same sound: it is another count, not an addition.
        assert calibration(rules=rules, recording=rules[0]).events_heard == 2
        assert calibration(rules=(), recording=rules[0]).events_heard == 1

    def test_called_all_the_time_there_is_no_promise(self):
        wild = np.where(np.arange(2000) % 4 == 0, 1e9, 1.0)
        rule = rule_from(wild, name="sudden", statistic="score", decisions_per_hour=3600.0)
        made = Calibration(
            rules=(replace(rule, log_sd=0.01),), recording=None, level=None, heard_s=HOUR_S
        )
        assert made.events_heard is None
        assert made.supported_per_day == 86400.0

    def test_only_sound_that_was_judged_held_out_counts(self, calibration):
        assert calibration(10 * HOUR_S, judged_s=HOUR_S).supported_per_day == pytest.approx(
            calibration(HOUR_S).supported_per_day
        )

    def test_limits_aim_below_the_budget(self, calibration):
        calibrated = calibration(budget_per_day=24.0)
        assert calibrated.target_per_hour == pytest.approx(0.3)
        assert calibration(600.0, budget_per_day=24.0).target_per_hour == pytest.approx(0.1)

    def test_while_provisional_limits_aim_below_what_so_much_quiet_sound_supports(
        self, calibration
    ):
        assert calibration(60.0).target_per_hour == pytest.approx(0.1 * 180.0, rel=2e-3)

    @pytest.mark.parametrize(
        ("heard_s", "trust"),
        [
            (60.0, "provisional"),
            (599.0, "provisional"),
            (600.0, "preliminary"),
            (3599.0, "preliminary"),
            (3600.0, "calibrated"),
        ],
    )
    def test_trust_grows_with_the_sound_heard(self, calibration, heard_s, trust):
        assert calibration(heard_s).trust == trust

    @pytest.mark.parametrize(
        ("heard_s", "budget_per_day", "words"),
        [
            (
                45.0,
                1.0,
                (
                    "Too early to promise anything: 45 s of normal sound heard. "
                    "Anomalies are shown, but nobody should be called yet."
                ),
            ),
            (
                1200.0,
                1.0,
                (
                    "At most 9 false alarms an hour, as long as it keeps sounding as in the 20 min learned. "
                    "1 false alarm a day, as asked for, takes 3 days of normal sound to promise."
                ),
            ),
            (
                7200.0,
                24.0,
                (
                    "At most 36 false alarms a day, as long as it keeps sounding as in the 2 h learned. "
                    "1 false alarm an hour, as asked for, takes 3 h of normal sound to promise."
                ),
            ),
            (
                96 * HOUR_S,
                1.0,
                "At most 1 false alarm a day, as long as it keeps sounding as in the 4 days learned.",
            ),
            (
                5000 * HOUR_S,
                0.14,
                "At most 1 false alarm a week, as long as it keeps sounding as in the 208 days learned.",
            ),
        ],
    )
    def test_every_state_has_its_words(self, calibration, heard_s, budget_per_day, words):
        assert calibration(heard_s, budget_per_day=budget_per_day).in_words() == words


class TestBudget:
    def test_another_budget_changes_limits_and_nothing_else(self, calibration):
        strict, loose = calibration(budget_per_day=1.0), calibration(budget_per_day=1.0)
        loose = loose.with_budget(100.0)
        assert loose.rules == strict.rules
        assert loose.thresholds()[0].limit < strict.thresholds()[0].limit
        assert loose.recording_limit() < strict.recording_limit()

    @pytest.mark.parametrize("budget", [0.0, -1.0, inf, nan])
    def test_impossible_budgets_are_refused_in_three_beats(self, calibration, budget):
        with pytest.raises(RecipeError) as caught:
            calibration().with_budget(budget)
        text = str(caught.value)
        assert f"A budget of {budget:g} false alarms a day" in text
        assert "Expected: a number above 0" in text
        assert "--budget" in text

    def test_the_level_track_takes_part_only_where_asked_for(self, calibration, rule):
        made = calibration(level=rule)
        assert len(made.thresholds()) == 1
        assert len(made.thresholds(level_track=True)) == 2
        assert len(calibration().thresholds(level_track=True)) == 1

    def test_without_a_rule_for_recordings_there_is_no_limit_for_them(self, calibration):
        assert calibration(recording=None).recording_limit() is None


class TestPlainValues:
    def test_they_survive_json(self, calibration, rule):
        sudden = rule_from(log_normal(), name="sudden", statistic="fast_score", heavy_tail=True)
        made = calibration(rules=(rule, sudden), level=rule)
        assert Calibration.from_dict(json.loads(json.dumps(made.to_dict()))) == made
        bare = Calibration(rules=(), recording=None, level=None, heard_s=60.0)
        assert Calibration.from_dict(bare.to_dict()) == bare

    def test_rules_written_without_a_tail_are_read(self, rule):
        made = Calibration(rules=(rule,), recording=None, level=None, heard_s=60.0)
        plain = json.loads(json.dumps(made.to_dict()))
        del plain["rules"][0]["tail"]
        read = Calibration.from_dict(plain)
        assert isinstance(read.rules[0], Rule)
        assert read == made
