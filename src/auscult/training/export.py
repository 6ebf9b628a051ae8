"""From a trained detector to a bundle, proved equal to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.errors import BundleError
from auscult.models.detector import Detector
from auscult.models.export_onnx import manifest_of, to_onnx
from auscult.runtime.bundle import Bundle, loads, verify
from auscult.runtime.engine import Engine
from auscult.runtime.manifest import Fingerprint, Reference
from auscult.training.tape import to_float, to_int16

TOLERANCE = 3e-4
"""Largest difference between the network and its bundle, relative to the largest value of an output."""

_REFERENCES = 2
_ENGINES = {"onnxruntime": 1e-3, "litert": 1e-2}


@dataclass(frozen=True, kw_only=True)
class Parity:
    """How far a bundle is from the network that it was made of.

    Parameters
    ----------
    differences
        Of each output the largest difference, relative to its largest value.
    windows
        On so many windows.
    """

    differences: Mapping[str, float]
    windows: int

    @property
    def worst(self) -> float:
        """The largest of all."""
        return float(np.max(list(self.differences.values())))  # NaN is the worst of all


def bundle_of(
    detector: Detector,
    windows: Samples,
    *,
    name: str,
    recipe: Mapping[str, Any],
    hop_samples: int,
    data: Fingerprint,
    inspect: bool = False,
) -> tuple[Bundle, Parity]:
    """Export a detector.

    Parameters
    ----------
    detector
        Trained, on the CPU.
    windows
        Shape (n, samples): real sound, on which both must agree.
    inspect
        Also give the feature maps of its layers.

    Raises
    ------
    BundleError
        If they don't agree.
    """
    model = to_onnx(detector, inspect=inspect)
    # What is kept in the bundle is sound of 16 bits: the proof is on exactly that.
    kept = to_int16(windows)
    parity = _compared(detector, Engine(model.SerializeToString()), to_float(kept))
    if not parity.worst <= TOLERANCE:
        name, difference = max(
            parity.differences.items(), key=lambda one: (np.isnan(one[1]), one[1])
        )
        raise BundleError(
            f"The exported '{name}' differs from what was trained by {difference:.2g} of its largest value.",
            f"at most {TOLERANCE:g}",
            "Report this with the recipe: auscult has exported something wrongly.",
        )
    manifest = replace(
        manifest_of(detector, name=name, hop_samples=hop_samples, data=data),
        recipe=dict(recipe),
        licences=detector.licences,
        versions={name: version(name) for name in ("auscult", "onnxruntime", "torch")},
    )
    return _proved(Bundle(manifest=manifest, model=model, source=name), kept), parity


def _compared(detector: Detector, engine: Engine, windows: Samples) -> Parity:
    detector.eval()
    with torch.no_grad():
        wanted = {k: v.numpy() for k, v in detector(torch.from_numpy(windows)).items()}
    missing = sorted(wanted.keys() - set(engine.outputs))
    if missing:
        raise BundleError(
            f"The exported graph lacks {', '.join(missing)}.",
            "every output of the network",
            "Report this with the recipe: auscult has exported something wrongly.",
        )
    found = engine.run(windows, outputs=list(wanted))
    return Parity(
        differences={name: _difference(found[name], wanted[name]) for name in found},
        windows=len(windows),
    )


def _difference(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    largest = max(float(np.max(np.abs(wanted))), 1e-6)
    return float(np.max(np.abs(found - wanted))) / largest


def _proved(bundle: Bundle, kept: NDArray[np.int16]) -> Bundle:
    """With its loudest windows and their scores, as proof on every machine."""
    engine = bundle.engine()
    loudest = np.argsort(-np.abs(kept.astype(np.float32)).mean(axis=1))[:_REFERENCES]
    references, arrays = [], dict(bundle.arrays)
    for index, number in enumerate(loudest):
        found = engine.run(to_float(kept[number])[None], outputs=["score"])
        arrays[f"reference.{index}.waveform"] = kept[number]
        references.append(
            Reference(score=float(found["score"][0]), tolerance=dict(_ENGINES)),
        )
    manifest = replace(bundle.manifest, references=tuple(references))
    proved = replace(bundle, manifest=manifest, arrays=arrays)
    verify(proved, engine)
    loads(proved.to_bytes(), proved.source)  # what could not be opened again is not written
    return proved
