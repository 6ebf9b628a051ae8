"""What can go wrong with a machine, and how that sounds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from auscult.audio.synth.chance import Values, spline
from auscult.audio.synth.fault import FADE_S, Added, Stretch, check_band
from auscult.audio.synth.impact import impacts, ringing
from auscult.audio.synth.machine import Machine
from auscult.audio.synth.noise import band_response, coloured_noise
from auscult.audio.synth.parts import tone_phase
from auscult.audio.synth.ranges import check_ranges, check_whole
from auscult.audio.synth.second import Second, smooth_step

FaultKind = Literal[
    "knock", "bearing_tone", "belt_squeal", "imbalance", "air_leak", "hum", "dropout"
]


@dataclass(frozen=True, kw_only=True)
class Knock(Added):
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
        check_band(self, self.low_hz, self.high_hz)
        check_ranges(self, decay_s=(0.001, 0.1))
        if self.rate_hz:
            check_ranges(self, rate_hz=(0.2, 50))

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """From the lowest mode to the highest."""
        return self.low_hz, self.high_hz

    def wave(self, second: Second, part: str) -> Values:
        """Knocks, each a little early or late, a little stronger or weaker."""
        ring = ringing(
            second.seed,
            part,
            band_hz=self.band_hz(second.machine),
            decay_s=self.decay_s,
            rate_hz=second.machine.rate_hz,
        )
        # Not before the fault has faded in.
        first_s = self.start_s + FADE_S
        if not self.rate_hz:
            return impacts(second, ring, [(first_s, 1.0)])
        tail_s = 8 * self.decay_s + 1.0 / self.rate_hz
        first = max(0, math.floor((second.number - first_s - tail_s) * self.rate_hz))
        last = math.ceil((second.number + 1 - first_s) * self.rate_hz) + 1
        onsets = []
        for number in range(first, last):
            draw = second.draw(part, number + 1)
            late = draw.uniform(0.0, 0.1)
            strength = 10.0 ** (draw.normal(0.0, 1.5) / 20.0)
            onsets.append((first_s + (number + late) / self.rate_hz, strength))
        return impacts(second, ring, onsets)


@dataclass(frozen=True, kw_only=True)
class BearingTone(Added):
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
    >>> from auscult.audio.synth import fan
    >>> BearingTone(tone_hz=3000.0, defect_hz=80.0, sidebands=3).band_hz(fan())
    (2720.0, 3280.0)
    """

    kind: Literal["bearing_tone"] = field(default="bearing_tone", init=False)
    tone_hz: float = 3200.0
    defect_hz: float = 87.0
    sidebands: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, tone_hz=(50, 1e5), defect_hz=(1, 2000))
        check_whole(self, sidebands=(0, 20))
        check_band(self, self.tone_hz - self._reach_hz, self.tone_hz + self._reach_hz)

    @property
    def _reach_hz(self) -> float:
        return (self.sidebands + 0.5) * self.defect_hz

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """Half a distance beyond the outermost sidebands."""
        return self.tone_hz - self._reach_hz, self.tone_hz + self._reach_hz

    def wave(self, second: Second, part: str) -> Values:
        """The tone, beating."""
        since_s = second.times_s - self.start_s
        phases = second.draw(part, 0).uniform(0.0, 2 * np.pi, self.sidebands + 1)
        slip, _ = spline(second.seed, f"{part} slip", second.control_s, 0.2)
        beat = np.exp(2j * np.pi * (self.defect_hz * since_s + 0.03 * second.at_samples(slip)))
        envelope, power = np.ones(len(since_s)), np.ones_like(beat)
        for k in range(1, self.sidebands + 1):
            power = power * beat
            envelope += 2 * 0.71**k * (power * np.exp(1j * phases[k])).real
        return np.asarray(envelope * np.cos(2 * np.pi * self.tone_hz * since_s + phases[0]))


@dataclass(frozen=True, kw_only=True)
class BeltSqueal(Added):
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
    >>> from auscult.audio.synth import fan
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
        check_band(self, self.low_hz, self.high_hz)
        check_ranges(self, squeal_s=(0.05, 10), pause_s=(0, 60))

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
class Imbalance(Added):
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
        check_whole(self, harmonics=(1, 40))
        check_ranges(self, growth_s=(0.01, 1000), beat_hz=(0.1, 10))

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
            phase = 1j * np.exp(1j * tone_phase(second, order))
            wave += (power * phase).real / math.sqrt(order)
        beat = 1.0 + 0.3 * np.sin(
            2 * np.pi * (self.beat_hz * since_s + second.draw(part, 0).uniform())
        )
        return np.asarray(wave * beat * smooth_step(since_s / self.growth_s))


@dataclass(frozen=True, kw_only=True)
class AirLeak(Added):
    """Compressed air leaks out: a broad hiss that flutters.

    Parameters
    ----------
    start_s, duration_s, snr_db
        As in every fault.
    low_hz, high_hz
        The hiss lies between these, 20 Hz and up.

    Examples
    --------
    >>> from auscult.audio.synth import fan
    >>> AirLeak().band_hz(fan())
    (3000.0, 7500.0)
    """

    kind: Literal["air_leak"] = field(default="air_leak", init=False)
    low_hz: float = 3000.0
    high_hz: float = 7500.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_band(self, self.low_hz, self.high_hz)

    def band_hz(self, machine: Machine) -> tuple[float, float]:  # noqa: ARG002 - the same on every machine
        """The band of the hiss."""
        return self.low_hz, self.high_hz

    def wave(self, second: Second, part: str) -> Values:
        """The hiss."""
        response = band_response(self.low_hz, self.high_hz, second.machine.rate_hz)
        flutter, _ = spline(second.seed, f"{part} flutter", second.control_s, 0.1)
        return np.asarray(
            coloured_noise(second, part, response)[0] * second.at_samples(1.0 + 0.25 * flutter)
        )


@dataclass(frozen=True, kw_only=True)
class Hum(Added):
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
    >>> from auscult.audio.synth import fan
    >>> Hum(harmonics=4).band_hz(fan())
    (50.0, 450.0)
    """

    kind: Literal["hum"] = field(default="hum", init=False)
    hum_hz: float = 100.0
    harmonics: int = 6
    drop_db: float = 1.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, hum_hz=(20, 1000), drop_db=(0, 30))
        check_whole(self, harmonics=(1, 40))

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
class Dropout(Stretch):
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
        check_ranges(self, depth_db=(1, 120), fade_s=(0.001, 100))

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
