"""A simulated machine: what can be learned, broken on purpose, and checked against the truth.

A `Machine` is a sum of simple sources: tones that follow the shaft (its harmonics, and those of its blades), broadband
flow noise, a background, strikes where the machine works in cycles. A slow, random load moves level, colour and speed
together, so that no two minutes are alike and yet nothing is wrong. Faults are added at a stated time, in a stated
band, at a stated level above what the machine itself does there and then.

The rule here: each second depends on nothing but the machine, the seed and its number. So any second can be made without
those before it, the memory needed does not grow, and blocks of any length give the same samples, bit for bit, as one
long rendering.

- `machine`      — what a machine is, and five of them
- `second`       — one second of its time: load, operating point, angle of the shaft
- `parts`        — what it sounds like in that second: flow, tones, background, strikes
- `noise`, `impact`, `chance` — what sounds are made of: noise with a colour, blows, random curves that need no past
- `fault`        — what every fault has: its time and its level
- `faults`       — all kinds of them
- `ground_truth` — when and in which band each is there
- `rendering`    — a stretch of sound, or blocks without end
- `ranges`       — refuses what has no meaning
"""

from auscult.audio.synth.fault import FADE_S
from auscult.audio.synth.faults import (
    FAULTS,
    AddedFault,
    AirLeak,
    BearingTone,
    BeltSqueal,
    Dropout,
    Fault,
    FaultKind,
    Hum,
    Imbalance,
    Knock,
)
from auscult.audio.synth.ground_truth import FaultSpan, truth
from auscult.audio.synth.machine import (
    MACHINES,
    Duty,
    Machine,
    MachineName,
    Resonance,
    cyclic,
    fan,
    pump,
    two_states,
    valve,
)
from auscult.audio.synth.ranges import LONGEST_S
from auscult.audio.synth.rendering import render, stream
from auscult.audio.synth.second import Second

__all__ = [
    "FADE_S",
    "FAULTS",
    "LONGEST_S",
    "MACHINES",
    "AddedFault",
    "AirLeak",
    "BearingTone",
    "BeltSqueal",
    "Dropout",
    "Duty",
    "Fault",
    "FaultKind",
    "FaultSpan",
    "Hum",
    "Imbalance",
    "Knock",
    "Machine",
    "MachineName",
    "Resonance",
    "Second",
    "cyclic",
    "fan",
    "pump",
    "render",
    "stream",
    "truth",
    "two_states",
    "valve",
]
