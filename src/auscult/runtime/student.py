"""The quantile of Student's t distribution far out in the tail, where limits live; no SciPy.

The upper tail is half the regularised incomplete beta function I_x(nu/2, 1/2) at x = nu/(nu + t²), computed by Lentz's
continued fraction (Press et al., *Numerical Recipes*, §6.4); the quantile is found by bisection on log t.
"""

from functools import lru_cache
from math import exp, lgamma, log, log1p

_TINY = 1e-300
_TERMS = 400
_MIN_LOG_T, _MAX_LOG_T = -40.0, 200.0


def _continued_fraction(a: float, b: float, x: float) -> float:
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0) or _TINY)
    c, result = 1.0, d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d or _TINY)
            c = 1.0 + term / c or _TINY
            change = c * d
            result *= change
        if abs(change - 1.0) < 1e-15:
            break
    return result


def _log_beta_tail(a: float, b: float, x: float) -> float:
    """Logarithm of I_x(a, b)."""
    log_front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    if x < (a + 1.0) / (a + b + 2.0):
        return log_front + log(_continued_fraction(a, b, x) / a)
    return log1p(-exp(log_front) * _continued_fraction(b, a, 1.0 - x) / b)


def log_tail(t: float, nu: float) -> float:
    """Natural logarithm of P(T > t), t > 0."""
    x = nu / (nu + t * t)
    if x >= 1.0:
        return log(0.5)
    return log(0.5) + _log_beta_tail(nu / 2.0, 0.5, x)


@lru_cache(maxsize=1024)  # every new stream asks for the same few
def upper_quantile(tail: float, nu: float) -> float:
    """The t that Student's t with `nu` degrees of freedom exceeds with probability `tail`.

    Parameters
    ----------
    tail
        0 < tail <= 0.5.
    nu
        Degrees of freedom, > 0; need not be whole.

    Examples
    --------
    >>> round(upper_quantile(0.025, 10.0), 4)
    2.2281
    """
    if not 0.0 < tail <= 0.5:
        raise ValueError(f"tail is {tail}; expected 0 < tail <= 0.5")
    target = log(tail)
    low, high = _MIN_LOG_T, _MAX_LOG_T
    for _ in range(200):
        middle = (low + high) / 2.0
        if log_tail(exp(middle), nu) > target:
            low = middle
        else:
            high = middle
        if high - low < 1e-13:
            break
    return exp((low + high) / 2.0)
