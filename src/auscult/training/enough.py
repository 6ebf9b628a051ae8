"""What is on the tape, looked at before hours go into it: sound to learn of every class, and some that is long enough to be judged."""

from collections.abc import Collection
from math import floor

from auscult.errors import DatasetError
from auscult.models.detector import Classifier, Detector
from auscult.training.plan import Plan
from auscult.training.tape import Tape


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
        If there is something to be measured, and all of it is too short.
    """
    takes = [take for take in sound.takes if take.recording in judged]
    tells_classes = isinstance(detector, Classifier) and bool(takes)
    if not tells_classes and {take.clip.is_normal for take in takes} != {True, False}:
        return  # without anything to tell apart nothing is measured
    longest, least = max(takes, key=lambda take: take.samples), detector.min_window_samples
    if longest.samples >= least:
        return
    seconds = longest.samples / sound.rate_hz
    # Most families judge whole windows only; of others it is the network that needs so much.
    is_window = least == detector.window_samples
    shorter = f"Choose shorter windows (audio.window_s={floor(100 * seconds) / 100:g}), or give"
    raise DatasetError(
        f"The longest recording that {detector.family} is to be judged by, {longest.name}, is {seconds:.2f} s long.",
        f"one of at least {least / sound.rate_hz:g} s",
        f"{shorter if is_window else 'Give'} longer recordings.",
    )
