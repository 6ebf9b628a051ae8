"""Which rules a learned bundle decides by, and what each is calibrated on.

A slow rule for what lasts, on means of ten seconds; a fast one for loud transients, with a small share of the budget; one
for recordings as a whole; and loudness apart.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from auscult.memory.blocks import Array, Indices, Windows
from auscult.memory.memorise import Memory
from auscult.runtime.calibration import (
    SAME_EVENT_S,
    Calibration,
    Rule,
    Statistic,
    rule_from,
    voted_by_stretch,
)

# From this many blocks on something is known about their tail; of fewer, Student's bound is wide anyway.
MIN_TAIL_BLOCKS = 100


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """A rule before it is calibrated: what is voted on, how, and for which part of the budget."""

    name: str
    statistic: Statistic
    votes: int
    of: int
    share: float = 1.0
    heavy_tail: bool = False


# A knock of three seconds is in up to thirteen means of ten seconds in a row, so fifteen have to agree.
SUSTAINED = Ballot(name="sustained", statistic="score", votes=15, of=18, share=0.9)
SUDDEN = Ballot(name="sudden", statistic="fast_score", votes=1, of=1, share=0.1, heavy_tail=True)
RECORDING = Ballot(name="recording", statistic="score", votes=1, of=1, share=0.9)
LEVEL = Ballot(name="level", statistic="level_deviation", votes=5, of=9)


def window_rule(
    ballot: Ballot, scores: Array, stretch: Indices, *, overlap: int, hop_s: float
) -> Rule:
    """Calibrate a rule that decides at every window.

    Parameters
    ----------
    ballot
        The rule.
    scores, stretch
        Shape (n,): held-out scores in order of time, and where they do not follow one another.
    overlap
        Scores up to so many apart share samples.
    hop_s
        Time from one to the next.
    """
    statistics, stretch = voted_by_stretch(scores, stretch, votes=ballot.votes, of=ballot.of)
    return rule_from(
        statistics,
        name=ballot.name,
        statistic=ballot.statistic,
        votes=ballot.votes,
        of=ballot.of,
        share=ballot.share,
        decisions_per_hour=3600.0 / hop_s,
        heavy_tail=ballot.heavy_tail,
        overlap=overlap,
        same_event=ceil(SAME_EVENT_S / hop_s),
        stretch=stretch,
    )


def recording_rule(block_scores: Array, *, decision_s: float) -> Rule:
    """Calibrate the rule for the ten-second scores of recordings, of which one comes every `decision_s`."""
    return rule_from(
        block_scores,
        name=RECORDING.name,
        statistic=RECORDING.statistic,
        share=RECORDING.share,
        decisions_per_hour=3600.0 / decision_s,
        heavy_tail=len(block_scores) >= MIN_TAIL_BLOCKS,
    )


def calibrate(
    windows: Windows,
    memory: Memory,
    *,
    hop_s: float,
    heard_s: float,
    judged_s: float | None = None,
    deviations: Array | None = None,
) -> Calibration:
    """All rules of a bundle.

    Parameters
    ----------
    windows, memory
        What was heard, and what it scores held out.
    hop_s
        Time from one window to the next.
    heard_s, judged_s
        See `Calibration`.
    deviations
        Shape (windows,): how unusually loud or quiet each is; without them loudness has no rule.
    """
    overlap, stretch = windows.overlap, windows.stretch
    judged = heard_s if judged_s is None else judged_s
    block_s = (windows.context + 1 + overlap) * hop_s
    lasting = stretch[memory.context_at]
    return Calibration(
        rules=(
            window_rule(SUSTAINED, memory.context_scores, lasting, overlap=overlap, hop_s=hop_s),
            window_rule(SUDDEN, memory.window_scores, stretch, overlap=overlap, hop_s=hop_s),
        ),
        # One decision for every block, or for every recording where they are shorter.
        recording=recording_rule(
            memory.block_scores, decision_s=min(block_s, judged / len(memory.block_scores))
        ),
        level=None
        if deviations is None
        else window_rule(LEVEL, deviations, stretch, overlap=overlap, hop_s=hop_s),
        heard_s=heard_s,
        judged_s=judged_s,
    )


def judged_seconds(windows: Windows, *, window_s: float, hop_s: float) -> float:
    """Length of the sound that windows cover, what they share counted once."""
    n_stretches = len(np.unique(windows.stretch))
    return len(windows) * hop_s + n_stretches * max(window_s - hop_s, 0.0)
