"""It is the distance that memories have."""

import numpy as np
import torch

from auscult.memory.distance import fit
from auscult.models.typical import Typical


def test_it_is_the_distance_of_memory():
    normal = np.random.default_rng(0).standard_normal((12, 20)) * np.arange(1, 21)
    others = np.random.default_rng(1).standard_normal((5, 20)) * 30 + 7
    typical = Typical(20)
    typical.learn(torch.from_numpy(normal).float())
    found = typical(torch.from_numpy(others).float()).numpy()
    assert np.allclose(found, fit(normal)(others) / np.sqrt(20), rtol=1e-3)


def test_of_one_vector_there_is_nothing_to_learn():
    typical = Typical(3)
    typical.learn(torch.ones(1, 3))
    assert float(typical(torch.ones(1, 3))[0]) == 1.0
