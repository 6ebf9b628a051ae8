"""Measure a bundle on labelled recordings, and write the page that shows what it heard and what it missed.

The recordings that are tested must not be those that were learned: here they come from another day.
"""

from pathlib import Path

import auscult
from auscult.datasets.simulate import simulate
from auscult.evaluation.report import write_html

MONDAY, TUESDAY = Path("monday"), Path("tuesday")

if not MONDAY.exists():
    simulate(MONDAY, machine="fan", normal=12, anomaly=0)
if not TUESDAY.exists():
    simulate(TUESDAY, machine="fan", normal=4, anomaly=4, seed=1)

auscult.learn(MONDAY, name="fan").save("fan.onnx")
result = auscult.evaluate(auscult.load("fan.onnx"), auscult.discover(TUESDAY).clips())

# The same recordings three ways. What falls from the first line to the others was loudness, not the fault.
for name, column in result.columns.items():
    low, high = column.ci95
    print(f"{name:15} AUC {column.auc:.2f} ({low:.2f} to {high:.2f})")
print(f"{'loudness alone':15} AUC {result.level_auc:.2f}")

# AUC says how well it ranks. What it decides at the limit it ships with is another question.
decided = result.at_limit
print(
    f"\n{decided.tp} of {result.n_anomaly} faults heard, {decided.fp} of {result.n_normal} false alarms"
)
print(f"F1 {decided.f1:.2f}; calling everything anomalous would have {result.always_alarm_f1:.2f}")

write_html(result, Path("fan.html"))
print("\nOpen fan.html in a browser: it needs no network.")
