"""What a bundle keeps of the embeddings it learned from, so that learning can go on without the recordings.

At most an hour of windows is kept, whole ten-second stretches spread evenly; the seconds heard count in full. No sound can
be made from it: a window is a few hundred averages over two seconds.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.memory.hear import Heard
from auscult.runtime.bundle import Bundle, reference_window
from auscult.runtime.manifest import plain_json

MAX_WINDOWS = 3600
_CHUNK = 10  # windows kept or dropped together, so that blocks stay whole


def _kept(stretch: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of the windows to keep: whole stretches of up to ten seconds, spread evenly."""
    n = len(stretch)
    if n <= MAX_WINDOWS:
        return np.arange(n)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(stretch)) + 1])
    within = np.arange(n) - np.repeat(starts, np.diff(np.append(starts, n)))
    chunks = np.cumsum(within % _CHUNK == 0) - 1
    share = (MAX_WINDOWS - _CHUNK) / n
    numbers = np.arange(chunks[-1] + 1)
    wanted = np.floor(numbers * share) != np.floor((numbers - 1) * share)
    return np.flatnonzero(wanted[chunks])


def arrays_of(heard: Heard) -> dict[str, NDArray[Any]]:
    """The record, ready to be stored in a bundle."""
    kept = _kept(heard.stretch)
    words = {
        "names": heard.names,
        "digest": heard.digest,
        "digests": heard.digests,
        "window_samples": heard.window_samples,
    }
    text = json.dumps(words).encode()
    # Half precision is far finer than what tells two normal windows apart; an embedder with huge values keeps single.
    narrow = np.abs(heard.embeddings).max(initial=0.0) < 1000.0
    return {
        "record.embeddings": heard.embeddings[kept].astype(np.float16 if narrow else np.float32),
        "record.level_db": heard.level_db[kept].astype(np.float32),
        "record.recording": heard.recording[kept].astype(np.int32),
        "record.stretch": (heard.stretch[kept] + _breaks(kept)).astype(np.int32),
        "record.start_s": heard.start_s[kept].astype(np.float32),
        "record.names": np.frombuffer(text + b" " * (len(text) % 2), np.int16),
    }


def _breaks(kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where chunks were dropped, windows no longer follow one another."""
    return np.concatenate([[0], np.cumsum(np.diff(kept) > 1)])


def of(bundle: Bundle) -> Heard:
    """What a bundle has heard.

    Raises
    ------
    BundleError
        If it keeps no record.
    """
    arrays = bundle.arrays
    if bundle.manifest.family != "memory" or "record.embeddings" not in arrays:
        raise BundleError(
            f"{bundle.source or bundle.manifest.name} keeps no record of what it learned from.",
            "a bundle that `auscult learn` wrote",
            "Learn from all recordings together instead.",
        )
    try:
        heard = _read(arrays, bundle.manifest.data.seconds)
    except (KeyError, TypeError, ValueError):
        heard = None
    if heard is None or not _fits(heard, bundle.manifest.dim):
        raise BundleError(
            f"{bundle.source or bundle.manifest.name}: its record of what it learned from is broken.",
            "a record as `auscult learn` writes it",
            "Get the bundle again, or learn from all recordings together.",
        )
    return heard


def _read(arrays: Mapping[str, NDArray[Any]], seconds: float) -> Heard:
    text = plain_json(arrays["record.names"].tobytes().decode())
    return Heard(
        embeddings=arrays["record.embeddings"].astype(np.float32),
        level_db=arrays["record.level_db"].astype(np.float64),
        recording=arrays["record.recording"].astype(np.int64),
        stretch=arrays["record.stretch"].astype(np.int64),
        start_s=arrays["record.start_s"].astype(np.float64),
        names=[str(name) for name in text["names"]],
        seconds=seconds,
        digest=str(text["digest"]),
        digests=[str(digest) for digest in text["digests"]],
        window_samples=int(text["window_samples"]),
    )


def _fits(heard: Heard, dim: int) -> bool:
    """One row for each window, in order, each of a recording that has a name."""
    n = len(heard)
    columns = (heard.level_db, heard.recording, heard.stretch, heard.start_s)
    return (
        n > 0
        and heard.embeddings.shape == (n, dim)
        and all(column.shape == (n,) for column in columns)
        and bool(np.all(np.diff(heard.stretch) >= 0) and np.all(np.diff(heard.recording) >= 0))
        and 0 <= heard.recording[0] <= heard.recording[-1] < len(heard.names)
        and len(heard.digests) == len(heard.names)
    )


def heard_by(
    bundle: Bundle,
    embeddings: NDArray[np.float32],
    *,
    level_db: NDArray[np.float64],
    stretch: NDArray[np.int64],
    name: str,
    seconds: float,
) -> Heard:
    """What a bundle has heard of a stream, as one recording. Of its sound nothing is kept: the bundle's reference windows go on to prove.

    Parameters
    ----------
    bundle
        That has heard it.
    embeddings, level_db, stretch
        Of each window: shapes (n, dim), (n,) and (n,); stretches are numbered, and grow where windows do not follow one another.
    name
        What it is called.
    seconds
        How much was heard.
    """
    manifest, n = bundle.manifest, len(embeddings)
    hop_s = manifest.hop_samples / manifest.sample_rate_hz
    digest = sha256(embeddings.tobytes()).hexdigest()
    return Heard(
        embeddings=embeddings,
        level_db=level_db,
        recording=np.zeros(n, np.int64),
        stretch=stretch,
        start_s=np.asarray(np.arange(n) * hop_s, np.float64),
        names=[name],
        seconds=seconds,
        digest=digest,
        digests=[digest[:16]],
        first_windows=[reference_window(bundle, k)[0] for k in range(len(manifest.references))],
        window_samples=manifest.window_samples,
    )


def joined(before: Heard, now: Heard) -> Heard:
    """Both, one after the other.

    Raises
    ------
    BundleError
        If it is the very same sound again.
    """
    if before.digest == now.digest:
        raise BundleError(
            "The bundle has heard exactly these recordings already.",
            "new recordings",
            "Give --add only sound that the bundle has not heard.",
        )
    return Heard(
        embeddings=np.concatenate([before.embeddings, now.embeddings]),
        level_db=np.concatenate([before.level_db, now.level_db]),
        recording=np.concatenate([before.recording, now.recording + len(before.names)]),
        stretch=np.concatenate([before.stretch, now.stretch + before.stretch.max(initial=-1) + 1]),
        start_s=np.concatenate([before.start_s, now.start_s]),
        names=before.names + now.names,
        digests=before.digests + now.digests,
        seconds=before.seconds + now.seconds,
        skipped=now.skipped,
        silent_windows=now.silent_windows,
        digest=sha256((before.digest + now.digest).encode()).hexdigest(),
        first_windows=now.first_windows,
        window_samples=max(before.window_samples, now.window_samples),
    )
