"""What training costs beside a plain loop, and how much memory a set larger than memory takes.

Speed: the same network (`cnn_attention`), the same windows, the same optimiser and schedule: once by `auscult train`'s loop (Lightning, state
written after every epoch, progress told), once by a hand-written PyTorch loop that has all windows in memory and writes nothing. They take
turns, and the medians are compared. Goal: 0.95 of the plain loop's windows a second.

Memory: an OK/NG JSON file of 2 GB is written, trained from for one epoch in a process of its own, and that process's peak is read. Goal: 1 GB.

    python bench/training.py                 both
    python bench/training.py --only speed
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import soundfile
import torch
from rich.console import Console
from rich.table import Table

from auscult.models import families
from auscult.recipe import Recipe, from_dict
from auscult.training import loop
from auscult.training.plan import plan_of
from auscult.training.tape import Windows, record, windows_of
from machine import machine_line

RATE_HZ = 16000
RECORDINGS, SECONDS = 60, 10
EPOCHS, TURNS, BATCH = 2, 5, 32
GOAL_SPEED, GOAL_MB = 0.95, 1000.0
JSON_BYTES = 2_000_000_000
ERR = Console(stderr=True)


def write(folder: Path) -> None:
    """Noise, half of it with knocks."""
    for number in range(RECORDINGS):
        rng = np.random.default_rng(number)
        samples = 0.05 * rng.standard_normal(SECONDS * RATE_HZ)
        if number % 2:
            samples[:: RATE_HZ // 4] += 0.7
        place = folder / ("anomaly" if number % 2 else "normal")
        place.mkdir(parents=True, exist_ok=True)
        soundfile.write(place / f"{number}.wav", samples, RATE_HZ)


def recipe(folder: Path) -> Recipe:
    made, _ = from_dict(
        {
            "family": "cnn_attention",
            "audio": {"sample_rate_hz": RATE_HZ, "window_s": 1.0, "hop_s": 0.5},
            "data": {"path": str(folder), "validation": 0.0},
            "training": {"epochs": EPOCHS, "batch_size": BATCH, "patience": 0},
        }
    )
    return made


def network(wanted: Recipe) -> torch.nn.Module:
    torch.manual_seed(0)
    return families.build(
        wanted.family,
        rate_hz=RATE_HZ,
        window_samples=RATE_HZ,
        labels=("normal", "anomaly"),
        alarm_labels=("anomaly",),
    )


def ours(wanted: Recipe, windows: Windows, folder: Path) -> float:
    """Windows a second."""
    begin = time.perf_counter()
    loop.fit(network(wanted), windows, None, wanted, folder=folder)  # type: ignore[arg-type]
    return EPOCHS * len(windows) / (time.perf_counter() - begin)


def plain(wanted: Recipe, windows: Windows) -> float:
    """Windows a second of what one would write by hand."""
    model = network(wanted)
    sound = torch.from_numpy(windows.batch(np.arange(len(windows))))
    target = torch.nn.functional.one_hot(torch.from_numpy(windows.label), 2).float()
    begin = time.perf_counter()
    settings = wanted.training
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    steps = -(-len(windows) // BATCH) * EPOCHS
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=settings.learning_rate, total_steps=steps
    )
    model.train()
    for _ in range(EPOCHS):
        for part in torch.randperm(len(sound)).split(BATCH):
            optimizer.zero_grad()
            found = model.judge(model.features(sound[part]))
            model.loss(found, target[part]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip_gradient)
            optimizer.step()
            schedule.step()
    return EPOCHS * len(windows) / (time.perf_counter() - begin)


def speed(folder: Path) -> dict[str, float]:
    write(folder / "data")
    wanted = recipe(folder / "data")
    from auscult.datasets.discover import discover

    plan = plan_of("classes", discover(folder / "data").clips(), wanted)
    tape = record(plan.clips, folder / "sound.tape", rate_hz=RATE_HZ)
    windows = windows_of(
        tape, range(len(tape.takes)), plan.target_of, length=RATE_HZ, hop=RATE_HZ // 2
    )
    torch.set_num_threads(1)
    plain(wanted, windows)  # the first of all is slower
    pairs = []
    for turn in range(TURNS):
        pairs.append((ours(wanted, windows, folder / f"state{turn}"), plain(wanted, windows)))
        ERR.print(f"turn {turn + 1}: {pairs[-1][0]:.1f} and {pairs[-1][1]:.1f} windows/s")
    own, other = (median(one) for one in zip(*pairs, strict=True))
    return {"ours": own, "plain": other, "ratio": median(a / b for a, b in pairs)}


def write_json(path: Path) -> None:
    """Two gigabytes of OK and NG in the form of the data collector: lists of numbers."""
    rng = np.random.default_rng(0)
    with path.open("w") as file:
        file.write('{"fs": 16000, "waveforms": [')
        labels = []
        number = 0
        while file.tell() < JSON_BYTES:
            kind = "NG" if number % 2 else "OK"
            values = 0.1 * rng.standard_normal(RATE_HZ)
            if number % 2:
                values[::2000] += 0.7
            text = ",".join(f"{value:.5f}" for value in values)
            file.write(("," if number else "") + f"[{text}]")
            labels.append(kind)
            number += 1
        file.write(f'], "labels": {json.dumps(labels)}}}')


def memory(folder: Path) -> dict[str, float]:
    path = folder / "okng.json"
    write_json(path)
    ERR.print(f"{path.stat().st_size / 1e9:.2f} GB of JSON")
    command = [sys.executable, __file__, "--child", str(path), str(folder / "run")]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {"json_gb": path.stat().st_size / 1e9, **found}


def child(path: Path, out: Path) -> None:
    """Train from it for an epoch, and print the peak of this process."""
    from auscult.training.train import train

    begin = time.perf_counter()
    plain_recipe = {
        "family": "cnn_attention",
        "audio": {"sample_rate_hz": RATE_HZ},
        "model": {"channels": [16, 16, 16], "attention_dim": 16, "heads": 2, "hidden": 8},
        "data": {"path": str(path)},
        "training": {"epochs": 1},
    }
    train(from_dict(plain_recipe)[0], out=out)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak_mb": peak_mb, "seconds": time.perf_counter() - begin}))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--only", choices=("speed", "memory"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return 0
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        for name, measure in (("speed", speed), ("memory", memory)):
            if options.only in (None, name):
                found[name] = measure(Path(place))
    missed = found.get("speed", {}).get("ratio", 1.0) < GOAL_SPEED
    missed |= found.get("memory", {}).get("peak_mb", 0.0) > GOAL_MB
    if options.json:
        print(json.dumps(found))
    else:
        show(found)
    return int(missed)


def show(found: dict[str, dict[str, float]]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(machine_line())
    table = Table(title="Training")
    for heading in ("what", "found", "goal"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    if "speed" in found:
        one = found["speed"]
        table.add_row("auscult's loop, windows/s", f"{one['ours']:.1f}", "")
        table.add_row("plain PyTorch loop, windows/s", f"{one['plain']:.1f}", "")
        table.add_row("ratio, median of turns", f"{one['ratio']:.3f}", f">= {GOAL_SPEED}")
    if "memory" in found:
        one = found["memory"]
        table.add_row("JSON, GB", f"{one['json_gb']:.2f}", "")
        table.add_row("peak of the process, MB", f"{one['peak_mb']:.0f}", f"<= {GOAL_MB:.0f}")
        table.add_row("one epoch with reading, s", f"{one['seconds']:.0f}", "")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
