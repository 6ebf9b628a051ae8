"""Randomness that can be asked for at any time: every draw has a name and a number, every curve needs no past."""

import math
import zlib
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]

SPLINE_DEVIATION = math.sqrt(2416 / 5040)
"""Standard deviation of a `spline`: of a cubic B-spline whose knots are normal with deviation 1."""

SLOPE_DEVIATION = math.sqrt(2 / 3)
"""Standard deviation of its slope per knot."""

_KNOTS_A_DRAW = 64
_SLOW_KNOTS_S = (20.0, 60.0, 180.0)


def generator(seed: int, part: str, number: int) -> np.random.Generator:
    """Random numbers of one part of the sound, for one of its events."""
    # Numbers below zero are events that began before the sound does.
    name = zlib.crc32(part.encode())
    key = (name, abs(number), int(number < 0))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def _knots(seed: int, part: str, first: int, n: int) -> Values:
    draws = range(first // _KNOTS_A_DRAW, (first + n - 1) // _KNOTS_A_DRAW + 1)
    drawn = [generator(seed, part, draw).standard_normal(_KNOTS_A_DRAW) for draw in draws]
    start = first % _KNOTS_A_DRAW
    return np.concatenate(drawn)[start : start + n]


def spline(seed: int, part: str, times_s: Values, knot_s: float) -> tuple[Values, Values]:
    """A smooth random curve, and its slope per knot: a cubic B-spline over normal knots.

    It is as steady in the long run as an AR(1) process of that pace, and needs no past.
    """
    place = times_s / knot_s
    whole = np.floor(place).astype(np.int64)
    first = int(whole[0])
    knots = _knots(seed, part, first, int(whole[-1]) - first + 4)
    a, b, c, d = (knots[whole - first + shift] for shift in range(4))
    x = place - whole
    y = 1.0 - x
    value = (
        y**3 * a + (3 * x**3 - 6 * x**2 + 4) * b + (3 * y**3 - 6 * y**2 + 4) * c + x**3 * d
    ) / 6
    slope = (-(y**2) * a + (3 * x**2 - 4 * x) * b + (4 * y - 3 * y**2) * c + x**2 * d) / 2
    return value, slope


def slow_curve(seed: int, part: str, times_s: Values) -> tuple[Values, Values]:
    """A curve of deviation 1 that moves over 20 s to several minutes, and its integral in seconds."""
    share = SLOPE_DEVIATION * math.sqrt(len(_SLOW_KNOTS_S))
    curves = [
        (knot_s, *spline(seed, f"{part} {knot_s:g}", times_s, knot_s)) for knot_s in _SLOW_KNOTS_S
    ]
    value = np.sum([slope for _, _, slope in curves], axis=0) / share
    integral = np.sum([knot_s * risen for knot_s, risen, _ in curves], axis=0) / share
    return value, integral
