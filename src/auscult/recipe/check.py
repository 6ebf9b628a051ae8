"""From plain values to a dataclass: every key known, every value of its kind and in its range, or words that say which is not."""

import math
import reprlib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias, TypeVar

from auscult.errors import RecipeError

JSON: TypeAlias = "bool | int | float | str | tuple[JSON, ...] | None"

T = TypeVar("T")

_LARGEST = 2**63
_DEEPEST = 3
_NEAR = 0.75

_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text, in quotes if need be",
}


def setting(
    default: T, least: float = -math.inf, most: float = math.inf, *, above: float = -math.inf
) -> T:
    """A field with its default and the range that it has to be in."""
    limits = {"least": least, "most": most, "above": above}
    value: T = field(default=default, metadata=limits)
    return value


def typed(kind: type[T], plain: object, source: str, key: str = "", root: type | None = None) -> T:
    """A dataclass made of a mapping.

    Parameters
    ----------
    kind
        A dataclass; its fields may be dataclasses again.
    plain
        What to make it of; what is left out keeps its default.
    source
        What errors call it.
    key
        Where it stands, in errors.
    root
        The outermost dataclass: a key that is unknown here may be known there.

    Raises
    ------
    RecipeError
        If a key is unknown, or a value of the wrong kind or out of its range.
    """
    root = root or kind
    if not isinstance(plain, Mapping):
        raise RecipeError(
            f"{source}: {key or 'it'} is {shown(plain)}.",
            f"settings: {', '.join(_known(kind))}",
            "Write each on a line of its own, as name: value",
        )
    kinds = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in plain.items():
        inner = f"{key}.{name}" if key else str(name)
        if name not in kinds:
            raise _unknown(inner, kind, root, source)
        if is_dataclass(kinds[name]):
            values[name] = typed(kinds[name], {} if value is None else value, source, inner, root)
        else:
            values[name] = _value(kinds[name], value, inner, source)
            _check_range(kind, name, values[name], f"{source}: {inner}")
    return kind(**values)


def range_words(limits: Mapping[str, float]) -> str:
    """A range in words.

    Examples
    --------
    >>> range_words({"least": 1, "most": math.inf, "above": -math.inf})
    '1 or more'
    """
    least, most, above = (limits[name] for name in ("least", "most", "above"))
    if math.isfinite(above):
        low = f"more than {above:g}"
        return low if math.isinf(most) else f"{low}, at most {most:.10g}"
    return f"{least:.10g} or more" if math.isinf(most) else f"{least:.10g} to {most:.10g}"


def kind_words(kind: Any) -> str:
    """A kind of value in words.

    Examples
    --------
    >>> kind_words(Literal["up", "down"])
    'one of up, down'
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return f"one of {', '.join(arguments)}"
    if origin is types.UnionType:
        return f"{kind_words(arguments[0])}, or null"
    if origin is tuple:
        one_of = typing.get_origin(arguments[0]) is Literal
        return f"some of {', '.join(typing.get_args(arguments[0]))}" if one_of else "names"
    return _KINDS.get(kind, "names with values")


def shown(value: object) -> str:
    """A value for people, cut off where it is long."""
    return "empty" if value is None else reprlib.repr(value)


def _value(kind: Any, value: Any, key: str, source: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _value(arguments[0], value, key, source)
    if origin is tuple:
        return tuple(_chosen(arguments[0], one, key, source) for one in _names(value, key, source))
    if origin is Mapping and (value is None or isinstance(value, Mapping)):
        return _options(value or {}, key, source)
    if not _is_one(kind, value):
        raise RecipeError(f"{source}: {key} is {shown(value)}.", kind_words(kind), "Correct it.")
    return str(value) if origin is Literal else kind(value)


def _is_one(kind: Any, value: Any) -> bool:
    """Whether a single value is of a kind; a whole number may be written 2.0, and a word that looks like one without quotes."""
    if typing.get_origin(kind) is Literal:
        return not isinstance(value, bool) and str(value) in typing.get_args(kind)
    if kind in {int, float}:
        return _is_number(value) and (kind is float or value == int(value))
    return kind in {bool, str} and isinstance(value, kind)


def _names(value: Any, key: str, source: str) -> tuple[str, ...]:
    """One alone needs no brackets, and folds may be numbers."""
    several = value if isinstance(value, list | tuple) else () if value is None else (value,)
    return tuple(_name(one, key, source) for one in several)


def _chosen(kind: Any, name: str, key: str, source: str) -> str:
    if typing.get_origin(kind) is Literal and name not in typing.get_args(kind):
        raise RecipeError(f"{source}: {key} holds '{name}'.", kind_words(kind), "Correct it.")
    return name


def _name(value: Any, key: str, source: str) -> str:
    if isinstance(value, bool):
        raise RecipeError(
            f"{source}: {key} holds a word that YAML takes for {str(value).lower()}.",
            "names",
            'Put words such as "on", "off", "yes" and "no" in quotes.',
        )
    if not isinstance(value, str | int) or value == "":
        raise RecipeError(f"{source}: {key} holds {shown(value)}.", "names", "Correct it.")
    return str(value)


def _options(value: Mapping[Any, Any], key: str, source: str) -> dict[str, JSON]:
    """What only a family understands: it has to be plain, and no more is known here."""
    return {
        _name(name, key, source): _plain(one, f"{key}.{name}", source)
        for name, one in value.items()
    }


def _plain(value: Any, key: str, source: str, depth: int = 0) -> JSON:
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return tuple(_plain(one, key, source, depth + 1) for one in value)
    if value is None or isinstance(value, str | bool) or _is_number(value):
        return typing.cast("JSON", value)
    raise RecipeError(
        f"{source}: {key} is {shown(value)}.",
        "a number, a word, true, false, or a list of these",
        "Correct it.",
    )


def _is_number(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and -_LARGEST <= value < _LARGEST
    return isinstance(value, float) and math.isfinite(value)


def _check_range(kind: type, name: str, value: Any, where: str) -> None:
    limits = next(one.metadata for one in fields(kind) if one.name == name)
    if not limits or value is None:
        return
    if value <= limits["above"] or not limits["least"] <= value <= limits["most"]:
        raise RecipeError(f"{where} is {value}.", range_words(limits), "Choose another value.")


def _unknown(key: str, kind: type, root: type, source: str) -> RecipeError:
    """Names what is known here, and what was probably meant, here or elsewhere."""
    everywhere = list(_dotted(root))
    last = key.rpartition(".")[2]
    moved = [one for one in everywhere if one.rpartition(".")[2] == last]
    near = moved or get_close_matches(key, everywhere, n=1, cutoff=_NEAR)
    if not near:
        lasts = {one.rpartition(".")[2]: one for one in everywhere}
        near = [lasts[one] for one in get_close_matches(last, lasts, n=1, cutoff=_NEAR)]
    return RecipeError(
        f"{source} has the setting {key[:80]}, which is not known.",
        f"one of {', '.join(_known(kind))}",
        f"Did you mean {near[0]}?" if near else "Correct it, or leave it out.",
    )


def _known(kind: type) -> Iterable[str]:
    return [one.name for one in fields(kind)]


def _dotted(kind: type, within: str = "") -> Iterator[str]:
    for name, inner in typing.get_type_hints(kind).items():
        yield within + name
        if is_dataclass(inner):
            yield from _dotted(typing.cast("type", inner), f"{within}{name}.")
