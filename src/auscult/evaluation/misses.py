def _misses(evaluation: Evaluation, listen: int) -> list[Markup]:
    ranked = sorted(evaluation.rows, key=lambda row: row.score)
    quiet = [row for row in ranked if not row.is_normal][:listen]
    loud = [row for row in reversed(ranked) if row.is_normal][:listen]
    used = 0
    parts: list[Markup] = []
    for title, rows in (
        ("Anomalous recordings that it found least strange", quiet),
        ("Normal recordings that it found strangest", loud),
    ):
        cards = []
        for row in rows:
            card, size = _miss(evaluation, row, MAX_SOUND_BYTES - used)
            cards.append(card)
            used += size
        parts += [el("h3", title), el("div", *cards, class_="grid small")]
    return parts



def _miss(evaluation: Evaluation, row: Row, room_bytes: int) -> tuple[Markup, int]:
    """A card with the recording's picture and sound, and how many bytes of sound it holds."""
    size = 0
    try:
        sound, start_s = _excerpt(row, min(LISTEN_HZ, evaluation.sample_rate_hz))
    except AuscultError as error:
        shown = [el("p", f"It can't be played: {error}", class_="muted")]
    else:
        shown = [_spectrogram(row, sound, start_s)]
        data = _wav_uri(sound)
        if len(data) <= room_bytes:
            size = len(data)
            shown.append(el("audio", src=data, controls=True, aria_label=f"Play {row.title}"))
        else:
            shown.append(el("p", "Left out of the page to keep it small.", class_="muted"))
    wrong = row.is_anomaly == row.is_normal
    verdict = {
        (True, True): "false alarm",
        (True, False): "rightly quiet",
        (False, False): "missed",
        (False, True): "heard",
    }[row.is_normal, row.is_anomaly]
    facts = [
        f"score {row.score:.3g}",
        *([f"{row.ratio:.2f} × limit"] if math.isfinite(row.ratio) else []),
        f"{row.level_db:.0f} dBFS".replace("-", "−"),
        unit_name(row.machine, row.unit, row.domain) if row.machine or row.unit else row.label,
    ]
    text = [el("p", row.explanation.text)] if row.explanation else []
    card = el(
        "article",
        el(
            "h4",
            row.title,
            " ",
            el("span", verdict, class_="tag bad" if wrong else "tag"),
            title=row.name,
        ),
        el("p", " · ".join(facts), class_="muted"),
        *text,
        *shown,
        class_="card",
    )
    return card, size



def _excerpt(row: Row, rate_hz: int) -> tuple[Sound, float]:
    """At most ten seconds, the explained stretch in the middle, loud enough to hear; and where they start."""
    start_s = 0.0
    if row.explanation:
        middle_s = (row.explanation.start_s + row.explanation.end_s) / 2
        start_s = float(np.clip(middle_s - LISTEN_S / 2, 0, max(row.duration_s - LISTEN_S, 0)))
    if row.clip.sound is None:
        first_s = row.clip.start_s + start_s
        goes_on = row.duration_s > start_s + LISTEN_S
        clip = replace(
            row.clip, start_s=first_s, end_s=first_s + LISTEN_S if goes_on else row.clip.end_s
        )
    else:
        clip = replace(row.clip, sound=_cut(row.clip.sound, start_s))
    with warnings.catch_warnings():
        # What there is to say about the file was said when it was scored.
        warnings.simplefilter("ignore", AuscultWarning)
        sound = sound_of(clip, rate_hz=rate_hz)
    rms = float(np.sqrt(np.mean(np.square(sound.samples, dtype=np.float64))))
    peak = float(np.abs(sound.samples).max(initial=0))
    gain = min(LISTEN_RMS / rms, 0.99 / peak) if rms else 1.0
    return Sound(samples=sound.samples * np.float32(gain), rate_hz=rate_hz), start_s



def _cut(sound: Sound, start_s: float) -> Sound:
    start = round(start_s * sound.rate_hz)
    end = start + round(LISTEN_S * sound.rate_hz)
    return Sound(samples=sound.samples[start:end], rate_hz=sound.rate_hz)



def _wav_uri(sound: Sound) -> str:
    """The sound as a 16-bit WAV inside an address."""
    file = io.BytesIO()
    sf.write(file, sound.samples, sound.rate_hz, format="WAV", subtype="PCM_16")
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()

