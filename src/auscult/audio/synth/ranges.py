"""What has no meaning is refused: values outside of their range."""

from typing import Any

import numpy as np

from auscult.errors import RecipeError

LONGEST_S = 1e9
"""Thirty years; times beyond it would lose whole samples in a float."""


def check_ranges(owner: object, **ranges: tuple[float, float]) -> None:
    """Refuse an object of which a number is outside of its range, lowest and highest included."""
    for name, (low, high) in ranges.items():
        if not is_real(getattr(owner, name), low, high):
            _refuse(owner, name, f"{name} from {low:g} to {high:g}")


def check_whole(owner: object, **ranges: tuple[int, int]) -> None:
    """Refuse an object of which a number is not whole, or outside of its range."""
    for name, (low, high) in ranges.items():
        if not is_whole(getattr(owner, name), low, high):
            _refuse(owner, name, f"{name} a whole number from {low} to {high}")


def is_real(value: Any, low: float, high: float) -> bool:
    """Whether something is a number in a range; NaN is in none."""
    return isinstance(value, int | float | np.number) and bool(low <= value <= high)


def is_whole(value: Any, low: float, high: float) -> bool:
    """Whether something is a whole number in a range."""
    return isinstance(value, int | np.integer) and bool(low <= value <= high)


def _refuse(owner: object, name: str, expected: str) -> None:
    raise RecipeError(
        f"{type(owner).__name__} has {name}={getattr(owner, name)!r}.", expected, f"Change {name}."
    )
