"""Sound on the wire: a header of 24 bytes, then samples of 16 bits; and what a sequence of such frames is missing."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auscult.server.messages import ErrorCode

_HEADER = struct.Struct("<BBHIQd")
HEADER_BYTES = _HEADER.size
VERSION, PCM = 1, 1
GAP, LATE = 1, 2
MAX_FRAME_BYTES = 2**18

# A rate that lies: measured over this much sound, and refused if it deviates so much twice in a row. Clocks on the wall are set
# now and then: a frame whose clock jumped says nothing.
RATE_AFTER_S = 10.0
RATE_TOLERANCE = 0.02
_TWICE = 2
_JUMP_S = 0.25

MAX_GAP_S = 86400.0
"""Who was away for longer begins a new session."""


class BadFrame(Exception):  # noqa: N818 - it is an answer
    """A frame that can't be taken, and the code that says why."""

    def __init__(self, code: ErrorCode, detail: str) -> None:
        self.code: ErrorCode = code
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """Sound that came in one message.

    Parameters
    ----------
    flags, seq, first_sample, captured_ms
        As in the header; the sender's count of samples, and its clock.
    samples
        Shape (n,) or (n, channels), int16.
    """

    flags: int
    seq: int
    first_sample: int
    captured_ms: float
    samples: NDArray[np.int16]


def decode(data: bytes, channels: int = 1) -> Frame:
    """A frame from a binary message.

    Raises
    ------
    BadFrame
        If it is none.

    Examples
    --------
    >>> frame = decode(encode(np.array([1, -2], np.int16), first_sample=48000, seq=7))
    >>> frame.first_sample, frame.seq, frame.samples.tolist()
    (48000, 7, [1, -2])
    """
    if len(data) > MAX_FRAME_BYTES:
        raise BadFrame("too_large", f"{len(data)} bytes; at most {MAX_FRAME_BYTES}")
    if len(data) < HEADER_BYTES:
        raise BadFrame("bad_header", f"{len(data)} bytes; the header alone has {HEADER_BYTES}")
    version, kind, flags, seq, first_sample, captured_ms = _HEADER.unpack_from(data)
    if version != VERSION or kind != PCM:
        raise BadFrame("bad_header", f"version {version}, kind {kind}; 1 and 1 are known")
    n_bytes = len(data) - HEADER_BYTES
    if n_bytes == 0 or n_bytes % (2 * channels):
        raise BadFrame("bad_samples", f"{n_bytes} bytes of samples for {channels} channel(s)")
    if first_sample >= 2**53 or not np.isfinite(captured_ms):
        raise BadFrame("bad_header", "a sample number or a time that has no meaning")
    samples = np.frombuffer(data, "<i2", offset=HEADER_BYTES).astype(np.int16, copy=False)
    return Frame(
        flags=flags,
        seq=seq,
        first_sample=first_sample,
        captured_ms=captured_ms,
        samples=samples if channels == 1 else samples.reshape(-1, channels),
    )


def encode(
    samples: NDArray[np.int16],
    *,
    first_sample: int,
    seq: int = 0,
    flags: int = 0,
    captured_ms: float = 0.0,
) -> bytes:
    """The inverse of `decode`, for one channel."""
    header = _HEADER.pack(VERSION, PCM, flags, seq & 0xFFFFFFFF, first_sample, captured_ms)
    return header + samples.astype("<i2", copy=False).tobytes()


class Sequence:
    """Frames in, sound out: every sample once and in order, and what is missing in between.

    Parameters
    ----------
    rate_hz
        What the sender says.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.next_sample = 0
        self.missing = 0
        self.duplicated = 0
        self._began = False
        self._since: tuple[int, float] | None = (
            None  # sample and clock from which the rate is measured
        )
        self._last: tuple[int, float] | None = None
        self._deviating = 0

    def take(self, frame: Frame) -> tuple[NDArray[np.int16], float, int] | None:
        """What is new in a frame: its samples, the time of the first, and how many are missing before it.

        `None` where there is nothing new.

        Raises
        ------
        BadFrame
            If the sender's rate is another one than it says, or it was away for more than a day.
        """
        samples, first = frame.samples, frame.first_sample
        if not self._began:
            self._began, self.next_sample = True, first
        known = min(max(self.next_sample - first, 0), len(samples))
        self.duplicated += known
        if known == len(samples):
            return None
        samples, first = samples[known:], first + known
        missing = first - self.next_sample
        if missing > MAX_GAP_S * self.rate_hz:
            raise BadFrame("bad_header", f"{missing} samples are missing: more than a day")
        self.missing += missing
        self.next_sample = first + len(samples)
        self._check_rate(frame)
        return samples, first / self.rate_hz, missing

    def _check_rate(self, frame: Frame) -> None:
        """By the sender's own clock, so that a slow network says nothing about it."""
        if frame.captured_ms <= 0.0:
            return
        now = (frame.first_sample + len(frame.samples), frame.captured_ms / 1000.0)
        last, self._last = self._last, now
        if self._since is None or last is None or self._has_jumped(last, now):
            self._since = now
            return
        samples, seconds = now[0] - self._since[0], now[1] - self._since[1]
        if seconds < RATE_AFTER_S:
            return
        self._since = now
        measured_hz = samples / seconds
        is_deviating = abs(measured_hz / self.rate_hz - 1.0) > RATE_TOLERANCE
        self._deviating = self._deviating + 1 if is_deviating else 0
        if self._deviating >= _TWICE:
            raise BadFrame(
                "rate_mismatch", f"{measured_hz:.0f} samples a second came, not {self.rate_hz}"
            )

    def _has_jumped(self, last: tuple[int, float], now: tuple[int, float]) -> bool:
        """The clock went on by another time than the samples: it was set, or the machine slept."""
        heard_s, passed_s = (now[0] - last[0]) / self.rate_hz, now[1] - last[1]
        return abs(passed_s - heard_s) > max(_JUMP_S, heard_s / 2.0)
