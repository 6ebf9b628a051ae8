"""It is the distance that memories have; of several domains the nearest counts."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from auscult.memory.distance import fit
from auscult.models.typical import FEWEST_WINDOWS, Typical, TypicalOfEach, too_few


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


def drawn(n, *, at=0.0, dim=4, seed=0):
    return at + torch.randn(n, dim, generator=torch.Generator().manual_seed(seed))


def learned(domains, vectors, targets):
    typical = TypicalOfEach(vectors.shape[1], domains)
    typical.learn(vectors[:, None], targets)
    return typical


def alone(vectors):
    typical = Typical(vectors.shape[1])
    typical.learn(vectors)
    return typical


def test_each_domain_has_its_own_and_the_nearest_counts():
    source, target = drawn(60), drawn(30, at=8.0, seed=1)
    targets = torch.tensor([0] * 60 + [1] * 30)
    both = learned(("source", "target"), torch.cat([source, target]), targets)
    asked = drawn(9, at=torch.linspace(-2, 10, 9)[:, None], seed=2)
    wanted = torch.minimum(alone(source)(asked), alone(target)(asked))
    assert torch.allclose(both(asked), wanted)
    # Halfway between both is like neither, which one covariance of both would not know.
    between = torch.full((1, 4), 4.0)
    assert float(both(between)) > 3 * float(alone(torch.cat([source, target]))(between))


def test_without_domains_it_is_the_plain_one():
    vectors, asked = drawn(50), drawn(5, seed=1)
    one = learned((), vectors, torch.zeros(50, dtype=torch.long))
    assert torch.equal(one(asked), alone(vectors)(asked))


def test_one_with_few_windows_has_that_of_all():
    vectors = torch.cat([drawn(60), drawn(FEWEST_WINDOWS - 1, at=8.0, seed=1)])
    targets = torch.tensor([0] * 60 + [1] * (FEWEST_WINDOWS - 1))
    source, target = learned(("source", "target"), vectors, targets).each
    assert torch.equal(source.mean, alone(vectors[:60]).mean)
    assert torch.equal(target.whitening, alone(vectors).whitening)


def test_of_nothing_nothing_is_learned():
    nothing = learned(("source", "target"), torch.zeros(0, 4), torch.zeros(0, dtype=torch.long))
    assert torch.equal(nothing.each[0].whitening, torch.eye(4))


@given(st.lists(st.integers(0, 2), max_size=100))
def test_those_that_are_too_few_are_named(targets):
    named = too_few(("a", "b", "c"), targets)
    assert named == tuple(n for i, n in enumerate("abc") if targets.count(i) < FEWEST_WINDOWS)
