"""A simulated machine: what can be learned, broken on purpose, and checked against the truth.

A `Machine` is a sum of simple sources: tones that follow the shaft (its harmonics, and those of its blades), broadband
flow noise, a background, strikes where the machine works in cycles. A slow, random load moves level, colour and speed
together, so that no two minutes are alike and yet nothing is wrong. Faults are added at a stated time, in a stated
band, at a stated level above what the machine itself does there and then.

Sound is made by whole seconds, and each second depends on nothing but the machine, the seed and its number: so any
second can be made without those before it, the memory needed does not grow, and blocks of any length give the same
samples, bit for bit, as one long rendering.
"""

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples, Sound
from auscult.errors import RecipeError

MachineName = Literal["fan", "pump", "valve", "cyclic", "two_states"]
FaultKind = Literal[
    "knock", "bearing_tone", "belt_squeal", "imbalance", "air_leak", "hum", "dropout"
]
Values: TypeAlias = NDArray[np.float64]
Responses: TypeAlias = NDArray[np.complex64]

FADE_S = 0.01
"""Faults come and go this quickly: a harder edge would be a click, which is a fault of its own."""

LONGEST_S = 1e9
"""Thirty years; times beyond it would lose whole samples in a float."""

_CONTROL_STEPS = 200  # points a second at which all that is slow is worked out
_LOAD_KNOTS_S = (20.0, 60.0, 180.0)
_JITTER_KNOTS_S = 0.3
_TONE_KNOTS_S = 4.0
_KNOTS_A_DRAW = 64
# Of a cubic B-spline whose knots are normal with deviation 1: of its values, and of its slope per knot.
_SPLINE_DEVIATION = math.sqrt(2416 / 5040)
_SLOPE_DEVIATION = math.sqrt(2 / 3)
_MEASURED_S = 30
_KNEE = 0.8
_MODES = 24


# ---- what has no meaning ---------------------------------------------------------------------------------------------


def _check(owner: object, **ranges: tuple[float, float]) -> None:
    for name, (low, high) in ranges.items():
        if not _is_real(getattr(owner, name), low, high):
            _refuse(owner, name, f"{name} from {low:g} to {high:g}")


def _check_whole(owner: object, **ranges: tuple[int, int]) -> None:
    for name, (low, high) in ranges.items():
        if not _is_whole(getattr(owner, name), low, high):
            _refuse(owner, name, f"{name} a whole number from {low} to {high}")


def _is_real(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float | np.number) and bool(low <= value <= high)


def _is_whole(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | np.integer) and bool(low <= value <= high)


def _refuse(owner: object, name: str, expected: str) -> None:
    raise RecipeError(
        f"{type(owner).__name__} has {name}={getattr(owner, name)!r}.", expected, f"Change {name}."
    )


# ---- the machine -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Resonance:
    """Where casing and room make sound louder (or quieter).

    Parameters
    ----------
    hz
        Centre, 10 to 100 000 Hz.
    gain_db
        At the centre, −30 to 30 dB.
    width_hz
        Between the two points of half the gain in dB, 1 to 100 000 Hz.
    """

    hz: float
    gain_db: float
    width_hz: float

    def __post_init__(self) -> None:
        _check(self, hz=(10, 1e5), gain_db=(-30, 30), width_hz=(1, 1e5))


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Two operating points in turn: a cycle where the spread is small, a change at random where it is large.

    Parameters
    ----------
    low_s, high_s
        Mean stay at the first and at the second operating point, 0.1 to 10 000 s.
    spread_s
        Each switch comes up to this much early or late (uniform), so stays vary by up to twice as much. With `speed`,
        stays at the second point are rounded to whole turns of the difference in speed.
    ramp_s
        How long a switch takes, 0.01 to 100 s.
    speed
        Speed at the second point against the first, as a relative change, −0.5 to 1.
    level_db
        Level of tones and flow at the second point against the first, −40 to 40 dB.
    strike_db
        Energy of the strike at each switch: the level that it would have if it were spread over one second, dBFS;
        −120 to −30. `None`: no strike.

    Raises
    ------
    RecipeError
        If a value is out of its range.
    """

    low_s: float
    high_s: float
    spread_s: float = 0.05
    ramp_s: float = 0.2
    speed: float = 0.0
    level_db: float = 6.0
    strike_db: float | None = None

    def __post_init__(self) -> None:
        _check(self, low_s=(0.1, 1e4), high_s=(0.1, 1e4), spread_s=(0, 1e4), ramp_s=(0.01, 100))
        _check(self, speed=(-0.5, 1), level_db=(-40, 40))
        if self.strike_db is not None:
            _check(self, strike_db=(-120, -30))


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine that turns, blows and stands in a room; all levels are RMS in dBFS at the microphone.

    Parameters
    ----------
    rotation_hz
        Turns of the shaft a second, 1 to 500.
    harmonics
        Tones at 1, 2, … times the rotation, 0 to 40.
    harmonic_drop_db
        How much weaker each is than the one before, 0 to 30 dB.
    blades, blade_harmonics, blade_db
        Number of blades (1 to 100), how many multiples of the blade-pass frequency are heard (0 to 20), and the level
        of the first against the first harmonic of the shaft (−40 to 40 dB).
    tonal_db, flow_db, background_db
        Level of all tones, of the flow noise and of the background, −120 to −10 dBFS.
    flow_slope_db, background_slope_db
        Colour: change of the spectrum per octave, −12 to 6 dB (0 white, −3 pink, −6 brown).
    pulse
        How much the flow beats with the shaft, 0 to 1.
    load_db, load_tilt_db, load_speed
        What one standard deviation of load does: level of the flow (0 to 6 dB), its colour (0 to 1 dB per octave around
        1 kHz) and the loss of speed (0 to 0.05, relative). The load moves over 20 s to several minutes.
    jitter
        Standard deviation of the speed from one instant to the next, relative, 0 to 0.01.
    tone_wander_db
        Standard deviation of the level of shaft and blade tones over seconds, 0 to 6 dB.
    background_wander_db
        Standard deviation of the level of the background over 20 s to minutes, 0 to 6 dB.
    bursts_per_hour, burst_db
        How often the background swells for 1 to 3 s (0 to 600 an hour), and by how much on average (exponentially
        distributed, 0 to 20 dB).
    resonances
        Of casing and room.
    duty
        Operating points in turn; `None`: always the same.
    rate_hz
        Samples a second, 4 000 to 192 000.

    Raises
    ------
    RecipeError
        If a value is out of its range, or a stay of `duty` may be shorter than its ramp.

    Examples
    --------
    >>> Machine(rotation_hz=24.7, blades=7).top_speed
    1.0
    >>> Machine(rotation_hz=0)
    Traceback (most recent call last):
    auscult.errors.RecipeError: Machine has rotation_hz=0. Expected: rotation_hz from 1 to 500. Change rotation_hz.
    """

    rotation_hz: float = 24.7
    harmonics: int = 6
    harmonic_drop_db: float = 4.0
    blades: int = 7
    blade_harmonics: int = 4
    blade_db: float = 2.0
    tonal_db: float = -39.0
    flow_db: float = -36.0
    flow_slope_db: float = -4.5
    pulse: float = 0.1
    load_db: float = 0.4
    load_tilt_db: float = 0.05
    load_speed: float = 0.003
    jitter: float = 0.0005
    tone_wander_db: float = 0.7
    background_db: float = -43.0
    background_slope_db: float = -3.0
    background_wander_db: float = 0.4
    bursts_per_hour: float = 0.0
    burst_db: float = 3.0
    resonances: tuple[Resonance, ...] = (
        Resonance(hz=95.0, gain_db=5.0, width_hz=60.0),
        Resonance(hz=430.0, gain_db=5.0, width_hz=160.0),
        Resonance(hz=1350.0, gain_db=4.0, width_hz=500.0),
        Resonance(hz=3100.0, gain_db=-4.0, width_hz=900.0),
    )
    duty: Duty | None = None
    rate_hz: int = 16000

    def __post_init__(self) -> None:
        _check_whole(self, harmonics=(0, 40), blades=(1, 100), blade_harmonics=(0, 20))
        _check_whole(self, rate_hz=(4000, 192_000))
        _check(self, rotation_hz=(1, 500), harmonic_drop_db=(0, 30), blade_db=(-40, 40))
        _check(self, tonal_db=(-120, -10), flow_db=(-120, -10), background_db=(-120, -10))
        _check(self, flow_slope_db=(-12, 6), background_slope_db=(-12, 6), pulse=(0, 1))
        _check(self, load_db=(0, 6), load_tilt_db=(0, 1), load_speed=(0, 0.05), jitter=(0, 0.01))
        _check(self, tone_wander_db=(0, 6), background_wander_db=(0, 6))
        _check(self, bursts_per_hour=(0, 600), burst_db=(0, 20))
        _check_stays(self)

    @property
    def top_speed(self) -> float:
        """Speed at the quicker operating point against `rotation_hz`."""
        return 1.0 if self.duty is None else max(1.0, 1.0 + self.duty.speed)


def fan(*, rate_hz: int = 16000) -> Machine:
    """A ventilator: steady, most of its sound below 500 Hz, seven blades.

    Examples
    --------
    >>> fan().blades
    7
    """
    return Machine(rate_hz=rate_hz)


def pump(*, rate_hz: int = 16000) -> Machine:
    """A centrifugal pump on a two-pole motor: strong tones, five vanes, a hiss that beats with the shaft.

    Examples
    --------
    >>> pump().rotation_hz
    48.6
    """
    return Machine(
        rotation_hz=48.6,
        harmonics=10,
        harmonic_drop_db=2.0,
        blades=5,
        blade_harmonics=6,
        blade_db=4.0,
        tonal_db=-37.0,
        flow_db=-37.0,
        flow_slope_db=-1.0,
        pulse=0.4,
        background_db=-46.0,
        resonances=(
            Resonance(hz=240.0, gain_db=6.0, width_hz=90.0),
            Resonance(hz=1500.0, gain_db=5.0, width_hz=300.0),
            Resonance(hz=4700.0, gain_db=5.0, width_hz=1500.0),
            Resonance(hz=7200.0, gain_db=-12.0, width_hz=2500.0),
        ),
        rate_hz=rate_hz,
    )


def valve(*, rate_hz: int = 16000) -> Machine:
    """A solenoid valve: quiet, then a click, a short rush of air and a click, about every 1.6 s.

    Examples
    --------
    >>> valve().duty.high_s
    0.4
    """
    return Machine(
        rotation_hz=50.0,
        harmonics=6,
        blades=2,
        blade_harmonics=3,
        load_speed=0.0,
        tonal_db=-56.0,
        flow_db=-58.0,
        flow_slope_db=0.0,
        background_db=-46.0,
        duty=Duty(
            low_s=1.2, high_s=0.4, spread_s=0.05, ramp_s=0.03, level_db=18.0, strike_db=-46.0
        ),
        rate_hz=rate_hz,
    )


def cyclic(*, rate_hz: int = 16000) -> Machine:
    """A press: 3 s idle and 4 s of work in turn, with a strike at both ends; a cycle takes 7 s.

    Examples
    --------
    >>> cyclic().duty.low_s + cyclic().duty.high_s
    7.0
    """
    return Machine(
        rotation_hz=16.0,
        blades=11,
        blade_db=4.0,
        tonal_db=-44.0,
        flow_db=-42.0,
        flow_slope_db=-3.0,
        duty=Duty(
            low_s=3.0,
            high_s=4.0,
            spread_s=0.05,
            ramp_s=0.4,
            speed=0.0625,
            level_db=9.0,
            strike_db=-42.0,
        ),
        rate_hz=rate_hz,
    )


def two_states(*, rate_hz: int = 16000) -> Machine:
    """A ventilator with two speeds: each is kept for 20 to 40 s (mean 30 s), the second is 18 % faster and 4 dB louder.

    Examples
    --------
    >>> round(two_states().top_speed, 2)
    1.18
    """
    return Machine(
        duty=Duty(low_s=30.0, high_s=30.0, spread_s=5.0, ramp_s=1.5, speed=0.18, level_db=4.0),
        rate_hz=rate_hz,
    )


MACHINES: Mapping[MachineName, Callable[..., Machine]] = {
    "fan": fan,
    "pump": pump,
    "valve": valve,
    "cyclic": cyclic,
    "two_states": two_states,
}
"""Every machine by its name; each takes `rate_hz`."""


# ---- one second of it ------------------------------------------------------------------------------------------------


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
        return _generator(self.seed, part, number)

    @cached_property
    def load(self) -> Values:
        """How hard the machine works, at `control_s`, in standard deviations."""
        return _load(self.seed, "load", self.control_s)[0]

    @cached_property
    def switches(self) -> list[tuple[int, float]]:
        """Number and time of each change of operating point around this second; even ones begin work, odd ones end it."""
        return _switches(self.machine, self.seed, self.number)

    @cached_property
    def working(self) -> Values:
        """How far the machine is at its second operating point, at `control_s`, 0 to 1."""
        return self._since_switches(_smooth_step)

    @cached_property
    def turns(self) -> Values:
        """Angle of the shaft at each sample, in turns from anywhere; the integral of the speed."""
        machine = self.machine
        # The load slows the machine down; since it is the slope of a spline, the spline itself is the angle lost.
        lost = machine.load_speed * _load(self.seed, "load", self.control_s)[1]
        value, _ = _spline(self.seed, "jitter", self.control_s, _JITTER_KNOTS_S)
        shaken = machine.jitter * _JITTER_KNOTS_S * value / _SLOPE_DEVIATION
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
        total = np.zeros_like(self.control_s)
        for number, time_s in self.switches:
            ramp_s = self.machine.duty.ramp_s if self.machine.duty else 1.0
            total += (-1) ** (number % 2) * risen((self.control_s - time_s) / ramp_s)
        return total


def _switches(machine: Machine, seed: int, second: int) -> list[tuple[int, float]]:
    """Number and time of the switches from at least a stay before a second to its end; the first one begins work."""
    duty = machine.duty
    if duty is None:
        return []
    period_s = duty.low_s + duty.high_s
    begun_s = period_s * _generator(seed, "duty", 0).uniform()
    turn_s = _gained_turn_s(machine)
    switches = []
    first = math.floor((second + begun_s) / period_s) - 2
    for cycle in range(first, math.ceil((second + 1 + begun_s) / period_s) + 1):
        early_s = duty.spread_s * _generator(seed, "switch", cycle).uniform(-1.0, 1.0, 2)
        start_s = cycle * period_s - begun_s + duty.low_s + early_s[0]
        stay_s = duty.high_s + early_s[1] - early_s[0]
        # Whole turns gained in each stay: so the angle is known without adding up all stays of the past.
        stay_s = round(stay_s / turn_s) * turn_s if turn_s else stay_s
        switches += [(2 * cycle, float(start_s)), (2 * cycle + 1, float(start_s + stay_s))]
    return switches


def _gained_turn_s(machine: Machine) -> float:
    """Time in which the second operating point gains (or loses) one turn on the first; 0 if it never does."""
    if machine.duty is None or machine.duty.speed == 0:
        return 0.0
    return 1.0 / (machine.rotation_hz * abs(machine.duty.speed))


def _smooth_step(x: Values) -> Values:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _smooth_step_integral(x: Values) -> Values:
    inside = np.clip(x, 0.0, 1.0)
    return inside**3 - inside**4 / 2 + np.maximum(x - 1.0, 0.0)


# ---- randomness that can be asked for at any time --------------------------------------------------------------------


def _generator(seed: int, part: str, number: int) -> np.random.Generator:
    # Numbers below zero are events that began before the sound does.
    name = zlib.crc32(part.encode())
    key = (name, abs(number), int(number < 0))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def _knots(seed: int, part: str, first: int, n: int) -> Values:
    draws = range(first // _KNOTS_A_DRAW, (first + n - 1) // _KNOTS_A_DRAW + 1)
    drawn = [_generator(seed, part, draw).standard_normal(_KNOTS_A_DRAW) for draw in draws]
    start = first % _KNOTS_A_DRAW
    return np.concatenate(drawn)[start : start + n]


def _spline(seed: int, part: str, times_s: Values, knot_s: float) -> tuple[Values, Values]:
    """A smooth random curve, and its slope per knot: a cubic B-spline over normal knots.

    It is as steady in the long run as an AR(1) process of that pace, and needs no past.
    """
    place = times_s / knot_s
    whole = np.floor(place).astype(np.int64)
    first = int(whole[0])
    knots = _knots(seed, part, first, int(whole[-1]) - first + 4)
    a, b, c, d = (knots[whole - first + shift] for shift in range(4))
    x = place - whole
    y = 1.0 - x
    value = (
        y**3 * a + (3 * x**3 - 6 * x**2 + 4) * b + (3 * y**3 - 6 * y**2 + 4) * c + x**3 * d
    ) / 6
    slope = (-(y**2) * a + (3 * x**2 - 4 * x) * b + (4 * y - 3 * y**2) * c + x**2 * d) / 2
    return value, slope


def _load(seed: int, part: str, times_s: Values) -> tuple[Values, Values]:
    """A load of deviation 1, and its integral in seconds."""
    share = _SLOPE_DEVIATION * math.sqrt(len(_LOAD_KNOTS_S))
    curves = [
        (knot_s, *_spline(seed, f"{part} {knot_s:g}", times_s, knot_s)) for knot_s in _LOAD_KNOTS_S
    ]
    load = np.sum([slope for _, _, slope in curves], axis=0) / share
    integral = np.sum([knot_s * value for knot_s, value, _ in curves], axis=0) / share
    return load, integral


# ---- the parts of the machine's sound --------------------------------------------------------------------------------


def _machine_sound(second: Second) -> Values:
    return _flow(second) + _tones(second) + _background(second) + _strikes(second)


def _flow(second: Second) -> Values:
    machine = second.machine
    base, brighter = _noise(second, "flow", _flow_responses(machine))
    pulse = 1.0 + machine.pulse * np.cos(2 * np.pi * second.turns)
    level = second.level(machine.flow_db + machine.load_db * second.load)
    level *= pulse / math.sqrt(1.0 + machine.pulse**2 / 2)
    # To first order, brighter · tilt changes the spectrum by as many dB per octave.
    tilt = machine.load_tilt_db * math.log(10) / 20 * second.load
    return np.asarray(level * (base + second.at_samples(tilt) * brighter))


def _background(second: Second) -> Values:
    machine = second.machine
    (noise,) = _noise(second, "background", _background_responses(machine))
    wander = machine.background_wander_db * _load(second.seed, "background", second.control_s)[0]
    slow_db = machine.background_db + wander + _bursts_db(second)
    return np.asarray(noise * second.at_samples(10.0 ** (slow_db / 20.0)))


def _bursts_db(second: Second) -> Values:
    """How much the background swells, at `control_s`: one burst in each equal share of the hour, anywhere in it."""
    machine = second.machine
    raised = np.zeros_like(second.control_s)
    if machine.bursts_per_hour == 0:
        return raised
    slot_s = 3600.0 / machine.bursts_per_hour
    for slot in range(
        math.floor((second.number - 3.0) / slot_s), int((second.number + 1) / slot_s) + 1
    ):
        draw = second.draw("burst", slot)
        start_s, duration_s = (slot + draw.uniform()) * slot_s, draw.uniform(1.0, 3.0)
        place = np.clip((second.control_s - start_s) / duration_s, 0.0, 1.0)
        raised += draw.exponential(machine.burst_db) * np.sin(np.pi * place) ** 2
    return raised


def _tones(second: Second) -> Values:
    machine = second.machine
    turn = np.exp(2j * np.pi * second.turns)
    groups = {"shaft": np.zeros(len(turn)), "blade": np.zeros(len(turn))}
    power, at = np.ones_like(turn), 0
    for order, (group, amplitude) in sorted(_tone_amplitudes(machine).items()):
        for _ in range(order - at):
            power = power * turn
        at = order
        phase = np.exp(1j * _phase(second, order))
        groups[group] += amplitude * (power * phase).real
    return sum(
        (_tone_level(second, name) * wave for name, wave in groups.items()),
        start=np.zeros(len(turn)),
    )


def _tone_level(second: Second, group: str) -> Values:
    value, _ = _spline(second.seed, group, second.control_s, _TONE_KNOTS_S)
    return second.level(second.machine.tone_wander_db * value / _SPLINE_DEVIATION)


def _phase(second: Second, order: int) -> float:
    return 2 * math.pi * second.draw("phase", order).uniform()


@lru_cache(maxsize=16)
def _tone_amplitudes(machine: Machine) -> dict[int, tuple[str, float]]:
    """Group and amplitude of each tone by its multiple of the rotation, `tonal_db` in all."""
    shaft = range(1, machine.harmonics + 1)
    tones = {order: ("shaft", -machine.harmonic_drop_db * (order - 1)) for order in shaft}
    for k in range(1, machine.blade_harmonics + 1):
        tones[k * machine.blades] = ("blade", machine.blade_db - machine.harmonic_drop_db * (k - 1))
    # At no operating point may a tone pass half the rate.
    top = 0.45 * machine.rate_hz / (machine.rotation_hz * machine.top_speed)
    heard = {
        order: (group, 10.0 ** ((db + _resonant_db(machine, order * machine.rotation_hz)) / 20.0))
        for order, (group, db) in tones.items()
        if order < top
    }
    whole = math.sqrt(sum(amplitude**2 for _, amplitude in heard.values()) / 2 or 1.0)
    scale = 10.0 ** (machine.tonal_db / 20.0) / whole
    return {order: (group, amplitude * scale) for order, (group, amplitude) in heard.items()}


def _strikes(second: Second) -> Values:
    machine = second.machine
    if machine.duty is None or machine.duty.strike_db is None:
        return np.zeros(machine.rate_hz)
    # Energy of one second at that level.
    amplitude = 10.0 ** (machine.duty.strike_db / 20.0) * math.sqrt(machine.rate_hz)
    wave = np.zeros(machine.rate_hz)
    for is_end in (0, 1):
        # The same iron is struck in every recording, so its ring does not depend on the seed.
        ring = _ring(
            0, f"strike {is_end}", band_hz=(200.0, 1900.0), decay_s=0.012, rate_hz=machine.rate_hz
        )
        onsets = [
            (time_s, amplitude * 10.0 ** (0.05 * second.draw("strike", number).standard_normal()))
            for number, time_s in second.switches
            if number % 2 == is_end
        ]
        wave += _impacts(second, ring, onsets)
    return wave


def _impacts(second: Second, ring: Values, onsets: Sequence[tuple[float, float]]) -> Values:
    """The same ring at several times, each with its amplitude; what began before this second rings on in it."""
    rate_hz = second.machine.rate_hz
    wave = np.zeros(rate_hz)
    for time_s, amplitude in onsets:
        first = round((time_s - second.number) * rate_hz)
        low, high = max(first, 0), min(first + len(ring), rate_hz)
        if low < high:
            wave[low:high] += amplitude * ring[low - first : high - first]
    return wave


@lru_cache(maxsize=16)
def _ring(
    seed: int, part: str, *, band_hz: tuple[float, float], decay_s: float, rate_hz: int
) -> Values:
    """What something struck sounds like: many modes between two frequencies, dying away; energy 1."""
    low_hz, high_hz = band_hz
    draw = _generator(seed, part, 0)
    # A mode that dies away within decay_s is as wide as this, and has to fit as a whole.
    width_hz = min(1.0 / (2 * math.pi * decay_s), (high_hz - low_hz) / 4)
    edges = np.geomspace(low_hz + width_hz, min(high_hz, 0.48 * rate_hz) - width_hz, _MODES + 1)
    modes_hz = draw.uniform(edges[:-1], edges[1:])
    weights = draw.choice([-1.0, 1.0], _MODES) * draw.uniform(0.6, 1.0, _MODES)
    times_s = np.arange(round(8 * decay_s * rate_hz)) / rate_hz
    waves = weights[:, None] * np.sin(2 * np.pi * modes_hz[:, None] * times_s)
    ring = waves.sum(axis=0) * np.exp(-times_s / decay_s)
    return np.asarray(ring / math.sqrt(float(np.dot(ring, ring))))


# ---- noise with a colour ---------------------------------------------------------------------------------------------


def _noise(second: Second, part: str, responses: Responses) -> NDArray[np.float32]:
    """The same white noise through each filter, shape (filters, rate_hz)."""
    rate_hz = second.machine.rate_hz
    taps = _taps(rate_hz)
    # The filter reaches back into the second before.
    before = _white(second.seed, part, second.number - 1, rate_hz)[-taps:]
    here = _white(second.seed, part, second.number, rate_hz)
    spectrum = np.fft.rfft(np.concatenate((before, here)))
    return np.asarray(np.fft.irfft(spectrum * responses, rate_hz + taps)[:, taps:])


def _white(seed: int, part: str, number: int, rate_hz: int) -> Samples:
    return _generator(seed, part, number).standard_normal(rate_hz, dtype=np.float32)


def _taps(rate_hz: int) -> int:
    return rate_hz // 8  # resolves 8 Hz


def _filters(magnitudes: Values, rate_hz: int) -> Responses:
    """Filters of `_taps` samples with these magnitudes, shape (filters, bins); the first one keeps the power of noise."""
    taps = _taps(rate_hz)
    impulses = np.roll(np.fft.irfft(magnitudes, rate_hz), taps // 2, axis=1)[:, :taps]
    impulses *= np.hanning(taps)
    impulses /= math.sqrt(float(np.sum(impulses[0] ** 2)))
    return np.fft.rfft(impulses, rate_hz + taps).astype(np.complex64)


def _bins_hz(rate_hz: int) -> Values:
    return np.arange(rate_hz // 2 + 1, dtype=np.float64)


@lru_cache(maxsize=16)
def _flow_responses(machine: Machine) -> Responses:
    magnitude = _coloured(machine, machine.flow_slope_db)
    octaves = np.log2(np.maximum(_bins_hz(machine.rate_hz), 30.0) / 1000.0)
    return _filters(np.stack((magnitude, magnitude * octaves)), machine.rate_hz)


@lru_cache(maxsize=16)
def _background_responses(machine: Machine) -> Responses:
    return _filters(_coloured(machine, machine.background_slope_db)[None], machine.rate_hz)


@lru_cache(maxsize=16)
def _band_response(low_hz: float, high_hz: float, rate_hz: int) -> Responses:
    bins_hz = _bins_hz(rate_hz)
    return _filters(((bins_hz >= low_hz) & (bins_hz <= high_hz)).astype(float)[None], rate_hz)


def _coloured(machine: Machine, slope_db: float) -> Values:
    bins_hz = _bins_hz(machine.rate_hz)
    shape_db = slope_db * np.log2(np.maximum(bins_hz, 30.0) / 1000.0)
    shape_db += _resonant_db(machine, bins_hz)
    # A microphone hears little below 20 Hz, and a converter nothing near half its rate.
    heard = 1.0 / (1.0 + (20.0 / np.maximum(bins_hz, 0.1)) ** 4)
    heard *= 1.0 / (1.0 + (bins_hz / (0.47 * machine.rate_hz)) ** 24)
    return np.asarray(10.0 ** (shape_db / 20.0) * heard)


def _resonant_db(machine: Machine, hz: Values | float) -> Values:
    gains = (r.gain_db / (1.0 + ((hz - r.hz) / (r.width_hz / 2)) ** 2) for r in machine.resonances)
    return np.asarray(sum(gains, start=np.zeros_like(hz)))


# ---- faults ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Span:
    """When a fault is there.

    Parameters
    ----------
    start_s
        From the machine's first sample, 0 to 10⁹ s.
    duration_s
        0.05 to 10⁹ s.
    """

    start_s: float = 0.0
    duration_s: float = 2.0

    def __post_init__(self) -> None:
        _check(self, start_s=(0, LONGEST_S), duration_s=(0.05, LONGEST_S))

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, kw_only=True)
class _Added(_Span):
    """A fault that adds sound of its own.

    Parameters
    ----------
    snr_db
        Mean power of the fault over its time, against that of the machine without it in the same band over the same
        time; −40 to 60 dB.
    """

    snr_db: float = 6.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, snr_db=(-40, 60))

    def band_hz(self, machine: Machine) -> tuple[float, float]:
        """Lowest and highest frequency of what it changes."""
        raise NotImplementedError

    def wave(self, second: Second, part: str) -> Values:
        """Its sound in one second at no particular level, as if it had always been there; `part` names its numbers."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Knock(_Added):
    """Something loose is struck: short bursts in which many modes of the casing ring and die away.

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    low_hz, high_hz
        The modes lie between these, 20 Hz and up.
    decay_s
        Time in which a burst falls by 8.7 dB, 0.001 to 0.1 s.
    rate_hz
        Knocks a second, 0.2 to 50; 0: a single one at the start.

    Examples
    --------
    >>> Knock(start_s=3.0, duration_s=2.0, rate_hz=4.0).kind
    'knock'
    """

    kind: Literal["knock"] = field(default="knock", init=False)
    low_hz: float = 800.0
    high_hz: float = 3200.0
    decay_s: float = 0.006
    rate_hz: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_band(self, self.low_hz, self.high_hz)
        _check(self, decay_s=(0.001, 0.1))
        if self.rate_hz:
            _check(self, rate_hz=(0.2, 50))

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """From the lowest mode to the highest."""
        return self.low_hz, self.high_hz

    def wave(self, second: Second, part: str) -> Values:
        """Knocks, each a little early or late, a little stronger or weaker."""
        ring = _ring(
            second.seed,
            part,
            band_hz=self.band_hz(second.machine),
            decay_s=self.decay_s,
            rate_hz=second.machine.rate_hz,
        )
        # Not before the fault has faded in.
        first_s = self.start_s + FADE_S
        if not self.rate_hz:
            return _impacts(second, ring, [(first_s, 1.0)])
        tail_s = 8 * self.decay_s + 1.0 / self.rate_hz
        first = max(0, math.floor((second.number - first_s - tail_s) * self.rate_hz))
        last = math.ceil((second.number + 1 - first_s) * self.rate_hz) + 1
        onsets = []
        for number in range(first, last):
            draw = second.draw(part, number + 1)
            late = draw.uniform(0.0, 0.1)
            strength = 10.0 ** (draw.normal(0.0, 1.5) / 20.0)
            onsets.append((first_s + (number + late) / self.rate_hz, strength))
        return _impacts(second, ring, onsets)


@dataclass(frozen=True, kw_only=True)
class BearingTone(_Added):
    """A damaged bearing: a high tone with sidebands at the rate at which the damage is rolled over.

    As rolling elements pass a pit, they excite a resonance again and again; its amplitude beats at the defect rate, which
    slips a little (Randall & Antoni, "Rolling element bearing diagnostics: a tutorial", 2011).

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    tone_hz
        The resonance, 50 Hz and up.
    defect_hz
        Distance of the sidebands, 1 to 2000 Hz.
    sidebands
        On each side, 0 to 20; each 3 dB weaker than the one before.

    Examples
    --------
    >>> BearingTone(tone_hz=3000.0, defect_hz=80.0, sidebands=3).band_hz(fan())
    (2720.0, 3280.0)
    """

    kind: Literal["bearing_tone"] = field(default="bearing_tone", init=False)
    tone_hz: float = 3200.0
    defect_hz: float = 87.0
    sidebands: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, tone_hz=(50, 1e5), defect_hz=(1, 2000))
        _check_whole(self, sidebands=(0, 20))
        _check_band(self, *self.band_hz(Machine()))

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """Half a distance beyond the outermost sidebands."""
        reach_hz = (self.sidebands + 0.5) * self.defect_hz
        return self.tone_hz - reach_hz, self.tone_hz + reach_hz

    def wave(self, second: Second, part: str) -> Values:
        """The tone, beating."""
        since_s = second.times_s - self.start_s
        phases = second.draw(part, 0).uniform(0.0, 2 * np.pi, self.sidebands + 1)
        slip, _ = _spline(second.seed, f"{part} slip", second.control_s, 0.2)
        beat = np.exp(2j * np.pi * (self.defect_hz * since_s + 0.03 * second.at_samples(slip)))
        envelope, power = np.ones(len(since_s)), np.ones_like(beat)
        for k in range(1, self.sidebands + 1):
            power = power * beat
            envelope += 2 * 0.71**k * (power * np.exp(1j * phases[k])).real
        return np.asarray(envelope * np.cos(2 * np.pi * self.tone_hz * since_s + phases[0]))


@dataclass(frozen=True, kw_only=True)
class BeltSqueal(_Added):
    """A slipping belt: squeals that glide through a band, up or down.

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    low_hz, high_hz
        The band that they glide through, 20 Hz and up.
    squeal_s
        Length of one, 0.05 to 10 s.
    pause_s
        Mean pause between two, 0 to 60 s.

    Examples
    --------
    >>> BeltSqueal(low_hz=2000.0, high_hz=3000.0).band_hz(fan())
    (2000.0, 3000.0)
    """

    kind: Literal["belt_squeal"] = field(default="belt_squeal", init=False)
    low_hz: float = 2000.0
    high_hz: float = 3200.0
    squeal_s: float = 0.5
    pause_s: float = 0.15

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_band(self, self.low_hz, self.high_hz)
        _check(self, squeal_s=(0.05, 10), pause_s=(0, 60))

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """What the squeals glide through."""
        return self.low_hz, self.high_hz

    def wave(self, second: Second, part: str) -> Values:
        """The squeals that sound in this second."""
        period_s = self.squeal_s + self.pause_s
        first = max(0, math.floor((second.number - self.start_s) / period_s) - 1)
        last = math.ceil((second.number + 1 - self.start_s) / period_s) + 1
        wave = np.zeros(second.machine.rate_hz)
        for number in range(first, last):
            self._add_squeal(wave, second, number * period_s, second.draw(part, number))
        return wave

    def _add_squeal(
        self, wave: Values, second: Second, at_s: float, draw: np.random.Generator
    ) -> None:
        late_s = self.pause_s * draw.uniform(0.0, 0.5)
        x = (second.times_s - self.start_s - at_s - late_s) / self.squeal_s
        here = slice(*np.searchsorted(x, (0.0, 1.0)))
        x = x[here]
        glide = (self.high_hz - self.low_hz) * draw.uniform(0.7, 0.9) * draw.choice((-1.0, 1.0))
        middle = (self.low_hz + self.high_hz) / 2
        # Frequency middle + glide · (x - 1/2), and a little rough.
        cycles = self.squeal_s * (middle * x + glide * (x * x - x) / 2)
        rough = 0.3 * np.sin(2 * np.pi * 31.0 * self.squeal_s * x + draw.uniform(0.0, 6.3))
        loud = draw.uniform(0.7, 1.0) * np.sqrt(np.sin(np.pi * x))
        wave[here] += loud * np.sin(2 * np.pi * cycles + rough)


@dataclass(frozen=True, kw_only=True)
class Imbalance(_Added):
    """A rotor out of balance: the tones of the shaft grow, and beat slowly.

    They are added a quarter of a turn beside the machine's own, so that powers add up.

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    harmonics
        Multiples of the rotation that grow, 1 to 40; each weaker by the square root of its number.
    growth_s
        Time until they have grown, 0.01 to 1000 s.
    beat_hz
        Pace of the beat, 0.1 to 10 Hz.

    Examples
    --------
    >>> Imbalance(harmonics=3).band_hz(Machine(rotation_hz=20.0))
    (10.0, 70.0)
    """

    kind: Literal["imbalance"] = field(default="imbalance", init=False)
    harmonics: int = 6
    growth_s: float = 0.3
    beat_hz: float = 1.3

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_whole(self, harmonics=(1, 40))
        _check(self, growth_s=(0.01, 1000), beat_hz=(0.1, 10))

    def band_hz(self, machine: Machine) -> tuple[float, float]:
        """Half a rotation beyond the lowest and the highest tone."""
        top_hz = (self.harmonics + 0.5) * machine.rotation_hz * machine.top_speed
        return machine.rotation_hz / 2, top_hz

    def wave(self, second: Second, part: str) -> Values:
        """The tones that grow."""
        since_s = second.times_s - self.start_s
        turn = np.exp(2j * np.pi * second.turns)
        wave, power = np.zeros(len(turn)), np.ones_like(turn)
        for order in range(1, self.harmonics + 1):
            power = power * turn
            phase = 1j * np.exp(1j * _phase(second, order))
            wave += (power * phase).real / math.sqrt(order)
        beat = 1.0 + 0.3 * np.sin(
            2 * np.pi * (self.beat_hz * since_s + second.draw(part, 0).uniform())
        )
        return np.asarray(wave * beat * _smooth_step(since_s / self.growth_s))


@dataclass(frozen=True, kw_only=True)
class AirLeak(_Added):
    """Compressed air leaks out: a broad hiss that flutters.

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    low_hz, high_hz
        The hiss lies between these, 20 Hz and up.

    Examples
    --------
    >>> AirLeak().band_hz(fan())
    (3000.0, 7500.0)
    """

    kind: Literal["air_leak"] = field(default="air_leak", init=False)
    low_hz: float = 3000.0
    high_hz: float = 7500.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_band(self, self.low_hz, self.high_hz)

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """The band of the hiss."""
        return self.low_hz, self.high_hz

    def wave(self, second: Second, part: str) -> Values:
        """The hiss."""
        response = _band_response(self.low_hz, self.high_hz, second.machine.rate_hz)
        flutter, _ = _spline(second.seed, f"{part} flutter", second.control_s, 0.1)
        return np.asarray(
            _noise(second, part, response)[0] * second.at_samples(1.0 + 0.25 * flutter)
        )


@dataclass(frozen=True, kw_only=True)
class Hum(_Added):
    """A loose transformer sheet, or a broken shield: twice the mains frequency and its harmonics.

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    hum_hz
        The lowest tone, 20 to 1000 Hz: 100 where mains have 50 Hz, 120 where they have 60.
    harmonics
        How many tones, 1 to 40.
    drop_db
        How much weaker each is than the one before, 0 to 30 dB.

    Examples
    --------
    >>> Hum(harmonics=4).band_hz(fan())
    (50.0, 450.0)
    """

    kind: Literal["hum"] = field(default="hum", init=False)
    hum_hz: float = 100.0
    harmonics: int = 6
    drop_db: float = 1.5

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, hum_hz=(20, 1000), drop_db=(0, 30))
        _check_whole(self, harmonics=(1, 40))

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """Half a distance beyond the lowest and the highest tone."""
        return self.hum_hz / 2, (self.harmonics + 0.5) * self.hum_hz

    def wave(self, second: Second, part: str) -> Values:
        """The tones; mains wander, but by so little that nobody hears it."""
        turn = np.exp(2j * np.pi * self.hum_hz * (second.times_s - self.start_s))
        phases = second.draw(part, 0).uniform(0.0, 2 * np.pi, self.harmonics)
        wave, power = np.zeros(len(turn)), np.ones_like(turn)
        for k, phase in enumerate(phases):
            power = power * turn
            wave += 10.0 ** (-self.drop_db * k / 20.0) * (power * np.exp(1j * phase)).real
        return wave


@dataclass(frozen=True, kw_only=True)
class Dropout(_Span):
    """The machine stops, or a cable comes loose: everything fades away, and comes back.

    Parameters
    ----------
    start_s, duration_s
        As in every fault.
    depth_db
        How much quieter everything gets, 1 to 120 dB.
    fade_s
        How long that takes, and the return, 0.001 to 100 s; at most a quarter of `duration_s` counts.

    Examples
    --------
    >>> Dropout(start_s=3.0, duration_s=2.0, depth_db=40.0).end_s
    5.0
    """

    kind: Literal["dropout"] = field(default="dropout", init=False)
    depth_db: float = 30.0
    fade_s: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, depth_db=(1, 120), fade_s=(0.001, 100))

    def band_hz(self, machine: Machine) -> tuple[float, float]:
        """Everything that can be heard."""
        return 0.0, machine.rate_hz / 2


AddedFault: TypeAlias = Knock | BearingTone | BeltSqueal | Imbalance | AirLeak | Hum
Fault: TypeAlias = AddedFault | Dropout
FAULTS: Mapping[FaultKind, type[Fault]] = {
    "knock": Knock,
    "bearing_tone": BearingTone,
    "belt_squeal": BeltSqueal,
    "imbalance": Imbalance,
    "air_leak": AirLeak,
    "hum": Hum,
    "dropout": Dropout,
}
"""Every fault by its kind."""


@dataclass(frozen=True, kw_only=True)
class FaultSpan:
    """What is true of a fault: when it is there, and between which frequencies.

    Parameters
    ----------
    kind
        What it is.
    start_s, end_s
        From the machine's first sample.
    low_hz, high_hz
        Its band.
    """

    kind: FaultKind
    start_s: float
    end_s: float
    low_hz: float
    high_hz: float


def truth(machine: Machine, faults: Sequence[Fault]) -> list[FaultSpan]:
    """What an explanation should find.

    Parameters
    ----------
    machine
        Where the faults are; some bands depend on its speed.
    faults
        In any order, which is kept.

    Raises
    ------
    RecipeError
        If a fault's band does not fit under half the machine's rate.

    Examples
    --------
    >>> truth(fan(), [AirLeak(start_s=4.0, duration_s=2.0)])
    [FaultSpan(kind='air_leak', start_s=4.0, end_s=6.0, low_hz=3000.0, high_hz=7500.0)]
    """
    _check_faults(machine, faults)
    return [_span(machine, fault) for fault in faults]


def _span(machine: Machine, fault: Fault) -> FaultSpan:
    low_hz, high_hz = fault.band_hz(machine)
    return FaultSpan(
        kind=fault.kind, start_s=fault.start_s, end_s=fault.end_s, low_hz=low_hz, high_hz=high_hz
    )


# ---- all of it together ----------------------------------------------------------------------------------------------


def render(
    machine: Machine,
    *,
    seconds: float,
    seed: int,
    faults: Sequence[Fault] = (),
    start_s: float = 0.0,
) -> Sound:
    """A stretch of a machine's sound.

    Parameters
    ----------
    machine
        What sounds.
    seconds
        How long, from one sample to 100 000 s.
    seed
        0 and up: the same one gives the same samples, another one another recording of the same machine.
    faults
        Added to it, at times counted from the machine's first sample.
    start_s
        Where the stretch begins, 0 to 10⁹ s; what comes before it is not worked out.

    Returns
    -------
    sound
        Finite and within ±1; what would be louder is limited softly.

    Raises
    ------
    RecipeError
        If a value is out of its range, or a fault's band does not fit under half the machine's rate.

    Examples
    --------
    >>> sound = render(fan(), seconds=2.0, seed=1, faults=[Hum(start_s=0.5, duration_s=1.0)])
    >>> sound.duration_s, sound.rate_hz
    (2.0, 16000)
    """
    _check_stream(machine, seed, faults, start_s)
    n = round(seconds * machine.rate_hz) if math.isfinite(seconds) else 0
    if not 1 <= n <= 100_000 * machine.rate_hz:
        raise RecipeError(
            f"A rendering of {seconds!r} s was asked for.",
            "one sample to 100000 s",
            "Change seconds, or take endless sound from stream().",
        )
    samples = next(_blocks(machine, seed, tuple(faults), round(start_s * machine.rate_hz), n))
    return Sound(samples=samples, rate_hz=machine.rate_hz)


def stream(
    machine: Machine,
    *,
    seed: int,
    faults: Sequence[Fault] = (),
    block_s: float = 0.1,
    start_s: float = 0.0,
) -> Iterator[Sound]:
    """A machine's sound without end, block by block: the same samples as `render`'s.

    Parameters
    ----------
    machine, seed, faults, start_s
        As for `render`.
    block_s
        Length of a block, from one sample to 3600 s.

    Yields
    ------
    sound
        The next block.

    Raises
    ------
    RecipeError
        As `render`, at once.

    Examples
    --------
    >>> blocks = stream(fan(), seed=1, block_s=0.25)
    >>> block = next(blocks)
    >>> np.array_equal(block.samples, render(fan(), seconds=0.25, seed=1).samples)
    True
    """
    _check_stream(machine, seed, faults, start_s)
    n = round(block_s * machine.rate_hz) if math.isfinite(block_s) else 0
    if not 1 <= n <= 3600 * machine.rate_hz:
        raise RecipeError(
            f"Blocks of {block_s!r} s were asked for.", "one sample to 3600 s", "Change block_s."
        )
    blocks = _blocks(machine, seed, tuple(faults), round(start_s * machine.rate_hz), n)
    return (Sound(samples=block, rate_hz=machine.rate_hz) for block in blocks)


def _blocks(
    machine: Machine, seed: int, faults: tuple[Fault, ...], first: int, n: int
) -> Iterator[Samples]:
    """Blocks of n samples, beginning with sample number `first`."""
    number, skipped = divmod(first, machine.rate_hz)
    seconds = (_sound(Second(machine, seed, k), faults) for k in count(number))
    rest = next(seconds)[skipped:]
    while True:
        pieces, have = [rest], len(rest)
        while have < n:
            pieces.append(next(seconds))
            have += machine.rate_hz
        whole = np.concatenate(pieces)
        rest = whole[n:].copy()
        yield whole[:n]


def _sound(second: Second, faults: tuple[Fault, ...]) -> Samples:
    sound = _machine_sound(second)
    present = [
        (f"fault {k}", fault)
        for k, fault in enumerate(faults)
        if fault.start_s < second.number + 1 and fault.end_s > second.number
    ]
    for part, fault in present:
        if fault.kind != "dropout":
            gain = _gain(second.machine, second.seed, fault, part)
            sound = sound + gain * _added(second, fault, part)
    for _, fault in present:
        if fault.kind == "dropout":
            lost_db = fault.depth_db * _presence(second, fault, fault.fade_s)
            sound = sound * 10.0 ** (-lost_db / 20.0)
    return _limited(sound).astype(np.float32)


def _presence(second: Second, fault: Fault, fade_s: float) -> Values:
    """How far a fault is there at each sample, 0 to 1; nothing outside of its time."""
    fade_s = min(fade_s, fault.duration_s / 4)
    times_s = second.times_s
    return _smooth_step((times_s - fault.start_s) / fade_s) * _smooth_step(
        (fault.end_s - times_s) / fade_s
    )


def _limited(sound: Values) -> Values:
    """Leave what is quiet as it is and bend what is loud, so that full scale is never passed."""
    over = np.abs(sound) - _KNEE
    bent = np.copysign(_KNEE + (1.0 - _KNEE) * np.tanh(over / (1.0 - _KNEE)), sound)
    return np.where(over > 0, bent, sound)


@lru_cache(maxsize=1024)
def _gain(machine: Machine, seed: int, fault: AddedFault, part: str) -> float:
    """What a fault's wave is multiplied by to stand `snr_db` over the machine.

    Both are measured rather than derived: so the level also holds for cycles, strikes and two operating points.
    """
    numbers = range(int(fault.start_s), math.ceil(fault.end_s))
    # Of a fault that lasts for hours, seconds spread over it tell the machine, and the first ones tell the fault.
    spread = np.linspace(0, len(numbers) - 1, min(len(numbers), _MEASURED_S)).astype(int)
    heard = [Second(machine, seed, numbers[k]) for k in spread]
    own = np.concatenate([_machine_sound(second)[_within(second, fault)] for second in heard])
    first = [Second(machine, seed, number) for number in numbers[:_MEASURED_S]]
    unit = np.concatenate([_added(second, fault, part)[_within(second, fault)] for second in first])
    ratio = _band_power(own, machine.rate_hz, fault.band_hz(machine)) / float(np.mean(unit**2))
    return math.sqrt(ratio * 10.0 ** (fault.snr_db / 10.0))


def _added(second: Second, fault: AddedFault, part: str) -> Values:
    return _presence(second, fault, FADE_S) * fault.wave(second, part)


def _within(second: Second, fault: Fault) -> slice:
    """The samples of a second in which a fault is there."""
    start, end = np.searchsorted(second.times_s, (fault.start_s, fault.end_s))
    return slice(int(start), int(end))


def _band_power(samples: Values, rate_hz: int, band_hz: tuple[float, float]) -> float:
    """Mean power between two frequencies, from Hann-windowed quarters of a second that overlap by half."""
    n = min(rate_hz // 4, len(samples))
    frames = np.lib.stride_tricks.sliding_window_view(samples, n)[:: max(n // 2, 1)]
    window = np.hanning(n)
    bins_hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    # Never an empty band, however short the stretch.
    inside = np.abs(bins_hz - np.clip(bins_hz, *band_hz)) < rate_hz / n / 2
    spectra = np.fft.rfft(frames * window)[:, inside]
    return float(2.0 * np.mean(np.sum(np.abs(spectra) ** 2, axis=1)) / (n * np.sum(window**2)))


def _check_stays(machine: Machine) -> None:
    duty = machine.duty
    if duty is None:
        return
    shortest_s = min(duty.low_s, duty.high_s) - 2 * duty.spread_s - _gained_turn_s(machine) / 2
    if shortest_s < duty.ramp_s:
        raise RecipeError(
            f"Duty has stays as short as {shortest_s:g} s and ramp_s={duty.ramp_s:g}.",
            "stays no shorter than the ramp",
            "Lower spread_s or ramp_s, or raise low_s, high_s or speed.",
        )


def _check_band(fault: Fault, low_hz: float, high_hz: float) -> None:
    # Narrower ones can't hold a sound that comes and goes.
    if not 0 < low_hz <= high_hz - 20 or not high_hz < math.inf:
        raise RecipeError(
            f"{type(fault).__name__} has a band from {low_hz!r} to {high_hz!r} Hz.",
            "frequencies above 0, the higher at least 20 Hz over the lower",
            "Change its frequencies.",
        )


def _check_faults(machine: Machine, faults: Sequence[Fault]) -> None:
    for fault in faults:
        _, high_hz = fault.band_hz(machine)
        if high_hz > machine.rate_hz / 2:
            raise RecipeError(
                f"{type(fault).__name__} reaches up to {high_hz:g} Hz.",
                f"at most {machine.rate_hz / 2:g} Hz, half of the machine's rate_hz={machine.rate_hz}",
                "Lower the fault's frequencies, or raise rate_hz.",
            )


def _check_stream(machine: Machine, seed: int, faults: Sequence[Fault], start_s: float) -> None:
    if not _is_whole(seed, 0, math.inf):
        raise RecipeError(f"The seed is {seed!r}.", "a whole number, 0 or more", "Change seed.")
    if not _is_real(start_s, 0, LONGEST_S):
        raise RecipeError(
            f"The sound was asked for from {start_s!r} s.", "0 to 1e9 s", "Change start_s."
        )
    _check_faults(machine, faults)
