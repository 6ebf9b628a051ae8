"""All of it together: the machine, its faults at their level, and a limit that is never passed."""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count

import numpy as np

from auscult.audio.sound import Samples, Sound
from auscult.audio.synth.chance import Values
from auscult.audio.synth.fault import FADE_S
from auscult.audio.synth.faults import AddedFault, Fault
from auscult.audio.synth.ground_truth import check_faults
from auscult.audio.synth.machine import Machine
from auscult.audio.synth.parts import machine_sound
from auscult.audio.synth.ranges import LONGEST_S, is_real, is_whole
from auscult.audio.synth.second import Second, smooth_step
from auscult.errors import RecipeError

_MEASURED_S = 30  # of the machine and of a fault, to set the level of one against the other
_KNEE = 0.8  # louder than this is bent


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
    >>> from auscult.audio.synth import Hum, fan
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
    >>> from auscult.audio.synth import fan
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
    sound = machine_sound(second)
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
    return smooth_step((times_s - fault.start_s) / fade_s) * smooth_step(
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
    own = np.concatenate([machine_sound(second)[_within(second, fault)] for second in heard])
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


def _check_stream(machine: Machine, seed: int, faults: Sequence[Fault], start_s: float) -> None:
    if not is_whole(seed, 0, math.inf):
        raise RecipeError(f"The seed is {seed!r}.", "a whole number, 0 or more", "Change seed.")
    if not is_real(start_s, 0, LONGEST_S):
        raise RecipeError(
            f"The sound was asked for from {start_s!r} s.", "0 to 1e9 s", "Change start_s."
        )
    check_faults(machine, faults)
