"""A machine that does not exist, as a source: by the clock, and broken when someone asks for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from auscult.audio.sound import Samples, Sound
from auscult.audio.synth import FADE_S, FAULTS, MACHINES, Dropout, Fault, Machine, stream
from auscult.errors import RecipeError
from auscult.live.clock import Clock
from auscult.live.listener import Block
from auscult.live.sources.source import BLOCK_S, LiveSource, Pace

LONGEST_S = 1e9
"""No simulated machine runs for longer: 30 years."""

SNR_DB = 9.0
SEED = 1
"""Another hour of its life than the one that demonstrations learn from."""

_KINDS: Mapping[str, Callable[..., Fault]] = dict(FAULTS.items())


@dataclass(frozen=True, kw_only=True)
class _Injected:
    """What is wrong with it, if anything; each change has a number of its own."""

    fault: Fault | None = None
    number: int = 0


class MachineSource(LiveSource):
    """A simulated machine that runs as long as nobody closes it.

    Parameters
    ----------
    machine
        Which one.
    realtime
        As much sound as time passes; else as fast as it is taken.
    clock
        For the pace.
    name
        What people call it.
    seed
        Which of its lives.

    Examples
    --------
    >>> from auscult.audio.synth import fan
    >>> from auscult.live.clock import SystemClock
    >>> source = MachineSource(fan(), realtime=False, clock=SystemClock(), name="fan")
    >>> blocks = iter(source)
    >>> len(next(blocks).samples)
    1600
    >>> source.inject("knock", 15.0)
    >>> source.current, source.ends_in_s
    ('knock', 15.0)
    """

    def __init__(
        self, machine: Machine, *, realtime: bool, clock: Clock, name: str, seed: int = SEED
    ) -> None:
        super().__init__(name=f"simulated {name}", kind="machine")
        self._machine = machine
        self._realtime = realtime
        self._clock = clock
        self._seed = seed
        self._breaking = Lock()
        self._given = 0  # blocks
        self._injected = _Injected()

    @property
    def current(self) -> str | None:
        """The kind of fault that is there."""
        fault = self._injected.fault
        return fault.kind if fault is not None and self.ends_in_s is not None else None

    @property
    def ends_in_s(self) -> float | None:
        """For how long it will still be there."""
        fault = self._injected.fault
        left_s = 0.0 if fault is None else fault.end_s - self._given * BLOCK_S
        return left_s if left_s > 0.0 else None

    def inject(self, kind: str, seconds: float, *, snr_db: float = SNR_DB) -> None:
        """Break it from the next block on, in place of what is wrong already; from any thread.

        Parameters
        ----------
        kind
            One of `auscult.audio.synth.FAULTS`.
        seconds
            For how long.
        snr_db
            How far above the machine it sounds, in its band; a dropout has no level.

        Raises
        ------
        RecipeError
            If there is no such fault, or its time or level has no meaning.
        """
        if kind not in _KINDS:
            raise RecipeError(
                f"The machine has no fault '{kind[:40]}'.",
                f"one of {', '.join(FAULTS)}",
                "Choose one of these.",
            )
        level = {} if _KINDS[kind] is Dropout else {"snr_db": snr_db}
        with self._breaking:
            fault = _KINDS[kind](start_s=self._given * BLOCK_S, duration_s=seconds, **level)
            self._injected = _Injected(fault=fault, number=self._injected.number + 1)

    def clear(self) -> None:
        """Mend it from the next block on; from any thread."""
        with self._breaking:
            self._injected = _Injected(number=self._injected.number + 1)

    def _blocks(self) -> Iterator[Block]:
        pace = Pace(self._clock, self._closed)
        self._is_now("listening")
        sounds, heard = self._sounds(0, self._injected), self._injected
        while pace.wait_until((self._given + 1) * BLOCK_S if self._realtime else 0.0):
            with self._breaking:
                number, injected = self._given, self._injected
                self._given += 1
            sound = next(sounds)
            if injected.number != heard.number:
                sounds, heard = self._sounds(number, injected), injected
                sound = _faded(sound, next(sounds))
            yield Block(samples=sound.samples, rate_hz=sound.rate_hz, time_s=number * BLOCK_S)

    def _sounds(self, number: int, injected: _Injected) -> Iterator[Sound]:
        faults = () if injected.fault is None else (injected.fault,)
        return stream(
            self._machine,
            seed=self._seed,
            faults=faults,
            block_s=BLOCK_S,
            start_s=number * BLOCK_S,
        )


def _faded(before: Sound, after: Sound) -> Sound:
    """From one to the other as quickly as a fault comes and goes: a harder edge would be a click."""
    n = round(FADE_S * before.rate_hz)
    share = np.ones(len(after.samples), np.float32)
    share[:n] = np.linspace(0.0, 1.0, n, endpoint=False)
    mixed: Samples = before.samples * (1 - share) + after.samples * share
    return Sound(samples=mixed, rate_hz=after.rate_hz)


def from_machine(
    machine: Machine,
    *,
    seconds: float,
    seed: int,
    faults: Sequence[Fault] = (),
    block_s: float = BLOCK_S,
) -> Iterator[Block]:
    """A simulated machine for a known time, with faults at known times; waits for nothing.

    Parameters
    ----------
    machine, seed, faults
        See `auscult.audio.synth.stream`.
    seconds
        For how long, more than 0 s.
    block_s
        Length of a block in seconds.

    Raises
    ------
    RecipeError
        If the length has no meaning.

    Examples
    --------
    >>> from auscult.audio.synth import fan
    >>> sum(len(block.samples) for block in from_machine(fan(), seconds=1.0, seed=0))
    16000
    """
    if not 0.0 < seconds <= LONGEST_S:
        raise RecipeError(
            f"{seconds:g} s of a simulated machine were asked for.",
            f"more than 0 s, and at most {LONGEST_S:g} s",
            "Change the length.",
        )
    left = round(seconds * machine.rate_hz)
    for sound in stream(machine, seed=seed, faults=faults, block_s=block_s):
        yield Block(samples=sound.samples[:left], rate_hz=sound.rate_hz)
        left -= len(sound.samples)
        if left <= 0:
            return


def machine_named(name: str) -> Machine:
    """One of the machines that are ready made.

    Raises
    ------
    RecipeError
        If there is no such machine.
    """
    for known, make in MACHINES.items():
        if known == name:
            return make()
    raise RecipeError(
        f"There is no simulated machine '{name[:40]}'.",
        f"one of {', '.join(MACHINES)}",
        "Choose one of these: machine:fan",
    )
