"""One recording three ways: read once, never amplified past full scale, its gain its own."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import AudioError, BundleError, EngineError
from auscult.evaluation import judge as module
from auscult.evaluation.judge import (
    COLUMNS,
    TARGET_RMS,
    Skipped,
    judge_clip,
    random_gain_db,
    side_of,
    sound_of,
)
from auscult.runtime.scorer import Scorer


def rms(sound):
    return np.sqrt(np.mean(sound.samples.astype(float) ** 2))


class TestThreeWays:
    @pytest.mark.parametrize("loudness", [0.01, 0.05, 0.15])
    def test_recorded_then_at_the_common_rms_then_at_its_random_gain(
        self, scorer, clip, fan, loudness
    ):
        row = judge_clip(clip(3, sound=fan(3, rms=loudness)), scorer=scorer, seed=7)
        recorded, equal, gained = scorer.heard
        assert rms(recorded) == pytest.approx(loudness, rel=1e-5)
        assert rms(equal) == pytest.approx(TARGET_RMS, rel=1e-5)
        assert 20 * np.log10(rms(gained) / loudness) == pytest.approx(row.random_gain_db, abs=1e-4)
        assert row.random_gain_db == random_gain_db(row.clip, 7)
        assert not row.held_back

    def test_the_row_has_the_score_of_each(self, fake_scorer, clip, fan):
        scorer = fake_scorer(hears="loudness")
        row = judge_clip(clip(3, sound=fan(3, rms=0.02)), scorer=scorer)
        assert [row.in_column(name) for name in COLUMNS] == [rms(s) for s in scorer.heard]
        assert row.level_db == pytest.approx(20 * np.log10(0.02), abs=1e-3)

    def test_nothing_is_amplified_past_full_scale(self, scorer, clip):
        impulse = np.zeros(8000, np.float32)
        impulse[::2000] = 0.9
        peaky = clip(0, sound=Sound(samples=impulse, rate_hz=8000))
        assert judge_clip(peaky, scorer=scorer).held_back
        assert max(float(np.abs(s.samples).max()) for s in scorer.heard) <= 1 + 1e-6

    def test_only_the_sound_as_recorded_is_explained(self, fake_scorer, clip):
        asked = []

        class Explaining(fake_scorer):
            def score(self, sound, *, pool="max", explain=True):
                asked.append((explain, pool))
                return super().score(sound)

        judge_clip(clip(1), scorer=Explaining(), pool="mean")
        assert asked == [(True, "mean"), (False, "mean"), (False, "mean")]

    def test_a_bundle_without_calibration_or_embedding(self, fake_scorer, clip):
        class Bare(fake_scorer):
            def score(self, sound, *, pool="max", explain=True):
                verdict = super().score(sound)
                return replace(verdict, limit=0.0, ratio=0.0, is_anomaly=False, state="normal")

            def embed(self, sound):
                raise BundleError("pump gives no embedding.")

        row = judge_clip(clip(1), scorer=Bare())
        assert (row.limit, row.embedding.shape) == (np.inf, (0,))


class TestRows:
    def test_a_row_forgets_its_sound_but_not_its_name(self, scorer, clip):
        carried = clip(1, name="all.json", group="all.json#7")
        row = judge_clip(carried, scorer=scorer)
        silent = row.without_sound()
        assert (silent.name, silent.title, silent.score) == ("all.json#7", "all.json#7", row.score)
        assert (row.silenced, silent.silenced, silent.clip.sound) == (False, True, None)

    def test_json_knows_no_infinity(self, fake_scorer, clip):
        row = replace(judge_clip(clip(1), scorer=fake_scorer()), ratio=np.inf, level_db=-np.inf)
        told = row.to_dict()
        assert told["ratio"] is told["level_db"] is None
        assert told["file"] == "normal1.wav"


class TestLearned:
    def test_a_sound_is_known_by_its_digest(self, scorer, clip):
        known, other = clip(1), clip(2)
        digest = hashlib.sha256(known.sound.samples.tobytes()).hexdigest()[:16]
        learned = ["0" * 16, digest]
        assert judge_clip(known, scorer=scorer, learned=learned).was_learned
        assert not judge_clip(other, scorer=scorer, learned=learned).was_learned
        assert not judge_clip(known, scorer=scorer).was_learned


class TestSkipping:
    def test_what_can_not_be_read_is_skipped_with_its_reason(self, scorer, tmp_path):
        (tmp_path / "broken.wav").write_bytes(b"RIFF....")
        for name in ("broken.wav", "missing.wav"):
            result = judge_clip(Clip(path=tmp_path / name, label="normal"), scorer=scorer)
            assert isinstance(result, Skipped)
            assert result.name == str(tmp_path / name)
            assert name in result.error

    def test_silence_has_no_score(self, scorer, clip):
        silent = Sound(samples=np.zeros(8000, np.float32), rate_hz=8000)
        result = judge_clip(clip(1, sound=silent), scorer=scorer)
        assert "normal1.wav has no finite score" in result.error

    def test_what_has_no_label_is_not_even_read(self, scorer):
        assert judge_clip(Clip(path=Path("missing.wav")), scorer=scorer) is None

    def test_a_bundle_that_cannot_run_is_not_the_recordings_fault(self, fake_scorer, clip):
        class Broken(fake_scorer):
            def score(self, sound, *, pool="max", explain=True):
                raise EngineError("The bundle can't be run.", "an operator that is known")

        with pytest.raises(EngineError):
            judge_clip(clip(1), scorer=Broken())


class TestRandomGain:
    def test_gains_fill_their_range(self):
        gains = [random_gain_db(Clip(path=Path(f"{i}.wav")), 0) for i in range(400)]
        assert -6 <= min(gains) < -5.8
        assert 5.8 < max(gains) <= 6
        assert abs(np.mean(gains)) < 0.5

    def test_sounds_out_of_one_file_have_gains_of_their_own(self, fan):
        parts = [Clip(path=Path("a.wav"), start_s=float(i), end_s=i + 1.0) for i in range(3)]
        carried = [Clip(path=Path("a.json"), group=f"a.json#{i}", sound=fan(1)) for i in range(3)]
        assert len({random_gain_db(c, 0) for c in parts + carried}) == 6

    def test_another_seed_is_another_gain(self):
        clip = Clip(path=Path("a.wav"))
        assert random_gain_db(clip, 0) != random_gain_db(clip, 1)


class TestReading:
    def test_a_file_is_read_once_and_its_stretch_only(self, scorer, fan, tmp_path, monkeypatch):
        reads = []
        real = module.read
        monkeypatch.setattr(
            module, "read", lambda path, **how: reads.append(path) or real(path, **how)
        )
        path = tmp_path / "long.wav"
        sf.write(path, np.concatenate([fan(1).samples, fan(2).samples]), 8000)
        row = judge_clip(Clip(path=path, label="normal", start_s=0.75), scorer=scorer)
        assert reads == [path]
        assert row.duration_s == 0.25

    def test_carried_sound_is_brought_to_the_bundle_s_rate(self, fan, rate_hz):
        carried = Clip(path=Path("a.json"), sound=fan(1))
        assert sound_of(carried, rate_hz=16000).duration_s == pytest.approx(0.5)
        assert sound_of(carried, rate_hz=rate_hz).rate_hz == rate_hz

    def test_channel_is_passed_on(self, fan, tmp_path, rate_hz):
        path = tmp_path / "two.wav"
        sf.write(path, np.stack([fan(1).samples, fan(2).samples], axis=1), rate_hz)
        second = sound_of(Clip(path=path), rate_hz=rate_hz, channel=1)
        np.testing.assert_allclose(second.samples, fan(2).samples, atol=1e-4)
        with pytest.raises(AudioError):
            sound_of(Clip(path=path), rate_hz=rate_hz, channel=7)


class TestSides:
    """What a label is to a bundle."""

    @pytest.mark.parametrize(
        ("label", "labels", "alarms", "side"),
        [
            ("normal", (), (), "normal"),
            ("anomaly", (), (), "anomaly"),
            ("rattle", (), (), "anomaly"),
            ("hum", ("hum", "hiss"), ("hiss",), "normal"),
            ("hiss", ("hum", "hiss"), ("hiss",), "anomaly"),
            ("hiss", ("hum", "hiss"), (), "normal"),
            ("rattle", ("hum", "hiss"), ("hiss",), ""),
            ("normal", ("hum", "hiss"), ("hiss",), "normal"),
            ("anomaly", ("hum", "hiss"), (), "anomaly"),
            ("normal", ("normal", "ng"), ("normal",), "anomaly"),
        ],
    )
    def test_they(self, label, labels, alarms, side):
        assert side_of(label, labels, alarms) == side

    @given(label=st.text(max_size=5), labels=st.lists(st.text(max_size=5), max_size=4))
    def test_what_is_known_has_a_side(self, label, labels):
        found = side_of(label, labels, labels[:1])
        assert bool(found) == (not labels or label in (*labels, "normal", "anomaly"))

    def test_a_classifier_says_what_it_heard_in_each_column(self, classifier, class_clips):
        row = judge_clip(class_clips[0], scorer=Scorer(classifier))
        assert dict(row.heard_as) == dict.fromkeys(COLUMNS, "hum")
        assert row.probabilities["hum"] > 0.9
        assert (row.side, row.is_known, row.recording) == ("normal", True, "hum0.wav")
