"""How much speech beside a machine is left in what is stored, and how much of a machine is taken for speech.

Someone speaks for some seconds beside each simulated machine, as loud as the machine, louder, or softer. Counted are tenths of a
second in which there is speech (within 30 dB of its loudest) and which are not silenced, and clips in which a whole second of speech in
all is left. Then machines alone, healthy and broken in every way that is known, with nobody there: whatever is silenced there is
a false removal.

Speech is made by the formant synthesiser of `auscult.audio.synth.voice`, or taken from recordings with `--speech FOLDER`. Real sounds
without speech can be added with `--others FOLDER`.

    python bench/speech.py
    python bench/speech.py --speech recordings/ --judge silero --model silero_vad.onnx
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from auscult.audio.read import read
from auscult.audio.resample import resample
from auscult.audio.sound import Samples, Sound
from auscult.audio.synth import MACHINES, render
from auscult.audio.synth.voice import Voice, say
from auscult.datasets.simulate import random_fault
from auscult.live.speech import Judge, Syllables, speech_judge, without_speech
from machine import machine_line

RATE_HZ = 16000
SECONDS, SPOKEN_FROM_S = 12.0, 3.0
SNRS_DB = (10.0, 5.0, 0.0, -5.0)
AUDIBLE_DB = 30.0
FAULT_SNR_DB = 9.0
PIECE_S = 0.1
PITCHES_HZ = (110.0, 140.0, 210.0, 300.0)
ENDINGS = {".wav", ".flac", ".ogg"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of clips of one kind, in percent."""

    kind: str
    clips: int
    missed_percent: float | None
    left_percent: float | None
    removed_percent: float
    dropped_percent: float


def main() -> int:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speech", type=Path, help="a folder of recordings of speech")
    parser.add_argument("--others", type=Path, help="a folder of recordings without speech")
    parser.add_argument("--judge", choices=("syllables", "silero"), default="syllables")
    parser.add_argument("--model", type=Path, help="silero_vad.onnx")
    parser.add_argument("--cases", type=int, default=40, help="clips of each kind")
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    judge: Judge = Syllables() if wanted.judge == "syllables" else speech_judge(wanted.model)
    rows = [_beside_speech(judge, snr_db, wanted) for snr_db in SNRS_DB]
    rows += [_alone(judge, is_broken, wanted.cases) for is_broken in (False, True)]
    if wanted.others is not None:
        rows.append(_of_others(judge, wanted.others))
    _print(judge, rows)
    if wanted.json is not None:
        wanted.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0


def _beside_speech(judge: Judge, snr_db: float, wanted: argparse.Namespace) -> Row:
    missed = spoken = left = removed = quiet = dropped = 0.0
    for number, speech in zip(range(wanted.cases), _speeches(wanted.speech), strict=False):
        sound, is_spoken = _mixed(_machine(number), speech, snr_db)
        is_silenced, is_dropped = _heard(judge, sound)
        gone = int(np.sum(is_spoken & ~is_silenced))
        missed, spoken = missed + gone, spoken + int(is_spoken.sum())
        left += gone * PIECE_S >= 1.0
        removed += int(np.sum(is_silenced & ~is_spoken)) / len(is_spoken)
        quiet, dropped = quiet + 1, dropped + is_dropped
    return Row(
        kind=f"speech at {snr_db:+.0f} dB",
        clips=int(quiet),
        missed_percent=100.0 * missed / max(spoken, 1.0),
        left_percent=100.0 * left / quiet,
        removed_percent=100.0 * removed / quiet,
        dropped_percent=100.0 * dropped / quiet,
    )


def _alone(judge: Judge, is_broken: bool, cases: int) -> Row:
    rng = np.random.default_rng(5)
    names = list(MACHINES)
    sounds = []
    for number in range(cases):
        name = names[number % len(names)]
        faults = []
        if is_broken:
            faults = [random_fault(rng, SECONDS, FAULT_SNR_DB)]
        sounds.append(render(MACHINES[name](), seconds=SECONDS, seed=900 + number, faults=faults))
    return _without(judge, sounds, "machines, broken" if is_broken else "machines, healthy")


def _of_others(judge: Judge, folder: Path) -> Row:
    return _without(judge, [read(path) for path in _files(folder)], f"{folder.name}")


def _without(judge: Judge, sounds: list[Sound], kind: str) -> Row:
    found = [_heard(judge, sound) for sound in sounds]
    return Row(
        kind=kind,
        clips=len(found),
        missed_percent=None,
        left_percent=None,
        removed_percent=100.0 * float(np.mean([silenced.mean() for silenced, _ in found])),
        dropped_percent=100.0 * float(np.mean([dropped for _, dropped in found])),
    )


def _heard(judge: Judge, sound: Sound) -> tuple[np.ndarray, bool]:
    """For each tenth of a second whether it is silenced; and whether nothing is kept."""
    cleaned = without_speech(sound, judge)
    times_s = (np.arange(int(sound.duration_s / PIECE_S)) + 0.5) * PIECE_S
    is_silenced = np.zeros(len(times_s), bool)
    for start_s, end_s in cleaned.silenced:
        is_silenced |= (times_s >= start_s) & (times_s < end_s)
    return is_silenced, cleaned.sound is None


def _machine(number: int) -> Samples:
    name = list(MACHINES)[number % len(MACHINES)]
    return render(MACHINES[name](), seconds=SECONDS, seed=500 + number).samples


def _speeches(folder: Path | None) -> Iterator[Samples]:
    if folder is None:
        for number in range(1000):
            voice = Voice(pitch_hz=PITCHES_HZ[number % len(PITCHES_HZ)])
            yield say(voice, seconds=4.0, seed=number).samples
        return
    for path in _files(folder):
        sound = read(path)
        yield resample(sound.samples, sound.rate_hz, RATE_HZ)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in ENDINGS]


def _mixed(machine: Samples, speech: Samples, snr_db: float) -> tuple[Sound, np.ndarray]:
    speech = speech[: round((SECONDS - SPOKEN_FROM_S - 1.0) * RATE_HZ)]
    gain = np.sqrt(np.mean(machine**2) / np.mean(speech**2)) * 10.0 ** (snr_db / 20.0)
    first = round(SPOKEN_FROM_S * RATE_HZ)
    samples = machine.copy()
    samples[first : first + len(speech)] += np.float32(gain) * speech
    piece = round(PIECE_S * RATE_HZ)
    power = np.zeros(len(samples))
    power[first : first + len(speech)] = speech**2
    power = power[: len(power) // piece * piece].reshape(-1, piece).mean(axis=1)
    is_spoken = power > power.max() * 10.0 ** (-AUDIBLE_DB / 10.0)
    return Sound(samples=samples, rate_hz=RATE_HZ), is_spoken


def _print(judge: Judge, rows: list[Row]) -> None:
    table = Table(title=f"Speech, as {judge.name} finds it", caption=machine_line())
    for name in ("", "clips", "speech missed", "1 s or more left", "else silenced", "not kept"):
        table.add_column(name, justify="left" if not name else "right")
    for row in rows:
        cells = (row.missed_percent, row.left_percent, row.removed_percent, row.dropped_percent)
        shown = ("" if value is None else f"{value:.1f} %" for value in cells)
        table.add_row(row.kind, str(row.clips), *shown)
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
