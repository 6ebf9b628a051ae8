"""What every classifier makes of logits and embeddings."""

import math

import pytest
import torch
from torch import nn

from auscult.errors import RecipeError
from auscult.models.detector import Classifier, level_db


class Plain(Classifier):
    """Embeds a waveform as itself."""

    family = "plain"

    def __init__(self, labels=("a", "b", "c"), alarm_labels=("c",), dim=4):
        super().__init__(
            rate_hz=8000,
            window_samples=dim,
            labels=labels,
            alarm_labels=alarm_labels,
            dim=dim,
        )
        self.head = nn.Linear(dim, len(labels))

    def features(self, waveform):
        return waveform

    def judge(self, features):
        return {"logits": self.head(features), "embedding": features}

    @classmethod
    def tiny(cls):
        return cls()


@pytest.fixture
def plain():
    torch.manual_seed(0)
    return Plain()


def test_the_score_is_the_fourth_root_of_the_odds_of_an_alarm(plain):
    waveform = torch.randn(16, 4)
    found = plain(waveform)
    calm = found["probabilities"][:, :2].sum(1)
    assert torch.allclose(found["score"] ** 4, (1 - calm) / calm, rtol=1e-4)
    assert (found["score"] > 0).all()


def test_where_all_is_certain_the_score_still_tells_more_from_less(plain):
    logits = torch.tensor(
        [[0.0, 0.0, 20.0], [0.0, 0.0, 40.0], [0.0, 0.0, -20.0], [0.0, 0.0, 900.0]]
    )
    score = plain.outputs({"logits": logits, "embedding": torch.ones(4, 4)})["score"]
    odds = [20.0 - math.log(2), 40.0 - math.log(2), -20.0 - math.log(2), 60.0]
    assert score.tolist() == pytest.approx([math.exp(one / 4) for one in odds], rel=1e-5)


def test_without_alarms_the_score_is_the_distance():
    calm = Plain(alarm_labels=())
    found = calm(torch.randn(3, 4))
    assert torch.equal(found["score"], found["distance"])


def test_the_distance_is_about_one_for_what_was_learned_and_large_for_what_was_not(plain):
    torch.manual_seed(1)
    means = torch.tensor([[5.0, 0, 0, 0], [0, 5.0, 0, 0], [0, 0, 5.0, 0]])
    targets = torch.arange(3).repeat(200)
    # Stretched along one axis: a plain distance would be misled by it.
    spread = torch.tensor([0.1, 0.1, 0.1, 3.0])
    embeddings = means[targets] + spread * torch.randn(600, 4)
    plain.after_training({"embedding": embeddings}, targets, {})
    distance = plain.distance(embeddings)
    assert distance.median() == pytest.approx(1.0, abs=1e-3)
    assert torch.allclose(plain.class_means, means, atol=0.6)
    between = (means[0] + means[1]) / 2
    assert plain.distance(between[None]).item() > 5.0
    assert plain.distance(means[:1] + torch.tensor([0, 0, 0, 3.0])).item() < 2.0


def test_a_class_with_one_embedding_spoils_nothing(plain):
    plain.after_training(
        {"embedding": torch.randn(9, 4)}, torch.tensor([0] * 4 + [1] * 4 + [2]), {}
    )
    assert torch.isfinite(plain.distance(torch.randn(5, 4))).all()


def test_embeddings_that_never_change_spoil_nothing(plain):
    plain.after_training({"embedding": torch.ones(9, 4)}, torch.arange(3).repeat(3), {})
    assert torch.isfinite(plain.distance(torch.ones(1, 4))).all()


def test_weights_and_smoothing_are_those_of_weighted_cross_entropy(plain):
    plain.class_weights.copy_(torch.tensor([0.5, 1.0, 2.0]))
    logits, target = torch.randn(8, 3), torch.randint(3, (8,))
    hot = nn.functional.one_hot(target, 3).float()
    ours = plain.loss({"logits": logits}, hot)
    each = nn.functional.cross_entropy(logits, target, reduction="none")
    assert ours == pytest.approx((each * plain.class_weights[target]).mean().item(), rel=1e-5)
    plain.class_weights.fill_(1.0)
    plain.label_smoothing = 0.1
    smooth = nn.functional.cross_entropy(logits, target, label_smoothing=0.1)
    assert plain.loss({"logits": logits}, hot) == pytest.approx(smooth.item(), rel=1e-5)


def test_levels_are_those_of_full_scale():
    waveform = torch.stack([torch.ones(8), torch.zeros(8)])
    assert level_db(waveform).tolist() == pytest.approx([0.0, -100.0])


@pytest.mark.parametrize(
    ("labels", "alarms", "words"),
    [
        (("a",), (), "of the classes a has nothing to tell apart"),
        ((), (), "of the classes none has nothing"),
        (("a", "a"), (), "two different classes at least"),
        (("a", "b"), ("c",), "The alarm labels c don't fit the classes a, b"),
        (("a", "b"), ("a", "b"), "some of the classes, and not all"),
    ],
)
def test_labels_that_make_no_sense(labels, alarms, words):
    with pytest.raises(RecipeError, match=words):
        Plain(labels=labels, alarm_labels=alarms)
