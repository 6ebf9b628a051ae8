"""The whole of training, from a recipe to a bundle; it fits one screen, and everything it calls has a file of its own."""

import json
import os
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.errors import (
    AuscultWarning,
    BundleError,
    EngineError,
    RecipeError,
    TrainingError,
)
from auscult.models import families
from auscult.models.detector import Classifier, Detector, Outputs
from auscult.models.typical import FEWEST_WINDOWS, too_few
from auscult.recipe import Recipe
from auscult.runtime import learned
from auscult.runtime.bundle import Bundle
from auscult.runtime.manifest import Fingerprint
from auscult.runtime.whole import write_whole
from auscult.training import export, loop, tape
from auscult.training.batches import class_weights
from auscult.training.enough import check_heard, check_long_enough
from auscult.training.features import Features, features_of
from auscult.training.limits import calibrated
from auscult.training.loop import Outcome, Tell
from auscult.training.plan import Plan, plan_of
from auscult.training.sides import Sides
from auscult.training.tape import Played, Tape, Windows, windows_of
from auscult.training.track import Run, open_run

BUNDLE, INSPECTED, STATE, TAPE = "bundle.onnx", "inspect.onnx", "state", "sound.tape"

REHEARSED_WEIGHTS = 20_000_000
"""A network of so many weights or more is exported once before it is trained."""

_PROOF_WINDOWS = 8
_KEPT_BATCH = 64


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of it.

    Parameters
    ----------
    bundle
        With limits.
    path
        Where it is.
    outcomes
        How each stage of it went, by its name; families without stages have one, without a name.
    parity
        How far the bundle is from the network.
    test
        Clips that are only for the end; where there are none, those that were held out.
    is_test_held_out
        These chose the epoch: figures on them flatter.
    skipped
        Recordings that could not be used: name and reason.
    """

    bundle: Bundle
    path: Path
    outcomes: Mapping[str, Outcome]
    parity: export.Parity
    test: Sequence[Clip]
    is_test_held_out: bool
    skipped: tuple[tape.Skipped, ...]

    @property
    def outcome(self) -> Outcome:
        """How the last stage went."""
        return list(self.outcomes.values())[-1]

    @property
    def held_out_loss(self) -> float | None:
        """By which trainings of one family can be compared; `None` where nothing was held out.

        Where there are several stages the last one draws what the others found, and those differ from training to training: it does
        not count.
        """
        *before, last = self.outcomes.values()
        losses = [one.epochs[one.best].held_out_loss for one in before or [last]]
        return None if None in losses else sum(filter(None, losses))

    @property
    def epochs(self) -> int:
        """Of all stages together."""
        return sum(len(one.epochs) for one in self.outcomes.values())


Judge = Callable[[Trained, Run], Mapping[str, Any]]
"""Measures what was trained; gives figures by name."""


def train(
    recipe: Recipe,
    *,
    out: Path,
    clips: Iterable[Clip] | None = None,
    folds: Collection[str] = (),
    resume: bool = False,
    inspect: bool = False,
    judge: "Judge | None" = None,
    tell: Tell | None = None,
) -> Trained:
    """Train a bundle as a recipe says.

    Parameters
    ----------
    recipe
        All that one may choose, with the place of the data.
    out
        A folder for the bundle, the run's log and its state.
    clips
        The recordings to take; default: all that are found where the recipe says.
    folds
        Units that are only for the end: see `auscult.training.sides.sides_of`.
    resume
        Go on from the state in `out`.
    inspect
        Also write `inspect.onnx`, a bundle that gives the feature maps of its layers, too.
    judge
        Called at the end with what came of it and the run, which is told of what it returns.
    tell
        Told what happens: see `auscult.training.loop.Tell`; `read` while recordings are read.

    Raises
    ------
    RecipeError, DatasetError, TrainingError, BundleError
        In words, with what to do.
    """
    loop.accelerator(recipe.training)
    place = out / STATE / f"{os.getpid()}-{TAPE}"
    plan, sound = _planned(recipe, clips, folds, place, tell)
    sides = plan.sides
    torch.manual_seed(recipe.training.seed)
    detector = families.build(
        recipe.family,
        rate_hz=recipe.audio.sample_rate_hz,
        window_samples=round(recipe.audio.window_s * recipe.audio.sample_rate_hz),
        labels=plan.labels or plan.domains,
        alarm_labels=plan.alarm_labels,
        **recipe.model,
    )
    _check_masks(detector, recipe)
    if not detector.domains:  # a plan knows the family, and not what its settings make of domains
        plan = replace(plan, domains=(), target_of=lambda _: 0) if plan.domains else plan
    sound = sound or _recorded(plan.clips, len(plan.clips), place, detector.rate_hz, tell)
    check_heard(plan, sound)
    check_long_enough(plan.sides.judged, sound, detector)
    data = _data(sound, plan)
    with open_run(out, recipe, data=data, resume=resume) as run:
        _same_data(out / STATE, data, resume=resume)
        learn, held_out = (
            _cut(sound, side, plan, recipe) for side in (sides.learn, sides.held_out)
        )
        _prepare(detector, learn, recipe)
        _tell_of_domains(detector, learn)
        _rehearse(detector, sound, learn, recipe)
        seen, judged = _seen(detector, learn, held_out, recipe, tell)
        fit = _fitting(detector, seen, judged, recipe, resume=resume, told=_told(tell, run))
        outcomes = {stage: fit(stage, out / STATE / stage) for stage in detector.stages}
        detector.after_training(
            _kept(detector, seen), torch.from_numpy(learn.label), _kept(detector, judged)
        )
        proof = held_out if len(held_out) else learn
        bundle, parity = _exported(detector, sound, proof, recipe)
        bundle = calibrated(
            bundle, _sounds(sound, sides.held_out), budget_per_day=recipe.budget_per_day
        )
        bundle = _remembering(bundle, sound, sides)
        path = bundle.save(out / BUNDLE)
        if inspect:
            inspected, _ = _exported(detector, sound, proof, recipe, inspect=True)
            _as_trained(inspected, bundle).save(out / INSPECTED)
        run.artefact(path, "bundle")
        run.log("exported", parity=dict(parity.differences), windows=parity.windows)
        trained = Trained(
            bundle=bundle,
            path=path,
            outcomes=outcomes,
            parity=parity,
            test=Played(sound, _numbers(sound, sides.judged)),
            is_test_held_out=not sides.test,
            skipped=sound.skipped,
        )
        figures = {} if judge is None else judge(trained, run)
        # What is on it can still be read by who has it open.
        place.unlink()
        run.close("done", best_epoch=trained.outcome.best, epochs=trained.epochs, **figures)
    return trained


def _planned(
    recipe: Recipe,
    given: Iterable[Clip] | None,
    folds: Collection[str],
    path: Path,
    tell: Tell | None,
) -> tuple[Plan, Tape | None]:
    """What is done with which clip; and the sound of all of them on disk, where clips are known by hearing them only."""
    kind = families.family(recipe.family)

    def plan(of: Iterable[Clip]) -> Plan:
        return plan_of(kind.learns_from, of, recipe, folds, by_domain=kind.by_domain)

    rate_hz = recipe.audio.sample_rate_hz
    clips = iter(discover(recipe.data.path).clips() if given is None else given)
    first = list(islice(clips, 1))
    if any(clip.sound is not None for clip in first):
        # Clips that carry their samples may be more than memory holds: one at a time, and the plan is made of what is left.
        sound = _recorded(chain(first, clips), None, path, rate_hz, tell)
        found = plan(take.clip for take in sound.takes)
        return found, tape.keeping(sound, found.clips)
    return plan(chain(first, clips)), None


def _recorded(
    clips: Iterable[Clip], total: int | None, path: Path, rate_hz: int, tell: Tell | None
) -> Tape:
    done = 0

    def progress(seconds: float, name: str) -> None:
        nonlocal done
        done += 1
        if tell is not None:
            tell("read", {"done": done, "of": total, "seconds": seconds, "name": name})

    return tape.record(clips, path, rate_hz=rate_hz, progress=progress)


def _numbers(sound: Tape, side: Collection[str]) -> list[int]:
    return [number for number, take in enumerate(sound.takes) if take.recording in side]


def _cut(sound: Tape, side: Collection[str], plan: Plan, recipe: Recipe) -> Windows:
    rate_hz = sound.rate_hz
    return windows_of(
        sound,
        _numbers(sound, side),
        plan.target_of,
        length=round(recipe.audio.window_s * rate_hz),
        hop=max(round(recipe.audio.hop_s * rate_hz), 1),
    )


def _check_masks(detector: Detector, recipe: Recipe) -> None:
    """SpecAugment blots out parts of a picture, and not every family sees one."""
    settings = recipe.augment
    if not (settings.masks and (settings.mask_bands or settings.mask_frames)):
        return
    with torch.no_grad():
        seen = detector.eval().features(torch.zeros(1, detector.window_samples))
    if seen.ndim != 3:
        raise RecipeError(
            f"augment.mask_bands and augment.mask_frames are set, and {recipe.family} sees no spectrogram to mask.",
            "0 for both, or a family that does, such as resnet",
            "Leave them out; augment.time_mask_s masks the waveform.",
        )


def _prepare(detector: Detector, learn: Windows, recipe: Recipe) -> None:
    if not isinstance(detector, Classifier):
        return
    detector.label_smoothing = recipe.training.label_smoothing
    if recipe.training.class_weights == "balanced":
        weights = class_weights(learn.label, len(detector.labels))
        detector.class_weights.copy_(torch.tensor(weights))


def _tell_of_domains(detector: Detector, learn: Windows) -> None:
    few = too_few(detector.domains, learn.label.tolist()) if detector.domains else ()
    if few:
        warnings.warn(
            f"Of the domain {', '.join(few)} there are fewer than {FEWEST_WINDOWS} windows to learn from: "
            "what is typical of it is taken to be what is typical of all domains.",
            AuscultWarning,
            stacklevel=3,
        )


def _seen(
    detector: Detector, learn: Windows, held_out: Windows, recipe: Recipe, tell: Tell | None
) -> tuple[Windows | Features, Windows | Features]:
    """Features, computed once, where they never change and fit; else the windows themselves."""

    def progress(done: int, of: int) -> None:
        if tell is not None:
            tell("features", {"done": done, "of": of})

    settings = recipe.augment
    moves = settings.gain_db or settings.shift_s or settings.time_mask_s
    if not detector.features_are_fixed or moves or settings.noise_snr_db is not None:
        return learn, held_out
    most_mb = recipe.training.cache_mb
    seen = features_of(detector, learn, most_mb=most_mb, progress=progress)
    if seen is None or not len(held_out):
        return seen or learn, held_out
    judged = features_of(detector, held_out, most_mb=most_mb, progress=progress)
    return (learn, held_out) if judged is None else (seen, judged)


def _fitting(
    detector: Detector,
    seen: Windows | Features,
    judged: Windows | Features,
    recipe: Recipe,
    *,
    resume: bool,
    told: Callable[[str], Tell],
) -> Callable[[str, Path], Outcome]:
    """One stage of training, to be called with its name and the folder of its state."""

    def fit(stage: str, folder: Path) -> Outcome:
        detector.begin(stage)
        return loop.fit(
            detector,
            seen,
            judged if len(judged) else None,
            recipe,
            folder=folder,
            resume=resume,
            are_features=isinstance(seen, Features),
            tell=told(stage),
        )

    return fit


@torch.no_grad()
def _kept(detector: Detector, seen: Windows | Features) -> Outputs:
    """What `after_training` learns from, of all windows."""
    detector.eval()
    parts = []
    for first in range(0, max(len(seen), 1), _KEPT_BATCH):
        index = np.arange(first, min(first + _KEPT_BATCH, len(seen)))
        if isinstance(seen, Features):
            features = torch.from_numpy(seen.batch(index))
        elif len(index):
            features = detector.features(torch.from_numpy(seen.batch(index)))
        else:  # nothing is held out: what it would have looked like
            features = detector.features(torch.zeros(1, seen.length))
        found = detector.judge(features)
        parts.append({name: found[name][: len(index)] for name in detector.keeps})
    return {name: torch.cat([part[name] for part in parts]) for name in detector.keeps}


def _exported(
    detector: Detector, sound: Tape, windows: Windows, recipe: Recipe, *, inspect: bool = False
) -> tuple[Bundle, export.Parity]:
    spread = np.unique(np.linspace(0, len(windows) - 1, _PROOF_WINDOWS).round().astype(np.int64))
    return export.bundle_of(
        detector,
        windows.batch(spread),
        name=recipe.name or recipe.family,
        recipe=recipe.to_dict(),
        hop_samples=max(round(recipe.audio.hop_s * sound.rate_hz), 1),
        data=Fingerprint(
            sha256=sound.sha256, recordings=len(sound.takes), seconds=round(sound.seconds, 3)
        ),
        inspect=inspect,
    )


def _rehearse(detector: Detector, sound: Tape, learn: Windows, recipe: Recipe) -> None:
    """A large network is exported as it is, before hours go into it: some could never be a bundle."""
    if sum(one.numel() for one in detector.parameters()) < REHEARSED_WEIGHTS:
        return
    try:
        _exported(detector, sound, learn, recipe)
    except (BundleError, EngineError) as error:
        raise TrainingError(
            f"With these settings {recipe.family} could not become a bundle: {error.what}",
            error.expected,
            "Choose shorter windows (audio.window_s), or a smaller network under model.",
        ) from None


def _remembering(bundle: Bundle, sound: Tape, sides: Sides) -> Bundle:
    """With digests of what it learned from, and of what chose its epoch: nobody should judge it by those."""
    named = {learned.ARRAY: sides.learn, learned.HELD_OUT: sides.held_out}
    digests = {
        name: learned.array_of(sound.takes[number].sha256 for number in _numbers(sound, side))
        for name, side in named.items()
    }
    return replace(bundle, arrays={**bundle.arrays, **digests})


def _as_trained(inspected: Bundle, bundle: Bundle) -> Bundle:
    """With the limits of the bundle that is used, and all it knows of itself; so it is evaluated like that."""
    references = inspected.manifest.references
    manifest = replace(bundle.manifest, references=references)
    return replace(inspected, manifest=manifest, arrays={**bundle.arrays, **inspected.arrays})


def _sounds(sound: Tape, side: Collection[str]) -> Iterator[tuple[str, Sound]]:
    for number in _numbers(sound, side):
        take = sound.takes[number]
        yield take.clip.label, Sound(samples=sound.samples(take), rate_hz=sound.rate_hz)


def _data(sound: Tape, plan: Plan) -> dict[str, Any]:
    sides: Sides = plan.sides
    takes = [
        (take.recording, take.clip.label, take.clip.start_s, take.sha256) for take in sound.takes
    ]
    return {
        "sha256": sound.sha256,
        "takes": sha256("\n".join(map(repr, takes)).encode()).hexdigest(),
        "recordings": len(sound.takes),
        "seconds": round(sound.seconds, 3),
        "labels": list(plan.labels),
        "learned": sorted(sides.learn),
        "held_out": sorted(sides.held_out),
        "test": sorted(sides.test),
        "skipped": [asdict(one) for one in sound.skipped],
        **({"domains": list(plan.domains)} if plan.domains else {}),
    }


def _same_data(folder: Path, data: Mapping[str, Any], *, resume: bool) -> None:
    """What is gone on with has learned from this data; what is begun anew leaves nothing of what was before."""
    path, text = folder / "data.json", json.dumps(data, ensure_ascii=False)
    for left in folder.glob(f"*-{TAPE}"):  # of a training that was killed
        if not left.name.startswith(f"{os.getpid()}-"):
            left.unlink()
    if not resume:
        for part in (folder, *(one for one in folder.iterdir() if one.is_dir())):
            loop.forget(part)
    if resume and path.exists() and json.loads(path.read_text(encoding="utf-8")) != data:
        raise TrainingError(
            f"The data is not that of {path}: recordings were added, lost or changed.",
            "the data that training began with",
            "Give the same data, or begin anew without --resume.",
        )
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise TrainingError(
            f"{path} could not be written: {error.strerror}.",
            "a folder that may be written to, with room",
            "Make room, or choose another folder with -o.",
        ) from None


def _told(tell: Tell | None, run: Any) -> Callable[[str], Tell]:
    """Who is told of a stage: the run's log, and whoever asked."""
    before = 0

    def of_stage(stage: str) -> Tell:
        first = before

        def told(what: str, figures: Mapping[str, Any]) -> None:
            nonlocal before
            if what == "epoch":
                before = first + figures["number"] + 1
                named = f"{stage}." if stage else ""
                numbers = {f"{named}{k}": v for k, v in figures.items() if isinstance(v, float)}
                run.metrics(step=before, epoch=before, **numbers)
            if tell is not None:
                tell(what, {**figures, "stage": stage} if stage else figures)

        return told

    return of_stage
