"""What is on the tape, looked at before hours go into it: sound to learn of every class, and some that is long enough to be judged."""

import warnings
from collections.abc import Collection, Iterator
from math import floor

from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning, DatasetError
from auscult.models.detector import Classifier, Detector
from auscult.training.plan import Plan
from auscult.training.tape import Take, Tape


def check_heard(plan: Plan, sound: Tape) -> None:
    """Recordings that can't be read may be all of a class.

    Raises
    ------
    DatasetError
        If nothing of a class is left to learn from.
    """
    learned = {
        plan.target_of(take.clip) for take in sound.takes if take.recording in plan.sides.learn
    }
    missing = [label for n, label in enumerate(plan.labels) if n not in learned]
    if missing or not learned:
        reason = f" ({sound.skipped[0].error})" if sound.skipped else ""
        raise DatasetError(
            f"None of the recordings of {', '.join(missing or ['normal'])} that were to be learned from can be used{reason}.",
            "recordings with sound of each class",
            "See what is wrong with them: auscult data check",
        )


def check_long_enough(judged: Collection[str], sound: Tape, detector: Detector) -> None:
    """What is shorter than a window is repeated to be learned from, and can't be judged: a bundle hears sound as it is.

    Raises
    ------
    DatasetError
        If there is something to be measured, and all of it is too short; without classes also if all that is normal is, or all that isn't.

    Warns
    -----
    AuscultWarning
        If it is all of a class or of a unit.
    """
    takes = [take for take in sound.takes if take.recording in judged]
    tells_classes = isinstance(detector, Classifier) and bool(takes)
    if not tells_classes and {take.clip.is_normal for take in takes} != {True, False}:
        return  # without anything to tell apart nothing is measured
    if tells_classes:
        _refuse_short("", takes, sound, detector)
    else:
        normal, others = ([t for t in takes if t.clip.is_normal is side] for side in (True, False))
        # The shorter ones say what window would do for both.
        longest = {"normal ": _longest(normal).samples, "anomalous ": _longest(others).samples}
        kind = min(longest, key=lambda name: longest[name])
        _refuse_short(kind, normal if kind == "normal " else others, sound, detector)
    kinds: dict[str, list[Take]] = {}
    for take in takes:
        for kind in _kinds(take.clip, tells_classes=tells_classes):
            kinds.setdefault(kind, []).append(take)
    for kind, of_it in sorted(kinds.items()):
        _tell_of_short(kind, of_it, sound, detector)


def _kinds(clip: Clip, *, tells_classes: bool) -> Iterator[str]:
    """What figures are given of, besides the whole."""
    if tells_classes:
        yield f"class {clip.label}"
    if clip.unit:
        yield f"unit {clip.machine} {clip.unit}" if clip.machine else f"unit {clip.unit}"


def _longest(takes: list[Take]) -> Take:
    return max(takes, key=lambda take: take.samples)


def _refuse_short(kind: str, takes: list[Take], sound: Tape, detector: Detector) -> None:
    longest, least = _longest(takes), detector.min_window_samples
    if longest.samples >= least:
        return
    seconds = longest.samples / sound.rate_hz
    # Most families judge whole windows only; of others it is the network that needs so much.
    is_window = least == detector.window_samples
    shorter = f"Choose shorter windows (audio.window_s={floor(100 * seconds) / 100:g}), or give"
    raise DatasetError(
        f"The longest {kind}recording that {detector.family} is to be judged by, {longest.name}, is {seconds:.2f} s long.",
        f"one of at least {least / sound.rate_hz:g} s",
        f"{shorter if is_window else 'Give'} longer recordings.",
    )


def _tell_of_short(kind: str, takes: list[Take], sound: Tape, detector: Detector) -> None:
    longest, least = _longest(takes), detector.min_window_samples
    if longest.samples >= least:
        return
    warnings.warn(
        f"How well {detector.family} does on the {kind} is not measured: the longest recording of it to be judged by, {longest.name}, is "
        f"{longest.samples / sound.rate_hz:.2f} s long, and {least / sound.rate_hz:g} s are the least.",
        AuscultWarning,
        stacklevel=4,
    )
