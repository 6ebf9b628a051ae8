"""The converter to TFLite, in a process of its own: it is large, talks a great deal, and may die of what it is given.

`converted` is what calls it. The process reads its task from a folder and writes `model.tflite` there, or why it could not:

    python -m auscult.training.litert_worker FOLDER

It may run in another environment than the caller's: `AUSCULT_CONVERTER_PYTHON` names an interpreter that has `litert-torch`.
"""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from auscult.errors import AuscultError, BundleError, MissingExtra, RecipeError
from auscult.runtime.scratch import scratch

Precision = Literal["float", "int8-dynamic", "int8"]

PYTHON = "AUSCULT_CONVERTER_PYTHON"
"""Environment variable: an interpreter that has the converter, where that is not this one."""

LIMIT_S = 900.0

_MODEL, _TASK, _MADE, _FAILED = "model.onnx", "task.json", "model.tflite", "failed.json"
_PART = "model.part"
_SCOPE = ".*EightBits.*"
_MOST_SAID = 300


def converted(
    model: onnx.ModelProto,
    precision: Precision,
    inputs: Mapping[str, NDArray[Any]],
    outputs: Sequence[str],
    *,
    layers: Sequence[str] = (),
    limit_s: float = LIMIT_S,
) -> bytes:
    """A graph as a TFLite model.

    Parameters
    ----------
    model
        An ONNX graph of float layers; the nodes in `layers` go by their names.
    precision
        `float`, `int8-dynamic` (weights in eight bits), or `int8` (what passes between layers, too).
    inputs
        By name, in the order that the TFLite model takes them: sound to measure ranges on, one window a row.
    outputs
        Names of what it is to give, in this order.
    layers
        Names of the nodes that go into eight bits.
    limit_s
        Time for all of it.

    Raises
    ------
    MissingExtra, RecipeError
        If the converter is not installed, or is not where the environment says.
    BundleError
        If the graph can't be converted.
    EngineError
        If the disk for temporary files is full.
    """
    python = _interpreter()
    with scratch("The graph could not be converted to TFLite") as folder:
        onnx.save(model, folder / _MODEL)
        for name, value in inputs.items():
            np.save(folder / f"{name}.npy", value, allow_pickle=False)
        task = {
            "precision": precision,
            "inputs": list(inputs),
            "outputs": list(outputs),
            "layers": list(layers),
        }
        (folder / _TASK).write_text(json.dumps(task), encoding="utf-8")
        said = _run(python, folder, limit_s)
        if (folder / _FAILED).is_file():
            raise BundleError(*json.loads((folder / _FAILED).read_text(encoding="utf-8")))
        if not (folder / _MADE).is_file():
            raise _failed(said)
        return (folder / _MADE).read_bytes()


def look_first() -> None:
    """See that the converter and LiteRT are there, before the work that they are for.

    Raises
    ------
    MissingExtra, RecipeError
        If one of them is not.
    """
    _interpreter()
    if find_spec("ai_edge_litert") is None:
        raise MissingExtra("A TFLite bundle", "tflite")


def _interpreter() -> str:
    """The one that converts."""
    named = os.environ.get(PYTHON, "")
    if named and shutil.which(named) is None:
        raise _not_run(named, "there is no such program")
    if named in ("", sys.executable) and find_spec("litert_torch") is None:
        raise MissingExtra("Converting to TFLite", "tflite-convert")
    return named or sys.executable


def _not_run(python: str, why: str) -> RecipeError:
    return RecipeError(
        f"{PYTHON} is {python}, which can't be run: {why}.",
        "a Python interpreter that has litert-torch",
        f"Correct {PYTHON}; or unset it and install the converter here: pip install 'auscult[tflite-convert]'",
    )


def _run(python: str, folder: Path, limit_s: float) -> str:
    """The last that the process says."""
    root = str(Path(__file__).parents[2])
    found = os.environ.get("PYTHONPATH")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([root, *([found] if found else [])]),
        "HF_HUB_OFFLINE": "1",  # a library of the converter's would look for things
        "OMP_NUM_THREADS": "1",
        "TMPDIR": str(folder),  # what it leaves behind if it dies goes away with the folder
    }
    command = [python, "-m", "auscult.training.litert_worker", str(folder)]
    try:
        ended = subprocess.run(  # noqa: S603 - this module, in the interpreter that the user names
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it took more than {limit_s:g} s"
    except OSError as error:
        raise _not_run(python, str(error.strerror)) from None
    lines = ended.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].strip()[:_MOST_SAID] if lines else f"it ended with {ended.returncode}"


def _failed(said: str) -> AuscultError | OSError:
    if os.strerror(errno.ENOSPC) in said:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named" in said:
        return MissingExtra("Converting to TFLite", "tflite-convert")
    return BundleError(
        f"The graph could not be converted to TFLite: {said}.",
        "a graph that the converter takes",
        "Export the bundle for onnxruntime instead: leave out --tflite.",
    )


def main(place: str) -> None:
    """What the process does: read the task, convert, write."""
    folder = Path(place)
    task = json.loads((folder / _TASK).read_text(encoding="utf-8"))
    sound = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in task["inputs"]}
    try:
        made = _converted(onnx.load(folder / _MODEL), task, sound)
    except AuscultError as error:
        beats = [error.what, error.expected, error.action]
        (folder / _FAILED).write_text(json.dumps(beats), encoding="utf-8")
        return
    part = folder / _PART
    part.write_bytes(made)
    part.replace(folder / _MADE)  # what lies there is whole, or the disk was full


def _converted(
    model: onnx.ModelProto, task: Mapping[str, Any], sound: Mapping[str, NDArray[Any]]
) -> bytes:
    import litert_torch  # only this process needs it
    import torch

    from auscult.training.twin import Twin

    one = {name: value[:1] for name, value in sound.items()}
    twin = Twin(model, one, task["outputs"], in_eight_bits=set(task["layers"])).eval()
    with tempfile.TemporaryDirectory() as place, torch.no_grad():
        file = Path(place) / "float.tflite"
        inputs = tuple(torch.from_numpy(value) for value in one.values())
        litert_torch.convert(twin, inputs).export(str(file))
        if task["precision"] == "float" or not task["layers"]:
            return file.read_bytes()
        return _in_eight_bits(file, task["precision"], sound)


def _in_eight_bits(file: Path, precision: str, sound: Mapping[str, NDArray[Any]]) -> bytes:
    from ai_edge_quantizer import quantizer
    from ai_edge_quantizer.qtyping import TFLOperationName

    job = quantizer.Quantizer(str(file))
    every = TFLOperationName.ALL_SUPPORTED
    if precision == "int8-dynamic":
        job.add_dynamic_config(regex=_SCOPE, operation_name=every, num_bits=8)
        return bytes(job.quantize().quantized_model)
    job.add_static_config(
        regex=_SCOPE, operation_name=every, activation_num_bits=8, weight_num_bits=8
    )
    # The converter takes whole numbers of 32 bits for those of 64.
    given = [v.astype(np.int32) if v.dtype == np.int64 else v for v in sound.values()]
    rows = [
        {f"args_{i}": value[row : row + 1] for i, value in enumerate(given)}
        for row in range(len(given[0]))
    ]
    ranges = job.calibrate({"serving_default": rows}, num_threads=1)
    return bytes(job.quantize(ranges).quantized_model)


if __name__ == "__main__":
    main(sys.argv[1])
