"""From scores to a decision: votes of n among the last m windows, pure.

A vote "at least n of the last m scores are over the limit" is the same as "the n-th largest of the last m is over the
limit". That n-th largest is the *decision statistic*; limits are calibrated on it, so calibration and listening agree.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LEVEL = "level"
"""Name of the rule for loudness, which tells of something else than the other rules."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A rule made ready: which score, which vote, which limit.

    Parameters
    ----------
    name
        `sustained`, `sudden`, …
    statistic
        The bundle output that is voted on (`fast_score`, `score`, `level_deviation`).
    votes, of
        n and m of the vote.
    limit
        The statistic above which the rule alarms.
    release
        The statistic below which it lets go again; lower than the limit, so that events do not flicker.
    """

    name: str
    statistic: str
    votes: int
    of: int
    limit: float
    release: float


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the rules say after one more window.

    Parameters
    ----------
    ratio, rule
        Statistic ÷ limit of the rule with the largest ratio, and its name; 0 and "" before the first vote is complete. The
        rule for loudness is named only if it is over its limit and no other is.
    over
        That rule is over its limit.
    holding
        A rule of the same kind is over its release level: an event that has begun goes on.
    windows_back
        If over: how many windows ago the first of those was that voted for it.
    """

    ratio: float
    rule: str
    over: bool
    holding: bool
    windows_back: int = 0


NOTHING = Decision(ratio=0.0, rule="", over=False, holding=False)


def voted(scores: NDArray[np.float64], *, votes: int, of: int) -> NDArray[np.float64]:
    """Decision statistics of a stretch of scores without gaps.

    Parameters
    ----------
    scores
        Shape (n,), in order of time.
    votes, of
        The `votes`-th largest of the last `of` scores.

    Returns
    -------
    statistics
        Shape (n - votes + 1,), or empty: one for each score from the `votes`-th on.

    Examples
    --------
    >>> voted(np.array([1.0, 5.0, 2.0, 4.0]), votes=2, of=3).tolist()
    [1.0, 2.0, 4.0]
    """
    if len(scores) < votes:
        return np.empty(0)
    padded = np.concatenate([np.full(of - votes, -np.inf), scores])
    stretches = np.lib.stride_tricks.sliding_window_view(padded, of)
    return np.asarray(np.partition(stretches, of - votes, axis=1)[:, of - votes])


class Votes:
    """The decision statistic of a stream, one score at a time."""

    def __init__(self, *, votes: int, of: int) -> None:
        self._votes = votes
        self._recent: deque[float] = deque(maxlen=of)

    def push(self, score: float) -> float | None:
        """Add a score; the statistic, or `None` while there are fewer scores than votes.

        Examples
        --------
        >>> count = Votes(votes=2, of=3)
        >>> [count.push(score) for score in (1.0, 5.0, 2.0, 4.0)]
        [None, 1.0, 2.0, 4.0]
        """
        self._recent.append(score)
        if len(self._recent) < self._votes:
            return None
        return sorted(self._recent, reverse=True)[self._votes - 1]

    def since(self, limit: float) -> int:
        """How many windows ago the first one was that is over the limit, of those that vote.

        Examples
        --------
        >>> count = Votes(votes=2, of=4)
        >>> _ = [count.push(score) for score in (1.0, 5.0, 4.0)]
        >>> count.since(3.0)
        1
        """
        first = next((i for i, score in enumerate(self._recent) if score > limit), None)
        return 0 if first is None else len(self._recent) - 1 - first

    def reset(self) -> None:
        """Forget; after a gap nothing before it may vote."""
        self._recent.clear()


class Decider:
    """All rules over one stream: alarm = this rule OR that one.

    Parameters
    ----------
    thresholds
        The rules; none at all is allowed (a bundle that was never calibrated only scores).
    """

    def __init__(self, thresholds: Sequence[Threshold]) -> None:
        self._rules = [(t, Votes(votes=t.votes, of=t.of)) for t in thresholds]

    def push(self, scores: dict[str, float]) -> Decision:
        """Decide after one more window.

        Parameters
        ----------
        scores
            Value of each statistic that a rule asks for.

        Examples
        --------
        >>> rule = Threshold(name="sudden", statistic="fast_score", votes=1, of=1, limit=2.0, release=1.5)
        >>> Decider([rule]).push({"fast_score": 3.0})
        Decision(ratio=1.5, rule='sudden', over=True, holding=True, windows_back=0)
        """
        found = [
            (rule, value)
            for rule, votes in self._rules
            if (value := votes.push(scores[rule.statistic])) is not None
        ]
        decision = _decide(found)
        if not decision.over:
            return decision
        rule, votes = next(pair for pair in self._rules if pair[0].name == decision.rule)
        return replace(decision, windows_back=votes.since(rule.limit))

    def reset(self) -> None:
        """Forget all votes."""
        for _, votes in self._rules:
            votes.reset()


def _decide(found: Iterable[tuple[Threshold, float]]) -> Decision:
    values = list(found)
    if not values:
        return NOTHING
    rule, value = max(values, key=_weight)
    # Loudness speaks only where nothing else has something to say, and never keeps an anomaly going.
    deciding = [pair for pair in values if (pair[0].name == LEVEL) == (rule.name == LEVEL)]
    return Decision(
        ratio=value / rule.limit,
        rule=rule.name,
        over=value > rule.limit,
        holding=any(one > threshold.release for threshold, one in deciding),
    )


def _weight(pair: tuple[Threshold, float]) -> tuple[bool, bool, float]:
    rule, value = pair
    return value > rule.limit, rule.name != LEVEL, value / rule.limit
