"""What a bundle says of itself: typed, and described by `manifest.schema.json` for every other reader."""

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import fastjsonschema

from auscult.errors import BundleError
from auscult.runtime.calibration import Calibration

FORMAT = 1
MAX_MANIFEST_BYTES = 2**20

_COUNTS = frozenset(
    """sample_rate_hz window_samples hop_samples min_window_samples context dim map_hop_samples map_frame_samples votes of n
    recordings format windows places""".split()  # noqa: SIM905 - as prose it can be read
)


@dataclass(frozen=True, kw_only=True)
class LevelTrack:
    """Loudness of normal windows: median and median absolute deviation, in dB."""

    median_db: float
    mad_db: float

    def deviation(self, level_db: float) -> float:
        """How unusually loud or quiet a window is: 1 + robust deviations of at least one decibel each.

        Examples
        --------
        >>> LevelTrack(median_db=-30.0, mad_db=0.2).deviation(-36.0)
        7.0
        """
        return 1.0 + abs(level_db - self.median_db) / max(1.4826 * self.mad_db, 1.0)


@dataclass(frozen=True, kw_only=True)
class Exemplar:
    """A stretch of learned normal sound whose embedding the bundle keeps, row by row in the array `exemplars`."""

    recording: str
    start_s: float
    end_s: float


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What sound was learned from: a digest over all samples, and how much."""

    sha256: str
    recordings: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Scores that any engine must give for a window kept in the bundle.

    Parameters
    ----------
    score, fast_score
        What the writer's engine gave.
    tolerance
        Relative tolerance per engine.
    """

    score: float
    fast_score: float | None = None
    tolerance: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OpenSet:
    """Where the sound of the classes ends: what has a larger `distance` is none of them.

    Parameters
    ----------
    limit
        The largest distance of what is known.
    share
        Share of windows like those of the training that are over it: what is wrongly called unknown.
    """

    limit: float
    share: float

    def knows(self, distance: float) -> bool:
        """A window at this distance is one of the classes.

        Examples
        --------
        >>> open_set = OpenSet(limit=1.8, share=0.05)
        >>> open_set.knows(1.1), open_set.knows(2.0)
        (True, False)
        """
        return distance <= self.limit


@dataclass(frozen=True, kw_only=True)
class Variant:
    """How a bundle for a small device was made of another one, and how far they agree.

    Parameters
    ----------
    kind
        What was done: `onnx-float`, `onnx-int8-static`, `onnx-int8-dynamic`, `onnx-int8-weights`, `tflite-float`,
        `tflite-int8-dynamic`, `tflite-int8`.
    of_sha256
        Digest of the other one's file.
    windows
        Windows of sound, as they are and with something added, that both have scored.
    correlation
        Of the logarithms of their scores.
    limit_ratio
        What normal sound scores here, against there: limits were multiplied by it. 1 where the memory was learned again.
    relearned
        The memory was learned again, from sound heard through the network as it is here.
    auc, auc_before
        On labelled recordings, here and there; `None` where there were none.
    outputs
        Names of what a TFLite graph gives, in their order; an ONNX graph says so itself.
    """

    kind: str
    of_sha256: str
    windows: int
    correlation: float
    limit_ratio: float = 1.0
    relearned: bool = False
    auc: float | None = None
    auc_before: float | None = None
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """Sound that was allowed after learning.

    Parameters
    ----------
    recording, start_s, end_s
        Where it was heard.
    note
        Why it is allowed.
    places
        How many rows of the arrays `allowed.block` and `allowed.window` are of it.
    """

    recording: str
    start_s: float
    end_s: float
    note: str = ""
    places: int = 1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The manifest, format 1; lengths are in samples at `sample_rate_hz`.

    Parameters
    ----------
    name
        What people call the bundle.
    family, embedder
        `memory` and the name of its embedder, or a neural family.
    recipe
        All that one could have chosen when making it.
    pool
        What one score of a recording is: `max`, its worst stretch, or `mean`, the mean of its windows.
    window_samples, hop_samples, min_window_samples
        Window that is judged, step between windows, and the shortest window that the graph takes.
    context
        Earlier windows that are averaged with the present one.
    dim
        Length of the embedding, 0 if there is none.
    labels, alarm_labels
        Classes of a classifier, in the order of `probabilities`, and which of them are alarms.
    open_set
        How far from the classes is none of them; `None` where the bundle does not tell.
    bands_hz
        Lower, centre and upper frequency of each row of `anomaly_map`.
    map_hop_samples, map_frame_samples
        Step and length of a column of `anomaly_map`.
    calibration, level
        Limits and loudness of normal sound; `None` in a bundle that was never calibrated.
    data, metrics
        What it was learned from, and figures with the split they were measured on.
    references
        Proofs: see `Reference`.
    exemplars
        Normal sound to compare with: see `Exemplar`.
    licences, versions
        Notes to keep, and the versions it was written with.
    variant
        What it was made of, where it is another bundle's form for a small device.
    allowed
        Sound that was allowed after learning, in order: see `Allowed`.
    references_of
        Whose sound the reference windows are: of what is `normal`, or of an `earlier` normal, where the present one was learned without
        sound. They prove the scores all the same, and are no examples of what is normal now.
    """

    name: str
    family: str
    embedder: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    sample_rate_hz: int
    window_samples: int
    hop_samples: int
    min_window_samples: int
    context: int = 0
    pool: Literal["max", "mean"] = "max"
    dim: int = 0
    labels: tuple[str, ...] = ()
    alarm_labels: tuple[str, ...] = ()
    open_set: OpenSet | None = None
    bands_hz: tuple[tuple[float, float, float], ...] = ()
    map_hop_samples: int = 0
    map_frame_samples: int = 0
    calibration: Calibration | None = None
    level: LevelTrack | None = None
    data: Fingerprint
    metrics: dict[str, Any] | None = None
    references: tuple[Reference, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    licences: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    variant: Variant | None = None
    allowed: tuple[Allowed, ...] = ()
    references_of: Literal["normal", "earlier"] = "normal"

    @property
    def level_median_db(self) -> float | None:
        """Median level of learned windows in dBFS."""
        return None if self.level is None else self.level.median_db

    def to_json(self) -> str:
        """The text that is stored.

        Raises
        ------
        BundleError
            If it breaks its own schema, holds what JSON can't say, or is longer than 1 MiB.
        """
        plain = {"format": FORMAT, **asdict(self)}
        if self.open_set is None:
            del plain["open_set"]  # younger than format 1, and only classifiers have it
        if self.pool == "max":
            del plain["pool"]  # younger, too
        if self.variant is None:
            del plain["variant"]
        if not self.allowed:
            del plain["allowed"]
        if self.references_of == "normal":
            del plain["references_of"]
        try:
            text = json.dumps(plain, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise BundleError(
                f"The manifest of '{self.name}' can't be written: {error}.",
                "texts and finite numbers",
                "Take out of it what is anything else.",
            ) from None
        _check(json.loads(text), "The manifest to be written")
        if len(text.encode()) > MAX_MANIFEST_BYTES:
            raise BundleError(
                f"The manifest of '{self.name}' would take {len(text.encode()):,} bytes.",
                f"at most {MAX_MANIFEST_BYTES:,}",
                "Leave out parts of the recipe or of the metrics.",
            )
        return text

    @classmethod
    def from_json(cls, text: str, source: str) -> "Manifest":
        """Read a manifest from a file that may come from anywhere.

        Parameters
        ----------
        text
            The stored JSON.
        source
            Name of the file, for messages.

        Raises
        ------
        BundleError
            If it is too long, no JSON, of another format, or breaks the schema.
        """
        if len(text.encode()) > MAX_MANIFEST_BYTES:
            raise BundleError(
                f"{source}: its manifest takes {len(text.encode()):,} bytes.",
                f"at most {MAX_MANIFEST_BYTES:,}",
                "Get the bundle again from where it was made.",
            )
        try:
            plain = plain_json(text)
        except ValueError as error:
            raise BundleError(
                f"{source}: its manifest is no plain JSON ({error}).",
                "a manifest as Auscult writes it",
                "Get the bundle again from where it was made.",
            ) from None
        _refuse_other_formats(plain, source)
        _check(plain, source)
        _check_votes(plain["calibration"], source)
        return cls._from_plain(plain)

    @classmethod
    def _from_plain(cls, plain: dict[str, Any]) -> "Manifest":
        calibration, level = plain["calibration"], plain["level"]
        open_set, variant = plain.get("open_set"), plain.get("variant")
        values = {key: value for key, value in plain.items() if key != "format"}
        values |= {
            "labels": tuple(plain["labels"]),
            "alarm_labels": tuple(plain["alarm_labels"]),
            "open_set": None if open_set is None else OpenSet(**open_set),
            "variant": _variant(variant),
            "allowed": tuple(Allowed(**one) for one in plain.get("allowed", ())),
            "bands_hz": tuple(tuple(band) for band in plain["bands_hz"]),
            "licences": tuple(plain["licences"]),
            "calibration": None if calibration is None else Calibration.from_dict(calibration),
            "level": None if level is None else LevelTrack(**level),
            "data": Fingerprint(**plain["data"]),
            "references": tuple(Reference(**reference) for reference in plain["references"]),
            "exemplars": tuple(Exemplar(**exemplar) for exemplar in plain["exemplars"]),
        }
        return cls(**values)


def _variant(plain: dict[str, Any] | None) -> Variant | None:
    return None if plain is None else Variant(**plain | {"outputs": tuple(plain["outputs"])})


def plain_json(text: str) -> Any:
    """JSON from anywhere: finite numbers only, and nothing nested without end.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> plain_json('[1, 2.5]')
    [1, 2.5]
    >>> plain_json('[1e999]')
    Traceback (most recent call last):
    ...
    ValueError: 1e999 is too large a number
    """
    try:
        return json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_number,
            object_pairs_hook=_whole_where_counted,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _number(text: str) -> float | int:
    value, is_whole = float(text), text.lstrip("-").isdecimal()
    if not abs(value) < (2**53 if is_whole else 1e300):
        raise ValueError(f"{text[:40]} is too large a number")
    return int(text) if is_whole else value


def _whole_where_counted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON does not tell 16000.0 from 16000; what counts samples or votes is whole."""
    return {
        key: int(value)
        if key in _COUNTS and isinstance(value, float) and value.is_integer()
        else value
        for key, value in pairs
    }


def _check_votes(calibration: dict[str, Any] | None, source: str) -> None:
    """More votes than windows that vote would never come together: what JSON schema can't say."""
    known = calibration or {"rules": [], "recording": None, "level": None}
    rules = [*known["rules"], known["recording"], known["level"]]
    for rule in rules:
        if rule is not None and rule["votes"] > rule["of"]:
            raise BundleError(
                f"{source}: its rule '{rule['name']}' wants {rule['votes']} votes of {rule['of']}.",
                "no more votes than windows",
                "Get the bundle again from where it was made.",
            )


def _refuse_other_formats(plain: Any, source: str) -> None:
    found = plain.get("format") if isinstance(plain, dict) else None
    number = found if isinstance(found, int) and not isinstance(found, bool) else 0
    if number == FORMAT:
        return
    if number > FORMAT:
        raise BundleError(
            f"{source} is a bundle of format {found}.",
            f"format {FORMAT}, the newest that this version of Auscult reads",
            "Update Auscult: pip install -U auscult",
            code="bundle_newer",
        )
    raise BundleError(
        f"{source}: its manifest says format {found!r}.",
        f"format {FORMAT}",
        "Get the bundle again from where it was made.",
    )


@cache
def _validator() -> Any:
    schema = files("auscult.runtime").joinpath("manifest.schema.json").read_text("utf-8")
    return fastjsonschema.compile(json.loads(schema))


def _check(plain: Any, source: str) -> None:
    try:
        _validator()(plain)
    except fastjsonschema.JsonSchemaValueException as error:
        raise BundleError(
            f"{source}: {error.message.replace('data.', 'manifest field ', 1)}.",
            "a manifest as its schema describes it",
            "Get the bundle again from where it was made.",
        ) from None
