"""Cross-validation: what is tested in turn."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from auscult.datasets import split
from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.recipe import Recipe

USUAL = 5

_FOLD = re.compile(r"fold\s*\d+")


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A part of a data set that is tested by a bundle that has not heard it.

    Parameters
    ----------
    name
        Of the part, and of the folder for what comes of it.
    units
        The units that are tested; nothing where it is made of recordings.
    recordings
        Those that are tested, where the set has no parts of its own.
    """

    name: str
    units: tuple[str, ...] = ()
    recordings: frozenset[str] = frozenset()

    def clips(self, recipe: Recipe) -> Iterator[Clip] | None:
        """All recordings, with the side that they are on; `None` where units say it."""
        if self.units:
            return None
        return (
            replace(clip, split="test" if split.recording_of(clip) in self.recordings else "")
            for clip in discover(recipe.data.path).clips()
        )


def folds_of(recipe: Recipe, n: int | None = None) -> tuple[Fold, ...]:
    """What is tested in turn.

    Parameters
    ----------
    recipe
        With the place of the data, and the seed that deals recordings out.
    n
        So many folds by recording, each kind spread evenly; cuts of one recording stay together. Default: the folds that a data
        set comes in, or else its units (machines, sections), or else five by recording.

    Raises
    ------
    DatasetError
        If there are fewer recordings than folds.
    RecipeError
        If one fold is asked for.
    """
    # Sound that clips carry is not needed to count them.
    clips = [replace(clip, sound=None) for clip in discover(recipe.data.path).clips()]
    units = () if n is not None else _units(clips)
    if len(units) > 1:
        return tuple(Fold(name=unit, units=(unit,)) for unit in units)
    dealt = split.folds(clips, n or USUAL, seed=recipe.data.seed)
    return tuple(
        Fold(name=f"part{i}", recordings=frozenset(split.recording_of(clip) for clip in test))
        for i, (_, test) in enumerate(dealt, start=1)
    )


def _units(clips: Iterable[Clip]) -> tuple[str, ...]:
    units = sorted({clip.unit for clip in clips if clip.unit})
    return tuple([unit for unit in units if _FOLD.fullmatch(unit)] or units)
