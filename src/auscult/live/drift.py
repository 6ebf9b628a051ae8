"""A change that lasts: the machine sounds different since some hour, and stays so; the new normal, or a fault.

Time is cut into pieces of ten minutes, each told by its median ratio. A piece is *off* where that is near the limit and clearly more
than usual. An hour of nothing but pieces that are off is told once, and again only after a usual one. What a bundle has learned
is near to normal, whichever state the machine is in: switching between such states is no change. No clock here: times are the stream's.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.runtime.verdict import Explanation, Verdict

Array = NDArray[np.float64]

KIND = "drift"
"""Kind of the event that tells of it."""

PIECE_S = 600.0
LASTING_PIECES = 6
USUAL_PIECES = 144
"""A day of usual pieces says what is usual."""

NEAR_LIMIT = 0.9
MORE_THAN_USUAL = 1.25
"""A bundle that always is near its limit, because it has learned too little, tells nothing by that."""

KEPT_WINDOWS = 160
"""Of each piece that is off, so many windows are kept to learn from, in one stretch."""

_COLUMNS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """What has changed, and how it sounds since.

    Parameters
    ----------
    since_s, until_s
        The stretch that is off, in the stream's time.
    before, after
        Median ratios; `before` is `None` where nothing usual was heard.
    before_db, after_db
        Mean levels of bands; the first one as well.
    embeddings, level_db, stretch
        Windows since: shapes (n, dim), (n,), (n,); stretches are numbered.
    """

    since_s: float
    until_s: float
    before: float | None
    after: float
    before_db: Array | None
    after_db: Array
    embeddings: NDArray[np.float32]
    level_db: Array
    stretch: NDArray[np.int64]


@dataclass(kw_only=True)
class _Piece:
    start_s: float
    ratios: list[float] = field(default_factory=list)
    bands_db: list[list[float]] = field(default_factory=list)
    embeddings: list[NDArray[np.float32]] = field(default_factory=list)
    level_db: list[float] = field(default_factory=list)
    end_s: float = 0.0

    @property
    def ratio(self) -> float:
        return float(np.median(self.ratios))


class Drift:
    """Watches one stream for a change that lasts. Not shared between threads.

    Parameters
    ----------
    piece_s, lasting_pieces
        Length of a piece, and how many of them in a row make a change.
    """

    def __init__(self, *, piece_s: float = PIECE_S, lasting_pieces: int = LASTING_PIECES) -> None:
        self._piece_s = piece_s
        self._lasting = lasting_pieces
        self._usual: deque[tuple[float, Array]] = deque(maxlen=USUAL_PIECES)
        self._off: list[_Piece] = []
        self._piece: _Piece | None = None
        self._is_told = False

    @property
    def is_off(self) -> bool:
        """The last piece was no usual one."""
        return self._is_told or bool(self._off)

    def hear(
        self, verdict: Verdict, embedding: NDArray[np.float32] | None, bands_db: list[float]
    ) -> Change | None:
        """Take the next window; a change, once it has lasted.

        Parameters
        ----------
        verdict, embedding
            Of the window; without an embedding it can't be judged, and is left out.
        bands_db
            Its levels, as many for each window.
        """
        if embedding is None:
            return None
        piece, found = self._piece, None
        if piece is not None and not 0.0 <= verdict.start_s - piece.start_s < self._piece_s:
            # Sound that is missing is neither usual nor off: a piece that is hardly filled says nothing.
            if piece.end_s - piece.start_s > self._piece_s / 2.0:
                found = self._ended(piece)
            piece = None
        if piece is None:
            self._piece = piece = _Piece(start_s=verdict.start_s)
        piece.end_s = verdict.end_s
        piece.ratios.append(verdict.ratio)
        piece.bands_db.append(bands_db)
        if len(piece.embeddings) < KEPT_WINDOWS:
            piece.embeddings.append(embedding)
            piece.level_db.append(verdict.level_db)
        return found

    def _ended(self, piece: _Piece) -> Change | None:
        if not self._is_off(piece.ratio):
            self._usual.append((piece.ratio, np.mean(piece.bands_db, axis=0)))
            self._off, self._is_told = [], False
            return None
        if self._is_told:
            return None
        self._off.append(piece)
        if len(self._off) < self._lasting:
            return None
        found = self._change()
        self._off, self._is_told = [], True
        return found

    def _is_off(self, ratio: float) -> bool:
        usual = float(np.median([one for one, _ in self._usual])) if self._usual else 0.0
        return ratio >= max(NEAR_LIMIT, MORE_THAN_USUAL * usual)

    def _change(self) -> Change:
        off = self._off
        sizes = [len(one.embeddings) for one in off]
        return Change(
            since_s=off[0].start_s,
            until_s=off[-1].end_s,
            before=float(np.median([one for one, _ in self._usual])) if self._usual else None,
            after=float(np.median([one.ratio for one in off])),
            before_db=np.mean([bands for _, bands in self._usual], axis=0) if self._usual else None,
            after_db=np.mean([np.mean(one.bands_db, axis=0) for one in off], axis=0),
            embeddings=np.stack([row for one in off for row in one.embeddings]),
            level_db=np.array([level for one in off for level in one.level_db]),
            stretch=np.repeat(np.arange(len(off)), sizes),
        )


def explained(change: Change, bands_hz: Array) -> Explanation | None:
    """Which band has changed most against the loudness of the whole; `None` where nothing usual was heard before.

    Parameters
    ----------
    change
        From a `Drift`.
    bands_hz
        Centres of its bands, shape (n,).
    """
    if change.before_db is None:
        return None
    moved_db = change.after_db - change.before_db
    whole_db = float(np.median(moved_db))
    own_db = moved_db - whole_db
    peak = int(np.abs(own_db).argmax())
    alike = own_db * np.sign(own_db[peak]) >= 0.5 * abs(own_db[peak])
    first, last = peak, peak
    while first > 0 and alike[first - 1]:
        first -= 1
    while last + 1 < len(alike) and alike[last + 1]:
        last += 1
    edges = np.concatenate([bands_hz[:1], np.sqrt(bands_hz[:-1] * bands_hz[1:]), bands_hz[-1:]])
    low_hz, high_hz = float(edges[first]), float(edges[last + 1])
    change_db = float(own_db[first : last + 1].mean())
    word = "louder" if change_db > 0.0 else "quieter"
    return Explanation(
        low_hz=round(low_hz, 1),
        high_hz=round(high_hz, 1),
        start_s=change.since_s,
        end_s=change.until_s,
        text=f"{low_hz:.0f}-{high_hz:.0f} Hz is {abs(change_db):.0f} dB {word} than before, for an hour.",
        kinds=("brighter",) if change_db > 0.0 else ("duller",),
        change_db=round(change_db, 1),
        level_change_db=round(whole_db, 1),
    )


def picture(change: Change, bands_hz: Array) -> dict[str, Any]:
    """Before and after, side by side and equally long: see `auscult.live.evidence.evidence`."""
    length_s = change.until_s - change.since_s
    before = change.after_db if change.before_db is None else change.before_db
    sides = [*[before] * _COLUMNS, *[change.after_db] * _COLUMNS]
    return {
        "bands_hz": bands_hz.round(1).tolist(),
        "start_s": round(change.since_s - length_s, 3),
        "hop_s": length_s / _COLUMNS,
        "level_db": np.array(sides).round(1).tolist(),
        "anomaly_map": None,
    }
