"""A data set of a simulated machine, with its ground truth: a MIMII tree that any reader of MIMII can read.

Every file is a recording of its own: same machine, other seed, so another load, another place in the cycle, another
background. Loudness gives nothing away: normal and abnormal recordings are brought to levels drawn from one
distribution, as if the microphone's gain had been set each time.
"""

import json
import math
import os
import shutil
import wave
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from auscult.audio.level import level_db, peak_db
from auscult.audio.sound import Samples, Sound
from auscult.audio.synth import (
    FAULTS,
    MACHINES,
    AirLeak,
    BearingTone,
    BeltSqueal,
    Dropout,
    Fault,
    FaultKind,
    Hum,
    Imbalance,
    Knock,
    Machine,
    MachineName,
    render,
    truth,
)
from auscult.errors import DatasetError, RecipeError

TRUTH_FILE = "truth.json"

MEAN_LEVEL_DB = -34.0
"""Level of the recordings in dBFS, about that of MIMII's."""

LEVEL_DEVIATION_DB = 1.0

_PEAK_DB = -0.1
_TOP_HZ = 7500.0


@dataclass(frozen=True, kw_only=True)
class _Recording:
    """One file to be written."""

    name: str
    seed: int
    faults: tuple[Fault, ...]
    level_db: float


def simulate(
    out: Path,
    *,
    machine: MachineName = "fan",
    normal: int = 30,
    anomaly: int = 20,
    seconds: float = 10.0,
    seed: int = 0,
    snr_db: float = 6.0,
    rate_hz: int = 16000,
    by_condition: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write recordings of a simulated machine, healthy and broken, and what is true of them.

    The tree is that of MIMII: `<out>/<machine>/id_00/{normal,abnormal}/00000000.wav`, 16-bit mono. `<out>/truth.json`
    says of each abnormal file, under its path from `out`: `kind`, `start_s`, `end_s`, `low_hz`, `high_hz`, `snr_db`
    (`null` for a dropout), `seed`, and as `fault` every parameter.

    Parameters
    ----------
    out
        A folder that is empty or not there yet. It appears when all is written, or never.
    machine
        One of `auscult.audio.synth.MACHINES`.
    normal, anomaly
        How many recordings of each, 0 and up, at least one in all; each abnormal one has one fault.
    seconds
        Length of each, 1 to 3600 s.
    seed
        0 and up: the same one gives the same files.
    snr_db
        Level of the faults above the machine's own sound in their band, −40 to 60 dB.
    rate_hz
        4 000 to 192 000.
    by_condition
        Put the machine into a folder `sim_<snr_db>dB`, as MIMII keeps its noise conditions apart.
    progress
        Called with the number of recordings written and that of all.

    Returns
    -------
    out
        The folder.

    Raises
    ------
    RecipeError
        If a value is out of its range, or the machine unknown.
    DatasetError
        If the folder is not empty, or can't be written.

    Examples
    --------
    >>> import tempfile
    >>> out = simulate(Path(tempfile.mkdtemp()) / "sim", normal=1, anomaly=1, seconds=1.0)
    >>> sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    ['fan/id_00/abnormal/00000000.wav', 'fan/id_00/normal/00000000.wav', 'truth.json']
    """
    _check(
        machine=machine, normal=normal, anomaly=anomaly, seconds=seconds, seed=seed, snr_db=snr_db
    )
    made = MACHINES[machine](rate_hz=rate_hz)
    unit = f"sim_{snr_db:g}dB/{machine}/id_00" if by_condition else f"{machine}/id_00"
    draw_fault = partial(random_fault, seconds=seconds, snr_db=snr_db, rate_hz=rate_hz)
    plan = [_plan(f"{unit}/normal", k, (seed, 0, k)) for k in range(normal)]
    plan += [_plan(f"{unit}/abnormal", k, (seed, 1, k), draw_fault) for k in range(anomaly)]
    facts = {
        "machine": machine,
        "rate_hz": rate_hz,
        "seconds": seconds,
        "snr_db": snr_db,
        "seed": seed,
        "files": {one.name: _facts(made, one) for one in plan if one.faults},
    }
    sounds = ((one.name, _record(made, one, seconds)) for one in plan)
    _write(Path(out).absolute(), sounds, facts, lambda done: progress and progress(done, len(plan)))
    return Path(out)


def random_fault(
    rng: np.random.Generator, seconds: float, snr_db: float, *, rate_hz: int = 16000
) -> Fault:
    """Draw a fault: its kind, when it is there, and in which band.

    Parameters
    ----------
    rng
        Where the numbers come from.
    seconds
        Length of the recording; the fault lies inside and takes a fifth to three fifths of it.
    snr_db
        Level above the machine's own sound in its band; a dropout has none.
    rate_hz
        Of the machine; no fault reaches beyond what can be heard at that rate.

    Examples
    --------
    >>> fault = random_fault(np.random.default_rng(3), 10.0, 6.0)
    >>> fault.kind, fault.start_s, round(fault.end_s, 3)
    ('hum', 5.651, 8.598)
    """
    kind: FaultKind = list(FAULTS)[rng.integers(len(FAULTS))]
    duration_s = round(float(seconds * rng.uniform(0.2, 0.6)), 3)
    start_s = round(float((seconds - duration_s) * rng.uniform()), 3)
    when = {"start_s": start_s, "duration_s": duration_s}
    if kind == "dropout":
        return Dropout(**when, depth_db=_drawn(rng, 20, 50))
    return _DRAWS[kind](rng, min(_TOP_HZ, 0.46 * rate_hz), when | {"snr_db": snr_db})


# ---- what the faults are like ----------------------------------------------------------------------------------------


def _knock(rng: np.random.Generator, top_hz: float, common: dict[str, float]) -> Fault:
    low_hz = _drawn(rng, 0.08 * top_hz, 0.25 * top_hz)
    return Knock(
        **common,
        low_hz=low_hz,
        high_hz=round(low_hz * rng.uniform(2.5, 4.0), 1),
        decay_s=round(float(rng.uniform(0.004, 0.012)), 4),
        rate_hz=_drawn(rng, 3, 9),
    )


def _bearing_tone(rng: np.random.Generator, top_hz: float, common: dict[str, float]) -> Fault:
    tone_hz = _drawn(rng, 0.2 * top_hz, 0.7 * top_hz)
    defect_hz = round(tone_hz * rng.uniform(0.02, 0.04), 1)
    return BearingTone(
        **common, tone_hz=tone_hz, defect_hz=defect_hz, sidebands=int(rng.integers(3, 6))
    )


def _belt_squeal(rng: np.random.Generator, top_hz: float, common: dict[str, float]) -> Fault:
    low_hz = _drawn(rng, 0.15 * top_hz, 0.55 * top_hz)
    return BeltSqueal(
        **common,
        low_hz=low_hz,
        high_hz=round(low_hz * rng.uniform(1.25, 1.7), 1),
        squeal_s=_drawn(rng, 0.3, 0.8),
    )


def _imbalance(rng: np.random.Generator, _: float, common: dict[str, float]) -> Fault:
    return Imbalance(**common, harmonics=int(rng.integers(4, 9)), beat_hz=_drawn(rng, 0.7, 2.5))


def _air_leak(rng: np.random.Generator, top_hz: float, common: dict[str, float]) -> Fault:
    low_hz = _drawn(rng, 0.35 * top_hz, 0.55 * top_hz)
    return AirLeak(**common, low_hz=low_hz, high_hz=round(top_hz * rng.uniform(0.85, 1.0), 1))


def _hum(rng: np.random.Generator, _: float, common: dict[str, float]) -> Fault:
    hum_hz = float(rng.choice((100.0, 120.0)))
    return Hum(**common, hum_hz=hum_hz, harmonics=int(rng.integers(4, 9)))


_DRAWS: dict[FaultKind, Callable[[np.random.Generator, float, dict[str, float]], Fault]] = {
    "knock": _knock,
    "bearing_tone": _bearing_tone,
    "belt_squeal": _belt_squeal,
    "imbalance": _imbalance,
    "air_leak": _air_leak,
    "hum": _hum,
}


def _drawn(rng: np.random.Generator, low: float, high: float) -> float:
    # Rounded, because people read the truth.
    return round(float(rng.uniform(low, high)), 2)


# ---- recordings ------------------------------------------------------------------------------------------------------


def _plan(
    folder: str,
    number: int,
    key: tuple[int, int, int],
    draw_fault: Callable[[np.random.Generator], Fault] | None = None,
) -> _Recording:
    rng = np.random.default_rng(key)
    # Drawn first, and alike, so that nothing but the fault tells the two kinds of recording apart.
    seed, level = int(rng.integers(2**32)), float(rng.normal(MEAN_LEVEL_DB, LEVEL_DEVIATION_DB))
    faults = (draw_fault(rng),) if draw_fault else ()
    return _Recording(name=f"{folder}/{number:08d}.wav", seed=seed, faults=faults, level_db=level)


def _record(machine: Machine, recording: _Recording, seconds: float) -> Sound:
    sound = render(machine, seconds=seconds, seed=recording.seed, faults=recording.faults)
    wanted_db = recording.level_db - level_db(sound.samples)
    gain_db = min(wanted_db, _PEAK_DB - peak_db(sound.samples))
    gain = np.float32(10.0 ** (gain_db / 20.0))
    return Sound(samples=sound.samples * gain, rate_hz=sound.rate_hz)


def _facts(machine: Machine, recording: _Recording) -> dict[str, Any]:
    (fault,), (span,) = recording.faults, truth(machine, recording.faults)
    return {
        **asdict(span),
        "snr_db": getattr(fault, "snr_db", None),
        "seed": recording.seed,
        "fault": asdict(fault),
    }


def _write(
    out: Path,
    sounds: Iterator[tuple[str, Sound]],
    facts: dict[str, Any],
    progress: Callable[[int], object],
) -> None:
    """Write everything beside `out` and move it there at the end, so that nothing half written is ever seen."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        _refuse_unless_empty(out)
        part.mkdir(parents=True)
        for done, (name, sound) in enumerate(sounds, start=1):
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_wav(path, sound.samples, sound.rate_hz)
            progress(done)
        (part / TRUTH_FILE).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        if out.exists():
            out.rmdir()
        part.rename(out)
    except OSError as error:
        raise DatasetError(
            f"{out} can't be written ({error.strerror or error}).",
            "a folder on a disk with room, in a place that you may write to",
            "Choose another place.",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _refuse_unless_empty(out: Path) -> None:
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists():
        raise DatasetError(
            f"{out} is there already and is {'not empty' if out.is_dir() else 'no folder'}.",
            "a folder that is empty or not there yet",
            "Choose another place, or remove it.",
        )


def _write_wav(path: Path, samples: Samples, rate_hz: int) -> None:
    # The standard library's writer, because it tells of a full disk.
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


def _check(
    *, machine: str, normal: int, anomaly: int, seconds: float, seed: int, snr_db: float
) -> None:
    if machine not in MACHINES:
        raise RecipeError(
            f"There is no simulated machine {machine!r}.", f"one of {', '.join(MACHINES)}"
        )
    if min(normal, anomaly) < 0 or normal + anomaly < 1:
        raise RecipeError(
            f"{normal} normal and {anomaly} abnormal recordings were asked for.",
            "0 or more of each, and at least one in all",
            "Change the numbers.",
        )
    if not (math.isfinite(seconds) and 1 <= seconds <= 3600):
        raise RecipeError(
            f"Recordings of {seconds!r} s were asked for.", "1 to 3600 s", "Change seconds."
        )
    if not -40 <= snr_db <= 60:
        raise RecipeError(
            f"Faults of {snr_db!r} dB were asked for.", "-40 to 60 dB", "Change snr_db."
        )
    if seed < 0:
        raise RecipeError(f"The seed is {seed}.", "0 or more", "Change seed.")
