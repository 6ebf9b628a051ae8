"""`python -m auscult.cli.job`: learning and training as a program of its own, for whoever starts one: the server does.

A line of JSON comes in and says what to learn from and how; samples that lie in no file follow it. Lines of JSON go out: how far it
is, and at the end what came of it, or why nothing did, in three beats. The bundle is written to the folder that was named.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from auscult.audio.sound import Sound
from auscult.datasets.clip import NORMAL, Clip
from auscult.datasets.okng_json import OkNgJson
from auscult.errors import (
    AuscultError,
    AuscultWarning,
    BundleError,
    DatasetError,
    MissingExtra,
    Value,
)

if TYPE_CHECKING:
    from auscult.training.litert_worker import Precision
    from auscult.training.train import Trained

BUNDLE = "bundle.onnx"
BUNDLE_TFLITE = "bundle.tflite"
NICE = 10
BINS = 40
HIGHEST = 2.0
"""Ratios are counted in bins from 0 to this; what is higher is in the last one."""

_EVERY_S = 0.2
_MOST_NOTES, _MOST_CHARACTERS, _MOST_WORDS = 20, 500, 4000
_ALIKE = (
    "There were few recordings, so parts of the same ones were held out: they are alike, and what is measured on them flatters. "
    "Judge it by sound of another day."
)

Say = Callable[[Mapping[str, Any]], None]


def main() -> None:
    """Do one job; a process does no more of them."""
    # What libraries print is not for whoever reads the answers.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(NICE)

    def say(told: Mapping[str, Any]) -> None:
        out.write(json.dumps(told) + "\n")
        out.flush()

    say(done(sys.stdin.buffer, say))


def done(given: BinaryIO, say: Say) -> Mapping[str, Any]:
    """Do what is asked for; the last line of the answer."""
    order = json.loads(given.readline())
    ways = {"check": _check, "learn": _learn, "train": _train, "go_on": _go_on, "export": _export}
    how = ways[order["how"]]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            told = how(order, given, say)
        except AuscultError as error:
            return _failed(
                error.what, error.expected, error.action, code=error.code, values=error.values
            )
        except MemoryError:
            return _failed(
                "There was not enough memory for it.",
                "room for what is learned",
                "Give less sound, or choose smaller settings.",
                code="job_memory",
            )
        except OSError as error:
            return _failed(
                f"A file could not be read or written: {error.strerror}.",
                "a disk with room for the sound and what comes of it",
                "Make room, then try again.",
                code="job_disk",
            )
    warned = [str(one.message) for one in caught if issubclass(one.category, AuscultWarning)]
    notes = [one[:_MOST_CHARACTERS] for one in dict.fromkeys((*told.pop("notes", ()), *warned))]
    return {"event": "done", "notes": notes[:_MOST_NOTES]} | told


def _failed(
    what: str,
    expected: str,
    action: str,
    *,
    code: str = "",
    values: Mapping[str, Value] | None = None,
) -> dict[str, Any]:
    told = {"what": what, "expected": expected, "action": action}
    beats = {beat: words[:_MOST_WORDS] for beat, words in told.items()}
    return {"event": "failed", "code": code, "values": dict(values or {})} | beats


def _check(order: Mapping[str, Any], given: BinaryIO, say: Say) -> dict[str, Any]:
    """What a JSON file of waveforms holds: how many of each label, and how long."""
    del given, say
    found: dict[str, list[float]] = {}
    for clip in OkNgJson(Path(order["path"])).clips():
        assert clip.sound is not None  # noqa: S101 - waveforms are sound
        one = found.setdefault(clip.label, [0, 0.0])
        one[0] += 1
        one[1] += clip.sound.duration_s
    return {"labels": found}


def _learn(order: Mapping[str, Any], given: BinaryIO, say: Say) -> dict[str, Any]:
    from auscult.live.unspoken import unspoken
    from auscult.memory.learn import learn_clips

    total_s = max(float(order["seconds"]), 1e-9)
    told = _Throttled(say)

    def progress(heard_s: float, name: str) -> None:
        told("hear", heard_s / total_s, name=name)

    say({"event": "stage", "stage": "hear"})
    learned = learn_clips(
        _as_normal(clips_of(order, given)),
        name=order["name"],
        budget_per_day=order["budget_per_day"],
        progress=progress,
        choose=unspoken,
    )
    say({"event": "stage", "stage": "keep"})
    learned.bundle.save(Path(order["out"]) / BUNDLE)
    return {
        "notes": learned.notes,
        "seconds": learned.seconds_of_sound,
        "left_out": learned.left_out,
        "skipped": len(learned.skipped),
        "histogram": histogram(learned.held_out),
    }


def _go_on(order: Mapping[str, Any], given: BinaryIO, say: Say) -> dict[str, Any]:
    """The next version of a bundle, from how it heard what it has listened to."""
    del given, say
    from auscult.live.unspoken import without_voices
    from auscult.memory.going_on import grown, read
    from auscult.runtime.bundle import load

    listened = read(Path(order["listened"]).read_bytes())
    if listened is None:
        raise BundleError(
            "What was listened to can't be read any more.",
            "a file as the server writes it",
            "Nothing is to be done: it begins anew.",
        )
    before = load(order["bundle"]).with_budget(order["budget_per_day"])
    made = grown(before, listened, called=order["called"], name=order["name"])
    without_voices(made).save(Path(order["out"]) / BUNDLE)
    return {}


def _export(order: Mapping[str, Any], given: BinaryIO, say: Say) -> dict[str, Any]:
    """A bundle's form for a small device, measured on sound where there is some."""
    from auscult.live.unspoken import without_voices
    from auscult.runtime.bundle import load
    from auscult.training import variant

    before = load(order["bundle"])
    usual = [
        clip
        for clip in _as_normal(clips_of(order, given))
        if before.manifest.labels or clip.is_normal
    ]
    say({"event": "stage", "stage": "export"})
    if order["form"] == "int8":
        made, file = variant.int8(before, clips=usual), BUNDLE
    else:
        precision: Precision = "int8" if order["form"] == "tflite-int8" else "float"
        made, file = variant.tflite(before, precision, clips=usual), BUNDLE_TFLITE
    if order["budget_per_day"] is not None:
        made = made.with_budget(order["budget_per_day"])
    say({"event": "stage", "stage": "keep"})
    without_voices(made).save(Path(order["out"]) / file)
    return {"file": file, "seconds": 0.0}


def _train(order: Mapping[str, Any], given: BinaryIO, say: Say) -> dict[str, Any]:
    try:
        from auscult.models.families import family
        from auscult.training.train import train
    except ImportError as error:
        raise MissingExtra(f"Training ({error.name} is missing)", "train") from None
    from auscult.live.unspoken import without_voices
    from auscult.recipe import from_dict

    plain = dict(order["recipe"]) | {"budget_per_day": order["budget_per_day"]}
    kind = family(str(plain.get("family", "")))
    clips, of_data = _as_it_learns(kind.learns_from, clips_of(order, given), order["classes"])
    if of_data:
        plain["data"] = of_data
    recipe, notes = from_dict(plain)
    recipe = replace(recipe, name=order["name"])
    stages = {name: number for number, name in enumerate(kind.stages)}
    judged: dict[str, Any] = {}

    def judge(trained: "Trained", log: object) -> dict[str, float]:
        del log
        say({"event": "stage", "stage": "judge"})
        judged.update(_judged(trained))
        return {}

    trained = train(
        recipe,
        out=Path(order["out"]),
        clips=clips,
        judge=judge,
        tell=_Teller(say, stages, recipe.training.epochs).tell,
    )
    say({"event": "stage", "stage": "keep"})
    without_voices(trained.bundle).save(Path(order["out"]) / BUNDLE)
    return judged | {
        "notes": (
            *notes,
            *((_ALIKE,) if any(one.get("stretches") for one in order["pieces"]) else ()),
        ),
        "seconds": trained.bundle.manifest.data.seconds,
        "skipped": len(trained.skipped),
        "epochs": trained.epochs,
        "is_test_held_out": trained.is_test_held_out,
    }


def _as_it_learns(
    learns_from: str, clips: Iterator[Clip], classes: Mapping[str, Mapping[str, Any]]
) -> tuple[Iterator[Clip], dict[str, Any]]:
    """Recordings as a family takes them, and what its recipe has to say of them."""
    if learns_from == "classes":
        return clips, {"alarm_labels": _alarms(classes)}
    if learns_from == "groups":
        by_label = (replace(clip, unit=clip.label) for clip in clips)
        return _as_normal(by_label), {"group_by": ("unit",)}
    return _as_normal(clips), {}


def _judged(trained: "Trained") -> dict[str, Any]:
    """How good it is, where there is something to judge it by; and how far normal sound came towards the limit."""
    from auscult.evaluation.evaluate import evaluate
    from auscult.runtime.scorer import Scorer

    alarms = set(trained.bundle.manifest.alarm_labels)
    labels = trained.bundle.manifest.labels
    calm = [c for c in trained.test if (c.label not in alarms if labels else c.is_normal)]
    scorer = Scorer(trained.bundle)
    ratios: list[float] = []
    if trained.bundle.manifest.calibration is not None:
        for clip in calm:
            verdict = scorer.score(clip.sound or str(clip.path), explain=False)
            ratios += [window.ratio for window in verdict if window.ratio is not None]
    told: dict[str, Any] = {"histogram": histogram(np.asarray(ratios))}
    kinds = {clip.is_normal for clip in trained.test}
    if not kinds or not (labels or len(kinds) > 1):
        return told
    found = evaluate(scorer, trained.test).to_dict()
    classes = found.get("classes") or {}
    figures = {"auc": found.get("auc"), "accuracy": classes.get("accuracy")}
    return told | {"figures": {name: one for name, one in figures.items() if one is not None}}


def histogram(ratios: "np.ndarray[Any, np.dtype[np.float64]]") -> dict[str, Any] | None:
    """How many ratios are in each of `BINS` bins, and how many are at most 1; `None` if there are none.

    Examples
    --------
    >>> found = histogram(np.array([0.1, 0.9, 5.0]))
    >>> found["below"], found["n"], sum(found["counts"])
    (2, 3, 3)
    """
    finite = ratios[np.isfinite(ratios)]
    if not len(finite):
        return None
    counts, _ = np.histogram(np.clip(finite, 0.0, HIGHEST), bins=BINS, range=(0.0, HIGHEST))
    return {
        "highest": HIGHEST,
        "counts": counts.tolist(),
        "below": int((finite <= 1.0).sum()),
        "n": len(finite),
    }


def clips_of(order: Mapping[str, Any], given: BinaryIO) -> Iterator[Clip]:
    """The recordings of a job, with the classes that were chosen for them; what is to be left out is."""
    classes: Mapping[str, Mapping[str, Any]] = order["classes"]
    for piece in order["pieces"]:
        for clip in _in_piece(piece, given):
            chosen = classes.get(clip.label, {"name": clip.label, "use": "other"})
            if chosen["use"] != "out":
                is_normal = chosen["use"] == "normal"
                attributes = {"is_normal": "yes"} if is_normal else {}
                yield replace(clip, label=chosen["name"], attributes=attributes)


def _in_piece(piece: Mapping[str, Any], given: BinaryIO) -> Iterator[Clip]:
    if piece["kind"] == "json":
        yield from OkNgJson(Path(piece["path"])).clips()
        return
    whole = Clip(path=Path(piece["path"]), label=piece["label"])
    if piece["kind"] == "samples":
        samples = np.frombuffer(given.read(4 * piece["samples"]), "<f4").astype(np.float32)
        sound = Sound(samples=samples, rate_hz=piece["rate_hz"])
        whole = replace(whole, sound=sound, group=piece["path"])
    yield from _stretches(whole, piece["stretches"])


def _stretches(whole: Clip, stretches: Sequence[tuple[float, float]]) -> Iterator[Clip]:
    """Parts of a recording, each to be heard by itself; all of it, if none are named."""
    if not stretches:
        yield whole
    for start_s, end_s in stretches:
        group = f"{whole.path.name}, {start_s:g}-{end_s:g} s"
        if whole.sound is None:
            yield replace(whole, start_s=start_s, end_s=end_s, group=group)
        else:
            rate_hz = whole.sound.rate_hz
            part = whole.sound.samples[round(start_s * rate_hz) : round(end_s * rate_hz)]
            sound = Sound(samples=part, rate_hz=rate_hz)
            yield replace(whole, sound=sound, group=group)


def _as_normal(clips: Iterator[Clip]) -> Iterator[Clip]:
    """The same, where every class that is normal is called so, and no other one."""
    for clip in clips:
        if clip.attributes:
            yield replace(clip, label=NORMAL, attributes={})
        else:
            yield replace(clip, label="not normal" if clip.label == NORMAL else clip.label)


def _alarms(classes: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Classes that are alarms; none where nothing is said to be normal."""
    uses = [one for one in classes.values() if one["use"] != "out"]
    if len({one["name"] for one in uses}) < 2:
        raise DatasetError(
            "There are recordings of fewer than two classes.",
            "two classes at least, to tell them apart",
            "Add recordings of another class, or choose a way to learn that needs normal sound alone.",
        )
    if not any(one["use"] == "normal" for one in uses):
        return ()
    return sorted({one["name"] for one in uses if one["use"] == "other"})


class _Throttled:
    """Says how far something is, some times a second."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said_s = 0.0

    def __call__(self, stage: str, part: float | None, **more: Any) -> None:
        now_s = monotonic()
        if now_s - self._said_s >= _EVERY_S:
            self._said_s = now_s
            part = None if part is None else min(part, 1.0)
            self._say({"event": "stage", "stage": stage, "part": part} | more)


class _Teller:
    """Makes stages and parts of what training tells: see `auscult.training.loop.Tell`."""

    def __init__(self, say: Say, stages: Mapping[str, int], epochs: int) -> None:
        self._say = _Throttled(say)
        self._stages = stages
        self._epochs = epochs

    def tell(self, what: str, figures: Mapping[str, Any]) -> None:
        """Take note of what happens."""
        if what in {"read", "features"}:
            of = figures["of"]
            self._say(what, figures["done"] / of if of else None)
            return
        turned = figures["number"] + 1.0 if what == "epoch" else figures["epoch"]
        if what == "batch":
            turned += figures["done"] / max(figures["of"], 1)
        begun = self._stages.get(figures.get("stage", ""), 0)
        part = (begun + turned / self._epochs) / len(self._stages)
        self._say("train", part, epoch=int(turned), epochs=self._epochs)


if __name__ == "__main__":
    main()
