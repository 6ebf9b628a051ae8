"""What a data set holds, and what is wrong with it, before anything is learned from it or measured on it.

The trap that costs most is the *level leak*: recordings of one label often come from one session with a level of its own.
Duplicates that stand on both sides are next.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from auscult.audio import level as levels
from auscult.audio import read
from auscult.audio.level import Level
from auscult.audio.resample import resample
from auscult.audio.sound import Samples
from auscult.datasets.clip import ANOMALY, NORMAL, Clip
from auscult.errors import AuscultError, DatasetError
from auscult.evaluation.level_leak import LEAK_AUC, LevelLeak, is_leak, level_leaks
from auscult.evaluation.metrics import Array
from auscult.evaluation.plane import LEAST, MAX_POINTS, class_silhouettes, on_a_plane
from auscult.memory.notes import MIN_BLOCKS, MIN_WINDOWS
from auscult.memory.spectrum import PRESETS, embed

Severity = Literal["error", "warning", "note"]
Progress = Callable[[int, str], None]
"""Called with the number of recordings heard so far and the name of the last one."""

SHORTEST_S = 0.5
"""Below this a recording can't be judged."""

FEW_NORMAL = 5
"""Fewer normal recordings of a unit than this are too few to hold whole ones out for the limit."""

PROVISIONAL_S = 600.0
"""With less normal sound than this every limit stays provisional."""

# How many standard deviations above chance a leak is: sets are small, and many units are looked at.
_SURE_POOLED, _SURE_UNIT = 2.0, 2.5
_BLOCK_S = 60.0
_EMBEDDED_S = 10.0
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is wrong, or worth knowing.

    Parameters
    ----------
    severity
        `"error"`: figures measured on this data mislead, or recordings can't be used; `"warning"`: look at it; `"note"`.
    kind
        `unreadable`, `silent`, `stuck`, `clipped`, `dc`, `too_short`, `odd_length`, `mixed_rates`, `mixed_channels`,
        `duplicate`, `duplicate_across_labels`, `duplicate_across_splits`, `one_kind`, `no_normal`,
        `unlabelled`, `too_little`, `few_normal`, `little_normal` or `level_leak`.
    text
        A sentence or two for people.
    files
        The recordings it is about.
    """

    severity: Severity
    kind: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a recording lies on the map of classes."""

    file: str
    label: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class ClassMap:
    """How alike the recordings of each class sound, to the built-in embedder.

    Parameters
    ----------
    silhouettes
        By class, from -1 (its recordings sound more like another class) over 0 (they overlap) to 1 (like themselves alone):
        see `auscult.evaluation.plane.silhouettes`. Classes with one recording are left out.
    places
        Recordings by principal components: what lies near sounds alike.
    x_label, y_label
        What the axes are.
    left_out
        How many recordings were thinned out of the map.
    """

    silhouettes: Mapping[str, float]
    places: tuple[Place, ...]
    x_label: str
    y_label: str
    left_out: int

    @property
    def silhouette(self) -> float:
        """Mean over classes."""
        return float(np.mean(list(self.silhouettes.values())))


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """What a data set holds, and what is wrong with it.

    Parameters
    ----------
    recordings
        How many there are, unreadable ones included.
    hours
        Of sound that can be read.
    counts
        Recordings by `label`, `machine`, `unit`, `domain`, `split`, `rate_hz`, `channels` and `length_s`. What is not
        known counts under `""`.
    level_auc
        `LevelLeak.auc` of all units together, each against its own median; `None` where nothing can be compared.
    per_unit
        The same for each unit.
    findings
        Errors first, then warnings, then notes.
    classes
        Which classes sound alike; `None` where there are not two with two recordings or more.
    """

    recordings: int
    hours: float
    counts: Mapping[str, Mapping[str, int]]
    level_auc: float | None
    per_unit: tuple[LevelLeak, ...]
    findings: tuple[Finding, ...]
    classes: ClassMap | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers, as JSON wants them."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What one recording is, and what was heard of it; never its samples."""

    clip: Clip
    name: str
    error: str = ""
    rate_hz: int = 0
    channels: int = 0
    duration_s: float = 0.0
    level_db: float = -math.inf
    health: str = ""
    digest: bytes = b""
    embedding: Array | None = None

    @property
    def unit(self) -> str:
        """Condition, machine and unit as one name."""
        parts = (self.clip.attributes.get("condition"), self.clip.machine, self.clip.unit)
        return "/".join(filter(None, parts))

    @property
    def length_s(self) -> float:
        """Duration to a hundredth of a second: lossy formats differ in the last samples."""
        return round(self.duration_s, 2)


def check(clips: Iterable[Clip], *, progress: Progress | None = None) -> DataReport:
    """Hear every recording once, block by block, and say what is there and what is wrong.

    Parameters
    ----------
    clips
        Of any reader; taken one by one, so a JSON file of any size may stand behind them.
    progress
        Called after each recording.

    Returns
    -------
    report
        A recording that can't be read is a finding in it; it doesn't stop the others.

    Raises
    ------
    DatasetError
        There is no recording at all.

    Examples
    --------
    >>> from pathlib import Path
    >>> from auscult.audio.sound import Sound
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> sound = Sound(samples=noise, rate_hz=16000)
    >>> report = check([Clip(path=Path(name), sound=sound) for name in ("a", "b")])
    >>> report.hours * 3600, [finding.kind for finding in report.findings]
    (2.0, ['too_little', 'duplicate', 'few_normal', 'one_kind', 'little_normal'])
    """
    heard: list[_Heard] = []
    for clip in clips:
        heard.append(_hear(clip))
        if progress:
            progress(len(heard), heard[-1].name)
    if not heard:
        raise DatasetError(
            "There is no recording to check.", "one recording or more", "Check the path."
        )
    return _report(heard)


def _report(heard: list[_Heard]) -> DataReport:
    usable = [one for one in heard if not one.error]
    level_auc, per_unit = _level_leaks(usable)
    found = [
        *_unreadable(heard),
        *_unhealthy(usable),
        *_lengths(usable),
        *_mixtures(usable),
        *_duplicates(usable),
        *_labels(usable),
        *_amount(usable),
        *_leak(level_auc, per_unit),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return DataReport(
        recordings=len(heard),
        hours=sum(one.duration_s for one in usable) / 3600,
        counts=_counts(heard, usable),
        level_auc=level_auc,
        per_unit=per_unit,
        findings=tuple(sorted(found, key=lambda finding: order[finding.severity])),
        classes=_class_map(usable),
    )


def _hear(clip: Clip) -> _Heard:
    """Measure one recording, or say why it can't be."""
    name = clip.name
    # Facts outlive the samples of a clip that brings its own.
    bare = Clip(**{**vars(clip), "sound": None})
    try:
        rate_hz, channels, blocks = _opened(clip)
        level, n_samples, digest, embedding = _measured(blocks, rate_hz)
    except AuscultError as error:
        return _Heard(clip=bare, name=name, error=str(error))
    return _Heard(
        clip=bare,
        name=name,
        rate_hz=rate_hz,
        channels=channels,
        duration_s=n_samples / rate_hz,
        level_db=level.level_db,
        health=levels.judge(level),
        digest=digest,
        embedding=embedding,
    )


def _opened(clip: Clip) -> tuple[int, int, Iterator[Samples]]:
    """Rate, channels and blocks of a recording."""
    if clip.sound is not None:
        return clip.sound.rate_hz, 1, iter([clip.sound.samples])
    info = read.info(clip.path)
    blocks = read.blocks(clip.path, start_s=clip.start_s, end_s=clip.end_s, block_s=_BLOCK_S)
    return info.rate_hz, info.channels, blocks


def _measured(blocks: Iterator[Samples], rate_hz: int) -> tuple[Level, int, bytes, Array | None]:
    digest = hashlib.blake2b(digest_size=16)
    parts: list[tuple[int, Level]] = []
    embedding: Array | None = None
    for block in blocks:
        if not parts:
            embedding = _embedded(block, rate_hz)
        digest.update(np.ascontiguousarray(block).data)
        parts.append((len(block), levels.measure(block, rate_hz)))
    return _joined(parts), sum(n for n, _ in parts), digest.digest(), embedding


def _embedded(block: Samples, rate_hz: int) -> Array | None:
    """What the first ten seconds sound like, shape (dim,); `None` of next to nothing."""
    recipe = PRESETS["edge"]
    sound = resample(block[: round(_EMBEDDED_S * rate_hz)], rate_hz, recipe.rate_hz)
    if len(sound) < SHORTEST_S * recipe.rate_hz or not np.isfinite(sound).all():
        return None
    return embed(sound, recipe)


def _class_map(usable: list[_Heard]) -> ClassMap | None:
    heard = [
        one for one in usable if one.embedding is not None and one.clip.label and _can_be_heard(one)
    ]
    some = heard[:: -(-len(heard) // MAX_POINTS) or 1]
    if len(some) < LEAST:
        return None
    embeddings = np.stack([one.embedding for one in some if one.embedding is not None])
    silhouettes = class_silhouettes(embeddings, [one.clip.label for one in some])
    if len(silhouettes) < 2:
        return None
    plane = on_a_plane(embeddings)
    return ClassMap(
        silhouettes=silhouettes,
        places=tuple(
            Place(file=one.name, label=one.clip.label, x=x, y=y)
            for one, (x, y) in zip(some, plane.points.round(4).tolist(), strict=True)
        ),
        x_label=plane.x_label,
        y_label=plane.y_label,
        left_out=len(heard) - len(some),
    )


def _joined(parts: list[tuple[int, Level]]) -> Level:
    """Level of a whole from those of its parts; a constant run that crosses a border counts as its longer part."""
    if len(parts) == 1:
        return parts[0][1]
    n = np.array([n for n, _ in parts], float)
    share = n / max(n.sum(), 1.0)
    each = [part for _, part in parts]

    def mean(values: Iterable[float]) -> float:
        return float(share @ np.fromiter(values, float))

    dc = mean(part.dc for part in each)
    return Level(
        level_db=_db(mean(_power(part.level_db) for part in each)),
        peak_db=max((part.peak_db for part in each), default=-math.inf),
        dc=dc,
        ac_level_db=_db(mean(_power(part.ac_level_db) + (part.dc - dc) ** 2 for part in each)),
        clipped_fraction=mean(part.clipped_fraction for part in each),
        longest_constant_s=max((part.longest_constant_s for part in each), default=0.0),
    )


def _power(level_db: float) -> float:
    return math.pow(10.0, level_db / 10)


def _db(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf


def _counts(heard: list[_Heard], usable: list[_Heard]) -> dict[str, dict[str, int]]:
    return {
        "label": _tally(one.clip.label for one in heard),
        "machine": _tally(one.clip.machine for one in heard),
        "unit": _tally(one.unit for one in heard),
        "domain": _tally(one.clip.domain for one in heard),
        "split": _tally(one.clip.split for one in heard),
        "rate_hz": _tally(one.rate_hz for one in usable),
        "channels": _tally(one.channels for one in usable),
        "length_s": _tally(one.length_s for one in usable),
    }


def _tally(values: Iterable[str | float]) -> dict[str, int]:
    """How often each value stands, sorted; numbers by size."""
    tally = Counter(values)
    return {
        value if isinstance(value, str) else f"{value:g}": tally[value]
        for value in sorted(tally, key=lambda value: (isinstance(value, str), value))
    }


def _unreadable(heard: list[_Heard]) -> Iterator[Finding]:
    lost = [one for one in heard if one.error]
    if lost:
        text = f"{_many(lost)} can't be read. The first: {lost[0].error}"
        yield _finding("error", "unreadable", text, lost)


_HEALTH = {
    "silent": "silent: nothing above -90 dBFS was heard",
    "stuck": "stuck at one value: the input was not connected, or it hung",
    "clipped": "clipped: more than 1 % of the samples are cut off; record with less gain",
    "dc": "shifted by a constant (DC) that outweighs the sound: check the microphone's supply",
}


def _unhealthy(usable: list[_Heard]) -> Iterator[Finding]:
    for health, meaning in _HEALTH.items():
        ill = [one for one in usable if one.health == health]
        if ill:
            yield _finding("warning", health, f"{_many(ill)} {_are(ill)} {meaning}.", ill)


def _lengths(usable: list[_Heard]) -> Iterator[Finding]:
    short = [one for one in usable if one.duration_s < SHORTEST_S]
    if short:
        text = f"{_many(short)} {_are(short)} shorter than {SHORTEST_S:g} s and can't be judged."
        yield _finding("warning", "too_short", text, short)
    usual_s, odd = _minority(usable, lambda one: one.length_s)
    # Recordings of no common length are nothing odd.
    if odd and 2 * len(odd) < len(usable):
        text = f"{_many(odd)} {_are(odd)} not {usual_s:g} s long like the others."
        yield _finding("note", "odd_length", text, odd)


def _mixtures(usable: list[_Heard]) -> Iterator[Finding]:
    rate_hz, others = _minority(usable, lambda one: one.rate_hz)
    if others:
        rates = ", ".join(_tally(one.rate_hz for one in usable))
        yield _finding(
            "warning",
            "mixed_rates",
            f"Sample rates differ ({rates} Hz): {_many(others)} {_are(others)} not at "
            f"{rate_hz} Hz. A lower rate lacks the high bands, which can be heard as an anomaly.",
            others,
        )
    channels, others = _minority(usable, lambda one: one.channels)
    if others:
        numbers = ", ".join(_tally(one.channels for one in usable))
        yield _finding(
            "warning",
            "mixed_channels",
            f"Numbers of channels differ ({numbers}): {_many(others)} {_have(others)} not "
            f"{channels}. Averaging channels changes level and timbre; choose one.",
            others,
        )


def _duplicates(usable: list[_Heard]) -> Iterator[Finding]:
    # Silence is the same everywhere, and has a finding of its own.
    sounding = (one for one in usable if one.health not in {"silent", "stuck"})
    copies = [group for group in _grouped(sounding, lambda one: one.digest) if len(group) > 1]
    by_kind: dict[tuple[Severity, str], list[list[_Heard]]] = defaultdict(list)
    for group in copies:
        by_kind[_kind_of_copies(group)].append(group)
    for (severity, kind), groups in by_kind.items():
        files = [one for group in groups for one in group]
        first, second, *_ = groups[0]
        text = (
            f"{len(files)} recordings are copies of one another, sample for sample"
            f"{_ACROSS[kind]} (first {first.name} and {second.name})."
        )
        yield _finding(severity, kind, text, files)


_ACROSS = {
    "duplicate_across_labels": ", under different labels: one of the labels is wrong",
    "duplicate_across_splits": ", in train and in test: figures on this test set are too good",
    "duplicate": "; each counts once only, so keep one",
}


def _kind_of_copies(group: list[_Heard]) -> tuple[Severity, str]:
    if len({one.clip.label for one in group}) > 1:
        return "error", "duplicate_across_labels"
    if {"train", "test"} <= {one.clip.split for one in group}:
        return "error", "duplicate_across_splits"
    return "warning", "duplicate"


def _labels(usable: list[_Heard]) -> Iterator[Finding]:
    kinds = {one.clip.label for one in usable}
    if len(kinds) == 1:
        (label,) = kinds
        severity, meaning = _ONE_KIND.get(label, ("note", f"labelled {label}, none normal"))
        text = f"All recordings are {meaning}."
        yield Finding(severity=severity, kind="one_kind", text=text)
        return
    if kinds and not kinds & {NORMAL, ""}:
        text = (
            f"None of the {len(kinds)} labels is normal: there is nothing to learn normal from, "
            "and loudness can't be compared. Where a class is normal, name it: --normal LABEL."
        )
        yield Finding(severity="note", kind="no_normal", text=text)
    if "" in kinds:
        unsaid = [one for one in usable if not one.clip.label]
        yield _finding("note", "unlabelled", f"{_many(unsaid)} {_have(unsaid)} no label.", unsaid)


_ONE_KIND: Mapping[str, tuple[Severity, str]] = {
    NORMAL: ("note", "normal: enough to learn from, not to evaluate on"),
    ANOMALY: ("warning", "anomalous: nothing can be learned from them"),
    "": ("note", "without a label: to learn from them is to call them normal"),
}


def _amount(usable: list[_Heard]) -> Iterator[Finding]:
    labelled = {one.clip.label for one in usable}
    learned = NORMAL if NORMAL in labelled else ""
    normal = [one for one in usable if one.clip.label == learned]
    if not normal:
        return
    yield from _too_little(normal)
    few = [group for group in _grouped(normal, lambda one: one.unit) if len(group) < FEW_NORMAL]
    if few:
        units = _some([f"{group[0].unit or 'all'} ({len(group)})" for group in few])
        text = (
            f"Fewer than {FEW_NORMAL} {learned or 'unlabelled'} recordings of {units}: "
            "too few to hold whole recordings out, so the limit is set on parts of the same ones."
        )
        yield Finding(severity="warning", kind="few_normal", text=text)
    seconds = sum(one.duration_s for one in normal)
    if seconds < PROVISIONAL_S:
        text = (
            f"{seconds / 60:.1f} minutes of {learned or 'unlabelled'} sound: below "
            f"{PROVISIONAL_S / 60:g} minutes every limit stays provisional."
        )
        yield Finding(severity="note", kind="little_normal", text=text)


def _too_little(normal: list[_Heard]) -> Iterator[Finding]:
    """What `learn` would refuse: fewer windows, or blocks of them, than it needs."""
    # A copy counts once, and what can't be judged not at all.
    heard = {one.digest: one for one in normal if _can_be_heard(one)}
    windows = [_windows(one.duration_s) for one in heard.values()]
    if sum(windows) >= MIN_WINDOWS and sum(map(_blocks, windows)) >= MIN_BLOCKS:
        return
    seconds = sum(one.duration_s for one in heard.values())
    text = (
        f"{seconds:.0f} s of normal sound in {_many(list(heard.values()))}: too little to learn from, `auscult learn` "
        f"will refuse it. It needs {MIN_BLOCKS} different recordings of some seconds each, or half a minute in one."
    )
    yield Finding(severity="error", kind="too_little", text=text)


def _can_be_heard(one: _Heard) -> bool:
    return one.duration_s >= SHORTEST_S and one.health not in {"silent", "stuck", "clipped"}


def _windows(duration_s: float) -> int:
    """Windows that a recording gives; a shorter one than a window is one, too."""
    recipe = PRESETS["default"]
    return max(int((duration_s - recipe.window_s) / recipe.step_s) + 1, 1)


def _blocks(windows: int) -> int:
    """Blocks of ten seconds, as learning counts them: what is left at the end counts from half a block on."""
    length = PRESETS["default"].context + 1
    whole, left = divmod(
        windows, length + 1
    )  # the window between two blocks shares samples with both
    return max(whole + (2 * left > length), 1)


def _level_leaks(usable: list[_Heard]) -> tuple[float | None, tuple[LevelLeak, ...]]:
    """What loudness alone gives away: in all units together, and in each. Silence has no level."""
    heard = (one for one in usable if one.level_db > -math.inf)
    return level_leaks(
        (
            group[0].unit,
            [one.level_db for one in group if one.clip.label == NORMAL],
            [one.level_db for one in group if one.clip.label not in {NORMAL, ""}],
        )
        for group in _grouped(heard, lambda one: one.unit)
    )


def _leak(level_auc: float | None, per_unit: tuple[LevelLeak, ...]) -> Iterator[Finding]:
    if level_auc is None:
        return
    n_normal = sum(leak.n_normal for leak in per_unit)
    n_anomaly = sum(leak.n_anomaly for leak in per_unit)
    if is_leak(level_auc, n_normal, n_anomaly, sure=_SURE_POOLED):
        worst = [leak for leak in per_unit if leak.auc >= LEAK_AUC]
        what = f"AUC {level_auc:.2f} over {n_normal} and {n_anomaly}"
    else:
        worst = [leak for leak in per_unit if leak.is_leak(sure=_SURE_UNIT)]
        what = f"in {len(worst)} of {len(per_unit)} units" if worst else ""
    if not what:
        return
    worst.sort(key=lambda leak: -leak.auc)
    units = _some([f"{leak.unit} {leak.auc:.2f}" for leak in worst if leak.unit])
    text = (
        "Loudness alone separates normal from anomalous recordings "
        f"({what}{'; ' if units else ''}{units}). "
        "Figures as recorded may measure how loud a session was, not what the machine does: "
        "evaluate with the level removed too."
    )
    yield Finding(severity="warning", kind="level_leak", text=text)


def _grouped(heard: Iterable[_Heard], key: Callable[[_Heard], Hashable]) -> list[list[_Heard]]:
    groups: dict[Hashable, list[_Heard]] = {}
    for one in heard:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())


def _minority(heard: list[_Heard], value: Callable[[_Heard], float]) -> tuple[float, list[_Heard]]:
    """The usual value, and who has another."""
    if not heard:
        return 0.0, []
    usual, _ = Counter(map(value, heard)).most_common(1)[0]
    return usual, [one for one in heard if value(one) != usual]


def _finding(severity: Severity, kind: str, text: str, heard: list[_Heard]) -> Finding:
    return Finding(severity=severity, kind=kind, text=text, files=tuple(one.name for one in heard))


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _many(heard: list[_Heard]) -> str:
    return f"{len(heard)} recording{'s' * (len(heard) != 1)}"


def _are(heard: list[_Heard]) -> str:
    return "is" if len(heard) == 1 else "are"


def _have(heard: list[_Heard]) -> str:
    return "has" if len(heard) == 1 else "have"
