"""Hear a machine while it runs: blocks of samples in, verdicts and events out.

A listener has no clock, no thread and no microphone. Whatever gives samples can feed it: here a simulated fan, at 48 kHz
and in blocks of 1024, as sound cards deliver them. How the sound is cut into blocks never changes what is heard.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import auscult
from auscult.audio.synth import AirLeak, Knock, fan, stream
from auscult.datasets.simulate import simulate

RATE_HZ, BLOCK_SAMPLES = 48000, 1024


def microphone(seconds: float) -> Iterator[np.ndarray]:
    """Blocks of int16, as a sound card would give them; replace it by yours."""
    faults = [Knock(start_s=15.0, duration_s=8.0), AirLeak(start_s=75.0, duration_s=8.0)]
    sounds = stream(fan(rate_hz=RATE_HZ), seed=7, faults=faults, block_s=BLOCK_SAMPLES / RATE_HZ)
    for _ in range(round(seconds * RATE_HZ / BLOCK_SAMPLES)):
        yield np.round(next(sounds).samples * 32767).astype(np.int16)


# Learned at the rate that is listened to: what a recorder's filters do to the highest bands is then part of normal.
MONDAY = Path("monday-48k")
if not MONDAY.exists():
    simulate(MONDAY, machine="fan", normal=12, anomaly=0, rate_hz=RATE_HZ)
auscult.learn(MONDAY, name="fan").save("fan-48k.onnx")

listener = auscult.Listener(auscult.load("fan-48k.onnx"))


def tell(items: list[auscult.Verdict | auscult.Event]) -> None:
    """Say what an event has to say; the verdicts of windows pass in silence."""
    for item in items:
        if isinstance(item, auscult.Event):
            print(f"{item.start_s:5.1f} to {item.end_s:4.1f} s: {item.kind} has {item.status}")
            if item.status == "ended" and item.explanation is not None:
                print(f"    {item.explanation.text}")


for samples in microphone(seconds=110.0):
    tell(listener.feed(auscult.Block(samples=samples, rate_hz=RATE_HZ)))
# The last windows wait in the resampler, and an event may be open: closing tells both.
tell(listener.close())
