"""Learning that goes on while it listens: a bundle with what was heard since, whose limits and promise are from all of it.

Of the sound nothing is kept, only how it was heard. What may become part of the memory was calm for minutes around it and well below
every limit; what limits and promise are counted by was calm, however near to them it came: left out, it would let them sink a little with
every version. Everything was judged before it was learned, by a memory that had not heard it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.memory import record
from auscult.memory.archive import narrowed, packed, unpacked
from auscult.memory.embedder import spectrum_or_file
from auscult.memory.hear import Heard
from auscult.memory.learn import learned_from
from auscult.memory.trace import ears_of
from auscult.runtime.bundle import Bundle
from auscult.runtime.calibration import PRELIMINARY_S, SAME_EVENT_S, Calibration, rule_from
from auscult.runtime.poisson import upper_mean

Array = NDArray[np.float64]

MAX_BYTES = 16 * 2**20
MAX_PIECES = 60
"""So many pieces are kept to be learned, drawn evenly from all that was heard."""
PIECE_WINDOWS = 60
MAX_STATISTICS = 50_000
"""Windows whose statistics are kept; of more only the time counts."""

FIRST_S = PRELIMINARY_S - 60.0
"""At least so much is heard before anything is learned: a minute and this are enough for a first promise."""
LEARNED_MOST_S = 12 * 3600.0
"""A bundle that has heard so much learns no further; its promise goes on getting tighter by the time alone."""

RISE = 1.05
"""By so much the typical score of the last third is at most above that of the first: what rises is no steady machine."""

MIN_STATISTICS = 100
DAY_S = 86_400.0
_MAX_LARGEST = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Calm:
    """Some windows in a row, with nothing strange for minutes around them.

    Parameters
    ----------
    embeddings, level_db
        Of each window: shapes (n, dim), (n,).
    statistics
        What each rule of the bundle decided by, shape (n, rules); NaN before its first vote.
    is_clear
        All of it is well below every limit: it may be learned.
    """

    embeddings: NDArray[np.float32]
    level_db: Array
    statistics: Array
    is_clear: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """Some windows that may be learned, and which in turn they were."""

    number: int
    embeddings: NDArray[np.float32]
    level_db: Array


@dataclass(kw_only=True, eq=False)
class Listened:
    """What was heard by one version of a bundle, in bounded memory. Not shared between threads.

    Parameters
    ----------
    ears
        What heard it: see `auscult.memory.trace.ears_of`.
    since
        Digest of what the bundle has learned from.
    seconds
        Calm sound, all of it.
    seen
        Pieces that could have been kept.
    pieces
        Those that are kept.
    statistics
        What rules decided by, of each calm stretch: shapes (n, rules).
    """

    ears: str
    since: str
    seconds: float = 0.0
    seen: int = 0
    pieces: list[Piece] = field(default_factory=list)
    statistics: list[Array] = field(default_factory=list)

    def add(self, calm: Calm, *, hop_s: float) -> None:
        """Count a stretch, and keep it if it is drawn."""
        self.seconds += len(calm.embeddings) * hop_s
        if sum(map(len, self.statistics)) < MAX_STATISTICS:
            self.statistics.append(calm.statistics)
        if calm.is_clear:
            self._draw(calm)

    def _draw(self, calm: Calm) -> None:
        """Each piece is as likely to be kept as any other; the draw follows from its number, so that a restart changes none."""
        piece = Piece(number=self.seen, embeddings=calm.embeddings, level_db=calm.level_db)
        self.seen += 1
        if len(self.pieces) < MAX_PIECES:
            self.pieces.append(piece)
            return
        place = int(np.random.default_rng(self.seen).integers(self.seen))
        if place < MAX_PIECES:
            del self.pieces[place]
            self.pieces.append(piece)

    @property
    def is_steady(self) -> bool:
        """It does not sound stranger and stranger: a fault that grows slowly is not to be learned."""
        third = len(self.statistics) // 3
        if not third:
            return True
        first, last = (
            float(np.nanmedian(np.concatenate(part)[:, 0]))
            for part in (self.statistics[:third], self.statistics[-third:])
        )
        return not last > RISE * first

    def to_bytes(self) -> bytes:
        """To be kept; `read` reads it again."""
        rows = [piece.embeddings for piece in self.pieces]
        return packed(
            f"{self.ears} {self.since}",
            embeddings=narrowed(np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)),
            level_db=_joined([piece.level_db for piece in self.pieces]).astype(np.float32),
            piece=_repeated([piece.number for piece in self.pieces], rows),
            statistics=np.concatenate(self.statistics or [np.zeros((0, 0))]).astype(np.float32),
            stretch=_repeated(range(len(self.statistics)), self.statistics),
            counts=np.array([self.seconds, self.seen]),
        )


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate([np.zeros(0), *parts])


def _repeated(numbers: Sequence[int], parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """A number for each row of each part."""
    return np.repeat(np.asarray(numbers, np.int64), [len(part) for part in parts])


def read(content: bytes) -> Listened | None:
    """What was kept; `None` where it is nothing of the kind.

    >>> read(b"nothing") is None
    True
    """
    names = ["embeddings", "level_db", "piece", "statistics", "stretch", "counts"]
    kept = unpacked(content, names, max_bytes=MAX_BYTES)
    if kept is None:
        return None
    words, (rows, levels, number, statistics, stretch, counts) = kept
    ears, _, since = words.partition(" ")
    fits = (
        counts.shape == (2,)
        and rows.ndim == statistics.ndim == 2
        and number.shape == levels.shape == (len(rows),)
        and stretch.shape == (len(statistics),)
        and len(rows) <= MAX_PIECES * PIECE_WINDOWS
        and bool(np.all(np.isfinite(rows)) and np.all(np.isfinite(counts)))
    )
    if not fits:
        return None
    pieces = [
        Piece(
            number=int(number[at[0]]),
            embeddings=np.asarray(rows[at], np.float32),
            level_db=np.asarray(levels[at], np.float64),
        )
        for at in _runs(number)
    ]
    return Listened(
        ears=ears,
        since=since,
        seconds=float(counts[0]),
        seen=int(counts[1]),
        pieces=pieces,
        statistics=[np.asarray(statistics[at], np.float64) for at in _runs(stretch)],
    )


def _runs(numbers: NDArray[Any]) -> list[NDArray[np.int64]]:
    """Rows with the same number, one after another."""
    if not len(numbers):
        return []
    return np.split(np.arange(len(numbers)), np.flatnonzero(np.diff(numbers)) + 1)


def is_due(*, heard_s: float, listened_s: float) -> bool:
    """Whether a next version is worth it: when as much was heard as before.

    >>> is_due(heard_s=60.0, listened_s=500.0), is_due(heard_s=60.0, listened_s=540.0), is_due(heard_s=600.0, listened_s=540.0)
    (False, True, False)
    """
    wait_s = due_after_s(heard_s)
    return wait_s is not None and listened_s >= wait_s


def due_after_s(heard_s: float) -> float | None:
    """How long a bundle listens until its next version; `None` where it learns no further.

    >>> due_after_s(60.0), due_after_s(3600.0), due_after_s(50_000.0)
    (540.0, 3600.0, None)
    """
    return max(heard_s, FIRST_S) if heard_s < LEARNED_MOST_S else None


def promised_per_day(
    calibration: Calibration, *, listened_s: float, called: Mapping[str, Sequence[float]]
) -> float | None:
    """False alarms a day at most, at 95 %, with what was heard since the bundle was learned; `None`: too early to say.

    Parameters
    ----------
    calibration
        Of the bundle.
    listened_s
        Calm sound that it has judged since.
    called
        By rule: what each event since came to that nobody has called real.
    """
    counted = calibration.events_heard
    if calibration.trust == "provisional" or counted is None:
        return None
    judged_s = calibration.heard_s if calibration.judged_s is None else calibration.judged_s
    events = counted + sum(map(len, called.values()))
    return max(calibration.budget_per_day, upper_mean(events) * DAY_S / (judged_s + listened_s))


def grown(
    bundle: Bundle, listened: Listened, *, called: Mapping[str, Sequence[float]], name: str
) -> Bundle:
    """A bundle that has learned what was heard with it; what was allowed stays allowed.

    Parameters
    ----------
    bundle
        That has listened. Its reference windows go on to prove the new one.
    listened
        What it has heard.
    called
        By rule: what each event came to that nobody has called real. They count against the promise.
    name
        What is heard is called so in the new bundle.

    Raises
    ------
    BundleError
        If it heard otherwise, keeps no record, or has learned something else meanwhile.
    """
    manifest, calibration = bundle.manifest, bundle.manifest.calibration
    if (
        listened.ears != ears_of(bundle)
        or listened.since != manifest.data.sha256
        or not calibration
    ):
        raise BundleError(
            f"{bundle.source or manifest.name} is not the bundle that has listened.",
            "the one that heard it, with what it had learned then",
            "Let it listen anew.",
        )
    known = record.of(bundle)
    everything = record.joined(known, _heard(bundle, listened, name))
    ears = spectrum_or_file(manifest.embedder, "default", bundle)
    made = learned_from(
        everything,
        ears,
        name=manifest.name,
        budget_per_day=calibration.budget_per_day,
        before=bundle,
    )
    learned = made.manifest.calibration
    if calibration.trust == "provisional" or learned is None:
        # What a minute can judge is no yardstick: only what was judged again counts.
        return made
    hop_s = manifest.hop_samples / manifest.sample_rate_hz
    counted = replace(
        _with_statistics(learned, listened, called, hop_s=hop_s, overlap=_overlap(bundle)),
        judged_s=min(known.seconds, len(known) * hop_s) + listened.seconds,
    )
    return replace(made, manifest=replace(made.manifest, calibration=counted))


def _heard(bundle: Bundle, listened: Listened, name: str) -> Heard:
    pieces = listened.pieces
    if not pieces:
        raise BundleError(
            f"Nothing that {bundle.manifest.name} has heard was calm for long enough.",
            "some minutes well below the limit",
            "Listen for longer; if it is never so calm, learn again from what is normal now.",
        )
    rows = [piece.embeddings for piece in pieces]
    return record.heard_by(
        bundle,
        np.concatenate(rows),
        level_db=_joined([piece.level_db for piece in pieces]),
        stretch=_repeated(range(len(pieces)), rows),
        name=name,
        seconds=listened.seconds,
    )


def _overlap(bundle: Bundle) -> int:
    manifest = bundle.manifest
    return -(-manifest.window_samples // manifest.hop_samples) - 1


def _with_statistics(
    learned: Calibration,
    listened: Listened,
    called: Mapping[str, Sequence[float]],
    *,
    hop_s: float,
    overlap: int,
) -> Calibration:
    """Rules that know what was decided by while listening: neither limit nor promise is better than that allows."""
    found = listened.statistics
    rules = []
    for column, rule in enumerate(learned.rules):
        kept = [one[:, column] for one in found if one.shape[1] == len(learned.rules)]
        values, stretch = _joined(kept), _repeated(range(len(kept)), kept)
        voted = np.isfinite(values)
        largest, wanted = [*rule.largest, *called.get(rule.name, ())], rule
        if voted.sum() >= MIN_STATISTICS:
            live = rule_from(
                values[voted],
                name=rule.name,
                statistic=rule.statistic,
                votes=rule.votes,
                of=rule.of,
                share=rule.share,
                decisions_per_hour=rule.decisions_per_hour,
                heavy_tail=rule.tail is not None,
                overlap=overlap,
                same_event=ceil(SAME_EVENT_S / hop_s),
                stretch=stretch[voted],
            )
            largest += live.largest
            per_hour = learned.target_per_hour * rule.share
            wanted = max(rule, live, key=lambda one: one.limit(per_hour))
        most = sorted(largest, reverse=True)[:_MAX_LARGEST]
        rules.append(replace(wanted, largest=tuple(most)))
    return replace(learned, rules=tuple(rules))
