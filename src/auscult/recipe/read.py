"""Recipes from YAML, from plain values, and with some settings changed."""

import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from auscult.errors import RecipeError
from auscult.recipe import usual
from auscult.recipe.check import shown, typed
from auscult.recipe.choices import Recipe
from auscult.recipe.older import translated

MOST_BYTES = 1 << 20

_FAMILIES = "that of a family, such as autoencoder, or of a plug-in"


def read_recipe(path: str | Path) -> tuple[Recipe, tuple[str, ...]]:
    """Read a YAML file: the recipe, and notes on what was understood otherwise than it was written.

    Parameters
    ----------
    path
        Of the file; or the name of one of `auscult.recipe.usual`, where no file is called so.

    Raises
    ------
    RecipeError
        If there is no such file, it is no YAML, or a setting is unknown, of the wrong kind or out of its range.

    Examples
    --------
    >>> recipe, _ = read_recipe("wavelet_fusion")
    >>> recipe.audio.window_s
    2.0
    """
    if str(path) in usual.names() and not Path(path).is_file():
        return from_dict(_parsed(usual.text_of(str(path)), str(path)), source=str(path))
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise RecipeError(
            f"There is no recipe {path}.",
            f"a YAML file, or one of {', '.join(usual.names())}",
            "Correct the name; auscult recipes says what these are for.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"{path} can't be read ({error}).", "a recipe, as YAML in UTF-8", "Choose another file."
        ) from None
    if len(content) > MOST_BYTES:
        raise RecipeError(f"{path} is over 1 MiB.", "some lines of YAML", "Choose another file.")
    return from_dict(_parsed(text, str(path)), source=str(path))


def from_dict(plain: object, source: str = "The recipe") -> tuple[Recipe, tuple[str, ...]]:
    """A recipe of plain values, and notes on what was understood otherwise; the keys of older projects are: see `auscult.recipe.older`.

    Parameters
    ----------
    plain
        Sections and settings.
    source
        What errors call it.

    Raises
    ------
    RecipeError
        If a setting is unknown, of the wrong kind or out of its range.

    Examples
    --------
    >>> recipe, notes = from_dict({"family": "resnet", "training": {"epochs": 5}})
    >>> recipe.training.epochs, notes
    (5, ())
    """
    if not isinstance(plain, Mapping):
        raise RecipeError(
            f"{source} is {shown(plain)}.", "settings, such as family: cnn_attention", "Add them."
        )
    modern, notes = translated(plain, source)
    return _checked(modern, source), notes


def with_settings(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """The recipe with some settings changed; values are YAML.

    Raises
    ------
    RecipeError
        If one is not KEY=VALUE, or not as `from_dict` wants it.

    Examples
    --------
    >>> recipe = with_settings(Recipe(family="resnet"), ["training.epochs=5", "data.labels=[OK, NG]"])
    >>> recipe.training.epochs, recipe.data.labels
    (5, ('OK', 'NG'))
    """
    plain = recipe.to_dict()
    for one in settings:
        key, sign, value = one.partition("=")
        *sections, name = key.strip().split(".")
        if not sign or not name or not all(sections):
            raise RecipeError(
                f"--set {one} changes nothing.", "KEY=VALUE", "For example: --set training.epochs=5"
            )
        place: Any = plain
        for section in sections:
            # What is no section is found to be unknown below, with the name that was meant.
            place = place.setdefault(section, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict):
            place[name] = _parsed(value, f"--set {one}")
        else:
            raise RecipeError(
                f"--set {one}: {'.'.join(sections)} is one value and holds no settings.",
                "the name of a setting",
                f"Did you mean --set {'.'.join(sections)}={value}?",
            )
    return _checked(plain, "--set")


def _checked(plain: Mapping[Any, Any], source: str) -> Recipe:
    """What one setting can't know of the others, too."""
    if not plain.get("family"):
        raise RecipeError(
            f"{source} names no family.", _FAMILIES, "Add one, for example family: autoencoder"
        )
    recipe = typed(Recipe, plain, source)
    if recipe.name != Path(recipe.name).name or "\\" in recipe.name or recipe.name in {".", ".."}:
        raise RecipeError(
            f"{source}: name is {shown(recipe.name)}.",
            "the name of a bundle and of a folder, without slashes",
            "Say with -o where to write.",
        )
    labels = recipe.data.labels
    unknown = [one for one in recipe.data.alarm_labels if labels and one not in labels]
    if unknown:
        raise RecipeError(
            f"{source}: data.alarm_labels names {', '.join(unknown)}, which data.labels does not.",
            f"some of {', '.join(labels)}",
            "Correct one of the two.",
        )
    return recipe


# YAML


class _Loader(yaml.SafeLoader):
    """Safe YAML in which 1e-3 is a number, nothing is said twice, and nothing grows by references."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "references (*) are not understood", mark)
        return super().compose_node(parent, index)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for name, _ in node.value:
            if name.value in seen and isinstance(name, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name.value} is said twice", name.start_mark
                )
            if isinstance(name, yaml.ScalarNode):
                seen.add(name.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def _parsed(text: str, source: str) -> object:
    try:
        parsed: object = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _no_yaml(source + place, error.problem or "it can't be read") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _no_yaml(source, str(error).partition("\n")[0][:200]) from None
    return parsed


def _no_yaml(place: str, problem: str) -> RecipeError:
    return RecipeError(
        f"{place}: {problem}.",
        "YAML: a setting a line, as name: value, with those of a section indented",
        "Correct it.",
    )
