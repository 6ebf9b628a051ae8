"""Which recordings are on which side: never one on two."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.datasets.clip import Clip
from auscult.datasets.split import recording_of
from auscult.errors import AuscultWarning, DatasetError, RecipeError
from auscult.recipe import Data
from auscult.training.sides import chosen, labels_of, sides_of, sides_of_normal


def clips(*labels, n=6, unit=""):
    return [
        Clip(path=Path(f"{unit}{label}{i}.wav"), label=label, unit=unit)
        for label in labels
        for i in range(n)
    ]


@given(n=st.integers(2, 12), part=st.floats(0.05, 0.8), seed=st.integers(0, 99))
def test_no_recording_is_on_two_sides_and_every_class_is_learned(n, part, seed):
    every = [
        Clip(path=Path(f"{label}{i}.wav"), label=label, group=f"{label}{i // 2}")
        for label in "ab"
        for i in range(2 * n)
    ]
    sides = sides_of(every, Data(validation=part, seed=seed))
    assert not sides.learn & sides.held_out
    assert sides.learn | sides.held_out == {recording_of(clip) for clip in every}
    assert {clip.label for clip in every if recording_of(clip) in sides.learn} == {"a", "b"}
    assert {clip.label for clip in every if recording_of(clip) in sides.held_out} == {"a", "b"}


def test_folds_are_for_the_end_alone():
    every = clips("a", "b", unit="fold1") + clips("a", "b", unit="fold2")
    sides = sides_of(every, Data(), folds=("fold2",))
    assert sides.test == {str(clip.path) for clip in every if clip.unit == "fold2"}
    assert not sides.test & (sides.learn | sides.held_out)


@pytest.mark.parametrize("divide", [sides_of, sides_of_normal])
def test_a_unit_that_several_machines_have_is_told(divide):
    every = [
        Clip(path=Path(machine, f"{unit}_{n}.wav"), label="normal", machine=machine, unit=unit)
        for machine in ("fan", "pump")
        for unit in ("id_00", "id_02")
        for n in range(6)
    ]
    with pytest.warns(AuscultWarning) as told:
        sides = divide(every, Data(), folds=("id_02",))
    assert [str(one.message) for one in told] == [
        "2 machines have a unit id_02 (fan, pump): all of these are tested together."
    ]
    assert sides.test == {str(clip.path) for clip in every if clip.unit == "id_02"}
    divide([clip for clip in every if clip.machine == "fan"], Data(), folds=("id_02",))


def test_what_the_data_set_calls_its_test_is():
    every = clips("a", "b")
    last = [Clip(path=Path("t.wav"), label="a", split="test")]
    assert sides_of(every + last, Data()).test == {"t.wav"}


def test_everything_is_for_the_test():
    every = clips("a", "b", unit="fold1")
    with pytest.raises(DatasetError, match="All 12 recordings are for the test"):
        sides_of(every, Data(), folds=("fold1",))


def test_a_class_of_which_all_is_for_the_test():
    every = clips("a", unit="fold1") + clips("a", "b", unit="fold2")
    with pytest.raises(DatasetError, match="Nothing of the class b is left to learn from"):
        sides_of(every, Data(), folds=("fold2",))


def test_a_class_with_one_recording_is_learned_and_told_of():
    every = clips("a", "b") + clips("c", n=1)
    with pytest.warns(AuscultWarning, match="Of the class c there is one recording only"):
        sides = sides_of(every, Data())
    assert "c0.wav" in sides.learn


def test_without_anything_held_out_that_is_said():
    with pytest.warns(AuscultWarning, match="Nothing is held out"):
        assert not sides_of(clips("a", "b"), Data(validation=0.0)).held_out


def test_only_labels_that_are_asked_for():
    every = [*clips("a", "b", "c"), Clip(path=Path("x.wav"))]
    with pytest.warns(AuscultWarning, match="1 of 19 recordings have no label"):
        found = chosen(every, Data(labels=("a", "c")))
    assert {clip.label for clip in found} == {"a", "c"}
    with pytest.raises(
        RecipeError, match=r"label d, which the recipe asks for. Expected: some of a, b"
    ):
        chosen(clips("a", "b"), Data(labels=("a", "d")))


def test_classes_that_are_normal():
    found = chosen(clips("rain", "wind", "dog"), Data(normal=("rain", "wind")))
    assert {clip.label for clip in found} == {"normal", "dog"}


@pytest.mark.parametrize(
    ("labels", "data", "expected"),
    [
        (("anomaly", "normal"), Data(), (("normal", "anomaly"), ("anomaly",))),
        (("b", "a"), Data(), (("a", "b"), ())),
        (("b", "a"), Data(alarm_labels=("b",)), (("a", "b"), ("b",))),
        (("b", "a"), Data(labels=("b", "a")), (("b", "a"), ())),
    ],
)
def test_order_of_classes_and_which_are_alarms(labels, data, expected):
    assert labels_of(clips(*labels), data) == expected
