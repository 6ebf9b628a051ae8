"""What alarms of `auscult score` sound like in everyday words, where a network that knows was fetched."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.text import Text

from auscult.cli import console

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.live.names import Namer
    from auscult.runtime.verdict import ClipVerdict

AROUND_S = 2.0
"""Of a recording, so much before and after what is strange is named."""


class Naming:
    """Names of the recordings that are alarms. Without a network nothing is read, and nothing is told.

    Parameters
    ----------
    channel
        Of the recordings that is heard; `None`: the mean of all.
    """

    def __init__(self, channel: int | None) -> None:
        self._channel = channel
        self._told: dict[str, dict[str, Any]] = {}

    @cached_property
    def _namer(self) -> "Namer | None":
        from auscult.live.names import open_namer

        return open_namer()

    def hear(self, clip: "Clip", result: "ClipVerdict | dict[str, str]") -> None:
        """Name the strange stretch of a recording, if it has one."""
        why = None if isinstance(result, dict) else result.explanation
        if why is None or isinstance(result, dict) or not result.is_anomaly or self._namer is None:
            return
        samples, rate_hz = self._stretch(clip, why.start_s - AROUND_S, why.end_s + AROUND_S)
        told = self._namer.told(samples, rate_hz=rate_hz)
        if told is not None:
            self._told[result.file] = told

    def of(self, file: str) -> dict[str, Any]:
        """What is told of a recording beside its verdict: `everyday`, or nothing."""
        return {"everyday": self._told[file]} if file in self._told else {}

    def print(self) -> None:
        """A line for each recording that has names."""
        if not self._told:
            return
        console.out.print()
        for file, told in self._told.items():
            names = ", ".join(
                f"{one['name']} {100.0 * one['probability']:.0f} %" for one in told["names"]
            )
            console.out.print(Text(f"{file} sounds like: {names}"))
        console.out.print(
            f"These names are AudioSet's, by {next(iter(self._told.values()))['by']}, which never heard your machine: a hint, no verdict."
        )

    def _stretch(self, clip: "Clip", start_s: float, end_s: float) -> tuple[Any, int]:
        import numpy as np

        from auscult.audio.read import blocks

        if clip.sound is not None:
            rate_hz = clip.sound.rate_hz
            first, last = (round(max(at_s, 0.0) * rate_hz) for at_s in (start_s, end_s))
            return clip.sound.samples[first:last], rate_hz
        rate_hz = 16000
        begin_s = max(clip.start_s, start_s)
        limit_s = end_s if clip.end_s is None else min(end_s, clip.end_s)
        parts = blocks(
            clip.path, rate_hz=rate_hz, channel=self._channel, start_s=begin_s, end_s=limit_s
        )
        return np.concatenate(list(parts)), rate_hz
