"""A microphone of this machine, by PortAudio; when it is unplugged it is opened again as soon as it is back."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.errors import MissingExtra, SourceError
from auscult.live.buffer import Arrival, BlockBuffer, seconds
from auscult.live.clock import Clock
from auscult.live.listener import GAP_S, Block
from auscult.live.sources.source import BLOCK_S, Backoff, LiveSource

BUFFERED_S = 5.0
"""So much sound waits for whoever listens; then the oldest is dropped."""

STALL_S = 2.0
"""A microphone that gives nothing for so long is gone, whatever the system says."""

LONGEST_WAIT_S = 4.0

_MAX_CHANNELS = 2  # virtual devices offer dozens, all alike
_PREFERRED_API = "Windows WASAPI"  # the others name the same devices again, and cut their names
_PLACE = re.compile(
    r"\s*[:,]?\s*\(hw:\d+,\d+\)"
)  # ALSA's number of a card changes when it is plugged in again
_POLL_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Microphone:
    """An input of this machine.

    Parameters
    ----------
    id
        Stays the same when it is plugged in again, or others are; `mic:ID` opens it.
    name
        What the system calls it.
    rate_hz, channels
        Its own rate, and how many channels it has.
    is_default
        The system would choose it.
    """

    id: str
    name: str
    rate_hz: int
    channels: int
    is_default: bool


def microphones() -> list[Microphone]:
    """Microphones that are there now.

    Raises
    ------
    MissingExtra
        If the extra `mic` is not installed.
    SourceError
        If the system has no PortAudio, or it fails.

    Examples
    --------
    >>> for microphone in microphones():  # doctest: +SKIP
    ...     print(microphone.id, microphone.rate_hz)
    """
    portaudio = _portaudio()
    with _LOCK:
        _look_again(portaudio)
        return [one for _, one in _found(portaudio)]


def chosen(known: Sequence[Microphone], wanted: str | None = None) -> Microphone:
    """The microphone that is opened where one is asked for by its id, its name or a part of these; or the default.

    Parameters
    ----------
    known
        Those that are there: see `microphones`.
    wanted
        What it is called. A part is enough where only one has it in its id.

    Raises
    ------
    SourceError
        If there is none, or more than one.

    Examples
    --------
    >>> known = [
    ...     Microphone(id=name, name=name, rate_hz=48000, channels=1, is_default=False)
    ...     for name in ("USB Audio", "USB Cam")
    ... ]
    >>> chosen(known, "cam").id, chosen(known).id
    ('USB Cam', 'USB Audio')
    """
    if not known:
        raise _none_there()
    if wanted is None:
        return next((one for one in known if one.is_default), known[0])
    exact = [one for one in known if wanted in (one.id, one.name)]
    alike = [one for one in known if wanted.lower() in one.id.lower()]
    if not exact and len(alike) != 1:
        raise _not_one(wanted, known, alike)
    return (exact or alike)[0]


class MicrophoneSource(LiveSource):
    """A microphone that is heard for as long as nobody closes it, whether it is there or not.

    Parameters
    ----------
    wanted
        Id or name of the microphone; `None`: the one that the system would choose.
    clock
        For times and waits.

    Raises
    ------
    MissingExtra, SourceError
        As `microphones`; a microphone that is not there is waited for.
    """

    def __init__(self, wanted: str | None = None, *, clock: Clock) -> None:
        super().__init__(name=wanted or "microphone", kind="mic")
        self._portaudio = _portaudio()
        self._wanted = wanted
        self._clock = clock
        self._begin_s = clock.monotonic_s()
        self._buffer = BlockBuffer(BUFFERED_S)
        self._lost_samples = 0

    @property
    def dropped_samples(self) -> int:
        """What the system lost, and what waited here for too long."""
        return self._lost_samples + self._buffer.dropped_samples

    def _blocks(self) -> Iterator[Block]:
        backoff = Backoff(longest_s=LONGEST_WAIT_S)
        while not self._closed.is_set():
            try:
                for block in self._one_opening():
                    self._is_now("listening")
                    backoff.succeeded(self._clock.monotonic_s())
                    yield block
            except SourceError as error:
                self._is_now("reconnecting", str(error))
            self._closed.wait(backoff.failed(self._clock.monotonic_s()))

    def _one_opening(self) -> Iterator[Block]:
        """What it gives until it is closed, or gives nothing any more."""
        stream = self._open()
        quiet_s = 0.0
        try:
            while not self._closed.is_set():
                arrival = self._buffer.take(_POLL_S)
                if arrival is not None:
                    quiet_s = 0.0
                    yield arrival.block
                    continue
                quiet_s += _POLL_S
                if quiet_s >= STALL_S or not stream.active:
                    raise SourceError(
                        f"The microphone '{self.name}' gives no sound any more.",
                        "a microphone that is plugged in",
                        "Plug it in again; it will be heard as soon as it is there.",
                    )
        finally:
            _close(self._portaudio, stream)

    def _open(self) -> Any:
        """A stream that fills the buffer."""
        with _LOCK:
            number, microphone = _look_for(self._portaudio, self._wanted)
            self.name = microphone.id
            stream = None
            try:
                stream = self._portaudio.InputStream(
                    device=number,
                    channels=min(microphone.channels, _MAX_CHANNELS),
                    samplerate=microphone.rate_hz,
                    dtype="float32",
                    blocksize=round(BLOCK_S / 2 * microphone.rate_hz),
                    callback=self._callback(microphone.rate_hz),
                )
                stream.start()
            except self._portaudio.PortAudioError as error:
                if stream is not None:
                    stream.close(ignore_errors=True)
                raise _failed(microphone.name, error) from None
            _OPEN.add(id(stream))
        return stream

    def _callback(self, rate_hz: int) -> Callable[..., None]:
        """What PortAudio calls in a thread of its own, which must not wait."""
        next_s: float | None = None

        def take(samples: NDArray[np.float32], n: int, _: Any, status: Any) -> None:
            nonlocal next_s
            now_s = self._clock.monotonic_s()
            taken_s = now_s - self._begin_s - n / rate_hz
            if next_s is None:
                next_s = taken_s
            elif status.input_overflow:
                # Nobody says how much was lost; the clock does, and it is no less than makes a gap.
                lost_s = max(taken_s - next_s, 2 * GAP_S)
                self._lost_samples += round(lost_s * rate_hz)
                next_s += lost_s
            block = Block(samples=samples.copy(), rate_hz=rate_hz, time_s=next_s)
            next_s += seconds(block)
            self._buffer.put(Arrival(block=block, at_s=now_s))

        return take


_LOCK = Lock()
"""PortAudio has one state for all; two threads must not change it at once."""

_OPEN: set[int] = set()
"""Microphones that are open: PortAudio can't look for new ones without closing them all."""


def _portaudio() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise MissingExtra("Listening to a microphone", "mic") from None
    except OSError:
        raise SourceError(
            "This system has no PortAudio.",
            "the library that microphones are heard with",
            "Install it; on Debian and Ubuntu: apt-get install libportaudio2",
        ) from None
    return sounddevice


def _look_again(portaudio: Any) -> None:
    """Find what was plugged in or out, which PortAudio only does at its start; while a microphone is open it can't."""
    if not _OPEN:
        try:
            portaudio._terminate()  # noqa: SLF001 - there is no other way
            portaudio._initialize()  # noqa: SLF001
        except portaudio.PortAudioError as error:
            raise _failed("any", error) from None


def _found(portaudio: Any) -> list[tuple[int, Microphone]]:
    """Every microphone with PortAudio's number for it."""
    try:
        apis = list(portaudio.query_hostapis())
        devices = list(portaudio.query_devices())
    except portaudio.PortAudioError as error:
        raise _failed("any", error) from None
    preferred = [api for api in apis if api["name"] == _PREFERRED_API]
    default = {api["default_input_device"] for api in preferred or apis[:1]}
    numbers = [number for api in preferred or apis for number in api["devices"]]
    known: Counter[str] = Counter()
    found = []
    for number in sorted(numbers):
        device = devices[number]
        if device["max_input_channels"] < 1:
            continue
        name = _stable(device["name"])
        known[name] += 1
        microphone = Microphone(
            id=name if known[name] == 1 else f"{name} #{known[name]}",
            name=device["name"],
            rate_hz=round(device["default_samplerate"]),
            channels=device["max_input_channels"],
            is_default=number in default,
        )
        found.append((number, microphone))
    return found


def _look_for(portaudio: Any, wanted: str | None) -> tuple[int, Microphone]:
    """The microphone that is called so, with PortAudio's number for it."""
    _look_again(portaudio)
    found = _found(portaudio)
    microphone = chosen([one for _, one in found], wanted)
    return next((number, one) for number, one in found if one is microphone)


def _close(portaudio: Any, stream: Any) -> None:
    with _LOCK:
        _OPEN.discard(id(stream))
        with suppress(portaudio.PortAudioError):  # what is gone can't be closed
            stream.close(ignore_errors=True)


def _stable(name: str) -> str:
    """A name without what changes from one plugging in to the next.

    >>> _stable("USB Audio Device: - (hw:2,0)")
    'USB Audio Device'
    """
    return _PLACE.sub("", name).rstrip(" :-") or name


def _none_there() -> SourceError:
    return SourceError(
        "This machine has no microphone, or this user may not use it.",
        "a microphone",
        "Plug one in, and see that this user may record; or name another source.",
    )


def _not_one(wanted: str, known: Sequence[Microphone], alike: Sequence[Microphone]) -> SourceError:
    names = ", ".join(one.id for one in alike or known)
    if alike:
        return SourceError(
            f"{len(alike)} microphones are called like '{wanted}'.",
            f"one of {names}",
            "Give its whole name: auscult sources",
        )
    return SourceError(
        f"No microphone is called '{wanted}'.",
        f"one of {names}",
        "Plug it in, or choose another: auscult sources",
    )


def _failed(name: str, error: Exception) -> SourceError:
    return SourceError(
        f"The microphone '{name}' can't be opened: {str(error).rstrip('.')}.",
        "a microphone that no other program holds",
        "Close what else uses it, and see that this user may record.",
    )
