"""A network that others trained, with the head that it was trained with: it names what it hears, in the words of AudioSet.

Names of mn04's classes are in `audioset.txt`: those of AudioSet (Gemmeke et al., ICASSP 2017; Google, CC BY 4.0), in its order.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor, nn

from auscult.datasets.addresses import EMBEDDERS, Weights
from auscult.datasets.cache import tagger_file, weights_file
from auscult.errors import BundleError
from auscult.memory.embedder import describe
from auscult.models.mn04 import Mn04
from auscult.models.pretrained import (
    HOP_S,
    WINDOW_S,
    exported,
    is_whole,
    keep,
    network,
    published,
    weights_of,
)
from auscult.models.tflite import constants
from auscult.models.yamnet import DIM, YamNet
from auscult.runtime.bundle import Bundle, loads, verify

_YAMNET_NAMES = "yamnet_label_list.txt"
_MAX_NAMES_BYTES = 2**16


class Mn04Tagger(nn.Module):
    """mn04 with its head: from the waveform to the embedding, and to the probability of each class.

    Parameters
    ----------
    inner
        The network with its weights.

    Examples
    --------
    >>> [tuple(one.shape) for one in Mn04Tagger(Mn04().eval())(torch.zeros(2, 16000))]
    [(2, 384), (2, 527)]
    """

    def __init__(self, inner: Mn04) -> None:
        super().__init__()
        self.inner = inner
        self.min_window_samples = inner.min_window_samples
        self.head = inner.classifier[2:]  # what comes before is a mean, which the embedding is

    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, 384) and probabilities (batch, 527)."""
        embedding = self.inner(waveform)
        return embedding, torch.sigmoid(self.head(embedding))


class YamNetTagger(nn.Module):
    """YAMNet with its head; the probabilities of more than one patch are their mean.

    Parameters
    ----------
    inner
        The network with its weights.
    weight, bias
        Of the head, shapes (classes, 1024) and (classes,).
    """

    def __init__(self, inner: YamNet, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.inner = inner
        self.min_window_samples = inner.min_window_samples
        self.head = nn.Linear(DIM, len(bias))
        with torch.no_grad():
            self.head.weight.copy_(weight)
            self.head.bias.copy_(bias)

    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, 1024) and probabilities (batch, classes)."""
        maps = self.inner.layers(self.inner.patches(self.inner.log_mel(waveform)))
        each = maps.mean(dim=(2, 3))
        probabilities = torch.sigmoid(self.head(each))
        batch = waveform.shape[0]
        return tuple(  # type: ignore[return-value]
            rows.reshape(batch, -1, rows.shape[1]).mean(dim=1) for rows in (each, probabilities)
        )


def make(name: str, *, known: Mapping[str, Weights] = EMBEDDERS) -> Path:
    """Make the tagger of a network whose weights were fetched; the file in the cache.

    Raises
    ------
    RecipeError
        If there is no such network, or it was not fetched.
    BundleError
        If the file in the cache is not the published one, or the cache can't be written to.
    """
    file = tagger_file(name)
    if not is_whole(file):
        weights = weights_of(name, known)
        inner = network(name, known=known)
        if isinstance(inner, Mn04):
            made = tagger_of(Mn04Tagger(inner), name=name, names=audioset())
        else:
            content = published(weights_file(weights.file.name), weights)
            made = tagger_of(_with_head(inner, content), name=name, names=_names_in(content))
        licensed = replace(made.manifest, licences=weights.notes)
        keep(file, replace(made, manifest=licensed).to_bytes())
    return file


def tagger_of(frozen: Mn04Tagger | YamNetTagger, *, name: str, names: tuple[str, ...]) -> Bundle:
    """The ONNX tagger of a network, checked as every bundle is, and run."""
    rate_hz = frozen.inner.rate_hz
    described = describe(
        exported(frozen.eval(), ("embedding", "probabilities")),
        name=name,
        rate_hz=rate_hz,
        window_samples=round(WINDOW_S * rate_hz),
        hop_samples=round(HOP_S * rate_hz),
        min_window_samples=frozen.min_window_samples,
        dim=frozen.inner.dim,
    )
    labelled = replace(described, manifest=replace(described.manifest, labels=names))
    bundle = loads(labelled.to_bytes(), name)
    verify(bundle)
    return bundle


def audioset() -> tuple[str, ...]:
    """Names of the 527 classes, in the order of mn04's head.

    >>> audioset()[0], len(audioset())
    ('Speech', 527)
    """
    text = files("auscult.models").joinpath("audioset.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def _with_head(inner: YamNet, content: bytes) -> YamNetTagger:
    found = constants(content, "yamnet")
    heads = [
        (kernel, found[number + 1])
        for number, kernel in found.items()
        if kernel.values.ndim == 2
        and kernel.values.shape[1] == DIM
        and number + 1 in found
        and found[number + 1].values.shape == kernel.values.shape[:1]
    ]
    if len(heads) != 1:
        raise _without_names()
    kernel, bias = heads[0]
    return YamNetTagger(inner, torch.from_numpy(kernel.real()), torch.from_numpy(bias.real()))


def _names_in(content: bytes) -> tuple[str, ...]:
    """The list that the published file carries at its end, as TFLite models do."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(_YAMNET_NAMES) as file:
            return tuple(file.read(_MAX_NAMES_BYTES).decode("utf-8").splitlines())
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        raise _without_names() from None


def _without_names() -> BundleError:
    return BundleError(
        "This file of YAMNet names no classes.",
        "the official file yamnet/classification/tflite/1",
        "Get it with: auscult embedder fetch yamnet",
    )
