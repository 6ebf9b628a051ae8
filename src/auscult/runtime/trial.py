"""A bundle of a stranger, opened first by a process that may die of it.

Reading a file takes memory before anything in it can be counted, and what reads it is large: protobuf, onnx, onnxruntime. So
the first time a file of unknown origin is parsed, its session made and its reference windows run, another process does it,
with little memory and time, that can write no file and open none. What it survives is opened here after it.

It costs the start of a process: a quarter of a second. `auscult bundle verify` does it; `auscult.load` does not.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

from auscult.errors import AuscultError, BundleError, EngineError
from auscult.runtime.bundle import EMBEDDER, Bundle, loads, read_file, verify
from auscult.runtime.manifest import Fingerprint, Manifest
from auscult.runtime.tflite_file import is_tflite, joined, taken_apart

if sys.platform != "win32":  # there, the clock alone limits
    import resource

TIME_S = 60.0
CPU_S = 30
MEMORY_BYTES = 3 * 2**29
"""Address space: libraries take 0.2 GiB of it, what one window makes 0.5 GiB at most."""

MEMORY_PER_BYTE = 8
"""And this for each byte of the file, which is read, parsed and unpacked."""

_KINDS = {kind.__name__: kind for kind in (BundleError, EngineError)}
_MAX_ANSWER_BYTES = 2**16
_NAME = "auscult.runtime.trial"


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """A bundle that was tried elsewhere before it was opened here.

    Parameters
    ----------
    bundle
        As `auscult.runtime.bundle.load` gives it.
    error
        Largest relative difference between the scores of its reference windows and those that it promises.
    """

    bundle: Bundle
    error: float


def inspect_untrusted(
    file: str | os.PathLike[str] | bytes, *, source: str = "", time_s: float = TIME_S
) -> Inspected:
    """Open a bundle of unknown origin; if it harms anything, it harms a process made for that.

    Parameters
    ----------
    file
        A path, or the bytes of a file.
    source
        What to call it in messages; default: its path.
    time_s
        Time for all of it, by the clock.

    Raises
    ------
    BundleError, EngineError
        As `auscult.runtime.bundle.load`; or the process took too much memory or time, or crashed.

    Notes
    -----
    Memory is limited where the system does that (Linux; not macOS, not Windows), computing time on Linux and macOS, time by
    the clock everywhere. The process has the rights of this one: what breaks out of onnxruntime is not held by it.

    Examples
    --------
    >>> try:
    ...     inspect_untrusted(b"a text about fans", source="fan.onnx")
    ... except BundleError as error:
    ...     print(error.what)
    fan.onnx is no bundle, or is broken: its 17 bytes are not an ONNX model.
    """
    content = file if isinstance(file, bytes) else read_file(Path(file))
    called = source or ("bundle" if isinstance(file, bytes) else os.fspath(file))
    answer = _asked(content, called, time_s)
    if "kind" in answer:
        kind = _KINDS.get(answer["kind"], BundleError)
        code = str(answer.get("code") or "bundle_broken")
        raise kind(answer["what"], answer["expected"], answer["action"], code=code)
    if not isinstance(answer.get("error"), float):
        raise BundleError(
            f"{called} could not be tried: the process that opened it took more than {CPU_S} s or"
            f" {_memory(len(content)) / 2**30:.1f} GiB, or broke down.",
            "a bundle as Auscult writes it",
            "Do not use this file; get the bundle again from where it was made.",
            code="bundle_broken",
        )
    return Inspected(bundle=loads(content, called), error=answer["error"])


def _memory(n_bytes: int) -> int:
    return MEMORY_BYTES + MEMORY_PER_BYTE * n_bytes


def _asked(content: bytes, source: str, time_s: float) -> Mapping[str, Any]:
    """What the process says; nothing if it died, or took too long."""
    # Libraries reserve memory for each thread that they might start.
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    engine = "litert" if is_tflite(content) else "onnxruntime"
    command = [sys.executable, "-P", "-m", _NAME, source, str(_memory(len(content))), engine]
    try:
        ended = subprocess.run(  # noqa: S603 - this module, in this interpreter
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **one_thread},
            timeout=time_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}
    if ended.returncode or len(ended.stdout) > _MAX_ANSWER_BYTES:
        return {}
    try:
        answer = json.loads(ended.stdout)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def main(source: str, memory_bytes: int, engine: str = "onnxruntime") -> None:
    """What the process does: read what will be needed, limit itself, take the file from its input, and answer in JSON."""
    _warm_up()
    if engine == "litert":
        _warm_up_litert()
    _limit_self(memory_bytes)
    try:
        bundle = loads(sys.stdin.buffer.read(), source)
        answer: dict[str, object] = {"error": verify(bundle)}
    except AuscultError as error:
        answer = {
            "kind": type(error).__name__,
            "what": error.what[:2000],
            "expected": error.expected[:2000],
            "action": error.action[:2000],
            "code": error.code,
        }
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # Nothing is left to be tidied up, and a damaged heap would not stand it.
    os._exit(0)


def _warm_up() -> None:
    """Have all modules and data files read that opening a bundle needs: later, no file can be opened."""
    manifest = Manifest(
        name="x",
        family=EMBEDDER,
        sample_rate_hz=16000,
        window_samples=2,
        hop_samples=2,
        min_window_samples=2,
        dim=2,
        data=Fingerprint(sha256="0" * 64, recordings=0, seconds=0.0),
    )
    node = helper.make_node("Relu", ["waveform"], ["embedding"])
    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2])
        for name in ("waveform", "embedding")
    ]
    graph = helper.make_graph([node], "x", sides[:1], sides[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    verify(loads(Bundle(manifest=manifest, model=model).to_bytes()))


def _warm_up_litert() -> None:
    """The same for what only TFLite bundles need."""
    with contextlib.suppress(ImportError):  # an extra: without it, none is run at all
        import ai_edge_litert.interpreter  # noqa: F401 - to have it loaded
    taken_apart(joined(b"", "{}", "{}"), "x")


def _limit_self(memory_bytes: int) -> None:
    """From now on: so much address space and computing time, no file longer than nothing, none opened, no core written."""
    if sys.platform == "win32":
        return
    limits = {
        "RLIMIT_AS": memory_bytes,
        "RLIMIT_CPU": CPU_S,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 3,
        "RLIMIT_CORE": 0,
    }
    for name, value in limits.items():
        if hasattr(resource, name):
            which = getattr(resource, name)
            hard = resource.getrlimit(which)[1]
            least = value if hard == resource.RLIM_INFINITY else min(value, hard)
            # Some systems know a limit and refuse to set it; the others hold all the same.
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(which, (least, least))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
