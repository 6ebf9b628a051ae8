"""Learn and measure where folders are classes and none is called normal: say which one is.

On the command line, `--normal humming` does the same for `learn`, `evaluate` and `data check`.
"""

import shutil
from pathlib import Path

import auscult
from auscult.datasets.clip import calling_normal
from auscult.datasets.simulate import simulate
from auscult.datasets.split import by_recording
from auscult.memory.learn import learn_clips

MADE, CLASSES = Path("made"), Path("classes")

if not CLASSES.exists():
    simulate(MADE, machine="fan", normal=16, anomaly=4)
    shutil.copytree(MADE / "fan/id_00/normal", CLASSES / "humming")
    shutil.copytree(MADE / "fan/id_00/abnormal", CLASSES / "rattling")

clips = list(calling_normal(auscult.discover(CLASSES).clips(), {"humming"}))
normal = [clip for clip in clips if clip.is_normal]
others = [clip for clip in clips if not clip.is_normal]
print(f"{len(normal)} normal, {len(others)} of other classes")

# What is tested must not have been learned.
learned, tested = by_recording(normal, test_fraction=0.25)
bundle = learn_clips(learned, name="humming").bundle
result = auscult.evaluate(auscult.Scorer(bundle), [*tested, *others])
column = result.columns["as_recorded"]
print(f"AUC {column.auc:.2f}: {result.n_normal} normal against {result.n_anomaly} others")
