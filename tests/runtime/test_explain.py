import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from auscult.audio.sound import Sound
from auscult.runtime.explain import (
    MAX_EXCESS,
    TYPICAL_EXCESS,
    Patch,
    explain_stretch,
    find_patch,
    largest_patch,
)
from auscult.runtime.manifest import LevelTrack
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000


def patch(bands, frames, excess=1.0):
    """A patch from half-open ranges."""
    return Patch(
        first_band=bands[0],
        last_band=bands[1] - 1,
        first_frame=frames[0],
        last_frame=frames[1] - 1,
        excess=excess,
    )


def cells(found, shape):
    """The rectangle as a mask."""
    mask = np.zeros(shape, bool)
    rows = slice(found.first_band, found.last_band + 1)
    mask[rows, found.first_frame : found.last_frame + 1] = True
    return mask


def overlap(one, other, shape):
    """Intersection over union."""
    a, b = cells(one, shape), cells(other, shape)
    return np.count_nonzero(a & b) / np.count_nonzero(a | b)


def planted(seed, shape=(48, 120), off=4.0):
    """What normal sound gives by chance, with a rectangle that is off by so many deviations."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(4, 16), rng.integers(10, 60)
    band, frame = rng.integers(0, shape[0] - height), rng.integers(0, shape[1] - width)
    rectangle = patch((band, band + height), (frame, frame + width))
    return np.abs(rng.standard_normal(shape) + off * cells(rectangle, shape)), rectangle


def repeated(frames, bands=(10, 18), shape=(48, 200), seed=0):
    field = np.random.default_rng(seed).standard_normal(shape)
    for first, last in frames:
        field[bands[0] : bands[1], first:last] += 4.0
    return np.abs(field)


class TestLargestPatch:
    @settings(max_examples=60)
    @given(
        arrays.arrays(
            np.float64,
            st.tuples(st.integers(1, 6), st.integers(1, 7)),
            elements=st.integers(-5, 5).map(float),
        )
    )
    def test_no_rectangle_has_a_larger_sum(self, excess):
        found = largest_patch(excess)
        bands, frames = excess.shape
        best = max(
            excess[a : b + 1, c : d + 1].sum()
            for a in range(bands)
            for b in range(a, bands)
            for c in range(frames)
            for d in range(c, frames)
        )
        assert found.excess == pytest.approx(best)
        assert excess[cells(found, excess.shape)].sum() == pytest.approx(best)

    def test_where_nothing_is_off_it_is_the_least_bad_cell(self):
        field = np.full((3, 4), -2.0)
        field[1, 2] = -1.0
        assert largest_patch(field) == patch((1, 2), (2, 3), excess=-1.0)


class TestFindPatch:
    def test_what_is_planted_is_found(self):
        found = []
        for seed in range(60):
            anomaly_map, rectangle = planted(seed)
            found.append(overlap(find_patch(anomaly_map), rectangle, anomaly_map.shape))
        assert np.mean(np.array(found) >= 0.5) >= 0.95

    def test_repeats_in_the_same_band_lengthen_it(self):
        three = find_patch(repeated([(20, 30), (80, 92), (150, 160)]))
        assert overlap(three, patch((10, 18), (20, 160)), (48, 200)) > 0.9
        one = find_patch(repeated([(80, 92)]))
        assert overlap(one, patch((10, 18), (80, 92)), (48, 200)) > 0.6

    def test_something_in_another_band_does_not(self):
        field = repeated([(80, 100)])
        field[30:38, 150:165] += 4.0
        found = find_patch(field)
        assert overlap(found, patch((10, 18), (80, 100)), field.shape) > 0.7

    def test_one_huge_cell_does_not_outweigh_a_rectangle(self):
        anomaly_map, rectangle = planted(3)
        anomaly_map[0, 0] = 1e6
        assert overlap(find_patch(anomaly_map), rectangle, anomaly_map.shape) > 0.5

    @settings(max_examples=30)
    @given(
        arrays.arrays(
            np.float64,
            st.tuples(st.integers(1, 12), st.integers(1, 20)),
            elements=st.floats(0.0, 20.0),
        )
    )
    def test_it_is_within_the_map(self, anomaly_map):
        before = anomaly_map.copy()
        found = find_patch(anomaly_map)
        assert 0 <= found.first_band <= found.last_band < anomaly_map.shape[0]
        assert 0 <= found.first_frame <= found.last_frame < anomaly_map.shape[1]
        np.testing.assert_array_equal(anomaly_map, before)

    def test_excess_is_counted_over_what_chance_gives(self):
        field = np.full((4, 6), 0.5)
        field[1:3, 2:5] = 100.0
        assert find_patch(field).excess == pytest.approx(6 * MAX_EXCESS)
        field[1:3, 2:5] = TYPICAL_EXCESS + 1.0
        assert find_patch(field).excess == pytest.approx(6.0)


def explained(scorer, samples, start_s=0.0):
    return scorer.explain_samples(np.asarray(samples, np.float32), start_s)


class TestExplanations:
    def test_a_whistle_is_found_in_time_and_band(self, scorer, faulty):
        found = explained(scorer, faulty(70))
        assert found.start_s == pytest.approx(3.0, abs=0.15)
        assert found.end_s == pytest.approx(5.0, abs=0.15)
        assert found.low_hz < 3000.0 < found.high_hz < found.low_hz + 600.0
        assert found.kinds[0] == "brighter"
        assert found.change_db > 10.0

    def test_the_sentence_says_the_same(self, scorer, faulty):
        text = explained(scorer, faulty(70)).text
        assert re.match(r"(2\.9|3\.0)-(5\.0|5\.1) s, 2\.\d kHz-3\.\d kHz: brighter ", text)
        assert re.search(r" than normal, \d\d dB more there\.", text)

    def test_low_bands_are_named_in_hertz(self, scorer, machine):
        time_s = np.arange(10 * RATE_HZ) / RATE_HZ
        text = explained(scorer, machine(70) + 0.1 * np.sin(2 * np.pi * 400.0 * time_s)).text
        assert re.search(r"s, \d{3} Hz-\d{3} Hz: ", text)

    def test_times_are_counted_from_where_the_stretch_begins(self, scorer, faulty):
        here, later = explained(scorer, faulty(70)), explained(scorer, faulty(70), start_s=100.0)
        assert later.start_s == pytest.approx(here.start_s + 100.0)
        assert later.end_s == pytest.approx(here.end_s + 100.0)
        assert later.text.startswith(("102.9-", "103.0-"))
        assert later.low_hz == here.low_hz

    def test_something_missing_is_duller(self, scorer, machine):
        spectrum = np.fft.rfft(machine(70))
        hz = np.fft.rfftfreq(10 * RATE_HZ, 1 / RATE_HZ)
        spectrum[(hz > 2000) & (hz < 3000)] *= 0.05
        found = explained(scorer, np.fft.irfft(spectrum))
        assert "duller" in found.kinds
        assert found.change_db < -10.0
        assert "dB less there" in found.text

    def test_knocks_are_impulsive(self, scorer, machine):
        samples = machine(70)
        rng = np.random.default_rng(0)
        for at in range(RATE_HZ, 9 * RATE_HZ, RATE_HZ // 2):
            samples[at : at + 200] += 0.3 * rng.standard_normal(200).astype(np.float32)
        found = explained(scorer, samples)
        assert {"more impulsive", "unsteadier"} & set(found.kinds)
        assert found.end_s - found.start_s > 5.0

    @pytest.mark.parametrize(("gain", "word"), [(4.0, "12 dB louder"), (0.25, "12 dB quieter")])
    def test_loudness_is_told_apart(self, scorer, machine, gain, word):
        found = explained(scorer, gain * machine(70))
        assert found.text.endswith(f" As a whole {word} than learned.")
        assert found.level_change_db == pytest.approx(20 * np.log10(gain), abs=0.5)
        assert abs(found.change_db) < 6.0

    def test_usual_loudness_is_not_mentioned(self, scorer, machine):
        assert "As a whole" not in explained(scorer, machine(70)).text

    def test_a_bundle_that_does_not_know_its_loudness_does_not_speak_of_it(self, bundle, machine):
        bare = replace(bundle, manifest=replace(bundle.manifest, level=None))
        found = explained(Scorer(bare), 4.0 * machine(70))
        assert found.level_change_db is None
        assert "As a whole" not in found.text

    @settings(max_examples=40)
    @given(seconds=st.floats(0.5, 26.0), start=st.floats(0.0, 1.0), hz=st.floats(100.0, 7000.0))
    def test_times_never_leave_the_recording(self, edge_bundle, faulty, seconds, start, hz):
        fault = {"start_s": start * seconds, "end_s": start * seconds + 1.0, "hz": hz}
        samples = faulty(round(hz), seconds, **fault, amplitude=0.2)
        verdict = Scorer(edge_bundle).score(Sound(samples=samples, rate_hz=RATE_HZ))
        if verdict.explanation is not None:
            found = verdict.explanation
            assert 0.0 <= found.start_s < found.end_s <= verdict.duration_s + 1e-9
            assert 50.0 <= found.low_hz < found.high_hz <= 7300.0
            assert found.nearest.start_s < found.nearest.end_s


class TestNearest:
    def test_learned_sound_is_nearest_to_itself(self, scorer, clips):
        for one in clips[:4]:
            nearest = explained(scorer, one.sound.samples).nearest
            assert nearest.recording == one.name
            assert (nearest.start_s, nearest.end_s) == (0.0, 10.0)
            assert nearest.distance == pytest.approx(0.0, abs=1e-2)

    def test_a_fault_is_further_away_than_normal_sound(self, scorer, machine, faulty):
        normal, fault = explained(scorer, machine(70)), explained(scorer, faulty(70))
        assert fault.nearest.distance > 2.0 * normal.nearest.distance

    @pytest.mark.parametrize("kept", [None, np.zeros((3, 384), np.float32), np.zeros((12, 5))])
    def test_without_exemplars_that_fit_nothing_is_nearest(self, bundle, faulty, kept):
        arrays_ = {key: value for key, value in bundle.arrays.items() if key != "exemplars"}
        if kept is not None:
            arrays_["exemplars"] = kept
        found = explained(Scorer(replace(bundle, arrays=arrays_)), faulty(70))
        assert found.nearest is None
        assert found.low_hz < 3000.0 < found.high_hz


class TestWhereNothingCanBeSaid:
    def test_too_short(self, scorer, machine):
        assert explained(scorer, machine(70, 0.49)) is None
        assert explained(scorer, machine(70, 0.5)) is not None

    def test_a_bundle_that_draws_no_map(self, own_bundle, faulty):
        scorer = Scorer(own_bundle)
        assert explained(scorer, faulty(70)) is None
        verdict = scorer.score(Sound(samples=faulty(70, amplitude=0.3), rate_hz=RATE_HZ))
        assert verdict.is_anomaly
        assert verdict.explanation is None


@pytest.fixture(scope="module")
def drawing(make_classifier):
    return Scorer(make_classifier(draws=True))


class TestMapsOfOtherFamilies:
    """In no unit, so only the place is told that counted most in the strangest window."""

    def test_the_highest_cell_of_the_strangest_window(self, drawing, sound_like):
        kinds = ("hum", "hum", "whistle")
        samples = np.concatenate([sound_like(kind, 1, 1.0) for kind in kinds])
        samples[round(2.2 * RATE_HZ) : round(2.3 * RATE_HZ)] *= 1.3
        found = explained(drawing, samples, start_s=100.0)
        assert found.start_s == pytest.approx(102.2)
        assert found.end_s == pytest.approx(102.3)
        assert (found.low_hz, found.high_hz) == (20.0, 8000.0)
        assert found.text == "102.2-102.3 s, 20 Hz-8.0 kHz: this counted most."
        assert (found.kinds, found.nearest, found.change_db) == ((), None, None)

    def test_a_stretch_between_the_shortest_window_and_a_window(self, drawing, sound_like):
        found = explained(drawing, sound_like("whistle", 1, 0.6))
        assert 0.0 <= found.start_s < found.end_s <= 0.6

    def test_a_map_that_is_the_same_everywhere_says_nothing(self, drawing):
        assert explained(drawing, np.full(RATE_HZ, 0.1, np.float32)) is None

    def test_a_stretch_that_is_shorter_than_a_window_may_be(self, make_classifier, sound_like):
        manifest = replace(make_classifier(draws=True).manifest, min_window_samples=RATE_HZ)
        long = Scorer(replace(make_classifier(draws=True), manifest=manifest))
        assert explained(long, sound_like("whistle", 1, 0.6)) is None

    def test_loudness_is_told_where_it_is_known(self, make_classifier, sound_like):
        level = LevelTrack(median_db=-60.0, mad_db=0.1)
        scorer = Scorer(make_classifier(draws=True, level=level))
        found = explained(scorer, sound_like("whistle", 1, 1.0))
        assert "dB louder than learned" in found.text
        assert found.level_change_db == pytest.approx(37.0, abs=0.2)

    def test_a_recording_that_is_an_alarm_is_explained(self, drawing, sound_like):
        found = drawing.explain(Sound(samples=sound_like("whistle", 1, 2.0), rate_hz=RATE_HZ))
        assert found.text.endswith("this counted most.")


def test_a_map_of_fixed_windows_is_joined(bundle, scorer, faulty):
    fixed = replace(bundle, manifest=replace(bundle.manifest, min_window_samples=32000))
    found = explain_stretch(fixed, scorer.run, faulty(70), 0.0)
    # Windows that do not overlap leave out a frame at each border, so times are a little early.
    assert found.start_s == pytest.approx(3.0, abs=0.3)
    assert found.low_hz < 3000.0 < found.high_hz
    assert found.end_s <= 10.0


def test_a_bundle_whose_graph_has_no_three_parts_explains_without_words(bundle, scorer, faulty):
    other = replace(bundle, model=type(bundle.model)())
    found = explain_stretch(other, scorer.run, faulty(70), 0.0)
    assert found.kinds == ()
    assert found.change_db is None
    assert "different from normal." in found.text


class TestWhatIsOffBesidesTheSpectrum:
    def test_a_turned_up_microphone_does_not_move_the_place(self, scorer, faulty):
        found, louder = explained(scorer, faulty(70)), explained(scorer, 8.0 * faulty(70))
        assert (louder.start_s, louder.end_s) == (found.start_s, found.end_s)
        assert (louder.low_hz, louder.high_hz) == (found.low_hz, found.high_hz)

    def test_a_machine_that_swings_in_loudness_hides_no_tone(self, scorer, faulty):
        seconds = np.arange(10 * RATE_HZ) // RATE_HZ
        swing = np.where(seconds % 2, 10 ** (2.5 / 20), 10 ** (-2.5 / 20))
        found = explained(scorer, swing * faulty(70, amplitude=0.02))
        assert found.start_s == pytest.approx(3.0, abs=0.15)
        assert found.end_s == pytest.approx(5.0, abs=0.15)
        assert found.low_hz < 3000.0 < found.high_hz < found.low_hz + 600.0

    @pytest.mark.parametrize("end_s", [4.0, 8.0])  # the silent part may be the longer one
    def test_falling_silent_is_found_in_time(self, scorer, machine, end_s):
        samples = machine(70)
        samples[2 * RATE_HZ : round(end_s * RATE_HZ)] *= 0.02
        found = explained(scorer, samples)
        assert found.start_s == pytest.approx(2.0, abs=0.15)
        assert found.end_s == pytest.approx(end_s, abs=0.15)
        assert found.low_hz < 100.0
        assert found.high_hz > 7000.0
        assert "quieter than learned" in found.text
        assert "impulsive" not in found.text

    def test_a_map_without_signs_is_read_too(self, bundle, scorer, faulty):
        weights = {name: w for name, w in bundle.weights.items() if not name.startswith("bands.")}
        other = replace(bundle)
        other.__dict__["weights"] = weights
        found = explain_stretch(other, scorer.run, faulty(70), 0.0)
        assert found.start_s == pytest.approx(3.0, abs=0.15)
        assert found.end_s == pytest.approx(5.0, abs=0.15)
        assert found.low_hz < 3000.0 < found.high_hz
