"""Networks that others trained: fetched once, verified, and made an ONNX embedder that needs no PyTorch any more."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import onnx
import torch
from torch import Tensor, nn

from auscult.datasets.addresses import EMBEDDERS, Weights
from auscult.datasets.cache import embedder_file, weights_file
from auscult.datasets.download import Progress, download
from auscult.errors import BundleError, EngineError, RecipeError
from auscult.memory.embedder import describe
from auscult.memory.graph import IR_VERSION, OPSET
from auscult.models.export_onnx import quietly
from auscult.models.mn04 import Mn04, mn04
from auscult.models.tflite import constants
from auscult.models.yamnet import YamNet, yamnet
from auscult.runtime.bundle import Bundle, load, loads, verify
from auscult.runtime.whole import write_whole

RATE_HZ = 16000
WINDOW_S = 2.0
HOP_S = 1.0


def fetch(
    name: str,
    *,
    source: Path | None = None,
    progress: Progress | None = None,
    known: Mapping[str, Weights] = EMBEDDERS,
) -> Path:
    """Get an embedder into the user's cache.

    Parameters
    ----------
    name
        `mn04` or `yamnet`.
    source
        The published file, for machines without internet; default: it is downloaded.
    progress
        Told bytes done and bytes in all.
    known
        What there is.

    Returns
    -------
    file
        The ONNX embedder in the cache: `auscult learn --embedder` takes it, or its bare name.

    Raises
    ------
    RecipeError
        If there is no such embedder.
    DatasetError
        If it can't be downloaded.
    BundleError
        If the file is another one than the published one.
    """
    weights = weights_of(name, known)
    remote = weights.file
    kept = weights_file(remote.name)
    if source is not None:
        keep(kept, published(source, weights))
    else:
        download(
            remote.address,
            kept,
            sha256=remote.sha256,
            md5=remote.md5,
            size_bytes=remote.size_bytes,
            progress=progress,
        )
    file = embedder_file(name)
    if not is_whole(file):
        bundle = embedder_of(network(name, known=known), name=name, licences=weights.notes)
        keep(file, bundle.to_bytes())
    return file


def network(
    name: str, *, rate_hz: int = RATE_HZ, known: Mapping[str, Weights] = EMBEDDERS
) -> Mn04 | YamNet:
    """A network with its public weights from the cache, ready to listen.

    Raises
    ------
    RecipeError
        If there is no such embedder, it was not fetched, or does not take this rate.
    BundleError
        If the file in the cache is not the published one.
    """
    weights = weights_of(name, known)
    kept = weights_file(weights.file.name)
    if not kept.is_file():
        raise RecipeError(
            f"The weights of {name} are not on this machine.",
            str(kept),
            f"Fetch them once: auscult embedder fetch {name}",
        )
    content = published(kept, weights)
    if name == "yamnet":
        return yamnet(constants(content, str(kept)), rate_hz=rate_hz)
    state: dict[str, Tensor] = torch.load(
        io.BytesIO(content), map_location="cpu", weights_only=True
    )
    return mn04(state, rate_hz=rate_hz)


def embedder_of(frozen: Mn04 | YamNet, *, name: str, licences: tuple[str, ...] = ()) -> Bundle:
    """The ONNX embedder of a network, checked as every bundle is, and run."""
    rate_hz = frozen.rate_hz
    described = describe(
        exported(frozen),
        name=name,
        rate_hz=rate_hz,
        window_samples=round(WINDOW_S * rate_hz),
        hop_samples=round(HOP_S * rate_hz),
        min_window_samples=frozen.min_window_samples,
        dim=frozen.dim,
        licences=licences,
    )
    bundle = loads(described.to_bytes(), name)
    verify(bundle)
    return bundle


def weights_of(name: str, known: Mapping[str, Weights] = EMBEDDERS) -> Weights:
    """Where the weights of a network come from.

    Raises
    ------
    RecipeError
        If there is no such network.
    """
    if name not in known:
        raise RecipeError(
            f"There is no embedder '{name}' to fetch.", f"one of {', '.join(known)}", "Choose one."
        )
    return known[name]


def published(path: Path, weights: Weights) -> bytes:
    """The bytes of a file, if they are those that were published.

    Raises
    ------
    BundleError
        If they are not, or can't be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} could not be opened: {error.strerror}.",
            f"the file {weights.file.name}",
            f"Get it from {weights.page}",
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != weights.file.sha256:
        raise BundleError(
            f"{path} has the SHA-256 {found}.",
            f"{weights.file.sha256}, which {weights.file.name} of {weights.title} has",
            f"Get it again from {weights.file.address}",
        )
    return content


def keep(file: Path, content: bytes) -> None:
    """Write a file of the cache, whole or not at all.

    Raises
    ------
    BundleError
        If it can't be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, content)
    except OSError as error:
        raise BundleError(
            f"{file} could not be written: {error.strerror}.",
            "a cache folder that may be written to",
            "Name another one in the environment variable AUSCULT_CACHE.",
        ) from None


def is_whole(file: Path) -> bool:
    """What was made before is there, and as it was written."""
    try:
        load(file)
    except (BundleError, EngineError):
        return False
    return True


def exported(frozen: nn.Module, outputs: tuple[str, ...] = ("embedding",)) -> onnx.ModelProto:
    """The ONNX graph of a network with an input `waveform` and these outputs."""
    shortest = cast("int", frozen.min_window_samples)
    axes = {
        0: torch.export.Dim("batch", min=1),
        1: torch.export.Dim("samples", min=shortest),
    }
    with quietly():
        program = torch.onnx.export(
            frozen,
            (torch.zeros(2, 2 * shortest),),
            dynamo=True,
            opset_version=OPSET,
            input_names=["waveform"],
            output_names=list(outputs),
            dynamic_shapes=(axes,),
            verbose=False,
        )
    assert program is not None  # noqa: S101 - the exporter gives nothing only where it writes a file
    model: onnx.ModelProto = program.model_proto
    model.ir_version = IR_VERSION
    del model.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:  # where in the exporter's sources each came from
        del node.metadata_props[:]
        node.doc_string = ""
    return model
