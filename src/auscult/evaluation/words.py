"""An evaluation in words: the result in sentences, what to know before believing it, and how its numbers are written."""

import math
from collections.abc import Iterator

from auscult.evaluation.class_words import class_cautions, class_summary
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.judge import COLUMNS, ColumnName

COLUMN_TITLES: dict[ColumnName, str] = {
    "as_recorded": "As recorded",
    "rms_normalised": "Every clip equally loud",
    "random_gain": "Random gain ±6 dB",
}

_FEW = 20
_LOUDNESS_TELLS = 0.75
_A_LOSS = 0.05
_UNLIKELY = 0.05


def summary(evaluation: Evaluation) -> tuple[str, ...]:
    """The result in a few sentences for someone who looks after machines, not models.

    Returns
    -------
    sentences
        What it heard, how well it ranks, how far loudness alone gets; how well it knows its classes.
    """
    known = evaluation.classes
    of_classes = () if known is None else class_summary(evaluation.bundle, known)
    return (*_about_detection(evaluation), *of_classes) if evaluation.detects else of_classes


def _about_detection(evaluation: Evaluation) -> tuple[str, ...]:
    counted, first = evaluation.at_limit, evaluation.columns["as_recorded"]
    low, high = (100 * end for end in first.ci95)
    # Where nothing was ranked wrongly, no draw of the same recordings can tell how sure that is.
    sure = (
        f" (with these recordings, anything from {low:.0f} to {high:.0f} would be no surprise)"
        if low < high
        else ""
    )
    return (
        (
            f"At the limit it ships with, {evaluation.bundle} heard {counted.tp} of {evaluation.n_anomaly} anomalous "
            f"recordings and raised a false alarm on {counted.fp} of {evaluation.n_normal} normal ones."
        ),
        (
            "Shown one normal and one anomalous recording, it gives the anomalous one the higher score in "
            f"{100 * first.auc:.0f} of 100 cases{sure}; guessing gives 50."
        ),
        f"Loudness alone, without listening to the sound, would reach {100 * evaluation.level_auc:.0f} of 100.",
    )


def cautions(evaluation: Evaluation) -> tuple[str, ...]:
    """What to know before believing the figures; empty where nothing stands against them."""
    known = evaluation.classes
    return (
        *_about_learning(evaluation),
        *(_about_loudness(evaluation) if evaluation.detects else ()),
        *(_about_certainty(evaluation) if evaluation.detects else ()),
        *(() if known is None else class_cautions(known)),
        *_about_recordings(evaluation),
    )


def _about_loudness(evaluation: Evaluation) -> Iterator[str]:
    first, equal, gained = (evaluation.columns[name] for name in COLUMNS)
    loudness = max(evaluation.level_auc, evaluation.unit_level_auc or 0.0)
    if loudness >= _LOUDNESS_TELLS:
        within = " within each unit" if loudness > evaluation.level_auc else ""
        yield (
            "Loudness gives the answer away in these recordings "
            f"(AUC {loudness:.2f} by level alone{within}). Go by the row “Every clip equally loud”."
        )
    if first.auc - equal.auc > _A_LOSS:
        yield (
            f"{100 * (first.auc - equal.auc):.0f} points of AUC are lost when every clip is equally loud: "
            "part of the result was loudness."
        )
    if first.auc - gained.auc > _A_LOSS:
        yield (
            f"{100 * (first.auc - gained.auc):.0f} points of AUC are lost under random gain: expect as much "
            "when the microphone, its place or its setting changes."
        )


def _about_certainty(evaluation: Evaluation) -> Iterator[str]:
    low, high = evaluation.columns["as_recorded"].ci95
    if evaluation.columns["as_recorded"].auc == 1:
        missed = 1 - _UNLIKELY ** (1 / evaluation.n_anomaly)
        yield (
            "Nothing was ranked wrongly, so the interval of the AUC has no width. That is no certainty: "
            f"with {evaluation.n_anomaly} anomalous recordings, up to {percent(missed)} of others like them could "
            "score below the strangest normal one (95 %)."
        )
    if low <= 0.5 <= high:
        yield "The interval of the AUC includes 0.5: this result can't be told from guessing."
    if min(evaluation.n_normal, evaluation.n_anomaly) < _FEW:
        yield (
            f"{evaluation.n_normal} normal and {evaluation.n_anomaly} anomalous recordings are few: "
            "the figures may move by more than the intervals say."
        )
    if math.isinf(evaluation.limit):
        yield "The bundle has no limit for recordings yet, so it calls none of them anomalous."
    elif evaluation.at_limit.f1 <= evaluation.always_alarm_f1:
        yield (
            f"F1 at the limit is {evaluation.at_limit.f1:.2f}; always raising the alarm would score "
            f"{evaluation.always_alarm_f1:.2f}. A limit that keeps false alarms rare pays for it in F1, "
            "and one short recording may be too little to be sure of a fault."
        )


def _about_learning(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.n_learned:
        yield (
            f"{evaluation.bundle} learned from {evaluation.n_learned} of these {count(len(evaluation.rows))}: it knows "
            "them, and will find new ones stranger. Hold some back for this: auscult learn --hold-out 0.3."
        )
    if evaluation.n_held_out:
        yield (
            f"{evaluation.n_held_out} of these {count(len(evaluation.rows))} were held out from learning, but chose the epoch and set the "
            "limits: on others it will do a little worse."
        )
    if evaluation.n_known:
        yield (
            f"Left out, because {evaluation.bundle} learned from them or was chosen by them: {count(evaluation.n_known)}."
        )
    if evaluation.n_training:
        yield (f"Left out, because they are of a training split: {count(evaluation.n_training)}.")


def _about_recordings(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.skipped:
        yield f"Could not be scored, and left out: {count(len(evaluation.skipped))}."
    if evaluation.n_unlabelled:
        yield f"Without a label, and left out: {count(evaluation.n_unlabelled)}."
    if evaluation.n_held_back:
        yield (
            "Amplified less than the rule asks, because the peaks would have clipped: "
            f"{count(evaluation.n_held_back)}."
        )


def number(value: float | None) -> str:
    """A figure from 0 to 1 with three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def percent(value: float | None, digits: int = 0) -> str:
    """A share in percent, or a dash."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def count(n: int) -> str:
    """How many recordings."""
    return f"{n} recording{'s' if n != 1 else ''}"


def interval(ends: tuple[float, float]) -> str:
    """From where to where."""
    return f"{ends[0]:.2f} – {ends[1]:.2f}"


def decibels(value: float, digits: int = 0) -> str:
    """A level in dBFS with a real minus sign.

    Examples
    --------
    >>> decibels(-26.02, 1)
    '−26.0 dBFS'
    """
    return f"{value:.{digits}f} dBFS".replace("-", "−")


def unit_name(*parts: str) -> str:
    """Machine, unit and domain as far as they are known.

    Examples
    --------
    >>> unit_name("fan", "id_00", "")
    'fan id_00'
    """
    return " ".join(part for part in parts if part) or "(unnamed)"
