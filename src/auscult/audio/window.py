"""Sound cut into windows of fixed length; how it arrives in blocks never changes them."""

import numpy as np

from auscult.audio.sound import Samples
from auscult.errors import RecipeError


class Windower:
    """Cuts a sound that arrives in blocks of any length into windows.

    Window k begins at sample k · hop. Less than one window of samples is kept between blocks.

    Parameters
    ----------
    window_samples, hop_samples
        Length and step, at least 1; a hop longer than the window leaves samples out.

    Raises
    ------
    RecipeError
        If a length is below 1.

    Examples
    --------
    >>> windower = Windower(4, 2)
    >>> windower.feed(np.arange(5, dtype=np.float32))
    [(0, array([0., 1., 2., 3.], dtype=float32))]
    >>> windower.pending
    3
    >>> [first for first, _ in windower.feed(np.arange(5, 9, dtype=np.float32))]
    [2, 4]
    """

    def __init__(self, window_samples: int, hop_samples: int) -> None:
        _check(window_samples, hop_samples)
        self._window = window_samples
        self._hop = hop_samples
        self.reset()

    def reset(self) -> None:
        """Forget what was kept; the next sample is number 0 again."""
        self._kept = np.empty(0, np.float32)
        self._first = 0  # number of the first kept sample
        self._gap = 0  # samples still to be left out before the next window

    @property
    def pending(self) -> int:
        """Samples kept for a window that is not yet full."""
        return len(self._kept)

    def feed(self, block: Samples) -> list[tuple[int, Samples]]:
        """Take a block, shape (samples,); return the windows that it completes.

        Returns
        -------
        windows
            Pairs of the number of the first sample and the window, shape (window_samples,), read-only. A window stays
            as it is whatever comes later, and whatever becomes of the block.
        """
        left_out = min(self._gap, len(block))
        buffer = np.concatenate((self._kept, block[left_out:]), dtype=np.float32)
        buffer.flags.writeable = False
        first = self._first + left_out
        cut = windows(buffer, self._window, self._hop)
        done = len(cut) * self._hop
        self._gap += max(done - len(buffer), 0) - left_out
        # A copy, so that a few kept samples don't hold on to a long block.
        self._kept = buffer[done:].copy()
        self._first = first + min(done, len(buffer))
        return [(first + k * self._hop, window) for k, window in enumerate(cut)]


def windows(samples: Samples, window_samples: int, hop_samples: int) -> Samples:
    """All whole windows of a sound, without copying it.

    Parameters
    ----------
    samples
        Mono, shape (samples,).
    window_samples, hop_samples
        Length and step, at least 1.

    Returns
    -------
    windows
        Read-only view, shape (count, window_samples); a tail shorter than a window is left out.

    Raises
    ------
    RecipeError
        If a length is below 1.

    Examples
    --------
    >>> windows(np.arange(7, dtype=np.float32), 4, 2).tolist()
    [[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]]
    """
    n = count(len(samples), window_samples, hop_samples)
    if not n:
        return np.empty((0, window_samples), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, window_samples)[::hop_samples]


def count(n_samples: int, window_samples: int, hop_samples: int) -> int:
    """How many whole windows fit into a sound.

    Examples
    --------
    >>> count(160_000, 32_000, 16_000), count(31_999, 32_000, 16_000)
    (9, 0)
    """
    _check(window_samples, hop_samples)
    return max(0, 1 + (n_samples - window_samples) // hop_samples)


def _check(window_samples: int, hop_samples: int) -> None:
    if window_samples < 1 or hop_samples < 1:
        raise RecipeError(
            f"Windows of {window_samples} samples every {hop_samples} samples have no meaning.",
            "a window and a hop of at least 1 sample",
            "Change the window or the hop.",
        )
