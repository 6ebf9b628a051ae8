import io
import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.errors import AudioError, AuscultWarning, BundleError, RecipeError
from auscult.memory import learn
from auscult.memory.distance import Whitened
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import PRESETS, embed
from auscult.runtime import bundle as bundles
from auscult.runtime.bundle import Bundle
from auscult.runtime.parts import PART
from auscult.runtime.scorer import Scorer, block_ends, load
from auscult.runtime.verdict import ClipVerdict, Verdict, sounds_like

RATE_HZ = 16000
WINDOW, HOP = 2 * RATE_HZ, RATE_HZ


def sound_of(samples, rate_hz=RATE_HZ):
    return Sound(samples=np.asarray(samples, np.float32), rate_hz=rate_hz)


def wav(samples, rate_hz=RATE_HZ, **options):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", **{"subtype": "FLOAT", **options})
    return file.getvalue()


def windows_of(samples):
    starts = range(0, len(samples) - WINDOW + 1, HOP)
    return np.stack([samples[start : start + WINDOW] for start in starts])


def learned(bundle, part):
    """The distance that the graph holds, in NumPy."""
    kept = {name: bundle.weights[f"{part}.{name}"].astype(np.float64) for name in CONSTANTS}
    return Whitened(
        mean=kept["mean"],
        sigma=1.0 / kept["inverse_sigma"],
        isotropic=kept["isotropic"].item(),
        directions=kept["directions"].T,
        weights=kept["weights"][:, 0],
        scale=kept["scale"].item(),
    )


CONSTANTS = ("mean", "inverse_sigma", "isotropic", "directions", "weights", "scale")


class TestRecordings:
    def test_normal_sound_is_normal(self, scorer, machine):
        verdict = scorer.score(sound_of(machine(60)))
        assert verdict.state == "normal"
        assert not verdict.is_anomaly
        assert verdict.explanation is None
        assert verdict.rule == ""
        assert 0.0 < verdict.ratio < 1.0

    def test_a_whistle_is_an_anomaly_and_explained(self, scorer, faulty):
        verdict = scorer.score(sound_of(faulty(60)))
        assert verdict.state == "anomaly"
        assert verdict.is_anomaly
        assert verdict.rule == "recording"
        assert verdict.ratio == pytest.approx(verdict.score / verdict.limit)
        assert verdict.explanation.low_hz < 3000.0 < verdict.explanation.high_hz

    def test_explaining_can_be_left_out(self, scorer, faulty):
        assert scorer.score(sound_of(faulty(60)), explain=False).explanation is None

    def test_ten_seconds_score_as_their_last_window_with_all_its_context(self, scorer, machine):
        verdict = scorer.score(sound_of(machine(60)))
        assert len(verdict.windows) == 9
        assert verdict.score == verdict.windows[-1].score
        assert [(w.start_s, w.end_s) for w in verdict.windows[:2]] == [(0.0, 2.0), (1.0, 3.0)]
        assert (verdict.duration_s, verdict.dropped_tail_s) == (10.0, 0.0)

    def test_longer_ones_score_as_their_worst_ten_seconds(self, scorer, faulty):
        verdict = scorer.score(sound_of(faulty(60, 25.0, start_s=13.0, end_s=16.0)), explain=False)
        assert len(verdict.windows) == 24
        ends = [verdict.windows[i].score for i in (8, 18, 23)]
        assert verdict.score == max(ends) == ends[1]

    @pytest.mark.parametrize("seconds", [0.5, 1.0, 1.99])
    def test_one_shorter_than_a_window_is_a_window_of_its_own_length(
        self, scorer, machine, seconds
    ):
        verdict = scorer.score(sound_of(machine(60, seconds)))
        (window,) = verdict.windows
        assert (window.start_s, window.end_s) == (0.0, pytest.approx(seconds))
        assert verdict.score == window.score > 0.0
        assert verdict.dropped_tail_s == 0.0

    @pytest.mark.parametrize(("samples", "seconds"), [(0, "0.00"), (1, "0.00"), (7999, "0.50")])
    def test_one_shorter_than_half_a_second_is_refused(self, scorer, samples, seconds):
        with pytest.raises(AudioError) as caught:
            scorer.score(sound_of(np.ones(samples)))
        assert caught.value.what == f"sound is {seconds} s long."
        assert caught.value.expected == "at least 0.5 s"
        assert "ten seconds or more" in caught.value.action

    @settings(max_examples=25)
    @given(n=st.integers(8000, 5 * RATE_HZ))
    def test_windows_and_the_dropped_tail_cover_the_recording(self, edge_bundle, machine, n):
        verdict = Scorer(edge_bundle).score(sound_of(machine(60)[:n]), explain=False)
        covered = verdict.windows[-1].end_s + verdict.dropped_tail_s
        assert covered == pytest.approx(n / RATE_HZ)
        assert verdict.duration_s == pytest.approx(n / RATE_HZ)
        assert 0.0 <= verdict.dropped_tail_s < HOP / RATE_HZ
        assert len(verdict.windows) == max(1, 1 + (n - WINDOW) // HOP)

    def test_a_stretch_is_judged_as_if_it_were_all(self, scorer, machine):
        samples = machine(60, 20.0)
        part = scorer.score(sound_of(samples), start_s=5.0, end_s=17.0)
        alone = scorer.score(sound_of(samples[80000:272000]))
        assert [w.score for w in part] == [w.score for w in alone]
        assert [w.start_s for w in part] == [5.0 + w.start_s for w in alone]
        assert part.windows == scorer.score(wav(samples), start_s=5.0, end_s=17.0).windows

    def test_an_explanation_of_a_stretch_counts_from_the_recordings_start(self, scorer, faulty):
        samples = np.concatenate([faulty(61), faulty(60)])
        found = scorer.score(sound_of(samples), start_s=10.0).explanation
        assert 10.0 <= found.start_s < found.end_s <= 20.0

    @pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0, 3.0, 5.0, 9.0, 10.0])
    def test_short_recordings_score_like_long_ones(self, scorer, machine, seconds):
        ratios = [scorer.score(sound_of(machine(60 + i, seconds))).ratio for i in range(6)]
        whole = [scorer.score(sound_of(machine(60 + i, 10.0))).ratio for i in range(6)]
        assert np.median(ratios) == pytest.approx(np.median(whole), rel=0.15)

    def test_explain_tells_of_any_recording(self, scorer, machine, faulty):
        assert scorer.explain(sound_of(machine(60))) is not None
        found = scorer.explain(sound_of(faulty(60)))
        assert found == scorer.score(sound_of(faulty(60))).explanation

    def test_iterating_gives_the_windows(self, scorer, machine):
        verdict = scorer.score(sound_of(machine(60)))
        assert tuple(verdict) == verdict.windows
        assert all(isinstance(window, Verdict) for window in verdict)

    def test_it_is_plain_json(self, scorer, faulty):
        verdict = scorer.score(sound_of(faulty(60)))
        plain = json.loads(json.dumps(verdict.to_dict()))
        assert plain["state"] == "anomaly"
        assert plain["explanation"]["text"] == verdict.explanation.text
        assert len(plain["windows"]) == 9

    def test_all_that_is_said_are_plain_python_values(self, scorer, faulty):
        verdict = scorer.score(sound_of(faulty(60)))
        for one in (verdict, verdict.windows[0], verdict.explanation, verdict.explanation.nearest):
            kinds = {type(value) for value in vars(one).values()}
            assert not any(kind.__module__ == "numpy" for kind in kinds), kinds


class TestSources:
    def test_a_file_its_bytes_and_its_samples_are_judged_alike(self, scorer, faulty, tmp_path):
        samples = faulty(60, 25.0)
        path = tmp_path / "fan.wav"
        path.write_bytes(wav(samples))
        expected = scorer.score(sound_of(samples))
        with path.open("rb") as file:
            found = [scorer.score(source) for source in (path, str(path), path.read_bytes(), file)]
        for verdict in found:
            assert replace(verdict, file="sound") == expected
        assert [verdict.file for verdict in found] == [str(path), str(path), "bytes", str(path)]

    def test_another_rate_is_judged_alike_from_file_and_memory(self, scorer, faulty):
        samples = np.interp(np.arange(441_000) / 44_100, np.arange(160_000) / RATE_HZ, faulty(60))
        samples = samples.astype(np.float32)
        in_memory = scorer.score(sound_of(samples, 44_100), explain=False)
        assert scorer.score(wav(samples, 44_100), explain=False).windows == in_memory.windows
        assert in_memory.is_anomaly

    def test_a_lower_rate_warns(self, scorer, machine):
        with pytest.warns(AuscultWarning, match="is 8000 Hz but is read at 16000 Hz"):
            scorer.score(wav(machine(60)[::2], 8000), explain=False)

    def test_channels_are_averaged_or_one_is_picked(self, scorer, machine, faulty):
        both = np.stack([machine(60), faulty(60)], axis=1)
        assert not scorer.score(wav(both), channel=0).is_anomaly
        picked = scorer.score(wav(both), channel=1)
        assert picked.is_anomaly
        assert picked.explanation == scorer.score(wav(faulty(60))).explanation
        averaged = scorer.score(wav(both), explain=False)
        mean = sound_of((both[:, 0] + both[:, 1]) / np.float32(2))
        assert averaged.score == scorer.score(mean, explain=False).score

    def test_what_can_not_be_read_is_refused(self, scorer, tmp_path):
        with pytest.raises(AudioError, match=r"nothing\.wav"):
            scorer.score(tmp_path / "nothing.wav")

    def test_opening_is_loading_and_making_ready(self, bundle_file, scorer, machine):
        opened = load(bundle_file, threads=2, budget_per_day=24.0)
        assert opened.bundle.manifest.calibration.budget_per_day == 24.0
        expected = scorer.score(sound_of(machine(60))).score
        assert opened.score(sound_of(machine(60))).score == pytest.approx(expected, rel=1e-5)


class TestStates:
    def test_silence_is_no_signal(self, scorer):
        verdict = scorer.score(sound_of(np.zeros(5 * RATE_HZ)))
        assert (verdict.state, verdict.score, verdict.is_anomaly) == ("no_signal", 0.0, False)
        assert {w.state for w in verdict} == {"no_signal"}
        assert {w.level_db for w in verdict} == {float("-inf")}

    def test_a_stuck_input_is_no_signal(self, scorer):
        assert scorer.score(sound_of(np.full(5 * RATE_HZ, 0.5))).state == "no_signal"

    def test_clipping_is_unreliable(self, scorer, machine):
        clipped = np.clip(machine(60) * 50.0, -1.0, 1.0)
        verdict = scorer.score(sound_of(clipped))
        assert (verdict.state, verdict.score) == ("unreliable", 0.0)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_broken_samples_are_unreliable_and_spoil_only_their_windows(
        self, scorer, machine, value
    ):
        samples = machine(60)
        samples[100_000] = value
        verdict = scorer.score(sound_of(samples))
        states = [w.state for w in verdict]
        assert states == ["normal"] * 5 + ["unreliable"] * 2 + ["normal"] * 2
        whole = scorer.score(sound_of(machine(60)), explain=False)
        assert verdict.windows[:5] == whole.windows[:5]
        assert [w.fast_score for w in verdict][-2:] == [w.fast_score for w in whole][-2:]
        assert np.isfinite(verdict.score)

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_broken_samples_beside_an_anomaly_leave_a_sane_explanation(self, scorer, faulty, value):
        samples = faulty(60)
        samples[8_000] = value
        verdict = scorer.score(sound_of(samples))
        assert verdict.is_anomaly
        explanation = verdict.explanation
        assert explanation.low_hz < 3000.0 < explanation.high_hz
        assert np.isfinite([explanation.change_db, explanation.level_change_db]).all()
        assert "nan" not in explanation.text

    def test_context_and_votes_begin_anew_after_silence(self, scorer, machine):
        silence = np.zeros(WINDOW, np.float32)
        before, after = windows_of(machine(60)), windows_of(machine(61))
        stream, fresh = scorer.stream(), scorer.stream()
        for window in (*before, silence):
            last = stream.judge(window, 0.0)
        assert last.state == "no_signal"
        found = [stream.judge(window, 0.0) for window in after]
        assert found == [fresh.judge(window, 0.0) for window in after]
        assert found[0].score != found[-1].score  # there is a context to forget

    def test_silence_at_the_end_does_not_hide_an_anomaly(self, scorer, faulty):
        samples = np.concatenate([faulty(60), np.zeros(5 * RATE_HZ, np.float32)])
        verdict = scorer.score(sound_of(samples))
        assert verdict.state == "anomaly"
        assert [w.state for w in verdict][-4:] == ["no_signal"] * 4


@pytest.fixture(scope="module")
def samples(faulty):
    return faulty(60, 12.0)


class TestTheGraphEqualsNumPy:
    @pytest.mark.parametrize(("name", "preset"), [("bundle", "default"), ("edge_bundle", "edge")])
    def test_single_windows(self, request, samples, name, preset):
        bundle = request.getfixturevalue(name)
        vectors = np.stack([embed(window, PRESETS[preset]) for window in windows_of(samples)])
        found = [w.fast_score for w in Scorer(bundle).score(sound_of(samples), explain=False)]
        np.testing.assert_allclose(found, learned(bundle, "window")(vectors), rtol=1e-3)

    @pytest.mark.parametrize(("name", "preset"), [("bundle", "default"), ("edge_bundle", "edge")])
    def test_ten_seconds(self, request, samples, name, preset):
        bundle = request.getfixturevalue(name)
        vectors = np.stack([embed(window, PRESETS[preset]) for window in windows_of(samples)])
        means = np.stack([vectors[max(0, i - 8) : i + 1].mean(axis=0) for i in range(len(vectors))])
        found = [w.score for w in Scorer(bundle).score(sound_of(samples), explain=False)]
        # With less context the mean scatters more, and is divided by how much more.
        scatter = bundle.weights["block.partial"][np.minimum(np.arange(len(means)), 8)]
        assert scatter[0] > 1.2
        assert scatter[8] == 1.0
        np.testing.assert_allclose(found, learned(bundle, "block")(means) / scatter, rtol=1e-3)

    @pytest.mark.parametrize("seconds", [2.0, 10.0, 25.0])
    def test_pooled_over_the_recording(self, bundle, scorer, machine, seconds):
        samples = machine(60, seconds)
        vectors = np.stack([embed(window) for window in windows_of(samples)])
        scatter = bundle.weights["block.partial"][min(len(vectors) - 1, 8)]
        expected = learned(bundle, "block")(vectors.mean(axis=0)[None])[0] / scatter
        found = scorer.score(sound_of(samples), pool="mean", explain=False)
        assert found.score == pytest.approx(expected, rel=1e-3)
        assert found.ratio == pytest.approx(found.score / found.limit)

    def test_mean_embedding(self, scorer, samples):
        expected = np.mean([embed(window) for window in windows_of(samples)], axis=0)
        np.testing.assert_allclose(scorer.embed(sound_of(samples)), expected, atol=1e-3)

    def test_level(self, scorer, samples):
        levels = [w.level_db for w in scorer.score(sound_of(samples), explain=False)]
        rms = np.sqrt(np.mean(windows_of(samples).astype(np.float64) ** 2, axis=1))
        np.testing.assert_allclose(levels, 20 * np.log10(rms), atol=1e-3)


class TestEmbedding:
    def test_silence_has_none(self, scorer):
        with pytest.raises(AudioError) as caught:
            scorer.embed(sound_of(np.zeros(5 * RATE_HZ)))
        assert "holds no signal to embed" in caught.value.what
        assert "above -90 dBFS" in caught.value.expected
        assert "Check the microphone" in caught.value.action

    def test_silent_windows_do_not_count(self, scorer, machine):
        samples = machine(60, 6.0)
        with_gap = np.concatenate([samples, np.zeros(4 * RATE_HZ, np.float32)])
        vectors = [embed(window) for window in windows_of(with_gap)[:6]]
        np.testing.assert_allclose(scorer.embed(sound_of(with_gap)), np.mean(vectors, 0), atol=0.02)

    def test_a_bundle_without_one_says_so(self, bundle, machine):
        scorer = Scorer(bundle)
        scorer.engine.outputs = ("score", "level_db")
        with pytest.raises(BundleError) as caught:
            scorer.embed(sound_of(machine(60)))
        assert "machine gives no embedding" in caught.value.what
        assert "memory or transfer bundle" in caught.value.expected
        assert "Use another bundle" in caught.value.action

    def test_a_bundle_without_context_has_one_too(self, clips, machine, monkeypatch):
        recipe = replace(PRESETS["edge"], context=0)
        monkeypatch.setitem(PRESETS, "edge", recipe)
        bundle = learn_clips(clips, preset="edge").bundle
        assert bundle.manifest.context == 0
        scorer, samples = Scorer(bundle), machine(60)
        expected = np.mean([embed(window, recipe) for window in windows_of(samples)], axis=0)
        np.testing.assert_allclose(scorer.embed(sound_of(samples)), expected, atol=1e-3)
        # Nothing is averaged: every window stands for itself.
        verdict = scorer.score(sound_of(samples), explain=False)
        assert verdict.score == max(w.score for w in verdict.windows)
        mean = scorer.score(sound_of(samples), pool="mean", explain=False).score
        assert mean == pytest.approx(np.mean([w.score for w in verdict.windows]))
        assert scorer.score(sound_of(samples), pool="max", explain=False).score == verdict.score


@pytest.fixture(scope="module")
def knowing(classifier):
    return Scorer(classifier)


class TestClasses:
    @pytest.mark.parametrize("kind", ["hum", "hiss", "whistle"])
    def test_what_is_known_is_named(self, knowing, sound_like, kind):
        verdict = knowing.score(sound_of(sound_like(kind)))
        assert (verdict.label, verdict.is_known) == (kind, True)
        assert verdict.probability == max(verdict.probabilities.values()) > 0.9
        assert verdict.distance < 3.0
        assert [w.label for w in verdict] == [kind] * 3
        assert all(w.is_known and w.distance < 3.0 and w.probability > 0.9 for w in verdict)

    def test_what_is_not_is_none_of_these(self, knowing, sound_like):
        verdict = knowing.score(sound_of(sound_like("tone")))
        assert verdict.is_known is False
        assert verdict.distance > 3.0
        assert not any(w.is_known for w in verdict)
        assert sounds_like(verdict).startswith("none of these (")

    def test_a_recording_is_what_it_is_on_average(self, knowing, sound_like):
        samples = np.concatenate([sound_like("hum", 1, 3.0), sound_like("whistle", 2, 1.0)])
        verdict = knowing.score(sound_of(samples))
        every = [knowing.run(w, (), ["probabilities"])["probabilities"][0] for w in cut(samples)]
        np.testing.assert_allclose(
            list(verdict.probabilities.values()), np.mean(every, axis=0), atol=1e-6
        )
        assert list(verdict.probabilities) == ["hum", "hiss", "whistle"]
        assert verdict.label == "hum"
        assert verdict.distance == np.median([w.distance for w in verdict])
        # One strange window among seven makes no stranger of the whole, and the worst of all is its score.
        assert verdict.is_known
        assert verdict.score == max(w.score for w in verdict) > 20.0

    @settings(max_examples=20)
    @given(
        kinds=st.lists(st.sampled_from(["hum", "hiss", "whistle", "tone"]), min_size=1, max_size=5)
    )
    def test_probabilities_are_shares_and_the_worst_window_counts(self, knowing, sound_like, kinds):
        samples = np.concatenate([sound_like(kind, i, 1.0) for i, kind in enumerate(kinds)])
        verdict = knowing.score(sound_of(samples), explain=False)
        assert sum(verdict.probabilities.values()) == pytest.approx(1.0, abs=1e-4)
        assert verdict.probability == max(verdict.probabilities.values())
        assert verdict.score == max(w.score for w in verdict)
        assert all(w.probability >= 1 / 3 - 1e-6 for w in verdict)

    def test_silence_is_no_class(self, knowing, sound_like):
        verdict = knowing.score(sound_of(np.zeros(2 * RATE_HZ)))
        assert (verdict.state, verdict.label, verdict.probabilities) == ("no_signal", "", {})
        assert (verdict.probability, verdict.distance, verdict.is_known) == (None, None, None)
        mixed = np.concatenate([np.zeros(2 * RATE_HZ), sound_like("hiss", 1, 2.0)])
        verdict = knowing.score(sound_of(mixed))
        assert verdict.windows[0].label == ""
        assert verdict.windows[0].probability is None
        assert sum(verdict.probabilities.values()) == pytest.approx(1.0, abs=1e-4)

    def test_a_classifier_that_does_not_tell_strangers(self, make_classifier, sound_like):
        scorer = Scorer(make_classifier(open_set_limit=None))
        verdict = scorer.score(sound_of(sound_like("tone")))
        assert verdict.is_known is None
        assert verdict.distance > 3.0
        assert not sounds_like(verdict).startswith("none")

    def test_one_without_alarms_scores_by_distance(self, make_classifier, sound_like):
        scorer = Scorer(make_classifier(alarm_labels=()))
        verdict = scorer.score(sound_of(sound_like("tone")))
        assert verdict.score == max(w.distance for w in verdict)

    def test_together_is_as_alone(self, knowing, sound_like):
        streams = [knowing.stream() for _ in range(3)]
        windows = [sound_like(kind, 1, 1.0) for kind in ("hum", "hiss", "tone")]
        pending = [s.prepare(w, 0.0) for s, w in zip(streams, windows, strict=True)]
        found = knowing.run_together(pending)
        verdicts = [s.decide(p, f) for s, p, f in zip(streams, pending, found, strict=True)]
        assert [v.label for v in verdicts] == ["hum", "hiss", "whistle"]
        assert [v.is_known for v in verdicts] == [True, True, False]

    def test_it_is_plain_json(self, knowing, sound_like):
        plain = json.loads(json.dumps(knowing.score(sound_of(sound_like("hum"))).to_dict()))
        assert plain["label"] == plain["windows"][0]["label"] == "hum"
        assert set(plain["probabilities"]) == {"hum", "hiss", "whistle"}

    def test_a_memory_says_nothing_of_classes(self, scorer, machine):
        verdict = scorer.score(sound_of(machine(60)))
        for one in (verdict, *verdict):
            assert (one.label, one.probability, one.distance, one.is_known) == (
                "",
                None,
                None,
                None,
            )
        assert verdict.probabilities == {}
        assert sounds_like(verdict) == ""


def cut(samples):
    starts = range(0, len(samples) - RATE_HZ + 1, RATE_HZ // 2)
    return [samples[start : start + RATE_HZ] for start in starts]


class TestSensitivity:
    def test_a_larger_budget_lowers_limits_and_leaves_scores(self, bundle, machine):
        # So much that even a bundle that has heard two minutes supports it.
        strict, loose = Scorer(bundle), Scorer(bundle, budget_per_day=1e5)
        one, other = (
            scorer.score(sound_of(machine(60)), explain=False) for scorer in (strict, loose)
        )
        assert other.limit < one.limit
        assert other.score == one.score
        assert [w.score for w in other] == [w.score for w in one]

    @pytest.mark.parametrize("budget", [0.0, -1.0, float("inf"), float("nan")])
    def test_a_budget_that_no_limit_holds(self, bundle, budget):
        with pytest.raises(RecipeError, match=r"no limit that could hold it.*a number above 0"):
            Scorer(bundle, budget_per_day=budget)

    def test_a_bundle_without_limits_only_scores(self, bundle, faulty):
        bare = replace(bundle, manifest=replace(bundle.manifest, calibration=None))
        scorer = Scorer(bare)
        verdict = scorer.score(sound_of(faulty(60)))
        assert not scorer.calibrated
        assert (verdict.state, verdict.ratio, verdict.limit) == ("normal", 0.0, 0.0)
        assert verdict.score > 1.0

    def test_a_file_that_only_embeds_does_not_score(self, embedder_file):
        with pytest.raises(BundleError) as caught:
            Scorer(bundles.load(embedder_file))
        assert "only embeds; it has learned no normal sound yet" in caught.value.what
        assert caught.value.expected == "a bundle"
        assert "auscult learn FOLDER --embedder FILE" in caught.value.action

    def test_loudness_decides_only_where_asked(self, scorer, machine):
        loud = machine(60) * np.float32(8.0)

        def states(level_track):
            stream = scorer.stream(level_track=level_track)
            return [stream.judge(w, float(i)) for i, w in enumerate(windows_of(loud))]

        assert {verdict.state for verdict in states(False)} == {"normal"}
        told = [verdict for verdict in states(True) if verdict.state == "anomaly"]
        assert told
        assert {verdict.rule for verdict in told} == {"level"}


class TestStreams:
    def test_streams_of_one_scorer_do_not_meet(self, scorer, machine):
        one, other = windows_of(machine(60)), windows_of(machine(61))
        first, second = scorer.stream(), scorer.stream()
        mixed = [
            (first.judge(a, 0.0), second.judge(b, 0.0)) for a, b in zip(one, other, strict=True)
        ]
        alone = scorer.stream()
        assert [a for a, _ in mixed] == [alone.judge(window, 0.0) for window in one]

    def test_after_a_reset_nothing_before_counts(self, scorer, machine):
        stream = scorer.stream()
        windows = windows_of(machine(60))
        before = [stream.judge(window, 0.0) for window in windows]
        assert stream.embedding is not None
        stream.reset()
        assert stream.embedding is None
        assert [stream.judge(window, 0.0) for window in windows] == before

    def test_a_window_that_is_not_scored_has_no_embedding(self, scorer, machine):
        stream = scorer.stream()
        stream.judge(machine(60, 2.0), 0.0)
        stream.judge(np.zeros(WINDOW, np.float32), 1.0)
        assert stream.embedding is None

    @settings(max_examples=25)
    @given(data=st.data())
    def test_how_a_file_is_cut_never_changes_the_result(self, scorer, machine, data):
        samples = machine(60, 7.3)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(samples)), max_size=6)))
        parts = np.split(samples, cuts)
        whole = scorer.score(sound_of(samples), explain=False)

        class InParts(Scorer):
            def _blocks(self, *_):
                return iter(parts)

        again = InParts(scorer.bundle).score(sound_of(samples), explain=False)
        assert again == whole


class TestBlockEnds:
    @given(
        scored=st.lists(st.booleans(), max_size=60),
        context=st.integers(0, 9),
        step=st.integers(1, 12),
    )
    def test_properties(self, scored, context, step):
        ends = block_ends(scored, context=context, step=step)
        assert ends == sorted(set(ends))
        assert all(scored[end] for end in ends)
        assert bool(ends) == any(scored)
        full = [all(scored[max(0, end - context) : end + 1]) and end >= context for end in ends]
        assert all(full) or not any(full), "whole blocks and partial ones are never compared"
        if ends and all(full):
            last_of_runs = [i for i in ends if i + 1 == len(scored) or not scored[i + 1]]
            assert last_of_runs, "the end of what was heard counts"

    @given(n=st.integers(1, 200), context=st.integers(0, 9))
    def test_every_window_of_a_long_recording_is_in_a_block(self, n, context):
        step = context + 1
        ends = block_ends([True] * n, context=context, step=step)
        covered = {i for end in ends for i in range(max(0, end - context), end + 1)}
        assert covered == set(range(n))

    def test_a_short_run_counts_only_where_there_is_no_long_one(self):
        short, long = [True] * 3, [True] * 9
        assert block_ends([*short, False, *long], context=8, step=10) == [12]
        assert block_ends([*short, False, *short], context=8, step=10) == [2, 6]


def test_a_verdict_of_nothing_iterates_over_nothing():
    empty = ClipVerdict(file="", score=0.0, limit=0.0, ratio=0.0, state="normal", is_anomaly=False)
    assert list(empty) == []


def test_learning_gives_a_bundle_that_is_ready(clips):
    assert isinstance(learn.learn_clips(clips[:4]).bundle, Bundle)


@pytest.fixture(scope="module")
def in_parts(bundle):
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    for name, source in (("slow", "score"), ("quick", "fast_score")):
        model.graph.node.append(onnx.helper.make_node("Identity", [source], [PART + name]))
        shaped = onnx.helper.make_tensor_value_info(PART + name, onnx.TensorProto.FLOAT, ["batch"])
        model.graph.output.append(shaped)
    return Scorer(replace(bundle, model=model))


class TestParts:
    """A bundle whose score is made of several says what each of them is."""

    @pytest.mark.parametrize(("pool", "pooled"), [("max", max), ("mean", np.mean)])
    def test_they_are_pooled_as_the_score_is(self, in_parts, scorer, machine, pool, pooled):
        sound = sound_of(machine(60, 25.0))
        heard = in_parts.score(sound, pool=pool, explain=False)
        assert heard.parts == {
            "quick": pytest.approx(pooled([window.fast_score for window in heard])),
            "slow": pytest.approx(pooled([window.score for window in heard])),
        }
        assert json.loads(json.dumps(heard.to_dict()))["parts"] == heard.parts
        assert replace(heard, parts={}) == scorer.score(sound, pool=pool, explain=False)

    def test_what_is_not_scored_has_none(self, in_parts, scorer, machine):
        stream = in_parts.stream()
        window = machine(60)[:WINDOW]
        stream.judge(window, 0.0)
        assert set(stream.parts) == {"quick", "slow"}
        stream.judge(np.zeros(WINDOW, np.float32), 1.0)
        assert stream.parts == {}
        silence = sound_of(np.zeros(5 * RATE_HZ, np.float32))
        assert in_parts.score(silence).parts == {}
        assert scorer.score(sound_of(machine(60)), explain=False).parts == {}
