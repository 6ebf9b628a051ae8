"""Learning on the server: in a child process of low priority, so that whoever is being heard is heard on.

The sound goes to the child through a pipe and never touches a disk.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from auscult.audio.sound import Sound
from auscult.errors import AuscultError, DatasetError

TIME_S = 300.0
NICE = 10


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What was learned.

    Parameters
    ----------
    content
        The bundle's file.
    notes
        What the user should know.
    seconds
        Normal sound heard.
    """

    content: bytes
    notes: tuple[str, ...]
    seconds: float


async def learn_sound(sound: Sound, *, name: str, budget_per_day: float | None) -> Lesson:
    """Learn from one recording.

    Raises
    ------
    DatasetError
        If it is too little, or the process did not come to an end.
    """
    wanted = {"name": name, "budget_per_day": budget_per_day, "rate_hz": sound.rate_hz}
    given = json.dumps(wanted).encode() + b"\n" + sound.samples.astype("<f4").tobytes()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "auscult.server.learning"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(TIME_S):
            answer, _ = await child.communicate(given)
    except TimeoutError:
        answer = b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _lesson(answer)


def _lesson(answer: bytes) -> Lesson:
    line, _, content = answer.partition(b"\n")
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        raise DatasetError(
            "Learning did not come to an end.",
            "an answer from the process that learns",
            "Try it again.",
        ) from None
    if "what" in told:
        beats = told["what"], told["expected"], told["action"]
        raise DatasetError(*beats, code=told["code"], values=told["values"])
    return Lesson(content=content, notes=tuple(told["notes"]), seconds=told["seconds"])


def main() -> None:
    """What the child does: sound from stdin, a bundle to stdout."""
    from auscult.datasets.clip import NORMAL, Clip
    from auscult.live.unspoken import unspoken
    from auscult.memory.learn import learn_clips
    from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY

    if hasattr(os, "nice"):
        os.nice(NICE)
    wanted = json.loads(sys.stdin.buffer.readline())
    samples = np.frombuffer(sys.stdin.buffer.read(), "<f4").astype(np.float32)
    sound = Sound(samples=samples, rate_hz=wanted["rate_hz"])
    budget = wanted["budget_per_day"]
    clip = Clip(path=Path(wanted["name"]), label=NORMAL, group=wanted["name"], sound=sound)
    try:
        learned = learn_clips(
            [clip],
            name=wanted["name"],
            budget_per_day=DEFAULT_BUDGET_PER_DAY if budget is None else budget,
            choose=unspoken,
        )
    except AuscultError as error:
        told: dict[str, Any] = {
            "what": error.what,
            "expected": error.expected,
            "action": error.action,
            "code": error.code,
            "values": error.values,
        }
        content = b""
    else:
        told = {"notes": learned.notes, "seconds": learned.seconds_of_sound}
        content = learned.bundle.to_bytes()
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)


if __name__ == "__main__":
    main()
