"""Learn a machine from its normal sound, then judge recordings made on another day.

Simulated recordings stand for your own: replace both folders by yours, and drop the two lines that make them.
"""

from pathlib import Path

import auscult
from auscult.datasets.simulate import simulate

MONDAY, TUESDAY = Path("monday"), Path("tuesday")

if not MONDAY.exists():
    simulate(MONDAY, machine="fan", normal=12, anomaly=0)
if not TUESDAY.exists():
    simulate(TUESDAY, machine="fan", normal=4, anomaly=4, seed=1)

# Two minutes of normal sound. No labels are needed; a folder with only normal sound in it will do.
bundle = auscult.learn(MONDAY, name="fan")
bundle.save("fan.onnx")
print(bundle.manifest.calibration.in_words())

# Loading proves the file: it has to give the scores that its own reference windows had when it was written.
scorer = auscult.load("fan.onnx")

for clip in auscult.discover(TUESDAY).clips():
    verdict = scorer.score(clip.path)
    print(f"\n{clip.path}: {verdict.state}, score {verdict.score:.2f}, limit {verdict.limit:.2f}")
    if verdict.explanation is not None:
        print(f"    {verdict.explanation.text}")
        nearest = verdict.explanation.nearest
        print(f"    of all normal sound, it is nearest to {nearest.recording}")

# A verdict can be iterated: one entry for each window of two seconds.
print(f"\nThe windows of {clip.path}:")
for window in verdict:
    print(f"    {window.start_s:4.1f} s  {window.state:8}  {window.ratio:5.2f} x its limit")
