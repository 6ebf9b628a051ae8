"""Where training stands, on disk: tensors as safetensors, everything else as JSON in their header. No code can hide in it.

Written whole or not at all: a stop at any moment leaves the last one as it was.
"""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
from lightning.fabric.plugins import CheckpointIO
from safetensors import SafetensorError, safe_open
from torch import Tensor

from auscult.errors import TrainingError
from auscult.runtime.whole import write_whole

_HEADER = "auscult.checkpoint"
_TENSOR, _TUPLE, _DICT = "tensor", "tuple", "dict"
_PLAIN = (str, int, float, bool, type(None))


class Checkpoints(CheckpointIO):
    """How Lightning writes and reads where it stands."""

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | os.PathLike[str],
        storage_options: Any | None = None,
    ) -> None:
        """Write it.

        Raises
        ------
        TrainingError
            If the disk has no room; what was written before is kept.
        """
        del storage_options
        save(checkpoint, Path(path))

    def load_checkpoint(
        self,
        path: str | os.PathLike[str],
        map_location: Any | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Read it.

        Raises
        ------
        TrainingError
            If it is none.
        """
        del map_location, weights_only
        return load(Path(path))

    def remove_checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Delete it."""
        Path(path).unlink(missing_ok=True)


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write a nest of dictionaries, lists, numbers, texts and tensors.

    Raises
    ------
    TrainingError
        If it can't be written.
    """
    tensors: dict[str, Tensor] = {}
    header = json.dumps(_plain(state, tensors))
    content = safetensors.torch.save(tensors, {_HEADER: header})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        kept = " The one before is kept." if path.exists() else ""
        way = "Make room" if error.errno == errno.ENOSPC else "See to the folder"
        raise TrainingError(
            f"{path} could not be written: {error.strerror}.{kept}",
            f"{len(content) / 1e6:.0f} MB free in a folder that may be written to",
            f"{way}, then go on with --resume.",
        ) from None


def load(path: Path) -> dict[str, Any]:
    """Read what `save` wrote.

    Raises
    ------
    TrainingError
        If it is missing, or something else.
    """
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            header = (file.metadata() or {})[_HEADER]
        return dict(_nested(json.loads(header), tensors))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise TrainingError(
            f"{path} is no checkpoint that can be gone on from: {error}.",
            "one that `auscult train` wrote",
            "Begin anew, without --resume.",
        ) from None


def _plain(value: Any, tensors: dict[str, Tensor]) -> Any:
    """JSON for anything in a checkpoint; tensors are put aside under a number."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # Two names for one tensor (shared weights) are two tensors here.
        tensors[name] = value.detach().cpu().clone().contiguous()
        return {_TENSOR: name}
    if isinstance(value, Mapping):
        # Keys may be numbers, which JSON would make texts of.
        return {_DICT: [[key, _plain(one, tensors)] for key, one in value.items()]}
    if isinstance(value, tuple):
        return {_TUPLE: [_plain(one, tensors) for one in value]}
    if isinstance(value, list | set):
        return [_plain(one, tensors) for one in value]
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a checkpoint can't keep {type(value).__name__}")


def _nested(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_nested(one, tensors) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == _TENSOR:
        return tensors[inner]
    if kind == _TUPLE:
        return tuple(_nested(one, tensors) for one in inner)
    return {key: _nested(one, tensors) for key, one in inner}
