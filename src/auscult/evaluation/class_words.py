"""Figures of classes in words: the result in sentences, and what to know before believing it."""

from collections.abc import Iterator, Sequence

from auscult.evaluation.classes import Classes, Strangers
from auscult.evaluation.judge import ColumnName

FEW = 10
"""Fewer recordings of a class than this say little of it."""

_A_LOSS = 0.05
_UNSURE = 0.1
_HARDLY = 0.6
_NAMED = 5
_PLAYED: dict[ColumnName, str] = {
    "rms_normalised": "when every clip is equally loud: part of the result was loudness",
    "random_gain": "under random gain: expect as much when the microphone, its place or its setting changes",
}


def class_summary(bundle: str, found: Classes) -> tuple[str, ...]:
    """How well the bundle knows its classes, in a few sentences."""
    low, high = (100 * end for end in found.accuracy_ci95)
    there = [one for one in found.per_class if one.recordings]
    sentences = [
        (
            f"{bundle} named {100 * found.accuracy:.0f} % of {found.n} recordings of {len(there)} classes rightly (with these "
            f"recordings, anything from {low:.0f} to {high:.0f} would be no surprise); always naming the commonest class gives "
            f"{100 * found.majority:.0f} %."
        ),
        (
            f"On average over classes, {100 * found.balanced_accuracy:.0f} % of each are named rightly{_tops(found)}. Its "
            f"probabilities are {points(found.calibration_error)} off on average."
        ),
    ]
    if found.strangers is not None and found.strangers.auc is not None:
        sentences.append(_of_strangers(found.strangers))
    return tuple(sentences)


def _tops(found: Classes) -> str:
    each = (
        f"; the class is among its first {k} guesses in {100 * share:.0f} %"
        for k, share in found.top.items()
    )
    return "".join(each)


def _of_strangers(others: Strangers) -> str:
    area = 100 * (others.auc or 0.0)
    text = (
        f"A recording of a class that it does not know is farther from all it knows in {area:.0f} of 100 cases; "
        "guessing gives 50."
    )
    if others.detected is None or others.rejected is None:
        return text
    return (
        f"Of {others.n_unknown} recordings of classes that it does not know, it calls {100 * others.detected:.0f} % none of "
        f"these; of the {others.n_known} that it knows, {100 * others.rejected:.0f} %. {text}"
    )


def class_cautions(found: Classes) -> tuple[str, ...]:
    """What to know before believing the figures of classes."""
    return (
        *_about_certainty(found),
        *_about_loudness(found),
        *_about_probabilities(found),
        *_about_strangers(found),
    )


def _about_certainty(found: Classes) -> Iterator[str]:
    if found.accuracy_ci95[0] <= found.majority:
        yield (
            "The interval of the accuracy includes what always naming the commonest class gives: this result can't be told "
            "from that."
        )
    missing = [one.label for one in found.per_class if not one.recordings]
    if missing:
        yield f"No recording here is of the class {listed(missing)}: nothing is known of how well it is heard."
    few = [one.label for one in found.per_class if 0 < one.recordings < FEW]
    if few:
        yield f"Fewer than {FEW} recordings of {listed(few)}: figures of single classes may be off by luck alone."
    if found.recordings < found.n:
        yield (
            f"The {found.n} clips are cut from {found.recordings} recordings, and the intervals count those. Make sure that "
            "none of them was trained on."
        )


def _about_loudness(found: Classes) -> Iterator[str]:
    for name, words in _PLAYED.items():
        loss = found.accuracy - found.accuracy_by_column.get(name, found.accuracy)
        if loss > _A_LOSS:
            yield f"{100 * loss:.0f} points of accuracy are lost {words}."


def _about_probabilities(found: Classes) -> Iterator[str]:
    if found.calibration_error > _UNSURE:
        sure = sum(one.recordings * one.confidence for one in found.reliability) / found.n
        word = "too sure" if sure > found.accuracy else "not sure enough"
        yield (
            f"It is {word} of itself: its probabilities are {points(found.calibration_error)} off on average. "
            "Read them as more or less likely, not as shares."
        )


def _about_strangers(found: Classes) -> Iterator[str]:
    others = found.strangers
    if others is None:
        return
    names = listed([f"{label} ({n})" for label, n in others.labels.items()])
    if others.auc is None:
        yield f"Classes that the bundle does not know, and can't tell from those it knows: {names}."
        return
    yield f"Classes that the bundle does not know, and which count for nothing but that: {names}."
    if others.auc < _HARDLY:
        yield "It hardly notices sound that is none of its classes: such sound will be given the name of one."


def points(share: float) -> str:
    """A share, or how far it is off, in points of a hundred.

    Examples
    --------
    >>> points(0.012), points(0.07), points(0.0)
    ('1 point', '7 points', '0 points')
    """
    n = f"{100 * share:.0f}"
    return f"{n} point{'s' * (n != '1')}"


def listed(names: Sequence[str]) -> str:
    """Names in a row, the first five.

    Examples
    --------
    >>> listed(["rain", "dog"])
    'rain, dog'
    """
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
