import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning, BundleError, DatasetError, RecipeError
from auscult.memory import record
from auscult.memory.learn import default_name, learn, learn_clips
from auscult.runtime.bundle import verify
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000


def sound_of(samples):
    return Sound(samples=samples, rate_hz=RATE_HZ)


def write(path, samples, rate_hz=RATE_HZ):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz, subtype="PCM_24")
    return path


def too_little(clips, what, **options):
    with pytest.raises(DatasetError) as caught:
        learn_clips(clips, **options)
    assert what in caught.value.what, caught.value.what
    assert "half a minute" in caught.value.expected
    assert "Record" in caught.value.action
    return caught.value.what


class TestABundle:
    def test_it_says_what_it_was_learned_from(self, bundle, clips):
        manifest = bundle.manifest
        assert (manifest.name, manifest.family, manifest.embedder) == (
            "machine",
            "memory",
            "spectrum",
        )
        assert (manifest.data.recordings, manifest.data.seconds) == (12, 120.0)
        assert len(manifest.data.sha256) == 64
        assert set(manifest.versions) == {"auscult", "onnxruntime"}
        assert [one.recording for one in manifest.exemplars] == [one.name for one in clips]
        assert manifest.calibration.heard_s == 120.0
        assert manifest.calibration.trust == "provisional"

    def test_its_rules_share_the_budget_and_decide_once_a_second(self, bundle):
        calibration = bundle.manifest.calibration
        assert [rule.name for rule in calibration.rules] == ["sustained", "sudden"]
        assert sum(rule.share for rule in calibration.rules) == pytest.approx(1.0)
        assert all(1 <= rule.votes <= rule.of for rule in calibration.rules)
        assert {rule.decisions_per_hour for rule in calibration.rules} == {3600.0}
        assert (calibration.recording.statistic, calibration.recording.n) == ("score", 12)
        assert calibration.recording.decisions_per_hour == 360.0
        assert calibration.level.statistic == "level_deviation"

    def test_held_out_normal_sound_scores_one(self, bundle, machine):
        scorer = Scorer(bundle)
        scores = [scorer.score(sound_of(machine(seed)), explain=False) for seed in range(100, 120)]
        assert np.median([one.score for one in scores]) == pytest.approx(1.0, abs=0.15)
        windows = [w.fast_score for one in scores for w in one]
        assert np.median(windows) == pytest.approx(1.0, abs=0.1)
        assert not any(one.is_anomaly for one in scores)

    def test_it_hears_what_it_should(self, bundle, faulty):
        scorer = Scorer(bundle)
        assert all(scorer.score(sound_of(faulty(seed))).is_anomaly for seed in range(100, 110))

    def test_learning_twice_gives_the_same_file(self, clips, bundle):
        assert learn_clips(clips, name="machine").bundle.to_bytes() == bundle.to_bytes()

    def test_from_files_as_from_memory(self, folder, clips):
        quantised = [
            replace(one, sound=sound_of(soundfile.read(folder / one.path, dtype="float32")[0]))
            for one in clips
        ]
        expected = learn_clips(quantised, name="machine").bundle
        assert learn(folder, name="machine").to_bytes() == expected.to_bytes()

    def test_threads_give_the_same_scores(self, clips, bundle, machine):
        two = learn_clips(clips, name="machine", threads=2).bundle
        one, other = (Scorer(b).score(sound_of(machine(99))).score for b in (bundle, two))
        assert other == pytest.approx(one, rel=1e-3)

    def test_the_budget_is_kept(self, clips):
        learned = learn_clips(clips, budget_per_day=0.5)
        assert learned.bundle.manifest.calibration.budget_per_day == 0.5

    def test_a_budget_that_no_limit_holds(self, clips):
        with pytest.raises(RecipeError, match="A budget of 0 false alarms a day"):
            learn_clips(clips, budget_per_day=0.0)


class TestHowMuchIsEnough:
    def test_one_minute_in_one_recording(self, clip, machine, faulty):
        learned = learn_clips([clip(machine(0, 60.0), "minute.wav")])
        assert learned.notes == ()
        assert (learned.seconds_of_sound, learned.windows) == (60.0, 59)
        scorer = Scorer(learned.bundle)
        assert not scorer.score(sound_of(machine(99))).is_anomaly
        assert scorer.score(sound_of(faulty(99))).is_anomaly

    def test_half_a_minute_is_enough_and_said_to_be_little(self, clip, machine):
        (note,) = learn_clips([clip(machine(0, 30.0), "half.wav")]).notes
        assert note.startswith("Only 30 s of normal sound: a minute or more")

    def test_three_recordings_of_three_seconds_are_enough(self, clip, machine):
        learned = learn_clips([clip(machine(seed, 3.0), f"{seed}.wav") for seed in range(3)])
        calibration = learned.bundle.manifest.calibration
        assert all(np.isfinite(t.limit) for t in calibration.thresholds(level_track=True))
        assert np.isfinite(calibration.recording_limit())

    @pytest.mark.parametrize(
        ("lengths", "what"),
        [
            ([1.0], "Only 1.0 s of normal sound in 1 recording."),
            ([10.0], "Only 10.0 s of normal sound in 1 recording."),
            ([10.0, 10.0], "Only 20.0 s of normal sound in 2 recordings."),
            ([1.0, 1.0, 1.0], "Only 3.0 s of normal sound in 3 recordings."),
            ([0.5] * 5, "Only 2.5 s of normal sound in 5 recordings."),
        ],
    )
    def test_less_is_not(self, clip, machine, lengths, what):
        clips = [clip(machine(i, seconds), f"{i}.wav") for i, seconds in enumerate(lengths)]
        too_little(clips, what)

    def test_nothing(self):
        assert too_little([], "There is no usable normal sound").endswith("to learn from.")

    def test_silence_only(self, clip):
        clips = [clip(np.zeros(10 * RATE_HZ), f"{i}.wav") for i in range(5)]
        with pytest.raises(DatasetError) as caught:
            learn_clips(clips)
        assert caught.value.what == (
            "There is no usable normal sound to learn from. 0.wav holds no usable signal; 1.wav holds no usable signal; "
            "2.wav holds no usable signal; 2 more."
        )
        # All for one reason, so its way out is the way out; it is said once.
        assert caught.value.expected == "sound above -90 dBFS that is not clipped"
        assert str(caught.value).count("Expected:") == 1

    def test_copies_of_one_recording_are_one(self, clip, machine):
        clips = [clip(machine(0), f"{i}.wav") for i in range(12)]
        what = too_little(clips, "Only 10.0 s of normal sound in 1 recording.")
        assert (
            "11 recordings were skipped; the first: 1.wav: The same sound as 0.wav: a copy." in what
        )

    def test_one_sound_at_several_volumes_is_one_sound(self, clip, machine):
        clips = [clip(machine(0) * np.float32(1 + i / 10), f"{i}.wav") for i in range(5)]
        with pytest.raises(DatasetError) as caught:
            learn_clips(clips)
        assert caught.value.what == "All 5 recordings are the same sound."
        assert "made at different times" in caught.value.expected
        assert "Record the machine itself" in caught.value.action


class TestBadOnesAmongGoodOnes:
    """What can't be used is named, counted and skipped; the rest is learned as if it were alone."""

    @pytest.fixture
    def mixed(self, folder, tmp_path):
        root = tmp_path / "mixed"
        shutil.copytree(folder, root)
        return root

    def learned(self, root):
        clips = [Clip(path=path) for path in sorted(root.iterdir())]
        learned = learn_clips(clips, name="machine")
        return learned, {Path(one.file).name: one.error for one in learned.skipped}

    def test_they_are_skipped_counted_and_named(self, mixed, folder, machine):
        write(mixed / "a_short.wav", machine(50, 0.3))
        write(mixed / "b_silent.wav", np.zeros(10 * RATE_HZ))
        shutil.copy(mixed / "03.wav", mixed / "c_copy.wav")
        (mixed / "d_cut.wav").write_bytes((mixed / "04.wav").read_bytes()[:50_000])
        (mixed / "e_text.wav").write_text("this is no sound")
        (mixed / "05.wav").rename(mixed / "05.mp3")
        learned, skipped = self.learned(mixed)
        assert set(skipped) == {
            "a_short.wav",
            "b_silent.wav",
            "c_copy.wav",
            "d_cut.wav",
            "e_text.wav",
        }
        assert learned.notes[0].startswith("5 recordings were skipped; the first: ")
        assert "a_short.wav is 0.30 s long. Expected: at least 0.5 s." in learned.notes[0]
        assert learned.windows == 108
        # Files are heard in order of their names, and one was renamed in place.
        alone = learn(folder)
        assert learned.bundle.graph_bytes == alone.graph_bytes
        assert learned.bundle.manifest.calibration == alone.manifest.calibration

    def test_eight_channels(self, tmp_path, machine):
        for i in range(4):
            channels = np.stack([machine(8 * i + c, 5.0) for c in range(8)], axis=1)
            write(tmp_path / f"{i}.wav", channels)
        clips = [Clip(path=path) for path in sorted(tmp_path.iterdir())]
        mean = learn_clips(clips).bundle
        second = learn_clips(clips, channel=1).bundle
        assert mean.manifest.data.sha256 != second.manifest.data.sha256
        first = [write(tmp_path / "one" / f"{i}.wav", machine(8 * i + 1, 5.0)) for i in range(4)]
        alone = learn_clips([Clip(path=path) for path in first]).bundle
        assert alone.manifest.data.sha256 == second.manifest.data.sha256
        with pytest.raises(DatasetError, match="Channel 8 was asked for"):
            learn_clips(clips, channel=8)

    def test_silent_windows_are_left_out_and_counted(self, clip, machine):
        samples = machine(0, 60.0)
        samples[20 * RATE_HZ : 25 * RATE_HZ] = 0.0
        learned = learn_clips([clip(samples, "minute.wav")])
        assert learned.windows == 53
        assert "6 windows without a signal, or clipped, left out." in learned.notes
        assert learned.bundle.manifest.calibration.heard_s < 60.0


class TestLabels:
    def test_only_what_is_labelled_normal_is_learned(self, clips, clip, faulty):
        others = [clip(faulty(i), f"bad{i}.wav", label="anomaly") for i in range(3)]
        others += [clip(faulty(9), "odd.wav", label="rattle")]
        learned = learn_clips([*others[:2], *clips, *others[2:]], name="machine")
        assert learned.left_out == {"anomaly": 3, "rattle": 1}
        alone = learn_clips(clips, name="machine").bundle
        assert learned.bundle.to_bytes() == alone.to_bytes()

    def test_recordings_without_a_label_beside_normal_ones_are_left_out(self, clips, clip, machine):
        unknown = [clip(machine(70 + i), f"unknown{i}.wav", label="") for i in range(2)]
        learned = learn_clips([unknown[0], *clips, unknown[1]], name="machine")
        assert learned.left_out == {"(not labelled)": 2}
        assert learned.bundle.to_bytes() == learn_clips(clips, name="machine").bundle.to_bytes()

    def test_recordings_without_any_label_count_as_normal(self, clips, bundle):
        unlabelled = [replace(one, label="") for one in clips]
        assert learn_clips(unlabelled, name="machine").bundle.to_bytes() == bundle.to_bytes()

    def test_only_anomalies_teach_nothing(self, clip, faulty):
        clips = [clip(faulty(i), f"{i}.wav", label="anomaly") for i in range(3)]
        what = too_little(clips, "There is no usable normal sound to learn from.")
        assert "Left out: 3 labelled 'anomaly'." in what

    def test_a_labelled_folder(self, folder, faulty, tmp_path):
        shutil.copytree(folder, tmp_path / "normal")
        write(tmp_path / "abnormal" / "bad.wav", faulty(50))
        assert learn(tmp_path).manifest.data.recordings == 12


class TestLengths:
    def test_recordings_of_mixed_lengths_set_the_same_limits(self, machine, clip):
        long = [clip(machine(500 + i, 10.0), f"{i}.wav") for i in range(16)]
        short = [clip(machine(600 + i, 4.0), f"short {i}.wav") for i in range(16)]
        alone, mixed = learn_clips(long).bundle, learn_clips([*long, *short]).bundle
        limits = [b.manifest.calibration.recording_limit() for b in (alone, mixed)]
        assert limits[1] == pytest.approx(limits[0], rel=0.15)
        typical = np.median([mixed_score(mixed, machine(700 + i)) for i in range(8)])
        assert typical == pytest.approx(1.0, abs=0.15)

    def test_bands_that_recordings_of_a_lower_rate_can_not_hold_are_left_out(self, machine):
        sounds = [Sound(samples=machine(800 + i)[::2].copy(), rate_hz=8000) for i in range(10)]
        clips = [Clip(path=Path(f"{i}.wav"), label="normal", sound=s) for i, s in enumerate(sounds)]
        bundle = learn_clips(clips).bundle
        assert bundle.manifest.recipe["high_hz"] < 4000.0
        scorer, new = Scorer(bundle), machine(820)[::2].copy()
        whole = scorer.score(Sound(samples=new, rate_hz=8000)).score
        for gain in (0.5, 0.1, 0.03):
            quiet = scorer.score(Sound(samples=new * np.float32(gain), rate_hz=8000)).score
            assert quiet == pytest.approx(whole, rel=0.02)
        more = Clip(path=Path("more.wav"), label="normal", sound=Sound(samples=new, rate_hz=8000))
        assert learn_clips([more], add=bundle).bundle.manifest.recipe == bundle.manifest.recipe


def mixed_score(bundle, samples):
    return Scorer(bundle).score(Sound(samples=samples, rate_hz=RATE_HZ), explain=False).score


class TestGoingOn:
    def test_what_was_heard_counts(self, clips):
        first = learn_clips(clips[:6], name="machine").bundle
        both = learn_clips(clips[6:], name="machine", add=first)
        assert both.bundle.manifest.data.recordings == 12
        assert both.bundle.manifest.calibration.heard_s == 120.0
        assert (both.windows, both.seconds_of_sound) == (54, 60.0)
        assert record.of(both.bundle).names == [one.name for one in clips]

    def test_it_is_as_good_as_learning_at_once(self, clips, bundle, machine):
        first = learn_clips(clips[:6]).bundle
        both = Scorer(learn_clips(clips[6:], add=first).bundle)
        at_once = Scorer(bundle)
        for seed in (200, 201):
            one, other = (s.score(sound_of(machine(seed))).score for s in (both, at_once))
            assert one == pytest.approx(other, rel=0.01)

    def test_a_file_can_be_gone_on_from(self, clips, bundle_file, clip, machine):
        more = [clip(machine(seed), f"{seed}.wav") for seed in range(50, 53)]
        assert learn_clips(more, add=bundle_file).bundle.manifest.data.recordings == 15
        assert learn_clips(more, add=str(bundle_file)).bundle.manifest.data.recordings == 15

    def test_the_same_recordings_again_count_once(self, clips, bundle):
        with pytest.raises(DatasetError) as caught:
            learn_clips(clips, add=bundle)
        assert "no usable normal sound" in caught.value.what
        assert "00.wav: The bundle has heard it already;" in caught.value.what

    def test_some_of_the_same_recordings_count_once(self, clips, clip, machine):
        first = learn_clips(clips[:6]).bundle
        learned = learn_clips([*clips[4:8], clip(machine(0), "other_name.wav")], add=first)
        assert learned.bundle.manifest.data.recordings == 8
        assert learned.bundle.manifest.calibration.heard_s == 80.0
        assert [one.file for one in learned.skipped] == ["04.wav", "05.wav", "other_name.wav"]
        again = learn_clips([*clips[:8], *clips[8:10]], add=learned.bundle)
        assert again.bundle.manifest.data.recordings == 10

    def test_a_little_may_be_added(self, bundle, clip, machine):
        learned = learn_clips([clip(machine(50, 1.0), "second.wav")], add=bundle)
        assert learned.bundle.manifest.data.seconds == 121.0
        verify(learned.bundle)

    def test_another_embedder_is_refused(self, bundle, own_bundle, embedder_file, clips):
        for before, options in ((bundle, {"embedder": str(embedder_file)}), (own_bundle, {})):
            with pytest.raises(BundleError) as caught:
                learn_clips(clips, add=before, **options)
            assert "was learned with the embedder" in caught.value.what
            assert caught.value.expected == "the same embedder to go on with"

    def test_the_same_embedder_goes_on(self, own_bundle, embedder_file, clip, machine):
        more = [clip(machine(50), "more.wav")]
        learned = learn_clips(more, add=own_bundle, embedder=str(embedder_file))
        assert learned.bundle.manifest.data.recordings == 13

    def test_a_bundle_without_a_record(self, bundle, clips):
        with pytest.raises(BundleError, match="keeps no record of what it learned from"):
            learn_clips(clips, add=replace(bundle, arrays={}))


class TestTheShortWay:
    def test_notes_are_warnings(self, folder, tmp_path, machine):
        root = tmp_path / "normal"
        shutil.copytree(folder, root)
        write(root / "short.wav", machine(50, 0.1))
        with pytest.warns(AuscultWarning, match="1 recording was skipped; the first: .*short"):
            learn(root)

    def test_one_folder(self, folder):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bundle = learn(str(folder))
        assert bundle.manifest.data.recordings == 12
        assert bundle.manifest.name == folder.parent.name

    def test_several_files_from_anything_that_iterates(self, folder):
        bundle = learn(iter(sorted(folder.glob("0*.wav"))), preset="edge")
        assert bundle.manifest.data.recordings == 10
        assert bundle.manifest.name == "00"
        assert bundle.manifest.dim == 192

    def test_an_empty_folder(self, tmp_path):
        with pytest.raises(DatasetError) as caught:
            learn(tmp_path)
        assert f"{tmp_path} holds no recording" in caught.value.what
        assert ".wav" in caught.value.expected
        assert "Check the path" in caught.value.action

    def test_a_missing_folder(self, tmp_path):
        with pytest.raises(DatasetError, match="nowhere is not there"):
            learn(tmp_path / "nowhere")

    def test_no_place_at_all(self):
        with pytest.raises(DatasetError, match="no usable normal sound"):
            learn([])

    def test_an_unknown_preset_is_refused_before_anything_is_heard(self, folder, monkeypatch):
        monkeypatch.setattr(soundfile, "SoundFile", lambda *_: pytest.fail("it was opened"))
        with pytest.raises(RecipeError, match="There is no preset 'huge'"):
            learn(folder, preset="huge")


@pytest.mark.parametrize(
    ("places", "name"),
    [
        ("fans/pump_3", "pump_3"),
        ("fans/pump_3/normal", "pump_3"),
        ("pump_3/Train/", "pump_3"),
        ("pump_3/today.wav", "today"),
        (["pump_3", "pump_4"], "pump_3"),
    ],
)
def test_the_default_name_is_that_of_the_first_place(places, name):
    assert default_name(places) == name


def test_every_window_teaches_and_progress_tells(clips):
    told = []
    learn_clips(clips[:3], progress=lambda seconds, _: told.append(seconds))
    assert told[-1] == pytest.approx(30.0)
    assert told == sorted(told)
