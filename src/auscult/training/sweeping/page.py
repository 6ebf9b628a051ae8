"""A sweep as one HTML page that holds everything it shows, asks nothing of the network and runs no script."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.page import card, document, section
from auscult.evaluation.words import count, number
from auscult.training.sweeping.job import Row
from auscult.training.sweeping.official import Official
from auscult.training.sweeping.spread import with_error, with_spread
from auscult.training.sweeping.sweep import Swept
from auscult.training.sweeping.table import (
    Cell,
    Total,
    domains_of,
    of_versions,
    official_name,
    part_title,
    shown,
    why_not,
)
from auscult.training.sweeping.units import Unit

_COLOURS = 6
_ROW_PX = 26
_APART_PX = 10
_LEFT_PX, _WIDTH_PX, _TOP_PX = 230, 560, 30


def sweep_page(
    swept: Swept,
    cells: Sequence[Cell],
    totals: Sequence[Total],
    officials: Sequence[Official] = (),
    *,
    root: str,
) -> str:
    """The whole page."""
    units = len({cell.unit for cell in cells})
    methods = len({cell.method for cell in cells})
    subtitle = f"{units} unit{'s' * (units != 1)} of {root}, {methods} method{'s' * (methods != 1)}"
    parts = _sections(swept, cells, totals, officials)
    return document("Every machine, every method", subtitle, parts)


def _sections(
    swept: Swept, cells: Sequence[Cell], totals: Sequence[Total], officials: Sequence[Official]
) -> Iterator[Markup]:
    if swept.failed:
        yield section("What failed", _failed(swept.failed))
    yield section("Over all units", *_over_all(totals, domains_of(cells)))
    if officials:
        yield section("Official DCASE scores", *_official(officials))
    if any(cell.figures for cell in cells):
        yield section("Unit by unit", *_picture(cells))
    yield section("Figures of each unit", *_by_unit(cells))
    yield section("How this was measured", _method(cells, of_versions(swept.rows)))


def _failed(failed: Sequence[Row]) -> Markup:
    rows = [(row.unit.name, row.method, str(row.seed), row.error) for row in failed]
    head = ("Unit", "Method", "Seed", "Why")
    return card(data_table(head, rows, caption="Nothing came of these", words=4))


def _over_all(totals: Sequence[Total], domains: Sequence[str]) -> Iterator[Markup]:
    head = ("", "Units", *_areas(domains), "Harmonic AUC", "Harmonic pAUC", "F1", "Learned in s")
    yield el(
        "p",
        "Means over units, each unit counted once, with their standard errors. Two methods whose errors overlap have hardly been told "
        "apart. “Equally loud” is the column to go by wherever loudness alone reaches far.",
    )
    rows = [_total(one, domains) for one in totals]
    yield card(data_table(head, rows, caption="Every method"))


def _areas(domains: Sequence[str]) -> tuple[str, ...]:
    """Headings of what `shown` gives."""
    return ("AUC", "pAUC", *(f"AUC {domain}" for domain in domains), "Equally loud", "Random gain")


def _total(total: Total, domains: Sequence[str]) -> tuple[str, ...]:
    return (
        total.name,
        str(total.units),
        *map(with_error, shown(total, domains)),
        number(total.harmonic.get("auc")),
        number(total.harmonic.get("pauc")),
        number(total.f1),
        "" if total.seconds is None else f"{total.seconds:,.1f}",
    )


# Official scores


def _official(officials: Sequence[Official]) -> Iterator[Markup]:
    yield el(
        "p",
        "As recorded, by the rule of the years named; the one that counts is that of the year the recordings are from. 2020: mean of AUC "
        "and pAUC, over the IDs of a machine, then over machines. Later: harmonic mean of all figures of all sections and machines. "
        "± is the deviation over seeds.",
    )
    for rule in dict.fromkeys(one.rule for one in officials):
        yield card(_of_rule(rule, [one for one in officials if one.rule == rule]))
    missing = why_not(officials)
    if missing:
        yield el("ul", *(el("li", text) for text in missing), class_="muted")


def _of_rule(rule: str, officials: Sequence[Official]) -> Markup:
    parts = tuple(dict.fromkeys(name for one in officials for name in one.parts))
    head = ("Machine", "Method", "Units", "Seeds", "Score", *map(part_title, parts))
    rows = [
        (
            official_name(one),
            one.method,
            str(one.units),
            str(one.score.n if one.score else 0),
            with_spread(one.score),
            *(with_spread(one.parts.get(name)) for name in parts),
        )
        for one in officials
    ]
    return data_table(head, rows, caption=f"By the rule of {rule}", words=2)


# The picture: a line a unit, a dot a method


def _picture(cells: Sequence[Cell]) -> Iterator[Markup]:
    measured = [cell for cell in cells if cell.figures and not cell.part]
    methods = tuple(dict.fromkeys(cell.method for cell in measured))
    units = tuple(dict.fromkeys(cell.unit for cell in measured))
    keys = [
        el("span", el("span", class_=f"key round c{_colour(i)}"), name)
        for i, name in enumerate(methods)
    ]
    marks = [*_axis(len(units))]
    for line, unit in enumerate(units):
        marks += _line(line, unit, [cell for cell in measured if cell.unit == unit], methods)
    height = _TOP_PX + _ROW_PX * len(units) + 24
    label = f"AUC with every clip equally loud, of {len(units)} units by {', '.join(methods)}"
    picture = el(
        "svg",
        *marks,
        viewBox=f"0 0 {_LEFT_PX + _WIDTH_PX + 20} {height}",
        role="img",
        aria_label=label,
    )
    hint = "AUC with every clip equally loud; the upright tick is what loudness alone reaches as recorded."
    yield el("p", hint, class_="muted")
    yield card(Markup(el("div", *keys, class_="legend") + picture))


def _axis(n: int) -> Iterator[Markup]:
    base = _TOP_PX + _ROW_PX * n
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        yield el("line", x1=x, x2=x, y1=_TOP_PX - 8, y2=base, class_="grid")
        yield el("text", f"{tenth / 10:g}", x=x, y=base + 16, class_="tick mid")
    yield el("line", x1=_x(0.5), x2=_x(0.5), y1=_TOP_PX - 8, y2=base, class_="chance")


def _line(line: int, unit: Unit, cells: Sequence[Cell], methods: Sequence[str]) -> Iterator[Markup]:
    y = _TOP_PX + _ROW_PX * (line + 0.5)
    yield el("text", unit.name, x=_LEFT_PX - 12, y=y + 4, class_="tick end")
    level = _x(cells[0].level["auc"])
    yield el("line", x1=level, x2=level, y1=y - 8, y2=y + 8, class_="axis")
    for cell in cells:
        place = methods.index(cell.method)
        # A little apart, so that one does not hide another.
        above = _APART_PX * (place - (len(methods) - 1) / 2) / max(len(methods) - 1, 1)
        auc = cell.figures["rms_normalised"]["auc"]
        title = el("title", f"{unit.name}, {cell.method}: {with_spread(auc)}")
        kind = f"mark c{_colour(place)}"
        yield el("circle", title, cx=_x(auc.mean), cy=y + above, r=5, class_=kind)


def _x(value: float) -> float:
    return _LEFT_PX + _WIDTH_PX * value


def _colour(number: int) -> int:
    return number % _COLOURS


# Tables


def _by_unit(cells: Sequence[Cell]) -> Iterator[Markup]:
    domains = domains_of(cells)
    head = (
        *("Unit", "Method", "Bundle", "Seeds", "Normal", "Anomalous"),
        *_areas(domains),
        *("Loudness alone", "F1", "Always an alarm", "Learned in s"),
    )
    yield el(
        "p",
        "Means over seeds with their deviation. A unit with few recordings may lie far off by luck alone.",
    )
    rows = [_cell(cell, domains) for cell in cells]
    caption = "Every unit by every method, each with its best bundle"
    yield card(data_table(head, rows, caption=caption, words=3))


def _cell(cell: Cell, domains: Sequence[str]) -> tuple[str, ...]:
    return (
        cell.unit.name,
        cell.name + (" *" if cell.is_test_held_out else ""),
        el("a", "bundle", href=quote(cell.bundle)),
        str(cell.seeds),
        str(cell.n_normal),
        str(cell.n_anomaly),
        *map(with_spread, shown(cell, domains)),
        number(cell.level.get("auc")),
        number(cell.f1),
        number(cell.always_alarm_f1),
        "" if cell.seconds is None else f"{cell.seconds:,.1f}",
    )


def _method(cells: Sequence[Cell], versions: str) -> Markup:
    lines = [
        (
            "Each unit is learned by itself, from its normal recordings without those of the test. The test: the normal recordings "
            "that the data set names as such, or else a share that is drawn once, and all anomalous ones."
        ),
        (
            "The best bundle of a unit is the one of the seed with the smallest loss on normal sound that was held out. Where there "
            "is no such loss (memory, or too little sound) it is that of the first seed. The test never chooses, and all seeds hold "
            "the same sound out."
        ),
        (
            "Over seeds: mean ± standard deviation. Over units: mean of the units' means ± standard error. Harmonic means are over "
            "units, as recorded."
        ),
        (
            "Loudness alone: distance of the level from the median of the test's own normal recordings. Equally loud: every clip at "
            "an RMS of 0.05. Random gain: −6 to +6 dB. pAUC: at most 10 % false alarms, scaled so that guessing is 0.5."
        ),
    ]
    if domains_of(cells):
        lines.append(
            "AUC source, AUC target: the normal recordings of that domain against all anomalous ones, because nobody is told the domain of "
            "a recording when it is judged. AUC alone is of both domains together."
        )
    held_out = sum(cell.is_test_held_out for cell in cells)
    if held_out:
        lines.append(
            f"* {count(held_out).replace('recording', 'line')}: there was no other test than what had chosen the epoch. These figures flatter."
        )
    if versions:
        lines.append(versions)
    return el("ul", *(el("li", line) for line in lines), class_="muted")
