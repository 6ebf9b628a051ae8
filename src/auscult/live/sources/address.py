"""Any source by one line of text."""

from auscult.errors import SourceError
from auscult.live.clock import Clock, SystemClock
from auscult.live.sources.file import FileSource
from auscult.live.sources.machine import MachineSource, machine_named
from auscult.live.sources.microphone import MicrophoneSource
from auscult.live.sources.network import SCHEMES, NetworkSource, shown
from auscult.live.sources.source import Source

FORMS = "mic, mic:NAME, file:PATH, rtsp://…, http(s)://… or machine:fan"


def open_source(address: str, *, realtime: bool = True, clock: Clock | None = None) -> Source:
    """A source that can be listened to; what is not there yet is waited for once it is.

    Parameters
    ----------
    address
        `mic`, `mic:NAME`, `file:PATH`, `rtsp://…`, `rtsps://…`, `http://…`, `https://…` or `machine:fan`.
    realtime
        A recording or a simulated machine takes its time; else it goes as fast as it is heard.
    clock
        Whose time; default: that of this machine.

    Raises
    ------
    SourceError, RecipeError
        If the address is none of these.
    MissingExtra
        If it needs an optional part that is not installed.

    Examples
    --------
    >>> open_source("machine:fan").name
    'simulated fan'
    >>> open_source("ftp://somewhere/else")
    Traceback (most recent call last):
    auscult.errors.SourceError: 'ftp://somewhere/else' is no source. Expected: mic, mic:NAME, file:PATH, rtsp://…,
    http(s)://… or machine:fan. Write it so.
    """
    chosen = clock or SystemClock()
    scheme, _, rest = address.partition(":")
    scheme = scheme.lower()
    if scheme in SCHEMES:
        return NetworkSource(address, realtime=realtime, clock=chosen)
    if scheme == "mic" and (rest or address.lower() == "mic"):
        return MicrophoneSource(rest or None, clock=chosen)
    if scheme == "file" and rest:
        return FileSource(rest, realtime=realtime, clock=chosen)
    if scheme == "machine":
        return MachineSource(machine_named(rest), realtime=realtime, clock=chosen, name=rest)
    raise SourceError(f"'{shown(address)}' is no source.", FORMS, "Write it so.")
