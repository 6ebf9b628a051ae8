"""What counting rare things tells of their rate; no SciPy."""

from math import exp, lgamma, log


def _at_most(count: int, mean: float) -> float:
    """P(N <= count) for a Poisson variable."""
    return sum(exp(k * log(mean) - mean - lgamma(k + 1.0)) for k in range(count + 1))


def upper_mean(count: int, confidence: float = 0.95) -> float:
    """Largest mean at which so few would be counted with a probability of 1 - `confidence`: an upper bound for the mean.

    Half the quantile of chi-squared with 2·(count + 1) degrees of freedom (Garwood 1936), found by bisection.

    Parameters
    ----------
    count
        How many were counted, 0 or more.
    confidence
        0 < confidence < 1.

    Examples
    --------
    >>> [round(upper_mean(count), 2) for count in (0, 1, 2, 10)]
    [3.0, 4.74, 6.3, 16.96]
    """
    low, high = count + 1e-9, 10.0 * (count + 5.0)
    while _at_most(count, high) > 1.0 - confidence:
        high *= 2.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _at_most(count, middle) > 1.0 - confidence else (low, middle)
    return high
