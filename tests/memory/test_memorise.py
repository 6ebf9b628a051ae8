from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.memory import memorise as module
from auscult.memory.blocks import Windows, blocks_of
from auscult.memory.distance import fit
from auscult.memory.memorise import fit_both, folds_of, heard_without, memorise

DIM = 6
LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=12).filter(lambda x: sum(x) >= 6)


def windows_of(lengths, *, seed=0, context=8, overlap=1):
    rng = np.random.default_rng(seed)
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    rows = rng.standard_normal((sum(lengths), DIM)) @ rng.standard_normal((DIM, DIM)) + 3.0
    return Windows(
        embeddings=rows, recording=stretch, stretch=stretch, context=context, overlap=overlap
    )


class TestFolds:
    @given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=20))
    def test_they_are_parts_in_order_of_nearly_the_same_length(self, lengths):
        recording = np.repeat(np.arange(len(lengths)), lengths)
        folds = folds_of(recording)
        assert folds[0] == 0
        assert set(np.diff(folds)) <= {0, 1}
        # At most half a part is gained at either end.
        assert np.bincount(folds).max() <= 2.0 * len(recording) / 5 + 2

    @pytest.mark.parametrize("n", [5, 6, 7, 9, 10, 23, 100])
    def test_equal_recordings_stay_whole(self, n):
        recording = np.repeat(np.arange(n), 9)
        folds = folds_of(recording)
        assert all(len(set(folds[recording == one].tolist())) == 1 for one in range(n))
        assert len(set(folds.tolist())) == 5

    def test_one_long_recording_is_cut_into_equal_parts(self):
        assert np.bincount(folds_of(np.zeros(100, np.int64))).tolist() == [20] * 5

    def test_a_long_recording_beside_short_ones_is_cut_too(self):
        folds = folds_of(np.repeat([0, 1, 2, 3, 4], [960, 10, 10, 10, 10]))
        assert np.bincount(folds).tolist() == [200] * 5


class TestWhatIsHeldOut:
    @settings(deadline=None)
    @given(lengths=LENGTHS, length=st.integers(1, 9), overlap=st.integers(0, 2))
    def test_no_window_learned_from_shares_a_sample_with_what_is_judged(
        self, lengths, length, overlap
    ):
        windows = windows_of(lengths, overlap=overlap)
        folds = folds_of(windows.recording)
        for fold in range(folds[-1] + 1):
            others = heard_without(windows, folds == fold, length)
            for at in np.flatnonzero(folds == fold):
                used = np.arange(max(at - length + 1, 0), at + 1)
                used = used[windows.stretch[used] == windows.stretch[at]]
                heard = np.flatnonzero(others & (windows.stretch == windows.stretch[at]))
                apart = np.abs(used[:, None] - heard[None])
                assert apart.size == 0 or apart.min() > overlap

    def test_whole_recordings_cost_their_neighbours_nothing(self):
        windows = windows_of([9] * 5)
        held_out = windows.recording == 2
        np.testing.assert_array_equal(heard_without(windows, held_out, 9), ~held_out)

    @pytest.mark.parametrize("lengths", [[200], [9] * 10, [120, 9, 9, 9, 9]])
    def test_a_memory_is_the_same_whatever_its_held_out_part_sounds_like(
        self, lengths, monkeypatch
    ):
        """Poison one part and all that touches it: the memory that judges it must not notice."""

        def memories(windows):
            found = []

            def spy(part, length=None):
                found.append(fit_both(part, length))
                return found[-1]

            with monkeypatch.context() as patch:
                patch.setattr(module, "fit_both", spy)
                memorise(windows)
            return found

        windows = windows_of(lengths)
        folds = folds_of(windows.recording)
        clean = memories(windows)
        for fold in range(folds[-1] + 1):
            poisoned = windows.embeddings.copy()
            poisoned[~heard_without(windows, folds == fold, 9)] = 1e3
            others = memories(replace(windows, embeddings=poisoned))
            for one, other in zip(clean[fold], others[fold], strict=True):
                np.testing.assert_array_equal(one.mean, other.mean)
                np.testing.assert_array_equal(one.weights, other.weights)
            assert not np.array_equal(clean[fold - 1][0].mean, others[fold - 1][0].mean)

    def test_a_strange_recording_is_strange_when_it_has_not_been_heard(self):
        windows = windows_of([20] * 6)
        strange = windows.recording == 2
        windows.embeddings[strange] += 30.0 * windows.embeddings.std(axis=0)
        memory = memorise(windows)
        assert memory.window_scores[strange].min() > 3.0 * memory.window_scores[~strange].max()
        is_strange = memory.block_recording == 2
        assert memory.block_scores[is_strange].min() > 3.0 * memory.block_scores[~is_strange].max()


class TestMemory:
    def test_distances_learn_from_everything(self):
        windows = windows_of([30, 30])
        memory = memorise(windows)
        blocks = blocks_of(windows)
        np.testing.assert_array_equal(memory.block.mean, fit(blocks.vectors, blocks.within).mean)
        np.testing.assert_array_equal(memory.window.mean, fit(windows.embeddings).mean)

    @settings(deadline=None, max_examples=30)
    @given(lengths=LENGTHS)
    def test_every_window_and_every_mean_is_scored_once(self, lengths):
        windows = windows_of(lengths)
        memory = memorise(windows)
        assert memory.window_scores.shape == (len(windows),)
        assert np.all(np.isfinite(memory.window_scores))
        assert np.all(np.isfinite(memory.context_scores))
        assert np.all(np.isfinite(memory.block_scores))
        assert np.all(np.diff(memory.context_at) > 0)
        assert len(memory.context_scores) == len(memory.context_at)
        assert set(windows.stretch[memory.context_at]) == set(range(len(lengths)))
        assert memory.partial[-1] == 1.0
        assert np.all(np.diff(memory.partial) <= 0.0)

    def test_held_out_normal_sound_typically_scores_one(self):
        memory = memorise(windows_of([300]))
        assert np.median(memory.window_scores) == pytest.approx(1.0)
        assert np.median(memory.block_scores) == pytest.approx(1.0)
        assert np.median(memory.context_scores) == pytest.approx(1.0, abs=0.15)

    def test_few_windows_scatter_more_and_are_not_taken_for_strange(self):
        """Means of independent windows scatter as one over the square root of how many they are."""
        memory = memorise(windows_of([9] * 200, overlap=0))
        expected = np.sqrt(9.0 / np.arange(1, 10))
        np.testing.assert_allclose(memory.partial, expected, rtol=0.2)

    def test_of_half_a_minute_enough_is_left_to_learn_from(self, monkeypatch):
        heard = []

        def spy(part, length=None):
            heard.append((len(part), len(blocks_of(part, length or 9))))
            return fit_both(part, length)

        monkeypatch.setattr(module, "fit_both", spy)
        memorise(windows_of([29]))
        assert all(n >= 15 and blocks >= 2 for n, blocks in heard)


class TestSeveralEmbedders:
    def test_scores_are_added_in_units_of_their_deviation(self):
        windows = windows_of([20] * 6)
        parts = [replace(windows, embeddings=windows.embeddings[:, cut]) for cut in (S4, S2)]
        first, second = (memorise(part) for part in parts)
        memory = memorise(windows, (4, 2))
        for name in ("block_scores", "window_scores"):
            one, other = getattr(first, name), getattr(second, name)
            units = [np.std(s) + 0.05 * np.median(s) for s in (one, other)]
            normalised = [(s - np.median(s)) / u for s, u in zip((one, other), units, strict=True)]
            found = getattr(memory, name)
            assert np.median(found) == pytest.approx(1.0)
            # The sum of what is normalised, up to a constant and a unit.
            assert np.corrcoef(found, np.sum(normalised, axis=0))[0, 1] == pytest.approx(1.0)
            assert found.min() >= 0.0

    def test_the_distances_give_those_sums(self):
        windows = windows_of([20] * 6)
        memory = memorise(windows, (4, 2))
        (other,) = memory.others
        first, second = (
            memorise(replace(windows, embeddings=windows.embeddings[:, cut])) for cut in (S4, S2)
        )
        rows = windows.embeddings
        sums = memory.window(rows[:, S4]) + other.window(rows[:, S2])
        parts = [first.window(rows[:, S4]), second.window(rows[:, S2])]
        weights, *_ = np.linalg.lstsq(np.stack(parts, axis=1), sums, rcond=None)
        np.testing.assert_allclose(np.stack(parts, axis=1) @ weights, sums)
        units = [np.std(one.window_scores) + 0.05 for one in (first, second)]
        assert weights[0] / weights[1] == pytest.approx(units[1] / units[0])

    def test_one_part_is_as_none(self):
        windows = windows_of([20] * 6)
        one, other = memorise(windows), memorise(windows, (DIM,))
        np.testing.assert_array_equal(one.block_scores, other.block_scores)
        assert other.others == ()


S4, S2 = slice(0, 4), slice(4, 6)
