"""Do recordings come from one machine, or from several that were put into one folder?"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def several_machines(vectors: Array, recording: NDArray[np.int64]) -> bool:
    return False
