"""Whether a source can be believed: silent, stuck, clipped, at the wrong rate or gone is a state of its own, never "normal".

Sound is judged second by second. A state begins after three bad seconds in a row and ends after three good ones, so it is
told within five seconds, and what lasts a moment is not told at all. A wrong rate takes as long as it takes to be sure: 8 %
five seconds, 0.5 % a minute and a half. No clock in here: whoever feeds says what time it is.
"""

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import CLIPPED_FRACTION, DC_OFFSET, SILENT_DB, Level, judge, measure
from auscult.audio.sound import Samples
from auscult.live.listener import BROKEN, GAP_S, Block

HealthState = Literal[
    "ok",
    "silent",
    "low",
    "stuck",
    "clipped",
    "dc",
    "channel_dead",
    "wrong_rate",
    "no_signal",
]

LOW_DB = -70.0
"""AC level below which sound is next to nothing: a gain at zero, a covered microphone."""

LIVE_CHANNEL_DB = -60.0
"""A channel is dead where it is silent while another one is at least this loud."""

IN_A_ROW = 3
"""Seconds that it takes to begin a state, and to end it."""

NO_SIGNAL_S = 3.0
"""Nothing came for so long: nothing is heard."""

WARNED_DEVIATION = 200e-6
REFUSED_DEVIATION = 0.02
"""Deviations of the sample rate, relative: the first is more than any converter's clock, at the second it is no clock's fault."""

REFUSED_WAVER_S = 0.06
WARNED_WAVER_S = 0.3
"""By how much arrivals may waver; what grows so slowly has time."""

_BURST = 1.5  # sound that comes so much quicker than it was taken was not taken just now
_RATE_IN_A_ROW = 2  # it is counted over all that was heard, not over a second
_HYSTERESIS_DB = 3.0


@dataclass(frozen=True, kw_only=True)
class HealthChange:
    """A source's health has changed.

    Parameters
    ----------
    state
        How it is now.
    since_s
        Since when, in the stream's time.
    deviation
        Of the sample rate, relative, where that is wrong: 0.01 gives one sample in a hundred too many.
    is_refused
        It is so wrong that what is heard means nothing.
    """

    state: HealthState
    since_s: float
    deviation: float | None = None
    is_refused: bool = False

    @property
    def word(self) -> tuple[HealthState, bool]:
        """What makes it another one than that before it."""
        return self.state, self.is_refused


class SignalHealth:
    """Health of one stream. Not shared between threads.

    Parameters
    ----------
    rate_hz
        Samples a second that the source claims; blocks that say otherwise begin anew.
    checks_rate
        Count them against the feeder's clock: of no use where sound comes quicker or slower than it was taken.

    Examples
    --------
    >>> health = SignalHealth(16000)
    >>> second = Block(samples=np.zeros(16000, np.float32), rate_hz=16000)
    >>> [change for now_s in range(1, 5) for change in health.feed(second, float(now_s))]
    [HealthChange(state='silent', since_s=0.0, deviation=None, is_refused=False)]
    """

    def __init__(self, rate_hz: int, *, checks_rate: bool = True) -> None:
        self._rate_hz = rate_hz
        self._checks_rate = checks_rate
        self._state: HealthChange = HealthChange(state="ok", since_s=0.0)
        self._parts: list[NDArray[np.float32]] = []  # of the second that is not yet full
        self._held = 0
        self._begin_s = 0.0  # of that second
        self._recent: deque[HealthChange] = deque(maxlen=IN_A_ROW)
        self._rate = _RateCheck(rate_hz)
        self._heard_s: float | None = None  # when something came last, on the feeder's clock

    @property
    def state(self) -> HealthState:
        """How it is now."""
        return self._state.state

    def feed(self, block: Block, now_s: float | None = None) -> list[HealthChange]:
        """Take the next block; return what has changed.

        Parameters
        ----------
        block
            Of any length; only those with several channels can tell of dead ones.
        now_s
            When it came, on an even clock; `None`: it is not live, and its rate can't be checked.
        """
        if not len(block.samples):
            return []
        if now_s is not None:
            self._heard_s = now_s
        self._follow(block)
        changes: list[HealthChange] = []
        channels = _channels(block)
        while len(channels):
            taken = channels[: self._rate_hz - self._held]
            channels = channels[len(taken) :]
            self._parts.append(taken)
            self._held += len(taken)
            if self._checks_rate:
                self._rate.count(len(taken), now_s, is_last=not len(channels))
            if self._held == self._rate_hz:
                changes += self._judge_second()
        return changes

    def tick(self, now_s: float) -> list[HealthChange]:
        """Time passes; tells where nothing has come for too long.

        Parameters
        ----------
        now_s
            On the same clock as `feed`'s.
        """
        if self._heard_s is None:
            self._heard_s = now_s
        if now_s - self._heard_s < NO_SIGNAL_S or self.state == "no_signal":
            return []
        since_s = self._begin_s + self._held / self._rate_hz
        self._begin_anew(since_s)
        return self._change(HealthChange(state="no_signal", since_s=since_s))

    def _follow(self, block: Block) -> None:
        """Begin a new second where the rate changes, sound is missing, or another number of channels comes."""
        due_s = self._begin_s + self._held / self._rate_hz
        time_s = due_s if block.time_s is None else block.time_s
        alike = not self._parts or self._parts[0].shape[1] == _width(block)
        on_time = abs(time_s - due_s) <= GAP_S and not block.after_gap
        if block.rate_hz == self._rate_hz and on_time and alike:
            return
        self._rate_hz = block.rate_hz
        self._begin_anew(time_s)

    def _begin_anew(self, time_s: float) -> None:
        self._parts, self._held, self._begin_s = [], 0, time_s
        self._rate = _RateCheck(self._rate_hz)

    def _judge_second(self) -> list[HealthChange]:
        samples = np.concatenate(self._parts)
        found = self._word(samples)
        self._parts, self._held, self._begin_s = [], 0, self._begin_s + 1.0
        self._recent.append(found)
        recent = list(self._recent)
        # After nothing at all, the first second that comes ends it.
        if self.state == "no_signal":
            return self._change(found)
        if all(one.is_refused for one in recent[-_RATE_IN_A_ROW:]) and not self._state.is_refused:
            return self._change(found) if len(recent) >= _RATE_IN_A_ROW else []
        words = {one.word for one in recent}
        if len(recent) < IN_A_ROW or self._state.word in words:
            return []
        # Seconds that are bad in different ways are bad all the same: the last one names it.
        if "ok" in {one.state for one in recent} and len(words) > 1:
            return []
        return self._change(replace(found, since_s=recent[0].since_s))

    def _change(self, to: HealthChange) -> list[HealthChange]:
        self._recent.clear()
        self._state = to
        return [to]

    def _word(self, samples: NDArray[np.float32]) -> HealthChange:
        """What one second says of itself: the worst that is true of it."""
        deviation = self._rate.deviation
        rate_is_wrong = HealthChange(
            state="wrong_rate",
            since_s=self._begin_s,
            deviation=deviation,
            is_refused=self._rate.is_refused,
        )
        if rate_is_wrong.is_refused:
            return rate_is_wrong
        level = measure(_mono(samples), self._rate_hz)
        state = _loudness(level, self.state)
        if state == "ok" and _has_dead_channel(samples, self._rate_hz):
            state = "channel_dead"
        if state == "ok" and deviation is not None:
            return rate_is_wrong
        return HealthChange(state=state, since_s=self._begin_s)


class _RateCheck:
    """Samples counted against an even clock.

    Blocks come late, never early: of each second, what came soonest counts. What the path may add is allowed for; it does
    not grow, and a wrong rate does. The first second is left out: senders begin with what they had kept.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._restart()

    def _restart(self) -> None:
        self.deviation: float | None = None
        self.is_refused = False
        self._samples = 0
        self._zero: tuple[float, float] | None = None  # what came soonest, and what was heard then
        self._soonest_s = math.inf
        self._second_began_s: float | None = None
        self._block_s = 0.0

    def count(self, n: int, now_s: float | None, *, is_last: bool) -> None:
        """Samples that came, of one second; the time is that of the last of the block."""
        if now_s is None:
            return
        self._samples += n
        self._block_s = max(self._block_s, n / self._rate_hz)
        heard_s = self._samples / self._rate_hz
        if is_last:
            self._soonest_s = min(self._soonest_s, now_s - heard_s)
        if self._second_began_s is None:
            self._second_began_s = now_s - n / self._rate_hz
        if self._samples % self._rate_hz:
            return
        if now_s - self._second_began_s < 1.0 / _BURST:
            self._restart()
            return
        if self._soonest_s < math.inf and heard_s > 1.0:
            self._compare(heard_s)
        self._soonest_s, self._second_began_s = math.inf, now_s

    def _compare(self, heard_s: float) -> None:
        if self._zero is None:
            self._zero = (self._soonest_s, heard_s)
            return
        late_s, passed_s = self._soonest_s - self._zero[0], heard_s - self._zero[1]
        waver_s = max(REFUSED_WAVER_S, 0.3 * self._block_s)
        self.is_refused = abs(late_s) > waver_s + REFUSED_DEVIATION * passed_s
        is_warned = abs(late_s) > WARNED_WAVER_S + WARNED_DEVIATION * passed_s
        # Late by a second in a hundred: a sample in a hundred too few.
        found = -late_s / (passed_s + late_s)
        self.deviation = found if self.is_refused or is_warned else None


def _loudness(level: Level, before: HealthState) -> HealthState:
    """What level says of a second; a state that is there ends only where its limit is left clearly."""
    found: HealthState = judge(level)
    if found == "ok" and level.ac_level_db < LOW_DB + _HYSTERESIS_DB * (before == "low"):
        return "low"
    if found != "ok" or before == "ok":
        return found
    still = {
        "silent": level.ac_level_db < SILENT_DB + _HYSTERESIS_DB,
        "clipped": level.clipped_fraction > CLIPPED_FRACTION / 2,
        "dc": abs(level.dc) > DC_OFFSET * 0.8,
    }
    return before if still.get(before, False) else "ok"


def _has_dead_channel(samples: NDArray[np.float32], rate_hz: int) -> bool:
    if samples.shape[1] == 1:
        return False
    levels_db = [measure(channel, rate_hz).ac_level_db for channel in samples.T]
    return min(levels_db) < SILENT_DB and max(levels_db) >= LIVE_CHANNEL_DB


def _width(block: Block) -> int:
    return 1 if block.samples.ndim == 1 else int(block.samples.shape[1])


def _channels(block: Block) -> NDArray[np.float32]:
    """Samples of every channel, shape (n, channels), full scale at ±1; broken ones are silent."""
    width = _width(block)
    columns = block.samples.reshape(-1, width).T
    parts = [replace(block, samples=np.ascontiguousarray(column)).mono() for column in columns]
    samples = np.stack(parts, axis=1)
    whole: NDArray[np.float32] = np.where(np.abs(samples) < BROKEN, samples, np.float32(0.0))
    return whole


def _mono(samples: NDArray[np.float32]) -> Samples:
    if samples.shape[1] == 1:
        return np.ascontiguousarray(samples[:, 0])
    mean: Samples = samples.mean(axis=1, dtype=np.float32)
    return mean
