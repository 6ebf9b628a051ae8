"""Cross-validation: which units are tested in turn."""

import re

from auscult.datasets.discover import discover
from auscult.errors import DatasetError
from auscult.recipe import Recipe
from auscult.training.sides import chosen

_FOLD = re.compile(r"fold\s*\d+")


def units_of(recipe: Recipe) -> tuple[str, ...]:
    """The folds that a data set comes in, or else its units (machines, sections).

    Raises
    ------
    DatasetError
        If there are fewer than two.
    """
    clips = chosen(discover(recipe.data.path).clips(), recipe.data)
    units = sorted({clip.unit for clip in clips if clip.unit})
    folds = [unit for unit in units if _FOLD.fullmatch(unit)]
    found = tuple(folds or units)
    if len(found) < 2:
        raise DatasetError(
            f"{recipe.data.path} is in {len(found)} part{'s' * (len(found) != 1)}.",
            "two folds or units at least, to test each by the others",
            "Leave out --folds: a part of the recordings is held out then.",
        )
    return found
