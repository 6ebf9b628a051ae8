"""A bundle's form for a small device: a bundle of its own, with limits, proof and figures of its own.

What a change of the network does to its scores is measured where it matters: on sound, as it is and with something added. Limits move with
the scores of normal sound; a memory whose network has changed is learned again, as far as there is sound for it. What agrees
too little with the bundle that it comes from is refused.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from auscult.audio.sound import Samples
from auscult.datasets.clip import Clip
from auscult.errors import BundleError
from auscult.memory.allow import carried
from auscult.memory.graph import Embedder
from auscult.memory.learn import learn_clips
from auscult.memory.reach import prefixes_of
from auscult.runtime.bundle import (
    EMBEDDER,
    Bundle,
    outputs_of,
    reference_window,
    run_window,
    verify,
)
from auscult.runtime.calibration import Calibration, Rule
from auscult.runtime.compact import compacted
from auscult.runtime.engine import Arrays, Runner
from auscult.runtime.extract import extract
from auscult.runtime.manifest import Manifest, OpenSet, Reference, Variant
from auscult.runtime.parts import MEMORY
from auscult.runtime.quantise import How, how_best, layers_of, named, quantised
from auscult.runtime.scorer import Scorer
from auscult.training.heard import Heard, heard_of
from auscult.training.lean import lean
from auscult.training.litert_worker import Precision, converted, look_first
from auscult.training.trial import Trial

Array = NDArray[np.float64]
Progress = Callable[[float, str], None]

MIN_CORRELATION = 0.98
"""Scores that go together less than this are another detector's."""

MAX_AUC_LOSS = 0.02

# Whole numbers are rounded otherwise on other processors, which a deep network passes on (mn04 in a browser: 4e-2); a product in
# float nearly alike on all.
_TOLERANCE = {
    "onnx": {"onnxruntime": 5e-2},
    "float": {"onnxruntime": 1e-3},
    "tflite": {"litert": 5e-2},
    "tflite-float": {"litert": 1e-2},
}

# Outputs of a bundle for LiteRT; what draws is not among them.
_KEPT = ("score", "fast_score", "distance", "level_db", "probabilities", "embedding")

# What is added to sound, against the sound itself.
_ADDED_DB = (-15.0, -5.0, 5.0)
_SEED = 0


def slim(bundle: Bundle) -> Bundle:
    """The same bundle with its tables written as rules, and nothing beside its graph that it can do without."""
    return replace(lean(bundle), model=compacted(bundle.model))


def int8(
    bundle: Bundle,
    how: How | None = None,
    *,
    clips: Sequence[Clip] = (),
    test: Sequence[Clip] = (),
    allow_loss: bool = False,
    progress: Progress | None = None,
) -> Bundle:
    """A bundle with its network in eight bits; its front end and its distances stay in float.

    Parameters
    ----------
    bundle
        An ONNX bundle.
    how
        See `auscult.runtime.quantise`; default: what suits its network, and `weights` where that agrees too little.
    clips
        Normal sound. A memory is learned again from it where its network has changed: give all that it was learned from.
    test
        Labelled recordings, on which the AUC of both is measured: see `auscult.training.trial`.
    allow_loss
        Do not refuse what agrees too little.
    progress
        Called with the seconds heard and the recording, while a memory is learned again.

    Returns
    -------
    variant
        Where there is no network in it (a memory on the spectrum), smaller all the same: its tables are written as rules.

    Raises
    ------
    BundleError
        If it is no ONNX bundle with a score, or the two agree too little.
    """
    _refuse_others(bundle)
    heard = heard_of(bundle, clips)
    trial = Trial.of(bundle, test)
    options: dict[str, Any] = {"clips": clips, "trial": trial, "progress": progress}
    if how is not None:
        return _in_eight_bits(bundle, how, heard, allow_loss=allow_loss, **options)
    try:
        return _in_eight_bits(bundle, how_best(named(bundle.model)), heard, **options)
    except BundleError:
        return _in_eight_bits(bundle, "weights", heard, allow_loss=allow_loss, **options)


def _in_eight_bits(
    bundle: Bundle,
    how: How,
    heard: Heard,
    *,
    clips: Sequence[Clip],
    trial: Trial,
    progress: Progress | None,
    allow_loss: bool = False,
) -> Bundle:
    manifest = bundle.manifest
    model = quantised(bundle.model, how, heard.measured, context=manifest.context, dim=manifest.dim)
    kind = "onnx-float" if model is bundle.model else f"onnx-int8-{how}"
    again = kind != "onnx-float" and manifest.family == MEMORY and bool(clips)
    made = _learned_again(bundle, model, clips, progress) if again else None
    candidate = slim(replace(bundle, model=model) if made is None else made)
    tolerance = _TOLERANCE["float" if kind == "onnx-float" else "onnx"]
    return finished(
        bundle,
        candidate,
        kind=kind,
        heard=heard,
        trial=trial,
        tolerance=tolerance,
        relearned=again,
        allow_loss=allow_loss,
    )


def tflite(
    bundle: Bundle,
    precision: Precision = "float",
    *,
    clips: Sequence[Clip] = (),
    test: Sequence[Clip] = (),
    allow_loss: bool = False,
    progress: Progress | None = None,
) -> Bundle:
    """A bundle for LiteRT: windows of one length, one at a time, and no map of what is strange.

    Parameters
    ----------
    bundle
        An ONNX bundle.
    precision
        Of its network; front end and distances stay in float.
    clips
        Normal sound. A memory is learned again from it where its network has changed: give all that it was learned from.
    test
        Labelled recordings, on which the AUC of both is measured: see `auscult.training.trial`.
    allow_loss
        Do not refuse what agrees too little.
    progress
        Called with the seconds heard and the recording, while a memory is learned again.

    Raises
    ------
    MissingExtra, RecipeError
        If the converter, or LiteRT, is not there; it is looked for first.
    BundleError
        If it is no ONNX bundle with a score, can't be converted, or the two agree too little.
    """
    _refuse_others(bundle)
    look_first()
    heard = heard_of(bundle, clips, whole=True)
    trial = Trial.of(bundle, test)
    candidate = _on_litert(bundle, precision, heard)
    changed = precision != "float" and bool(layers_of(named(bundle.model)).nodes)
    again = changed and bundle.manifest.family == MEMORY and bool(clips)
    if again:
        learned_again = _learned_again(
            bundle, bundle.model, clips, progress, engine=_Ears(candidate)
        )
        candidate = _on_litert(learned_again, precision, heard)
    return finished(
        bundle,
        candidate,
        kind=f"tflite-{precision}",
        heard=heard,
        trial=trial,
        tolerance=_TOLERANCE["tflite-float" if precision == "float" else "tflite"],
        relearned=again,
        allow_loss=allow_loss,
    )


def _on_litert(bundle: Bundle, precision: Precision, heard: Heard) -> Bundle:
    """Converted, with limits and proof of the other form still."""
    model = named(bundle.model, for_people=True)
    layers = layers_of(model)
    made = {value.name for value in model.graph.output}
    outputs = tuple(name for name in _KEPT if name in made)
    chosen = layers.nodes[:-1] + layers.between if len(layers.nodes) > 1 else layers.nodes
    content = converted(
        model,
        precision,
        _inputs(bundle.manifest, heard.measured),
        outputs,
        layers=() if precision == "float" else chosen,
    )
    kept = lean(bundle)
    manifest = replace(
        kept.manifest,
        min_window_samples=bundle.manifest.window_samples,
        bands_hz=(),
        map_hop_samples=0,
        map_frame_samples=0,
        variant=_draft(precision, outputs),
    )
    return replace(kept, manifest=manifest, model=onnx.ModelProto(), tflite=content)


class _Ears:
    """A memory's engine as an embedder's: what came before does not count."""

    def __init__(self, bundle: Bundle) -> None:
        self._engine, self._manifest = bundle.engine(), bundle.manifest
        self.name, self.inputs = self._engine.name, self._engine.inputs
        self.outputs: tuple[str, ...] = ("embedding", "level_db")

    def run(
        self,
        waveform: Samples,
        *,
        context: NDArray[np.float32] | None = None,
        context_length: NDArray[np.int64] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Arrays:
        """Embeddings and levels of windows."""
        del context, context_length
        inputs = _inputs(self._manifest, list(waveform))
        lengths = inputs.get("context_length")
        return self._engine.run(
            waveform,
            context=None if lengths is None else inputs["context"].astype(np.float32),
            context_length=None if lengths is None else lengths.astype(np.int64),
            outputs=self.outputs if outputs is None else outputs,
        )


def _draft(precision: Precision, outputs: tuple[str, ...]) -> Variant:
    """What the graph gives has to be known before it is compared."""
    return Variant(
        kind=f"tflite-{precision}", of_sha256="0" * 64, windows=0, correlation=0.0, outputs=outputs
    )


def _inputs(manifest: Manifest, windows: Sequence[Samples]) -> dict[str, NDArray[np.generic]]:
    """Windows as inputs of the graph, without context."""
    n = len(windows)
    inputs: dict[str, NDArray[np.generic]] = {"waveform": np.stack(windows)}
    if manifest.context:
        inputs["context"] = np.zeros((n, manifest.context, manifest.dim), np.float32)
        inputs["context_length"] = np.zeros(n, np.int64)
    return inputs


def _refuse_others(bundle: Bundle) -> None:
    manifest = bundle.manifest
    if manifest.family == EMBEDDER or manifest.variant is not None:
        raise BundleError(
            f"{bundle.source or manifest.name} can't be exported.",
            "a bundle as `auscult learn` or `auscult train` wrote it, and no variant of another",
            "Export the bundle that it was made of.",
        )


def _learned_again(
    bundle: Bundle,
    model: onnx.ModelProto,
    clips: Sequence[Clip],
    progress: Progress | None,
    *,
    engine: Runner | None = None,
) -> Bundle:
    """The memory of a bundle, from sound heard through the network as it is now, in `model` or in an engine of its own."""
    manifest = bundle.manifest
    budget = manifest.calibration.budget_per_day if manifest.calibration else 1.0
    embedder = embedder_in(manifest, model, _dims(bundle))
    if engine is not None:  # of one length
        embedder = replace(embedder, engine=engine, min_window_samples=manifest.window_samples)
    again = learn_clips(
        clips,
        embedder=embedder,
        name=manifest.name,
        budget_per_day=budget,
        progress=progress,
    ).bundle
    again = carried(bundle, again)
    return replace(
        again,
        manifest=replace(again.manifest, metrics=None, versions=manifest.versions),
        source=bundle.source,
    )


def _dims(bundle: Bundle) -> tuple[int, ...]:
    """Lengths of the parts of a memory's embedding, each of which has a mean of its own."""
    names = prefixes_of(bundle.weights, "block")
    return tuple(len(bundle.weights[f"{name}.mean"]) for name in names)


def embedder_in(manifest: Manifest, model: onnx.ModelProto, dims: tuple[int, ...]) -> Embedder:
    """The embedder that a memory's graph begins with.

    Parameters
    ----------
    manifest, model
        Of the memory.
    dims
        Lengths of the parts that are judged apart.
    """
    outputs: dict[str, list[str | int]] = {
        "embedding": ["batch", manifest.dim],
        "level_db": ["batch"],
    }
    if manifest.bands_hz:
        outputs["log_bands"] = ["batch", len(manifest.bands_hz), "frames"]
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    del whole.graph.output[:]
    whole.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in outputs.items()
    )
    return Embedder(
        model=extract(whole, list(outputs)),
        name=manifest.embedder,
        recipe=manifest.recipe,
        rate_hz=manifest.sample_rate_hz,
        window_samples=manifest.window_samples,
        hop_samples=manifest.hop_samples,
        min_window_samples=manifest.min_window_samples,
        dim=manifest.dim,
        context=manifest.context,
        bands_hz=manifest.bands_hz,
        map_hop_samples=manifest.map_hop_samples,
        map_frame_samples=manifest.map_frame_samples,
        licences=manifest.licences,
        dims=dims if len(dims) > 1 else (),
    )


def finished(
    before: Bundle,
    candidate: Bundle,
    *,
    kind: str,
    heard: Heard,
    trial: Trial,
    tolerance: dict[str, float],
    relearned: bool = False,
    allow_loss: bool = False,
) -> Bundle:
    """Compare a candidate with the bundle it comes from, move its limits, prove it, and refuse it if it is another.

    Parameters
    ----------
    before, candidate
        Both bundles.
    kind
        See `auscult.runtime.manifest.Variant`.
    heard
        What they are compared on.
    trial
        What the bundle says of labelled recordings.
    tolerance
        Of the scores of its reference windows, by engine.
    relearned
        It has limits of its own.
    allow_loss
        Do not refuse.

    Raises
    ------
    BundleError
        If it agrees too little, or its reference windows prove nothing.
    """
    judges = Scorer(before), Scorer(candidate)
    normal = [_scores(judge, heard.compared) for judge in judges]
    strange = [_scores(judge, _added(heard.compared)) for judge in judges]
    moved = {} if relearned else {k: _Moved.of(normal[0][k], normal[1][k]) for k in normal[0]}
    scores = [
        np.concatenate([calm["score"], loud["score"]])
        for calm, loud in zip(normal, strange, strict=True)
    ]
    figures = trial.aucs(candidate)
    variant = Variant(
        kind=kind,
        of_sha256=hashlib.sha256(before.to_bytes()).hexdigest(),
        windows=len(scores[0]),
        correlation=_correlation(*scores),
        limit_ratio=moved["score"].factor if "score" in moved else 1.0,
        relearned=relearned,
        auc_before=figures[0],
        auc=figures[1],
        outputs=outputs_of(candidate.manifest),
    )
    if not allow_loss:
        _refuse_loss(variant, before)
    manifest = replace(_with_limits(candidate.manifest, moved), variant=variant)
    return _proved(replace(candidate, manifest=manifest), tolerance)


def _scores(scorer: Scorer, windows: Sequence[Samples]) -> dict[str, Array]:
    """Each score of each window, heard by itself."""
    found = [scorer.run(window, ()) for window in windows]
    names = [name for name in ("score", "fast_score", "distance") if name in found[0]]
    return {name: np.array([float(one[name][0]) for one in found]) for name in names}


def _added(windows: Sequence[Samples]) -> list[Samples]:
    """The same windows with a tone or noise in them, more in each than in the last."""
    rng = np.random.default_rng(_SEED)
    made = []
    for number, window in enumerate(windows):
        gain = 10.0 ** (_ADDED_DB[number % len(_ADDED_DB)] / 20.0)
        n = len(window)
        tone = np.sqrt(2.0) * np.sin(np.arange(n) * rng.uniform(0.1, 2.0))
        noise = rng.standard_normal(n) * (np.arange(n) % (n // 4) < n // 16) * 2.0
        rms = float(np.sqrt(np.mean(np.square(window, dtype=np.float64))))
        made += [(window + gain * rms * one).astype(np.float32) for one in (tone, noise)]
    return made


def _log(scores: Array) -> Array:
    return np.asarray(np.log(np.maximum(scores, 1e-9)))


def _correlation(a: Array, b: Array) -> float:
    """Of logarithms; 1 where both say the same, even where that is the same of everything."""
    x, y = _log(a), _log(b)
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))):
        return 0.0
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    if size < 1e-12:
        return float(np.allclose(a, b, rtol=1e-3))
    return float(np.clip((x @ y) / size, -1.0, 1.0))


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """What a statistic of normal sound is here, against there: as a factor, and how much that varies from window to window."""

    factor: float
    log_sd: float

    @classmethod
    def of(cls, before: Array, after: Array) -> "_Moved":
        steps = _log(after) - _log(before)
        return cls(factor=float(np.exp(np.median(steps))), log_sd=float(np.std(steps)))


def _with_limits(manifest: Manifest, moved: dict[str, _Moved]) -> Manifest:
    """Limits moved with the scores of normal sound."""
    calibration, open_set = manifest.calibration, manifest.open_set
    if calibration is not None and moved:
        calibration = _calibration(calibration, moved)
    if open_set is not None and "distance" in moved:
        open_set = OpenSet(limit=open_set.limit * moved["distance"].factor, share=open_set.share)
    return replace(manifest, calibration=calibration, open_set=open_set)


def _calibration(calibration: Calibration, moved: dict[str, _Moved]) -> Calibration:
    recording = calibration.recording
    return replace(
        calibration,
        rules=tuple(_rule(rule, moved) for rule in calibration.rules),
        recording=None if recording is None else _rule(recording, moved),
    )


def _rule(rule: Rule, moved: dict[str, _Moved]) -> Rule:
    if rule.statistic not in moved:
        return rule
    by = moved[rule.statistic]
    step = float(np.log(by.factor))
    return replace(
        rule,
        log_mean=rule.log_mean + step,
        log_sd=float(np.hypot(rule.log_sd, by.log_sd)),
        median=rule.median * by.factor,
        tail=None if rule.tail is None else replace(rule.tail, start=rule.tail.start + step),
        largest=tuple(float(f"{one * by.factor:.6g}") for one in rule.largest),
        most=None if rule.most is None else rule.most * by.factor,
    )


def _refuse_loss(variant: Variant, before: Bundle) -> None:
    lost = (variant.auc_before or 0.0) - (variant.auc or 0.0)
    said = ""
    if not variant.correlation >= MIN_CORRELATION:
        said = f"its scores correlate with those of {before.source or before.manifest.name} by {variant.correlation:.3f}"
    elif lost > MAX_AUC_LOSS:
        said = f"its AUC is {variant.auc:.3f} instead of {variant.auc_before:.3f}"
    if said:
        raise BundleError(
            f"The {variant.kind} variant is another detector: {said}.",
            f"a correlation of at least {MIN_CORRELATION}, and at most {MAX_AUC_LOSS} of the AUC lost",
            "Give more normal sound with --calibrate, choose another kind, or take it as it is with --allow-loss.",
        )


def _proved(bundle: Bundle, tolerance: dict[str, float]) -> Bundle:
    """With the scores that its reference windows have here, as proof on every machine."""
    manifest, engine = bundle.manifest, bundle.engine()
    references = []
    for index in range(len(manifest.references)):
        window, context = reference_window(bundle, index)
        found = run_window(engine, window, context, manifest)
        references.append(
            Reference(
                score=found["score"], fast_score=found.get("fast_score"), tolerance=dict(tolerance)
            )
        )
    proved = replace(bundle, manifest=replace(manifest, references=tuple(references)))
    verify(proved, engine)
    return proved
