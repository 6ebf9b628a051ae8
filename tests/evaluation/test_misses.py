"""The right recordings, cut where it matters, loud enough, and not too many."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from auscult.datasets.clip import Clip
from auscult.evaluation import evaluate as evaluate_module
from auscult.evaluation import misses as module
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.misses import (
    LISTEN_RMS,
    excerpt,
    misses,
    mistakes,
    surest_mistakes,
    worst,
)
from auscult.runtime.verdict import Explanation


@pytest.fixture
def shown(reader):
    def show(evaluation, listen):
        return reader("".join(misses(evaluation, listen)))

    return show


def played(read):
    return [audio["aria-label"].removeprefix("Play ") for audio in read.all("audio")]


def test_the_least_strange_anomalies_and_the_strangest_normal_ones(evaluation, shown):
    ranked = sorted(evaluation.rows, key=lambda row: row.score)
    least = [row for row in ranked if not row.is_normal][:2]
    most = [row for row in ranked[::-1] if row.is_normal][:2]
    assert worst(evaluation, 2) == (tuple(least), tuple(most))
    assert played(shown(evaluation, 2)) == [row.path.name for row in least + most]


def test_their_verdicts_stand_beside_them(evaluation, shown):
    words = shown(evaluation, 24).words
    counted = evaluation.at_limit
    assert words.count("false alarm") == counted.fp
    assert words.count("missed") == counted.fn
    assert words.count("More hiss <here> than usual.") == counted.fp + counted.tp


def test_their_sound_can_be_played(evaluation, shown, rate_hz):
    audio = shown(evaluation, 1).all("audio")[0]
    head, data = audio["src"].split(",")
    assert head == "data:audio/wav;base64"
    samples, rate = sf.read(io.BytesIO(base64.b64decode(data)))
    assert (rate, len(samples)) == (rate_hz, rate_hz // 2)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(LISTEN_RMS, rel=0.01)


def test_too_much_sound_is_left_out(evaluation, shown, monkeypatch):
    monkeypatch.setattr(module, "MAX_SOUND_BYTES", 25_000)
    read = shown(evaluation, 2)
    assert len(played(read)) == 2
    assert read.words.count("Left out of the page to keep it small.") == 2


def test_at_most_ten_seconds_around_the_explained_part(scorer, clip, fan, tmp_path, rate_hz):
    path = tmp_path / "long.wav"
    sf.write(path, fan(1, seconds=30).samples, rate_hz)
    result = evaluate(scorer, [Clip(path=path, label="anomaly", start_s=1.0), clip(1)], bootstrap=1)
    why = Explanation(low_hz=1, high_hz=2, start_s=20, end_s=22, text="")
    row = replace(result.rows[0], explanation=why)
    sound, start_s = excerpt(row, rate_hz=rate_hz)
    assert sound.duration_s == pytest.approx(10)
    assert start_s == 16.0
    whole, _ = sf.read(path, dtype="float32")
    expected = whole[17 * rate_hz : 27 * rate_hz]
    np.testing.assert_allclose(
        sound.samples / np.linalg.norm(sound.samples),
        expected / np.linalg.norm(expected),
        atol=1e-5,
    )
    assert excerpt(replace(row, explanation=None), rate_hz=rate_hz)[1] == 0.0


def test_carried_sound_is_cut_too(scorer, clip, fan, rate_hz):
    long = clip(1, "anomaly", sound=fan(1, seconds=12))
    result = evaluate(scorer, [long, clip(1)], bootstrap=1)
    assert excerpt(result.rows[0], rate_hz=rate_hz)[0].duration_s == pytest.approx(10)


def test_the_channel_that_was_judged_is_the_one_that_is_heard(scorer, clip, fan, tmp_path, shown):
    path = tmp_path / "two.wav"
    channels = [fan(1, hiss=0.0).samples, fan(2, hiss=3.0).samples]
    sf.write(path, np.stack(channels, axis=1), 8000)
    result = evaluate(scorer, [Clip(path=path, label="anomaly"), clip(1)], bootstrap=1, channel=1)
    data = shown(result, 1).all("audio")[0]["src"].split(",")[1]
    heard, _ = sf.read(io.BytesIO(base64.b64decode(data)))
    assert np.corrcoef(heard, channels[1])[0, 1] > 0.999


def test_a_recording_that_is_gone_by_now_says_so(scorer, clip, fan, tmp_path, shown):
    path = tmp_path / "soon_gone.wav"
    sf.write(path, fan(1).samples, 8000)
    result = evaluate(scorer, [Clip(path=path, label="anomaly"), clip(1)], bootstrap=1)
    path.unlink()
    assert "It can't be played: " in shown(result, 3).words


def test_a_sound_that_was_not_kept_says_so(scorer, some_clips, shown, monkeypatch):
    for place in (evaluate_module, module):
        monkeypatch.setattr(place, "KEPT_SOUNDS", 1)
    read = shown(evaluate(scorer, some_clips, bootstrap=1), 2)
    assert len(played(read)) == 2
    assert read.words.count("its samples were kept for the 1 worst of each kind only") == 2


def test_silence_stays_silent(clip, fan, evaluation, rate_hz):
    silence = replace(fan(1), samples=np.zeros(100, np.float32))
    row = replace(evaluation.rows[0], clip=clip(1, sound=silence), explanation=None, silenced=False)
    assert not excerpt(row, rate_hz=rate_hz)[0].samples.any()


def test_a_card_says_what_is_known(scorer, clip, shown):
    clips = [clip(1, "belt", machine="", unit=""), clip(1)]
    words = shown(evaluate(scorer, clips, bootstrap=1), 1).words
    assert " × limit · −28 dBFS · belt " in words
    assert " dBFS · fan id_01 " in words


class TestMistakes:
    """Of a classifier: what it was surest of, and wrong."""

    def test_only_known_classes_can_be_mistaken(self, only_classes):
        (row,) = surest_mistakes(only_classes, 3)
        assert (row.name, row.label, row.heard_as["as_recorded"]) == (
            "whistle0.wav",
            "hum",
            "whistle",
        )

    def test_the_surest_come_first_and_no_more_than_asked_for(self, only_classes):
        (wrong,) = surest_mistakes(only_classes, 3)
        unsure = replace(
            wrong, name="unsure", probabilities={"hum": 0.4, "hiss": 0.0, "whistle": 0.6}
        )
        result = replace(only_classes, rows=(unsure, *only_classes.rows))
        assert [row.name for row in surest_mistakes(result, 3)] == [wrong.name, "unsure"]
        assert len(surest_mistakes(result, 1)) == 1

    def test_they_are_shown_with_both_names(self, only_classes, reader):
        page = reader("".join(mistakes(only_classes, 3)))
        assert "hum, named whistle (100 %)" in page.words
        assert len(page.all("audio")) == 1

    def test_where_there_are_none_nothing_is_shown(self, evaluation, only_classes):
        assert mistakes(evaluation, 3) == []
        right = tuple(row for row in only_classes.rows if row.name != "whistle0.wav")
        assert mistakes(replace(only_classes, rows=right), 3) == []

    def test_an_unknown_class_is_no_miss(self, with_classes):
        quiet, loud = worst(with_classes, 100)
        assert {row.label for row in quiet} == {"whistle"}
        assert {row.label for row in loud} == {"hum", "hiss"}
