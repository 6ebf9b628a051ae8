"""Numbers that say how well a classifier tells its classes apart, and what it makes of sound that is none of them.

Recordings are counted, not windows: the class of a recording is the one with the largest mean probability. Nothing here needs
more than NumPy.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from auscult.errors import DatasetError
from auscult.evaluation import metrics
from auscult.evaluation.metrics import Array
from auscult.evaluation.plane import class_silhouettes

Indices = NDArray[np.intp]

BINS = 15
"""Of the calibration error, as in its source."""

TOP = (3, 5)
"""Of how many first guesses one may be right, where there are more classes than that."""

_Z95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class ClassFigures:
    """How well one class is known.

    Parameters
    ----------
    label
        Its name.
    recordings
        Of this class.
    named
        Recordings of any class that were given its name.
    precision, recall, f1
        Share of those named that are of the class; share of the class that was named; their harmonic mean. `None` where
        nothing was named, or no recording is of the class.
    silhouette
        Mean over its recordings: see `auscult.evaluation.plane.silhouettes`; `None` where it can't be told.
    """

    label: str
    recordings: int
    named: int
    precision: float | None
    recall: float | None
    f1: float | None
    silhouette: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Recordings of which the bundle was about equally sure.

    Parameters
    ----------
    low, high
        From and up to which probability of the class named.
    recordings
        How many.
    confidence, accuracy
        Mean of that probability, and the share named rightly: alike, if probabilities are what they say.
    """

    low: float
    high: float
    recordings: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Strangers:
    """What becomes of recordings of classes that the bundle does not know.

    Parameters
    ----------
    labels
        Those classes, and how many recordings of each.
    n_known, n_unknown
        Recordings compared.
    auc, ci95
        How often an unknown recording is farther from all classes than a known one, and its 95 % bootstrap interval; `None`
        where the bundle tells no distance.
    limit
        The distance above which the bundle calls a window none of its classes; `None` where it has no such limit.
    detected, rejected
        Share of unknown recordings that were called none of these, and of known ones that wrongly were; `None` without limit.
    """

    labels: dict[str, int]
    n_known: int
    n_unknown: int
    auc: float | None = None
    ci95: tuple[float, float] | None = None
    limit: float | None = None
    detected: float | None = None
    rejected: float | None = None


@dataclass(frozen=True, kw_only=True)
class Classes:
    """How well a bundle tells its classes apart.

    Parameters
    ----------
    labels
        The bundle's classes, in its order.
    confusion
        How many recordings of a class (row) were named which class (column).
    recordings
        Independent recordings behind the clips: clips cut from one recording are no proof of each other.
    accuracy, accuracy_ci95
        Share named rightly. Its 95 % interval (Wilson) counts each recording once.
    balanced_accuracy, balanced_ci95
        Mean recall of the classes that are there, and its 95 % bootstrap interval: recordings are drawn again within classes.
    macro_f1
        Mean F1 of the classes that are there.
    top
        Share whose class is among the first 3, 5 guesses, by number of guesses.
    majority
        Share named rightly by always naming the class with most recordings: what any classifier must beat.
    calibration_error
        Mean distance between how sure it was and how often it was right, over fifteen bins.
    reliability
        Those bins, without the empty ones.
    per_class
        In the order of `labels`.
    silhouette
        Mean over classes; `None` where it can't be told.
    accuracy_by_column
        `accuracy` in each way of playing the recordings.
    strangers
        `None` where no recording is of a class that the bundle does not know.
    """

    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    recordings: int
    accuracy: float
    accuracy_ci95: tuple[float, float]
    balanced_accuracy: float
    balanced_ci95: tuple[float, float]
    macro_f1: float
    top: dict[int, float]
    majority: float
    calibration_error: float
    reliability: tuple[Bin, ...]
    per_class: tuple[ClassFigures, ...]
    silhouette: float | None
    accuracy_by_column: dict[str, float]
    strangers: Strangers | None = None

    @property
    def n(self) -> int:
        """Clips of known classes."""
        return sum(map(sum, self.confusion))

    @property
    def confusions(self) -> tuple[tuple[str, str, int], ...]:
        """What was taken for what, and how often; most often first."""
        found = [
            (self.labels[i], self.labels[j], count)
            for i, row in enumerate(self.confusion)
            for j, count in enumerate(row)
            if i != j and count
        ]
        return tuple(sorted(found, key=lambda item: -item[2]))

    @property
    def taken_for(self) -> dict[str, tuple[str, int]]:
        """By class, the other class whose name its recordings were given most often, and how often."""
        first: dict[str, tuple[str, int]] = {}
        for label, name, count in self.confusions:
            first.setdefault(label, (name, count))
        return first

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        plain = asdict(self)
        plain["top"] = {str(k): share for k, share in self.top.items()}
        return {"clips": self.n, **plain}


def class_results(
    truth: ArrayLike,
    probabilities: ArrayLike,
    labels: Sequence[str],
    *,
    recordings: Sequence[str] = (),
    embeddings: Array | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Classes:
    """All figures of a classifier.

    Parameters
    ----------
    truth
        Class of each clip as its place in `labels`, shape (n,).
    probabilities
        Shape (n, classes).
    labels
        Names of the classes.
    recordings
        What each clip was cut from; nothing: each is a recording of its own.
    embeddings
        Shape (n, dim), for silhouettes.
    draws, seed
        Of the bootstrap.

    Raises
    ------
    DatasetError
        There is no clip, or a probability is no number.

    Examples
    --------
    >>> found = class_results([0, 0, 1], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], ["rain", "dog"])
    >>> found.confusion, round(found.accuracy, 2), found.balanced_accuracy
    (((1, 1), (0, 1)), 0.67, 0.75)
    """
    classes, shares = _checked(truth, probabilities, labels)
    named = shares.argmax(axis=1)
    right = named == classes
    confusion = np.zeros((len(labels), len(labels)), int)
    np.add.at(confusion, (classes, named), 1)
    groups = _numbered(recordings) if recordings else np.arange(len(classes))
    accuracy = float(right.mean())
    near = {} if embeddings is None else _silhouettes(embeddings, classes, labels)
    per_class = tuple(
        _figures(label, i, confusion, near.get(label)) for i, label in enumerate(labels)
    )
    return Classes(
        labels=tuple(labels),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        recordings=int(groups.max()) + 1,
        accuracy=accuracy,
        accuracy_ci95=wilson(accuracy, int(groups.max()) + 1),
        balanced_accuracy=_mean(one.recall for one in per_class),
        balanced_ci95=_balanced_ci(_hits(classes, right, groups, len(labels)), draws, seed),
        macro_f1=_mean(one.f1 for one in per_class),
        top={k: top_accuracy(classes, shares, k) for k in TOP if k < len(labels)},
        majority=float(confusion.sum(axis=1).max() / len(classes)),
        calibration_error=calibration_error(shares.max(axis=1), right),
        reliability=_bins(shares.max(axis=1), right),
        per_class=per_class,
        silhouette=_mean(near.values()) if near else None,
        accuracy_by_column={},
    )


def strangers(
    known: Sequence[float | None],
    unknown: Sequence[float | None],
    labels: dict[str, int],
    *,
    limit: float | None,
    draws: int = 1000,
    seed: int = 0,
) -> Strangers:
    """What becomes of recordings of classes that the bundle does not know.

    Parameters
    ----------
    known, unknown
        Distance of each recording of a known, and of an unknown class; `None` where the bundle tells none.
    labels
        The unknown classes, and how many recordings of each.
    limit
        Distance above which it is called none of these.
    draws, seed
        Of the bootstrap.

    Examples
    --------
    >>> found = strangers([1.0, 1.2, 2.1], [2.0, 3.0], {"dog": 2}, limit=1.9)
    >>> round(found.auc, 2), found.detected, round(found.rejected, 2)
    (0.83, 1.0, 0.33)
    """
    near = np.array([value for value in known if value is not None], float)
    far = np.array([value for value in unknown if value is not None], float)
    answer = Strangers(labels=labels, n_known=len(known), n_unknown=len(unknown), limit=limit)
    if not len(far) or not len(near):
        return answer
    over = None if limit is None else (float((far > limit).mean()), float((near > limit).mean()))
    return Strangers(
        labels=labels,
        n_known=len(known),
        n_unknown=len(unknown),
        auc=metrics.auc(near, far),
        ci95=metrics.bootstrap_ci(near, far, n=draws, seed=seed),
        limit=limit,
        detected=None if over is None else over[0],
        rejected=None if over is None else over[1],
    )


def wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share of n independent trials.

    It has a width where nothing or everything went right, too.

    Notes
    -----
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson(1.0, 20)
    >>> round(low, 3), high
    (0.839, 1.0)
    """
    z = _Z95**2 / n
    middle = share + z / 2.0
    reach = float(np.sqrt(z * (share * (1.0 - share) + z / 4.0)))
    low, high = (middle - reach) / (1.0 + z), (middle + reach) / (1.0 + z)
    return min(max(low, 0.0), share), max(min(high, 1.0), share)  # rounding leaves nothing out


def top_accuracy(truth: Indices, probabilities: Array, k: int) -> float:
    """Share of clips whose class is among the k most probable; of equally probable ones, the first counts as more so.

    Examples
    --------
    >>> top_accuracy(np.array([2, 1]), np.array([[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]), 2)
    0.5
    """
    guesses = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((guesses == truth[:, None]).any(axis=1).mean())


def calibration_error(confidence: ArrayLike, right: ArrayLike) -> float:
    """Expected calibration error: mean distance between how sure it was and how often it was right, over fifteen bins.

    Parameters
    ----------
    confidence
        Probability of the class named, shape (n,).
    right
        Whether that was right, shape (n,).

    Notes
    -----
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks" (2017).

    Examples
    --------
    >>> round(calibration_error([0.9, 0.9, 0.6, 0.6], [True, True, True, False]), 3)
    0.1
    """
    sure, true = np.asarray(confidence, float), np.asarray(right, bool)
    bins = _bins(sure, true)
    return sum(b.recordings * abs(b.accuracy - b.confidence) for b in bins) / len(sure)


def _checked(
    truth: ArrayLike, probabilities: ArrayLike, labels: Sequence[str]
) -> tuple[Indices, Array]:
    classes, shares = np.asarray(truth, np.intp).ravel(), np.asarray(probabilities, float)
    if not len(classes) or shares.shape != (len(classes), len(labels)):
        raise DatasetError(
            f"Probabilities of shape {shares.shape} don't fit {len(classes)} clips of {len(labels)} classes.",
            "one clip or more, and a probability of each class for each",
            "Pass one row for each clip.",
        )
    if not np.isfinite(shares).all():
        raise DatasetError(
            f"{int((~np.isfinite(shares)).any(axis=1).sum())} clips have probabilities that are no numbers.",
            "numbers from 0 to 1",
            "Leave out recordings that could not be judged.",
        )
    return classes, shares


def _numbered(names: Sequence[str]) -> Indices:
    return np.asarray(np.unique(np.asarray(names), return_inverse=True)[1], np.intp)


def _figures(
    label: str, i: int, confusion: NDArray[np.int_], silhouette: float | None
) -> ClassFigures:
    hits, there, named = int(confusion[i, i]), int(confusion[i].sum()), int(confusion[:, i].sum())
    return ClassFigures(
        label=label,
        recordings=there,
        named=named,
        precision=hits / named if named else None,
        recall=hits / there if there else None,
        f1=2.0 * hits / (there + named) if there else None,
        silhouette=silhouette,
    )


def _silhouettes(embeddings: Array, classes: Indices, labels: Sequence[str]) -> dict[str, float]:
    return class_silhouettes(np.asarray(embeddings, float), [labels[i] for i in classes])


def _bins(confidence: Array, right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Bins of equal width, open below; the empty ones are left out."""
    place = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    return tuple(
        Bin(
            low=i / BINS,
            high=(i + 1) / BINS,
            recordings=int((place == i).sum()),
            confidence=float(confidence[place == i].mean()),
            accuracy=float(right[place == i].mean()),
        )
        for i in np.unique(place).tolist()
    )


def _hits(
    classes: Indices, right: NDArray[np.bool_], groups: Indices, n: int
) -> tuple[Array, Array]:
    """Clips of each recording and class, and those named rightly, shape (recordings, classes)."""
    total = np.zeros((int(groups.max()) + 1, n))
    np.add.at(total, (groups, classes), 1.0)
    hits = np.zeros_like(total)
    np.add.at(hits, (groups, classes), right.astype(float))
    return total, hits


def _balanced_ci(counted: tuple[Array, Array], draws: int, seed: int) -> tuple[float, float]:
    """Recordings are drawn again among those that are mostly of the same class."""
    total, hits = counted
    strata, rng = total.argmax(axis=1), np.random.default_rng(seed)
    weights = np.zeros((draws, len(total)))
    for stratum in np.unique(strata):
        own = np.flatnonzero(strata == stratum)
        weights[:, own] = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), draws)
    there = weights @ total
    recall = np.divide(weights @ hits, there, out=np.full_like(there, np.nan), where=there > 0)
    low, high = np.percentile(np.nanmean(recall, axis=1), [2.5, 97.5])
    return float(low), float(high)


def _mean(values: Any) -> float:
    """Of those that there are."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else 0.0
