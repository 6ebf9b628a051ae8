"""Where a sound begins and ends: windows that it fills in part, worked out from one that it fills.

The spectrum embedder measures how each band moves within a window. A sound that is there for a tenth of two seconds moves its bands more than one
that is there all the time, and knocks where the sound itself only hums: such windows lie in quite another direction from normal than the sound does,
and how they lie depends on the moment at which it began. None of that is chance: of each band the levels without and with the sound are known, and so
is what a mixture of both gives.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHARES = (0.1, 0.3, 0.6)
"""Of the window, how much the sound fills. Between two of these the way to the nearer one is near enough: five did no better."""

# The mean of a band's power lies so much over that of its logarithm, for each unit of impulsiveness: as for noise, 0.577 for ln 2.
_GAP = 0.5772156649015329 / np.log(2.0)


def edges(normal: Array, full: Array) -> Array:
    """What the spectrum embedder makes of windows that a sound fills in part.

    Parameters
    ----------
    normal, full
        Embeddings of a window without the sound, and of one that is full of it, shape (3 · bands,).

    Returns
    -------
    embeddings
        One for each of `SHARES`, shape (shares, 3 · bands).

    Examples
    --------
    >>> steady = np.zeros(6)
    >>> edges(steady, steady).round(6).tolist() == np.zeros((3, 6)).tolist()
    True
    """
    (m0, s0, k0), (m1, s1, k1) = np.split(normal, 3), np.split(full, 3)
    # Levels are known against the mean of all bands, which a loud band lifts: most bands are taken for unchanged.
    louder = (m1 - m0) - np.median(m1 - m0)
    share = np.array(SHARES)[:, None]
    mean = share * louder
    m = m0 + mean - mean.mean(axis=1, keepdims=True)
    s = np.sqrt(share * s1**2 + (1.0 - share) * s0**2 + share * (1.0 - share) * louder**2)
    gap0, gap1 = (_GAP * np.maximum(k, 0.0) for k in (k0, k1))
    first = share * np.exp(louder + gap1) + (1.0 - share) * np.exp(gap0)
    second = share * np.exp(2.0 * (louder + gap1) + k1) + (1.0 - share) * np.exp(2.0 * gap0 + k0)
    return np.concatenate([m, s, np.log(second) - 2.0 * np.log(first)], axis=1)
