import numpy as np
import pytest

from auscult.memory.blocks import Windows
from auscult.memory.memorise import memorise
from auscult.memory.rules import (
    LEVEL,
    MIN_TAIL_BLOCKS,
    SUDDEN,
    SUSTAINED,
    calibrate,
    judged_seconds,
    recording_rule,
    window_rule,
)
from auscult.runtime.decision import voted

DIM = 5


def windows_of(lengths, seed=0):
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    rows = np.random.default_rng(seed).standard_normal((len(stretch), DIM))
    return Windows(embeddings=rows, recording=stretch, stretch=stretch, context=8, overlap=1)


@pytest.fixture(scope="module")
def windows():
    return windows_of([600])


@pytest.fixture(scope="module")
def memory(windows):
    return memorise(windows)


class TestWhichRules:
    """What was measured in the benchmark of false alarms is what bundles get."""

    def test_what_lasts_needs_fifteen_of_eighteen_ten_second_scores(self):
        assert (SUSTAINED.statistic, SUSTAINED.votes, SUSTAINED.of) == ("score", 15, 18)

    def test_what_is_sudden_needs_one_window_and_expects_a_heavy_tail(self):
        assert (SUDDEN.statistic, SUDDEN.votes, SUDDEN.of) == ("fast_score", 1, 1)
        assert SUDDEN.heavy_tail

    def test_they_share_the_budget(self):
        assert SUSTAINED.share + SUDDEN.share == pytest.approx(1.0)
        assert (SUSTAINED.share, LEVEL.share) == (0.9, 1.0)


class TestCalibrate:
    def test_rules_are_set_on_the_decision_statistic_of_held_out_scores(self, windows, memory):
        found = calibrate(windows, memory, hop_s=1.0, heard_s=601.0)
        sustained, sudden = found.rules
        statistics = voted(memory.context_scores, votes=15, of=18)
        assert (sustained.n, sudden.n) == (len(statistics), 600)
        assert sustained.log_mean == pytest.approx(np.log(statistics).mean())
        assert sudden.log_mean == pytest.approx(np.log(memory.window_scores).mean())
        assert (sustained.tail, found.level) == (None, None)
        assert sudden.tail is not None
        assert found.recording.n == len(memory.block_scores)

    def test_they_decide_as_often_as_windows_come(self, windows, memory):
        found = calibrate(windows, memory, hop_s=0.5, heard_s=300.5)
        assert {rule.decisions_per_hour for rule in found.rules} == {7200.0}

    def test_recordings_of_ten_seconds_are_decided_on_one_by_one(self, windows, memory):
        found = calibrate(windows, memory, hop_s=1.0, heard_s=601.0)
        assert found.recording.decisions_per_hour == 360.0

    def test_shorter_recordings_are_more_decisions_an_hour(self):
        windows = windows_of([2] * 30)
        found = calibrate(windows, memorise(windows), hop_s=1.0, heard_s=90.0)
        assert found.recording.decisions_per_hour == pytest.approx(1200.0)

    def test_loudness_has_a_rule_where_it_is_given(self, windows, memory):
        deviations = 1.0 + np.abs(np.random.default_rng(1).standard_normal(600))
        found = calibrate(windows, memory, hop_s=1.0, heard_s=601.0, deviations=deviations)
        assert (found.level.name, found.level.statistic) == ("level", "level_deviation")

    def test_a_vote_never_reaches_over_a_break(self):
        windows = windows_of([20] * 10)
        memory = memorise(windows)
        found = calibrate(windows, memory, hop_s=1.0, heard_s=210.0)
        # Twelve means of nine windows in each stretch: too few for fifteen, so their smallest speaks for it.
        assert found.rules[0].n == 10


class TestTheLargest:
    def test_what_is_one_event_is_kept_once(self):
        scores = np.ones(3600)
        scores[[100, 101, 105, 2000]] = [5.0, 6.0, 4.0, 3.0]
        rule = window_rule(SUDDEN, scores, np.zeros(3600, np.int64), overlap=1, hop_s=1.0)
        assert rule.largest[:3] == (6.0, 3.0, 1.0)
        assert len(rule.largest) <= 200

    def test_windows_that_share_samples_are_one_in_the_tail(self):
        scores = 1.0 + 1e-3 * np.random.default_rng(0).random(400)
        scores[10::40] = 9.0
        scores[11::40] = 8.0
        rule = window_rule(SUDDEN, scores, np.zeros(400, np.int64), overlap=1, hop_s=1.0)
        assert rule.tail.n == 10
        assert rule.tail.mean == pytest.approx(np.log(9.0) - rule.tail.start)

    @pytest.mark.parametrize("n", [MIN_TAIL_BLOCKS - 1, MIN_TAIL_BLOCKS])
    def test_recordings_expect_a_heavy_tail_where_there_are_enough(self, n):
        scores = np.exp(0.1 * np.random.default_rng(0).standard_normal(n))
        rule = recording_rule(scores, decision_s=10.0)
        assert (rule.tail is not None) == (n >= MIN_TAIL_BLOCKS)


def test_judged_seconds_count_what_windows_share_once():
    assert judged_seconds(windows_of([9, 9]), window_s=2.0, hop_s=1.0) == 20.0
    assert judged_seconds(windows_of([9]), window_s=0.5, hop_s=1.0) == 9.0
