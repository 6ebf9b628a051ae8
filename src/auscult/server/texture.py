"""What kind of sound a recording is, told from a minute of it: steady, cyclic, or changing; and whether it is any use at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import Health, judge, measure
from auscult.audio.sound import Samples, Sound

Kind = Literal["steady", "cyclic", "changing"]

Mark = Literal["silent", "clipped", "odd"]

_MARKS: Mapping[Health, Mark] = {"silent": "silent", "stuck": "silent", "clipped": "clipped"}
_FRAME_S = 0.05
_SHORTEST_S, _LONGEST_S = 0.2, 15.0
_BANDS = 12
_LOWEST_HZ = 60.0
# Of the simulated machines fans and pumps reach 0.08, and their seconds scatter by 0.5 dB, as those of noise do; of one that changes its
# state they scatter by 1.7 dB; valves and cyclic machines reach 0.7.
_CYCLIC = 0.35
_STEADY_DB = 1.0
_SECOND_FRAMES = 20
_RISE = 0.15
# A second is odd when two bands or more are off by so many deviations: those of steady simulated machines reach 3, those of MIMII's fans 5,
# a knock 16, a click of sound that was dropped 20.
_ODD, _LEAST_DB, _FEWEST_SECONDS = 6.0, 1.0, 10
# Sound is never the same for so long, unless it was left out; browsers that are late leave out 10 ms at a time.
_SAME_S = 0.005
_SILENCE = 1e-10


@dataclass(frozen=True, kw_only=True)
class Texture:
    """What a stretch of sound is like.

    Parameters
    ----------
    health
        Whether it can be learned from: see `auscult.audio.level.Health`.
    level_db
        RMS in dBFS; `None` for digital silence.
    kind
        `steady`, `cyclic`: it comes again and again, or `changing`.
    period_s
        After which it comes again, if it does.
    """

    health: Health
    level_db: float | None
    kind: Kind
    period_s: float | None = None


def texture_of(sound: Sound) -> Texture:
    """Look at a stretch of sound, some seconds of it at least.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hiss = 0.1 * rng.standard_normal(80_000).astype(np.float32)
    >>> texture_of(Sound(samples=hiss, rate_hz=8000)).kind
    'steady'
    """
    level = measure(sound.samples, sound.rate_hz)
    level_db = level.level_db if np.isfinite(level.level_db) else None
    levels = _levels_db(sound.samples, sound.rate_hz)
    period_s = _period_s(levels)
    kind: Kind = (
        "cyclic" if period_s else "steady" if _spread_db(levels) < _STEADY_DB else "changing"
    )
    return Texture(health=judge(level), level_db=level_db, kind=kind, period_s=period_s)


def marks_of(sound: Sound) -> dict[int, Mark]:
    """Seconds that nobody should learn from, counted from 0, and why: nothing is heard, too loud, or unlike all the others.

    Examples
    --------
    >>> marks_of(Sound(samples=np.zeros(16_000, np.float32), rate_hz=8000))
    {0: 'silent', 1: 'silent'}
    """
    n = len(sound.samples) // sound.rate_hz
    seconds = sound.samples[: n * sound.rate_hz].reshape(n, sound.rate_hz)
    health = [judge(measure(one, sound.rate_hz)) for one in seconds]
    marks: dict[int, Mark] = dict.fromkeys(_odd(seconds, sound.rate_hz), "odd")
    for number, one in enumerate(health):
        if one in _MARKS:
            marks[number] = _MARKS[one]
    return dict(sorted(marks.items()))


def _odd(seconds: Samples, rate_hz: int) -> list[int]:
    """Seconds in which bands are far from where they mostly are, or sound is missing; none of what is cyclic: there each second is of its own.

    Shape (seconds, samples).
    """
    n = len(seconds)
    samples = seconds.ravel()
    levels_db = _levels_db(samples, rate_hz)
    if n < _FEWEST_SECONDS or _period_s(levels_db) is not None:
        return []
    # A window hides what lies at its edges: what is at the edge of one is in the middle of another. The last of these is in two seconds.
    late_db = _levels_db(samples[_frame_samples(rate_hz) // 2 :], rate_hz)
    late_db = np.vstack([late_db, levels_db])[: n * _SECOND_FRAMES].reshape(n, _SECOND_FRAMES, -1)
    even_db = levels_db[: n * _SECOND_FRAMES].reshape(n, _SECOND_FRAMES, -1)
    loudest_db = np.maximum(even_db.max(axis=1), late_db[:, :-1].max(axis=1))
    usual_db = np.median(loudest_db, axis=0)
    off_db = np.abs(loudest_db - usual_db)
    scatter_db = np.maximum(1.4826 * np.median(off_db, axis=0), _LEAST_DB)
    is_odd = _is_far(off_db / scatter_db) | _is_torn(seconds, rate_hz)
    between = _is_far((late_db[:-1, -1] - usual_db) / scatter_db) & ~is_odd[:-1] & ~is_odd[1:]
    is_odd[:-1] |= between
    is_odd[1:] |= between
    return [int(one) for one in np.flatnonzero(is_odd)]


def _is_far(deviations: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether two bands or more are, shape (seconds, bands)."""
    return np.asarray(np.sort(deviations, axis=1)[:, -2] > _ODD)


def _is_torn(seconds: Samples, rate_hz: int) -> NDArray[np.bool_]:
    """Which seconds have a hole, where most have none."""
    counts = np.cumsum(np.diff(seconds, axis=1) == 0.0, axis=1)
    longest = max(round(_SAME_S * rate_hz), 2)
    has_hole = np.any(counts[:, longest:] - counts[:, :-longest] == longest, axis=1)
    return np.asarray(has_hole & (np.mean(has_hole) < 0.5))


def _frame_samples(rate_hz: int) -> int:
    """Rounded down: a second holds all of its frames, whatever the rate."""
    return max(rate_hz // _SECOND_FRAMES, 8)


def _levels_db(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """Level of each of some bands in each frame, shape (frames, bands)."""
    frame = _frame_samples(rate_hz)
    n = len(samples) // frame
    if not n:
        return np.zeros((0, _BANDS))
    frames = samples[: n * frame].reshape(n, frame) * np.hanning(frame)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges_hz = np.geomspace(_LOWEST_HZ, rate_hz / 2, _BANDS + 1)
    edges = np.minimum((edges_hz * frame / rate_hz).astype(int), power.shape[1] - 1)
    bands = np.add.reduceat(power, np.unique(edges[:-1]), axis=1)
    return 10.0 * np.log10(bands + _SILENCE)


def _spread_db(levels_db: NDArray[np.float64]) -> float:
    """How much the level of a typical band differs from second to second."""
    n = len(levels_db) // _SECOND_FRAMES
    if n < 2:
        return 0.0
    power = 10.0 ** (levels_db[: n * _SECOND_FRAMES] / 10.0)
    seconds = power.reshape(n, _SECOND_FRAMES, -1).mean(axis=1)
    return float(np.median((10.0 * np.log10(seconds)).std(axis=0)))


def _period_s(levels_db: NDArray[np.float64]) -> float | None:
    """After which the levels of bands come again; `None` if they don't.

    The autocorrelation of what the bands do together, at its first peak that is near its highest one.
    """
    n = len(levels_db)
    shortest, longest = round(_SHORTEST_S / _FRAME_S), min(round(_LONGEST_S / _FRAME_S), n // 3)
    if longest <= shortest:
        return None
    centred = levels_db - levels_db.mean(axis=0)
    power = np.abs(np.fft.rfft(centred, 2 * n, axis=0)) ** 2
    found = np.fft.irfft(power.sum(axis=1))[: longest + 2] / np.arange(n, n - longest - 2, -1)
    if found[0] <= 0.0:
        return None
    found = found / found[0]
    is_peak = (found[1:-1] >= found[:-2]) & (found[1:-1] > found[2:])
    peaks = [
        lag
        for lag in np.flatnonzero(is_peak) + 1
        if lag >= shortest and found[lag] >= found[:lag].min() + _RISE
    ]
    highest = max((found[lag] for lag in peaks), default=0.0)
    if highest < _CYCLIC:
        return None
    return float(next(lag for lag in peaks if found[lag] >= 0.85 * highest) * _FRAME_S)
