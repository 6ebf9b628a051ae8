"""Where sound comes from, as iterators of blocks; none of them waits for real time, that is for whoever plays them."""

from collections.abc import Iterator, Sequence
from itertools import islice

from auscult.audio.read import Source, blocks, info
from auscult.audio.synth import Fault, Machine, stream
from auscult.live.listener import Block

BLOCK_S = 0.1


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
        For how long.
    block_s
        Length of a block in seconds.

    Examples
    --------
    >>> from auscult.audio.synth import fan
    >>> sum(len(block.samples) for block in from_machine(fan(), seconds=1.0, seed=0))
    16000
    """
    sounds = stream(machine, seed=seed, faults=faults, block_s=block_s)
    for sound in islice(sounds, round(seconds / block_s)):
        yield Block(samples=sound.samples, rate_hz=sound.rate_hz)
