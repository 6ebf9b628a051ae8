"""Where sound comes from, as iterators of blocks; none of them waits for real time, that is for whoever plays them."""

from collections.abc import Iterator, Sequence

from auscult.audio.read import Source, blocks, info
from auscult.audio.synth import Fault, Machine, stream
from auscult.errors import RecipeError
from auscult.live.listener import Block

BLOCK_S = 0.1

LONGEST_S = 1e9
"""No simulated machine runs for longer: 30 years."""


def from_file(
    source: Source, *, channel: int | None = None, block_s: float = BLOCK_S
) -> Iterator[Block]:
    """A recording, block by block at its own rate.

    Parameters
    ----------
    source
        A path, the bytes of a file, or a seekable binary file.
    channel
        One channel, counted from 0; default: the mean of all.
    block_s
        Length of a block in seconds.

    Raises
    ------
    AudioError
        If it can't be read.
    """
    rate_hz = info(source).rate_hz
    for samples in blocks(source, channel=channel, block_s=block_s):
        yield Block(samples=samples, rate_hz=rate_hz)


def from_machine(
    machine: Machine,
    *,
    seconds: float,
    seed: int,
    faults: Sequence[Fault] = (),
    block_s: float = BLOCK_S,
) -> Iterator[Block]:
    """A simulated machine, with faults at known times.

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
