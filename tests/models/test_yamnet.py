"""YAMNet: rebuilt from its file, held against the interpreter that the file was made for."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from auscult.errors import BundleError, RecipeError
from auscult.models.tflite import Constant, constants
from auscult.models.yamnet import DIM, PATCH_SAMPLES, YamNet, yamnet

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
FILE = DATA / "models" / "yamnet_classification_int8.tflite"
EMBEDDING, EMBEDDING_SCALE, LOG_MEL = 115, 0.02232835, 27


@pytest.fixture(scope="module")
def fresh():
    torch.manual_seed(0)
    return YamNet().eval()


def noise(n, batch=2, seed=0):
    samples = np.random.default_rng(seed).standard_normal((batch, n)).astype(np.float32)
    return torch.from_numpy(0.1 * samples)


def constant(values, axis):
    return Constant(
        name="",
        values=values,
        scale=np.full(values.shape[axis], 0.5, np.float32),
        zero_point=np.zeros(1, np.int64),
        axis=axis,
    )


def packed(network):
    """The weights as the file would have them, halved so that the scale makes them whole again."""
    found = {}
    layers = [layer for layer in network.layers if isinstance(layer, torch.nn.Conv2d)]
    for i, layer in enumerate(layers):
        weight = layer.weight.detach()
        weight = weight[:, :, 1:, 1:] if layer.stride[0] == 2 else weight
        is_depthwise = layer.groups > 1
        order = (1, 2, 3, 0) if is_depthwise else (0, 2, 3, 1)
        kernel = weight.permute(order).numpy() / 0.5
        found[2 * i] = constant(kernel, 3 if is_depthwise else 0)
        found[2 * i + 1] = constant(layer.bias.detach().numpy() / 0.5, 0)
    return found


@torch.no_grad()
def test_the_weights_find_their_places(fresh):
    other = yamnet(packed(fresh))
    assert not other.training
    for mine, theirs in zip(other.layers.parameters(), fresh.layers.parameters(), strict=True):
        if mine.ndim == 4 and mine.shape[2] == 4:
            torch.testing.assert_close(mine[:, :, 1:, 1:], theirs[:, :, 1:, 1:])
            assert not mine[:, :, 0].any()
            assert not mine[:, :, :, 0].any()
        else:
            torch.testing.assert_close(mine, theirs)


def test_another_network_is_refused(fresh):
    found = packed(fresh)
    with pytest.raises(BundleError, match="it has 26 convolutions"):
        yamnet({number: found[number] for number in sorted(found)[:-2]})
    found[2] = constant(np.zeros((1, 5, 5, 32), np.float32), 3)
    with pytest.raises(BundleError, match=r"a kernel has the shape \(1, 5, 5, 32\)"):
        yamnet(found)


def test_padding_at_the_end_alone(fresh):
    """As TensorFlow pads where steps are of two: output i sees inputs 2i to 2i + 2."""
    first = torch.nn.Conv2d(1, 1, 4, 2, 1, bias=False)
    with torch.no_grad():
        first.weight.zero_()
        first.weight[0, 0, 1, 1] = 1.0
    picture = torch.arange(64.0).reshape(1, 1, 8, 8)
    torch.testing.assert_close(first(picture), picture[:, :, ::2, ::2])
    layer = fresh.layers[0]
    assert (layer.kernel_size, layer.stride, layer.padding) == ((4, 4), (2, 2), (1, 1))


@torch.no_grad()
@pytest.mark.parametrize(
    ("samples", "patches"), [(PATCH_SAMPLES, 1), (16000, 1), (23279, 1), (23280, 2), (80000, 9)]
)
def test_a_longer_window_is_the_mean_of_patches(fresh, samples, patches):
    sound = noise(samples)
    assert fresh.patches(fresh.log_mel(sound)).shape == (2 * patches, 1, 96, 64)
    parts = [fresh(sound[:, 7680 * i : 7680 * i + PATCH_SAMPLES]) for i in range(patches)]
    torch.testing.assert_close(fresh(sound), torch.stack(parts).mean(dim=0), rtol=1e-3, atol=1e-4)
    assert fresh(sound).shape == (2, DIM)


def test_a_rate_that_it_does_not_take():
    with pytest.raises(RecipeError, match=r"44,100 Hz\. Expected: 16000 Hz"):
        YamNet(rate_hz=44100)


@pytest.fixture(scope="module")
def interpreter():
    module = pytest.importorskip("ai_edge_litert.interpreter")
    if not FILE.is_file():
        pytest.skip("no models/yamnet_classification_int8.tflite under AUSCULT_DATA")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner = module.Interpreter(
            str(FILE), num_threads=1, experimental_preserve_all_tensors=True
        )
    runner.allocate_tensors()
    return runner


@torch.no_grad()
def test_it_hears_what_the_official_interpreter_hears(interpreter):
    network = yamnet(constants(FILE.read_bytes()))
    paths = sorted((DATA / "esc50_16k").glob("*.ogg"))[::80]
    if not paths:
        pytest.skip("no esc50_16k under AUSCULT_DATA")
    official, ours = [], []
    for path in paths:
        samples = soundfile.read(path, dtype="float32")[0][8000 : 8000 + PATCH_SAMPLES]
        interpreter.set_tensor(0, np.ascontiguousarray(samples))
        interpreter.invoke()
        found = interpreter.get_tensor(EMBEDDING).reshape(-1).astype(np.float32)
        official.append((found + 128.0) * EMBEDDING_SCALE)
        waveform = torch.from_numpy(samples)[None]
        ours.append(network(waveform)[0].numpy())
        log_mel = network.log_mel(waveform)[0].T.numpy()
        np.testing.assert_allclose(log_mel, interpreter.get_tensor(LOG_MEL)[0], atol=1e-3)
    cosines = [
        np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in zip(official, ours, strict=True)
    ]
    assert min(cosines) > 0.995
    assert np.mean(cosines) > 0.999
    assert np.corrcoef(distances(official), distances(ours))[0, 1] > 0.998


def distances(embeddings):
    stacked = np.stack(embeddings)
    return np.linalg.norm(stacked[:, None] - stacked[None], axis=2)[
        np.triu_indices(len(stacked), 1)
    ]
