"""Limits of a classifier, from sound that was held out and is no alarm."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.runtime.scorer import Scorer
from auscult.training.limits import UNKNOWN_SHARE, calibrated


@pytest.fixture
def bare(classifier):
    return replace(
        classifier,
        manifest=replace(classifier.manifest, calibration=None, level=None, open_set=None),
    )


def held_out(sound_like, labels, n=12):
    for label in labels:
        for seed in range(n):
            yield label, Sound(samples=sound_like(label, seed, 2.0), rate_hz=16000)


def test_limits_come_from_what_is_no_alarm(bare, sound_like):
    alarms = set(bare.manifest.alarm_labels)
    calm = [label for label in bare.manifest.labels if label not in alarms]
    bundle = calibrated(bare, held_out(sound_like, bare.manifest.labels), budget_per_day=2.0)
    calibration = bundle.manifest.calibration
    assert calibration.budget_per_day == 2.0
    assert calibration.heard_s == pytest.approx(12 * 2.0 * len(calm))
    # What calm sound gave is the same, to the last digit, whatever the alarms sounded like: they only say what is too high.
    only_calm = calibrated(bare, held_out(sound_like, calm), budget_per_day=2.0)
    found = only_calm.manifest.calibration
    assert found.rules == tuple(replace(rule, most=None) for rule in calibration.rules)
    assert found.recording == replace(calibration.recording, most=None)
    assert bundle.manifest.level == only_calm.manifest.level


def test_no_limit_is_where_no_known_alarm_comes(bare, sound_like):
    sounds = list(held_out(sound_like, bare.manifest.labels))
    bundle = calibrated(bare, sounds, budget_per_day=1e-6)
    scorer = Scorer(bundle)
    loud = [
        scorer.score(one, explain=False)
        for label, one in sounds
        if label in bare.manifest.alarm_labels
    ]
    calm = [
        scorer.score(one, explain=False)
        for label, one in sounds
        if label not in bare.manifest.alarm_labels
    ]
    assert min(v.score for v in loud) > max(v.score for v in calm), "this network tells them apart"
    assert np.mean([verdict.is_anomaly for verdict in loud]) >= 0.9
    assert not any(verdict.is_anomaly for verdict in calm)
    for rule in (*bundle.manifest.calibration.rules, bundle.manifest.calibration.recording):
        assert rule.limit(1e-9) <= rule.most


def test_where_calm_sound_scores_as_alarms_do_the_limit_is_above_it(bare, sound_like):
    alarm = bare.manifest.alarm_labels[0]
    calm = next(label for label in bare.manifest.labels if label not in bare.manifest.alarm_labels)
    sounds = [
        (calm if n % 2 else alarm, one) for n, (_, one) in enumerate(held_out(sound_like, [alarm]))
    ]
    bundle = calibrated(bare, sounds, budget_per_day=1.0)
    scores = [
        Scorer(bundle).score(one, explain=False).score for label, one in sounds if label == calm
    ]
    assert bundle.manifest.calibration.recording.most >= max(scores)


def test_silent_and_very_short_recordings_say_nothing(bare, sound_like):
    calm = [label for label in bare.manifest.labels if label not in bare.manifest.alarm_labels]
    sounds = list(held_out(sound_like, calm))
    silent = Sound(samples=np.zeros(32000, np.float32), rate_hz=16000)
    short = Sound(samples=np.ones(8, np.float32), rate_hz=16000)
    more = [*sounds, *[(calm[0], silent)] * 10, (calm[0], short)]
    one, other = (calibrated(bare, each, budget_per_day=1.0).manifest for each in (sounds, more))
    assert one.calibration == other.calibration
    assert one.open_set == other.open_set


def test_a_share_of_what_is_known_is_taken_for_unknown(bare, sound_like):
    sounds = list(held_out(sound_like, bare.manifest.labels))
    bundle = calibrated(bare, sounds, budget_per_day=1.0)
    scorer = Scorer(bundle)
    windows = [w for _, one in sounds for w in scorer.score(one, explain=False)]
    unknown = np.mean([not window.is_known for window in windows])
    assert unknown == pytest.approx(UNKNOWN_SHARE, abs=0.02)
    assert bundle.manifest.open_set.share == UNKNOWN_SHARE


def test_from_too_little_there_are_no_limits(bare, sound_like):
    few = list(held_out(sound_like, bare.manifest.labels, n=1))[:1]
    bundle = calibrated(bare, few, budget_per_day=1.0)
    assert bundle.manifest.calibration is None
    assert calibrated(bare, [], budget_per_day=1.0).manifest.open_set is None
