"""What is kept of a sound that raised an alarm, so that it can be allowed later without the sound.

A trace is how a bundle heard some seconds: the embedding of each window. Whoever has it can judge it again by any bundle that has the
same ears, and let one allow it. No sound can be made from it: a window is a few hundred averages over two seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.memory.archive import narrowed, packed, unpacked
from auscult.memory.reach import prefixes_of, weights_of, whitened
from auscult.runtime.bundle import Bundle
from auscult.runtime.engine import quiet_session
from auscult.runtime.extract import extract
from auscult.runtime.parts import MEMORY

Array = NDArray[np.float64]

MAX_WINDOWS = 64
MAX_BYTES = 2**20
_EARS_CHARACTERS = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """Some seconds of sound, as a bundle hears them.

    Parameters
    ----------
    ears
        What heard it: see `ears_of`.
    embeddings
        Of each window, in order, shape (n, dim).
    """

    ears: str
    embeddings: NDArray[np.float32]

    def to_bytes(self) -> bytes:
        """To be kept; `read` reads it again."""
        return packed(self.ears, embeddings=narrowed(self.embeddings))


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """What a bundle says of a trace, window by window.

    Parameters
    ----------
    blocks
        Embeddings averaged with those before them, shape (n, dim).
    scores, fast_scores
        Of these, and of the windows alone, shape (n,).
    ratios
        The larger of both against the bundle's limits, votes left out: the sound could go on, shape (n,).
    """

    blocks: Array
    scores: Array
    fast_scores: Array
    ratios: Array


def ears_of(bundle: Bundle) -> str:
    """A name for the part of a bundle that hears: bundles with the same can judge each other's traces."""
    heard = extract(bundle.model, ["embedding"])
    return sha256(heard.graph.SerializeToString(deterministic=True)).hexdigest()[:_EARS_CHARACTERS]


def keeps_traces(bundle: Bundle) -> bool:
    """Whether traces of it can be judged again."""
    return bundle.manifest.family == MEMORY and bundle.manifest.variant is None


def read(content: bytes) -> Trace | None:
    """A trace that was kept; `None` where it is none.

    >>> read(b"nothing") is None
    True
    """
    found = unpacked(content, ["embeddings"], max_bytes=MAX_BYTES)
    if found is None:
        return None
    ears, (kept,) = found
    embeddings = np.asarray(kept, np.float32)
    is_whole = embeddings.ndim == 2 and 0 < len(embeddings) <= MAX_WINDOWS
    if not is_whole or not np.all(np.isfinite(embeddings)):
        return None
    return Trace(ears=ears, embeddings=embeddings)


Judging = Callable[[Trace], Judged]


def judging(bundle: Bundle) -> Judging:
    """What judges traces by a bundle: the part of its graph behind the embedding.

    Parameters
    ----------
    bundle
        A memory with limits.
    """
    part = extract(bundle.model, ["score", "fast_score"], given=["embedding"])
    session = quiet_session(part.SerializeToString())
    wanted = {one.name for one in session.get_inputs()}
    manifest = bundle.manifest
    calibration = manifest.calibration
    thresholds = () if calibration is None else calibration.thresholds()

    def judge(trace: Trace) -> Judged:
        if trace.embeddings.shape[1] != manifest.dim:
            raise BundleError(
                f"{bundle.source or manifest.name} hears in {manifest.dim} numbers, this was heard in {trace.embeddings.shape[1]}.",
                "a bundle with the same embedder",
                "Allow the sound itself, where it is kept.",
                code="heard_otherwise",
            )
        context, lengths = _contexts(trace.embeddings, manifest.context)
        feeds = {
            "embedding": trace.embeddings,
            "context": context,
            "context_length": lengths,
            # Only its length is looked at: a whole window.
            "waveform": np.zeros((len(lengths), manifest.window_samples), np.float32),
        }
        found = session.run(["score", "fast_score"], {name: feeds[name] for name in wanted})
        scores = {
            name: np.asarray(values, np.float64)
            for name, values in zip(("score", "fast_score"), found, strict=True)
        }
        ratios = [
            scores[one.statistic] / one.limit for one in thresholds if one.statistic in scores
        ]
        sums = context.sum(axis=1, dtype=np.float64) + trace.embeddings
        return Judged(
            blocks=sums / (lengths[:, None] + 1.0),
            scores=scores["score"],
            fast_scores=scores["fast_score"],
            ratios=np.max(ratios, axis=0) if ratios else np.zeros(len(lengths)),
        )

    return judge


def _contexts(
    embeddings: NDArray[np.float32], most: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """For each window those before it, newest last, (n, most, dim), and how many, (n,)."""
    n, dim = embeddings.shape
    context = np.zeros((n, most, dim), np.float32)
    lengths = np.minimum(np.arange(n), most)
    for row, length in enumerate(lengths):
        if length:
            context[row, most - length :] = embeddings[row - length : row]
    return context, lengths.astype(np.int64)


def direction(bundle: Bundle, judge: Judging, trace: Trace) -> Array:
    """Which way a sound differs from normal, whatever its loudness and length: a vector of length 1, shape (dim,)."""
    judged = judge(trace)
    strangest = judged.blocks[judged.scores >= 0.9 * judged.scores.max()].mean(axis=0)
    weights, parts, first = weights_of(bundle.model), [], 0
    for prefix in prefixes_of(weights, "block"):
        length = len(weights[f"{prefix}.mean"])
        parts.append(whitened(prefix, weights, strangest[None, first : first + length])[0])
        first += length
    way = np.concatenate(parts)
    found: Array = way / max(float(np.linalg.norm(way)), 1e-12)
    return found
