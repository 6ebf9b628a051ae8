"""Whether an input is fit to listen with: its level, headroom, offset, noise, pickup of the mains, and what it cuts away.

All of it is arithmetic on a few seconds of sound; whoever records them comes from elsewhere. Each finding says what was
measured, whether that will do, and what to do if not. What is heard while the machine stands still tells the noise of the
room and of the cable from the sound of the machine; without that some findings can only be guessed at, and say so.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import CLIPPED_FRACTION, SILENT_DB, Level, measure
from auscult.audio.sound import Samples, Sound
from auscult.errors import AudioError

Severity = Literal["good", "warning", "bad"]

SHORTEST_S = 2.0
"""Less sound tells nothing of the mains: its lines would be wider than their distance from the machine's own."""

QUIET_DB, FAINT_DB = -60.0, -75.0
"""AC levels below which the converter's own noise begins to count, and below which little else is left."""

WANTED_DB = -30.0
"""Where the gain should bring a machine that runs steadily: far above the noise, with room for what is sudden."""

HEADROOM_DB = 3.0
OFFSET, LARGE_OFFSET = 0.01, 0.1
CLOSE_DB, FAR_DB = 10.0, 3.0
"""How far the machine stands above the room: from the first on it is well heard, below the second hardly at all."""

NOISY_DB = -45.0
HUM_WARNED_DB, HUM_BAD_DB = -10.0, -3.0
"""Hum against all of the sound: a tenth of its power, and half."""

MAINS_HZ = (50.0, 60.0)
HARMONICS = 8
BAND_HZ, NARROW_HZ = 7300.0, 4000.0
"""Up to where bundles listen, and up to where a telephone does."""

BROKEN_OFF_S = 0.02

_EDGE_DB = (
    55.0  # so far below its middle a band is empty: quantisation, or the far side of a filter
)
_STEP_HZ = 100
_LINE_HZ = 2.0
_BESIDE = 10
_STANDS_OUT = 10.0  # as power
_NOTHING = 1e-13


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    name
        `level`, `headroom`, `offset`, `noise`, `hum`, `band` or `breaks`.
    severity
        `good`; `warning`: it works, but worse than it could; `bad`: do not learn from this.
    value, unit
        What was measured; `None` where there is nothing to measure.
    text
        The same in words.
    advice
        What to do; empty where nothing has to be done.
    """

    name: str
    severity: Severity
    value: float | None
    unit: str
    text: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class Hum:
    """Lines at the mains' frequency and its multiples.

    Parameters
    ----------
    mains_hz
        50 or 60.
    harmonics_hz
        Which of them stand out.
    level_db
        All of them together, dBFS.
    """

    mains_hz: float
    harmonics_hz: tuple[float, ...]
    level_db: float


def check_input(running: Sound, quiet: Sound | None = None) -> list[Finding]:
    """Look at the sound of an input.

    Parameters
    ----------
    running
        What it hears while the machine runs.
    quiet
        What it hears while the machine stands still; `None`: nobody knows.

    Returns
    -------
    findings
        Always the same names in the same order, `noise` and `hum` too where nothing is known of the quiet.

    Raises
    ------
    AudioError
        If one of them is shorter than `SHORTEST_S`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hiss = Sound(samples=(0.03 * rng.standard_normal(48000)).astype(np.float32), rate_hz=16000)
    >>> [(one.name, one.severity) for one in check_input(hiss)]
    [('level', 'good'), ('headroom', 'good'), ('offset', 'good'), ('noise', 'good'), ('hum', 'good'), ('band', 'good'),
    ('breaks', 'good')]
    """
    for sound in (running, quiet):
        if sound is not None and sound.duration_s < SHORTEST_S:
            raise AudioError(
                f"Only {sound.duration_s:.1f} s of sound came.",
                f"at least {SHORTEST_S:g} s",
                "Let it listen for longer: --seconds 10.",
            )
    level = measure(running.samples, running.rate_hz)
    room = None if quiet is None else measure(quiet.samples, quiet.rate_hz)
    return [
        _level(level),
        _headroom(level),
        _offset(level),
        _noise(running, level, room),
        _hum(running, quiet, level),
        _band(running),
        _breaks(level),
    ]


def _level(level: Level) -> Finding:
    found = level.ac_level_db
    text = "digital silence" if found == -math.inf else f"{found:.1f} dBFS"
    severity: Severity = "good"
    advice = ""
    if found < SILENT_DB:
        severity = "bad"
        advice = "Nothing is heard: see that the microphone is plugged in, not muted, and the chosen one."
    elif found < QUIET_DB:
        severity = "bad" if found < FAINT_DB else "warning"
        advice = f"Raise the gain by about {WANTED_DB - found:.0f} dB, or move the microphone closer to the machine."
    return Finding(
        name="level", severity=severity, value=found, unit="dBFS", text=text, advice=advice
    )


def _headroom(level: Level) -> Finding:
    headroom_db = max(-level.peak_db, 0.0)
    clipped = level.clipped_fraction
    text = f"the loudest sample is {headroom_db:.1f} dB below full scale"
    severity: Severity = "good"
    advice = ""
    if clipped > 0.0:
        severity = "bad" if clipped > CLIPPED_FRACTION else "warning"
        text = f"{100 * clipped:.2g} % of the samples are clipped"
        advice = "Lower the gain by 10 dB, or move the microphone away: what is clipped is lost for good."
    elif headroom_db < HEADROOM_DB:
        severity = "warning"
        advice = "Lower the gain by 6 dB: a knock would be clipped."
    return Finding(
        name="headroom",
        severity=severity,
        value=headroom_db,
        unit="dB",
        text=text,
        advice=advice,
    )


def _offset(level: Level) -> Finding:
    size = abs(level.dc)
    severity: Severity = "good" if size < OFFSET else "warning" if size < LARGE_OFFSET else "bad"
    return Finding(
        name="offset",
        severity=severity,
        value=level.dc,
        unit="of full scale",
        text=f"the middle is off by {100 * size:.2f} % of full scale",
        advice=""
        if severity == "good"
        else "The converter adds a constant: try another input or sound card, or a USB microphone.",
    )


def _noise(running: Sound, level: Level, room: Level | None) -> Finding:
    if room is None:
        floor_db = _quietest_db(running)
        return Finding(
            name="noise",
            severity="good",
            value=floor_db,
            unit="dBFS",
            text=f"{floor_db:.1f} dBFS at its quietest; what of it is the machine, nobody knows",
            advice="To know it, listen while the machine stands still, too: --quiet.",
        )
    above_db = level.ac_level_db - room.ac_level_db
    text = (
        f"{room.ac_level_db:.1f} dBFS without the machine, which stands {above_db:.1f} dB above it"
    )
    advice = ""
    severity: Severity = "good"
    if above_db < CLOSE_DB:
        severity = "bad" if above_db < FAR_DB else "warning"
        advice = "Move the microphone closer to the machine, or away from what else is loud."
    elif room.ac_level_db > NOISY_DB:
        severity = "warning"
        advice = (
            "The room is loud: a fault that is quieter is not heard. Put something between them."
        )
    return Finding(
        name="noise",
        severity=severity,
        value=room.ac_level_db,
        unit="dBFS",
        text=text,
        advice=advice,
    )


def _hum(running: Sound, quiet: Sound | None, level: Level) -> Finding:
    found = hum(running if quiet is None else quiet)
    if found is None:
        where = "" if quiet is None else " without the machine"
        return Finding(
            name="hum", severity="good", value=None, unit="dBFS", text=f"none of the mains{where}"
        )
    above_db = found.level_db - level.ac_level_db
    severity: Severity = (
        "bad" if above_db > HUM_BAD_DB else "warning" if above_db > HUM_WARNED_DB else "good"
    )
    lines = ", ".join(f"{hz:.0f}" for hz in found.harmonics_hz)
    cure = "Use a shielded cable or a USB microphone, keep it away from mains and supplies, and break loops of earth."
    doubt = "" if quiet is not None else " If it is gone when the machine stops, it is the machine."
    return Finding(
        name="hum",
        severity=severity,
        value=found.level_db,
        unit="dBFS",
        text=f"the mains at {lines} Hz, {found.level_db:.1f} dBFS, {abs(above_db):.1f} dB "
        f"{'below' if above_db <= 0 else 'above'} all of the sound",
        advice="" if severity == "good" else cure + doubt,
    )


def _band(sound: Sound) -> Finding:
    edge_hz = upper_edge_hz(sound)
    wanted_hz = min(BAND_HZ, 0.45 * sound.rate_hz)
    text = f"sound up to {edge_hz / 1000:.1f} kHz"
    if edge_hz >= wanted_hz and sound.rate_hz >= 2 * BAND_HZ:
        return Finding(name="band", severity="good", value=edge_hz, unit="Hz", text=text)
    severity: Severity = "bad" if edge_hz < 0.95 * NARROW_HZ else "warning"
    return Finding(
        name="band",
        severity=severity,
        value=edge_hz,
        unit="Hz",
        text=text + ", and nothing above",
        advice="Something takes it away: a telephone's or Bluetooth microphone, noise suppression, or a low sample rate. "
        "Switch it off, or use a wired microphone at 16 kHz or more.",
    )


def _breaks(level: Level) -> Finding:
    longest_s = level.longest_constant_s
    if longest_s < BROKEN_OFF_S or level.ac_level_db < SILENT_DB:
        return Finding(
            name="breaks", severity="good", value=longest_s, unit="s", text="it never breaks off"
        )
    return Finding(
        name="breaks",
        severity="warning",
        value=longest_s,
        unit="s",
        text=f"one unchanging value for {longest_s:.2f} s",
        advice="A noise gate, noise suppression or a loose cable breaks it off: switch the first two off.",
    )


def hum(sound: Sound) -> Hum | None:
    """Lines of the mains in a sound; `None` where neither the first nor three others stand out.

    Parameters
    ----------
    sound
        At least a second.

    Examples
    --------
    >>> time_s = np.arange(64000) / 16000
    >>> lines = sum(0.01 * np.sin(2 * np.pi * hz * time_s) for hz in (50, 150, 250))
    >>> noise = 0.001 * np.random.default_rng(0).standard_normal(64000)
    >>> hum(Sound(samples=(lines + noise).astype(np.float32), rate_hz=16000)).harmonics_hz
    (50.0, 150.0, 250.0)
    """
    power = _spectrum(sound.samples, sound.rate_hz)
    found = [one for mains_hz in MAINS_HZ if (one := _lines(power, mains_hz)) is not None]
    return max(found, key=lambda one: one.level_db, default=None)


def _lines(power: NDArray[np.float64], mains_hz: float) -> Hum | None:
    """Power by the hertz; what stands out of its neighbourhood at a frequency and its multiples."""
    standing = {}
    for number in range(1, HARMONICS + 1):
        centre_hz = number * mains_hz
        # The mains wander by a fifth of a hertz, their multiples by as many fifths; a motor that slips is farther away.
        near_hz = 0.004 * centre_hz
        low, high = (
            math.floor(centre_hz - near_hz - _LINE_HZ),
            math.ceil(centre_hz + near_hz + _LINE_HZ) + 1,
        )
        if high + _BESIDE >= len(power):
            break
        line = power[low:high]
        beside = np.r_[power[low - _BESIDE : low], power[high : high + _BESIDE]]
        usual = float(np.median(beside))
        highest_hz = low + int(line.argmax())
        is_there = abs(highest_hz - centre_hz) <= max(near_hz, 0.5)
        if is_there and line.max() > max(_STANDS_OUT * usual, 3.0 * float(beside.max()), _NOTHING):
            standing[centre_hz] = float(line.sum()) - usual * len(line)
    if mains_hz not in standing and len(standing) < 3:
        return None
    level_db = 10.0 * math.log10(sum(standing.values()))
    return Hum(mains_hz=mains_hz, harmonics_hz=tuple(standing), level_db=level_db)


def upper_edge_hz(sound: Sound) -> float:
    """Up to where there is sound, in steps of 100 Hz: above, it is 55 dB below its middle from 200 Hz to 3 kHz.

    Parameters
    ----------
    sound
        At least a second.
    """
    power = _spectrum(sound.samples, sound.rate_hz)
    whole = len(power) // _STEP_HZ * _STEP_HZ
    bands = power[:whole].reshape(-1, _STEP_HZ).mean(axis=1)
    middle = float(np.median(bands[2:30]))
    if middle <= 0.0:
        return 0.0
    there = np.flatnonzero(bands > middle * 10.0 ** (-_EDGE_DB / 10.0))
    return float((there[-1] + 1) * _STEP_HZ)


def _spectrum(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """Power by the hertz, averaged over the seconds of a sound; together its mean square without the offset."""
    hann = np.hanning(rate_hz + 1)[:-1]
    total = np.zeros(rate_hz // 2 + 1)
    count = 0
    for frame in _frames(samples, rate_hz):
        found = np.fft.rfft(hann * (frame - frame.mean(dtype=np.float64)))
        total += np.abs(found) ** 2
        count += 1
    total[1:] *= 2.0
    power: NDArray[np.float64] = total / (count * rate_hz * float(hann @ hann))
    return power


def _frames(samples: Samples, rate_hz: int) -> Iterator[Samples]:
    for at in range(0, len(samples) - rate_hz + 1, rate_hz // 2):
        yield samples[at : at + rate_hz]


def _quietest_db(sound: Sound) -> float:
    """Level of the tenth of a second that nine of ten are louder than."""
    length = max(sound.rate_hz // 10, 1)
    parts = [
        measure(sound.samples[at : at + length], sound.rate_hz).ac_level_db
        for at in range(0, len(sound.samples) - length + 1, length)
    ]
    return sorted(parts)[len(parts) // 10]
