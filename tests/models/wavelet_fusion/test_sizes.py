"""How large the parts are."""

import pytest

from auscult.models.wavelet_fusion.sizes import SIZES, size_of


@pytest.mark.parametrize("preset", SIZES)
def test_what_is_not_said_is_as_the_preset_has_it(preset):
    assert size_of(preset) == SIZES[preset]
    assert size_of(preset, levels=None, depth=None) == SIZES[preset]


def test_what_is_said_takes_its_place():
    found = size_of("small", levels=5, mask_ratio=0.25)
    assert (found.levels, found.mask_ratio) == (5, 0.25)
    assert found.codes == SIZES["small"].codes


@pytest.mark.parametrize("preset", SIZES)
def test_heads_share_what_they_compare(preset):
    size = SIZES[preset]
    assert size.embed_dim % size.num_heads == 0
    assert size.fusion_dim % size.fusion_heads == 0
    assert 0 < size.mask_ratio < 1
