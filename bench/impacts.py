"""OK or NG: impacts (door knocks, breaking glass, cans, mouse clicks …) against steady sound (rain, wind, engines …), in windows of a second.

Made from ESC-50: of every clip the loudest second, whichever side it is on. Folds 1 to 3 are learned from, fold 4 is the test, so that no recording
is on both sides; what chooses the epoch shares no recording with what is learned from either. `cnn_attention` is trained from nothing on the CPU; beside it the frozen mn04 with a head, on the same split. Needs AUSCULT_DATA
with `esc50_16k` and `models`. Ends with 1 where a goal is missed.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track
from rich.table import Table

from auscult.datasets.esc50 import Esc50
from auscult.datasets.folder import Folder
from auscult.evaluation.evaluate import evaluate
from auscult.models.pretrained import fetch
from auscult.recipe import Recipe, read_recipe, with_settings
from auscult.runtime.scorer import Scorer
from auscult.training.train import train
from machine import machine_line

HERE = Path(__file__).parent
DATA = Path(os.environ.get("AUSCULT_DATA", HERE.parent.parent / "shared" / "data"))
NG = (
    "door_wood_knock",
    "glass_breaking",
    "can_opening",
    "mouse_click",
    "keyboard_typing",
    "door_wood_creaks",
    "footsteps",
    "clapping",
)
OK = (
    "rain",
    "wind",
    "engine",
    "vacuum_cleaner",
    "sea_waves",
    "washing_machine",
    "airplane",
    "helicopter",
    "train",
    "crickets",
)
TEST = "fold4"
GOAL_AUC, GOAL_S = 0.93, 900.0
ERR = Console(stderr=True)


def write(folder: Path) -> tuple[dict[str, int], dict[str, str]]:
    """The loudest second of every clip, in folders `learn` and `test`; how many there are of each, and what each was cut from."""
    counts: dict[str, int] = {}
    groups: dict[str, str] = {}
    for clip in track(list(Esc50(DATA).clips()), "cutting", console=ERR):
        if clip.label not in NG + OK:
            continue
        samples, rate_hz = soundfile.read(clip.path, dtype="float32")
        power = np.convolve(samples**2, np.ones(rate_hz), "valid")
        first = int(power.argmax())
        side = "test" if clip.unit == TEST else "learn"
        kind = "normal" if clip.label in OK else "anomaly"
        place = folder / side / kind
        place.mkdir(parents=True, exist_ok=True)
        target = place / f"{clip.label}-{clip.path.stem}.wav"
        groups[target.name] = clip.group
        soundfile.write(target, samples[first : first + rate_hz], rate_hz)
        counts[f"{side} {kind}"] = counts.get(f"{side} {kind}", 0) + 1
    return counts, groups


def recipes(learn: Path) -> dict[str, Recipe]:
    found = {}
    for name in ("cnn_attention", "transfer"):
        recipe, _ = read_recipe(name)
        found[name] = with_settings(recipe, [f"data.path={json.dumps(str(learn))}"])
    return {"cnn_attention": found["cnn_attention"], "frozen mn04 + head": found["transfer"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (DATA / "esc50_16k").is_dir():
        ERR.print(f"Left out: {DATA} has no esc50_16k. Set AUSCULT_DATA.")
        return 0
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["AUSCULT_CACHE"] = f"{folder}/cache"
        counts, groups = write(folder)
        clips = [
            replace(clip, group=groups[clip.path.name]) for clip in Folder(folder / "learn").clips()
        ]
        fetch("mn04", source=next((DATA / "models").glob("*mn04*.pt")))
        for name, recipe in recipes(folder / "learn").items():
            begin = time.monotonic()
            done = train(recipe, clips=clips, out=folder / name.replace(" ", "-"))
            seconds = time.monotonic() - begin
            found = evaluate(Scorer(done.bundle), Folder(folder / "test").clips())
            column = found.columns["as_recorded"]
            classes = found.classes
            rows.append(
                {
                    "network": name,
                    "auc": column.auc,
                    "pauc": column.pauc,
                    "auc_rms": found.columns["rms_normalised"].auc,
                    "accuracy": None if classes is None else classes.accuracy,
                    "heard": found.at_limit.recall,
                    "false": found.at_limit.false_positive_rate,
                    "epochs": len(done.outcome.epochs),
                    "seconds": seconds,
                }
            )
            ERR.print(rows[-1])
    if options.json:
        print(json.dumps({"clips": counts, "rows": rows}))
    else:
        table = Table(title=f"Impacts against steady sound, a second each: {counts}")
        for heading in rows[0]:
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(*(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()))
        console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
        console.print(machine_line())
        console.print(table)
    ours = rows[0]
    return int(ours["auc"] < GOAL_AUC or ours["seconds"] > GOAL_S)


if __name__ == "__main__":
    sys.exit(main())
