"""What a bundle draws of the stretch that is shown, and which of its weights are filters."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import AudioError
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.inside import (
    FilterPair,
    Inside,
    inside,
    learned_filters,
    shown_clip,
    shown_from_s,
)
from auscult.runtime.scorer import Scorer
from auscult.runtime.tta import Augmentation, AugmentedScorer
from auscult.runtime.verdict import Explanation


@pytest.fixture(scope="module")
def whole(edge_bundle, machine, faulty):
    """Of a normal recording, and one with a whistle from 3 s to 5 s."""

    def clip_of(samples, label):
        sound = Sound(samples=samples, rate_hz=16000)
        return Clip(path=Path(f"{label}.wav"), label=label, sound=sound)

    clips = [clip_of(machine(70), "normal"), clip_of(faulty(71, amplitude=0.2), "anomaly")]
    return evaluate(Scorer(edge_bundle), clips, bootstrap=1)


@dataclass
class FakeBundle:
    weights: dict


class TestMap:
    def test_it_is_strange_where_the_fault_is(self, whole):
        drawn = whole.inside.map_of(whole.rows[1])
        bands, frames = drawn.values.shape
        assert bands == len(drawn.centres_hz)
        assert drawn.start_s == 0.0
        assert drawn.end_s == pytest.approx(10.0, abs=0.1)
        band = int(np.argmin(np.abs(np.array(drawn.centres_hz) - 3000.0)))
        second = drawn.values[band].reshape(-1)[: frames // 10 * 10].reshape(10, -1).mean(axis=1)
        assert second[3:5].min() > 2.0 * np.delete(second, [2, 3, 4, 5]).max()

    def test_a_bundle_that_takes_whole_windows_only(self, whole, make_classifier):
        # It draws nothing: there is no map to show.
        assert Inside(scorer=Scorer(make_classifier())).map_of(whole.rows[0]) is None

    def test_what_is_gone_cannot_be_drawn(self, whole, tmp_path):
        row = whole.rows[0]
        gone = replace(row, clip=replace(row.clip, sound=None, path=tmp_path / "gone.wav"))
        with pytest.raises(AudioError, match=r"gone\.wav"):
            whole.inside.map_of(gone)

    def test_only_bundles_are_asked(self, fake_scorer, edge_bundle):
        assert inside(fake_scorer()) is None
        scorer = Scorer(edge_bundle)
        averaging = AugmentedScorer(scorer=scorer, augmentation=Augmentation(copies=1))
        assert inside(averaging, 1) is not None
        assert inside(averaging, 1).scorer is scorer


class TestRebuilt:
    @pytest.fixture
    def row(self, evaluation):
        return next(row for row in evaluation.rows if not row.silenced)

    def test_each_part_that_draws_is_asked_window_by_window(self, redrawer, row):
        asked = Inside(scorer=redrawer())
        assert asked.parts_that_draw == ("", "wave.")
        whole, wave = asked.rebuilt_of(row)
        # Half a second at 8 kHz is two windows of ten columns.
        assert whole.original.shape == whole.rebuilt.shape == (8, 20)
        assert (whole.part, whole.start_s, whole.end_s) == ("", 0.0, 0.5)
        assert whole.centres_hz[2] == 300.0
        np.testing.assert_allclose(whole.errors_db, [0, 0, 6, 0, 0, 0, 0, 0])
        assert whole.error_db == pytest.approx(6 / np.sqrt(8))
        # Of a waveform at half its size every band is 6 dB lower.
        assert wave.part == "wave"
        assert len(wave.centres_hz) == len(wave.original) == 64
        np.testing.assert_allclose(wave.errors_db, 20 * np.log10(2), atol=0.1)

    def test_a_graph_that_takes_any_length_is_asked_once(self, redrawer, row):
        whole, _ = Inside(scorer=redrawer(min_window_samples=200)).rebuilt_of(row)
        assert whole.original.shape == (8, 20)
        assert len(np.unique(whole.original)) == 8 * 20

    def test_a_recording_shorter_than_a_window_shows_nothing(self, redrawer, clip, fan, scorer):
        short = evaluate(
            scorer,
            [clip(0, sound=fan(0, seconds=0.2)), clip(1, "anomaly", sound=fan(1, seconds=0.2))],
            bootstrap=1,
        )
        assert Inside(scorer=redrawer()).rebuilt_of(short.rows[0]) == ()

    def test_most_bundles_draw_nothing_again(self, whole):
        assert whole.inside.parts_that_draw == ()
        assert whole.inside.rebuilt_of(whole.rows[0]) == ()


class TestShown:
    def test_the_explained_part_lies_in_the_middle(self, whole):
        row = replace(
            whole.rows[0],
            duration_s=60.0,
            explanation=Explanation(low_hz=1, high_hz=2, start_s=29.0, end_s=31.0, text=""),
        )
        assert shown_from_s(row) == 25.0
        assert shown_from_s(replace(row, duration_s=32.0)) == 22.0
        assert shown_from_s(replace(row, explanation=None)) == 0.0

    def test_a_file_is_cut_by_its_times(self, whole):
        clip = Clip(path=Path("a.wav"), start_s=100.0, end_s=160.0)
        row = replace(whole.rows[0], clip=clip, duration_s=60.0)
        assert (shown_clip(row, 25.0).start_s, shown_clip(row, 25.0).end_s) == (125.0, 135.0)
        assert shown_clip(row, 52.0).end_s == 160.0


class TestFilters:
    def test_names_tell(self):
        low = np.array([[0.6, 0.8], [0.8, 0.6]], np.float32)
        weights = {"net.low_pass": low, "net.high_pass": low[:, ::-1], "other": np.ones(3)}
        pairs = learned_filters(FakeBundle(weights))
        assert [pair.name for pair in pairs] == ["1", "2"]
        np.testing.assert_allclose(pairs[1].high_pass, [0.6, 0.8])

    def test_a_mirror_image_where_there_is_one_only(self):
        (pair,) = learned_filters(FakeBundle({"low_pass": np.array([1.0, 2.0, 3.0, 4.0])}))
        np.testing.assert_allclose(pair.high_pass, [4.0, -3.0, 2.0, -1.0])
        # Orthogonal, as mirror images of an even length are.
        assert pair.low_pass @ pair.high_pass == 0.0

    def test_most_bundles_have_none(self, edge_bundle):
        assert learned_filters(edge_bundle) == ()

    def test_gains_of_haar(self):
        root = np.sqrt(0.5)
        haar = FilterPair(
            name="1", low_pass=np.array([root, root]), high_pass=np.array([root, -root])
        )
        place, low, high = haar.responses(3)
        np.testing.assert_allclose(place, [0.0, 0.5, 1.0])
        np.testing.assert_allclose(low, [np.sqrt(2), 1.0, 0.0], atol=1e-12)
        np.testing.assert_allclose(low**2 + high**2, 2.0)
