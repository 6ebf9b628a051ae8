"""Which recordings are learned from, which choose the best epoch, and which are only for the end."""

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from auscult.datasets.clip import ANOMALY, NORMAL, Clip, calling_normal
from auscult.datasets.split import by_recording, recording_of
from auscult.errors import AuscultWarning, DatasetError, RecipeError
from auscult.recipe import Data

_SHOWN = 8
# Another draw than that of what is held out.
_TEST_SEED = 2**31


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Names of recordings; none is on two sides.

    Parameters
    ----------
    learn
        Weights come from these.
    held_out
        These choose the epoch and the limits.
    test
        These are looked at once, at the end.
    """

    learn: frozenset[str]
    held_out: frozenset[str]
    test: frozenset[str]

    @property
    def judged(self) -> frozenset[str]:
        """By these it is known how good a bundle is: the test; what was held out where there is none."""
        return self.test or self.held_out


def chosen(clips: Iterable[Clip], data: Data) -> list[Clip]:
    """The clips that a recipe asks for: those of its labels, or of any.

    Warns
    -----
    AuscultWarning
        If some have no label.

    Raises
    ------
    RecipeError
        If the recipe names labels that no clip has.
    """
    every = list(calling_normal(clips, data.normal) if data.normal else clips)
    labelled = [clip for clip in every if clip.label]
    found = {clip.label for clip in labelled}
    missing = sorted(set(data.labels) - found)
    if missing:
        raise RecipeError(
            f"No recording has the label {', '.join(missing)}, which the recipe asks for.",
            f"some of {_list(found)}",
            "Change data.labels in the recipe, or look at the data: auscult data check",
        )
    if len(labelled) < len(every):
        warnings.warn(
            f"{len(every) - len(labelled)} of {len(every)} recordings have no label and are left out.",
            AuscultWarning,
            stacklevel=2,
        )
    return [clip for clip in labelled if not data.labels or clip.label in data.labels]


def labels_of(clips: Iterable[Clip], data: Data) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Classes in order, and those of them that are alarms.

    Where the classes are normal and anomaly, and nothing else is said, anomaly is the alarm.
    """
    labels = data.labels or tuple(sorted({clip.label for clip in clips}, key=_normal_first))
    if not data.alarm_labels and set(labels) == {NORMAL, ANOMALY}:
        return labels, (ANOMALY,)
    return labels, data.alarm_labels


def sides_of(clips: Sequence[Clip], data: Data, *, folds: Collection[str] = ()) -> Sides:
    """Divide recordings.

    Parameters
    ----------
    clips
        What there is.
    data
        How much is held out, and the seed that draws it.
    folds
        Units (such as `fold4`) that are only for the end; where there are none, the clips that the data set calls its test.

    Warns
    -----
    AuscultWarning
        If a class is only on one side, or several machines have a unit of one name.

    Raises
    ------
    DatasetError
        If nothing is left to learn from, or a class is.
    """
    _look_at(folds, clips)
    is_test = [clip.unit in folds if folds else clip.split == "test" for clip in clips]
    test = frozenset(recording_of(c) for c, last in zip(clips, is_test, strict=True) if last)
    rest = [clip for clip in clips if recording_of(clip) not in test]
    if not rest:
        raise DatasetError(
            f"All {len(clips)} recordings are for the test.",
            "some to learn from",
            "Give the training part of the data set, or choose fewer folds.",
        )
    held_out = _held_out(rest, data.validation, data.seed)
    sides = Sides(
        learn=frozenset(recording_of(clip) for clip in rest) - held_out,
        held_out=held_out,
        test=test,
    )
    _check_classes(clips, sides)
    return sides


def sides_of_normal(clips: Sequence[Clip], data: Data, *, folds: Collection[str] = ()) -> Sides:
    """Divide recordings for a family that learns from normal sound: what is not normal is only for the test.

    With folds, the test is of those units alone: what is not normal of other units is on no side.

    Parameters
    ----------
    clips
        What there is.
    data
        How much is held out, and kept for the test where the data set has none of its own; and the seed that draws both.
    folds
        Units that are only for the test.

    Raises
    ------
    DatasetError
        If nothing normal is left to learn from.

    Warns
    -----
    AuscultWarning
        If nothing can be held out, or several machines have a unit of one name.
    """
    _look_at(folds, clips)
    others = frozenset(recording_of(clip) for clip in clips if not clip.is_normal)
    normal = [clip for clip in clips if recording_of(clip) not in others]
    if folds:
        test = frozenset(recording_of(clip) for clip in clips if clip.unit in folds)
    else:
        test = others | _kept_of_normal(normal, data, is_alone=not others)
    rest = [clip for clip in normal if recording_of(clip) not in test]
    if not rest:
        raise DatasetError(
            f"All {len(normal)} normal recordings are for the test.",
            "some to learn from",
            "Give the training part of the data set, or choose fewer folds.",
        )
    held_out = _drawn(rest, data.validation, data.seed, left=1)
    if not held_out:
        _warn_nothing_held_out()
    learn = frozenset(recording_of(clip) for clip in rest) - held_out
    return Sides(learn=learn, held_out=held_out, test=test)


def _kept_of_normal(normal: Sequence[Clip], data: Data, *, is_alone: bool) -> frozenset[str]:
    """Normal recordings of the test: those that the data set names, or else a share, where there is anything to compare them with."""
    named = frozenset(recording_of(clip) for clip in normal if clip.split == "test")
    kept = 0.0 if is_alone else data.test
    return named or _drawn(normal, kept, _TEST_SEED + data.seed, left=2)


def _look_at(folds: Collection[str], clips: Sequence[Clip]) -> None:
    _refuse_unknown(folds, clips)
    for unit in sorted(folds):
        machines = {clip.machine for clip in clips if clip.unit == unit}
        if len(machines) > 1:
            warnings.warn(
                f"{len(machines)} machines have a unit {unit} ({_list(machines)}): all of these are tested together.",
                AuscultWarning,
                stacklevel=4,
            )


def _refuse_unknown(folds: Collection[str], clips: Iterable[Clip]) -> None:
    """A fold that is misspelt would be learned from, and then tested on."""
    units = {clip.unit for clip in clips}
    unknown = sorted(set(folds) - units)
    if unknown:
        raise RecipeError(
            f"No recording belongs to {_list(unknown)}, which should be only for the test.",
            f"some of {_list(units - {''})}"
            if units - {""}
            else "a data set that comes in folds or units",
            "Correct --folds, or data.folds in the recipe.",
        )


def _drawn(clips: Sequence[Clip], part: float, seed: int, *, left: int) -> frozenset[str]:
    """A share of the recordings, unless fewer than `left` would be left."""
    n = len({recording_of(clip) for clip in clips})
    if not part or n < 2:
        return frozenset()
    _, drawn = by_recording(clips, test_fraction=part, seed=seed)
    found = frozenset(recording_of(clip) for clip in drawn)
    return found if n - len(found) >= left else frozenset()


def _held_out(clips: Sequence[Clip], part: float, seed: int) -> frozenset[str]:
    if not part:
        return frozenset()
    # The only recording of a class is learned from.
    alone = {label for label, n in _recordings_by_label(clips).items() if n == 1}
    several = [clip for clip in clips if clip.label not in alone]
    if len({recording_of(clip) for clip in several}) < 2:
        return frozenset()
    _, held_out = by_recording(several, test_fraction=part, seed=seed)
    return frozenset(recording_of(clip) for clip in held_out)


def _check_classes(clips: Sequence[Clip], sides: Sides) -> None:
    labels = {clip.label for clip in clips}
    learned = {clip.label for clip in clips if recording_of(clip) in sides.learn}
    missing = sorted(labels - learned)
    if missing:
        raise DatasetError(
            f"Nothing of the class {_list(missing)} is left to learn from.",
            "recordings of each class on the side that is learned from",
            "Add recordings of it, or leave it out with data.labels.",
        )
    if not sides.held_out:
        _warn_nothing_held_out()
        return
    judged = {clip.label for clip in clips if recording_of(clip) in sides.held_out}
    unjudged = sorted(labels - judged)
    if unjudged:
        warnings.warn(
            f"Of the class {_list(unjudged)} there is one recording only: it is learned, and nobody knows how well.",
            AuscultWarning,
            stacklevel=3,
        )


def _warn_nothing_held_out() -> None:
    warnings.warn(
        "Nothing is held out: the last epoch is kept, no limit is set, and nobody knows how good it is.",
        AuscultWarning,
        stacklevel=4,
    )


def _recordings_by_label(clips: Iterable[Clip]) -> Counter[str]:
    return Counter(label for _, label in {(recording_of(clip), clip.label) for clip in clips})


def _normal_first(label: str) -> tuple[bool, str]:
    return label != NORMAL, label


def _list(labels: Iterable[str]) -> str:
    names = sorted(labels)
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
