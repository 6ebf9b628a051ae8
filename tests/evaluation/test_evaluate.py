"""Evaluation with a small stand-in for a scorer: what is counted, what is skipped, and what loudness may not do."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import AudioError, BundleError, DatasetError, EngineError
from auscult.evaluation import metrics
from auscult.evaluation.evaluate import (
    COLUMNS,
    TARGET_RMS,
    evaluate,
    random_gain_db,
    sound_of,
)
from auscult.runtime.verdict import ClipVerdict

RATE_HZ = 8000


@dataclass
class Manifest:
    name: str = "pump"
    sample_rate_hz: int = RATE_HZ
    level_median_db: float | None = None


@dataclass
class Bundle:
    manifest: Manifest = field(default_factory=Manifest)


@dataclass
class FakeScorer:
    """Hears either the share of hiss (whatever the gain) or nothing but loudness."""

    hears: str = "hiss"
    limit: float = 0.5
    bundle: Bundle = field(default_factory=Bundle)
    heard: list = field(default_factory=list)

    def score(self, sound, *, pool="max", explain=True):
        self.heard.append(sound)
        x = sound.samples.astype(float)
        rms = np.sqrt(np.mean(x**2))
        if not rms:
            score = np.nan
        elif self.hears == "hiss":
            score = float(np.sqrt(np.mean(np.diff(x) ** 2)) / rms)
        else:
            score = float(rms)
        over = score > self.limit
        return ClipVerdict(
            file="",
            score=score,
            limit=self.limit,
            ratio=score / self.limit,
            state="anomaly" if over else "normal",
            is_anomaly=over,
        )

    def embed(self, sound):
        return np.abs(np.fft.rfft(sound.samples, 16))


def machine(seed, *, hiss=0.0, rms=0.05):
    rng = np.random.default_rng(seed)
    t = np.arange(RATE_HZ // 4) / RATE_HZ
    x = np.sin(2 * np.pi * 200 * t) + (hiss + rng.uniform(0, 0.1)) * rng.normal(size=t.size)
    x *= rms / np.sqrt(np.mean(x**2))
    return Sound(samples=x.astype(np.float32), rate_hz=RATE_HZ)


def clip(number, label="normal", **known):
    hiss = 0.0 if label == "normal" else 0.3 + 0.02 * number
    sound = known.pop("sound", None) or machine(number, hiss=hiss)
    name = known.pop("name", f"{label}_{number:02d}.wav")
    return Clip(path=Path(name), label=label, sound=sound, **known)


@pytest.fixture
def clips():
    return [clip(i, unit="id_00") for i in range(8)] + [
        clip(i, "anomaly", unit="id_00") for i in range(5)
    ]


def quick(scorer, clips, **more):
    return evaluate(scorer, clips, bootstrap=20, **more)


class TestFigures:
    def test_columns_and_counts(self, clips):
        evaluation = quick(FakeScorer(), clips)
        assert (evaluation.n_normal, evaluation.n_anomaly) == (8, 5)
        assert tuple(evaluation.columns) == COLUMNS
        for column in evaluation.columns.values():
            assert column.auc == 1.0
            assert column.ci95 == (1.0, 1.0)

    def test_columns_are_the_metrics_of_the_rows(self):
        mixed = [clip(i) for i in range(9)] + [
            clip(i, "anomaly", sound=machine(90 + i, hiss=0.04)) for i in range(7)
        ]
        evaluation = quick(FakeScorer(), mixed)
        normal = [row.score for row in evaluation.rows if row.label == "normal"]
        anomaly = [row.score for row in evaluation.rows if row.label == "anomaly"]
        column = evaluation.columns["as_recorded"]
        assert 0.5 < column.auc < 1
        assert column.auc == metrics.auc(normal, anomaly)
        assert column.pauc == metrics.pauc(normal, anomaly)
        assert column.average_precision == metrics.average_precision(normal, anomaly)
        assert column.ci95 == metrics.bootstrap_ci(normal, anomaly, n=20, seed=0)
        assert column.pauc_ci95 == metrics.bootstrap_ci(normal, anomaly, metrics.pauc, n=20, seed=0)

    def test_the_limit_decides(self, clips):
        _, anomaly = quick(FakeScorer(), clips).scores()
        evaluation = quick(FakeScorer(limit=float(np.median(anomaly))), clips)
        counted = evaluation.at_limit
        assert (counted.tn, counted.fp, counted.fn, counted.tp) == (8, 0, 3, 2)
        assert evaluation.always_alarm_f1 == pytest.approx(2 * 5 / (2 * 5 + 8))

    def test_units_apart(self):
        units = [
            *(clip(i, machine="fan", unit="id_00") for i in range(3)),
            *(clip(i, "anomaly", machine="fan", unit="id_00") for i in range(2)),
            *(clip(i, machine="fan", unit="id_02") for i in range(4)),
            clip(7, "knocking", machine="pump", unit="id_00"),
        ]
        evaluation = quick(FakeScorer(), units)
        seen = [(u.machine, u.unit, u.n_normal, u.n_anomaly, u.auc) for u in evaluation.units]
        assert seen == [
            ("fan", "id_00", 3, 2, 1.0),
            ("fan", "id_02", 4, 0, None),
            ("pump", "id_00", 0, 1, None),
        ]
        assert evaluation.units[1].false_positive_rate == 0.0
        assert evaluation.units[1].recall is None
        assert evaluation.units[2].recall == 1.0

    def test_every_other_label_is_anomalous_and_no_label_is_left_out(self, clips):
        more = [*clips, clip(1, "belt squeal"), clip(2, ""), clip(3, "")]
        evaluation = quick(FakeScorer(), more)
        assert (evaluation.n_anomaly, evaluation.n_unlabelled) == (6, 2)

    def test_json_shape(self, clips):
        answer = quick(FakeScorer(limit=np.inf), clips).to_dict(rows=True)
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
    def loud_anomalies(self):
        return [clip(i, name=f"n{i}.wav", sound=machine(i, rms=0.05)) for i in range(12)] + [
            clip(i, "anomaly", name=f"a{i}.wav", sound=machine(50 + i, rms=0.06)) for i in range(12)
        ]

    def test_a_scorer_that_hears_only_loudness_is_found_out(self):
        evaluation = quick(FakeScorer(hears="loudness"), self.loud_anomalies())
        assert evaluation.columns["as_recorded"].auc == 1.0
        assert evaluation.level_auc == 1.0
        assert 0.1 < evaluation.columns["rms_normalised"].auc < 0.9
        assert 0.5 < evaluation.columns["random_gain"].auc < 0.95

    def test_a_scorer_that_hears_the_fault_loses_nothing(self, clips):
        columns = quick(FakeScorer(), clips).columns
        assert columns["rms_normalised"].auc == columns["random_gain"].auc == 1.0

    def test_every_clip_is_heard_at_the_same_rms(self, clips):
        scorer = FakeScorer()
        quick(
            scorer, [replace(c, sound=machine(i, rms=0.01 * (i + 1))) for i, c in enumerate(clips)]
        )
        second = [np.sqrt(np.mean(s.samples.astype(float) ** 2)) for s in scorer.heard[1::3]]
        np.testing.assert_allclose(second, TARGET_RMS, rtol=1e-5)

    def test_nothing_is_amplified_past_full_scale(self, clips):
        impulse = np.zeros(RATE_HZ, np.float32)
        impulse[::2000] = 0.9
        scorer = FakeScorer()
        peaky = [
            clip(i, name=f"p{i}.wav", sound=Sound(samples=impulse, rate_hz=RATE_HZ))
            for i in range(10)
        ]
        evaluation = quick(scorer, clips + peaky)
        assert max(float(np.abs(s.samples).max()) for s in scorer.heard) <= 1 + 1e-6
        assert evaluation.n_held_back == 10

    def test_random_gains_follow_the_name_and_the_seed_not_the_order(self, clips):
        forward = quick(FakeScorer(hears="loudness"), clips, seed=3)
        backward = quick(FakeScorer(hears="loudness"), clips[::-1], seed=3)
        gains = {row.name: row.random_gain_db for row in forward.rows}
        assert gains == {row.name: row.random_gain_db for row in backward.rows}
        assert gains != {
            row.name: row.random_gain_db
            for row in quick(FakeScorer(hears="loudness"), clips, seed=4).rows
        }
        assert forward.columns == backward.columns

    def test_random_gains_fill_their_range(self):
        gains = [random_gain_db(Clip(path=Path(f"{i}.wav")), 0) for i in range(400)]
        assert -6 <= min(gains) < -5.8
        assert 5.8 < max(gains) <= 6
        assert abs(np.mean(gains)) < 0.5

    def test_sounds_out_of_one_file_have_gains_of_their_own(self):
        parts = [Clip(path=Path("a.wav"), start_s=float(i), end_s=i + 1.0) for i in range(3)]
        carried = [
            Clip(path=Path("a.json"), group=f"a.json#{i}", sound=machine(1)) for i in range(3)
        ]
        assert len({random_gain_db(c, 0) for c in parts + carried}) == 6

    def test_level_reference_is_learned_or_else_from_normal_test_clips_alone(self):
        clips = self.loud_anomalies()
        evaluation = quick(FakeScorer(), clips)
        assert evaluation.level_reference == "test normals"
        assert evaluation.level_reference_db == pytest.approx(20 * np.log10(0.05), abs=1e-3)
        # Between the two loudnesses, both lie equally far away and loudness says nothing.
        middle = 20 * np.log10(np.sqrt(0.05 * 0.06))
        learned = FakeScorer(bundle=Bundle(Manifest(level_median_db=float(middle))))
        evaluation = quick(learned, clips)
        assert evaluation.level_reference == "learned"
        assert evaluation.level_auc < 1

    def test_loudness_that_tells_within_units_is_seen_although_units_differ(self):
        units = [
            clip(
                i,
                label,
                name=f"{unit}{label}{i}.wav",
                unit=unit,
                sound=machine(i, rms=usual * (1.0 if label == "normal" else 1.3)),
            )
            for unit, usual in (("id_00", 0.01), ("id_02", 0.1))
            for label in ("normal", "anomaly")
            for i in range(5)
        ]
        evaluation = quick(FakeScorer(), units)
        assert [unit.level_auc for unit in evaluation.units] == [1.0, 1.0]
        assert evaluation.unit_level_auc == 1.0
        assert evaluation.level_auc < 0.8


class TestSkipping:
    def test_bad_recordings_are_named_and_never_stop_the_rest(self, clips, tmp_path):
        (tmp_path / "broken.wav").write_bytes(b"RIFF....")
        silent = Sound(samples=np.zeros(RATE_HZ, np.float32), rate_hz=RATE_HZ)
        bad = [
            Clip(path=tmp_path / "broken.wav", label="normal"),
            Clip(path=tmp_path / "missing.wav", label="anomaly"),
            clip(99, name="silent.wav", sound=silent),
        ]
        evaluation = quick(FakeScorer(), bad[:2] + clips + bad[2:])
        assert (evaluation.n_normal, evaluation.n_anomaly) == (8, 5)
        names = [item.name for item in evaluation.skipped]
        assert names == [str(bad[0].path), str(bad[1].path), "silent.wav"]
        assert "missing.wav" in evaluation.skipped[1].error
        assert "no finite score" in evaluation.skipped[2].error
        assert evaluation.to_dict()["skipped"][2]["file"] == "silent.wav"

    def test_a_bundle_that_cannot_run_is_not_the_recordings_fault(self, clips):
        class Broken(FakeScorer):
            def score(self, sound, *, pool="max", explain=True):
                raise EngineError("The bundle can't be run.", "an operator that is known")

        with pytest.raises(EngineError):
            quick(Broken(), clips)

    def test_normal_sound_only(self, clips):
        with pytest.raises(
            DatasetError,
            match=r"8 recordings are normal sound only: cannot be evaluated.*Expected: one normal and one"
            r" anomalous recording.*folder `normal/`",
        ):
            quick(FakeScorer(), clips[:8])

    def test_anomalous_sound_only_and_no_labels(self, clips):
        with pytest.raises(DatasetError, match="5 recordings are anomalous sound only"):
            quick(FakeScorer(), clips[8:])
        with pytest.raises(DatasetError, match="no labelled recordings: cannot be evaluated"):
            quick(FakeScorer(), [clip(1, "")])

    def test_only_normal_sound_left_after_skipping(self, clips, tmp_path):
        gone = [Clip(path=tmp_path / "gone.wav", label="anomaly")]
        with pytest.raises(
            DatasetError, match=r"8 recordings left after 1 skipped are normal.*gone\.wav"
        ):
            quick(FakeScorer(), clips[:8] + gone)


class TestReading:
    def test_a_file_is_read_once_and_its_stretch_only(self, tmp_path, monkeypatch):
        from auscult.evaluation import evaluate as module

        reads = []

        def counting(path, **how):
            reads.append((path, how))
            return real(path, **how)

        real = module.read
        monkeypatch.setattr(module, "read", counting)
        both = np.concatenate([machine(1).samples, machine(2, hiss=0.5).samples])
        path = tmp_path / "long.wav"
        sf.write(path, both, RATE_HZ)
        parts = [
            Clip(path=path, label="normal", end_s=0.25),
            Clip(path=path, label="anomaly", start_s=0.25),
        ]
        evaluation = quick(FakeScorer(), parts)
        assert len(reads) == 2
        assert evaluation.columns["as_recorded"].auc == 1.0
        assert [row.duration_s for row in evaluation.rows] == [0.25, 0.25]

    def test_carried_sound_is_brought_to_the_bundle_s_rate(self):
        carried = Clip(path=Path("a.json"), sound=machine(1))
        assert sound_of(carried, rate_hz=16000).duration_s == pytest.approx(0.25)
        assert sound_of(carried, rate_hz=RATE_HZ).rate_hz == RATE_HZ

    def test_channel_is_passed_on(self, tmp_path):
        path = tmp_path / "two.wav"
        sf.write(path, np.stack([machine(1).samples, machine(2).samples], axis=1), RATE_HZ)
        second = sound_of(Clip(path=path), rate_hz=RATE_HZ, channel=1)
        np.testing.assert_allclose(second.samples, machine(2).samples, atol=1e-4)
        with pytest.raises(AudioError):
            sound_of(Clip(path=path), rate_hz=RATE_HZ, channel=7)


class TestDoors:
    def test_a_bundle_without_calibration_or_embedding_is_measured_all_the_same(self, clips):
        class Bare(FakeScorer):
            def score(self, sound, *, pool="max", explain=True):
                verdict = super().score(sound)
                return replace(verdict, limit=0.0, ratio=0.0, is_anomaly=False, state="normal")

            def embed(self, sound):
                raise BundleError("pump gives no embedding.")

        evaluation = quick(Bare(), clips)
        assert evaluation.columns["as_recorded"].auc == 1.0
        assert evaluation.to_dict()["at_limit"]["limit"] is None
        assert evaluation.rows[0].embedding.shape == (0,)

    def test_only_the_sound_as_recorded_is_explained(self, clips):
        asked = []

        class Explaining(FakeScorer):
            def score(self, sound, *, pool="max", explain=True):
                asked.append(explain)
                return super().score(sound)

        quick(Explaining(), clips[:9])
        assert asked == [True, False, False] * 9

    def test_any_map_will_do(self, clips):
        with ThreadPoolExecutor(2) as pool:
            parallel = quick(FakeScorer(), clips, map=pool.map)
        assert parallel.to_dict(rows=True) == quick(FakeScorer(), clips).to_dict(rows=True)

    def test_progress_counts_up(self, clips):
        told = []
        quick(FakeScorer(), clips, progress=lambda done, total: told.append((done, total)))
        assert told == [(i + 1, 13) for i in range(13)]

    def test_pool_reaches_the_scorer(self, clips):
        pools = []

        class Pooling(FakeScorer):
            def score(self, sound, *, pool="max", explain=True):
                pools.append(pool)
                return super().score(sound)

        assert quick(Pooling(), clips, pool="mean").pool == "mean"
        assert set(pools) == {"mean"}


class TestDcase:
    def test_2020_names(self):
        named = [
            clip(i, machine="fan", unit="id_00", name=f"normal_id_00_{i:08d}.wav") for i in range(4)
        ] + [
            clip(i, "anomaly", machine="fan", unit="id_00", name=f"anomaly_id_00_{i:08d}.wav")
            for i in range(3)
        ]
        (rule,) = quick(FakeScorer(), named).dcase
        assert (rule.rule, rule.score) == ("2020", 1.0)

    def domain_clips(self, domains):
        return [
            clip(
                i,
                label,
                machine="fan",
                unit="section_00",
                domain=domain,
                name=f"section_00_{domain}_test_{label}_{i:04d}_speed_{i}.wav",
            )
            for domain in domains
            for label in ("normal", "anomaly")
            for i in range(3)
        ]

    def test_names_with_domains(self):
        rules = quick(FakeScorer(), self.domain_clips(["source", "target"])).dcase
        assert [(rule.rule, rule.score) for rule in rules] == [("2021", 1.0), ("2022-2025", 1.0)]
        assert rules[1].cells[0]["auc_target"] == 1.0

    def test_a_missing_domain_says_why(self):
        rules = quick(FakeScorer(), self.domain_clips(["source"])).dcase
        assert [rule.score for rule in rules] == [None, None]
        assert "no score of normal sound" in rules[0].why_not

    def test_other_names_have_no_official_score(self, clips):
        assert quick(FakeScorer(), clips).dcase == ()
