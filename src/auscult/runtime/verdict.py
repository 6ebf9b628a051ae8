"""What a bundle says: of one window, of one recording, and why."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["normal", "anomaly", "no_signal", "unreliable"]
"""`no_signal` and `unreliable` (clipped, broken) are states of their own, never "normal"."""

CLASS_FIELDS = ("label", "probability", "distance", "is_known")
"""What only a bundle that tells classes apart says, of a window and of a recording."""


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """The stretch of learned normal sound that is most like this one.

    Parameters
    ----------
    recording
        Name of the recording it was learned from.
    start_s, end_s
        Where in that recording.
    distance
        Distance between the two in the bundle's own whitened space; 1.0 = typical between normal stretches.
    """

    recording: str
    start_s: float
    end_s: float
    distance: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where in time and frequency the sound differs from normal, and how.

    Parameters
    ----------
    low_hz, high_hz
        The band that raised the score most.
    start_s, end_s
        The stretch of time, from the recording's start.
    text
        One sentence for people.
    kinds
        What changed: any of `brighter`, `duller`, `unsteadier`, `steadier`, `more impulsive`, `less impulsive`.
    change_db
        Mean change of the band within the stretch against normal, in dB, loudness of the whole removed.
    level_change_db
        Loudness of the whole against normal, in dB (`None` where the bundle doesn't know).
    nearest
        The nearest learned normal block.
    """

    low_hz: float
    high_hz: float
    start_s: float
    end_s: float
    text: str
    kinds: tuple[str, ...] = ()
    change_db: float | None = None
    level_change_db: float | None = None
    nearest: Nearest | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a bundle says of one window.

    Parameters
    ----------
    start_s, end_s
        The window, from the stream's or the file's start.
    score
        Raw score of the bundle, unbounded, higher = stranger (with its context where the bundle has one).
    fast_score
        The window alone, without context; `None` for bundles without it.
    ratio
        Decision statistic ÷ limit of the rule nearest to (or furthest over) its limit; 1.0 = at the limit.
    rule
        Name of that rule (`sustained`, `sudden`).
    state
        `anomaly` where a rule is over its limit.
    holding
        A rule is over its release level, which is lower than the limit: an event that has begun goes on.
    since_s
        For an anomaly: where the first of the windows begins that voted for it.
    level_db
        Level of the window in dBFS (RMS 1.0 = 0 dB); `-inf` for silence.
    label, probability
        The class that it most probably is, and how probably, from 0 to 1; `""` and `None` where nothing tells classes apart.
    distance
        How far it is from all classes: about 1 for what they sounded like in training; `None` where nothing tells.
    is_known
        It is near enough to be one of the classes; `False`: none of these. `None` where nothing tells.
    """

    start_s: float
    end_s: float
    score: float
    fast_score: float | None = None
    ratio: float
    rule: str = ""
    state: State
    holding: bool = False
    since_s: float | None = None
    level_db: float
    label: str = ""
    probability: float | None = None
    distance: float | None = None
    is_known: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ClipVerdict:
    """What a bundle says of one recording; iterating gives the verdicts of its windows.

    Parameters
    ----------
    file
        Its name.
    score, limit, ratio
        Score of the recording, the limit for recordings, and score ÷ limit.
    state, is_anomaly, rule
        `anomaly` if the score is over the limit (`rule="recording"`) or one of the rules for windows is.
    explanation
        Given for anomalies.
    windows
        Verdicts in order of time.
    duration_s, dropped_tail_s
        Length of the recording, and of the end that was too short for a window.
    label, probability, probabilities
        The class that it most probably is, how probably, and how probably each of them: means over its windows. `""`,
        `None` and nothing where nothing tells classes apart.
    distance, is_known
        Median distance of its windows from all classes, and whether that is near enough to be one of them.
    parts
        Scores of the parts that the score is made of, by name, pooled alike; nothing where it is made of one.
    """

    file: str
    score: float
    limit: float
    ratio: float
    state: State
    is_anomaly: bool
    rule: str = ""
    explanation: Explanation | None = None
    windows: tuple[Verdict, ...] = ()
    duration_s: float = 0.0
    dropped_tail_s: float = 0.0
    label: str = ""
    probability: float | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    distance: float | None = None
    is_known: bool | None = None
    parts: dict[str, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.windows)

    def to_dict(self) -> dict[str, Any]:
        """The shape that `auscult score --json` prints."""
        return asdict(self)


def sounds_like(verdict: Verdict | ClipVerdict) -> str:
    """What a classifier hears, in words; empty where nothing tells classes apart.

    Examples
    --------
    >>> heard = ClipVerdict(file="", score=0.1, limit=0.0, ratio=0.0, state="normal", is_anomaly=False)
    >>> sounds_like(heard)
    ''
    >>> from dataclasses import replace
    >>> sounds_like(replace(heard, label="glass", probability=0.934))
    'glass 93 %'
    >>> sounds_like(replace(heard, label="glass", probability=0.934, distance=4.1, is_known=False))
    'none of these (glass 93 %)'
    """
    if verdict.probability is None:
        return ""
    named = f"{verdict.label} {100.0 * verdict.probability:.0f} %"
    return f"none of these ({named})" if verdict.is_known is False else named
