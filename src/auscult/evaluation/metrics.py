"""Numbers that say how well scores tell anomalous recordings from normal ones.

Everything takes the scores of the normal recordings and those of the anomalous ones, higher = stranger. A recording is
called anomalous when its score is *over* the limit. Nothing here needs more than NumPy.

All ranking figures are computed from counts: how many normal and how many anomalous recordings hold each distinct score.
A bootstrap sample is then only another row of counts, so a thousand of them are one array operation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from auscult.errors import DatasetError, RecipeError

Array = NDArray[np.float64]
Statistic = Callable[[ArrayLike, ArrayLike], float]

MAX_FPR = 0.1
"""Largest false positive rate that counts for `pauc`, as in every DCASE Task 2."""

_BOOTSTRAP_CELLS = 2_000_000
"""Counts held in memory at a time by the bootstrap: 16 MB an array."""


def auc(normal: ArrayLike, anomaly: ArrayLike) -> float:
    """Area under the ROC curve: how often an anomalous recording scores above a normal one, ties counting one half.

    Parameters
    ----------
    normal, anomaly
        Scores, shape (n,) and (m,), higher = stranger.

    Returns
    -------
    float
        0 to 1; 0.5 = chance.

    Raises
    ------
    DatasetError
        A side is empty, or a score is NaN.

    Examples
    --------
    >>> auc([1, 2, 3], [2, 4])
    0.75
    """
    _, n, a = _counts(normal, anomaly)
    return float(_auc(n, a))


def pauc(normal: ArrayLike, anomaly: ArrayLike, *, max_fpr: float = MAX_FPR) -> float:
    """Area under the ROC curve up to a false positive rate, scaled so that chance is 0.5 and perfect is 1.

    Parameters
    ----------
    normal, anomaly
        Scores, shape (n,) and (m,), higher = stranger.
    max_fpr
        Largest false positive rate that counts, over 0 and up to 1.

    Returns
    -------
    float
        Up to 1; the least possible is (1 - max_fpr) / (2 - max_fpr), 0.474 for 0.1.

    Raises
    ------
    DatasetError
        A side is empty, or a score is NaN.
    RecipeError
        `max_fpr` is out of range.

    Notes
    -----
    Scaled after D. K. McClish, "Analyzing a portion of the ROC curve", Medical Decision Making 9 (1989): the same number
    as scikit-learn's `roc_auc_score(max_fpr=…)`.

    Examples
    --------
    >>> round(pauc(range(100), range(50, 150)), 3)
    0.763
    """
    if not 0 < max_fpr <= 1:
        raise RecipeError(
            f"max_fpr = {max_fpr:g} is no false positive rate.",
            "a number over 0 and up to 1",
            "DCASE uses 0.1.",
        )
    _, n, a = _counts(normal, anomaly)
    return float(_pauc(n, a, max_fpr))


def average_precision(normal: ArrayLike, anomaly: ArrayLike) -> float:
    """Area under the precision-recall curve, as steps: the mean precision at each anomalous recording found.

    Examples
    --------
    >>> average_precision([1, 2], [3, 4])
    1.0
    """
    _, n, a = _counts(normal, anomaly)
    return float(_average_precision(n, a))


def roc(normal: ArrayLike, anomaly: ArrayLike) -> tuple[Array, Array, Array]:
    """Points of the ROC curve from (0, 0) to (1, 1), one a distinct score.

    Returns
    -------
    fpr, tpr, thresholds
        Shape (k + 1,) each: the share of normal and of anomalous recordings that score at least the threshold.
        Thresholds fall; the first is infinite.

    Examples
    --------
    >>> fpr, tpr, thresholds = roc([1, 2], [2, 3])
    >>> fpr.tolist(), tpr.tolist(), thresholds.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0], [inf, 3.0, 2.0, 1.0])
    """
    values, n, a = _counts(normal, anomaly)
    fpr, tpr = _rates(n, a)
    return fpr, tpr, np.concatenate([[np.inf], values[::-1]])


def precision_recall(normal: ArrayLike, anomaly: ArrayLike) -> tuple[Array, Array, Array]:
    """Points of the precision-recall curve, one a distinct score, and the end point (1, 0) that has no threshold.

    Returns
    -------
    precision, recall, thresholds
        Shape (k + 1,), (k + 1,) and (k,); thresholds rise, recall falls from 1 to 0.

    Examples
    --------
    >>> precision, recall, thresholds = precision_recall([1, 2], [2, 3])
    >>> recall.tolist(), thresholds.tolist()
    ([1.0, 1.0, 0.5, 0.0], [1.0, 2.0, 3.0])
    """
    values, n, a = _counts(normal, anomaly)
    false_alarms, hits = _alarms(n), _alarms(a)
    precision = hits / (hits + false_alarms)
    recall = hits / a.sum()
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), values


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """How many recordings of each kind were called what.

    Parameters
    ----------
    tn, fp
        Normal recordings called normal, and called anomalous (false alarms).
    fn, tp
        Anomalous recordings called normal (missed), and called anomalous (heard).

    Examples
    --------
    >>> Confusion(tn=8, fp=2, fn=1, tp=3).false_positive_rate
    0.2
    """

    tn: int
    fp: int
    fn: int
    tp: int

    @property
    def precision(self) -> float:
        """Share of alarms that were right; 0 where there was none."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of anomalous recordings that were heard."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def false_positive_rate(self) -> float:
        """Share of normal recordings that raised an alarm."""
        return _share(self.fp, self.fp + self.tn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where no anomalous recording was heard."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def confusion(normal: ArrayLike, anomaly: ArrayLike, limit: float) -> Confusion:
    """What a limit does to these recordings; a score at the limit is still normal.

    Examples
    --------
    >>> confusion([1, 2, 3], [2, 4], 2)
    Confusion(tn=2, fp=1, fn=1, tp=1)
    """
    quiet, loud = _scores(normal, "normal"), _scores(anomaly, "anomalous")
    fp, tp = int((quiet > limit).sum()), int((loud > limit).sum())
    return Confusion(tn=quiet.size - fp, fp=fp, fn=loud.size - tp, tp=tp)


def f1_at(normal: ArrayLike, anomaly: ArrayLike, limit: float) -> float:
    """F1 of a limit.

    Examples
    --------
    >>> f1_at([1, 2, 3], [2, 4], 3)
    0.6666666666666666
    """
    return confusion(normal, anomaly, limit).f1


def f1_curve(normal: ArrayLike, anomaly: ArrayLike) -> tuple[Array, Array]:
    """F1 of every limit that makes a difference.

    Returns
    -------
    limits, f1
        Shape (k + 1,) each, rising limits. Between two limits F1 stays as at the lower one. The first lies just below
        every score (always alarm), the last is the highest score (never alarm, F1 = 0).

    Examples
    --------
    >>> limits, f1 = f1_curve([1, 2], [3])
    >>> f1.round(2).tolist()
    [0.5, 0.67, 1.0, 0.0]
    """
    values, n, a = _counts(normal, anomaly)
    false_alarms = np.append(_alarms(n)[::-1], 0.0)
    hits = np.append(_alarms(a)[::-1], 0.0)
    limits = np.concatenate([[np.nextafter(values[0], -np.inf)], values])
    return limits, 2 * hits / (hits + false_alarms + a.sum())


def always_alarm_f1(n_normal: int, n_anomaly: int) -> float:
    """F1 of the rule that calls everything anomalous: what any useful limit must beat.

    Examples
    --------
    >>> always_alarm_f1(100, 100)
    0.6666666666666666
    """
    return Confusion(tn=0, fp=n_normal, fn=0, tp=n_anomaly).f1


def harmonic_mean(values: Iterable[float]) -> float:
    """Harmonic mean of numbers from 0 up; 0 where one of them is 0.

    Examples
    --------
    >>> harmonic_mean([0.5, 1.0])
    0.6666666666666666
    """
    numbers = np.asarray(list(values), float)
    if not numbers.size or not (numbers >= 0).all():
        raise DatasetError(
            f"The harmonic mean of {numbers.tolist()} has no meaning.",
            "one or more numbers from 0 up",
            "Leave out what could not be measured.",
        )
    if not numbers.all():
        return 0.0
    return float(numbers.size / (1 / numbers).sum())


def check_bootstrap(n: int, level: float = 0.95) -> None:
    """Refuse what is no bootstrap.

    Raises
    ------
    RecipeError
        Without a draw, or with a level outside 0…1.
    """
    if n < 1 or not 0 < level < 1:
        raise RecipeError(
            f"A bootstrap of {n} draws at level {level:g} has no meaning.",
            "one draw or more, and a level between 0 and 1",
            "1000 draws at 0.95 are usual.",
        )


def bootstrap_ci(
    normal: ArrayLike,
    anomaly: ArrayLike,
    statistic: Statistic = auc,
    *,
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a figure: normal and anomalous recordings are drawn again, each among themselves.

    Parameters
    ----------
    normal, anomaly
        Scores, shape (n,) and (m,).
    statistic
        Function of normal and anomalous scores. `auc`, `pauc` and `average_precision` run as array operations, any other
        is called once a draw.
    n
        Draws.
    seed
        The same seed gives the same interval.
    level
        Share of the draws inside the interval.

    Returns
    -------
    low, high
        Ends of the interval. With a handful of recordings it is too narrow (a side whose recordings all rank alike
        has no spread left), so show the counts beside it.

    Raises
    ------
    DatasetError
        A side is empty, or a score is NaN.
    RecipeError
        `n` or `level` is out of range.

    Notes
    -----
    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.

    Examples
    --------
    >>> low, high = bootstrap_ci([1, 2, 3, 4], [3, 4, 5, 6], n=200)
    >>> 0.5 < low < auc([1, 2, 3, 4], [3, 4, 5, 6]) <= high
    True
    """
    check_bootstrap(n, level)
    values, n_counts, a_counts = _counts(normal, anomaly)
    from_counts = _FROM_COUNTS.get(statistic) or partial(_one_by_one, statistic, values)
    quiet, loud = np.random.default_rng(seed).spawn(2)
    rows = max(1, _BOOTSTRAP_CELLS // values.size)
    sizes = [min(rows, n - start) for start in range(0, n, rows)]
    draws = [
        from_counts(_redrawn(quiet, n_counts, size), _redrawn(loud, a_counts, size))
        for size in sizes
    ]
    tail = 50 * (1 - level)
    low, high = np.percentile(np.concatenate(draws), [tail, 100 - tail])
    return float(low), float(high)


def _redrawn(rng: np.random.Generator, counts: Array, rows: int) -> Array:
    """As many recordings drawn with replacement, as counts, shape (rows, k)."""
    total = counts.sum()
    return rng.multinomial(int(total), counts / total, rows).astype(float)


def _one_by_one(statistic: Statistic, values: Array, normal: Array, anomaly: Array) -> Array:
    """A statistic of scores for each row of counts, shape (rows, k) -> (rows,)."""
    rows = zip(normal.astype(int), anomaly.astype(int), strict=True)
    return np.asarray([statistic(np.repeat(values, n), np.repeat(values, a)) for n, a in rows])


def _scores(values: ArrayLike, kind: str) -> Array:
    """Scores as a flat array, shape (n,); an empty side and NaN are refused."""
    scores = np.asarray(values, float).ravel()
    if not scores.size:
        raise DatasetError(
            f"There is no score of {kind} sound.",
            "one normal and one anomalous recording or more",
            f"Add recordings of {kind} sound.",
        )
    n_nan = int(np.isnan(scores).sum())
    if n_nan:
        raise DatasetError(
            f"{n_nan} of {scores.size} scores of {kind} sound are NaN.",
            "numbers",
            "Leave out recordings that could not be scored.",
        )
    return scores


def _counts(normal: ArrayLike, anomaly: ArrayLike) -> tuple[Array, Array, Array]:
    """Distinct scores rising, shape (k,), and how many normal and anomalous recordings hold each."""
    quiet, loud = _scores(normal, "normal"), _scores(anomaly, "anomalous")
    values, place = np.unique(np.concatenate([quiet, loud]), return_inverse=True)
    n_counts = np.bincount(place[: quiet.size], minlength=values.size)
    a_counts = np.bincount(place[quiet.size :], minlength=values.size)
    return values, n_counts.astype(float), a_counts.astype(float)


def _alarms(counts: Array) -> Array:
    """Recordings at or over each distinct score, highest first, shape (…, k)."""
    return np.cumsum(counts[..., ::-1], axis=-1)


def _rates(normal: Array, anomaly: Array) -> tuple[Array, Array]:
    """False and true positive rates from 0 to 1, shape (…, k + 1)."""
    start = [(0, 0)] * (normal.ndim - 1) + [(1, 0)]
    fpr = np.pad(_alarms(normal) / normal.sum(axis=-1, keepdims=True), start)
    tpr = np.pad(_alarms(anomaly) / anomaly.sum(axis=-1, keepdims=True), start)
    return fpr, tpr


def _auc(normal: Array, anomaly: Array) -> Array:
    """Mann-Whitney statistic of counts, shape (…, k) -> (…)."""
    below = np.cumsum(normal, axis=-1) - normal / 2
    pairs = normal.sum(axis=-1) * anomaly.sum(axis=-1)
    return np.asarray((anomaly * below).sum(axis=-1) / pairs)


def _pauc(normal: Array, anomaly: Array, max_fpr: float = MAX_FPR) -> Array:
    """McClish-scaled partial area of counts, shape (…, k) -> (…)."""
    fpr, tpr = _rates(normal, anomaly)
    left, right = fpr[..., :-1], np.minimum(fpr[..., 1:], max_fpr)
    width = np.maximum(right - left, 0)
    # Within a step of the curve the true positive rate rises linearly; upright steps have no width and no area.
    step = np.diff(fpr, axis=-1)
    slope = np.divide(np.diff(tpr, axis=-1), step, out=np.zeros_like(step), where=step > 0)
    area = (width * (tpr[..., :-1] + slope * width / 2)).sum(axis=-1)
    chance = max_fpr**2 / 2
    return np.asarray(0.5 * (1 + (area - chance) / (max_fpr - chance)))


def _average_precision(normal: Array, anomaly: Array) -> Array:
    """Mean precision over anomalous recordings, shape (…, k) -> (…)."""
    hits, false_alarms = _alarms(anomaly), _alarms(normal)
    alarms = hits + false_alarms
    precision = np.divide(hits, alarms, out=np.zeros_like(hits), where=alarms > 0)
    found = anomaly[..., ::-1] / anomaly.sum(axis=-1, keepdims=True)
    return np.asarray((found * precision).sum(axis=-1))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


_FROM_COUNTS: Mapping[Statistic, Callable[[Array, Array], Array]] = {
    auc: _auc,
    pauc: _pauc,
    average_precision: _average_precision,
}
