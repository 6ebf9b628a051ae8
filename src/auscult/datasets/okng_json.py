"""Waveforms in JSON with OK and NG labels, streamed.

Two forms are read, and told apart by their first character::

    {"waveforms": [[0.01, -0.02, …], …], "labels": ["OK", "NG", …], "fs": 44100, "metric": "RMS"}
    [{"Waveform": [0.01, -0.02, …], "Labels": 0}, …]                     (0 = normal, 1 = anomaly, 44.1 kHz)

A file is read twice, because labels and rate may follow the waveforms: the first pass checks everything and keeps only
labels, rate, ranges and faults; the second hands out one waveform at a time. So memory is bounded by the longest
waveform (`MAX_SAMPLES` at most), never by the file, and a file that breaks in the middle gives nothing rather than a part.

Tolerated beyond JSON: `//` comments, a byte order mark, and Python's `NaN` and `Infinity` (they spoil their own waveform).
"""

import json
import re
import warnings
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

import ijson
import numpy as np

from auscult.audio.header import MAX_RATE_HZ, MIN_RATE_HZ
from auscult.audio.sound import Sound
from auscult.datasets.clip import ANOMALY, NORMAL, Clip
from auscult.datasets.folder import closed, files_below
from auscult.errors import AuscultWarning, DatasetError

LEGACY_RATE_HZ = 44_100
"""The legacy form says no rate; this is the one that it was made for."""

MAX_SAMPLES = 20_000_000
"""Longest waveform, 7.5 minutes at 44.1 kHz: it is what bounds memory."""

_LABELS = {"OK": NORMAL, "NG": ANOMALY, 0: NORMAL, 1: ANOMALY}
# Full scale of 16, 24 and 32-bit sound.
_FULL_SCALES = (2.0**15, 2.0**23, 2.0**31)
# Float recordings may pass full scale a little (resampling does it): 6 dB is room for that, and for nothing else.
_HEADROOM = 2.0
_BLOCK_BYTES = 1 << 16
_SHOWN = 5


@dataclass(frozen=True)
class OkNgJson:
    """JSON files of waveforms labelled OK and NG.

    Samples are taken as they are when they lie within ±1. A file that holds whole numbers only, some of them beyond ±1,
    is taken for integer sound and divided by the full scale of 16, 24 or 32 bits, whichever is the first to hold them, with
    a warning; levels within a file stay comparable. Any other waveform that goes beyond ±2 is left out.

    A waveform that can't be used (a sample that is no number, NaN, empty, an unknown label, too long, out of range) is left
    out; one warning a file says which and why. A file that is no JSON, or lacks a field, is refused; among several
    files, it is left out with a warning.

    Parameters
    ----------
    root
        A file, or a folder of files that end in `.json`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "press.json"
    >>> _ = path.write_text('{"waveforms": [[0.5, -0.5]], "labels": ["NG"], "fs": 8000}')
    >>> clip = next(OkNgJson(path).clips())
    >>> clip.label, clip.sound.samples.tolist(), clip.sound.rate_hz
    ('anomaly', [0.5, -0.5], 8000)
    """

    root: Path

    def clips(self) -> Iterator[Clip]:
        """Yield the waveforms in the order of their files and places, each with its `sound`; `group` is `file#index`.

        Raises
        ------
        DatasetError
            Nothing is there, or no file can be used; for a broken file with its line and column.
        """
        files = [self.root] if self.root.is_file() else files_below(self.root, {".json"})
        first_refusal: DatasetError | None = None
        n_refused = 0
        for path in files:
            try:
                yield from _clips(path)
            except DatasetError as error:
                if len(files) == 1:
                    raise
                n_refused += 1
                first_refusal = first_refusal or error
                _warn(f"{error} The file is left out.")
        if n_refused == len(files):
            raise DatasetError(
                f"{self.root} holds no JSON file that can be used.",
                'files like {"waveforms": [[0.01, …], …], "labels": ["OK", …], "fs": 44100}',
                str(first_refusal) if first_refusal else "Check the path.",
            )


@dataclass(frozen=True, kw_only=True)
class _Form:
    """One of the two forms: its places as ijson names them, and the events that open each."""

    opens: dict[str, str]
    item: str
    sample: str
    label: str


_NEW = _Form(
    opens={"waveforms": "start_array", "waveforms.item": "start_array", "labels": "start_array"},
    item="waveforms.item",
    sample="waveforms.item.item",
    label="labels.item",
)
_LEGACY = _Form(
    opens={"item": "start_map", "item.Waveform": "start_array"},
    item="item",
    sample="item.Waveform.item",
    label="item.Labels",
)
_SCALARS = frozenset({"string", "number", "boolean", "null"})
_STARTS = frozenset({"start_map", "start_array"})
_ENDS = frozenset({"end_map", "end_array"})
_EVENT_WORDS = {"start_map": "an object", "start_array": "a list"}

Part = tuple[Literal["form", "field", "fs", "label", "waveform"], Any]


@dataclass(kw_only=True)
class _Survey:
    """What the first pass learns of a file."""

    form: _Form = _NEW
    fields: list[str] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    rate_hz: Any = None
    peaks: list[float] = field(default_factory=list)
    is_whole: bool = True
    faults: dict[int, str] = field(default_factory=dict)


def _clips(path: Path) -> Iterator[Clip]:
    survey = _surveyed(path)
    rate_hz = _rate_hz(path, survey)
    scale = _full_scale(path, survey)
    faults = _faults(survey, scale)
    _report(path, faults, len(survey.peaks))
    waveforms = (value for kind, value in _parts(path) if kind == "waveform")
    for index, (samples, _) in enumerate(waveforms):
        if index not in faults:
            scaled = np.frombuffer(samples, np.float32) / np.float32(scale)
            yield Clip(
                path=path,
                label=_LABELS[survey.labels[index]],
                group=f"{path}#{index}",
                sound=Sound(samples=scaled, rate_hz=rate_hz),
            )


def _surveyed(path: Path) -> _Survey:
    """First pass: everything but the samples."""
    survey = _Survey()
    for kind, value in _parts(path):
        match kind:
            case "form":
                survey.form = value
            case "field":
                survey.fields.append(value)
            case "fs":
                survey.rate_hz = value
            case "label":
                survey.labels.append(value)
            case "waveform":
                _note_waveform(survey, *value)
    _check_fields(path, survey)
    return survey


def _note_waveform(survey: _Survey, samples: "array[float]", fault: str) -> None:
    values = np.frombuffer(samples, np.float32)
    index = len(survey.peaks)
    fault = fault or ("is empty" if not len(values) else "")
    if fault:
        survey.faults[index] = fault
        survey.peaks.append(0.0)
    else:
        survey.peaks.append(float(np.abs(values).max()))
        survey.is_whole = survey.is_whole and bool((values == np.floor(values)).all())
    if survey.form is _LEGACY:
        # Each item brings its own label: one that has none, or two, must not shift the others.
        survey.labels[index:] = (survey.labels[index:] or [None])[:1]


def _check_fields(path: Path, survey: _Survey) -> None:
    if survey.form is _NEW:
        missing = [name for name in ("waveforms", "labels", "fs") if name not in survey.fields]
        if missing:
            raise DatasetError(
                f"{path} has no field {_listed(missing)}; it has {_listed(survey.fields) or 'none'}.",
                'the fields "waveforms", "labels" and "fs" ("metric" may be left out)',
                "Name the fields so, or export the file again.",
                code="json_fields",
                values={"name": str(path), "missing": ", ".join(missing)},
            )
    if len(survey.labels) != len(survey.peaks):
        raise DatasetError(
            f"{path} holds waveforms and labels in different numbers: "
            f"{len(survey.peaks)} and {len(survey.labels)}.",
            "one label for each waveform, in the same order",
            "Export the file again; which label belongs to which waveform can't be guessed.",
            code="json_labels",
            values={
                "name": str(path),
                "waveforms": len(survey.peaks),
                "labels": len(survey.labels),
            },
        )
    if not survey.peaks:
        raise DatasetError(
            f"{path} holds no waveform.",
            "one waveform or more",
            "Export the file again.",
            code="json_empty",
            values={"name": str(path)},
        )


def _rate_hz(path: Path, survey: _Survey) -> int:
    if survey.form is _LEGACY:
        _warn(f"{path} is of the old form, which says no sample rate; 44.1 kHz is assumed.")
        return LEGACY_RATE_HZ
    rate = survey.rate_hz
    is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
    if is_number and MIN_RATE_HZ <= rate <= MAX_RATE_HZ and rate == int(rate):
        return int(rate)
    raise DatasetError(
        f"{path} says fs = {_named(rate)}.",
        f"samples a second, a whole number from {MIN_RATE_HZ} to {MAX_RATE_HZ}",
        "Write the rate in Hz that the sound was recorded at, 44100 for example.",
        code="json_rate",
        values={"name": str(path)},
    )


def _full_scale(path: Path, survey: _Survey) -> float:
    """What the samples of a file are divided by."""
    peak = max(survey.peaks)
    if peak <= 1 or not survey.is_whole:
        return 1.0
    scale = next((scale for scale in _FULL_SCALES if peak <= scale), 1.0)
    if scale > 1:
        _warn(
            f"{path} holds whole numbers up to {peak:.0f}: they are taken for integer sound and "
            f"divided by {scale:.0f}."
        )
    return scale


def _faults(survey: _Survey, scale: float) -> dict[int, str]:
    """Why which waveforms can't be used."""
    faults = {
        index: f"reaches {peak:g}, where full scale is ±1: divide by the full scale of the sound"
        for index, peak in enumerate(survey.peaks)
        if not peak / scale <= _HEADROOM
    }
    for index, label in enumerate(survey.labels):
        if not isinstance(label, str | int) or label not in _LABELS:
            expected = "OK or NG" if survey.form is _NEW else "0 or 1"
            told = "no label" if label is None else f"the label {_named(label)}"
            faults[index] = f"has {told}, not {expected}"
    return faults | survey.faults


def _report(path: Path, faults: dict[int, str], n_waveforms: int) -> None:
    if not faults:
        return
    shown = "; ".join(f"#{index} {faults[index]}" for index in sorted(faults)[:_SHOWN])
    more = "; …" if len(faults) > _SHOWN else ""
    told = f"{len(faults)} of {n_waveforms} waveforms of {path} can't be used: {shown}{more}."
    if len(faults) == n_waveforms:
        raise DatasetError(told, "finite numbers within ±1 and a label", "Export the file again.")
    _warn(f"{told} They are left out.")


def _parts(path: Path) -> Iterator[Part]:
    """What a file says, piece by piece: `(samples, fault)` for a waveform, values for the rest."""
    events = _events(path)
    _, opening, _ = next(events)
    form = {"start_map": _NEW, "start_array": _LEGACY}.get(opening)
    if form is None:
        raise _no_form(path, opening)
    yield "form", form
    samples, fault = array("f"), ""
    for place, event, value in events:
        # Nearly every event is a sample, so this comes first.
        if event == "number" and place == form.sample:
            if len(samples) < MAX_SAMPLES:
                samples.append(value)
            else:
                fault = fault or f"is longer than {MAX_SAMPLES} samples: keep such sound as WAV"
            continue
        fault = fault or _odd(form, place, event, value, len(samples))
        if fault and place in {"waveforms", "labels"}:
            raise DatasetError(f"{path}: {place} {fault}.", "a list", "Export the file again.")
        yield from _facts(form, place, event, value)
        if place == form.item and event in _ENDS | _SCALARS:
            yield "waveform", (samples, fault)
            samples, fault = array("f"), ""


def _odd(form: _Form, place: str, event: str, value: Any, n_samples: int) -> str:
    """What is wrong with a value that stands where another kind belongs; `""` if nothing is."""
    if event not in _SCALARS | _STARTS:
        return ""
    if place == form.sample:
        return f"has {_EVENT_WORDS.get(event) or _named(value)} for sample {n_samples}"
    if event != form.opens.get(place, event):
        return f"is {_EVENT_WORDS.get(event) or _named(value)}"
    return ""


def _facts(form: _Form, place: str, event: str, value: Any) -> Iterator[Part]:
    if place == "" and event == "map_key":
        yield "field", value
    elif event in _SCALARS | _STARTS:
        told = {"start_map": {}, "start_array": []}.get(event, value)
        if place == form.label:
            yield "label", told
        elif place == "fs":
            yield "fs", told


def _events(path: Path) -> Iterator[tuple[str, str, Any]]:
    """Places, events and values as `ijson.parse` gives them; its C backend takes about 100 MB/s."""
    try:
        with path.open("rb") as file:
            text = _Text(file)
            try:
                yield from ijson.parse(text, use_float=True, buf_size=_BLOCK_BYTES)
            except ijson.JSONError as error:
                raise _broken(path, text.offset, error) from error
    except OSError as error:
        raise closed(path, error) from error


# What needs another look: strings (nothing in them is touched), comments, numbers that only Python writes, and what may
# become one of them, or an escape, with the next block.
_TOKEN = re.compile(
    rb'(?P<string>"[^"\\]*(?:\\.[^"\\]*)*(?P<closed>"?))|(?P<comment>//[^\n]*)'
    rb"|(?P<number>-?Infinity|NaN)|(?P<partial>(?:\\|/|-|-?I[a-z]{0,6}|Na?)\Z)",
    re.DOTALL,
)
_MARKS = (b'"', b"/", b"N", b"I")


class _Text:
    """A file for ijson, in which what JSON doesn't know has given way byte for byte, so that positions stay true."""

    def __init__(self, file: BinaryIO) -> None:
        self._blocks = _strict(file)
        self._given = 0
        self.offset = 0

    def read(self, size: int) -> bytes:
        """The next block, of any length; ijson asks for none first, to see that it gets bytes."""
        block = next(self._blocks, b"") if size else b""
        self.offset = self._given
        self._given += len(block)
        return block


def _strict(file: BinaryIO) -> Iterator[bytes]:
    """Blocks of strict JSON: comments become spaces, NaN and Infinity become strings, all of the same length."""
    still_open, held = b"", b""
    block = file.read(_BLOCK_BYTES)
    if block.startswith(b"\xef\xbb\xbf"):
        block = b"   " + block[3:]
    while block or held:
        following = file.read(_BLOCK_BYTES)
        data, held = held + block, b""
        if still_open or data.endswith(b"-") or any(mark in data for mark in _MARKS):
            data, still_open, held = _without_tokens(data, still_open, is_last=not following)
        if data:
            yield data
        block = following


def _without_tokens(data: bytes, still_open: bytes, *, is_last: bool) -> tuple[bytes, ...]:
    """Strict JSON for a block, given what the last one left open: a string, a comment or nothing.

    Returns
    -------
    strict, left_open, held
        `held` is the end of the block that can't be judged without the next one.
    """
    left_open = held = b""

    def replaced(token: re.Match[bytes]) -> bytes:
        nonlocal left_open, held
        if token["string"]:
            left_open = b"" if token["closed"] else b'"'
        elif token["comment"]:
            left_open = b"//" if token.end() == len(token.string) else b""
            return b" " * len(token[0])
        elif token["number"]:
            return b'"' + token[0][:-2] + b'"'
        elif not is_last:
            held = token[0]
            return b""
        return token[0]

    strict = _TOKEN.sub(replaced, still_open + data)
    return strict[len(still_open) :], left_open, held


_PYTHON_NUMBERS = {"N": "NaN", "Infini": "Infinity", "-Infini": "-Infinity"}


def _named(value: Any) -> str:
    """A value as its file has it."""
    if isinstance(value, str):
        return _PYTHON_NUMBERS.get(value, json.dumps(value[:40], ensure_ascii=False))
    return json.dumps(value)


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _no_form(path: Path, opening: str) -> DatasetError:
    return DatasetError(
        f"{path} is a single {opening}.",
        '{"waveforms": [[0.01, …], …], "labels": ["OK", …], "fs": 44100}',
        "Export the file again.",
        code="json_fields",
        values={"name": str(path), "missing": "waveforms, labels, fs"},
    )


def _broken(path: Path, offset: int, error: ijson.JSONError) -> DatasetError:
    reason = error.args[0] if error.args else ""
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    # The parser shows the place in further lines; the first one tells what it is.
    told = next(iter(text.strip().splitlines()), "it breaks").rstrip(".")
    line, column = _broken_at(path, offset)
    return DatasetError(
        f"{path} is no JSON: {told} (line {line}, column {column}).",
        "JSON in UTF-8",
        "Mend that place, or export the file again.",
        code="json_broken",
        values={"name": str(path), "line": line, "column": column},
    )


def _broken_at(path: Path, offset: int) -> tuple[int, int]:
    """Line and column, from 1, where a file breaks: read again, byte by byte from the block that broke."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=True)
    line = 1
    line_start = position = 0
    with path.open("rb") as file:
        for block in _strict(file):
            pieces = [block] if position < offset else [block[i : i + 1] for i in range(len(block))]
            for piece in pieces:
                try:
                    parser.send(piece)
                except ijson.JSONError:
                    return line, position - line_start + 1
                events.clear()
                position += len(piece)
                if b"\n" in piece:
                    line += piece.count(b"\n")
                    line_start = position - len(piece) + piece.rindex(b"\n") + 1
    return line, position - line_start + 1


def _warn(text: str) -> None:
    warnings.warn(text, AuscultWarning, stacklevel=5)
