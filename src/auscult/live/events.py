"""Verdicts in, events out: when an anomaly is worth telling, where it begins and where it ends.

Two thresholds: an event begins with a window that is an anomaly and goes on while windows hold, that is, stay over the
lower release level. On top of them comes patience, all of it in the sound's own time: there is no clock here.

Only windows that begin or feed an event count. All others (normal, `no_signal`, `unreliable`, or missing in a gap) are
time that passes: they suspend an open event, and too much of it ends the event. So leaving such windows out changes when
one hears that an event has ended, never the event.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from itertools import count
from math import inf, isfinite
from typing import Literal, get_args

from auscult.errors import RecipeError
from auscult.runtime.decision import LEVEL
from auscult.runtime.manifest import LevelTrack
from auscult.runtime.verdict import Explanation, Verdict

Kind = Literal["anomaly", "louder", "quieter"]
"""A change of loudness alone is told as such; it is not an anomaly."""

Status = Literal["begun", "ended"]

# Below it a window is neither louder nor quieter: three robust deviations, which `LevelTrack.deviation` counts from 1.
_USUAL_DEVIATION = 4.0

# Times are sums of floats: windows that touch may seem to be a hair apart. Far below any hop.
_EPSILON_S = 1e-4


@dataclass(frozen=True, kw_only=True)
class Patience:
    """What keeps events few and whole; all in seconds of sound, 0 or more.

    Parameters
    ----------
    min_on_s
        A stretch shorter than this is no event. One window is as long as the bundle's window.
    min_off_s
        A pause up to this long is part of the stretch: it goes on with a window that holds. After a longer one, only an
        anomaly can begin a new stretch.
    merge_s
        Stretches at most this far apart are one event. So an event is told to have ended after a pause longer than both.
    cooldown_s
        No event is told sooner than this after the last one of its kind ended. One that ends before that is not told,
        and counted in the next; one that goes on for longer is told late.

    Raises
    ------
    RecipeError
        If one is negative or not finite.

    Examples
    --------
    >>> Patience(merge_s=-1.0)
    Traceback (most recent call last):
    auscult.errors.RecipeError: merge_s is -1. Expected: a number of seconds, 0 or more. Change merge_s.
    """

    min_on_s: float = 0.0
    min_off_s: float = 2.0
    merge_s: float = 10.0
    cooldown_s: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isfinite(value) and value >= 0.0):
                raise RecipeError(
                    f"{field.name} is {value:g}.",
                    "a number of seconds, 0 or more",
                    f"Change {field.name}.",
                )


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of time in which windows were anomalies or held.

    Parameters
    ----------
    start_s, end_s
        From the start of the first window that voted for it to the end of its last one.
    peak_ratio, peak_s, rule
        Largest ratio of its windows, the middle of that window, and the rule that gave it.
    windows
        How many windows fed it.
    """

    start_s: float
    end_s: float
    peak_ratio: float
    peak_s: float
    rule: str
    windows: int


@dataclass(frozen=True, kw_only=True)
class Event(Stretch):
    """A stretch that people are told about: once when it begins, once when it has ended.

    Parameters
    ----------
    id
        Running number within the stream, from 1; both tellings have the same.
    kind, status
        What it is, and which telling this is.
    suppressed
        Events of this kind that were not told since the last one, for the sake of the cool-down.
    explanation
        Where and how the sound differs around the peak, where known.
    """

    id: int
    kind: Kind
    status: Status
    suppressed: int = 0
    explanation: Explanation | None = None


class EventTracker:
    """Events of one stream.

    Parameters
    ----------
    patience
        When to tell.
    level
        Loudness of normal sound, which tells louder from quieter; without it, every change of level is `louder`.

    Examples
    --------
    >>> def window(start_s, ratio):
    ...     state = "anomaly" if ratio > 1 else "normal"
    ...     return Verdict(start_s=start_s, end_s=start_s + 1, score=ratio, ratio=ratio, rule="sudden", state=state,
    ...                    holding=ratio > 0.8, level_db=-30.0)
    >>> tracker = EventTracker(Patience(min_off_s=1.0, merge_s=1.0))
    >>> ratios = [0.5, 1.2, 0.9, 0.5, 0.5, 0.5]
    >>> told = [event for at, ratio in enumerate(ratios) for event in tracker.update(window(at, ratio))]
    >>> [(event.status, event.start_s, event.end_s, event.peak_ratio) for event in told]
    [('begun', 1, 2, 1.2), ('ended', 1, 3, 1.2)]
    """

    def __init__(self, patience: Patience, *, level: LevelTrack | None = None) -> None:
        self._patience = patience
        self._level = level
        self._ids = count(1)
        self._now_s = -inf
        self._tracks = _new_tracks(patience)

    @property
    def open(self) -> tuple[Stretch, ...]:
        """What is or may become part of an event that has not ended, told or not."""
        return tuple(stretch for track in self._tracks.values() for stretch in track.open)

    def update(self, verdict: Verdict) -> list[Event]:
        """Take the next window's verdict; return what there is to tell.

        Verdicts come in order of time. One that starts before its predecessor is of a new stream: the old one is closed.
        """
        told = self.close() if verdict.start_s < self._now_s - _EPSILON_S else []
        self._now_s = verdict.start_s
        for track in self._tracks.values():
            told += track.wait(verdict.start_s)
        if verdict.state == "anomaly" or (verdict.state == "normal" and verdict.holding):
            track = self._tracks[self._kind(verdict)]
            track.hear(verdict)
            told += track.tell(self._ids)
        return told

    def close(self) -> list[Event]:
        """End of the stream: what is open ends with its last window. Numbers run on; all else is forgotten."""
        told = [event for track in self._tracks.values() for event in track.wait(inf)]
        self._now_s = -inf
        self._tracks = _new_tracks(self._patience)
        return told

    def _kind(self, verdict: Verdict) -> Kind:
        if verdict.rule != LEVEL:
            return "anomaly"
        if self._level is None:
            return "louder"
        side: Kind = "louder" if verdict.level_db >= self._level.median_db else "quieter"
        other: Kind = "quieter" if side == "louder" else "louder"
        # A vote outlasts what it was about: back at the usual level, it is still about the event that is open.
        is_usual = self._level.deviation(verdict.level_db) < _USUAL_DEVIATION
        belongs_to_other = is_usual and self._tracks[other].open and not self._tracks[side].open
        return other if belongs_to_other else side


class _Track:
    """The one event of a kind that may be open."""

    def __init__(self, kind: Kind, patience: Patience) -> None:
        self._kind = kind
        self._patience = patience
        self._earlier: Stretch | None = None  # the event so far, without the stretch going on
        self._stretch: Stretch | None = None  # going on, and perhaps still too short
        self._id: int | None = None  # of the event, once it is told
        self._suppressed = 0
        self._silent_until_s = -inf

    @property
    def open(self) -> tuple[Stretch, ...]:
        return tuple(part for part in (self._earlier, self._stretch) if part is not None)

    def wait(self, now_s: float) -> list[Event]:
        """Time passes: nothing can come any more that starts before `now_s`."""
        patience = self._patience
        if self._stretch is not None and _pause_s(self._stretch, now_s) > patience.min_off_s:
            self._earlier, self._stretch = self._event(), None
        if self._stretch is not None or self._earlier is None:
            return []
        if _pause_s(self._earlier, now_s) <= patience.merge_s:
            return []
        return self._end(self._earlier)

    def hear(self, verdict: Verdict) -> None:
        """A window that is an anomaly, or holds."""
        if self._stretch is not None:
            self._stretch = _joined(self._stretch, _stretch_of(verdict))
        elif verdict.state == "anomaly":
            self._stretch = _stretch_of(verdict)

    def tell(self, ids: Iterator[int]) -> list[Event]:
        """The event, as soon as it is long enough and the cool-down is over; once."""
        event = self._event()
        if event is None or self._id is not None:
            return []
        if event.end_s < self._silent_until_s - _EPSILON_S:
            return []
        self._id = next(ids)
        return [self._told(event, self._id, "begun")]

    def _event(self) -> Stretch | None:
        stretch = self._stretch
        if stretch is None or _length_s(stretch) < self._patience.min_on_s - _EPSILON_S:
            return self._earlier
        return stretch if self._earlier is None else _joined(self._earlier, stretch)

    def _end(self, event: Stretch) -> list[Event]:
        told = [] if self._id is None else [self._told(event, self._id, "ended")]
        self._earlier = self._id = None
        if told:
            self._suppressed = 0
            self._silent_until_s = event.end_s + self._patience.cooldown_s
        else:
            self._suppressed += 1
        return told

    def _told(self, event: Stretch, number: int, status: Status) -> Event:
        return Event(
            **asdict(event), id=number, kind=self._kind, status=status, suppressed=self._suppressed
        )


def _new_tracks(patience: Patience) -> dict[Kind, _Track]:
    return {kind: _Track(kind, patience) for kind in get_args(Kind)}


def _stretch_of(verdict: Verdict) -> Stretch:
    return Stretch(
        start_s=verdict.start_s if verdict.since_s is None else verdict.since_s,
        end_s=verdict.end_s,
        peak_ratio=verdict.ratio,
        peak_s=(verdict.start_s + verdict.end_s) / 2.0,
        rule=verdict.rule,
        windows=1,
    )


def _joined(stretch: Stretch, later: Stretch) -> Stretch:
    peak = later if later.peak_ratio > stretch.peak_ratio else stretch
    windows = stretch.windows + later.windows
    return replace(peak, start_s=stretch.start_s, end_s=later.end_s, windows=windows)


def _length_s(stretch: Stretch) -> float:
    return stretch.end_s - stretch.start_s


def _pause_s(stretch: Stretch, now_s: float) -> float:
    """Seconds between its end and a window that starts now; windows that overlap or touch have none."""
    return now_s - stretch.end_s - _EPSILON_S
