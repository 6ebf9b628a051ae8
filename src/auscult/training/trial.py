"""What a form for a small device costs in AUC: measured as `auscult evaluate` does, on the same recordings before and after."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning, DatasetError
from auscult.evaluation.evaluate import Evaluation, evaluate
from auscult.evaluation.judge import Row
from auscult.evaluation.metrics import auc
from auscult.evaluation.units import sides
from auscult.evaluation.words import count
from auscult.runtime.bundle import Bundle
from auscult.runtime.scorer import Scorer


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """Labelled recordings, and what the bundle that a form is made of says of them.

    Parameters
    ----------
    clips
        The recordings.
    before
        By name, those that count; none where there can be no AUC.
    """

    clips: tuple[Clip, ...]
    before: Mapping[str, Row]

    @classmethod
    def of(cls, bundle: Bundle, clips: Sequence[Clip]) -> Self:
        """Judge them by a bundle.

        Parameters
        ----------
        bundle
            That a form is made of.
        clips
            Labelled recordings; none where nothing is to be measured.

        Warns
        -----
        AuscultWarning
            Of what is left out, and if there can be no AUC.
        """
        return cls(clips=tuple(clips), before=_judged(bundle, clips) if clips else {})

    def aucs(self, made: Bundle) -> tuple[float, float] | tuple[None, None]:
        """AUC of the bundle and of its form, on what counts for both of them.

        Parameters
        ----------
        made
            The form.

        Warns
        -----
        AuscultWarning
            Of what only this one can't judge, or has learned, and if there can be no AUC.
        """
        if not self.before:
            return None, None
        after = _judged(made, [clip for clip in self.clips if clip.name in self.before])
        if not after:
            return None, None
        return _auc([self.before[name] for name in after]), _auc(list(after.values()))


def _judged(bundle: Bundle, clips: Sequence[Clip]) -> dict[str, Row]:
    """Recordings that count as normal or anomalous, by name."""
    try:
        found = evaluate(Scorer(bundle), clips, bootstrap=1)
    except DatasetError as error:
        _say(f"No AUC is measured. {error}")
        return {}
    _tell_left_out(found)
    if not found.detects:
        _say("No AUC is measured: the labelled recordings are not both normal and anomalous.")
        return {}
    return {row.name: row for row in found.sided}


def _tell_left_out(found: Evaluation) -> None:
    for one in found.skipped:
        named = "" if one.error.startswith(one.name) else f"{one.name}: "
        _say(f"Left out of the AUC: {named}{one.error}")
    if found.n_unlabelled:
        _say(f"Left out of the AUC: {count(found.n_unlabelled)} without a label.")
    if found.n_known:
        _say(f"Left out of the AUC: {count(found.n_known)} that {found.bundle} has learned.")
    if found.n_training:
        _say(f"Left out of the AUC: {count(found.n_training)} of a training split.")
    if found.n_learned:
        _say(
            f"{found.n_learned} of the recordings were learned by {found.bundle}: the AUC flatters."
        )


def _say(text: str) -> None:
    warnings.warn(AuscultWarning(text), stacklevel=2)


def _auc(rows: Sequence[Row]) -> float:
    return auc(*sides(rows, [row.score for row in rows]))
