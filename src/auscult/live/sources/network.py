"""Sound from the network, by PyAV: RTSP as cameras speak it, and HTTP.

What answers may be broken or hostile. Everything has a time-out; only demuxers for plain sound and video are allowed, so a
playlist can't lead elsewhere, nor can a redirect; where not everything may be called, a name is looked up once for each
call, and what was judged is what is called; only sound is asked for; and no password is ever shown.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EIO
from threading import Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import numpy as np
from numpy.typing import NDArray

from auscult.audio.header import MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ
from auscult.errors import MissingExtra, SourceError
from auscult.live.buffer import Arrival, BlockBuffer, seconds
from auscult.live.clock import Clock
from auscult.live.listener import Block
from auscult.live.sources.relay import HOST, Relay, addresses_of, dial
from auscult.live.sources.source import Backoff, LiveSource, Pace

SCHEMES = ("rtsp", "rtsps", "http", "https")

MayCall = Callable[[str, int], bool]
"""Whether an address, in digits, may be called at a port."""

OPEN_S = 5.0
READ_S = 5.0
"""Longer than this nothing is waited for, however slowly it drips."""

AHEAD_S = 2.0
"""So much sound is read before someone takes it; then whoever sends it has to wait."""

LOST_S = 0.25
"""Time stamps that differ by more from what was counted tell that sound is missing; those of cameras waver by less."""

MAX_BROKEN_PACKETS = 50
"""In a row, without any sound between them."""

_DEMUXERS = "wav,w64,ogg,mp3,aac,flac,mpegts,matroska,webm,mov,mp4,aiff,au,caf,flv,asf"
_OPTIONS = {
    "rtsp": {
        "rtsp_transport": "tcp",
        "allowed_media_types": "audio",
        "protocol_whitelist": "rtsp,tcp",  # to the relay, and nowhere else
        "format_whitelist": "rtsp,sdp,rtp,mpegts",
    },
    "http": {
        "max_redirects": "0",
        "protocol_whitelist": "http,https,httpproxy,tcp,tls",
        "format_whitelist": _DEMUXERS,
    },
}
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_POLL_S = 0.2


class NetworkSource(LiveSource):
    """A camera or another sender, heard for as long as nobody closes it.

    A thread of its own reads; what it gets waits, and whoever sends waits too, until someone takes it. When the connection
    breaks, refuses or stalls, it is made again, first after a second and at last twice a minute. Only an answer that will
    not change, before there was any sound, ends it: no such thing (404), not for you (401, 403), no sound in it. A file
    behind an address ends where it ends.

    Parameters
    ----------
    address
        `rtsp://`, `rtsps://`, `http://` or `https://`; may hold user and password, which are shown nowhere.
    realtime
        A file behind an address takes its time; else it goes as fast as it is taken.
    clock
        For times and waits.
    may_call
        Asked of what the name stands for, at each call; by default, everything may be called.
    open_s, read_s
        Time-outs.
    backoff
        How long to wait before connecting again.

    Raises
    ------
    SourceError
        If the address is none.
    MissingExtra
        If the extra `streams` is not installed.
    """

    def __init__(
        self,
        address: str,
        *,
        realtime: bool,
        clock: Clock,
        may_call: MayCall | None = None,
        open_s: float = OPEN_S,
        read_s: float = READ_S,
        backoff: Backoff | None = None,
    ) -> None:
        self._address = checked(address)
        self._parts = urlsplit(self._address)
        super().__init__(name=shown(address), kind=self._parts.scheme.removesuffix("s"))
        self._av = _pyav()
        self._options = _OPTIONS[self.kind]
        self._realtime = realtime
        self._clock = clock
        self._may_call = may_call
        self._calls = 0
        self._timeout = (open_s, read_s)
        self._backoff = backoff or Backoff()
        self._begin_s = clock.monotonic_s()
        self._buffer = BlockBuffer(AHEAD_S)
        self._failure: SourceError | None = None
        self._was_heard = False
        self._next_s = 0.0

    @property
    def dropped_samples(self) -> int:
        """What was read when nobody listened any more."""
        return self._buffer.dropped_samples

    def close(self) -> None:
        """End it; a connection that hangs is left to its time-out."""
        super().close()
        self._buffer.end()

    def _blocks(self) -> Iterator[Block]:
        Thread(target=self._read, name=f"read {self.name}", daemon=True).start()
        try:
            while not self._buffer.is_over and not self._closed.is_set():
                arrival = self._buffer.take(_POLL_S)
                if arrival is not None:
                    yield arrival.block
        finally:
            self.close()
        if self._failure is not None:
            raise self._failure

    def _read(self) -> None:
        """In a thread of its own: connect, and connect again."""
        try:
            while not self._closed.is_set():
                why = self._one_connection()
                if why is None:
                    return
                self._is_now("reconnecting", f"{self.name}: {why}.")
                self._closed.wait(self._backoff.failed(self._clock.monotonic_s()))
        finally:
            self._buffer.end()

    def _one_connection(self) -> str | None:
        """Hear it for as long as it lasts; why it was lost, or `None` if there is no more to come."""
        try:
            with self._line() as (address, options):
                return self._hear(address, options)
        except _NoSoundError as error:
            return self._lost(str(error), for_good=True)
        except _ElsewhereError as error:
            return self._lost(str(error), for_good=False)
        except (self._av.FFmpegError, OSError) as error:
            return self._lost(self._words(error), for_good=self._is_for_good(error))
        except ValueError as error:
            return self._lost(f"it can't be understood ({type(error).__name__})", for_good=False)

    @contextmanager
    def _line(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Where to call now, with which options: what was judged, and nothing else."""
        if self.kind == "rtsp":
            with self._relayed() as address:
                yield address, self._options
        elif self._may_call is None:
            yield self._address, self._options
        else:
            yield self._pinned(self._allowed())

    @contextmanager
    def _relayed(self) -> Iterator[str]:
        parts = self._parts
        tls_host = parts.hostname if parts.scheme == "rtsps" else None
        camera = dial(self._allowed(), self._port, timeout_s=self._timeout[0], tls_host=tls_host)
        relay = Relay(camera, timeout_s=self._timeout[0])
        try:
            with relay:
                yield self._at(f"{HOST}:{relay.port}", scheme="rtsp")
        except self._av.FFmpegError:
            if relay.refused is not None:
                raise _ElsewhereError(relay.refused) from None
            raise

    def _pinned(self, allowed: list[str]) -> tuple[str, dict[str, str]]:
        """The next of the addresses in place of the name; not for TLS, which wants the name."""
        if self._parts.scheme == "https":
            return self._address, self._options
        address = allowed[self._calls % len(allowed)]
        self._calls += 1
        host = f"[{address}]" if ":" in address else address
        called = self._parts.netloc.rpartition("@")[2]
        return self._at(f"{host}:{self._port}"), {**self._options, "headers": f"Host: {called}\r\n"}

    def _at(self, place: str, *, scheme: str | None = None) -> str:
        """The address, with its user and password, at another place."""
        user, at, _ = self._parts.netloc.rpartition("@")
        scheme = scheme or self._parts.scheme
        return urlunsplit(self._parts._replace(scheme=scheme, netloc=f"{user}{at}{place}"))

    @property
    def _port(self) -> int:
        return self._parts.port or _PORTS[self._parts.scheme]

    def _allowed(self) -> list[str]:
        """What the name stands for now, as far as it may be called."""
        try:
            found = addresses_of(self._parts.hostname or "", self._port)
        except UnicodeError:
            raise _ElsewhereError("its name can't be looked up") from None
        may_call = self._may_call
        allowed = [one for one in found if may_call is None or may_call(one, self._port)]
        if not allowed:
            raise _ElsewhereError(f"it leads to {found[0]}, where nobody may listen from here")
        return allowed

    def _lost(self, why: str, *, for_good: bool) -> str | None:
        # A camera that starts may answer anything for a while: what was heard once is asked again.
        if not for_good or self._was_heard:
            return why
        self._failure = SourceError(
            f"{self.name} can't be heard: {why}.",
            "an address that gives sound",
            "Check the address, user and password.",
        )
        return None

    def _words(self, error: Any) -> str:
        if isinstance(error, self._av.error.ExitError | TimeoutError):
            return f"nothing came for {max(self._timeout):g} s"
        if error.errno == EIO or isinstance(error, self._av.error.InvalidDataError):
            return "the connection broke, or what came was no sound"
        # The error's own text holds the address with its password; this is the part that doesn't.
        why = (error.strerror or type(error).__name__).strip().rstrip(".")
        return f"{why[:1].lower()}{why[1:]}"

    def _is_for_good(self, error: Exception) -> bool:
        av = self._av
        return isinstance(
            error,
            av.error.HTTPBadRequestError
            | av.error.HTTPUnauthorizedError
            | av.error.HTTPForbiddenError
            | av.error.HTTPNotFoundError
            | av.error.HTTPOtherClientError
            | av.error.ProtocolNotFoundError
            | av.error.DecoderNotFoundError,
        )

    def _hear(self, address: str, options: dict[str, str]) -> str | None:
        with self._av.open(
            address,
            options=dict(options),
            timeout=self._timeout,
            metadata_errors="replace",
        ) as container:
            tracks = [track for track in container.streams.audio if track.codec_context]
            if not tracks:
                raise _NoSoundError("it has no sound track that can be decoded")
            is_file = container.duration is not None
            # Time passed while nothing was heard.
            begin_s = max(self._next_s, self._clock.monotonic_s() - self._begin_s)
            timeline = _Timeline(begin_s)
            pace = Pace(self._clock, self._closed)
            for frame in self._frames(container, tracks[0]):
                block = timeline.place(frame)
                self._next_s = timeline.next_s
                self._give(block)
                if self._closed.is_set():
                    return None
                if is_file and self._realtime and not pace.wait_until(self._next_s - begin_s):
                    return None
        return None if is_file else "the sound ended"

    def _give(self, block: Block) -> None:
        now_s = self._clock.monotonic_s()
        self._was_heard = True
        self._backoff.succeeded(now_s)
        self._is_now("listening")
        arrival = Arrival(block=block, at_s=now_s)
        while not self._closed.is_set() and not self._buffer.wait_and_put(arrival, _POLL_S):
            pass

    def _frames(self, container: Any, track: Any) -> Iterator[Any]:
        """Decoded sound; a broken packet now and then is passed over."""
        broken = 0
        for packet in container.demux(track):
            try:
                frames = packet.decode()
            except self._av.error.InvalidDataError:
                broken += 1
                if broken > MAX_BROKEN_PACKETS:
                    raise
                continue
            broken = 0 if frames else broken
            yield from frames


class _NoSoundError(Exception):
    """What answers has no sound."""


class _ElsewhereError(Exception):
    """What answers, or its name, leads to where nobody may call."""


class _Timeline:
    """When each frame was taken: counted, and corrected where the sender's own time stamps tell of a loss."""

    def __init__(self, begin_s: float) -> None:
        self.next_s = begin_s
        self._offset_s: float | None = None  # from the sender's time to ours

    def place(self, frame: Any) -> Block:
        block = Block(samples=samples_of(frame), rate_hz=_rate_of(frame), time_s=self.next_s)
        stamp_s = None if frame.pts is None else float(frame.pts * frame.time_base)
        if stamp_s is not None:
            if self._offset_s is None:
                self._offset_s = self.next_s - stamp_s
            late_s = stamp_s + self._offset_s - self.next_s
            if late_s > LOST_S:
                block = Block(
                    samples=block.samples, rate_hz=block.rate_hz, time_s=self.next_s + late_s
                )
            elif late_s < -LOST_S:  # its clock was set: nothing is missing
                self._offset_s = self.next_s - stamp_s
        self.next_s = (block.time_s or 0.0) + seconds(block)
        return block


def samples_of(frame: Any) -> NDArray[np.float32]:
    """Samples of a decoded frame, shape (n, channels), full scale at ±1.

    Raises
    ------
    ValueError
        If it has another format or more channels than sound has.
    """
    channels = frame.layout.nb_channels
    if not 1 <= channels <= MAX_CHANNELS:
        raise ValueError(f"{channels} channels")
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, channels)
    if values.dtype.kind == "f":
        return np.ascontiguousarray(values, np.float32)
    full_scale = 2.0 ** (8 * values.dtype.itemsize - 1)
    middle = full_scale if values.dtype.kind == "u" else 0.0
    return np.ascontiguousarray((values - middle) / full_scale, np.float32)


def _rate_of(frame: Any) -> int:
    rate_hz = int(frame.sample_rate)
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise ValueError(f"{rate_hz} Hz")
    return rate_hz


def checked(address: str) -> str:
    """An address, taken apart and put together again.

    Raises
    ------
    SourceError
        If it is none that sound can be heard from.

    Examples
    --------
    >>> checked("RTSP://user:secret@camera.local:554/audio#here")
    'rtsp://user:secret@camera.local:554/audio'
    """
    try:
        parts = urlsplit(address)
        is_good = bool(parts.hostname) and parts.scheme in SCHEMES and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not address.isprintable() or " " in address:
        raise SourceError(
            f"'{shown(address)}' is no address of a stream.",
            "rtsp://HOST/PATH or http://HOST/PATH",
            "Check it; what is no letter, number or sign belongs in %-code.",
        )
    return urlunsplit(parts._replace(fragment=""))


def shown(address: str) -> str:
    """An address as it may be shown: without user, password and query.

    Some cameras want the password in the path; then that is left out, too.

    >>> shown("rtsp://user:secret@camera.local:554/audio?token=1")
    'rtsp://camera.local:554/audio'
    >>> shown("rtsp://camera.local/user=admin_password=secret.sdp")
    'rtsp://camera.local/…'
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address[:80]
    place = rest.partition("?")[0].partition("#")[0]
    host, slash, path = place.partition("/")
    # A password may hold a slash that nobody escaped.
    if "@" in path:
        host, slash, path = path.rpartition("@")[2].partition("/")
    path = "…" if "=" in path else path
    text = f"{scheme.lower()}://{host.rpartition('@')[2]}{slash}{path}"
    return "".join(letter for letter in text if letter.isprintable())[:120]


def _pyav() -> Any:
    try:
        import av
    except ImportError:
        raise MissingExtra("Listening to the network", "streams") from None
    return av
