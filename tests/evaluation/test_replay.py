"""Deciding again is what live listening decides; and what it says of simulated faults."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.audio.synth import BearingTone, Knock, fan, render
from auscult.errors import BundleError, RecipeError
from auscult.evaluation.operating import length_s
from auscult.evaluation.replay import alarms_at, factors, replay, scaled
from auscult.evaluation.truth import Fault
from auscult.live.demo import minutes_of
from auscult.live.events import Event
from auscult.live.listener import Block, Listener
from auscult.memory.learn import learn_clips
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict

SECONDS = 240.0
FAULTS = (Fault(start_s=60.0, end_s=80.0, label="knock"), Fault(start_s=150.0, end_s=175.0))


@pytest.fixture(scope="module")
def fan_bundle():
    return learn_clips(minutes_of(fan(), minutes=3, seed=0), preset="edge").bundle


@pytest.fixture(scope="module")
def samples():
    """Two faults, and a broken sample between them."""
    faults = [
        Knock(start_s=60.0, duration_s=20.0, snr_db=6.0),
        BearingTone(start_s=150.0, duration_s=25.0, snr_db=6.0),
    ]
    sound = render(fan(), seconds=SECONDS, seed=0, start_s=0.0, faults=faults).samples.copy()
    sound[110 * 16000] = np.nan
    return sound


def hear(scorer, samples, *, level_track=False):
    listener = Listener(scorer, explain=False, level_track=level_track)
    items = []
    for start in range(0, len(samples), 16000):
        items += listener.feed(Block(samples=samples[start : start + 16000], rate_hz=16000))
    items += listener.close()
    verdicts = [item for item in items if isinstance(item, Verdict)]
    return verdicts, [one for one in items if isinstance(one, Event) and one.status == "ended"]


@pytest.fixture(scope="module")
def heard(fan_bundle, samples):
    return hear(Scorer(fan_bundle), samples)


@pytest.fixture(scope="module")
def found(fan_bundle, heard):
    return replay(
        fan_bundle.manifest, heard[0], duration_s=SECONDS, truth=FAULTS, recording="day.wav"
    )


class TestDecidingAgain:
    @pytest.mark.parametrize(
        ("budget", "level_track"), [(None, False), (1000.0, False), (0.01, True)]
    )
    def test_it_is_what_live_listening_tells(self, fan_bundle, heard, samples, budget, level_track):
        live = Scorer(fan_bundle, budget_per_day=budget)
        manifest = live.bundle.manifest
        thresholds = manifest.calibration.thresholds(level_track=level_track)
        # The verdicts that are gone through again were given at other limits.
        again = list(alarms_at(manifest, heard[0], thresholds))
        _, events = hear(live, samples, level_track=level_track)
        assert len(events) >= 2
        fields = ("start_s", "end_s", "kind", "rule", "peak_ratio")
        assert [[getattr(a, name) for name in fields] for a in again] == [
            [getattr(e, name) for name in fields] for e in events
        ]

    def test_a_gap_interrupts_votes(self, fan_bundle, heard):
        manifest = fan_bundle.manifest
        thresholds = scaled(manifest.calibration.thresholds(), 1e-6)
        first = heard[0][:4]
        late = [
            replace(one, start_s=one.start_s + 500.0, end_s=one.end_s + 500.0)
            for one in heard[0][:4]
        ]
        joined = list(alarms_at(manifest, [*first, *late], thresholds))
        alone = list(alarms_at(manifest, first, thresholds))
        assert joined[0] == alone[0]
        assert joined[1].start_s == pytest.approx(alone[0].start_s + 500.0)

    def test_limits_are_tried_from_half_of_the_time_to_nothing(self, found):
        under = [length_s((a.start_s, a.end_s) for a in one.alarms) for one in found.points]
        assert under[0] > 0.5 * SECONDS
        assert under[-1] == 0.0


class TestReplay:
    def test_faults_are_heard_and_nothing_else(self, found):
        assert [one.delay_s is not None and one.delay_s < 10.0 for one in found.chosen.heard] == [
            True,
            True,
        ]
        assert found.chosen.n_false == 0
        assert found.chosen.false_per_day == 0.0

    def test_budgets_are_in_order_and_the_own_one_is_among_them(self, found, fan_bundle):
        budgets = [point.budget_per_day for point in found.budgets]
        assert budgets == sorted(budgets, reverse=True)
        assert fan_bundle.manifest.calibration.budget_per_day in budgets
        assert [point.factor for point in found.budgets] == sorted(p.factor for p in found.budgets)
        assert found.chosen.factor == 1.0

    def test_a_budget_of_ones_own(self, fan_bundle, heard):
        manifest = fan_bundle.with_budget(50.0).manifest
        own = replay(manifest, heard[0], duration_s=SECONDS)
        assert own.chosen.budget_per_day == 50.0
        assert own.chosen in own.budgets
        assert own.truth is None

    def test_json(self, found):
        answer = found.to_dict()
        assert answer["windows_not_judged"] > 0
        assert answer["truth"][0] == {"start_s": 60.0, "end_s": 80.0, "label": "knock"}
        assert len(answer["chosen"]["heard"]) == 2
        assert len(answer["points"]) == len(found.points)

    def test_a_bundle_without_limits(self, fan_bundle, heard):
        bare = replace(fan_bundle.manifest, calibration=None)
        with pytest.raises(BundleError, match="has no limits"):
            replay(bare, heard[0], duration_s=SECONDS)

    def test_nothing_was_judged(self, fan_bundle):
        with pytest.raises(RecipeError, match=r"x\.wav is over before anything could be judged"):
            replay(fan_bundle.manifest, [], duration_s=0.1, recording="x.wav")


def test_factors_reach_from_half_of_all_windows_to_none():
    def verdict(ratio):
        return Verdict(
            start_s=0.0, end_s=1.0, score=0.0, ratio=ratio, state="normal", level_db=-30.0
        )

    ratios = np.random.default_rng(0).gamma(4.0, 0.2, 1000)
    found = factors([verdict(ratio) for ratio in ratios])
    assert found == sorted(set(found))
    assert found[0] == pytest.approx(np.median(ratios))
    assert found[-1] > ratios.max()
    assert len(found) <= 41
    assert 1.0 in found
    assert factors([verdict(0.0)]) == [1.0]
