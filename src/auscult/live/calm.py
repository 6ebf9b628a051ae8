"""Which sound of a stream may be learned from while it is listened to: what was calm for minutes before and after.

A fault begins before it alarms and its end sounds after it: both are left out with it. What comes near a limit, over the level at which an
alarm would end, is counted and not learned. No clock here: times are the stream's.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auscult.memory.going_on import PIECE_WINDOWS, Calm
from auscult.runtime.calibration import Calibration
from auscult.runtime.decision import Votes
from auscult.runtime.verdict import Verdict

GUARD_S = 120.0
"""Nothing so near to an alarm is learned from, before it or after it."""

SHORTEST_WINDOWS = 10
"""Fewer in a row make no mean of ten seconds."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Row:
    end_s: float
    embedding: NDArray[np.float32]
    level_db: float
    statistics: list[float]
    is_near: bool


class CalmStretches:
    """Holds what was heard until it is known to be calm. Not shared between threads.

    Parameters
    ----------
    calibration
        Of the bundle.
    hop_s
        From one window to the next.
    guard_s
        See `GUARD_S`.
    """

    def __init__(self, calibration: Calibration, *, hop_s: float, guard_s: float = GUARD_S) -> None:
        self._rules = rules = calibration.rules
        self._hop_s = hop_s
        self._guard_s = guard_s
        self._votes = [Votes(votes=one.votes, of=one.of) for one in rules]
        self._rows: list[_Row] = []
        self._waiting: deque[tuple[float, Calm]] = deque()
        self._last_s: float | None = None
        self._alarm_s = -np.inf

    def hear(
        self, verdict: Verdict, embedding: NDArray[np.float32] | None, *, is_fit: bool
    ) -> list[Calm]:
        """Take the next window; what has turned out to be calm by now.

        Parameters
        ----------
        verdict, embedding
            Of the window; without an embedding it was not judged.
        is_fit
            Nothing else speaks against it: the microphone is well, and nobody works at the machine.
        """
        start_s = verdict.start_s
        if (
            self._last_s is not None
            and abs(start_s - self._last_s - self._hop_s) > self._hop_s / 2.0
        ):
            self._break_off()
        self._last_s = start_s
        if verdict.state == "anomaly":
            self._alarm_s = verdict.end_s
            self._break_off()
            self._waiting.clear()
            return []
        if embedding is None or not is_fit:
            self._break_off()
            return self._known_by(start_s)
        row = self._row(verdict, embedding)
        if start_s >= self._alarm_s + self._guard_s:
            self._rows.append(row)
            if len(self._rows) == PIECE_WINDOWS:
                self._put_by()
        return self._known_by(start_s)

    def _row(self, verdict: Verdict, embedding: NDArray[np.float32]) -> _Row:
        fast = verdict.score if verdict.fast_score is None else verdict.fast_score
        scores = {"score": verdict.score, "fast_score": fast}
        voted = [
            votes.push(scores[rule.statistic])
            for rule, votes in zip(self._rules, self._votes, strict=True)
        ]
        return _Row(
            end_s=verdict.end_s,
            embedding=embedding,
            level_db=verdict.level_db,
            statistics=[np.nan if one is None else one for one in voted],
            # Over a release level: in the last third of the way from what is usual to the limit.
            is_near=verdict.holding,
        )

    def _break_off(self) -> None:
        """What comes now does not follow what was before."""
        self._put_by()
        for votes in self._votes:
            votes.reset()

    def _put_by(self) -> None:
        rows, self._rows = self._rows, []
        if len(rows) < SHORTEST_WINDOWS:
            return
        calm = Calm(
            embeddings=np.stack([row.embedding for row in rows]),
            level_db=np.array([row.level_db for row in rows]),
            statistics=np.array([row.statistics for row in rows]),
            is_clear=not any(row.is_near for row in rows),
        )
        self._waiting.append((rows[-1].end_s, calm))

    def _known_by(self, now_s: float) -> list[Calm]:
        found = []
        while self._waiting and self._waiting[0][0] + self._guard_s <= now_s:
            found.append(self._waiting.popleft()[1])
        return found
