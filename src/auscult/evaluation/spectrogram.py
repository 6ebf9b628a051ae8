def _spectrogram(row: Row, sound: Sound, start_s: float) -> Markup:
    """A picture of the sound over time and frequency, the explained part framed."""
    top_hz = sound.rate_hz / 2
    plot = Plot(
        x=(start_s, start_s + sound.duration_s),
        y=(0, float(hz_to_mel(top_hz, "slaney"))),
        x_label="seconds",
        y_label="",
        width=360,
        height=190,
        left=40,
        top=6,
        bottom=38,
        right=6,
    )
    base, end = plot.height - plot.bottom, plot.width - plot.right
    marks = [
        el(
            "image",
            href=_picture_uri(sound),
            x=plot.left,
            y=plot.top,
            width=end - plot.left,
            height=base - plot.top,
            preserveAspectRatio="none",
        )
    ]
    for hz in (500, 1000, 2000, 4000, 8000):
        if hz < top_hz:
            y = float(plot.py(hz_to_mel(hz, "slaney")))
            marks.append(
                el("text", short(hz / 1000), x=plot.left - 6, y=y + 4, class_="tick end")
            )
    for second in ticks(*plot.x):
        x = float(plot.px(second))
        marks.append(el("text", short(second), x=x, y=base + 15, class_="tick mid"))
    middle = (plot.left + end) / 2
    marks.append(el("text", "seconds", x=middle, y=plot.height - 5, class_="name mid"))
    turned = f"translate(11 {(plot.top + base) / 2:g}) rotate(-90)"
    marks.append(el("text", "kHz", class_="name mid", transform=turned))
    if row.explanation:
        why = row.explanation
        x0, x1 = (float(v) for v in plot.px([why.start_s, why.end_s]))
        y1, y0 = (
            float(v) for v in plot.py(hz_to_mel(np.array([why.low_hz, why.high_hz]), "slaney"))
        )
        marks.append(
            el("rect", x=x0, y=y0, width=max(x1 - x0, 2), height=max(y1 - y0, 2), class_="frame")
        )
    return el(
        "svg",
        *marks,
        viewBox=f"0 0 {plot.width} {plot.height}",
        role="img",
        aria_label=f"Spectrogram of {row.title}, {sound.duration_s:.1f} s"
        + (", with the explained part framed" if row.explanation else ""),
    )



def _picture_uri(sound: Sound) -> str:
    """Log-mel power as a PNG inside an address, the loudest on top of 60 dB."""
    hop = max(128, len(sound.samples) // 480)
    db = log_mel_db(sound.samples, rate_hz=sound.rate_hz, n_fft=1024, hop=hop, n_bands=96)
    top = float(np.percentile(db, 99.8))
    low = max(float(np.percentile(db, 2)), top - 60)
    shade = np.clip((db - low) / max(top - low, 1.0), 0, 1)
    return "data:image/png;base64," + base64.b64encode(_png(shade[::-1])).decode()



# From dark to light, evenly in lightness, readable in grey and with any colour vision.
_INK = ((0, 0, 4), (28, 16, 68), (79, 18, 123), (129, 37, 129), (181, 54, 122), (229, 80, 100), (251, 135, 97), (254, 194, 135), (252, 253, 191))  # fmt: skip



def _png(shade: NDArray[np.floating[Any]]) -> bytes:
    """An indexed PNG of values from 0 to 1, shape (rows, columns)."""
    stops = np.asarray(_INK, float)
    at = np.linspace(0, len(stops) - 1, 256)
    palette = np.stack(
        [np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1
    )
    height, width = shade.shape
    # Every row of a PNG begins with the number of its filter: 0, none.
    rows = np.pad((shade * 255).round().astype(np.uint8), ((0, 0), (1, 0)))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", palette.round().astype(np.uint8).tobytes()),
            chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            chunk(b"IEND", b""),
        )
    )

