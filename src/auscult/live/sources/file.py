"""A recording as a source: as if it were live, or as fast as it can be heard."""

import os
from collections.abc import Iterator
from pathlib import Path

from auscult.audio import read
from auscult.audio.read import blocks, info
from auscult.live.buffer import seconds
from auscult.live.clock import Clock
from auscult.live.listener import Block
from auscult.live.sources.source import BLOCK_S, LiveSource, Pace

__all__ = ["BLOCK_S", "FileSource", "from_file"]


class FileSource(LiveSource):
    """A recording.

    Parameters
    ----------
    path
        Of the recording.
    realtime
        At its own pace, as if it were live; else as fast as it is taken.
    clock
        For the pace.
    channel
        One channel, counted from 0; default: the mean of all.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        realtime: bool,
        clock: Clock,
        channel: int | None = None,
    ) -> None:
        super().__init__(name=Path(path).name or str(path), kind="file")
        self._path = path
        self._realtime = realtime
        self._clock = clock
        self._channel = channel

    def _blocks(self) -> Iterator[Block]:
        pace = Pace(self._clock, self._closed)
        position_s = 0.0
        for block in from_file(self._path, channel=self._channel):
            self._is_now("listening")
            position_s += seconds(block)
            # A live block comes when its last sample was taken.
            if not pace.wait_until(position_s if self._realtime else 0.0):
                return
            yield block


def from_file(
    source: read.Source, *, channel: int | None = None, block_s: float = BLOCK_S
) -> Iterator[Block]:
    """A recording, block by block at its own rate; waits for nothing.

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
