"""A stretch of mono sound in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono sound, float32, full scale at ±1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sound:
    """Samples and their rate.

    Parameters
    ----------
    samples
        Shape (samples,), float32, full scale at ±1.
    rate_hz
        Samples a second.

    Examples
    --------
    >>> Sound(samples=np.zeros(8000, np.float32), rate_hz=16000).duration_s
    0.5
    """

    samples: Samples
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz
