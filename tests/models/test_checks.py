"""Every family does what a family must; and each check notices when one doesn't."""

import inspect

import pytest
import torch

from auscult.models import checks, families
from auscult.models.checks import CHECKS, run_checks
from auscult.models.cnn_attention import CnnAttention


@pytest.mark.parametrize("name", families._OURS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_family_does_what_any_must(name, check):
    check(families.family(name))


def test_every_check_is_run():
    named = {f for name, f in inspect.getmembers(checks) if name.startswith("check_")}
    assert set(CHECKS) == named
    assert all(check.__doc__ for check in CHECKS)


def broken(**changes):
    return type("Broken", (CnnAttention,), changes)


def noisy(self, features):
    found = CnnAttention.judge(self, features)
    return found | {"logits": found["logits"] * (1.0 + torch.rand(1))}


def of_the_batch(self, features):
    found = CnnAttention.judge(self, features)
    return found | {"logits": found["logits"] * (1.0 + 10.0 * features.mean())}


def never_learning(self, found, target):
    return found["logits"].sum() * 0.0 + 1.0


def nowhere(self, waveform):
    return CnnAttention.features(self, waveform / waveform.abs().amax(dim=1, keepdim=True))


class Gaps(CnnAttention):
    """Between the columns of its map there is sound that none of them is of."""

    def __init__(self, **given):
        super().__init__(**given)
        self.map_frame_samples = self.map_hop_samples - 1


def test_what_could_not_be_opened_is_found_out():
    with pytest.raises(AssertionError, match=r"can't be opened: .+ frames that leave nothing out"):
        checks.check_onnx(Gaps)


@pytest.mark.parametrize(
    ("family", "words"),
    [
        (broken(family=""), "has no name"),
        (broken(settings=lambda self: {}), r"settings are \[\]"),
        (broken(features=nowhere), "is not finite"),
        (broken(judge=of_the_batch), "of a window alone differs"),
        (broken(judge=noisy), "differs"),
        (broken(loss=never_learning), "the loss is"),
        (broken(outputs=lambda self, found: {"score": found["logits"][:, 0]}), "no output"),
    ],
)
def test_what_does_otherwise_is_found_out(family, words):
    with pytest.raises(AssertionError, match=words):
        run_checks(family)
