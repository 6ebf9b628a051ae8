def _page(evaluation: Evaluation, listen: int, *, tsne: bool) -> Markup:
    title = f"How well {evaluation.bundle} hears"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("title", title),
        el("style", Markup(_STYLE)),
    )
    drawn = [
        _histogram_figure(evaluation),
        _confusion_figure(evaluation),
        _roc_figure(evaluation),
        _pr_figure(evaluation),
        _f1_figure(evaluation),
        _map_figure(evaluation, tsne=tsne),
    ]
    sections = [
        _section("In short", *_in_short(evaluation)),
        _section("Three ways of playing the same recordings", *_three_ways(evaluation)),
        _section("Figures", el("div", *(f for f in drawn if f), class_="grid")),
        _section("Machine by machine", *_by_unit(evaluation)),
    ]
    if evaluation.dcase:
        sections.append(_section("Official DCASE score", *_official(evaluation)))
    if listen > 0:
        hint = "At most ten seconds of each, brought to equal loudness for listening."
        sections.append(
            _section(
                "The worst misses", el("p", hint, class_="muted"), *_misses(evaluation, listen)
            )
        )
    if evaluation.skipped:
        rows = [(item.name, item.error) for item in evaluation.skipped]
        listing = data_table(
            ("Recording", "Why"), rows, caption="Recordings that could not be scored", words=2
        )
        sections.append(_section("Skipped", el("div", listing, class_="card")))
    sections.append(_section("How this was measured", _method(evaluation)))
    n = f"{evaluation.n_normal} normal and {evaluation.n_anomaly} anomalous recordings"
    top = el("header", el("h1", title), el("p", n, class_="muted"))
    return el("html", head, el("body", el("main", top, *sections)), lang="en")



def _section(title: str, *content: str) -> Markup:
    return el("section", el("h2", title), *content)



def _in_short(evaluation: Evaluation) -> list[Markup]:
    counted, first = evaluation.at_limit, evaluation.columns["as_recorded"]
    tiles = (
        (f"{first.auc:.2f}", "AUC as recorded", f"95 %: {interval(first.ci95)}; guessing 0.50"),
        (
            f"{counted.tp} of {evaluation.n_anomaly}",
            "anomalies heard",
            f"at the limit, {percent(counted.recall)}",
        ),
        (
            f"{counted.fp} of {evaluation.n_normal}",
            "false alarms",
            f"at the limit, {percent(counted.false_positive_rate)}",
        ),
        (f"{evaluation.level_auc:.2f}", "AUC of loudness alone", "what a level meter would reach"),
    )
    cards = [
        el("div", el("strong", big), el("span", name), el("small", more), class_="card tile")
        for big, name, more in tiles
    ]
    sentences = [el("p", sentence, class_="lead") for sentence in summary(evaluation)]
    notes = [el("li", text) for text in cautions(evaluation)]
    careful = [
        el("div", el("h3", "Before you believe it"), el("ul", *notes), class_="card careful")
    ]
    return [el("div", *cards, class_="tiles"), *sentences, *(careful if notes else [])]



def _three_ways(evaluation: Evaluation) -> list[Markup]:
    rows: list[Sequence[str]] = []
    for name in COLUMNS:
        column = evaluation.columns[name]
        rows.append(
            (
                COLUMN_TITLES[name],
                f"{column.auc:.3f}",
                interval(column.ci95),
                _bar(column.auc, column.ci95),
                f"{column.pauc:.3f}",
                interval(column.pauc_ci95),
                f"{column.average_precision:.3f}",
            )
        )
    rows.append(
        (
            "Loudness alone",
            f"{evaluation.level_auc:.3f}",
            "",
            _bar(evaluation.level_auc),
            "",
            "",
            "",
        )
    )
    head = ("", "AUC", "95 %", "0 to 1, tick at guessing", "pAUC", "95 %", "Average precision")
    text = (
        "Clips of one kind often come from one day with one microphone setting, so loudness can give the answer away. "
        "A bundle that hears the fault itself loses little from the first row to the third."
    )
    caption = "The same recordings as they are, at equal loudness, and at random gain"
    return [el("p", text), el("div", data_table(head, rows, caption=caption), class_="card")]



def _bar(value: float, ends: tuple[float, float] | None = None) -> Markup:
    """A small picture of a figure from 0 to 1 with its interval."""
    marks = [
        el("rect", x=0, y=6, width=120, height=4, rx=2, class_="track"),
        el("line", x1=60, x2=60, y1=2, y2=14, class_="axis"),
        el("rect", x=0, y=6, width=120 * value, height=4, rx=2, class_="fill"),
    ]
    if ends:
        x0, x1 = 120 * ends[0], 120 * ends[1]
        marks.append(el("line", x1=x0, x2=x1, y1=8, y2=8, class_="whisker"))
    marks.append(el("circle", cx=120 * value, cy=8, r=4, class_="knob"))
    return el("svg", *marks, viewBox="-6 0 132 16", class_="spark", aria_hidden="true")



def _by_unit(evaluation: Evaluation) -> list[Markup]:
    head = ("Machine", "Unit", "Domain", "Normal", "Anomalous", "AUC", "", "pAUC", "Equally loud", "Random gain", "Loudness alone", "Heard", "False alarms")  # fmt: skip
    rows = [
        (
            unit.machine or "–",
            unit.unit or "–",
            unit.domain or "–",
            str(unit.n_normal),
            str(unit.n_anomaly),
            number(unit.auc),
            "" if unit.auc is None else _bar(unit.auc),
            number(unit.pauc),
            number(unit.auc_rms_normalised),
            number(unit.auc_random_gain),
            number(unit.level_auc),
            percent(unit.recall),
            percent(unit.false_positive_rate),
        )
        for unit in evaluation.units
    ]
    text = "A unit with few recordings may lie far off by luck alone: read them together, never one by itself."
    listing = data_table(head, rows, caption="Figures of every machine, unit and domain", words=3)
    return [el("p", text), el("div", listing, class_="card")]



def _official(evaluation: Evaluation) -> list[Markup]:
    rows = [
        (rule.rule, "–" if rule.score is None else f"{100 * rule.score:.2f} %", rule.why_not)
        for rule in evaluation.dcase
    ]
    text = (
        "By the rule of each year; the one that counts is that of the year the recordings are from."
    )
    listing = data_table(("Year", "Score", ""), rows, caption="Official score, as recorded")
    return [el("p", text), el("div", listing, class_="card")]



def _method(evaluation: Evaluation) -> Markup:
    reference = f"{evaluation.level_reference_db:.1f} dBFS".replace("-", "−")
    known = {
        "learned": "the level learned",
        "test normals": "the median of the normal recordings here",
    }
    lines = (
        (
            "AUC: the chance that an anomalous recording scores above a normal one. pAUC: the same with at most 10 % false "
            "alarms, scaled so that guessing is 0.5 (McClish; as in DCASE)."
        ),
        f"Intervals: {evaluation.draws} bootstrap draws of normal and anomalous recordings, 95 %, seed {evaluation.seed}.",
        (
            "Equally loud: every clip at an RMS of 0.05 (−26 dBFS). Random gain: −6 to +6 dB, by the recording's name and the "
            "seed. A gain is kept smaller where the peak would pass full scale."
        ),
        f"Loudness alone: distance of the level from {reference}, {known[evaluation.level_reference]}.",
        (
            f"One score of a long recording: {'the highest of its parts' if evaluation.pool == 'max' else 'its average sound'}. "
            f"The bundle listens at {evaluation.sample_rate_hz} Hz."
        ),
        "Decisions are the bundle's own, as recorded. Every label but “normal” counts as anomalous.",
    )
    return el("ul", *(el("li", line) for line in lines), class_="muted")



_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"

