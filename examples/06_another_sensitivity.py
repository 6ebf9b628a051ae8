"""Change how often you are willing to be called for nothing, without learning again.

Score, limit and promise are three things: the budget moves the limit; scores stay as they are; and no budget makes the
promise better than the amount of normal sound that was heard.
"""

from pathlib import Path

import auscult
from auscult.datasets.simulate import simulate

MONDAY = Path("monday")
if not MONDAY.exists():
    simulate(MONDAY, machine="fan", normal=12, anomaly=0)
# Ten minutes more, in recordings of a minute: enough for the limits to follow the budget.
LONGER = Path("longer")
if not LONGER.exists():
    simulate(LONGER, machine="fan", normal=10, anomaly=0, seconds=60.0, seed=2)

auscult.learn(MONDAY, name="fan").save("two-minutes.onnx")
# `add` goes on from a bundle: what it has heard counts, and its recordings are not needed any more.
auscult.learn(LONGER, name="fan", add="two-minutes.onnx").save("fan.onnx")

print("false alarms a day   limit for 10 s   what can be promised")
for per_day in (24.0, 1.0, 0.14):
    scorer = auscult.load("fan.onnx", budget_per_day=per_day)
    calibration = scorer.bundle.manifest.calibration
    print(
        f"{per_day:18g}   {calibration.recording_limit():14.2f}"
        f"   {calibration.promised_per_day:.0f} a day ({calibration.trust})"
    )

# To keep a sensitivity, save the bundle with it: the graph stays as it is, only the manifest changes.
auscult.load("fan.onnx").bundle.with_budget(0.14).save("once-a-week.onnx")
print(auscult.load("once-a-week.onnx").bundle.manifest.calibration.in_words())
