"""What may be chosen, in words that a form can be made of: each setting's kind, default, range, choices, and what it is for."""

import inspect
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Literal

from auscult.recipe.choices import Audio, Augment, Training

Form = Literal["whole", "number", "text", "truth", "choice", "wholes", "numbers", "texts"]

SECTIONS: Mapping[str, type] = {"audio": Audio, "training": Training, "augment": Augment}
"""Sections of a recipe whose settings are the same for all families."""

_FORMS: Mapping[Any, Form] = {int: "whole", float: "number", str: "text", bool: "truth"}
_LISTS: Mapping[Any, Form] = {int: "wholes", float: "numbers", str: "texts"}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing to choose.

    Parameters
    ----------
    name
        As it stands in a recipe, without its section.
    form
        What kind of value it takes.
    default
        What it is if nobody says; lists are lists.
    choices
        What it may be; empty: anything of its kind.
    least, most, above
        Its range, as far as it has one.
    may_be_empty
        Nothing is a value, too.
    help
        What it is for.
    """

    name: str
    form: Form
    default: Any
    choices: tuple[Any, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    may_be_empty: bool = False
    help: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {name: _listed(value) for name, value in asdict(self).items()}


def settings_of(kind: type) -> tuple[Setting, ...]:
    """The settings of a section.

    Examples
    --------
    >>> found = settings_of(Audio)[1]
    >>> found.name, found.form, found.default, found.above, found.help
    ('window_s', 'number', 1.0, 0.0, 'Length of a window.')
    """
    kinds, words = typing.get_type_hints(kind), help_of(kind)
    return tuple(
        described(
            one.name,
            kinds[one.name],
            default=one.default,
            words=words.get(one.name, ""),
            limits=one.metadata,
        )
        for one in fields(kind)
        if one.default is not MISSING
    )


def described(
    name: str,
    kind: Any,
    *,
    default: Any,
    words: str = "",
    limits: Mapping[str, float] | None = None,
) -> Setting:
    """One setting, told by its type.

    Examples
    --------
    >>> described("score", Literal["error", "distance"], default="error").choices
    ('error', 'distance')
    """
    may_be_empty = typing.get_origin(kind) in {types.UnionType, typing.Union}
    if may_be_empty:
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    form: Form
    choices: tuple[Any, ...] = ()
    if origin is Literal:
        form, choices = "choice", arguments
    elif origin is tuple:
        inner = arguments[0]
        choices = typing.get_args(inner) if typing.get_origin(inner) is Literal else ()
        form = _LISTS.get(inner, "texts")
    else:
        form = _FORMS.get(kind, "text")
    found = {key: value for key, value in (limits or {}).items() if math.isfinite(value)}
    return Setting(
        name=name,
        form=form,
        default=_listed(default),
        choices=choices,
        least=found.get("least"),
        most=found.get("most"),
        above=found.get("above"),
        may_be_empty=may_be_empty,
        help=words,
    )


def help_of(kind: type) -> dict[str, str]:
    """What the section `Parameters` of a docstring says of each name.

    Examples
    --------
    >>> help_of(Audio)["hop_s"]
    'From the start of a window to the start of the next.'
    """
    text = inspect.cleandoc(kind.__doc__ or "")
    section = re.search(
        r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", text, re.MULTILINE | re.DOTALL
    )
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (section[1] if section else "").splitlines():
        if line and not line.startswith(" "):
            names = [one.strip() for one in line.split(",")]
        elif line.strip():
            found |= {name: f"{found.get(name, '')} {line.strip()}".strip() for name in names}
    return found


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value
