"""Which families there are: ours, and those of plug-ins."""

import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from auscult.errors import RecipeError
from auscult.models.detector import Detector

GROUP = "auscult.families"
"""Entry points of this group are families of plug-ins: `name = "package.module:Class"`."""

_OURS: Mapping[str, str] = {
    "attributes": "auscult.models.attributes:Attributes",
    "autoencoder": "auscult.models.autoencoder:Autoencoder",
    "cnn_attention": "auscult.models.cnn_attention:CnnAttention",
    "despawn": "auscult.models.wavelet_fusion.despawn:DeSpaWN",
    "masked_transformer": "auscult.models.wavelet_fusion.masked_transformer:MaskedTransformer",
    "resnet": "auscult.models.resnet:ResNet",
    "transfer": "auscult.models.transfer:Transfer",
    "wavelet_fusion": "auscult.models.wavelet_fusion.fusion:WaveletFusion",
}
_GIVEN = frozenset(("self", "rate_hz", "window_samples", "labels", "alarm_labels"))


def names() -> tuple[str, ...]:
    """All families that can be trained here.

    Examples
    --------
    >>> "transfer" in names()
    True
    """
    return tuple(sorted({*_OURS, *(point.name for point in entry_points(group=GROUP))}))


def family(name: str) -> type[Detector]:
    """The class of a family.

    Raises
    ------
    RecipeError
        If there is none of this name, or its plug-in can't be loaded.
    """
    if name in _OURS:
        module, _, attribute = _OURS[name].partition(":")
        return _checked(name, getattr(import_module(module), attribute))
    points = tuple(entry_points(group=GROUP, name=name))
    if not points:
        near = get_close_matches(name, names(), 1)
        raise RecipeError(
            f"There is no family '{name}'.",
            f"one of {', '.join(names())}",
            f"Did you mean {near[0]}?" if near else "Change family in the recipe.",
        )
    return _checked(name, _loaded(points[0]))


def build(
    name: str,
    *,
    rate_hz: int,
    window_samples: int,
    labels: tuple[str, ...],
    alarm_labels: tuple[str, ...] = (),
    **options: Any,
) -> Detector:
    """A fresh detector of a family.

    Parameters
    ----------
    name
        Of the family.
    rate_hz, window_samples, labels, alarm_labels
        What every family is told.
    options
        What its recipe says under `model`.

    Raises
    ------
    RecipeError
        If the family has no such option, or not of this kind.
    """
    kind = family(name)
    known = options_of(kind)
    for key, value in options.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            raise RecipeError(
                f"The family {name} has no option model.{key}.",
                f"one of {', '.join(sorted(known))}" if known else "no options",
                f"Did you mean {near[0]}?" if near else "Leave it out.",
            )
        if not _is_a(value, known[key]):
            raise RecipeError(
                f"model.{key} is {value!r}.", _words(known[key]), "Correct it in the recipe."
            )
    make: Callable[..., Detector] = kind  # each family takes its own
    return make(
        rate_hz=rate_hz,
        window_samples=window_samples,
        labels=labels,
        alarm_labels=alarm_labels,
        **{key: _as(value, known[key]) for key, value in options.items()},
    )


def options_of(kind: type[Detector]) -> dict[str, Any]:
    """What a family lets one choose, and of which kind each is."""
    hints = get_type_hints(kind.__init__)
    return {
        name: hints.get(name, Any)
        for name in inspect.signature(kind.__init__).parameters
        if name not in _GIVEN
    }


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise RecipeError(
            f"The family '{point.name}' of the plug-in {point.value} can't be loaded: {error}.",
            "a package that can be imported",
            "Install it again, or ask its author.",
        ) from None


def _checked(name: str, found: Any) -> type[Detector]:
    if not (isinstance(found, type) and issubclass(found, Detector)):
        raise RecipeError(
            f"The family '{name}' of a plug-in is no detector.",
            "a subclass of auscult.models.detector.Detector",
            "Ask its author.",
        )
    return found


def _is_a(value: Any, kind: Any) -> bool:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return isinstance(value, list | tuple) and all(_is_a(one, arguments[0]) for one in value)
    if origin is UnionType:
        return any(_is_a(value, one) for one in arguments)
    if origin is Literal:
        return value in arguments and not isinstance(value, bool)
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind in (bool, Any)
    kinds = {float: int | float, type(None): type(None), Any: object}
    return isinstance(value, kinds.get(kind, kind))


def _as(value: Any, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_as(one, get_args(kind)[0]) for one in value)
    return float(value) if kind is float else value


def _words(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) is tuple:
        return f"a list, each {_words(get_args(kind)[0])}"
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}
    return words.get(kind, str(kind))
