"""Two forms of one family: what they are made of, what they hear, and where they point."""

import numpy as np
import pytest
import torch

from auscult.audio.synth import BeltSqueal, Knock, fan
from auscult.errors import RecipeError
from auscult.models.autoencoder import CONTEXT, Autoencoder
from auscult.models.checks import (
    check_any_sound_is_survived,
    check_it_learns,
    check_lengths,
    check_onnx,
    check_outputs,
)
from auscult.models.export_onnx import to_onnx
from auscult.runtime.engine import Engine

from .simulated import RATE_HZ, judged, train, windows

SECOND = {"rate_hz": RATE_HZ, "window_samples": RATE_HZ}
FORMS = {
    "convolutional": {"n_bands": 64, "steps": 32, "n_fft": 1024, "normalise": "rms"},
    "log_mel": {"features": "log_mel", "n_bands": 64, "steps": 32, "n_fft": 1024},
    "dense": {"form": "dense", "features": "log_mel", "n_bands": 64},
    "mahalanobis": {"form": "dense", "features": "log_mel", "n_bands": 64, "score": "mahalanobis"},
}


class Dense(Autoencoder):
    @classmethod
    def tiny(cls):
        return cls(
            rate_hz=8000,
            window_samples=4000,
            labels=("source", "target"),
            form="dense",
            features="log_mel",
            score="mahalanobis",
            n_bands=16,
            n_fft=256,
        )


class InMelBands(Autoencoder):
    @classmethod
    def tiny(cls):
        small = super().tiny().settings()
        changed = {"features": "log_mel", "score": "mahalanobis", "normalise": "rms"}
        return cls(**{**small, **changed})


@pytest.mark.parametrize("family", [Dense, InMelBands])
@pytest.mark.parametrize(
    "check",
    [check_outputs, check_any_sound_is_survived, check_lengths, check_it_learns],
    ids=lambda check: check.__name__,
)
def test_so_do_its_other_forms(family, check):
    check(family)


def test_the_dense_form_is_exported_with_its_covariances():
    check_onnx(Dense)


def parameters(module):
    return sum(one.numel() for one in module.parameters())


def test_the_convolutional_form_is_that_of_hobby_boards():
    detector = Autoencoder(rate_hz=16000, window_samples=32000)
    assert parameters(detector) == 386_529
    assert detector.features(torch.zeros(1, 32000)).shape == (1, 40, 64)
    assert detector.dim == 32


def test_the_dense_form_is_the_baseline_of_dcase():
    detector = Autoencoder(
        rate_hz=16000, window_samples=32000, form="dense", features="log_mel", n_bands=128
    )
    assert parameters(detector) == 267_928
    layers = [one for one in detector.network.modules() if isinstance(one, torch.nn.Conv1d)]
    sizes = [one.in_channels * one.kernel_size[0] for one in layers]
    assert [*sizes, layers[-1].out_channels] == [640, *[128] * 4, 8, *[128] * 4, 640]
    assert detector.map_hop_samples == 512


def test_a_dense_layer_sees_five_frames_as_one_vector():
    torch.manual_seed(0)
    detector = Autoencoder(**SECOND, **FORMS["dense"]).eval()
    picture = torch.randn(1, 64, 9)
    wanted, _, _ = detector.network(picture)
    first = detector.network.inwards[0]
    for column in range(5):
        five = picture[0, :, column : column + CONTEXT]
        assert torch.equal(wanted[0, :, :, column], five)
        by_hand = (first.weight * five).sum(dim=(1, 2)) + first.bias
        assert torch.allclose(first(picture)[0, :, column], by_hand, atol=1e-5)


@pytest.mark.parametrize("options", FORMS.values(), ids=FORMS)
def test_a_column_hears_its_own_samples(options):
    detector = Autoencoder(**SECOND, **options).eval()
    hop = detector.map_hop_samples
    for step in (2, 11, 20):
        click = torch.zeros(1, RATE_HZ)
        click[0, step * hop + hop // 2] = 1.0
        power = 10.0 ** (detector.spectrogram(click)[0].mean(dim=0) / 10.0)
        assert int(power.argmax()) == step


@pytest.mark.parametrize("n", [32000, 32001, 32063, 44100, 96123])
def test_whatever_the_window_it_has_as_many_steps(n):
    detector = Autoencoder(rate_hz=16000, window_samples=n, n_fft=2048)
    assert detector.features(torch.zeros(1, n)).shape == (1, 40, 64)
    assert 1 + (n - detector.map_frame_samples) // detector.map_hop_samples == 64


@pytest.fixture(scope="module")
def normal():
    return windows(fan(), seconds=30, seed=1)


@pytest.fixture(scope="module", params=FORMS)
def trained(request, normal):
    torch.manual_seed(0)
    return train(Autoencoder(**SECOND, **FORMS[request.param]), normal, steps=80)


SQUEAL = BeltSqueal(start_s=0.0, duration_s=12.0, snr_db=6.0, low_hz=3000.0, high_hz=4000.0)
KNOCK = Knock(start_s=0.0, duration_s=12.0, snr_db=3.0, rate_hz=3.0)


@pytest.mark.parametrize("fault", [SQUEAL, KNOCK], ids=["squeal", "knock"])
def test_what_is_broken_scores_higher(trained, fault):
    usual = judged(trained, windows(fan(), seconds=8, seed=2))["score"]
    broken = judged(trained, windows(fan(), seconds=8, seed=2, faults=[fault]))["score"]
    assert float(broken.median()) > float(usual.max())


def test_the_map_points_at_the_band_and_time_of_a_tone(trained):
    usual = windows(fan(), seconds=4, seed=2)
    hz, begin, end = 5000.0, 6000, 10000
    strange = usual.clone()
    tone = 0.1 * torch.sin(2 * np.pi * hz / RATE_HZ * torch.arange(end - begin))
    strange[:, begin:end] += tone
    added = judged(trained, strange)["anomaly_map"] - judged(trained, usual)["anomaly_map"]
    by_band, by_column = added.mean(dim=(0, 2)), added.mean(dim=(0, 1))
    low, _, high = trained.bands_hz[int(by_band.argmax())]
    # Forty coefficients of 64 bands know bands no finer than by one and a half.
    assert low * 0.9 <= hz <= high * 1.1
    middle = int(by_column.argmax()) * trained.map_hop_samples + trained.map_frame_samples / 2
    assert begin <= middle <= end


def test_normal_sound_is_about_1_in_units_of_its_own_errors(normal):
    torch.manual_seed(0)
    detector = train(Autoencoder(**SECOND, **FORMS["mahalanobis"]), normal, steps=60)
    assert float(judged(detector, normal)["score"].median()) == pytest.approx(1.0, abs=0.2)


def test_the_nearest_domain_counts(normal):
    torch.manual_seed(0)
    options = FORMS["mahalanobis"] | {"n_bands": 16}
    other = normal.clone()
    other[:, 1:] -= 0.9 * normal[:, :-1]  # the same machine through another microphone
    domains = torch.arange(2).repeat_interleave(len(normal))
    both = Autoencoder(**SECOND, **options, labels=("source", "target"))
    train(both, torch.cat([normal, other]), domains, steps=60)
    source, target = both.typical.each
    each = []
    for one in (source, target):
        both.typical.each = torch.nn.ModuleList([one])
        each.append(judged(both, other)["score"])
    both.typical.each = torch.nn.ModuleList([source, target])
    found = judged(both, other)["score"]
    assert torch.allclose(found, torch.minimum(*each), rtol=1e-5)
    assert (each[1] < each[0]).float().mean() > 0.9


def test_a_domain_without_recordings_has_the_covariance_of_all(normal):
    options = FORMS["mahalanobis"] | {"n_bands": 16}
    alone = Autoencoder(**SECOND, **options, labels=("source", "target"))
    train(alone, normal, steps=2)
    assert torch.equal(*(one.whitening for one in alone.typical.each))


def test_loudness_counts_only_where_it_is_asked_for():
    torch.manual_seed(0)
    sound = 0.1 * torch.randn(1, RATE_HZ)
    for normalise, is_same in (("rms", True), ("none", False)):
        options = FORMS["convolutional"] | {"normalise": normalise}
        detector = Autoencoder(**SECOND, **options).eval()
        loud, quiet = (judged(detector, gain * sound)["score"] for gain in (1.0, 0.1))
        assert torch.allclose(loud, quiet, rtol=1e-4) == is_same


@pytest.mark.parametrize("options", FORMS.values(), ids=FORMS)
def test_the_original_and_what_was_rebuilt_can_be_looked_at(options, normal):
    torch.manual_seed(0)
    detector = train(Autoencoder(**SECOND, **options), normal[:8], steps=2, batch=8)
    with torch.no_grad():
        seen = detector.inspect(normal[:2])
        drawn = detector(normal[:2])["anomaly_map"]
    assert seen["original"].shape == seen["rebuilt"].shape == drawn.shape
    if detector.network.frames == 1:
        apart = (seen["original"] - seen["rebuilt"]).square()
        assert torch.allclose(apart, drawn, rtol=1e-3, atol=1e-2)


def test_both_are_in_the_bundle_for_inspection():
    torch.manual_seed(0)
    detector = Dense.tiny().eval()
    sound = 0.1 * torch.randn(2, detector.window_samples)
    engine = Engine(to_onnx(detector, inspect=True).SerializeToString())
    found = engine.run(sound.numpy())
    with torch.no_grad():
        seen = detector.inspect(sound)
    for name, value in seen.items():
        assert np.allclose(found[f"feature_map.{name}"], value.numpy(), atol=1e-2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_coefficients": 13}, "13 rows.*multiple of 4"),
        ({"n_coefficients": 40, "n_bands": 32}, "no more coefficients than bands"),
        ({"steps": 30}, "model.steps is 30"),
        ({"filters": (16, 32)}, "three whole numbers"),
        ({"bottleneck": -1}, "model.bottleneck is -1"),
        ({"n_fft": 501}, "even number"),
        ({"window_samples": 320000}, "64 steps of a window of 20 s are 5000 samples apart"),
        ({"window_samples": 4000}, "are 62 samples apart"),
        ({"form": "dense", "window_samples": 3000}, "fewer than six frames of 1024 samples"),
    ],
)
def test_options_that_make_no_sense(options, words):
    with pytest.raises(RecipeError, match=words):
        Autoencoder(**{"rate_hz": 16000, "window_samples": 32000, **options})
