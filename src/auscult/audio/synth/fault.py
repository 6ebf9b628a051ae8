"""What every fault has: a time, a level above the machine, and a band in which it can be heard."""

import math
from dataclasses import dataclass

from auscult.audio.synth.chance import Values
from auscult.audio.synth.machine import Machine
from auscult.audio.synth.ranges import LONGEST_S, check_ranges
from auscult.audio.synth.second import Second
from auscult.errors import RecipeError

FADE_S = 0.01
"""Faults come and go this quickly: a harder edge would be a click, which is a fault of its own."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """When a fault is there.

    Parameters
    ----------
    start_s
        From the machine's first sample, 0 to 10⁹ s.
    duration_s
        0.05 to 10⁹ s.
    """

    start_s: float = 0.0
    duration_s: float = 2.0

    def __post_init__(self) -> None:
        check_ranges(self, start_s=(0, LONGEST_S), duration_s=(0.05, LONGEST_S))

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, kw_only=True)
class Added(Stretch):
    """A fault that adds sound of its own.

    Parameters
    ----------
    snr_db
        Mean power of the fault over its time, against that of the machine without it in the same band over the same
        time; −40 to 60 dB.
    """

    snr_db: float = 6.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, snr_db=(-40, 60))

    def band_hz(self, machine: Machine) -> tuple[float, float]:
        """Lowest and highest frequency of what it changes."""
        raise NotImplementedError

    def wave(self, second: Second, part: str) -> Values:
        """Its sound in one second at no particular level, as if it had always been there; `part` names its numbers."""
        raise NotImplementedError


def check_band(fault: Stretch, low_hz: float, high_hz: float) -> None:
    """Refuse a fault whose band has no width or no place."""
    # Narrower ones can't hold a sound that comes and goes.
    if not 0 < low_hz <= high_hz - 20 or not high_hz < math.inf:
        raise RecipeError(
            f"{type(fault).__name__} has a band from {low_hz!r} to {high_hz!r} Hz.",
            "frequencies above 0, the higher at least 20 Hz over the lower",
            "Change its frequencies.",
        )
