"""Where sound comes from: recordings, microphones, streams of the network, and a machine that does not exist.

A source is iterated in one thread and may be closed from any other. It bounds what it keeps, counts what it loses, says
how it is, and comes back by itself when what it listens to does.

- `source`     — what every source has: a name, a state, an end; and how long to wait before trying again
- `file`       — a recording, at its own pace or as fast as possible
- `machine`    — a simulated machine that can be broken while it runs
- `microphone` — a microphone of this machine, found again when it is plugged in again
- `network`    — RTSP and HTTP
- `address`    — any of them, by one line of text
"""

from auscult.live.sources.address import open_source
from auscult.live.sources.file import BLOCK_S, FileSource, from_file
from auscult.live.sources.machine import LONGEST_S, MachineSource, from_machine
from auscult.live.sources.microphone import Microphone, MicrophoneSource, chosen, microphones
from auscult.live.sources.network import NetworkSource
from auscult.live.sources.source import LiveSource, Source, SourceState

__all__ = [
    "BLOCK_S",
    "LONGEST_S",
    "FileSource",
    "LiveSource",
    "MachineSource",
    "Microphone",
    "MicrophoneSource",
    "NetworkSource",
    "Source",
    "SourceState",
    "chosen",
    "from_file",
    "from_machine",
    "microphones",
    "open_source",
]
