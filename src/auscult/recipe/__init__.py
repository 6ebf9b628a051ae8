"""Everything that one may choose when training: a few lines of YAML, typed, checked, and kept in the bundle.

`usual` has a recipe for each family to begin with.

The one rule of this room: what is not understood is refused, in words that name the key.
"""

from auscult.recipe.check import JSON
from auscult.recipe.choices import Audio, Augment, Data, Recipe, Track, Training
from auscult.recipe.read import from_dict, read_recipe, with_settings

__all__ = [
    "JSON",
    "Audio",
    "Augment",
    "Data",
    "Recipe",
    "Track",
    "Training",
    "from_dict",
    "read_recipe",
    "with_settings",
]
