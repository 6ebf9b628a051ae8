"""How quick Auscult is on one core, and how much memory it takes, beside librosa and scikit-learn doing the same job.

Everything runs pinned to one core with one thread. Sound of a simulated fan (16 kHz, 16 bit) is rendered first and not
counted. Commands are timed by the clock, from the start of the interpreter to its end; their memory is the peak resident
set. Scoring is counted in CPU time, which is that of the clock on a core with nothing else to do, and the clock is shown
beside it. Of repeated times the best is given where the work is long, the median where people wait. Other work on the
machine makes all of them worse: the head line says how much there was.

    python bench/speed.py                     # a few minutes
    python bench/speed.py --long              # and ten hours of sound: some minutes more, and 1.2 GB of disk for a while
    python bench/speed.py --quick             # less sound: half a minute
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
import wave
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import auscult
from auscult.audio.synth import MACHINES, Hum, Knock, stream
from auscult.errors import AuscultWarning
from auscult.memory.distance import WITHIN_PART
from auscult.runtime.scorer import Scorer
from machine import machine_line

Array = NDArray[np.float64]

RATE_HZ = 16000
PART_S = 600
FAULTS = (
    Hum(start_s=100.0, duration_s=10.0, snr_db=0.0),
    Knock(start_s=200.0, duration_s=10.0, snr_db=0.0),
)

# Runs a command from a process that is itself small: what a child inherits would count as its own memory.
WRAPPER = """
import json, os, subprocess, sys, time
before = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
complaint = child.stderr.read().decode()
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - before
if status:
    sys.exit(complaint)
print(json.dumps([seconds, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)]))
"""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row: what was measured, and what is asked of it."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False
    beside: str = ""

    @property
    def met(self) -> bool:
        """Nothing was asked, or it was reached."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


# ---- how it is measured ----------------------------------------------------------------------------------------------


def pin() -> None:
    """Stay on one core, and all children too."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def command(*arguments: str) -> tuple[float, float]:
    """Seconds and peak megabytes of `python ARGUMENTS`."""
    whole = [sys.executable, "-S", "-c", WRAPPER, sys.executable, *arguments]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"python {' '.join(arguments)} failed:\n{done.stderr}")
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def timed(
    work: Callable[[], object], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Seconds of each repetition, in order of size."""
    found = []
    for _ in range(repeats):
        before = clock()
        work()
        found.append(clock() - before)
    return sorted(found)


def length(seconds: float) -> str:
    """So much sound, in words."""
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"


def write(path: Path, seconds: int, *, seed: int, start_s: int = 0, faults: tuple = ()) -> Path:  # type: ignore[type-arg]
    """A recording of the simulated fan."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = stream(MACHINES["fan"](), seed=seed, block_s=10.0, start_s=start_s, faults=faults)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for _, block in zip(range(seconds // 10), sound, strict=False):
            file.writeframes(np.round(block.samples * 32767).astype("<i2").tobytes())
    return path


def folder(path: Path, seconds: int, *, seed: int) -> Path:
    """Normal sound in parts of ten minutes."""
    for start_s in range(0, seconds, PART_S):
        write(path / f"{start_s:06d}.wav", PART_S, seed=seed, start_s=start_s)
    return path


# ---- what is measured ------------------------------------------------------------------------------------------------


def learning(
    place: Path, bundle: Path, heard_s: int, goal_s: float, goal_mb: float | None = None
) -> Iterator[Figure]:
    """`auscult learn` of so much sound."""
    seconds, megabytes = command("-m", "auscult", "learn", str(place), "-o", str(bundle), "--json")
    yield Figure(
        what=f"learn {length(heard_s)} of sound",
        value=seconds,
        unit="s",
        goal=goal_s,
        beside=f"{heard_s / seconds:,.0f} × real time",
    )
    yield Figure(what="  its peak memory", value=megabytes, unit="MB", goal=goal_mb)


def scoring(bundle: Path, recordings: dict[int, Path], repeats: int) -> Iterator[Figure]:
    """From a WAV to verdicts, and what the command takes for the longest."""
    scorer = auscult.load(bundle)
    for seconds, path in recordings.items():
        before = time.perf_counter()
        best = timed(lambda path=path: scorer.score(path), repeats, time.process_time)[0]  # type: ignore[misc]
        by_clock = (time.perf_counter() - before) / repeats
        yield Figure(
            what=f"score a WAV of {length(seconds)}",
            value=seconds / best,
            unit="× real time",
            goal=300.0,
            at_least=True,
            beside=f"{best:.2f} s of CPU; on average {by_clock:.2f} s by the clock",
        )
    longest = max(recordings)
    taken, megabytes = command(
        "-m", "auscult", "score", str(bundle), str(recordings[longest]), "--json"
    )
    yield Figure(
        what=f"  peak memory of `auscult score`, {length(longest)}",
        value=megabytes,
        unit="MB",
        goal=200.0,
        beside=f"{taken:.1f} s in all",
    )


def starting(bundle: Path, short: Path, repeats: int) -> Iterator[Figure]:
    """What one waits for before anything happens."""
    bare, imported = (
        min(command("-c", code)[0] for _ in range(repeats)) for code in ("pass", "import auscult")
    )
    yield Figure(
        what="import auscult",
        value=imported - bare,
        unit="s",
        goal=0.1,
        beside=f"python alone {bare:.3f} s",
    )
    cold = sorted(
        command("-m", "auscult", "score", str(bundle), str(short))[0] for _ in range(repeats)
    )
    yield Figure(
        what="first verdict of a cold `auscult score`, 10 s",
        value=cold[len(cold) // 2],
        unit="s",
        goal=1.5,
    )


def windows(name: str, path: Path, repeats: int) -> Iterator[Figure]:
    """One window through a bundle, with full context, as while listening."""
    scorer = auscult.load(path)
    manifest = scorer.bundle.manifest
    rng = np.random.default_rng(0)
    window = (0.05 * rng.standard_normal(manifest.window_samples)).astype(np.float32)
    context = list(rng.standard_normal((manifest.context, manifest.dim)).astype(np.float32))
    scorer.run(window, context)
    found_ms = 1000.0 * np.array(timed(lambda: scorer.run(window, context), repeats))
    p50, p95 = np.percentile(found_ms, [50, 95])
    yield Figure(
        what=f"a 2-s window, {name} bundle",
        value=float(p50),
        unit="ms",
        goal=1.5,
        beside=f"p95 {p95:.2f} ms; file {path.stat().st_size / 1e6:.1f} MB",
    )


# ---- the same by librosa and scikit-learn ----------------------------------------------------------------------------


class ByOthers:
    """Mean, deviation and impulsiveness of librosa's log-mel bands, and scikit-learn's Ledoit-Wolf distance."""

    CONTEXT, STEP = 9, 10

    def __init__(self) -> None:
        import librosa

        mel = librosa.filters.mel(
            sr=RATE_HZ, n_fft=1024, n_mels=128, fmin=50.0, fmax=7300.0, htk=True, norm=None
        )
        self._mel = mel / mel.sum(axis=1, keepdims=True)
        self._librosa = librosa

    def embeddings(self, path: Path) -> Array:
        """One row for each 2-s window, every second."""
        samples, _ = self._librosa.load(path, sr=RATE_HZ)
        cut = np.lib.stride_tricks.sliding_window_view(samples, 2 * RATE_HZ)[::RATE_HZ]
        return np.array([self._embedding(window) for window in cut])

    def _embedding(self, window: Array) -> Array:
        spectrum = self._librosa.stft(
            window, n_fft=1024, hop_length=512, window="hann", center=False
        )
        bands = np.log(
            self._mel @ np.abs(spectrum) ** 2 / 384.0 + 1e-13
        )  # 384: energy of the Hann window
        mean = bands.mean(axis=1)
        relative = np.exp(bands - mean[:, None])
        impulsive = np.log((relative**2).mean(axis=1)) - 2.0 * np.log(relative.mean(axis=1))
        return np.concatenate([mean - mean.mean(), bands.std(axis=1), impulsive])

    def learn(self, path: Path) -> None:
        """Mean and scatter of ten-second blocks, and of the windows within them."""
        from sklearn.covariance import LedoitWolf

        found = self.embeddings(path)
        starts = range(0, len(found) - self.CONTEXT + 1, self.STEP)
        blocks = np.array([found[i : i + self.CONTEXT] for i in starts])  # (blocks, windows, dim)
        means = blocks.mean(axis=1)
        within = (blocks - means[:, None]).reshape(-1, found.shape[1]) * WITHIN_PART
        self._mean = means.mean(axis=0)
        between = means - self._mean
        total = len(between) + len(within)
        rows = np.concatenate(
            [between * np.sqrt(total / len(between)), within * np.sqrt(total / len(within))]
        )
        self._sigma = np.sqrt(np.mean(rows**2, axis=0))
        self._distance = LedoitWolf(assume_centered=True).fit(rows / self._sigma)

    def score(self, path: Path) -> Array:
        """Score of each window with those before it."""
        found = self.embeddings(path)
        averaged = np.array(
            [found[max(0, i - self.CONTEXT + 1) : i + 1].mean(axis=0) for i in range(len(found))]
        )
        return np.sqrt(self._distance.mahalanobis((averaged - self._mean) / self._sigma))


# What has to be loaded before the first score, and the first spectrum.
OTHERS_START = """
import librosa, numpy, sklearn.covariance
librosa.filters.mel(sr=16000, n_fft=1024)
librosa.stft(numpy.zeros(160000, numpy.float32), n_fft=1024, hop_length=512, center=False)
"""


def beside_others(normal: Path, tested: Path, seconds: int, repeats: int) -> Iterator[Figure]:
    """The same work twice, in turn, and whether it comes to the same."""
    others = ByOthers()
    others.learn(normal)
    ours = Scorer(auscult.learn(normal))
    works = (lambda: others.score(tested), lambda: ours.score(tested, explain=False))
    theirs_s, ours_s = np.min(
        [[timed(work, 1, time.process_time)[0] for work in works] for _ in range(repeats)], axis=0
    )
    yield Figure(
        what=f"librosa + scikit-learn: score {length(seconds)}",
        value=seconds / theirs_s,
        unit="× real time",
        beside=f"Auscult, health, votes and both tracks included, {seconds / ours_s:,.0f} × ({theirs_s / ours_s:.2f} times as quick)",
    )
    works = (lambda: others.learn(normal), lambda: auscult.learn(normal))
    theirs_s, ours_s = (timed(work, 2, time.process_time)[0] for work in works)
    yield Figure(
        what=f"librosa + scikit-learn: learn {length(seconds)}",
        value=theirs_s,
        unit="s",
        beside=f"Auscult, limits, promise and export included, {ours_s:.2f} s",
    )
    found = [command("-c", OTHERS_START) for _ in range(repeats)]
    yield Figure(
        what="librosa + scikit-learn: start and first spectrum",
        value=min(taken for taken, _ in found),
        unit="s",
        beside=f"{max(megabytes for _, megabytes in found):.0f} MB",
    )
    one = np.array([verdict.score for verdict in ours.score(tested, explain=False)])
    other = others.score(tested)
    one, other = one / np.median(one), other / np.median(other)
    yield Figure(
        what="correlation of their scores with ours",
        value=float(np.corrcoef(one, other)[0, 1]),
        unit="",
        goal=0.95,
        at_least=True,
        beside=f"largest, in medians: ours {one.max():.2f}, theirs {other.max():.2f}",
    )


# ---- all of it -------------------------------------------------------------------------------------------------------


def measure(
    root: Path, arguments: argparse.Namespace, say: Callable[[str], None]
) -> Iterator[Figure]:
    """Every figure, in the order of the table."""
    quick = arguments.quick
    learned_s, scored_s = (PART_S, (600, 1800)) if quick else (3600, (1800, 7200))
    repeats = 3 if quick else 5
    default, edge = root / "default.onnx", root / "edge.onnx"
    say("rendering")
    normal = folder(root / "normal", learned_s, seed=1)
    recordings = {n: write(root / f"{n}.wav", n, seed=2 + i) for i, n in enumerate(scored_s)}
    short = write(root / "short.wav", 10, seed=4)
    minutes = write(root / "minutes" / "normal.wav", 300, seed=5)
    tested = write(root / "tested.wav", 300, seed=6, faults=FAULTS)
    say("learning")
    yield from learning(normal, default, learned_s, 60.0)
    auscult.learn(minutes, preset="edge").save(edge)
    say("scoring")
    yield from scoring(default, recordings, 2 if quick else 3)
    say("starting")
    yield from starting(default, short, repeats)
    say("windows")
    for name, path in (("default", default), ("edge", edge)):
        yield from windows(name, path, 500 if quick else 2000)
    say("librosa + scikit-learn")
    yield from beside_others(minutes, tested, 300, repeats)
    if arguments.long:
        say("rendering ten hours")
        for recording in recordings.values():
            recording.unlink()
        long = folder(root / "long", 36_000, seed=7)
        say("learning ten hours")
        yield from learning(long, root / "long.onnx", 36_000, 600.0, 2000.0)


def table_of(figures: list[Figure]) -> Table:
    table = Table(title="Speed and memory on one core")
    table.add_column("")
    table.add_column("measured", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("")
    for one in figures:
        goal = "" if one.goal is None else f"{'≥' if one.at_least else '≤'} {one.goal:g}"
        colour = "" if one.goal is None else "green" if one.met else "red"
        digits = 0 if one.value >= 100 else 1 if one.value >= 10 else 3
        table.add_row(one.what, f"{one.value:,.{digits}f} {one.unit}", goal, one.beside, style=None)
        if colour == "red":
            table.rows[-1].style = colour
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="less sound")
    parser.add_argument("--long", action="store_true", help="learn from ten hours, too")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    console, progress = Console(width=140), Console(stderr=True)
    machine = machine_line()  # before the other cores are out of sight
    pin()
    before = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="auscult-speed-") as root,
        progress.status("") as status,
    ):
        figures = list(measure(Path(root), arguments, status.update))
    console.print(machine, soft_wrap=True)
    console.print(
        f"Pinned to one core; load of the machine {before:.1f} before, {os.getloadavg()[0]:.1f} after."
    )
    console.print(table_of(figures))
    missed = [one for one in figures if not one.met]
    for one in missed:
        console.print(
            f"[red]missed:[/red] {one.what.strip()}: {one.value:.3g} {one.unit} (goal {one.goal:g})"
        )
    if arguments.json:
        plain = [asdict(one) | {"met": one.met} for one in figures]
        arguments.json.write_text(json.dumps(plain, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
