"""From what was memorised to a bundle: manifest, graph, exemplars, and the proof that the file scores as it should."""

from dataclasses import replace
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from auscult.memory import record
from auscult.memory.blocks import Array, Blocks
from auscult.memory.graph import Embedder, memory_graph
from auscult.memory.hear import Heard
from auscult.memory.memorise import Memory
from auscult.runtime.bundle import Bundle, run_window, verify
from auscult.runtime.calibration import Calibration
from auscult.runtime.manifest import Exemplar, Fingerprint, LevelTrack, Manifest, Reference

MAX_EXEMPLARS = 64

# Relative tolerance of reference scores, per engine.
TOLERANCE = {"onnxruntime": 1e-3, "litert": 1e-2}


def level_of(heard: Heard) -> LevelTrack:
    """How loud normal sound is, and how much that varies."""
    median = float(np.median(heard.level_db))
    return LevelTrack(median_db=median, mad_db=float(np.median(np.abs(heard.level_db - median))))


def _frame_statistics(
    memory: Memory, heard: Heard, embedder: Embedder
) -> tuple[Array, Array] | None:
    """Mean and deviation of a frame of normal sound in each band: scatter within windows and between them."""
    n_bands = len(embedder.bands_hz)
    if embedder.parts[0] != 3 * n_bands:
        return None
    shape = heard.embeddings[:, :n_bands]
    within = np.mean(heard.embeddings[:, n_bands : 2 * n_bands].astype(np.float64) ** 2, axis=0)
    sigma = np.sqrt(within + shape.var(axis=0, dtype=np.float64))
    return memory.window.mean[:n_bands], np.maximum(sigma, 1e-3)


def bundle_of(
    heard: Heard,
    blocks: Blocks,
    memory: Memory,
    embedder: Embedder,
    *,
    calibration: Calibration,
    level: LevelTrack,
    name: str,
) -> Bundle:
    """Join everything, score reference windows with it, and prove that the bundle gives those scores again.

    Raises
    ------
    BundleError
        If it doesn't.
    """
    frames = _frame_statistics(memory, heard, embedder)
    band_mean, band_sigma = (None, None) if frames is None else frames
    exemplars, vectors = _exemplars(heard, blocks, embedder)
    manifest = Manifest(
        name=name,
        family="memory",
        embedder=embedder.name,
        recipe=embedder.recipe,
        sample_rate_hz=embedder.rate_hz,
        window_samples=embedder.window_samples,
        hop_samples=embedder.hop_samples,
        min_window_samples=embedder.min_window_samples,
        context=embedder.context,
        dim=embedder.dim,
        bands_hz=embedder.bands_hz if frames else (),
        map_hop_samples=embedder.map_hop_samples if frames else 0,
        map_frame_samples=embedder.map_frame_samples if frames else 0,
        calibration=calibration,
        level=level,
        data=Fingerprint(
            sha256=heard.digest, recordings=len(heard.names), seconds=round(heard.seconds, 3)
        ),
        exemplars=exemplars,
        licences=embedder.licences,
        versions={"auscult": version("auscult"), "onnxruntime": version("onnxruntime")},
    )
    model = memory_graph(
        embedder,
        block=memory.block,
        window=memory.window,
        partial=memory.partial,
        others=memory.others,
        typical_samples=heard.window_samples or embedder.window_samples,
        band_mean=band_mean,
        band_sigma=band_sigma,
    )
    arrays = {"exemplars": vectors, **record.arrays_of(heard)}
    return _proved(Bundle(manifest=manifest, model=model, arrays=arrays, source=name), heard)


def _exemplars(
    heard: Heard, blocks: Blocks, embedder: Embedder
) -> tuple[tuple[Exemplar, ...], NDArray[np.float32]]:
    """Blocks spread evenly over what was heard."""
    n = len(blocks.vectors)
    chosen = np.unique(np.linspace(0, n - 1, min(n, MAX_EXEMPLARS)).round().astype(np.int64))
    window_s = embedder.window_samples / embedder.rate_hz
    exemplars = tuple(
        Exemplar(
            recording=heard.names[blocks.recording[i]],
            start_s=float(heard.start_s[blocks.first[i]]),
            end_s=float(heard.start_s[blocks.last[i]]) + window_s,
        )
        for i in chosen
    )
    return exemplars, blocks.vectors[chosen].astype(np.float32)


def _proved(bundle: Bundle, heard: Heard) -> Bundle:
    """With reference windows and their scores: one without context, one with all of it."""
    manifest = bundle.manifest
    engine = bundle.engine()
    arrays = dict(bundle.arrays)
    references = []
    for index, window in enumerate((heard.first_windows[0], heard.first_windows[-1])):
        context = heard.embeddings[: index * manifest.context]
        kept = np.clip(np.round(window * 32768.0), -32768, 32767).astype(np.int16)
        arrays[f"reference.{index}.waveform"] = kept
        arrays[f"reference.{index}.context"] = context
        found = run_window(engine, kept.astype(np.float32) / np.float32(32768), context, manifest)
        references.append(
            Reference(
                score=found["score"], fast_score=found["fast_score"], tolerance=dict(TOLERANCE)
            )
        )
    proved = replace(
        bundle, arrays=arrays, manifest=replace(manifest, references=tuple(references))
    )
    verify(proved, engine)
    return proved
