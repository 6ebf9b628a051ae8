"""A plane to draw on, as SVG: values in, pixels out, with axes that have round numbers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from auscult.evaluation.markup import Markup, el
from auscult.evaluation.metrics import Array


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A plane to draw on.

    Parameters
    ----------
    x, y
        Smallest and largest value of each axis.
    x_label, y_label
        What the axes are.
    log_x
        Equal steps to the right are equal ratios.
    width, height, left, right, top, bottom
        Size and margins in pixels.

    Examples
    --------
    >>> plot = Plot(x=(0, 10), y=(0, 1), x_label="score", y_label="share", width=100, left=0, right=0)
    >>> plot.px([0, 5, 20]).tolist()
    [0.0, 50.0, 100.0]
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_label: str
    y_label: str
    log_x: bool = False
    width: int = 520
    height: int = 320
    left: int = 52
    right: int = 14
    top: int = 16
    bottom: int = 46

    @property
    def end(self) -> int:
        """Pixel of the right edge."""
        return self.width - self.right

    @property
    def base(self) -> int:
        """Pixel of the lower edge."""
        return self.height - self.bottom

    def px(self, values: Any) -> Array:
        """Horizontal pixels of values; those outside lie on the edge."""
        v, ends = np.asarray(values, float), np.asarray(self.x, float)
        if self.log_x:
            v, ends = np.log(np.maximum(v, ends[0] / 2)), np.log(ends)
        share = (v - ends[0]) / (ends[1] - ends[0])
        return np.asarray(self.left + np.clip(share, 0, 1) * (self.end - self.left))

    def py(self, values: Any) -> Array:
        """Vertical pixels of values; those outside lie on the edge."""
        share = (np.asarray(values, float) - self.y[0]) / (self.y[1] - self.y[0])
        return np.asarray(self.top + (1 - np.clip(share, 0, 1)) * (self.base - self.top))

    def svg(self, *marks: Markup, label: str) -> Markup:
        """The picture with its axes; `label` says in words what it shows."""
        return el(
            "svg",
            *self._axes(),
            *marks,
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
            aria_label=label,
        )

    def _axes(self) -> Iterator[Markup]:
        yield from self._y_axis()
        yield from self._x_axis()
        middle = (self.left + self.end) / 2
        yield el("text", self.x_label, x=middle, y=self.height - 8, class_="name mid")
        turned = f"translate(13 {(self.top + self.base) / 2:g}) rotate(-90)"
        yield el("text", self.y_label, class_="name mid", transform=turned)

    def _y_axis(self) -> Iterator[Markup]:
        for value in ticks(*self.y):
            y = float(self.py(value))
            yield el("line", x1=self.left, x2=self.end, y1=y, y2=y, class_="grid")
            # Counts drawn downwards are counts all the same.
            said = short(abs(value) if self.y[0] == -self.y[1] else value)
            yield el("text", said, x=self.left - 10, y=y + 4, class_="tick end")

    def _x_axis(self) -> Iterator[Markup]:
        for value in log_ticks(*self.x) if self.log_x else ticks(*self.x):
            x = float(self.px(value))
            yield el("line", x1=x, x2=x, y1=self.base, y2=self.base + 5, class_="axis")
            yield el("text", short(value), x=x, y=self.base + 18, class_="tick mid")
        yield el("line", x1=self.left, x2=self.end, y1=self.base, y2=self.base, class_="axis")

    def line(self, x: Any, y: Any, kind: str) -> Markup:
        """A curve through points, each pixel once."""
        return el("path", d=self._path(x, y), class_=kind)

    def area(self, x: Any, y: Any, kind: str) -> Markup:
        """What lies under a curve."""
        xs = np.asarray(x, float)
        down = np.r_[self.y[0], np.asarray(y, float), self.y[0]]
        return el("path", d=self._path(np.r_[xs[0], xs, xs[-1]], down) + "Z", class_=kind)

    def _path(self, x: Any, y: Any) -> str:
        points = np.stack([self.px(x), self.py(y)], axis=1).round(1)
        new = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
        return "M" + "L".join(f"{a:g} {b:g}" for a, b in points[new])

    def limit(self, value: float) -> tuple[Markup, ...]:
        """The bundle's limit as an upright line with its name; nothing where there is none."""
        if not math.isfinite(value):
            return ()
        x = float(self.px(value))
        step, kind = (5, "note") if x < self.width - 90 else (-5, "note end")
        return (
            el("line", x1=x, x2=x, y1=self.top, y2=self.base, class_="limit"),
            el("text", "limit", x=x + step, y=self.top + 10, class_=kind),
        )

    def dot(self, x: float, y: float, title: str) -> Markup:
        """A point to notice."""
        mark = el("title", title)
        return el("circle", mark, cx=float(self.px(x)), cy=float(self.py(y)), r=5.5, class_="dot")

    def note(self, text: str, x: float, y: float, kind: str = "note") -> Markup:
        """A word at a place."""
        return el("text", text, x=float(self.px(x)), y=float(self.py(y)), class_=kind)


def ticks(low: float, high: float) -> list[float]:
    """About five round numbers in a range.

    Examples
    --------
    >>> ticks(-1.0, 9.0)
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    raw = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers for a range of ratios: 1-2-5 up to two decades, else powers of ten.

    Examples
    --------
    >>> log_ticks(0.5, 30.0)
    [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 200 else (1,)
    return [m * 10.0**d for d in decades for m in steps if low <= m * 10.0**d <= high]


def short(value: float) -> str:
    """A number of an axis.

    Examples
    --------
    >>> short(-2.50)
    '−2.5'
    """
    return f"{value:.6g}".replace("-", "−")
