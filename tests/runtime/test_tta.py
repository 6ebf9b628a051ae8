"""Scores over noisy copies: repeatable, averaged, and judged by the same limit."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.errors import RecipeError
from auscult.runtime.scorer import Scorer
from auscult.runtime.tta import Augmentation, AugmentedScorer, noisy_copies

RATE_HZ = 16000


@pytest.fixture(scope="module")
def scorer(edge_bundle):
    return Scorer(edge_bundle)


@pytest.fixture(scope="module")
def averaging(scorer):
    return AugmentedScorer(scorer=scorer, augmentation=Augmentation(copies=3))


def sound_of(samples):
    return Sound(samples=samples, rate_hz=RATE_HZ)


class TestNoisyCopies:
    @settings(max_examples=20)
    @given(st.floats(-20, 60), st.integers(0, 2**32), st.floats(1e-4, 1.0))
    def test_the_noise_lies_where_it_should(self, snr_db, seed, gain):
        sound = sound_of(np.full(RATE_HZ, gain, np.float32))
        (copy,) = noisy_copies(sound, Augmentation(copies=1, snr_db=snr_db, seed=seed), name="a")
        noise = copy.samples.astype(float) - sound.samples
        measured_db = 10 * np.log10(gain**2 / np.mean(noise**2))
        assert measured_db == pytest.approx(snr_db, abs=0.3)

    def test_the_name_and_the_seed_tell_the_noise(self, machine):
        sound = sound_of(machine(0, 1.0))
        how = Augmentation(copies=2)
        first, second = noisy_copies(sound, how, name="here/1.wav")
        again, _ = noisy_copies(sound, how, name="/there/1.wav")
        other, _ = noisy_copies(sound, how, name="2.wav")
        reseeded, _ = noisy_copies(sound, replace(how, seed=1), name="1.wav")
        np.testing.assert_array_equal(first.samples, again.samples)
        for one in (second, other, reseeded):
            assert np.abs(first.samples - one.samples).max() > 0
        assert first.samples.dtype == np.float32

    def test_silence_stays_silent(self):
        for samples in (np.zeros(100, np.float32), np.zeros(0, np.float32)):
            (copy,) = noisy_copies(sound_of(samples), Augmentation(copies=1))
            np.testing.assert_array_equal(copy.samples, samples)


class TestScore:
    def test_it_is_the_mean_of_the_recording_and_its_copies(self, scorer, averaging, machine):
        sound = sound_of(machine(50))
        copies = noisy_copies(sound, averaging.augmentation, name="a.wav")
        scores = [scorer.score(one, explain=False).score for one in (sound, *copies)]
        verdict = averaging.named("x/a.wav").score(sound)
        assert verdict.score == pytest.approx(np.mean(scores), rel=1e-9)
        assert verdict.ratio == pytest.approx(verdict.score / verdict.limit)
        assert verdict.windows == scorer.score(sound).windows

    def test_a_file_and_its_sound_score_alike(self, averaging, machine, tmp_path):
        path = tmp_path / "a.wav"
        soundfile.write(path, machine(50), RATE_HZ, subtype="FLOAT")
        samples, _ = soundfile.read(path, dtype="float32")
        from_file = averaging.score(path)
        from_sound = averaging.named("a.wav").score(sound_of(samples))
        assert from_file.score == from_sound.score
        assert from_file.file == str(path)

    def test_a_stretch_has_the_times_of_the_whole(self, averaging, faulty, tmp_path):
        path = tmp_path / "a.wav"
        soundfile.write(path, faulty(50, 20.0, start_s=12.0, end_s=18.0, amplitude=0.2), RATE_HZ)
        verdict = averaging.score(path, start_s=8.0, end_s=20.0)
        assert verdict.is_anomaly
        assert verdict.windows[0].start_s == pytest.approx(8.0)
        assert all(w.since_s is None or w.since_s >= 8.0 for w in verdict.windows)
        assert 11.0 < verdict.explanation.start_s < 18.5

    def test_the_limit_is_for_the_mean(self, scorer, machine):
        sound = sound_of(machine(50))
        quiet = scorer.score(sound, explain=False)
        assert quiet.state == "normal"
        # Under as much noise as machine, only the copies are strange.
        noisy = AugmentedScorer(scorer=scorer, augmentation=Augmentation(copies=3, snr_db=0.0))
        verdict = noisy.score(sound)
        assert verdict.score > verdict.limit
        assert (verdict.state, verdict.is_anomaly, verdict.rule) == ("anomaly", True, "recording")
        assert verdict.limit == quiet.limit

    def test_rules_for_windows_still_count(self, scorer, averaging, faulty):
        short = sound_of(faulty(50, start_s=3.0, end_s=4.5, amplitude=0.03))
        alone = scorer.score(short, explain=False)
        assert any(window.state == "anomaly" for window in alone.windows)
        assert averaging.score(short).is_anomaly

    def test_silence_is_no_signal(self, averaging):
        verdict = averaging.score(sound_of(np.zeros(5 * RATE_HZ, np.float32)))
        assert (verdict.state, verdict.score) == ("no_signal", 0.0)

    def test_classes_are_averaged_too(self, make_classifier, sound_like):
        plain = Scorer(make_classifier())
        averaging = AugmentedScorer(scorer=plain, augmentation=Augmentation(copies=4, snr_db=10.0))
        sound = sound_of(sound_like("hum", 0))
        copies = noisy_copies(sound, averaging.augmentation)
        each = [plain.score(one).probabilities["hum"] for one in (sound, *copies)]
        verdict = averaging.score(sound)
        assert verdict.probabilities["hum"] == pytest.approx(np.mean(each))
        assert verdict.label == max(verdict.probabilities, key=verdict.probabilities.get)
        assert sum(verdict.probabilities.values()) == pytest.approx(1.0, abs=1e-5)

    def test_parts_are_averaged_too(self, scorer, machine, monkeypatch):
        sound = sound_of(machine(50))
        averaging = AugmentedScorer(scorer=scorer, augmentation=Augmentation(copies=3))
        plain, loudness = scorer.score, []

        def in_parts(one, **options):
            loudness.append(float(np.abs(one.samples).max()))
            return replace(plain(one, **options), parts={"peak": loudness[-1]})

        monkeypatch.setattr(scorer, "score", in_parts)
        assert averaging.score(sound).parts == {"peak": pytest.approx(np.mean(loudness))}
        assert len(set(loudness)) == 4

    def test_embeddings_are_those_of_the_recording(self, scorer, averaging, machine):
        sound = sound_of(machine(50))
        np.testing.assert_array_equal(averaging.embed(sound), scorer.embed(sound))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"copies": 0}, "0 noisy copies"),
        ({"copies": 1001}, "1001 noisy copies"),
        ({"copies": 1, "snr_db": np.nan}, "ratio of nan dB"),
        ({"copies": 1, "snr_db": 200.0}, "ratio of 200 dB"),
    ],
)
def test_what_makes_no_sense_is_refused(values, said):
    with pytest.raises(RecipeError, match=said):
        Augmentation(**values)


def test_it_goes_into_json():
    how = Augmentation(copies=4, snr_db=20.0, seed=2)
    assert how.to_dict() == {"copies": 4, "snr_db": 20.0, "seed": 2}
    assert pickle.loads(pickle.dumps(how)) == how
