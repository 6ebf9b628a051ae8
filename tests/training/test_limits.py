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
    # The same limits, to the last digit, whatever the alarms sounded like.
    only_calm = calibrated(bare, held_out(sound_like, calm), budget_per_day=2.0)
    assert only_calm.manifest.calibration == calibration
    assert bundle.manifest.level == only_calm.manifest.level


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
