"""How well the default detector tells broken from healthy, on real machines.

18 sets: MIMII -6 dB fan, pump, slider (four units each), MIMII 0 dB fan (two units), DCASE 2020 fan, pump, slider (units
mixed, as the data come) and slider id_00 apart. In each, half of the normal recordings (3 to 20, drawn anew for every
repeat) are learned, the others and all anomalies are scored. AUC and pAUC (FPR <= 0.1, McClish) are averaged over repeats,
then over sets; ± is the standard error over sets. Three columns: as recorded (a), every clip brought to the same RMS (b),
a random gain of ±6 dB on each test clip (c). Loudness alone answers most of these sets (see its row), which is why (b)
and (c) are what counts.

    python bench/accuracy.py                  # AUSCULT_DATA, default ../shared/data
    python bench/accuracy.py --repeats 30 --json accuracy.json
    python bench/accuracy.py --families            # trained families beside the default: six sets, two seeds, about an hour
    python bench/accuracy.py --families --full     # all 18 sets, four seeds: most of a day

A seed decides which half is learned, and how training begins.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from auscult.audio.level import level_db
from auscult.audio.mel import log_mel_db
from auscult.audio.read import read
from auscult.audio.sound import Sound
from auscult.audio.window import windows
from auscult.datasets.clip import Clip
from auscult.datasets.machine_sounds import MachineSounds
from auscult.errors import AuscultWarning
from auscult.evaluation.metrics import always_alarm_f1, auc, pauc
from auscult.memory import memorise
from auscult.memory.blocks import Windows, blocks_of
from auscult.memory.distance import Whitened, fit
from auscult.memory.learn import learn_clips
from auscult.runtime.scorer import Scorer
from machine import machine_line

Array = NDArray[np.float64]
Columns = dict[str, Array]  # "a", "b", "c" -> one score a clip
Method = Callable[[list[Path], list[Path]], Columns]
Areas = dict[str, tuple[float, float]]  # column -> AUC, pAUC
Rows = dict[str, Areas]  # set -> its areas
Results = dict[str, Rows]  # method -> its rows

RATE_HZ = 16000
MAX_LEARNED = 20
GAIN_DB = 6.0
RMS = 0.05

# What the benchmark is held to: (row, column) -> AUC, pAUC.
GATE_AUC, GATE_PAUC = 0.745, 0.73
GATE_EQUAL = 0.005
GATE_OVER_LOG_MEL, GATE_OVER_YAMNET = 0.05, 0.10
GATE_FEW = 0.74


@dataclass(frozen=True, kw_only=True)
class Set:
    """One machine's recordings."""

    name: str
    normal: list[Path]
    anomaly: list[Path]


def sets(root: Path) -> Iterator[Set]:
    """The 18 sets."""
    for condition, machines in (("mimii_-6dB", ("fan", "pump", "slider")), ("mimii_0dB", ("fan",))):
        for machine in machines:
            clips = list(MachineSounds(root / condition / machine).clips())
            for unit in sorted({clip.unit for clip in clips}):
                yield _set(f"{condition}/{machine}/{unit}", [c for c in clips if c.unit == unit])
    dcase = {
        m: list(MachineSounds(root / "dcase2020" / m).clips()) for m in ("fan", "pump", "slider")
    }
    for machine, clips in dcase.items():
        yield _set(f"dcase2020/{machine}", clips)
    more = list(MachineSounds(root / "dcase2020" / "slider_id_00").clips())
    yield _set("dcase2020/slider/id_00", more + [c for c in dcase["slider"] if c.unit == "id_00"])


def _set(name: str, clips: list[Clip]) -> Set:
    return Set(
        name=name,
        normal=sorted(clip.path for clip in clips if clip.is_normal),
        anomaly=sorted(clip.path for clip in clips if not clip.is_normal),
    )


_SOUNDS: dict[Path, Sound] = {}


def sound(path: Path) -> Sound:
    """A recording, read once."""
    if path not in _SOUNDS:
        _SOUNDS[path] = read(path, rate_hz=RATE_HZ)
    return _SOUNDS[path]


def in_column(path: Path, column: str) -> Sound:
    """A recording as a column wants it."""
    as_recorded = sound(path)
    samples = as_recorded.samples
    if column == "b":
        samples = samples * np.float32(RMS / np.sqrt(np.mean(samples**2)))
    elif column == "c":
        draw = np.random.default_rng(_seed(path))
        samples = samples * np.float32(10 ** (draw.uniform(-GAIN_DB, GAIN_DB) / 20))
    return Sound(samples=samples, rate_hz=RATE_HZ)


def _seed(path: Path) -> int:
    return int.from_bytes(str(path).encode()[-16:], "little") % 2**32


def blocks_alone(windows: Windows, length: int | None = None) -> tuple[Whitened, Whitened]:
    """Both distances as `memorise.fit_both` has them, but blocks learned without the scatter within them."""
    of_windows = fit(np.asarray(windows.embeddings, np.float64))
    blocks = blocks_of(windows)
    if length is not None and len(blocks) < memorise.MIN_BLOCKS_TO_FIT:
        blocks = blocks_of(windows, length)
    return fit(blocks.vectors), of_windows


def spectrum(preset: str = "default", within: bool = True) -> Method:
    """Auscult's own bundle, through learning, export and scoring as users run them."""

    def method(learned: list[Path], tested: list[Path]) -> Columns:
        clips = [Clip(path=p, label="normal") for p in learned]
        with nullcontext() if within else patch.object(memorise, "fit_both", blocks_alone):
            scorer = Scorer(learn_clips(clips, preset=preset).bundle)  # type: ignore[arg-type]
        return {
            column: np.array(
                [scorer.score(in_column(p, column), explain=False).score for p in tested]
            )
            for column in "abc"
        }

    return method


def level_only(learned: list[Path], tested: list[Path]) -> Columns:
    """Distance of the clip's level from the median level learned."""
    median = np.median([level_db(sound(p).samples) for p in learned])
    levels = {c: np.array([level_db(in_column(p, c).samples) for p in tested]) for c in "ac"}
    return {column: np.abs(values - median) for column, values in levels.items()}


def nearest(embed: Callable[[Sound], Array], metric: str) -> Method:
    """Distance to the nearest learned clip's embedding."""
    kept: dict[tuple[Path, str], Array] = {}

    def embedded(path: Path, column: str) -> Array:
        key = (path, column)
        if key not in kept:
            kept[key] = embed(in_column(path, column))
        return kept[key]

    def method(learned: list[Path], tested: list[Path]) -> Columns:
        result = {}
        for column in "abc":
            bank = np.array([embedded(p, "b" if column == "b" else "a") for p in learned])
            tests = np.array([embedded(p, column) for p in tested])
            result[column] = _to_nearest(bank, tests, metric)
        return result

    return method


def _to_nearest(bank: Array, tests: Array, metric: str) -> Array:
    if metric == "cosine":
        bank = bank / np.linalg.norm(bank, axis=1, keepdims=True)
        tests = tests / np.linalg.norm(tests, axis=1, keepdims=True)
    return np.linalg.norm(tests[:, None] - bank[None], axis=2).min(axis=1)


def mean_log_mel(clip: Sound) -> Array:
    """Mean over time of 64 log-mel bands."""
    return log_mel_db(clip.samples, rate_hz=RATE_HZ, n_bands=64).mean(axis=1).astype(np.float64)


def yamnet(root: Path) -> Callable[[Sound], Array] | None:
    """Mean and deviation of YAMNet's embeddings over a clip; `None` without its interpreter or its file."""
    path = root / "models" / "yamnet_classification_int8.tflite"
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        return None
    if not path.exists():
        return None
    interpreter = Interpreter(str(path), experimental_preserve_all_tensors=True, num_threads=1)
    interpreter.allocate_tensors()
    waveform = interpreter.get_input_details()[0]
    scale, zero = waveform["quantization"]
    inner, inner_scale, inner_zero = 115, 0.02233, -128  # layer28/reduce_mean

    def embed(clip: Sound) -> Array:
        frames = []
        for window in windows(clip.samples, 15600, 7800):
            data = window if not scale else np.clip(np.round(window / scale) + zero, -128, 127)
            interpreter.set_tensor(
                waveform["index"], data.astype(waveform["dtype"]).reshape(waveform["shape"])
            )
            interpreter.invoke()
            raw = interpreter.get_tensor(inner).ravel().astype(np.float64)
            frames.append((raw - inner_zero) * inner_scale)
        return np.concatenate([np.mean(frames, axis=0), np.std(frames, axis=0)])

    return embed


def halves(one: Set, repeat: int, most: int = MAX_LEARNED) -> tuple[list[Path], list[Path]]:
    """Recordings to learn, and to test: normal ones first, then all anomalies."""
    order = np.random.default_rng(repeat).permutation(len(one.normal))
    half = min(len(order) // 2, MAX_LEARNED)
    learned = [one.normal[i] for i in order[: min(half, most)]]
    return learned, [one.normal[i] for i in order[half:]] + one.anomaly


def run(method: Method, one: Set, repeats: int, most: int = MAX_LEARNED) -> Areas:
    """AUC and pAUC of a set by column, averaged over repeats."""
    found: dict[str, list[tuple[float, float]]] = {}
    for repeat in range(repeats):
        learned, tested = halves(one, repeat, most)
        n = len(tested) - len(one.anomaly)
        for column, scores in method(learned, tested).items():
            found.setdefault(column, []).append(
                (auc(scores[:n], scores[n:]), pauc(scores[:n], scores[n:]))
            )
    return {column: tuple(np.mean(pairs, axis=0)) for column, pairs in found.items()}  # type: ignore[misc]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--only", default="", help="methods whose name holds this")
    parser.add_argument("--families", action="store_true", help="trained families, on six sets")
    parser.add_argument("--full", action="store_true", help="families on all sets, four seeds")
    parser.add_argument("--seeds", type=int, help="of --families; default: 2, --full: 4")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of --families")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    root = Path(
        os.environ.get("AUSCULT_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    )
    if not (root / "mimii_-6dB").is_dir():
        sys.stderr.write(f"No recordings in {root}: set AUSCULT_DATA to where they are.\n")
        return 2
    console = Console(width=150)
    everything = list(sets(root))
    if arguments.families:
        families(console, everything, arguments)
        return 0
    methods: dict[str, Method] = {
        "spectrum": spectrum(),
        "spectrum, 6 clips at most": spectrum(),
        "spectrum, blocks' scatter alone": spectrum(within=False),
        "spectrum, edge preset": spectrum("edge"),
        "level only": level_only,
        "mean log-mel, nearest clip": nearest(mean_log_mel, "euclidean"),
    }
    embed = yamnet(root)
    if embed is not None:
        methods["YAMNet int8, nearest clip"] = nearest(embed, "cosine")
    results: Results = {}
    for name, method in methods.items():
        if arguments.only not in name:
            continue
        most = 6 if "6 clips" in name else MAX_LEARNED
        with console.status(name):
            results[name] = {
                one.name: run(method, one, arguments.repeats, most) for one in everything
            }
    console.print(machine_line())
    console.print(_overall(results, everything, arguments.repeats))
    if "spectrum" in results:
        console.print(_by_machine(results["spectrum"]))
    failures = [] if arguments.only else list(_missed(results))
    for failure in failures:
        console.print(f"[red]missed:[/red] {failure}")
    if embed is None:
        console.print(
            "YAMNet row left out: pip install ai-edge-litert, and its file in AUSCULT_DATA/models."
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2))
    return 1 if failures else 0


def families(console: Console, everything: list[Set], arguments: argparse.Namespace) -> None:
    """Trained families, and beside them the rows that need no training, on the same halves."""
    import trained

    seeds = arguments.seeds or (4 if arguments.full else 2)
    chosen = [one for one in everything if arguments.full or one.name in trained.SIX]
    results: Results = {
        name: {one.name: run(method, one, seeds) for one in chosen}
        for name, method in (
            ("auscult learn", spectrum()),
            ("level only", level_only),
            ("mean log-mel, nearest clip", nearest(mean_log_mel, "euclidean")),
        )
    }

    def told(found: "trained.Found", done: int, of: int) -> None:
        area = {row: round(areas["b"][0], 3) for row, areas in found.areas.items()}
        where = f"{found.trial.one.name}, seed {found.trial.seed}"
        sys.stderr.write(f"{done}/{of} {where}: {area} in {found.seconds:.0f} s\n")

    names = [one.name for one in chosen]
    rows, deviations, seconds = trained.run(
        everything, names, seeds, jobs=arguments.jobs, only=arguments.only, told=told
    )
    results |= rows
    console.print(machine_line())
    console.print(_overall(results, chosen, seeds, deviations, seconds))
    console.print(_by_set(results, names))
    if arguments.json:
        whole = {"areas": results, "deviation_of_seeds": deviations, "seconds": seconds}
        arguments.json.write_text(json.dumps(whole, indent=2))


def _by_set(results: Results, names: list[str]) -> Table:
    table = Table(title="(b) equally loud, each set by itself: AUC")
    table.add_column("set")
    for method in results:
        table.add_column(method.strip(), justify="right", max_width=16)
    for name in names:
        found = (rows[name] for rows in results.values())
        table.add_row(name, *(f"{row['b'][0]:.3f}" if "b" in row else "" for row in found))
    return table


def _mean(rows: Rows, column: str) -> tuple[float, float, float]:
    """AUC, its standard error over sets, and pAUC."""
    values = np.array([row[column] for row in rows.values()])
    error = values[:, 0].std(ddof=1) / np.sqrt(len(values))
    return float(values[:, 0].mean()), float(error), float(values[:, 1].mean())


def _overall(
    results: Results,
    everything: list[Set],
    repeats: int,
    deviations: dict[str, float] | None = None,
    seconds: dict[str, float] | None = None,
) -> Table:
    f1 = np.mean(
        [
            always_alarm_f1(len(s.normal) - min(len(s.normal) // 2, MAX_LEARNED), len(s.anomaly))
            for s in everything
        ]
    )
    table = Table(
        title=f"{len(everything)} sets, {repeats} repeats: AUC ± standard error / pAUC",
        caption=f"An always-alarm rule scores F1 {f1:.3f} on these sets: F1 alone says little here.",
    )
    for heading in ("method", "(a) as recorded", "(b) equally loud", "(c) ±6 dB"):
        table.add_column(heading)
    if deviations:
        table.add_column("sd of seeds (b)", justify="right")
        table.add_column("CPU s to train", justify="right")
    for name, rows in results.items():
        cells = []
        for column in "abc":
            if all(column in row for row in rows.values()):
                area, error, partial = _mean(rows, column)
                cells.append(f"{area:.3f} ± {error:.3f} / {partial:.3f}")
            else:
                cells.append("by definition chance")
        if deviations and seconds:
            cells.append(f"{deviations[name]:.3f}" if name in deviations else "")
            cells.append(f"{seconds[name]:.0f}" if name in seconds else "")
        table.add_row(name, *cells)
    return table


def _by_machine(rows: Rows) -> Table:
    table = Table(title="spectrum by machine: AUC / pAUC")
    for heading in ("machine", "sets", "(a)", "(b)", "(c)"):
        table.add_column(heading)
    groups: dict[str, list[Areas]] = {}
    for name, row in rows.items():
        groups.setdefault("/".join(name.split("/")[:2]), []).append(row)
    for name, members in groups.items():
        cells = [np.mean([row[column] for row in members], axis=0) for column in "abc"]
        table.add_row(name, str(len(members)), *(f"{a:.3f} / {p:.3f}" for a, p in cells))
    return table


def _missed(results: Results) -> Iterator[str]:
    ours = results["spectrum"]
    area, _, partial = _mean(ours, "b")
    if area < GATE_AUC or partial < GATE_PAUC:
        yield f"spectrum (b): AUC {area:.3f} (>= {GATE_AUC}), pAUC {partial:.3f} (>= {GATE_PAUC})"
    columns = [_mean(ours, column)[0] for column in "abc"]
    if max(columns) - min(columns) > GATE_EQUAL:
        yield f"spectrum differs by {max(columns) - min(columns):.4f} between columns (<= {GATE_EQUAL})"
    for name, gate in (
        ("mean log-mel, nearest clip", GATE_OVER_LOG_MEL),
        ("YAMNet int8, nearest clip", GATE_OVER_YAMNET),
    ):
        if name in results:
            gain = area - _mean(results[name], "b")[0]
            if gain < gate:
                yield f"gain over {name}: {gain:+.3f} (>= {gate:+.2f})"
    few = _mean(results["spectrum, 6 clips at most"], "b")[0]
    if few < GATE_FEW:
        yield f"from six clips: {few:.3f} (>= {GATE_FEW})"


if __name__ == "__main__":
    sys.exit(main())
