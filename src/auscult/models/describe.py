"""Families in words: what each learns from, what may be chosen of it, and what to begin with. A form is made of it."""

import inspect
import re
from typing import Any

from auscult.errors import RecipeError
from auscult.models import families
from auscult.models.detector import Detector
from auscult.recipe import read_recipe, usual
from auscult.recipe.describe import SECTIONS, Setting, described, help_of, settings_of

_SEE = re.compile(r"See `(\w+)`\.")


def family_described(name: str) -> dict[str, Any]:
    """A family, as plain values.

    Raises
    ------
    RecipeError
        If there is none of this name, or its plug-in can't be loaded.

    Examples
    --------
    >>> found = family_described("autoencoder")
    >>> found["learns_from"], found["summary"], found["sections"]["model"][0]["choices"]
    ('normal', "Strange is what can't be repeated.", ['convolutional', 'dense'])
    """
    kind = families.family(name)
    begun = read_recipe(name)[0].to_dict() if name in usual.names() else {}
    sections = {"model": _options(kind)} | {key: settings_of(one) for key, one in SECTIONS.items()}
    return {
        "name": name,
        "learns_from": kind.learns_from,
        "summary": inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " "),
        "sections": {
            section: [
                one.to_dict() | {"begin": begun.get(section, {}).get(one.name, one.default)}
                for one in settings
            ]
            for section, settings in sections.items()
        },
    }


def all_described() -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Every family that can be used here, and those that can't, with the reason."""
    found: list[dict[str, Any]] = []
    broken: list[dict[str, str]] = []
    for name in families.names():
        try:
            found.append(family_described(name))
        except RecipeError as error:
            broken.append({"name": name, "error": str(error)})
    return found, broken


def _options(kind: type[Detector]) -> tuple[Setting, ...]:
    parameters = inspect.signature(kind.__init__).parameters
    return tuple(
        described(name, of, default=_default(parameters[name]), words=_words(kind, name))
        for name, of in families.options_of(kind).items()
    )


def _words(kind: type[Detector], name: str) -> str:
    """What an option is for; where another family is named, in its words."""
    words = help_of(kind).get(name, "")
    other = _SEE.fullmatch(words)
    return words if other is None else _words(families.family(other[1]), name)


def _default(parameter: inspect.Parameter) -> Any:
    return None if parameter.default is inspect.Parameter.empty else parameter.default
