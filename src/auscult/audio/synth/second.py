"""One second of a machine's time: how hard it works, at which operating point, and where the shaft stands."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from auscult.audio.synth.chance import SLOPE_DEVIATION, Values, generator, slow_curve, spline
from auscult.audio.synth.machine import Machine, gained_turn_s

_CONTROL_STEPS = 200  # points a second at which all that is slow is worked out
_JITTER_KNOTS_S = 0.3


@dataclass(frozen=True)
class Second:
    """One second of a machine's time: what all that sounds in it has in common.

    Parameters
    ----------
    machine
        Whose time it is.
    seed
        Of everything random.
    number
        0 for the first second.
    """

    machine: Machine
    seed: int
    number: int

    @cached_property
    def times_s(self) -> Values:
        """Time of each sample, shape (rate_hz,)."""
        return self.number + np.arange(self.machine.rate_hz) / self.machine.rate_hz

    @cached_property
    def control_s(self) -> Values:
        """Times at which all that is slow is worked out; both ends of the second are among them."""
        return self.number + np.arange(_CONTROL_STEPS + 1) / _CONTROL_STEPS

    def at_samples(self, slow: Values) -> Values:
        """Carry what was worked out at `control_s` over to `times_s`."""
        return np.interp(self.times_s, self.control_s, slow)

    def draw(self, part: str, number: int) -> np.random.Generator:
        """Random numbers of one part of the sound, for one of its events: the same from whichever second one asks."""
        return generator(self.seed, part, number)

    @cached_property
    def load(self) -> Values:
        """How hard the machine works, at `control_s`, in standard deviations."""
        return slow_curve(self.seed, "load", self.control_s)[0]

    @cached_property
    def switches(self) -> list[tuple[int, float]]:
        """Number and time of each change of operating point around this second; even ones begin work, odd ones end it."""
        return _switches(self.machine, self.seed, self.number)

    @cached_property
    def working(self) -> Values:
        """How far the machine is at its second operating point, at `control_s`, 0 to 1."""
        return self._since_switches(smooth_step)

    @cached_property
    def turns(self) -> Values:
        """Angle of the shaft at each sample, in turns from anywhere; the integral of the speed."""
        machine = self.machine
        # The load slows the machine down; since it is the slope of a spline, the spline itself is the angle lost.
        lost = machine.load_speed * slow_curve(self.seed, "load", self.control_s)[1]
        value, _ = spline(self.seed, "jitter", self.control_s, _JITTER_KNOTS_S)
        shaken = machine.jitter * _JITTER_KNOTS_S * value / SLOPE_DEVIATION
        slow = machine.rotation_hz * (shaken - lost) + self._duty_turns()
        # Whole turns before this second don't matter; left out, no digits are lost however long the machine runs.
        steady = (machine.rotation_hz * self.number) % 1.0 + machine.rotation_hz * np.arange(
            machine.rate_hz
        ) / machine.rate_hz
        return steady + self.at_samples(slow)

    def level(self, slow_db: Values) -> Values:
        """Amplitude at each sample of a part that follows the operating point, from dB at `control_s`."""
        duty_db = 0.0 if self.machine.duty is None else self.machine.duty.level_db
        return self.at_samples(10.0 ** ((slow_db + duty_db * self.working) / 20.0))

    def _duty_turns(self) -> Values:
        """Turns gained at the second operating point; those of past stays are whole, and left out."""
        duty = self.machine.duty
        if duty is None or duty.speed == 0:
            return np.zeros_like(self.control_s)
        gained_s = duty.ramp_s * self._since_switches(_smooth_step_integral)
        return self.machine.rotation_hz * duty.speed * gained_s

    def _since_switches(self, risen: Callable[[Values], Values]) -> Values:
        """What has risen since each beginning of work, less what has since each end, at `control_s`."""
        duty, total = self.machine.duty, np.zeros_like(self.control_s)
        if duty is None:
            return total
        for number, time_s in self.switches:
            since = risen((self.control_s - time_s) / duty.ramp_s)
            total += -since if number % 2 else since
        return total


def _switches(machine: Machine, seed: int, second: int) -> list[tuple[int, float]]:
    """Number and time of the switches from at least a stay before a second to its end; the first one begins work."""
    duty = machine.duty
    if duty is None:
        return []
    period_s = duty.low_s + duty.high_s
    begun_s = period_s * generator(seed, "duty", 0).uniform()
    turn_s = gained_turn_s(machine)
    switches = []
    first = math.floor((second + begun_s) / period_s) - 2
    for cycle in range(first, math.ceil((second + 1 + begun_s) / period_s) + 1):
        early_s = duty.spread_s * generator(seed, "switch", cycle).uniform(-1.0, 1.0, 2)
        start_s = cycle * period_s - begun_s + duty.low_s + early_s[0]
        stay_s = duty.high_s + early_s[1] - early_s[0]
        # Whole turns gained in each stay: so the angle is known without adding up all stays of the past.
        stay_s = round(stay_s / turn_s) * turn_s if turn_s else stay_s
        switches += [(2 * cycle, float(start_s)), (2 * cycle + 1, float(start_s + stay_s))]
    return switches


def smooth_step(x: Values) -> Values:
    """From 0 at 0 to 1 at 1 without a corner."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _smooth_step_integral(x: Values) -> Values:
    inside = np.clip(x, 0.0, 1.0)
    return inside**3 - inside**4 / 2 + np.maximum(x - 1.0, 0.0)
