"""A replayed recording as one HTML page: its timeline, what each sensitivity trades, and when each fault was heard."""

from collections.abc import Iterator

import numpy as np

from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.operating import DAY_S, OperatingPoint
from auscult.evaluation.page import card, document, section
from auscult.evaluation.page_parts import figure, legend
from auscult.evaluation.replay import Replay
from auscult.evaluation.svg import Plot
from auscult.evaluation.words import percent

_COLUMNS = 900
_TALLEST = 6.0
_LISTED = 200
_MOSTLY_QUIET = 0.5


def replay_page(found: Replay) -> str:
    """The whole page."""
    subtitle = f"{clock(found.duration_s)} of sound, heard by {found.bundle} as if it were live"
    return document(f"Replay of {found.recording}", subtitle, _sections(found))


def _sections(found: Replay) -> Iterator[Markup]:
    yield section("In short", *(el("p", text, class_="lead") for text in replay_words(found)))
    yield section("From beginning to end", _timeline(found))
    yield section("Choose a sensitivity", *_choices(found))
    if found.truth is not None and found.truth:
        yield section("Fault by fault", _faults(found.chosen))
    if found.chosen.alarms:
        yield section("Event by event", *_alarms(found.chosen))
    yield section("How this was measured", _method(found))


def replay_words(found: Replay) -> tuple[str, ...]:
    """The result in a few sentences."""
    point = found.chosen
    told = f"At a budget of {rate(point.budget_per_day)} a day, it tells of {events(len(point.alarms))} in {clock(found.duration_s)}."
    if found.truth is None:
        return (
            told,
            "Nothing says what really happened: if all of it was normal, these are false events.",
            found.promise,
        )
    about = _about_faults(point)
    n = point.n_false
    false = (
        f"{events(n)[0].upper()}{events(n)[1:]} {'are' if n > 1 else 'is'} about no fault: {rate(point.false_per_day)} a day, and at "
        f"most {rate(point.false_per_day_at_most)} by what so much normal sound can tell (95 %)."
    )
    return told, about, false, found.promise


def _about_faults(point: OperatingPoint) -> str:
    n = len(point.heard)
    if not n:
        return "The table says that nothing was wrong."
    heard = n - point.n_missed
    delay = point.median_delay_s
    late = "" if delay is None else f", half of those within {delay:.1f} s of their beginning"
    return f"Of {n} fault{'s' if n != 1 else ''} it hears {heard}{late}."


def clock(seconds: float) -> str:
    """A length of time for people.

    >>> clock(75.0), clock(5400.0), clock(9.5)
    ('1 min 15 s', '1 h 30 min', '9.5 s')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def rate(per_day: float | None) -> str:
    """How many a day, in as many digits as matter.

    >>> rate(0.14), rate(1234.6), rate(None)
    ('0.14', '1235', '–')
    """
    if per_day is None:
        return "–"
    return f"{per_day:.0f}" if per_day >= 100 else f"{per_day:.3g}"


def events(count: int) -> str:
    """How many events, as words begin a sentence or stand in one."""
    return f"{count} event{'s' if count != 1 else ''}" if count else "no event"


# The recording


def _timeline(found: Replay) -> Markup:
    plot = Plot(
        x=(0, found.duration_s),
        y=(0, _top(found)),
        x_label="seconds",
        y_label="ratio to the limit",
        width=1000,
        height=300,
    )
    marks = [
        *(_span(plot, f.start_s, f.end_s, "shade", f"fault {f.label}") for f in found.truth or ()),
        *_ratios(plot, found),
        plot.line(plot.x, (1, 1), "chance"),
        *_event_bars(plot, found.chosen),
    ]
    picture = plot.svg(*marks, label="Ratio of every window to the limit, with faults and events")
    names = [("stroke", "ratio (1 is the limit)")]
    if found.truth is not None:
        names += [("c0", "fault"), ("c1", "event about a fault"), ("c4", "false event")]
    else:
        names += [("c1", "event")]
    rows = [(clock(start_s), f"{top:.2f}") for start_s, top in _peaks(found)]
    numbers = data_table(("From", "Highest ratio"), rows, caption="Highest ratio by stretch")
    return figure(
        "How far from normal it sounded",
        "The highest ratio of every moment; from 1 on, an event begins. Bars above are events, as they were told.",
        picture,
        numbers,
        legend(*names),
    )


def _top(found: Replay) -> float:
    highest = max((verdict.ratio for verdict in found.verdicts), default=0.0)
    return min(max(1.25 * highest, 1.6), _TALLEST)


def _ratios(plot: Plot, found: Replay) -> list[Markup]:
    """The highest ratio in each column of pixels, unbroken stretches as lines."""
    ends = np.array([verdict.end_s for verdict in found.verdicts])
    ratios = np.array([verdict.ratio for verdict in found.verdicts])
    columns = np.minimum((ends / found.duration_s * _COLUMNS).astype(int), _COLUMNS - 1)
    highest = np.full(_COLUMNS, -np.inf)
    np.maximum.at(highest, columns, ratios)
    known = np.flatnonzero(np.isfinite(highest))
    return [plot.line((known + 0.5) * found.duration_s / _COLUMNS, highest[known], "curve")]


def _span(plot: Plot, start_s: float, end_s: float, kind: str, said: str) -> Markup:
    x, end = plot.px([start_s, end_s]).tolist()
    shape = {"x": x, "y": plot.top, "width": max(end - x, 1.0), "height": plot.base - plot.top}
    return el("rect", el("title", said), **shape, class_=kind)


def _event_bars(plot: Plot, point: OperatingPoint) -> Iterator[Markup]:
    for alarm in point.alarms:
        x, end = plot.px([alarm.start_s, alarm.end_s]).tolist()
        kind = "bar c4" if alarm.is_false else "bar c1"
        said = f"{alarm.start_s:.1f} to {alarm.end_s:.1f} s, told at {alarm.told_s:.1f} s, ratio {alarm.peak_ratio:.2f}"
        yield el(
            "rect", el("title", said), x=x, y=2, width=max(end - x, 2.0), height=9, class_=kind
        )


def _peaks(found: Replay, parts: int = 24) -> list[tuple[float, float]]:
    """The highest ratio of each of a few equal parts."""
    step_s = found.duration_s / parts
    tops: dict[int, float] = {}
    for verdict in found.verdicts:
        part = min(int(verdict.start_s / step_s), parts - 1)
        tops[part] = max(tops.get(part, 0.0), verdict.ratio)
    return [(part * step_s, top) for part, top in sorted(tops.items())]


# What to choose


def _choices(found: Replay) -> Iterator[Markup]:
    yield el(
        "p",
        "Lower limits hear more and call more often. Choose the budget whose row you can live with, and give it as --budget; "
        "budgets that differ little in this recording may differ in a longer one.",
    )
    if found.truth is not None and found.truth:
        yield _trade(found)
    rows = [_budget_cells(point, found) for point in found.budgets]
    head = ("Budget a day", "Limits ×", "Events", "False", "False a day", "At most (95 %)", "Normal time under alarm", "Heard", "Median delay")  # fmt: skip
    yield card(data_table(head, rows, caption="What each budget would have done", words=1))


def _budget_cells(point: OperatingPoint, found: Replay) -> tuple[str, ...]:
    known = found.truth is not None
    delay = point.median_delay_s
    mine = " (chosen)" if point.budget_per_day == found.chosen.budget_per_day else ""
    return (
        f"{rate(point.budget_per_day)}{mine}",
        f"{point.factor:.3f}",
        str(len(point.alarms)),
        str(point.n_false) if known else "–",
        rate(point.false_per_day) if known else "–",
        rate(point.false_per_day_at_most) if known else "–",
        percent(point.false_s / point.normal_s, 1) if point.normal_s else "–",
        f"{len(point.heard) - point.n_missed}/{len(point.heard)}" if point.heard else "–",
        "–" if delay is None else f"{delay:.1f} s",
    )


def _trade(found: Replay) -> Markup:
    """Misses against false events a day; limits that call most of the time are no choice, and left out."""
    shown = [one for one in found.points if one.false_s <= _MOSTLY_QUIET * one.normal_s]
    at = [_place(one, found) for one in shown]
    most = max((x for x, _ in at), default=1.0)
    least = DAY_S / max(found.chosen.normal_s, 1.0) / 2.0
    plot = Plot(
        x=(least, max(2.0 * most, 8.0 * least)),
        y=(0, 1.08),
        log_x=True,
        x_label="false events a day (the left edge is none)",
        y_label="share of faults missed",
        width=1000,
        height=340,
    )
    own = found.chosen
    missed, delay = percent(own.missed), own.median_delay_s
    late = "" if delay is None else f", median delay {delay:.1f} s"
    said = (
        f"At the budget chosen: {rate(own.false_per_day)} false events a day, {missed} missed{late}"
    )
    xs, ys = [x for x, _ in at], [y for _, y in at]
    picture = plot.svg(
        *([plot.line(xs, ys, "curve")] if len(at) > 1 else []),
        *(plot.dot(*_place(one, found), _said(one)) for one in found.budgets if one is not own),
        plot.dot(*_place(own, found), said),
        plot.note("chosen", *_place(own, found), "note up"),
        label=f"Share of faults missed against false events a day. {said}.",
    )
    head = ("Limits ×", "False a day", "Missed", "Median delay")
    rows = [_point_cells(one) for one in shown]
    return figure(
        "Misses against false events",
        f"Each place on the line is a limit; rings are budgets. The best is the lower left corner. {said}.",
        picture,
        data_table(head, rows, caption="What limits would have done", words=0),
    )


def _place(point: OperatingPoint, found: Replay) -> tuple[float, float]:
    """On the picture: none at all lies at the left edge, half of one in the whole recording."""
    least = DAY_S / max(found.chosen.normal_s, 1.0) / 2.0
    return max(point.false_per_day or 0.0, least), point.missed or 0.0


def _said(point: OperatingPoint) -> str:
    return f"Budget {rate(point.budget_per_day)} a day: {rate(point.false_per_day)} false a day, {percent(point.missed)} missed"


def _point_cells(point: OperatingPoint) -> tuple[str, ...]:
    delay = point.median_delay_s
    late = "–" if delay is None else f"{delay:.1f} s"
    return f"{point.factor:.3f}", rate(point.false_per_day), percent(point.missed), late


# Lists


def _faults(point: OperatingPoint) -> Markup:
    rows = [
        (
            one.fault.label or "–",
            f"{one.fault.start_s:.1f}",
            f"{one.fault.end_s:.1f}",
            "missed" if one.delay_s is None else f"{one.delay_s:.1f} s",
        )
        for one in point.heard[:_LISTED]
    ]
    head = ("Fault", "From (s)", "To (s)", "Heard after")
    return card(data_table(head, rows, caption="Every fault at the budget chosen"))


def _alarms(point: OperatingPoint) -> Iterator[Markup]:
    words = {True: "false", False: "about a fault", None: "–"}
    rows = [
        (
            words[a.is_false],
            a.kind,
            a.rule,
            *(f"{t:.1f}" for t in (a.start_s, a.end_s, a.told_s)),
            f"{a.peak_ratio:.2f}",
        )
        for a in point.alarms[:_LISTED]
    ]
    head = ("", "Kind", "Rule", "From (s)", "To (s)", "Told (s)", "Peak ratio")
    if len(point.alarms) > _LISTED:
        yield el("p", f"The first {_LISTED} of {len(point.alarms)}.", class_="muted")
    yield card(data_table(head, rows, caption="Every event at the budget chosen", words=3))


def _method(found: Replay) -> Markup:
    unjudged = sum(verdict.state in ("no_signal", "unreliable") for verdict in found.verdicts)
    lines = (
        (
            "The recording was heard once, window by window as from a microphone; limits, votes and patience were gone through again "
            "for each sensitivity."
        ),
        (
            "An event is about a fault if it reaches into it and was told after the fault had begun; others are false. A fault is heard "
            "when the first event about it is told, at the end of the window that brought it."
        ),
        "False events a day: their number by the time without a fault. “At most” is the upper end of a Poisson mean (Garwood 1936).",
        f"{len(found.verdicts)} windows; {unjudged} could not be judged (no signal, or clipped).",
    )
    return el("ul", *(el("li", line) for line in lines), class_="muted")
