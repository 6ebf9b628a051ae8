"""What a family learns from: which clips, what each is to it, and on which side it stands."""

import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from auscult.datasets.clip import NORMAL, Clip, calling_normal
from auscult.datasets.split import recording_of
from auscult.errors import AuscultWarning, DatasetError, RecipeError
from auscult.recipe import Data, Recipe
from auscult.training.sides import Sides, chosen, labels_of, sides_of, sides_of_normal

LearnsFrom = Literal["classes", "normal", "groups"]

_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Clips, and what is done with them.

    Parameters
    ----------
    clips
        All that are looked at.
    sides
        By recording.
    labels
        What a family is given as such: classes, groups, or nothing.
    alarm_labels
        Those classes that are alarms.
    target_of
        Number of the label of a clip, or of its domain.
    domains
        Of what is learned from, where a family asks for them; empty where they are not known, or all the same.
    """

    clips: list[Clip]
    sides: Sides
    labels: tuple[str, ...]
    alarm_labels: tuple[str, ...]
    target_of: Callable[[Clip], int]
    domains: tuple[str, ...] = ()


def plan_of(
    learns_from: LearnsFrom,
    clips: Iterable[Clip],
    recipe: Recipe,
    folds: Collection[str] = (),
    *,
    by_domain: bool = False,
) -> Plan:
    """Plan a training.

    Parameters
    ----------
    learns_from, by_domain
        See `auscult.models.detector.Detector`.
    clips
        The data set.
    recipe
        Which of it, and how much is held out.
    folds
        Units that are only for the test.

    Raises
    ------
    RecipeError, DatasetError
        If it can't be learned from.

    Warns
    -----
    AuscultWarning
        If domains make a difference, and some of them are unknown or not learned from.
    """
    data = recipe.data
    folds = folds or data.folds
    if learns_from == "classes":
        found = chosen(clips, data)
        labels, alarms = labels_of(found, data)
        number = {label: index for index, label in enumerate(labels)}
        return Plan(
            clips=found,
            sides=sides_of(found, data, folds=folds),
            labels=labels,
            alarm_labels=alarms,
            target_of=lambda clip: number[clip.label],
        )
    _refuse_classes(recipe)
    found = _with_normal(clips, data)
    sides = sides_of_normal(found, data, folds=folds)
    looked_at = sides.learn | sides.held_out | sides.test
    found = [clip for clip in found if recording_of(clip) in looked_at]
    if learns_from == "normal":
        domains = _domains(found, sides) if by_domain else ()
        place = {domain: index for index, domain in enumerate(domains)}
        return Plan(
            clips=found,
            sides=sides,
            labels=(),
            alarm_labels=(),
            target_of=lambda clip: place.get(clip.domain, 0),
            domains=domains,
        )
    sides = _with_every_group(found, sides, data)
    groups = _groups(found, sides, data)
    number = {group: index for index, group in enumerate(groups)}
    return Plan(
        clips=found,
        sides=sides,
        labels=groups,
        alarm_labels=(),
        target_of=lambda clip: number[group_of(clip, data.group_by)],
    )


def group_of(clip: Clip, by: Sequence[str]) -> str:
    """What a recording is known to belong to.

    Examples
    --------
    >>> from pathlib import Path
    >>> clip = Clip(path=Path("1.wav"), machine="fan", unit="id_00", attributes={"speed": "5"})
    >>> group_of(clip, ("machine", "unit")), group_of(clip, ("unit", "attributes"))
    ('fan id_00', 'id_00 speed=5')
    """
    known: Mapping[str, str] = {
        "machine": clip.machine,
        "unit": clip.unit,
        "domain": clip.domain,
        "attributes": " ".join(f"{name}={value}" for name, value in clip.attributes.items()),
    }
    return " ".join(known[name] for name in by if known[name])


def _refuse_classes(recipe: Recipe) -> None:
    named = recipe.data.labels or recipe.data.alarm_labels
    if named:
        raise RecipeError(
            f"The recipe names the classes {', '.join(named[:_SHOWN])}, and {recipe.family} learns from normal sound alone.",
            "neither data.labels nor data.alarm_labels; data.normal where folders are classes",
            "Leave them out, or choose a family that tells classes apart.",
        )


def _with_normal(clips: Iterable[Clip], data: Data) -> list[Clip]:
    """All of them; where nothing has a label, all are normal by the word of who named the place."""
    every = list(calling_normal(clips, data.normal) if data.normal else clips)
    if not any(clip.label for clip in every):
        return [replace(clip, label=NORMAL) for clip in every]
    labelled = [clip for clip in every if clip.label]
    if not any(clip.is_normal for clip in labelled):
        labels = sorted({clip.label for clip in labelled})
        raise DatasetError(
            f"None of {len(labelled)} recordings is labelled normal; there are {', '.join(labels[:_SHOWN])}.",
            "normal recordings to learn from",
            "Say which classes are normal: --set 'data.normal=[NAME]'",
        )
    return labelled


def _domains(clips: Sequence[Clip], sides: Sides) -> tuple[str, ...]:
    """Domains of the recordings that are learned from; nothing where all are of one, or some are of nobody knows which."""
    learned = [clip for clip in clips if recording_of(clip) in sides.learn | sides.held_out]
    domains = tuple(sorted({clip.domain for clip in learned}))
    unknown = sum(not clip.domain for clip in learned)
    if 0 < unknown < len(learned):
        _warn(
            f"The domain of {unknown} of {len(learned)} normal recordings is unknown: all are learned as one domain."
        )
        return ()
    missing = sorted({clip.domain for clip in clips if clip.domain} - set(domains))
    if missing:
        _warn(
            f"No normal recording of the domain {', '.join(missing)} is learned from: sound of it may seem strange by that alone."
        )
    return domains if len(domains) > 1 else ()


def _warn(text: str) -> None:
    warnings.warn(text, AuscultWarning, stacklevel=4)


def _with_every_group(clips: Sequence[Clip], sides: Sides, data: Data) -> Sides:
    """The only recordings of a group are learned from: held out, nobody could tell what they are."""
    learned = {group_of(c, data.group_by) for c in clips if recording_of(c) in sides.learn}
    alone = frozenset(
        recording_of(clip)
        for clip in clips
        if recording_of(clip) in sides.held_out and group_of(clip, data.group_by) not in learned
    )
    return replace(sides, learn=sides.learn | alone, held_out=sides.held_out - alone)


def _groups(clips: Sequence[Clip], sides: Sides, data: Data) -> tuple[str, ...]:
    learned = [clip for clip in clips if recording_of(clip) in sides.learn | sides.held_out]
    found = tuple(sorted({group_of(clip, data.group_by) for clip in learned}))
    if len(found) < 2:
        raise DatasetError(
            f"By {' and '.join(data.group_by)} the normal recordings are one group: {found[0] or 'nothing is known of them'}.",
            "two groups at least, to learn by telling them apart",
            "Choose other data.group_by, or a family that needs no groups, such as autoencoder.",
        )
    return found
