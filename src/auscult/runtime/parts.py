"""What others read in a bundle by name, seen to when it is opened: it is there, of the right shape, and finite.

The graph proves itself by its reference windows. What stands beside it, or is read out of it to explain and to learn on,
would else be missed only then.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.runtime.manifest import Manifest

Arrays = Mapping[str, NDArray[Any]]
Shape = tuple[int | str, ...]

MEMORY = "memory"
EMBEDDER = "embedder"
"""Family of a file that only embeds: no score yet, `auscult learn --embedder` makes a bundle of it."""

PART = "part_score."
"""Outputs whose names begin so are the scores of a family's parts, shape (batch,)."""

PIECE_S = 0.1
"""Sound is explained in pieces of this length."""

MIN_EXPLAINED_S = 0.5

FIRST = "first_embedding"
"""Output of a memory of several embedders: the first one's embedding, from which explanations are made."""

_AGAIN = "Get the bundle again from where it was made."

_MAX_NAMED = 5

# Of one row each: as many rows as there are windows in the record.
_COLUMNS = ("level_db", "recording", "stretch", "start_s")


def check_parts(
    manifest: Manifest,
    outputs: frozenset[str],
    weights: Arrays | None,
    arrays: Arrays,
    source: str,
) -> None:
    """Refuse a bundle whose manifest, graph, constants and arrays do not belong together.

    Parameters
    ----------
    manifest, arrays
        As read.
    outputs
        Names that the graph gives.
    weights
        Constants of the graph; `None` where nothing in it has a name, and nothing is read by it.
    source
        Name of the file, for messages.

    Raises
    ------
    BundleError
        If something is missing, has another shape, or is not finite.
    """
    _check_lengths(manifest, source)
    _check_labels(manifest, source)
    _check_outputs(manifest, outputs, source)
    if "anomaly_map" in outputs:
        _check_map(manifest, source)
    if weights is not None:
        _check_constants(manifest, weights, explained_dim(manifest, FIRST in outputs), source)
    for name, shape, kinds in _kept(manifest, arrays):
        _check(arrays.get(name), f"array '{name}'", shape, kinds, source)


def _check_constants(manifest: Manifest, weights: Arrays, dim: int, source: str) -> None:
    for name, shape in _constants(manifest, weights, dim):
        _check(weights.get(name), f"constant '{name}'", shape, "f", source)
    for name in ("block.scale", "window.scale", "bands.sigma"):
        if name in weights and manifest.family == MEMORY and not np.all(weights[name] > 0.0):
            raise _broken(source, f"its constant '{name}' is not positive", "numbers above 0")


def _check_lengths(manifest: Manifest, source: str) -> None:
    if manifest.min_window_samples > manifest.window_samples:
        raise _broken(
            source,
            f"its shortest window has {manifest.min_window_samples:,} samples",
            f"at most {manifest.window_samples:,}, the length of its window",
        )
    if not manifest.dim and (manifest.context or manifest.family in (MEMORY, EMBEDDER)):
        raise _broken(source, "its embedding has no length", "a length of at least 1")


def _check_labels(manifest: Manifest, source: str) -> None:
    """Every class has a name of its own, and alarms are classes."""
    labels, alarms = manifest.labels, manifest.alarm_labels
    if "" in labels or len(set(labels)) < len(labels):
        raise _broken(source, f"its labels are {_some(labels)}", "a name of its own for each class")
    if not set(alarms) <= set(labels):
        raise _broken(source, f"its alarm labels are {_some(alarms)}", f"some of {_some(labels)}")


def _some(names: tuple[str, ...]) -> str:
    more = ", …" if len(names) > _MAX_NAMED else ""
    return (", ".join(repr(name) for name in names[:_MAX_NAMED]) or "none") + more


def _check_outputs(manifest: Manifest, outputs: frozenset[str], source: str) -> None:
    """Every number that a limit is for, and every output that goes with another."""
    needed = {"embedding"} if manifest.family == EMBEDDER else {"score", "level_db"}
    if manifest.family == MEMORY or manifest.context or "anomaly_map" in outputs:
        needed |= {"embedding"}
    if manifest.labels and manifest.family != EMBEDDER:
        needed |= {"probabilities"}
    if manifest.open_set is not None:
        needed |= {"distance"}
    calibration = manifest.calibration
    if calibration is not None:
        rules = (*calibration.rules, calibration.recording, calibration.level)
        needed |= {rule.statistic for rule in rules if rule is not None}
        needed |= {"score"}
    if "level_deviation" in needed:
        needed.remove("level_deviation")
        if manifest.level is None:
            raise _broken(source, "it has a limit for loudness", "the loudness of normal sound")
    if not needed <= outputs:
        raise _broken(
            source,
            f"its graph gives {sorted(outputs)}",
            f"at least the outputs {sorted(needed)}",
        )


def _check_map(manifest: Manifest, source: str) -> None:
    """Time and frequency of each cell can be told, and what is explained is never shorter than a cell, or a memory's piece."""
    hop, frame = manifest.map_hop_samples, manifest.map_frame_samples
    rate_hz = manifest.sample_rate_hz
    shortest, frames = manifest.min_window_samples, 1
    if manifest.family == MEMORY:
        shortest = min(shortest, int(MIN_EXPLAINED_S * rate_hz))
    if not manifest.bands_hz or not 0 < hop <= frame:
        raise _broken(
            source,
            f"its map has {len(manifest.bands_hz)} bands, and frames of {frame} samples every {hop}",
            "one band at least, and frames that leave nothing out",
        )
    if manifest.family == MEMORY:
        frames = frames_a_piece(manifest)
    if frames * hop + frame - hop > shortest:
        raise _broken(
            source,
            f"its map has frames of {frame} samples every {hop}",
            f"at most {shortest} samples in the shortest stretch that is explained",
        )


def frames_a_piece(manifest: Manifest) -> int:
    """Columns of the map in one piece of explained sound."""
    return max(1, round(PIECE_S * manifest.sample_rate_hz / manifest.map_hop_samples))


def explained_dim(manifest: Manifest, of_several: bool) -> int:
    """Length of the embedding that explanations are made from; 0: of several embedders, none draws a map.

    Parameters
    ----------
    manifest
        Of a memory.
    of_several
        Its embedding is that of several embedders, the first of which explains.
    """
    return 3 * len(manifest.bands_hz) if of_several else manifest.dim


def _constants(manifest: Manifest, weights: Arrays, dim: int) -> Iterator[tuple[str, Shape]]:
    """Names and shapes of what is read out of a memory's graph."""
    if manifest.family != MEMORY or not dim:
        return
    for part in ("block", "window"):
        directions = weights.get(f"{part}.directions")
        rank: int | str = "rank"
        if directions is not None and directions.ndim == 2:
            rank = directions.shape[1]
        yield f"{part}.mean", (dim,)
        yield f"{part}.inverse_sigma", (dim,)
        yield f"{part}.directions", (dim, rank)
        yield f"{part}.weights", (rank, 1)
        yield f"{part}.isotropic", (1,)
        yield f"{part}.scale", (1,)
    if manifest.bands_hz:
        for name in ("bands.mean", "bands.sigma"):
            yield name, (len(manifest.bands_hz), 1)


def _kept(manifest: Manifest, arrays: Arrays) -> Iterator[tuple[str, Shape, str]]:
    """Names, shapes and kinds of what stands beside the graph: all of something, or nothing."""
    for index in range(len(manifest.references)):
        yield f"reference.{index}.waveform", ("samples",), "i"
        if f"reference.{index}.context" in arrays:
            yield f"reference.{index}.context", ("n", manifest.dim), "f"
    if manifest.exemplars or "exemplars" in arrays:
        yield "exemplars", (len(manifest.exemplars), manifest.dim), "f"
    if manifest.allowed or any(name.startswith("allowed.") for name in arrays):
        places = sum(one.places for one in manifest.allowed)
        yield "allowed.block", (places, manifest.dim), "f"
        yield "allowed.window", (places, manifest.dim), "f"
        yield "allowed.counts", (places, 2), "i"
    if any(name.startswith("record.") for name in arrays):
        rows: int | str = "windows"
        embeddings = arrays.get("record.embeddings")
        if embeddings is not None and embeddings.ndim:
            rows = len(embeddings)
        yield "record.embeddings", (rows, manifest.dim), "f"
        yield "record.names", ("words",), "i"
        for name in _COLUMNS:
            yield f"record.{name}", (rows,), "f" if name in ("level_db", "start_s") else "i"


def _check(found: NDArray[Any] | None, called: str, shape: Shape, kinds: str, source: str) -> None:
    expected = f"{_KINDS[kinds]} of shape ({', '.join(map(str, shape))})"
    if found is None:
        raise _broken(source, f"its {called} is missing", expected)
    fits = len(found.shape) == len(shape) and all(
        isinstance(wanted, str) or n == wanted for n, wanted in zip(found.shape, shape, strict=True)
    )
    if not fits or found.dtype.kind != kinds:
        raise _broken(source, f"its {called} is {found.dtype} of shape {found.shape}", expected)
    if not np.all(np.isfinite(found)):
        raise _broken(source, f"its {called} has values that are no numbers", expected)


_KINDS = {"f": "floating-point numbers", "i": "whole numbers"}


def _broken(source: str, what: str, expected: str) -> BundleError:
    return BundleError(f"{source}: {what}.", expected, _AGAIN)
