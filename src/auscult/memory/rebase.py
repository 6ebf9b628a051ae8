"""A new normal: a bundle learned from how a stream was heard, without its sound."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.memory import record
from auscult.memory.archive import narrowed, packed, unpacked
from auscult.memory.embedder import spectrum_or_file
from auscult.memory.learn import learned_from
from auscult.memory.trace import ears_of
from auscult.runtime.bundle import Bundle
from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY

MAX_BYTES = 4 * 2**20
MAX_WINDOWS = 2000


@dataclass(frozen=True, kw_only=True, eq=False)
class Since:
    """How a stream was heard since something changed.

    Parameters
    ----------
    ears
        What heard it: see `auscult.memory.trace.ears_of`.
    embeddings, level_db, stretch
        Of each window: shapes (n, dim), (n,) and (n,); stretches are numbered, and grow where windows do not follow one another.
    """

    ears: str
    embeddings: NDArray[np.float32]
    level_db: NDArray[np.float64]
    stretch: NDArray[np.int64]

    def to_bytes(self) -> bytes:
        """To be kept; `read` reads it again."""
        return packed(
            self.ears,
            since=narrowed(self.embeddings),
            level_db=self.level_db.astype(np.float32),
            stretch=self.stretch.astype(np.int32),
        )


def read(content: bytes) -> Since | None:
    """What was kept; `None` where it is nothing of the kind.

    >>> read(b"nothing") is None
    True
    """
    kept = unpacked(content, ["since", "level_db", "stretch"], max_bytes=MAX_BYTES)
    if kept is None:
        return None
    ears, (embeddings, level_db, stretch) = kept
    found = Since(
        ears=ears,
        embeddings=np.asarray(embeddings, np.float32),
        level_db=np.asarray(level_db, np.float64),
        stretch=np.asarray(stretch, np.int64),
    )
    n = len(found.level_db) if found.level_db.ndim == 1 else 0
    fits = found.embeddings.ndim == 2 and len(found.embeddings) == n == len(found.stretch)
    is_sane = fits and 0 < n <= MAX_WINDOWS and bool(np.all(np.isfinite(found.embeddings)))
    return found if is_sane else None


def rebased(bundle: Bundle, since: Since, *, name: str) -> Bundle:
    """A bundle to which what was heard since is normal, and nothing else is; what was allowed stays allowed.

    Parameters
    ----------
    bundle
        That judges now, with the ears that heard it. Its reference windows go on to prove the new one, whose manifest says that they are
        of an earlier normal: of the present one there is no sound.
    since
        An hour, or as much of it as was kept.
    name
        What the stretch is called in the new bundle.

    Raises
    ------
    BundleError
        If the bundle is no memory, or hears otherwise.
    DatasetError
        If it is too little to learn from.
    """
    if since.ears != ears_of(bundle):
        raise BundleError(
            f"{name} was heard by another embedder than that of {bundle.source or bundle.manifest.name}.",
            "the bundle that heard it, or one with the same embedder",
            "Activate that one, or learn from new recordings.",
            code="heard_otherwise",
        )
    manifest = bundle.manifest
    ears = spectrum_or_file(manifest.embedder, "default", bundle)
    heard = record.heard_by(
        bundle,
        since.embeddings,
        level_db=since.level_db,
        stretch=since.stretch,
        name=name,
        seconds=len(since.level_db) * manifest.hop_samples / manifest.sample_rate_hz,
    )
    calibration = manifest.calibration
    budget = DEFAULT_BUDGET_PER_DAY if calibration is None else calibration.budget_per_day
    made = learned_from(heard, ears, name=manifest.name, budget_per_day=budget, before=bundle)
    return replace(made, manifest=replace(made.manifest, references_of="earlier"))
