"""The result in sentences, and what to know before believing it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from auscult.datasets.clip import Clip
from auscult.evaluation import words
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.words import cautions, summary


def test_the_result_in_three_sentences(evaluation):
    counted, first = evaluation.at_limit, evaluation.columns["as_recorded"]
    decided, ranked, loudness = summary(evaluation)
    assert f"heard {counted.tp} of 10 anomalous" in decided
    assert f"in {100 * first.auc:.0f} of 100 cases" in ranked
    assert f"would reach {100 * evaluation.level_auc:.0f} of 100" in loudness


def test_loudness_that_tells(scorer, clip, fan):
    clips = [clip(i, sound=fan(i, rms=0.05)) for i in range(6)] + [
        clip(i, "anomaly", sound=fan(i, rms=0.1)) for i in range(6)
    ]
    said = " ".join(cautions(evaluate(scorer, clips, bootstrap=10)))
    assert "Loudness gives the answer away" in said
    assert "always raising the alarm would score 0.67" in said
    assert "6 normal and 6 anomalous recordings are few" in said


def test_a_result_that_was_loudness(fake_scorer, clip, fan):
    clips = [clip(i, sound=fan(i, rms=0.05)) for i in range(20)] + [
        clip(i, "anomaly", sound=fan(50 + i, rms=0.06)) for i in range(20)
    ]
    said = " ".join(cautions(evaluate(fake_scorer(hears="loudness"), clips, bootstrap=10)))
    assert "points of AUC are lost when every clip is equally loud" in said
    assert "points of AUC are lost under random gain" in said


@pytest.fixture
def clear(clip, fan):
    """Thirty recordings of each kind, equally loud and easily told apart."""
    return [clip(0, name=f"n{i}.wav", sound=fan(i, hiss=0.1, rms=0.05)) for i in range(30)] + [
        clip(0, "anomaly", name=f"a{i}.wav", sound=fan(50 + i, hiss=0.6, rms=0.05))
        for i in range(30)
    ]


def test_a_perfect_result_is_no_certainty(scorer, clear):
    result = evaluate(scorer, clear, bootstrap=50)
    (said,) = (text for text in cautions(result) if "Loud" not in text)
    # 0.95 = 1 - 0.9 ** 28.4: with thirty heard, a share of 10 % missed is not yet unlikely.
    assert "with 30 anomalous recordings, up to 10 % of others" in said
    assert "in 100 of 100 cases; guessing gives 50." in summary(result)[1]


def test_nothing_to_say_against_a_clear_result(scorer, clear, clip, fan):
    hardly = clip(0, "anomaly", name="hardly.wav", sound=fan(99, hiss=0.09, rms=0.05))
    result = evaluate(scorer, [*clear, hardly], bootstrap=50)
    assert [text for text in cautions(result) if "Loud" not in text] == []


def test_recordings_that_were_learned_come_first(evaluation):
    known = replace(evaluation.rows[0], was_learned=True)
    said = cautions(replace(evaluation, rows=(known, *evaluation.rows[1:])))[0]
    assert "learned from 1 of these 24 recordings: it knows them" in said
    assert "Hold some back for this: auscult learn --hold-out 0.3." in said
    left_out = cautions(replace(evaluation, n_known=2))
    reason = "learned from them or was chosen by them"
    assert f"Left out, because {evaluation.bundle} {reason}: 2 recordings." in left_out


def test_a_training_split_is_left_out_in_words(evaluation):
    said = cautions(replace(evaluation, n_training=12))
    assert "Left out, because they are of a training split: 12 recordings." in said


def test_recordings_that_chose_the_epoch_flatter(evaluation):
    known = [replace(row, was_held_out=True) for row in evaluation.rows[:3]]
    said = cautions(replace(evaluation, rows=(*known, *evaluation.rows[3:])))[0]
    assert "3 of these 24 recordings were held out from learning, but chose the epoch" in said


def test_what_was_left_out_is_said(fake_scorer, some_clips, clip, fan):
    peak = fan(1)
    peak.samples[0] = 0.9
    gone = [Clip(path=Path(f"{i}.wav"), label="normal") for i in range(2)]
    clips = [*some_clips, *gone, clip(3, ""), clip(3, sound=peak, name="peak.wav")]
    said = " ".join(cautions(evaluate(fake_scorer(limit=np.inf), clips, bootstrap=1)))
    assert "Could not be scored, and left out: 2 recordings." in said
    assert "Without a label, and left out: 1 recording." in said
    assert "the peaks would have clipped: 1 recording." in said
    assert "no limit for recordings yet" in said


def test_what_is_not_known_is_a_dash():
    assert words.number(None) == words.percent(None) == "–"
    assert (words.number(0.5), words.percent(0.125, 1)) == ("0.500", "12.5 %")
    assert words.unit_name("", "") == "(unnamed)"


def test_of_classes_alone_only_they_are_spoken_of(only_classes):
    said = summary(only_classes)
    assert said[0].startswith("three named 94 % of 18 recordings of 3 classes rightly")
    assert not any("anomalous" in text for text in (*said, *cautions(only_classes)))
    assert any("does not know" in text for text in cautions(only_classes))


def test_a_classifier_with_alarms_is_spoken_of_twice(with_classes):
    said = summary(with_classes)
    assert said[0].startswith("At the limit it ships with")
    assert any("3 classes rightly" in text for text in said)
