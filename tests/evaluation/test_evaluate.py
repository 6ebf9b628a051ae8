"""Evaluation with a small stand-in for a scorer: what is counted, what is skipped, and what loudness may not do."""

import hashlib
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import DatasetError, RecipeError
from auscult.evaluation import evaluate as module
from auscult.evaluation import metrics
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.judge import COLUMNS
from auscult.evaluation.misses import worst
from auscult.memory.learn import learn_clips
from auscult.runtime.learned import HELD_OUT, array_of
from auscult.runtime.scorer import Scorer


@pytest.fixture
def clear(clip, fan):
    """Eight normal and five anomalous recordings of one unit, told apart with ease."""
    return [clip(i, unit="id_00", sound=fan(i, hiss=0.01 * i)) for i in range(8)] + [
        clip(i, "anomaly", unit="id_00", sound=fan(i, hiss=0.3 + 0.02 * i)) for i in range(5)
    ]


@pytest.fixture
def loud(clip, fan):
    """Recordings whose labels differ in loudness and in nothing else."""
    return [clip(i, name=f"n{i}.wav", sound=fan(i, rms=0.05)) for i in range(12)] + [
        clip(i, "anomaly", name=f"a{i}.wav", sound=fan(50 + i, rms=0.06)) for i in range(12)
    ]


def quick(scorer, clips, **more):
    return evaluate(scorer, clips, bootstrap=20, **more)


class TestFigures:
    def test_intervals_need_a_draw(self, scorer, clear):
        with pytest.raises(RecipeError, match="0 draws"):
            evaluate(scorer, clear, bootstrap=0)

    def test_columns_and_counts(self, scorer, clear):
        evaluation = quick(scorer, clear)
        assert (evaluation.n_normal, evaluation.n_anomaly) == (8, 5)
        assert tuple(evaluation.columns) == COLUMNS
        for column in evaluation.columns.values():
            assert column.auc == 1.0
            assert column.ci95 == (1.0, 1.0)

    def test_columns_are_the_metrics_of_the_rows(self, scorer, some_clips):
        evaluation = quick(scorer, some_clips)
        normal = [row.score for row in evaluation.rows if row.label == "normal"]
        anomaly = [row.score for row in evaluation.rows if row.label == "anomaly"]
        column = evaluation.columns["as_recorded"]
        assert 0.5 < column.auc < 1
        assert column.auc == metrics.auc(normal, anomaly)
        assert column.pauc == metrics.pauc(normal, anomaly)
        assert column.average_precision == metrics.average_precision(normal, anomaly)
        assert column.ci95 == metrics.bootstrap_ci(normal, anomaly, n=20, seed=0)
        assert column.pauc_ci95 == metrics.bootstrap_ci(normal, anomaly, metrics.pauc, n=20, seed=0)

    def test_the_limit_decides(self, scorer, fake_scorer, clear):
        _, anomaly = quick(scorer, clear).scores()
        evaluation = quick(fake_scorer(limit=float(np.median(anomaly))), clear)
        counted = evaluation.at_limit
        assert (counted.tn, counted.fp, counted.fn, counted.tp) == (8, 0, 3, 2)
        assert evaluation.always_alarm_f1 == pytest.approx(2 * 5 / (2 * 5 + 8))

    def test_units_apart(self, scorer, clip):
        units = [
            *(clip(i, unit="id_00") for i in range(3)),
            *(clip(i + 4, "anomaly", unit="id_00") for i in range(2)),
            *(clip(i, unit="id_02") for i in range(4)),
            clip(6, "knocking", machine="pump", unit="id_00"),
        ]
        evaluation = quick(scorer, units)
        seen = [(u.machine, u.unit, u.n_normal, u.n_anomaly, u.auc) for u in evaluation.units]
        assert seen == [
            ("fan", "id_00", 3, 2, 1.0),
            ("fan", "id_02", 4, 0, None),
            ("pump", "id_00", 0, 1, None),
        ]
        assert evaluation.units[1].false_positive_rate == 0.25
        assert evaluation.units[1].recall is None
        assert evaluation.units[2].recall == 1.0

    def test_every_other_label_is_anomalous_and_no_label_is_left_out(self, scorer, clip, clear):
        evaluation = quick(scorer, [*clear, clip(1, "belt squeal"), clip(2, ""), clip(3, "")])
        assert (evaluation.n_anomaly, evaluation.n_unlabelled) == (6, 2)

    def test_json_shape(self, fake_scorer, clear):
        answer = quick(fake_scorer(limit=np.inf), clear).to_dict(rows=True)
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
        first = ["bundle", "auc", "pauc", "level_auc", "n_normal", "n_anomaly"]
        assert list(answer)[:6] == first
        assert {"as_recorded", "rms_normalised", "random_gain", "per_unit", "skipped"} <= set(
            answer
        )
        assert answer["auc"] == answer["as_recorded"]["auc"]
        assert len(answer["as_recorded"]["ci95"]) == 2
        assert answer["at_limit"]["limit"] is None
        assert answer["at_limit"]["confusion"] == {"tn": 8, "fp": 0, "fn": 5, "tp": 0}
        assert answer["at_limit"]["false_positive_rate"] == 0
        assert len(answer["rows"]) == 13


class TestLoudness:
    def test_a_scorer_that_hears_only_loudness_is_found_out(self, fake_scorer, loud):
        evaluation = quick(fake_scorer(hears="loudness"), loud)
        assert evaluation.columns["as_recorded"].auc == 1.0
        assert evaluation.level_auc == 1.0
        assert 0.1 < evaluation.columns["rms_normalised"].auc < 0.9
        assert 0.5 < evaluation.columns["random_gain"].auc < 0.95

    def test_a_scorer_that_hears_the_fault_loses_nothing(self, scorer, clear):
        columns = quick(scorer, clear).columns
        assert columns["rms_normalised"].auc == columns["random_gain"].auc == 1.0

    def test_gains_that_were_held_back_are_counted(self, scorer, clip, fan, clear):
        peaky = [clip(i, name=f"p{i}.wav", sound=fan(i)) for i in range(4)]
        for one in peaky:
            one.sound.samples[0] = 0.99
        assert quick(scorer, [*clear, *peaky]).n_held_back == 4

    def test_random_gains_follow_the_name_and_the_seed_not_the_order(self, fake_scorer, clear):
        def gains(clips, seed):
            evaluation = quick(fake_scorer(hears="loudness"), clips, seed=seed)
            return {row.name: row.random_gain_db for row in evaluation.rows}, evaluation.columns

        assert gains(clear, 3) == gains(clear[::-1], 3)
        assert gains(clear, 3)[0] != gains(clear, 4)[0]

    def test_level_reference_is_learned_or_else_from_normal_test_clips_alone(
        self, scorer, fake_scorer, loud
    ):
        evaluation = quick(scorer, loud)
        assert evaluation.level_reference == "test normals"
        assert evaluation.level_reference_db == pytest.approx(20 * np.log10(0.05), abs=1e-3)
        # Between the two loudnesses, both lie equally far away and loudness says nothing.
        learned = fake_scorer()
        learned.bundle.manifest.level_median_db = float(20 * np.log10(np.sqrt(0.05 * 0.06)))
        evaluation = quick(learned, loud)
        assert evaluation.level_reference == "learned"
        assert evaluation.level_auc < 1

    def test_loudness_that_tells_within_units_is_seen_although_units_differ(
        self, scorer, clip, fan
    ):
        units = [
            clip(
                i,
                label,
                name=f"{unit}{label}{i}.wav",
                unit=unit,
                sound=fan(i, rms=usual * (1.0 if label == "normal" else 1.3)),
            )
            for unit, usual in (("id_00", 0.01), ("id_02", 0.1))
            for label in ("normal", "anomaly")
            for i in range(5)
        ]
        evaluation = quick(scorer, units)
        assert [unit.level_auc for unit in evaluation.units] == [1.0, 1.0]
        assert evaluation.unit_level_auc == 1.0
        assert evaluation.level_auc < 0.8

    def test_two_normal_recordings_have_no_usual_level(self, scorer, clip):
        evaluation = quick(scorer, [clip(0), clip(2), clip(4, "anomaly")])
        assert evaluation.units[0].level_auc is None
        assert evaluation.unit_level_auc is None
        assert 0 <= evaluation.level_auc <= 1


class TestSkipping:
    def test_bad_recordings_are_named_and_never_stop_the_rest(self, scorer, clear, tmp_path):
        bad = [
            Clip(path=tmp_path / "first.wav", label="normal"),
            Clip(path=tmp_path / "last.wav", label="anomaly"),
        ]
        evaluation = quick(scorer, [bad[0], *clear, bad[1]])
        assert (evaluation.n_normal, evaluation.n_anomaly) == (8, 5)
        assert [item.name for item in evaluation.skipped] == [str(one.path) for one in bad]
        assert "last.wav" in evaluation.skipped[1].error
        assert evaluation.to_dict()["skipped"][1]["file"] == str(bad[1].path)

    def test_normal_sound_only(self, scorer, clear):
        with pytest.raises(
            DatasetError,
            match=r"8 recordings are normal sound only: cannot be evaluated.*Expected: one normal and one"
            r" anomalous recording.*folder `normal/`",
        ):
            quick(scorer, clear[:8])

    def test_anomalous_sound_only_and_no_labels(self, scorer, clip, clear):
        with pytest.raises(DatasetError, match="5 recordings are anomalous sound only"):
            quick(scorer, clear[8:])
        with pytest.raises(DatasetError, match="no labelled recordings: cannot be evaluated"):
            quick(scorer, [clip(1, "")])
        with pytest.raises(DatasetError, match="no labelled recordings: cannot be evaluated"):
            quick(scorer, [])

    def test_files_of_one_kind_are_refused_before_one_is_heard(self, scorer):
        with pytest.raises(DatasetError, match="3 recordings are normal sound only"):
            quick(scorer, (Clip(path=Path(f"{i}.wav"), label="normal") for i in range(3)))
        assert scorer.heard == []

    def test_only_normal_sound_left_after_skipping(self, scorer, clear, tmp_path):
        gone = [Clip(path=tmp_path / "gone.wav", label="anomaly")]
        with pytest.raises(
            DatasetError, match=r"8 recordings left after 1 skipped are normal.*gone\.wav"
        ):
            quick(scorer, clear[:8] + gone)


class TestMemory:
    def test_carried_sounds_are_held_for_the_worst_misses_only(self, scorer, clip, monkeypatch):
        monkeypatch.setattr(module, "KEPT_SOUNDS", 2)
        alive = weakref.WeakSet()
        most = 0

        def clips():
            nonlocal most
            for i in range(40):
                one = clip(i, "normal" if i % 2 else "anomaly", name=f"{i}.wav")
                alive.add(one.sound)
                most = max(most, len(alive))
                yield one
                scorer.heard.clear()

        evaluation = quick(scorer, clips())
        quiet, strange = worst(evaluation, 2)
        kept = [row for row in evaluation.rows if row.clip.sound is not None]
        assert {row.name for row in kept} == {row.name for row in quiet + strange}
        assert all(row.silenced for row in evaluation.rows if row not in kept)
        assert most <= 8

    @pytest.mark.parametrize("label", ["normal", "anomaly"])
    def test_of_equal_scores_those_are_kept_that_the_report_shows(
        self, scorer, clip, fan, monkeypatch, label
    ):
        monkeypatch.setattr(module, "KEPT_SOUNDS", 2)
        same = [clip(i, label, name=f"{i}.wav", sound=fan(1)) for i in range(5)]
        other = clip(9, "anomaly" if label == "normal" else "normal")
        quiet, strange = worst(quick(scorer, [*same, other]), 2)
        assert not any(row.silenced for row in quiet + strange)


class TestDoors:
    def test_a_bundle_without_calibration_is_measured_all_the_same(self, fake_scorer, clear):
        evaluation = quick(fake_scorer(limit=np.inf), clear)
        assert evaluation.columns["as_recorded"].auc == 1.0
        assert evaluation.to_dict()["at_limit"]["limit"] is None

    def test_any_map_will_do(self, fake_scorer, clear):
        with ThreadPoolExecutor(2) as pool:
            parallel = quick(fake_scorer(), clear, map=pool.map)
        assert parallel.to_dict(rows=True) == quick(fake_scorer(), clear).to_dict(rows=True)

    def test_progress_counts_up_and_names_the_last(self, scorer, clip, clear):
        told = []
        quick(
            scorer,
            [*clear[-2:], *clear[:2], clip(1, "")],
            progress=lambda done, name: told.append((done, name)),
        )
        assert told == [
            (1, "anomaly3.wav"),
            (2, "anomaly4.wav"),
            (3, "normal0.wav"),
            (4, "normal1.wav"),
            (5, ""),
        ]

    def test_how_it_was_measured_is_remembered(self, scorer, clear):
        evaluation = quick(scorer, clear, pool="mean", seed=3, channel=None)
        assert (evaluation.pool, evaluation.seed, evaluation.draws) == ("mean", 3, 20)
        assert (evaluation.sample_rate_hz, evaluation.channel) == (8000, None)

    def test_recordings_that_were_learned_are_known_again(self, bundle, folder, clips, faulty):
        """At the bundle's rate or another, from a file or carried along: the sound counts, not the name."""
        new = replace(clips[0], label="anomaly", sound=replace(clips[0].sound, samples=faulty(99)))
        evaluation = quick(Scorer(bundle), [*clips[:3], new])
        assert [row.was_learned for row in evaluation.rows] == [True, True, True, False]
        assert evaluation.n_learned == evaluation.to_dict()["n_learned"] == 3

    def test_and_left_out_where_there_are_new_normal_ones(self, bundle, clips, machine, faulty):
        fresh = replace(clips[0], sound=replace(clips[0].sound, samples=machine(98)))
        wrong = replace(
            clips[0], label="anomaly", sound=replace(clips[0].sound, samples=faulty(99))
        )
        evaluation = quick(Scorer(bundle), [*clips[:3], fresh, wrong])
        assert (evaluation.n_normal, evaluation.n_anomaly, evaluation.n_known) == (1, 1, 3)
        assert evaluation.to_dict()["n_known_left_out"] == 3
        assert evaluation.n_learned == 0

    def test_so_is_a_training_split_where_there_is_a_test_split(self, scorer, some_clips):
        normal = [one for one in some_clips if one.is_normal]
        training = [replace(one, split="train") for one in normal[:2]]
        tests = [replace(one, split="test") for one in some_clips if one not in normal[:2]]
        found = quick(scorer, [*training, *tests])
        alone = quick(scorer, tests)
        assert found.n_training == found.to_dict()["n_training_left_out"] == 2
        assert (found.n_normal, found.n_anomaly) == (alone.n_normal, alone.n_anomaly)
        assert found.columns["as_recorded"].auc == alone.columns["as_recorded"].auc
        # Nothing is left out where there is no test split, or where that has no anomaly.
        plain = [replace(one, split="") for one in tests]
        assert quick(scorer, [*training, *plain]).n_training == 0
        healthy = [one for one in tests if one.is_normal]
        strange = [replace(one, split="train") for one in tests if not one.is_normal]
        found = quick(scorer, [*training, *healthy, *strange])
        assert (found.n_anomaly, found.n_training) == (len(strange), 0)
        # Where it holds all that is normal, it is what there is to measure with.
        strange = [one for one in tests if not one.is_normal]
        found = quick(scorer, [*training, *strange])
        assert (found.n_normal, found.n_training) == (2, 0)

    def test_so_are_those_that_chose_the_epoch_but_before_the_learned_ones(
        self, bundle, clips, machine, faulty
    ):
        fresh = replace(clips[0], sound=replace(clips[0].sound, samples=machine(98)))
        chose = replace(fresh, sound=replace(fresh.sound, samples=machine(97)))
        wrong = replace(fresh, label="anomaly", sound=replace(fresh.sound, samples=faulty(99)))
        digest = hashlib.sha256(chose.sound.samples.tobytes()).hexdigest()
        kept = {**bundle.arrays, HELD_OUT: array_of([digest])}
        scorer = Scorer(replace(bundle, arrays=kept))
        found = quick(scorer, [*clips[:3], chose, fresh, wrong])
        assert (found.n_normal, found.n_known, found.n_held_out) == (1, 4, 0)
        found = quick(scorer, [*clips[:3], chose, wrong])
        assert (found.n_normal, found.n_known, found.n_held_out) == (1, 3, 1)
        found = quick(scorer, [*clips[:3], wrong])
        assert (found.n_normal, found.n_known, found.n_learned) == (3, 0, 3)

    def test_so_are_files_of_another_rate(self, fan, tmp_path):
        for i in range(3):
            soundfile.write(tmp_path / f"{i}.wav", fan(i, seconds=60).samples, 44100)
        files = [Clip(path=tmp_path / f"{i}.wav", label="normal") for i in range(3)]
        learned = learn_clips(files).bundle
        other = Clip(path=files[0].path, label="anomaly", end_s=1.0)
        evaluation = quick(Scorer(learned), [*files, other])
        assert [row.was_learned for row in evaluation.rows] == [True, True, True, False]

    def test_a_bundle_without_a_record_knows_none(self, bundle, clips, faulty):
        bare = replace(bundle, arrays={k: v for k, v in bundle.arrays.items() if "record" not in k})
        new = replace(clips[0], label="anomaly", sound=replace(clips[0].sound, samples=faulty(99)))
        assert quick(Scorer(bare), [*clips[:2], new]).n_learned == 0


class TestClasses:
    """A classifier: which of its classes it knows, and what it makes of others."""

    def test_what_is_labelled_with_its_classes_is_counted(self, with_classes):
        found = with_classes.classes
        assert found.labels == ("hum", "hiss", "whistle")
        assert found.confusion == ((6, 0, 1), (0, 6, 0), (0, 0, 5))
        assert found.n == 18
        assert found.accuracy == pytest.approx(17 / 18)
        assert set(found.accuracy_by_column) == {"as_recorded", "rms_normalised", "random_gain"}
        assert found.silhouette > 0.3

    def test_alarms_are_anomalous_and_other_classes_normal(self, with_classes):
        assert with_classes.detects
        assert (with_classes.n_normal, with_classes.n_anomaly) == (13, 5)
        assert with_classes.columns["as_recorded"].auc > 0.9
        assert {row.label: row.side for row in with_classes.rows} == {
            "hum": "normal",
            "hiss": "normal",
            "whistle": "anomaly",
            "tone": "",
        }

    def test_unknown_classes_are_heard_to_be_unknown(self, with_classes):
        found = with_classes.classes.strangers
        assert found.labels == {"tone": 6}
        assert (found.n_known, found.n_unknown, found.limit) == (18, 6, 3.0)
        assert (found.auc, found.detected, found.rejected) == (1.0, 1.0, 0.0)

    def test_without_alarms_there_is_nothing_to_detect(self, only_classes):
        assert not only_classes.detects
        assert (only_classes.columns, only_classes.units, only_classes.dcase) == ({}, (), ())
        assert only_classes.n_anomaly == 0
        assert only_classes.classes.accuracy == pytest.approx(17 / 18)

    def test_it_is_plain_json(self, with_classes, only_classes):
        for result in (with_classes, only_classes):
            plain = json.loads(json.dumps(result.to_dict(rows=True), allow_nan=False))
            assert plain["classes"]["clips"] == 18
            assert plain["classes"]["strangers"]["labels"] == {"tone": 6}
            assert set(plain["rows"][0]["probabilities"]) == {"hum", "hiss", "whistle"}
            assert plain["rows"][0]["heard_as"]["as_recorded"] == "hum"
        assert "auc" in with_classes.to_dict()
        assert "auc" not in only_classes.to_dict()

    def test_a_memory_has_none(self, evaluation):
        assert evaluation.classes is None
        assert "classes" not in evaluation.to_dict()
        assert "heard_as" not in evaluation.rows[0].to_dict()

    def test_normal_and_anomalous_recordings_are_taken_as_they_are(self, classifier, sound_like):
        clips = [
            Clip(path=Path(f"{kind}{i}"), label=label, sound=sound_of(sound_like(kind, i)))
            for kind, label in (("hum", "normal"), ("whistle", "anomaly"))
            for i in range(3)
        ]
        found = evaluate(Scorer(classifier), clips, bootstrap=10)
        assert found.classes is None
        assert found.columns["as_recorded"].auc == 1.0

    def test_one_class_alone_is_enough(self, classifier, class_clips):
        found = evaluate(Scorer(classifier), class_clips[6:12], bootstrap=10)
        assert not found.detects
        assert found.classes.accuracy == 1.0
        assert found.classes.strangers is None

    def test_nothing_that_it_knows_is_refused_at_once(self, classifier):
        clips = [Clip(path=Path(f"{i}.wav"), label="tone") for i in range(3)]
        with pytest.raises(DatasetError, match="labelled hum, hiss, whistle") as caught:
            evaluate(Scorer(classifier), clips)
        assert "of a class that the bundle knows" in caught.value.what
        assert "a folder with its name" in caught.value.action

    def test_silence_is_skipped(self, classifier, class_clips):
        silence = Clip(path=Path("nothing.wav"), label="hum", sound=sound_of(np.zeros(32000)))
        found = evaluate(Scorer(classifier), [*class_clips, silence], bootstrap=10)
        assert [one.name for one in found.skipped] == ["nothing.wav"]
        assert found.classes.n == 18

    def test_clips_of_one_recording_are_one_recording(self, classifier, class_clips):
        grouped = [replace(clip, group=clip.path.name[:3]) for clip in class_clips]
        assert evaluate(Scorer(classifier), grouped, bootstrap=10).classes.recordings == 3

    def test_one_that_gives_no_distance_only_counts_strangers(self, make_classifier, class_clips):
        bundle = make_classifier(open_set_limit=None)
        found = evaluate(Scorer(bundle), class_clips, bootstrap=10).classes.strangers
        assert (found.limit, found.detected) == (None, None)
        assert found.auc == 1.0


def sound_of(samples):
    return Sound(samples=np.asarray(samples, np.float32), rate_hz=16000)
