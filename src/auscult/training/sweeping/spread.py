"""Several figures in one: their mean and how far they scatter."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from auscult.evaluation.words import number


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Figures in one.

    Parameters
    ----------
    mean
        Of them.
    sd
        Their deviation; `None` of one.
    n
        How many there are.

    Examples
    --------
    >>> spread = spread_of([0.7, 0.8, 0.9])
    >>> round(spread.mean, 3), round(spread.sd, 3), round(spread.se, 3)
    (0.8, 0.1, 0.058)
    """

    mean: float
    sd: float | None
    n: int

    @property
    def se(self) -> float | None:
        """Standard error of the mean."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)


def spread_of(values: Sequence[float]) -> Spread:
    """Mean and deviation of one value or more."""
    return Spread(mean=fmean(values), sd=stdev(values) if len(values) > 1 else None, n=len(values))


def spreads_of(figures: Iterable[Mapping[str, float]]) -> dict[str, Spread]:
    """Of each name that stands in some of them, over those.

    Examples
    --------
    >>> {name: one.n for name, one in spreads_of([{"source": 0.7}, {"source": 0.8, "target": 0.6}]).items()}
    {'source': 2, 'target': 1}
    """
    every = list(figures)
    names = dict.fromkeys(name for one in every for name in one)
    return {name: spread_of([one[name] for one in every if name in one]) for name in names}


def with_spread(figure: Spread | None) -> str:
    """A mean with its deviation.

    Examples
    --------
    >>> with_spread(spread_of([0.7, 0.8])), with_spread(spread_of([0.7])), with_spread(None)
    ('0.750 ± 0.071', '0.700', '–')
    """
    return _joined(figure, None if figure is None else figure.sd)


def with_error(figure: Spread | None) -> str:
    """A mean with its standard error."""
    return _joined(figure, None if figure is None else figure.se)


def _joined(figure: Spread | None, more: float | None) -> str:
    text = number(None if figure is None else figure.mean)
    return text if more is None else f"{text} ± {more:.3f}"
