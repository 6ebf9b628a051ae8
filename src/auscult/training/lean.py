"""What a form for a small device keeps beside its graph: what it needs to judge, and no more than it takes to prove it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.memory import record
from auscult.runtime import learned
from auscult.runtime.bundle import Bundle, reference_window
from auscult.runtime.companded import companded, loss_db

# Edges of bands are for pictures and words; nobody sees a tenth of a hertz there.
_BAND_DIGITS = 1

_LEAST_DB = 30.0
"""What companding adds to a reference window has to lie so far below it."""


def lean(bundle: Bundle) -> Bundle:
    """The same bundle with one reference window, and without the record that only `learn --add` needs.

    A reference window takes as much room as eighty thousand weights in eight bits. Of several the one stays that comes with the
    most context, because it proves the most; of equals the first. It is kept in half the room, where that is hardly heard, so it has
    to be proved again.

    Parameters
    ----------
    bundle
        Whose graph and limits stay as they are.
    """
    kept = _telling(bundle)
    manifest = bundle.manifest
    bands = tuple(
        (round(low, _BAND_DIGITS), round(mid, _BAND_DIGITS), round(high, _BAND_DIGITS))
        for low, mid, high in manifest.bands_hz
    )
    references = tuple(manifest.references[i] for i in kept)
    return replace(
        bundle,
        manifest=replace(manifest, references=references, bands_hz=bands),
        arrays=_arrays(bundle, kept),
    )


def _telling(bundle: Bundle) -> list[int]:
    """The number of the reference window that stays; none where there is none."""
    contexts = [reference_window(bundle, i)[1] for i in range(len(bundle.manifest.references))]
    lengths = [0 if context is None else len(context) for context in contexts]
    return [int(np.argmax(lengths))] if lengths else []


def _arrays(bundle: Bundle, kept: list[int]) -> dict[str, NDArray[Any]]:
    """Of the record stays by which recordings are known again."""
    gone = ("record.", "reference.")
    arrays = {name: a for name, a in bundle.arrays.items() if not name.startswith(gone)}
    for new, old in enumerate(kept):
        for part in ("waveform", "context"):
            if f"reference.{old}.{part}" in bundle.arrays:
                arrays[f"reference.{new}.{part}"] = bundle.arrays[f"reference.{old}.{part}"]
        waveform = arrays.get(f"reference.{new}.waveform")
        if waveform is not None and waveform.dtype == np.int16 and loss_db(waveform) >= _LEAST_DB:
            arrays[f"reference.{new}.waveform"] = companded(waveform)
    if "record.names" in bundle.arrays:
        arrays[learned.ARRAY] = learned.array_of(record.of(bundle).digests)
    return arrays
