"""A picture of a sound over time and frequency, made without any library for pictures."""

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import hz_to_mel, log_mel_db
from auscult.audio.sound import Sound
from auscult.evaluation.markup import Markup, el
from auscult.evaluation.svg import Plot, short, ticks
from auscult.runtime.verdict import Explanation

# From dark to light, evenly in lightness, readable in grey and with any colour vision.
_INK = ((0, 0, 4), (28, 16, 68), (79, 18, 123), (129, 37, 129), (181, 54, 122), (229, 80, 100), (251, 135, 97), (254, 194, 135), (252, 253, 191))  # fmt: skip
_RANGE_DB = 60.0
_COLUMNS = 480
_NAMED_HZ = (500, 1000, 2000, 4000, 8000)


def spectrogram(
    sound: Sound, *, title: str, start_s: float = 0.0, explanation: Explanation | None = None
) -> Markup:
    """The sound as an SVG picture with axes, the explained part framed.

    Parameters
    ----------
    sound
        What to draw.
    title
        What it is, for those who can't see the picture.
    start_s
        Where it begins in its recording: the time that the axis begins with.
    explanation
        The part to frame, in seconds of the recording.
    """
    plot = Plot(
        x=(start_s, start_s + sound.duration_s),
        y=(0, float(hz_to_mel(sound.rate_hz / 2, "slaney"))),
        x_label="seconds",
        y_label="kHz",
        width=360,
        height=190,
        left=40,
        top=6,
        bottom=38,
        right=6,
    )
    framed = ", with the explained part framed" if explanation else ""
    return el(
        "svg",
        _image(plot, sound),
        *_axes(plot, sound.rate_hz / 2),
        *([_frame(plot, explanation)] if explanation else []),
        viewBox=f"0 0 {plot.width} {plot.height}",
        role="img",
        aria_label=f"Spectrogram of {title}, {sound.duration_s:.1f} s{framed}",
    )


def _image(plot: Plot, sound: Sound) -> Markup:
    picture = base64.b64encode(png(shades(sound))).decode()
    return el(
        "image",
        href=f"data:image/png;base64,{picture}",
        x=plot.left,
        y=plot.top,
        width=plot.end - plot.left,
        height=plot.base - plot.top,
        preserveAspectRatio="none",
    )


def _axes(plot: Plot, top_hz: float) -> Iterator[Markup]:
    """Names and numbers outside the picture, which needs no grid."""
    for hz in _NAMED_HZ:
        if hz < top_hz:
            y = float(plot.py(hz_to_mel(hz, "slaney")))
            yield el("text", short(hz / 1000), x=plot.left - 6, y=y + 4, class_="tick end")
    for second in ticks(*plot.x):
        x = float(plot.px(second))
        yield el("text", short(second), x=x, y=plot.base + 15, class_="tick mid")
    middle = (plot.left + plot.end) / 2
    yield el("text", plot.x_label, x=middle, y=plot.height - 5, class_="name mid")
    turned = f"translate(11 {(plot.top + plot.base) / 2:g}) rotate(-90)"
    yield el("text", plot.y_label, class_="name mid", transform=turned)


def _frame(plot: Plot, why: Explanation) -> Markup:
    x0, x1 = plot.px([why.start_s, why.end_s]).tolist()
    y1, y0 = plot.py(hz_to_mel(np.array([why.low_hz, why.high_hz]), "slaney")).tolist()
    return el("rect", x=x0, y=y0, width=max(x1 - x0, 2), height=max(y1 - y0, 2), class_="frame")


def shades(sound: Sound) -> NDArray[np.float32]:
    """Log-mel power from 0 to 1, the loudest on top of 60 dB, high bands first; shape (bands, columns)."""
    hop = max(128, len(sound.samples) // _COLUMNS)
    db = log_mel_db(sound.samples, rate_hz=sound.rate_hz, n_fft=1024, hop=hop, n_bands=96)
    top = float(np.percentile(db, 99.8))
    low = max(float(np.percentile(db, 2)), top - _RANGE_DB)
    shade = np.clip((db - low) / max(top - low, 1.0), 0, 1)
    return np.asarray(shade[::-1])


def png(shade: NDArray[np.floating[Any]]) -> bytes:
    """An indexed PNG of values from 0 to 1, shape (rows, columns)."""
    height, width = shade.shape
    # Every row of a PNG begins with the number of its filter: 0, none.
    rows = np.pad((shade * 255).round().astype(np.uint8), ((0, 0), (1, 0)))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", _palette().tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _palette() -> NDArray[np.uint8]:
    """The colours between the stops, shape (256, 3)."""
    stops = np.asarray(_INK, float)
    at = np.linspace(0, len(stops) - 1, 256)
    bands = [np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)]
    return np.stack(bands, axis=1).round().astype(np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
