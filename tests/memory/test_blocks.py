import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.memory.blocks import Windows, blocks_of

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def windows_of(lengths, *, context=8, overlap=1, dim=3):
    """Stretches of so many windows; each row is its number."""
    n = sum(lengths)
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    rows = np.arange(float(n))[:, None] * np.ones(dim)
    return Windows(
        embeddings=rows, recording=stretch, stretch=stretch, context=context, overlap=overlap
    )


@given(lengths=LENGTHS, context=st.integers(0, 8), overlap=st.integers(0, 2))
def test_blocks_never_share_samples_nor_reach_over_a_break(lengths, context, overlap):
    windows = windows_of(lengths, context=context, overlap=overlap)
    blocks = blocks_of(windows)
    assert set(windows.stretch[blocks.first]) == set(range(len(lengths)))
    for first, last in zip(blocks.first, blocks.last, strict=True):
        assert windows.stretch[first] == windows.stretch[last]
        assert 1 <= last - first + 1 <= context + 1
    same = windows.stretch[blocks.first[1:]] == windows.stretch[blocks.last[:-1]]
    assert np.all(blocks.first[1:][same] - blocks.last[:-1][same] > overlap)


@given(lengths=LENGTHS)
def test_a_block_is_the_mean_of_its_windows_and_within_is_what_is_left(lengths):
    windows = windows_of(lengths)
    blocks = blocks_of(windows)
    middle = (blocks.first + blocks.last) / 2.0
    np.testing.assert_allclose(blocks.vectors[:, 0], middle)
    assert len(blocks.within) == blocks.sizes.sum()
    of_block = np.repeat(np.arange(len(blocks)), blocks.sizes)
    for block in range(len(blocks)):
        assert blocks.within[of_block == block].sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "sizes"), [(5, [5]), (13, [9]), (14, [9]), (15, [9, 5]), (19, [9, 9])]
)
def test_what_is_left_counts_if_it_is_at_least_half_a_block(n, sizes):
    assert blocks_of(windows_of([n])).sizes.tolist() == sizes


def test_shorter_blocks_can_be_asked_for():
    assert blocks_of(windows_of([9]), length=3).sizes.tolist() == [3, 3]


class TestPart:
    def test_where_others_are_missing_a_new_stretch_begins(self):
        chosen = np.ones(10, bool)
        chosen[[0, 4, 5]] = False
        part = windows_of([8, 2]).part(chosen)
        assert part.embeddings[:, 0].tolist() == [1, 2, 3, 6, 7, 8, 9]
        assert [len(stretch) for stretch in part.stretches()] == [3, 2, 2]

    def test_of_nothing_there_is_nothing(self):
        assert len(windows_of([3]).part(np.zeros(3, bool))) == 0

    @given(lengths=LENGTHS, seed=st.integers(0, 99))
    def test_its_stretches_follow_one_another_in_the_whole(self, lengths, seed):
        whole = windows_of(lengths)
        part = whole.part(np.random.default_rng(seed).random(len(whole)) < 0.7)
        for stretch in part.stretches():
            numbers = part.embeddings[stretch, 0]
            assert np.all(np.diff(numbers) == 1.0)
            assert len(set(whole.stretch[numbers.astype(int)].tolist())) <= 1
