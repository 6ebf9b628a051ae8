"""Limits from normal sound alone, for a budget of false alarms, and what may honestly be promised.

From n normal windows no empirical quantile reaches the rates that people ask for (one false alarm a day is 1.2e-5 of the
decisions at one a second), and windows near in time are not independent. So a limit is a *prediction bound*: logarithms of
held-out decision statistics are taken as normal, with as many independent values as their autocorrelation leaves, and the
bound is Student's: exp(mean + t·sd·sqrt(1 + 1/n_eff)). A rule that alarms on a single window must also expect what is
rare and of another kind than most of the sound, such as knocks in the background: its limit is not below the prediction
bound of an exponential tail through the largest logarithms heard. All of them aim at a fraction of the budget as a margin
for what was not heard while learning. `bench/false_alarms.py` measures how well that holds; empirical maxima, quantiles and Pareto tails
miss the budget many times over there.

What is *promised* is another thing: T hours without a false alarm allow a rate of up to 3/T at 95 % confidence, so no
promise is better than that, however high the limit; and stretches of held-out sound that are over it make it worse.
"""

from dataclasses import asdict, dataclass, replace
from math import ceil, exp, expm1, log, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from auscult.errors import RecipeError
from auscult.runtime.decision import Threshold, voted
from auscult.runtime.poisson import upper_mean
from auscult.runtime.student import upper_quantile

Trust = Literal["provisional", "preliminary", "calibrated"]
Statistic = Literal["fast_score", "score", "level_deviation"]

DEFAULT_BUDGET_PER_DAY = 1.0
MIN_BUDGET_PER_DAY, MAX_BUDGET_PER_DAY = 1e-6, 1e6
PRELIMINARY_S = 600.0
CALIBRATED_S = 3600.0

# Fraction of the budget that limits aim at: the margin for what normal sound will do next week.
MARGIN_CALIBRATED = 0.3
MARGIN_BEFORE = 0.1

# An event goes on until the statistic has come this part of the way from the limit back to normal.
RELEASE_PART = 0.3

# What is less than this apart is one event: patience merges it when listening.
SAME_EVENT_S = 10.0

# So many of the largest statistics are kept, to count those over any limit.
_MAX_LARGEST = 200

# The tail of single windows: half a percent of them, but ten if there are so many.
_TAIL_PART = 0.005
_TAIL_MIN = 10
# Bounds from two or three values may lie beyond all numbers; nothing that is heard scores so much.
_MAX_LOG = 50.0

_MIN_EFFECTIVE = 6.0
_MIN_CORRELATION = 0.05
_MIN_LOG_SD = 1e-3


def effective_size(x: NDArray[np.float64]) -> float:
    """How many independent values a series is worth: n / (1 + 2·sum of autocorrelations while they are >= 0.05).

    Parameters
    ----------
    x
        Shape (n,), in order of time.

    Examples
    --------
    >>> independent = np.random.default_rng(0).standard_normal(1000)
    >>> effective_size(independent) > 900, effective_size(np.repeat(independent, 10)) < 1500
    (True, True)
    """
    n = len(x)
    centred = np.asarray(x, np.float64) - np.mean(x)
    variance = float(centred @ centred)
    if n < 3 or variance <= 0.0:
        return min(float(n), _MIN_EFFECTIVE)
    power = np.abs(np.fft.rfft(centred, 2 * n)) ** 2
    correlation = np.fft.irfft(power)[1:n] / variance
    below = np.flatnonzero(correlation < _MIN_CORRELATION)
    lags = int(below[0]) if len(below) else n - 1
    independent = n / (1.0 + 2.0 * float(correlation[:lags].sum()))
    return min(max(independent, _MIN_EFFECTIVE), float(n))


def prediction_bound(*, log_mean: float, log_sd: float, n_effective: float, tail: float) -> float:
    """Value that the next statistic exceeds with probability `tail`, if logarithms are normal.

    Parameters
    ----------
    log_mean, log_sd
        Mean and deviation of the logarithms heard.
    n_effective
        Independent values that they are worth.
    tail
        Probability for one decision, 0 < tail <= 0.5.
    """
    t = upper_quantile(tail, n_effective - 1.0)
    return exp(min(log_mean + t * log_sd * sqrt(1.0 + 1.0 / n_effective), _MAX_LOG))


@dataclass(frozen=True, kw_only=True)
class Tail:
    """The largest statistics heard, their logarithms taken as exponential above a start.

    Parameters
    ----------
    start
        Logarithm above which the tail begins.
    mean
        Mean by which logarithms exceed the start.
    part
        Part of all statistics that do.
    n
        How many that were.
    """

    start: float
    mean: float
    part: float
    n: int

    def bound(self, tail: float) -> float:
        """Value that the next statistic exceeds with probability `tail`, the tail's mean being known from `n` values only.

        The predictive distribution of an exponential variable after n of them: P(x > y) = (1 + y / (n·mean))^-n.
        """
        if tail >= self.part:
            return exp(self.start)
        growth = self.n * self.mean * expm1(min(log(self.part / tail) / self.n, _MAX_LOG))
        return exp(min(self.start + growth, _MAX_LOG))


def peaks_of(
    values: NDArray[np.float64], reach: int, stretch: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """The largest value of each cluster, largest first: those with no larger one up to `reach` away.

    Windows that hear the same knock are one thing that happened, not several.

    Parameters
    ----------
    values
        Shape (n,), in order of time.
    reach
        0 or more; 0 takes every value for a cluster.
    stretch
        Shape (n,): clusters don't reach from one stretch into another; default: all are one.

    Examples
    --------
    >>> peaks_of(np.array([1.0, 7.0, 7.0, 2.0, 1.0, 3.0]), reach=2).tolist()
    [7.0, 3.0]
    """
    one = np.zeros(len(values), np.int64) if stretch is None else stretch
    parts = np.split(values, np.flatnonzero(np.diff(one)) + 1)
    return np.sort(np.concatenate([_peaks(part, reach) for part in parts]))[::-1]


def _peaks(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    apart = np.pad(values, reach, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(apart, 2 * reach + 1)
    # Of equal ones the first counts.
    return np.asarray(values[around.argmax(axis=1) == reach])


def tail_of(
    logarithms: NDArray[np.float64], *, reach: int = 0, stretch: NDArray[np.int64] | None = None
) -> Tail:
    """The upper tail of logarithms of decision statistics, each cluster counted once.

    Parameters
    ----------
    logarithms
        Shape (n,), n >= 2, in order of time.
    reach, stretch
        See `peaks_of`.
    """
    total = len(logarithms)
    peaks = peaks_of(logarithms, reach, stretch)
    n = min(max(ceil(_TAIL_PART * total), _TAIL_MIN), len(peaks) // 2)
    if n < 1:  # a single cluster: its peak over what is typical
        return Tail(
            start=float(np.median(logarithms)),
            mean=float(peaks[0] - np.median(logarithms)),
            part=1 / total,
            n=1,
        )
    start = float(peaks[n])
    return Tail(start=start, mean=float(peaks[:n].mean()) - start, part=n / total, n=n)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A statistic, a vote, a share of the budget, and what normal sound gave.

    Parameters
    ----------
    name, statistic, votes, of
        See `auscult.runtime.decision.Threshold`.
    share
        Part of the false-alarm budget that this rule may spend.
    decisions_per_hour
        How often it decides.
    log_mean, log_sd, n_effective, median
        Held-out decision statistics of normal sound: mean and deviation of logarithms, independent values, median.
    n
        How many there were.
    tail
        Their upper tail, where the rule must expect rare windows of another kind; `None` where a vote leaves those out.
    largest
        The largest of them, what is one event counted once, falling: at most 200.
    most
        The limit is never higher: where it is known what alarms score, one that no alarm reaches would help nobody, whatever the
        budget. What is promised counts by the limit that is used. `None`: as high as the budget asks.
    """

    name: str
    statistic: Statistic
    votes: int
    of: int
    share: float
    decisions_per_hour: float
    log_mean: float
    log_sd: float
    n_effective: float
    median: float
    n: int
    tail: Tail | None = None
    largest: tuple[float, ...] = ()
    most: float | None = None

    def limit(self, per_hour: float) -> float:
        """The limit that this rule exceeds `per_hour` times an hour on sound like that heard."""
        tail = min(per_hour / self.decisions_per_hour, 0.5)
        bound = prediction_bound(
            log_mean=self.log_mean, log_sd=self.log_sd, n_effective=self.n_effective, tail=tail
        )
        wanted = bound if self.tail is None else max(bound, self.tail.bound(tail))
        return wanted if self.most is None else min(wanted, self.most)

    def events_heard(self, limit: float) -> int | None:
        """Stretches of the held-out normal sound that are over a limit; `None` if they are too many to know."""
        over = sum(value > limit for value in self.largest)
        return over if over < _MAX_LARGEST else None

    def threshold(self, per_hour: float) -> Threshold:
        """The rule made ready for a rate in events an hour, of which it spends its share."""
        limit = self.limit(per_hour * self.share)
        return Threshold(
            name=self.name,
            statistic=self.statistic,
            votes=self.votes,
            of=self.of,
            limit=limit,
            release=limit - RELEASE_PART * (limit - min(self.median, limit)),
        )


def rule_from(
    statistics: NDArray[np.float64],
    *,
    name: str,
    statistic: Statistic,
    votes: int = 1,
    of: int = 1,
    share: float = 1.0,
    decisions_per_hour: float = 3600.0,
    heavy_tail: bool = False,
    overlap: int = 0,
    same_event: int = 0,
    stretch: NDArray[np.int64] | None = None,
    most: float | None = None,
) -> Rule:
    """Calibrate one rule from held-out decision statistics of normal sound.

    Parameters
    ----------
    statistics
        Shape (n,), positive, in order of time, after the vote.
    heavy_tail
        Expect rare windows of another kind than most: for rules that alarm on a single window.
    overlap
        Statistics up to so many apart share samples: rare ones among them are one.
    same_event
        Statistics up to so many apart are one event to those who are called.
    stretch
        Shape (n,): where statistics do not follow one another; default: all do.
    most
        See `Rule`.

    Raises
    ------
    RecipeError
        If there is nothing to calibrate on.
    """
    finite = int(np.isfinite(statistics).sum())
    if finite < 2 or finite < len(statistics):
        raise RecipeError(
            f"The rule '{name}' got {len(statistics)} normal scores to set a limit from, {finite} of them finite.",
            "at least two scores, all finite",
            "Learn from more normal sound.",
        )
    x = np.log(np.maximum(statistics, 1e-9))
    return Rule(
        name=name,
        statistic=statistic,
        votes=votes,
        of=of,
        share=share,
        decisions_per_hour=decisions_per_hour,
        log_mean=float(x.mean()),
        log_sd=max(float(x.std(ddof=1)), _MIN_LOG_SD),
        n_effective=effective_size(x),
        median=float(np.median(statistics)),
        n=len(x),
        tail=tail_of(x, reach=overlap, stretch=stretch) if heavy_tail else None,
        largest=tuple(
            float(f"{one:.6g}") for one in peaks_of(statistics, same_event)[:_MAX_LARGEST]
        ),
        most=most,
    )


def voted_by_stretch(
    scores: NDArray[np.float64], stretch: NDArray[np.int64], *, votes: int, of: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Decision statistics where votes never reach over a border, and the stretch of each.

    A stretch too short for a vote gives its smallest score: all of its windows vote. Were short recordings taken as one
    stream instead, one strange recording among many would never carry a vote, as a strange minute does when listening.
    """
    borders = np.flatnonzero(np.diff(stretch)) + 1
    parts = np.split(scores, borders) if len(scores) else []
    found = [voted(part, votes=min(votes, len(part)), of=of) for part in parts]
    which = stretch[[0, *borders]] if len(scores) else stretch
    return (
        np.concatenate([np.empty(0), *found]),
        np.repeat(which, [len(one) for one in found]).astype(np.int64),
    )


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What a bundle knows about its own false alarms.

    Parameters
    ----------
    rules
        For windows, live: alarm if any of them is over its limit.
    recording
        For the score of a recording of up to ten seconds (longer ones count one such decision every ten seconds).
    level
        The loudness track, off unless asked for; an alarm of another kind.
    heard_s
        Seconds of normal sound behind it all.
    judged_s
        Seconds of it that the held-out statistics of `rules` come from; default: all.
    budget_per_day
        False alarms a day that the user accepts.
    """

    rules: tuple[Rule, ...]
    recording: Rule | None
    level: Rule | None
    heard_s: float
    judged_s: float | None = None
    budget_per_day: float = DEFAULT_BUDGET_PER_DAY

    @property
    def trust(self) -> Trust:
        """How far to trust the limits, by the amount of normal sound heard."""
        if self.heard_s < PRELIMINARY_S:
            return "provisional"
        return "preliminary" if self.heard_s < CALIBRATED_S else "calibrated"

    @property
    def events_heard(self) -> int | None:
        """How often these limits would have called during the normal sound heard, by memories that had not heard it.

        The larger of two counts: of the rules for windows together, and of the rule for recordings. `None`: too often to
        know.
        """
        per_hour = self.target_per_hour
        counts = [rule.events_heard(rule.limit(per_hour * rule.share)) for rule in self.rules]
        recording = self.recording
        one = 0 if recording is None else recording.events_heard(self._recording_limit(recording))
        if one is None or None in counts:
            return None
        return max(sum(count for count in counts if count is not None), one)

    @property
    def supported_per_day(self) -> float:
        """Smallest rate of false alarms a day that the sound heard can support, at 95 % confidence.

        T quiet hours support 24 × 3/T; if it would have called during them, the upper bound for the mean of a Poisson
        variable of which that many were counted takes the place of the 3.
        """
        counted = self.events_heard
        if counted is None:
            return 24.0 * max(
                (rule.decisions_per_hour for rule in (*self.rules, self.recording) if rule),
                default=3600.0,
            )
        return self._per_day(upper_mean(counted))

    def _per_day(self, count: float) -> float:
        judged_s = self.heard_s if self.judged_s is None else self.judged_s
        return count * 86400.0 / judged_s

    @property
    def promised_per_day(self) -> float:
        """What may be promised: the budget, or what the sound heard supports where that is worse."""
        return max(self.budget_per_day, self.supported_per_day)

    @property
    def target_per_hour(self) -> float:
        """The rate that limits aim at: a margin below the budget.

        While provisional no limit could hold a budget of a few a day and still hear anything. Nobody is called then, so
        limits aim at the rate that so much quiet sound supports, and what sounds wrong is shown.
        """
        if self.trust == "provisional":
            wanted = max(self.budget_per_day, self._per_day(upper_mean(0)))
            return wanted / 24.0 * MARGIN_BEFORE
        margin = MARGIN_CALIBRATED if self.trust == "calibrated" else MARGIN_BEFORE
        return self.budget_per_day / 24.0 * margin

    def with_budget(self, budget_per_day: float) -> "Calibration":
        """The same knowledge for another budget; nothing is learned or exported again.

        Raises
        ------
        RecipeError
            If the budget is not a number from a millionth to a million.
        """
        if not MIN_BUDGET_PER_DAY <= budget_per_day <= MAX_BUDGET_PER_DAY:
            raise RecipeError(
                f"A budget of {budget_per_day:g} false alarms a day has no limit that could hold it.",
                "a number above 0 and up to a million, such as 1 (one a day) or 0.14 (one a week)",
                "Give another --budget.",
            )
        return replace(self, budget_per_day=budget_per_day)

    def thresholds(self, *, level_track: bool = False) -> tuple[Threshold, ...]:
        """The rules for windows made ready."""
        rules = [*self.rules, self.level] if level_track else list(self.rules)
        return tuple(rule.threshold(self.target_per_hour) for rule in rules if rule is not None)

    def recording_limit(self) -> float | None:
        """The limit for scores of recordings."""
        return None if self.recording is None else self._recording_limit(self.recording)

    def _recording_limit(self, rule: Rule) -> float:
        return rule.limit(self.target_per_hour * rule.share)

    def in_words(self) -> str:
        """What may be said to people.

        Examples
        --------
        >>> Calibration(rules=(), recording=None, level=None, heard_s=60.0).in_words()
        'Too early to promise anything: 1 min of normal sound heard. Anomalies are shown, but nobody should be called yet.'
        """
        heard = _duration_in_words(self.heard_s)
        if self.trust == "provisional":
            return (
                f"Too early to promise anything: {heard} of normal sound heard. "
                "Anomalies are shown, but nobody should be called yet."
            )
        rate = _rate_in_words(self.promised_per_day)
        counted = self.events_heard
        if self.promised_per_day <= self.budget_per_day:
            held = ""
        elif counted:
            held = f" {_called(counted)}; the more it hears, the better that is known."
        else:
            held = _not_yet(self.budget_per_day)
        return f"At most {rate}, as long as it keeps sounding as in the {heard} learned.{held}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for the manifest."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Calibration":
        """The inverse of `to_dict`."""
        recording, level = values["recording"], values["level"]
        return cls(
            rules=tuple(_rule(plain) for plain in values["rules"]),
            recording=None if recording is None else _rule(recording),
            level=None if level is None else _rule(level),
            heard_s=values["heard_s"],
            judged_s=values["judged_s"],
            budget_per_day=values["budget_per_day"],
        )


def _rule(plain: dict[str, Any]) -> Rule:
    tail = plain.get("tail")
    largest = tuple(plain["largest"])
    return Rule(**{**plain, "tail": None if tail is None else Tail(**tail), "largest": largest})


def _called(count: int) -> str:
    return f"It would have called {'once' if count == 1 else f'{count} times'} while learning"


def _not_yet(budget_per_day: float) -> str:
    hours = 24.0 * upper_mean(0) / budget_per_day
    return (
        f" {_rate_in_words(budget_per_day).capitalize()}, as asked for, takes"
        f" {_duration_in_words(hours * 3600.0)} of normal sound to promise."
    )


def _duration_in_words(seconds: float) -> str:
    if seconds < 90.0:
        return "1 min" if round(seconds) == 60 else f"{seconds:.0f} s"
    if seconds < 5400.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.0f} h" if seconds < 48 * 3600.0 else f"{seconds / 86400.0:.0f} days"


def _rate_in_words(per_day: float) -> str:
    # Rounded up, since the number is a promise, in the largest unit that rounding does not spoil.
    units = {"an hour": 1.0 / 24.0, "a day": 1.0, "a week": 7.0, "a month": 30.0}
    counts = {unit: max(ceil(per_day * days - 1e-9), 1) for unit, days in units.items()}
    exact = (unit for unit, days in units.items() if counts[unit] <= 1.1 * per_day * days)
    unit = next(exact, "a month")
    return f"{counts[unit]} false alarm{'s' if counts[unit] > 1 else ''} {unit}"
