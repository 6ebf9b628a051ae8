"""Codes go where the data are, and none is lost."""

import pytest
import torch

from auscult.models.wavelet_fusion.quantiser import Quantiser


def clouds(n, seed=0):
    """Vectors around four corners, shape (1, n, 2)."""
    chance = torch.Generator().manual_seed(seed)
    corners = torch.tensor([[5.0, 5.0], [-5.0, 5.0], [5.0, -5.0], [-5.0, -5.0]])
    return (corners[torch.arange(n) % 4] + 0.1 * torch.randn(n, 2, generator=chance))[None]


def test_codes_move_to_the_data():
    torch.manual_seed(0)
    quantiser = Quantiser(dim=2, codes=8)
    before = quantiser(clouds(64))[1].mean()
    for step in range(200):
        _, squared = quantiser(clouds(64, seed=step))
    assert before > 5.0
    assert squared.mean() < 0.05
    assert torch.cdist(quantiser.codebook, clouds(4)[0]).min(dim=1).values.max() < 1.0


def test_they_move_in_training_alone():
    quantiser = Quantiser(dim=2, codes=8).eval()
    before = {name: one.clone() for name, one in quantiser.state_dict().items()}
    quantiser(clouds(64))
    assert all(torch.equal(one, before[name]) for name, one in quantiser.state_dict().items())


def test_dead_codes_begin_again_among_the_data():
    quantiser = Quantiser(dim=2, codes=4)
    quantiser.codebook.copy_(torch.tensor([[0.0, 0.0], [99.0, 99.0], [98.0, 99.0], [99.0, 98.0]]))
    quantiser(clouds(64))
    assert quantiser.codebook.abs().max() < 6.0


def test_the_same_batches_make_the_same_codes():
    found = []
    for _ in range(2):
        torch.manual_seed(3)
        quantiser = Quantiser(dim=2, codes=8)
        for step in range(5):
            quantiser(clouds(64, seed=step))
        found.append(quantiser.codebook)
    assert torch.equal(*found)


def test_gradients_go_past_the_rounding():
    quantiser = Quantiser(dim=2, codes=4)
    vectors = clouds(8).requires_grad_()
    rounded, _ = quantiser(vectors)
    rounded.sum().backward()
    assert torch.equal(vectors.grad, torch.ones(1, 8, 2))


def test_judging_gives_the_nearest_code_and_no_jump_between_two():
    quantiser = Quantiser(dim=1, codes=2).eval()
    quantiser.codebook.copy_(torch.tensor([[0.0], [1.0]]))
    along = torch.linspace(0, 1, 10001)[None, :, None]
    rounded = quantiser(along)[0][0, :, 0]
    assert rounded[[1000, 9000]].tolist() == pytest.approx([0.0, 1.0], abs=1e-4)
    assert rounded.diff().abs().max() < 0.01
