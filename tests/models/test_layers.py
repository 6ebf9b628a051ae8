import pytest
import torch
from torch import nn

from auscult.models.layers import Attention, Residual, Standardised


@pytest.mark.parametrize("heads", [1, 4])
def test_attention_is_that_of_pytorch(heads):
    torch.manual_seed(0)
    ours, theirs = Attention(16, heads), nn.MultiheadAttention(16, heads, batch_first=True)
    theirs.in_proj_weight.data.copy_(ours.inwards.weight)
    theirs.in_proj_bias.data.copy_(ours.inwards.bias)
    theirs.out_proj.weight.data.copy_(ours.outwards.weight)
    theirs.out_proj.bias.data.copy_(ours.outwards.bias)
    steps = torch.randn(3, 7, 16)
    found, looked_at = ours(steps)
    wanted, weights = theirs(steps, steps, steps)
    assert torch.allclose(found, wanted, atol=1e-6)
    assert torch.allclose(looked_at, weights.sum(dim=1), atol=1e-6)
    assert torch.allclose(looked_at.mean(dim=1), torch.ones(3), atol=1e-6)


def test_a_block_around_which_nothing_changes_passes_its_input_on():
    block = Residual(4, 4).eval()
    for layer in (block.first, block.second):
        nn.init.zeros_(layer[0].weight)
    picture = torch.rand(2, 4, 5, 6)
    assert torch.allclose(block(picture), picture)


def test_a_stride_halves_the_picture():
    assert Residual(4, 8, stride=2)(torch.zeros(2, 4, 10, 7)).shape == (2, 8, 5, 4)


def test_what_is_known_of_rows_is_that_of_all_batches_together():
    torch.manual_seed(0)
    layer = Standardised(3, least=0.1)
    pictures = torch.tensor([[-40.0], [0.0], [7.0]]) + 9.0 * torch.randn(50, 3, 8)
    for batch in pictures.split([7, 30, 13]):
        layer(batch)
    assert torch.allclose(layer.mean, pictures.mean(dim=(0, 2)), atol=1e-4)
    assert torch.allclose(layer.deviation, pictures.std(dim=(0, 2), correction=0), rtol=1e-4)


def test_training_and_judging_see_the_same():
    torch.manual_seed(0)
    layer = Standardised(3, least=0.1)
    picture = torch.randn(5, 3, 8)
    while_learning = layer(picture)
    assert torch.equal(layer.eval()(picture), while_learning)


def test_a_row_that_never_moved_is_no_division_by_zero():
    layer = Standardised(1, least=0.5)
    layer(torch.zeros(4, 1, 6))
    assert layer.eval()(torch.ones(1, 1, 1)).item() == 2.0
