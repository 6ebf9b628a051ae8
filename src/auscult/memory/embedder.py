"""Which embedder to learn with: the built-in one, that of a bundle to go on from, a file, or several together."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, compose, helper

from auscult.datasets.addresses import EMBEDDERS
from auscult.datasets.cache import embedder_file
from auscult.errors import BundleError, RecipeError
from auscult.memory.graph import OPSET, Embedder, Nodes, add_level, spectrum_embedder
from auscult.memory.spectrum import PRESETS, Preset
from auscult.memory.together import PLUS, together
from auscult.runtime.bundle import EMBEDDER, Bundle, load
from auscult.runtime.manifest import Fingerprint, Manifest

SPECTRUM = "spectrum"
FILE_CONTEXT = 8


def spectrum_or_file(
    name: str, preset: Preset, before: Bundle | None, *, rate_hz: int | None = None
) -> Embedder:
    """The embedder that a name or a file stands for.

    Parameters
    ----------
    name
        `"spectrum"`, the path of an ONNX embedder, or the name of one that `auscult embedder fetch` brought; several, joined
        by `+`, are judged together. Of these the spectrum comes first, whatever the order.
    preset
        Of the spectrum embedder.
    before
        A bundle to go on from: its embedder is used again.
    rate_hz
        Rate of the recordings, where known: of what was recorded at a lower rate than the embedder's, bands that are
        always empty are left out, because what is nothing at any level would spoil the removal of level.

    Raises
    ------
    RecipeError
        If there is no such preset, an embedder was not fetched, or several do not go together.
    BundleError
        If the file is no embedder.
    """
    names = _names(name)
    if before is not None:
        return _again(before, names)
    if len(names) > 1:
        return together([spectrum_or_file(one, preset, None, rate_hz=rate_hz) for one in names])
    if name != SPECTRUM:
        return from_file(name)
    if preset not in PRESETS:
        raise RecipeError(
            f"There is no preset '{preset}'.",
            f"one of {', '.join(PRESETS)}",
            "Choose one with --preset.",
        )
    recipe = PRESETS[preset]
    if rate_hz is not None and rate_hz < recipe.rate_hz:
        # The same part of half the rate: the filters of recorder and resampler lie above it.
        recipe = replace(recipe, high_hz=recipe.high_hz * rate_hz / recipe.rate_hz)
    return spectrum_embedder(recipe)


def _names(name: str) -> list[str]:
    """The names in `a+b`, the spectrum first."""
    if PLUS not in name or Path(name).exists():
        return [name]
    names = sorted(name.split(PLUS), key=lambda one: one != SPECTRUM)
    for one in names:
        if one not in (SPECTRUM, *EMBEDDERS) and not Path(one).is_file():
            raise RecipeError(
                f"There is no embedder '{one}', which '{name}' names.",
                f"{SPECTRUM}, {', '.join(EMBEDDERS)}, or the file of an ONNX embedder, joined by {PLUS}",
                f"Check the name: --embedder {SPECTRUM}{PLUS}{next(iter(EMBEDDERS))}",
            )
    return names


def _again(before: Bundle, names: list[str]) -> Embedder:
    manifest = before.manifest
    recipes = manifest.recipe if len(names) > 1 else {names[0]: manifest.recipe}
    found = [_one_again(one, recipes.get(one)) for one in names]
    embedders = [one for one in found if one is not None]
    if len(embedders) == len(names):
        embedder = embedders[0] if len(embedders) == 1 else together(embedders)
        if embedder.name == manifest.embedder and embedder.dim == manifest.dim:
            return embedder
    ways_out = {SPECTRUM: "Leave out --embedder."}
    if PLUS in manifest.embedder:
        ways_out[manifest.embedder] = (
            f"Name them with --embedder {manifest.embedder}, or their files."
        )
    raise BundleError(
        f"{before.source or manifest.name} was learned with the embedder '{manifest.embedder}'.",
        "the same embedder to go on with",
        ways_out.get(manifest.embedder, "Name its file with --embedder."),
    )


def _one_again(name: str, recipe: Any) -> Embedder | None:
    if name != SPECTRUM:
        return from_file(name)
    return _spectrum_again(recipe) if isinstance(recipe, Mapping) else None


def _spectrum_again(recipe: Mapping[str, Any]) -> Embedder | None:
    """The spectrum embedder of a recipe that a bundle was learned with; `None` if it is no recipe of ours."""
    high_hz = recipe.get("high_hz")
    for preset in PRESETS.values():
        if not isinstance(high_hz, float) or not 1000.0 <= high_hz <= preset.high_hz:
            continue
        known = replace(preset, high_hz=high_hz)
        if known.to_dict() == recipe:
            return spectrum_embedder(known)
    return None


def from_file(path: str) -> Embedder:
    """An ONNX embedder from a file: input `waveform` (batch, samples), output `embedding` (batch, dim).

    Parameters
    ----------
    path
        The file, or the bare name of an embedder that was fetched.

    Raises
    ------
    RecipeError
        If the embedder of this name was not fetched.
    BundleError
        If it is broken or no embedder.
    """
    bundle = load(_fetched(path) if path in EMBEDDERS and not Path(path).exists() else path)
    manifest = bundle.manifest
    if manifest.family != EMBEDDER:
        raise BundleError(
            f"{path} is a bundle of the family '{manifest.family}', not an embedder.",
            "an ONNX file whose manifest says family 'embedder'",
            "Learn with the built-in embedder: leave out --embedder.",
        )
    opset = max(entry.version for entry in bundle.model.opset_import)
    if opset != OPSET:
        raise BundleError(
            f"{path} was exported with opset {opset}.",
            f"opset {OPSET}, in which bundles are written",
            f"Export it again with opset {OPSET}.",
        )
    # Names inside must not meet those of the nodes that are joined to it.
    model = compose.add_prefix(bundle.model, "embedder.")
    for old, new in (("embedder.waveform", "waveform"), ("embedder.embedding", "embedding")):
        _rename(model, old, new)
    if "level_db" not in {node.name for node in model.graph.output}:
        model = _with_level(model, manifest)
    return Embedder(
        model=model,
        name=manifest.name,
        recipe=manifest.recipe,
        rate_hz=manifest.sample_rate_hz,
        window_samples=manifest.window_samples,
        hop_samples=manifest.hop_samples,
        min_window_samples=manifest.min_window_samples,
        dim=manifest.dim,
        context=FILE_CONTEXT,
        licences=manifest.licences,
    )


def _fetched(name: str) -> Path:
    file = embedder_file(name)
    if not file.is_file():
        raise RecipeError(
            f"The embedder '{name}' is not on this machine.",
            str(file),
            f"Fetch it once: auscult embedder fetch {name}",
        )
    return file


def _rename(model: onnx.ModelProto, old: str, new: str) -> None:
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for value in (*model.graph.input, *model.graph.output):
        if value.name == old:
            value.name = new


def _with_level(model: onnx.ModelProto, manifest: Manifest) -> onnx.ModelProto:
    n = Nodes()
    add_level(n)
    graph = model.graph
    graph.node.extend(n.nodes)
    graph.initializer.extend(n.constants.values())
    del graph.output[:]
    graph.output.extend(
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", manifest.dim]),
            helper.make_tensor_value_info("level_db", TensorProto.FLOAT, ["batch"]),
        ]
    )
    return model


def describe(
    model: onnx.ModelProto,
    *,
    name: str,
    rate_hz: int,
    window_samples: int,
    hop_samples: int,
    dim: int,
    min_window_samples: int | None = None,
    licences: tuple[str, ...] = (),
) -> Bundle:
    """Make any ONNX network an embedder that `auscult learn --embedder` takes: save the result.

    Parameters
    ----------
    model
        Opset 18, input `waveform` (batch, samples) float32, output `embedding` (batch, dim) float32.
    name
        What to call it.
    rate_hz, window_samples, hop_samples
        What it listens to.
    dim
        Length of the embedding.
    min_window_samples
        Shortest window that it takes; default: only whole windows.
    licences
        Notes that have to travel with it.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> network = spectrum_embedder(PRESETS["edge"]).model
    >>> ours = describe(network, name="mine", rate_hz=16000, window_samples=32000, hop_samples=16000, dim=192)
    >>> ours.manifest.family
    'embedder'
    """
    manifest = Manifest(
        name=name,
        family=EMBEDDER,
        embedder=name,
        sample_rate_hz=rate_hz,
        window_samples=window_samples,
        hop_samples=hop_samples,
        min_window_samples=min_window_samples or window_samples,
        dim=dim,
        data=Fingerprint(sha256="0" * 64, recordings=0, seconds=0.0),
        licences=licences,
    )
    return Bundle(manifest=manifest, model=model, source=name)
