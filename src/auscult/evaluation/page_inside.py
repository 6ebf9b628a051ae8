"""Pictures of what a bundle shows of itself: its map beside a spectrogram, and the filters that it has learned."""

import base64
from collections.abc import Iterator, Sequence

import numpy as np

from auscult.evaluation.inside import FilterPair, StrangeMap
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.metrics import Array
from auscult.evaluation.spectrogram import png
from auscult.evaluation.svg import Plot, short, ticks

_NAMED_HZ = (1000, 2000, 4000, 8000)
_SHOWN_TAPS = 8


def map_picture(drawn: StrangeMap, *, title: str) -> Markup:
    """A map as an SVG picture with the axes of the spectrogram above it: light is where it is stranger.

    Parameters
    ----------
    drawn
        What to draw; each picture has a scale of its own.
    title
        What it is of, for those who can't see the picture.
    """
    drawing = band_picture(
        _shades(drawn),
        x=(drawn.start_s, drawn.end_s),
        centres_hz=drawn.centres_hz,
        said=f"Where the bundle finds {title} strange",
    )
    return el("div", drawing, el("p", "Where it is strange to the bundle: light.", class_="muted"))


def band_picture(
    shade: Array, *, x: tuple[float, float], centres_hz: Sequence[float], said: str
) -> Markup:
    """Values by band and time as an SVG picture with axes.

    Parameters
    ----------
    shade
        From 0 to 1, shape (bands, frames), high bands first.
    x
        From when to when, in seconds.
    centres_hz
        Middle of each band, low ones first; empty where they are not known.
    said
        What it is, for those who can't see it.
    """
    plot = Plot(
        x=x,
        y=(0, len(shade)),
        x_label="seconds",
        y_label="kHz" if centres_hz else "",
        width=360,
        height=150,
        left=40,
        top=6,
        bottom=38,
        right=6,
    )
    picture = base64.b64encode(png(shade)).decode()
    image = el(
        "image",
        href=f"data:image/png;base64,{picture}",
        x=plot.left,
        y=plot.top,
        width=plot.end - plot.left,
        height=plot.base - plot.top,
        preserveAspectRatio="none",
    )
    return el(
        "svg",
        image,
        *_axes(plot, centres_hz),
        viewBox=f"0 0 {plot.width} {plot.height}",
        role="img",
        aria_label=said,
    )


def _shades(drawn: StrangeMap) -> Array:
    """From 0 to 1, high bands first: half of it is dark, and its few highest cells share the lightest shade."""
    values = drawn.values[::-1]
    low, top = np.percentile(values, [50.0, 99.8])
    return np.asarray(np.clip((values - low) / max(top - low, 1e-12), 0, 1))


def _axes(plot: Plot, centres_hz: Sequence[float]) -> Iterator[Markup]:
    for hz in _NAMED_HZ if centres_hz else ():
        if centres_hz[0] <= hz <= centres_hz[-1]:
            y = float(plot.py(np.interp(hz, centres_hz, np.arange(len(centres_hz)) + 0.5)))
            yield el("text", short(hz / 1000), x=plot.left - 6, y=y + 4, class_="tick end")
    for second in ticks(*plot.x):
        x = float(plot.px(second))
        yield el("text", short(second), x=x, y=plot.base + 15, class_="tick mid")
    middle = (plot.left + plot.end) / 2
    yield el("text", plot.x_label, x=middle, y=plot.height - 5, class_="name mid")
    turned = f"translate(11 {(plot.top + plot.base) / 2:g}) rotate(-90)"
    yield el("text", plot.y_label, class_="name mid", transform=turned)


def filter_picture(filters: Sequence[FilterPair]) -> Markup:
    """How much each learned filter lets through at each frequency."""
    found = [pair.responses() for pair in filters]
    top = max(float(max(low.max(), high.max())) for _, low, high in found)
    plot = Plot(
        x=(0, 1),
        y=(0, 1.08 * max(top, 1e-12)),
        x_label="frequency (1 = half the rate at that level)",
        y_label="gain",
    )
    lows = (plot.line(place, low, "curve") for place, low, _ in found)
    highs = (plot.line(place, high, "curve second") for place, _, high in found)
    return plot.svg(*highs, *lows, label=f"Gains of {len(found)} learned pairs of filters")


def filter_numbers(filters: Sequence[FilterPair]) -> Markup:
    """The first coefficients of each filter."""
    rows = [
        (pair.name, kind, ", ".join(f"{tap:.4f}" for tap in taps[:_SHOWN_TAPS]))
        for pair in filters
        for kind, taps in (("low", pair.low_pass), ("high", pair.high_pass))
    ]
    head = ("Level", "Lets through", "Coefficients")
    return data_table(head, rows, caption="Learned filters", words=3)
