"""Splits: by recording, even over the kinds, and the same whatever the order."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.datasets.clip import Clip
from auscult.datasets.split import by_recording, folds
from auscult.errors import DatasetError, RecipeError

clip = st.builds(
    Clip,
    path=st.sampled_from([Path(f"{i}.wav") for i in range(30)]),
    label=st.sampled_from(["normal", "anomaly", ""]),
    unit=st.sampled_from(["id_00", "id_02"]),
    group=st.sampled_from(["", "", "tape 1", "tape 2"]),
    start_s=st.sampled_from([0.0, 10.0]),
)


def groups(clips):
    return {clip.group or str(clip.path) for clip in clips}


clips_of_two_recordings_or_more = st.lists(clip, min_size=2, max_size=60).filter(
    lambda clips: len(groups(clips)) > 1
)
fractions = st.floats(0.01, 0.99)


def recordings(n, **facts):
    return [Clip(path=Path(f"{'-'.join(facts.values())}{i}.wav"), **facts) for i in range(n)]


@given(clips_of_two_recordings_or_more, fractions, st.integers(0, 5), st.booleans())
def test_no_recording_stands_on_both_sides(clips, fraction, seed, stratify):
    train, test = by_recording(clips, test_fraction=fraction, seed=seed, stratify=stratify)
    assert not groups(train) & groups(test)
    assert Counter(map(repr, train + test)) == Counter(map(repr, clips))
    assert train
    assert test


@given(clips_of_two_recordings_or_more, st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_clips_has_no_say(clips, seed, random):
    shuffled = random.sample(clips, len(clips))
    both = [
        [set(map(repr, side)) for side in by_recording(c, seed=seed)] for c in (clips, shuffled)
    ]
    assert both[0] == both[1]


@given(clips_of_two_recordings_or_more, st.integers(0, 5))
def test_every_recording_is_tested_in_one_fold(clips, seed):
    n = min(len(groups(clips)), 5)
    sides = folds(clips, n, seed)
    assert len(sides) == n
    assert Counter(repr(clip) for _, test in sides for clip in test) == Counter(map(repr, clips))
    for train, test in sides:
        assert not groups(train) & groups(test)
        assert train
        assert test
        assert len(train) + len(test) == len(clips)


def test_windows_of_one_file_stay_together():
    windows = [Clip(path=Path(f"{i}.wav"), start_s=float(s)) for i in range(10) for s in range(100)]
    train, test = by_recording(windows)
    assert (len(train), len(test)) == (700, 300)
    assert not groups(train) & groups(test)


def test_every_kind_gives_its_share():
    clips = [
        *recordings(20, label="normal", unit="id_00"),
        *recordings(10, label="anomaly", unit="id_00"),
        *recordings(10, label="normal", unit="id_02"),
        *recordings(2, label="anomaly", unit="id_02"),
    ]
    _, test = by_recording(clips, test_fraction=0.3)
    taken = Counter((clip.label, clip.unit) for clip in test)
    assert taken == {
        ("normal", "id_00"): 6,
        ("anomaly", "id_00"): 3,
        ("normal", "id_02"): 3,
        ("anomaly", "id_02"): 1,
    }
    spread = [Counter(clip.label for clip in test) for _, test in folds(clips, 4)]
    assert all(
        max(fold[label] for fold in spread) - min(fold[label] for fold in spread) <= 1
        for label in ("normal", "anomaly")
    )


def test_many_kinds_of_one_recording_still_give_their_share():
    clips = [Clip(path=Path(f"{i}.wav"), unit=f"id_{i}") for i in range(10)]
    train, test = by_recording(clips, test_fraction=0.3)
    assert (len(train), len(test)) == (7, 3)


def test_without_strata_only_the_number_counts():
    clips = [*recordings(5, label="normal"), *recordings(5, label="anomaly")]
    _, test = by_recording(clips, test_fraction=0.4, stratify=False)
    assert len(test) == 4


def test_another_seed_draws_other_recordings():
    clips = recordings(20, label="normal")
    assert len({str(by_recording(clips, seed=seed)) for seed in range(5)}) > 1
    assert len({str(folds(clips, 4, seed=seed)) for seed in range(5)}) > 1


def test_new_recordings_of_one_kind_leave_the_others_where_they_were():
    normal, anomaly = recordings(10, label="normal"), recordings(10, label="anomaly")
    before = [clip for clip in by_recording(normal + anomaly)[1] if clip.is_normal]
    _, test = by_recording(normal + anomaly + recordings(10, label="belt"))
    assert [clip for clip in test if clip.is_normal] == before


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, float("nan")])
def test_a_share_that_leaves_a_side_empty_is_refused(fraction):
    with pytest.raises(RecipeError, match=r"leaves one side empty\. Expected: a number between"):
        by_recording(recordings(5, label="normal"), test_fraction=fraction)


@pytest.mark.parametrize("n", [0, 1])
def test_one_recording_can_not_be_split(n):
    with pytest.raises(DatasetError, match=f"{n} recordings? can't fill two sides.*never divided"):
        by_recording(recordings(n, label="normal"))


def test_more_folds_than_recordings_are_refused():
    with pytest.raises(DatasetError, match="3 recordings can't fill 4 folds"):
        folds(recordings(3, label="normal"), 4)
    with pytest.raises(RecipeError, match="1 fold is no split"):
        folds(recordings(3, label="normal"), 1)
