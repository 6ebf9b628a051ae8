"""The last hour of every stream as ratios, for the question what another limit would have done."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

HISTORY_S = 3600.0
MAX_STREAMS = 256
SAME_EVENT_S = 10.0
"""Stretches over the limit that are no further apart count once, as patience merges them when listening."""


@dataclass(kw_only=True)
class _Line:
    """Ratios of a stream at an even step; NaN where no window was judged."""

    hop_s: float
    ends_at: datetime
    ratios: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretch:
    """Ratios of a stretch of time.

    Parameters
    ----------
    start
        When its first window was told.
    hop_s
        Step between windows.
    ratios
        Shape (n,), NaN where no window was judged.
    """

    start: datetime
    hop_s: float
    ratios: NDArray[np.float64]


class History:
    """Ratios of the last hour, at most so many streams of them; the one that was silent longest goes first.

    Examples
    --------
    >>> from datetime import UTC
    >>> history = History()
    >>> for second in range(4):
    ...     history.add("fan", 0.5 + second, hop_s=1.0, at=datetime(2030, 1, 1, 0, 0, second, tzinfo=UTC))
    >>> history.last("fan", seconds=2.0).ratios.tolist()
    [2.5, 3.5]
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        # Start of the last window, and the step; of streams with one window there is no line yet.
        self._steps: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def streams(self) -> tuple[str, ...]:
        """Streams that something is known of."""
        return tuple(self._lines)

    def add(self, stream: str, ratio: float | None, *, hop_s: float, at: datetime) -> None:
        """Note a window that was judged (or, with `None`, could not be) at a time, which does not go back."""
        line = self._lines.get(stream)
        if line is None or line.hop_s != hop_s:
            line = self._lines[stream] = _Line(hop_s=hop_s, ends_at=at)
        self._lines.move_to_end(stream)
        while len(self._lines) > MAX_STREAMS:
            gone, _ = self._lines.popitem(last=False)
            self._steps.pop(gone, None)
        keep = ceil(HISTORY_S / hop_s)
        missing = round((at - line.ends_at).total_seconds() / hop_s) - 1 if line.ratios else 0
        # A window more or less is how windows arrive; only what is clearly missing is marked.
        if missing > 1:
            line.ratios += [np.nan] * min(missing, keep)
        line.ratios.append(np.nan if ratio is None else ratio)
        del line.ratios[:-keep]
        line.ends_at = at

    def hear(self, message: Mapping[str, Any], *, at: datetime) -> None:
        """Note a result as it is told to viewers; the step is the time from window to window."""
        stream, start_s = str(message["stream"]), float(message["start_s"])
        before_s, hop_s = self._steps.get(stream, (start_s, 0.0))
        step_s = round(start_s - before_s, 6)
        if step_s > 0.0 and (hop_s == 0.0 or step_s < hop_s):
            hop_s = step_s
        self._steps[stream] = (start_s, hop_s)
        self._steps.move_to_end(stream)
        while len(self._steps) > MAX_STREAMS:
            self._steps.popitem(last=False)
        if hop_s > 0.0:
            is_judged = message["state"] in ("normal", "anomaly")
            self.add(stream, message["ratio"] if is_judged else None, hop_s=hop_s, at=at)

    def last(self, stream: str, *, seconds: float) -> Stretch | None:
        """The last seconds of a stream, as far as they are known; `None` if nothing is known of it."""
        line = self._lines.get(stream)
        if line is None:
            return None
        ratios = np.asarray(line.ratios[-max(round(seconds / line.hop_s), 1) :])
        start = line.ends_at - timedelta(seconds=(len(ratios) - 1) * line.hop_s)
        return Stretch(start=start, hop_s=line.hop_s, ratios=ratios)


def events_at(stretch: Stretch, *, factor: float) -> int:
    """How many events there would have been, had the limit been `factor` times as high.

    Counts stretches of windows over the limit; those at most `SAME_EVENT_S` apart are one.

    Examples
    --------
    >>> ratios = np.array([0.5, 1.3, 1.1, 0.5, 1.05] + 20 * [0.4] + [1.2])
    >>> hour = Stretch(start=datetime(2030, 1, 1), hop_s=1.0, ratios=ratios)
    >>> [events_at(hour, factor=factor) for factor in (1.0, 1.25, 2.0)]
    [2, 1, 0]
    """
    over = np.flatnonzero(stretch.ratios > factor)
    if not len(over):
        return 0
    return 1 + int(np.sum(np.diff(over) * stretch.hop_s > SAME_EVENT_S))
