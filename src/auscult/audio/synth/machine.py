"""What a machine is: turning, blowing, standing in a room; and five that are ready made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auscult.audio.synth.chance import Values
from auscult.audio.synth.ranges import check_ranges, check_whole
from auscult.errors import RecipeError

MachineName = Literal["fan", "pump", "valve", "cyclic", "two_states"]


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
        check_ranges(self, hz=(10, 1e5), gain_db=(-30, 30), width_hz=(1, 1e5))


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
        check_ranges(
            self, low_s=(0.1, 1e4), high_s=(0.1, 1e4), spread_s=(0, 1e4), ramp_s=(0.01, 100)
        )
        check_ranges(self, speed=(-0.5, 1), level_db=(-40, 40))
        if self.strike_db is not None:
            check_ranges(self, strike_db=(-120, -30))


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
        check_whole(self, harmonics=(0, 40), blades=(1, 100), blade_harmonics=(0, 20))
        check_whole(self, rate_hz=(4000, 192_000))
        check_ranges(self, rotation_hz=(1, 500), harmonic_drop_db=(0, 30), blade_db=(-40, 40))
        check_ranges(self, tonal_db=(-120, -10), flow_db=(-120, -10), background_db=(-120, -10))
        check_ranges(self, flow_slope_db=(-12, 6), background_slope_db=(-12, 6), pulse=(0, 1))
        check_ranges(
            self, load_db=(0, 6), load_tilt_db=(0, 1), load_speed=(0, 0.05), jitter=(0, 0.01)
        )
        check_ranges(self, tone_wander_db=(0, 6), background_wander_db=(0, 6))
        check_ranges(self, bursts_per_hour=(0, 600), burst_db=(0, 20))
        _check_stays(self)

    @property
    def top_speed(self) -> float:
        """Speed at the quicker operating point against `rotation_hz`."""
        return 1.0 if self.duty is None else max(1.0, 1.0 + self.duty.speed)


def gained_turn_s(machine: Machine) -> float:
    """Time in which the second operating point gains (or loses) one turn on the first; 0 if it never does."""
    if machine.duty is None or machine.duty.speed == 0:
        return 0.0
    return 1.0 / (machine.rotation_hz * abs(machine.duty.speed))


def resonant_db(machine: Machine, hz: Values | float) -> Values:
    """How much louder casing and room make each frequency."""
    gains = (r.gain_db / (1.0 + ((hz - r.hz) / (r.width_hz / 2)) ** 2) for r in machine.resonances)
    return np.asarray(sum(gains, start=np.zeros_like(hz)))


def _check_stays(machine: Machine) -> None:
    duty = machine.duty
    if duty is None:
        return
    shortest_s = min(duty.low_s, duty.high_s) - 2 * duty.spread_s - gained_turn_s(machine) / 2
    if shortest_s < duty.ramp_s:
        raise RecipeError(
            f"Duty has stays as short as {shortest_s:g} s and ramp_s={duty.ramp_s:g}.",
            "stays no shorter than the ramp",
            "Lower spread_s or ramp_s, or raise low_s, high_s or speed.",
        )


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
