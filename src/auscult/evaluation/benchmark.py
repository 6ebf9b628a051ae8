"""What a bundle costs on this machine: time, memory and room, measured in a fresh process pinned to as many cores as it has threads.

That process starts as a device does: it loads the bundle, proves it, and judges its first window; then window after window,
each by itself, as when listening. Plain TFLite models of others are measured the same way, on what they take.

    python -m auscult.evaluation.benchmark FILE THREADS WINDOWS SEED
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from auscult.datasets.clip import Clip
from auscult.errors import BundleError, EngineError, MissingExtra
from auscult.evaluation.evaluate import evaluate
from auscult.runtime import tflite_file
from auscult.runtime.bundle import Bundle, load, reference_window
from auscult.runtime.scorer import Scorer

DEFAULT_WINDOWS = 200
LIMIT_S = 600.0

PACKAGES = {"onnxruntime": (), "litert": ("ai-edge-litert",)}
"""What an engine needs beside the core."""

# Models of others, by the numbers that they take: what they are called, and the seconds of sound from one run to the next.
PLAIN = {
    15600: ("YAMNet", 0.975),
    640: ("MLPerf Tiny autoencoder, without front end", 0.032),
}

_MODULE = "auscult.evaluation.benchmark"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One row: what a file costs on this machine.

    Parameters
    ----------
    name, file, kind, engine
        What it is: for `kind` the family, and how it was made for a small device.
    threads, windows, seed
        How it was measured.
    parameters
        Numbers that it holds, front end included; what only training needs is not in it.
    bundle_bytes, install_bytes
        The file, and all packages that running it needs.
    p50_ms, p95_ms, p99_ms
        Time for one window.
    first_s
        From the start of a process to its first score.
    peak_rss_bytes
        Largest resident memory of that process.
    hop_s
        Sound from one window to the next.
    real_time_factor
        Time for a second of sound, in seconds; below 1 it keeps up.
    streams_per_core
        So many streams keep one core busy.
    cpu_ms_per_hour
        Computing time for an hour of sound: what it takes of a battery goes with it.
    auc, pauc
        On labelled recordings, those that it learned left out; `None` where none were given.
    """

    name: str
    file: str
    kind: str
    engine: str
    threads: int
    windows: int
    seed: int
    parameters: int
    bundle_bytes: int
    install_bytes: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    first_s: float
    peak_rss_bytes: int
    hop_s: float
    real_time_factor: float
    streams_per_core: float
    cpu_ms_per_hour: float
    auc: float | None = None
    pauc: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


FIELDS = tuple(one.name for one in fields(Cost))


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """What is measured, made ready."""

    name: str
    kind: str
    engine: str
    hop_s: float
    parameters: int
    run: Callable[[int], object]


def measure(
    file: str | os.PathLike[str],
    *,
    threads: int = 1,
    windows: int = DEFAULT_WINDOWS,
    seed: int = 0,
    limit_s: float = LIMIT_S,
) -> Cost:
    """Measure a bundle, or the TFLite model of others.

    Parameters
    ----------
    file
        The file.
    threads
        Of the engine; the process is pinned to as many cores.
    windows
        So many are timed, after a tenth as many that are not.
    seed
        Of the sound: noise where the bundle brings none.
    limit_s
        Time for all of it.

    Raises
    ------
    BundleError, EngineError, MissingExtra
        If it can't be loaded or run.
    """
    path = Path(file)
    # Whatever is wrong with it is said in words before it is given to a process.
    subject = _subject(path, threads, seed)
    arguments = [str(path), str(threads), str(windows), str(seed)]
    first_s, found = _asked(arguments, threads, limit_s)
    cpu_s, hop_s = found["cpu_s"] / windows, subject.hop_s
    p50, p95, p99 = (float(one) for one in np.percentile(found["ms"], [50, 95, 99]))
    return Cost(
        name=subject.name,
        file=str(path),
        kind=subject.kind,
        engine=subject.engine,
        threads=threads,
        windows=windows,
        seed=seed,
        parameters=subject.parameters,
        bundle_bytes=path.stat().st_size,
        install_bytes=install_bytes(*PACKAGES[subject.engine]),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        first_s=first_s,
        peak_rss_bytes=int(found["peak_rss_bytes"]),
        hop_s=hop_s,
        real_time_factor=p50 / 1000.0 / hop_s,
        streams_per_core=hop_s / max(cpu_s, 1e-9),
        cpu_ms_per_hour=1000.0 * cpu_s * 3600.0 / hop_s,
    )


def with_accuracy(cost: Cost, clips: Iterable[Clip]) -> Cost:
    """The same row with AUC and pAUC on labelled recordings; unchanged for the models of others."""
    path = Path(cost.file)
    if _is_plain(path):
        return cost
    found = evaluate(Scorer(load(path), threads=cost.threads), clips, seed=cost.seed)
    if not found.columns:
        return cost
    column = found.columns["as_recorded"]
    return replace(cost, auc=column.auc, pauc=column.pauc)


def _asked(arguments: list[str], threads: int, limit_s: float) -> tuple[float, dict[str, Any]]:
    """Seconds to the first score, and what the process has measured."""
    begin = time.perf_counter()
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    with subprocess.Popen(  # noqa: S603 - this module, in this interpreter
        [sys.executable, "-P", "-m", _MODULE, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | one_thread,
        bufsize=0,  # what is read ahead of the first line would be lost to `communicate`
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        first = process.stdout.readline()
        first_s = time.perf_counter() - begin
        try:
            rest, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            rest = b""
    if not first or not rest:
        raise EngineError(
            f"{arguments[0]} could not be measured: the process that ran it broke down, or took more than {limit_s:g} s.",
            "a bundle that runs on this machine",
            f"Check it: auscult bundle verify {arguments[0]}",
        )
    return first_s, json.loads(rest)


def main(file: str, threads: int, windows: int, seed: int) -> None:
    """What the process does: load, judge the first window, say so, judge the others, and say how long each took."""
    pin(threads)
    subject = _subject(Path(file), threads, seed)
    subject.run(0)
    sys.stdout.write("first\n")
    sys.stdout.flush()
    for number in range(max(windows // 10, 1)):
        subject.run(number)
    taken_ms = []
    cpu_s = time.process_time()
    for number in range(windows):
        before = time.perf_counter()
        subject.run(number)
        taken_ms.append(1000.0 * (time.perf_counter() - before))
    found = {
        "ms": taken_ms,
        "cpu_s": time.process_time() - cpu_s,
        "peak_rss_bytes": peak_rss_bytes(),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def pin(cores: int) -> None:
    """Stay on so many cores, where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def peak_rss_bytes() -> int:
    """Largest resident memory of this process; what it inherited from its parent is not counted where the system tells."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return 0
    import resource

    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024


def _is_plain(path: Path) -> bool:
    with path.open("rb") as file:
        content = file.read()
    # Of a bundle that was copied in part, the name at the very end may be missing.
    return tflite_file.is_tflite(content) and b"auscult.manifest" not in content


def _subject(path: Path, threads: int, seed: int) -> _Subject:
    if path.is_file() and _is_plain(path):
        return _of_others(path, threads, seed)
    bundle = load(path)
    scorer, manifest = Scorer(bundle, threads=threads), bundle.manifest
    sounds = _sounds(bundle, seed)
    rng = np.random.default_rng(seed)
    context = list(rng.standard_normal((manifest.context, manifest.dim)).astype(np.float32))
    variant = manifest.variant
    return _Subject(
        name=manifest.name,
        kind=" ".join([manifest.embedder or manifest.family, *([variant.kind] if variant else [])]),
        engine=scorer.engine.name,
        hop_s=manifest.hop_samples / manifest.sample_rate_hz,
        parameters=parameters_of(bundle),
        run=lambda number: scorer.run(sounds[number % len(sounds)], context),
    )


def _sounds(bundle: Bundle, seed: int) -> list[NDArray[np.float32]]:
    """Whole windows: the bundle's own, or noise."""
    manifest = bundle.manifest
    own = [reference_window(bundle, i)[0] for i in range(len(manifest.references))]
    whole = [window for window in own if len(window) == manifest.window_samples]
    noise = 0.05 * np.random.default_rng(seed).standard_normal(manifest.window_samples)
    return whole or [noise.astype(np.float32)]


def parameters_of(bundle: Bundle) -> int:
    """Numbers that a bundle's graph holds; shapes, axes and the like are none."""
    if bundle.tflite:
        return tflite_file.parameters(bundle.tflite)
    return sum(
        prod(tensor.dims)
        for tensor in bundle.model.graph.initializer
        if tensor.data_type != TensorProto.INT64
    )


def _of_others(path: Path, threads: int, seed: int) -> _Subject:
    """A TFLite model that is no bundle: what it takes decides which it is."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise MissingExtra("A TFLite model", "tflite") from None
    content = path.read_bytes()
    parameters = tflite_file.parameters(content, str(path))  # refuses what is not whole
    try:
        interpreter = Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError, TypeError) as error:
        raise BundleError(
            f"{path} can't be run: {str(error).strip()[:300]}.",
            "a whole TFLite model that LiteRT takes",
            "Copy it again, or export it again from a bundle: auscult export FILE --tflite float",
        ) from None
    given = interpreter.get_input_details()[0]
    numbers = int(np.prod(given["shape"]))
    if numbers not in PLAIN or given["dtype"] != np.float32:
        raise BundleError(
            f"{path} is a TFLite model that takes {numbers} numbers.",
            f"a bundle, or one that takes {' or '.join(map(str, PLAIN))} in float",
            "Export a bundle: auscult export FILE --tflite float",
        )
    name, hop_s = PLAIN[numbers]
    sound = 0.05 * np.random.default_rng(seed).standard_normal(given["shape"])
    feed = sound.astype(np.float32)

    def run(_: int) -> object:
        interpreter.set_tensor(given["index"], feed)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return _Subject(
        name=name,
        kind="of others",
        engine="litert",
        hop_s=hop_s,
        parameters=parameters,
        run=run,
    )


def install_bytes(*packages: str) -> int:
    """Files of all packages that Auscult's core and these need, byte code left out; itself included.

    Parameters
    ----------
    packages
        What is needed beside the core.
    """
    found: dict[str, Distribution] = {}
    waiting = ["auscult", *packages]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        waiting += _needs(found[name])
    return sum(_bytes(one) for one in found.values())


def _needs(one: Distribution) -> list[str]:
    from packaging.requirements import Requirement  # onnxruntime brings it

    needs = [Requirement(text) for text in one.requires or ()]
    return [
        need.name.lower().replace("_", "-")
        for need in needs
        if need.marker is None or need.marker.evaluate({"extra": ""})
    ]


def _bytes(one: Distribution) -> int:
    paths = (Path(str(one.locate_file(file))) for file in one.files or ())
    kept = (path for path in paths if "__pycache__" not in path.parts and path.is_file())
    if one.metadata["Name"] == "auscult":  # it may be installed from where it is written
        root = Path(__file__).parents[1]
        kept = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in kept)


def machine() -> str:
    """The machine in one line: no figure means anything without it."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model"):
                cpu = value.strip()
                break
    load_words = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    parts = [
        cpu,
        f"{os.cpu_count() or 1} cores",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        *(f"{name} {distribution(name).version}" for name in ("numpy", "onnxruntime")),
        load_words,
    ]
    return " · ".join(part for part in parts if part)


if __name__ == "__main__":
    main(sys.argv[1], *(int(one) for one in sys.argv[2:5]))
