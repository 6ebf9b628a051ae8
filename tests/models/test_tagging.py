"""A network names what it hears by the head that it was trained with."""

import csv
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from auscult.datasets.addresses import EMBEDDERS
from auscult.datasets.cache import tagger_file, weights_file
from auscult.errors import BundleError
from auscult.live import names as everyday
from auscult.live.names import open_namer
from auscult.models import pretrained, tagging
from auscult.models.mn04 import Mn04, mn04
from auscult.models.tagging import Mn04Tagger, YamNetTagger, audioset, make
from auscult.models.yamnet import YamNet
from auscult.runtime.bundle import load

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
MODELS, SOUNDS = DATA / "models", DATA / "esc50_16k"
needs_models = pytest.mark.skipif(not MODELS.is_dir(), reason="the published weights are not here")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path / "cache"))


def heard(name):
    samples, rate_hz = soundfile.read(SOUNDS / name, dtype="float32")
    assert rate_hz == 16000
    return samples


def test_the_names_are_audiosets():
    names = audioset()
    assert len(set(names)) == len(names) == 527
    assert (names[0], names[300], names[526]) == ("Speech", "Vehicle", "Field recording")
    # What is not to be told of people is called as AudioSet calls it, or it would be told.
    assert set(names) >= everyday._VOICES | everyday._BODIES


@needs_models
def test_the_names_are_those_of_the_published_table():
    with (MODELS / "audioset_class_labels_indices.csv").open(newline="") as file:
        assert audioset() == tuple(row["display_name"] for row in csv.DictReader(file))


@torch.no_grad()
def test_mn04_gives_its_embedding_and_the_probabilities_of_its_own_head():
    torch.manual_seed(0)
    inner = Mn04().eval()
    sound = torch.randn(2, 16000)
    embedding, probabilities = Mn04Tagger(inner).eval()(sound)
    torch.testing.assert_close(embedding, inner(sound))
    torch.testing.assert_close(probabilities, torch.sigmoid(inner.logits(sound)))


@torch.no_grad()
def test_yamnets_probabilities_are_the_mean_over_its_patches():
    torch.manual_seed(0)
    inner = YamNet().eval()
    tagger = YamNetTagger(inner, torch.randn(7, 1024), torch.randn(7)).eval()
    sound = torch.randn(1, 15600)
    long = torch.cat([sound, torch.zeros(1, 7680)], dim=1)
    embedding, probabilities = tagger(sound)
    torch.testing.assert_close(embedding, inner(sound))
    assert probabilities.shape == (1, 7)
    _, both = tagger(long)
    _, second = tagger(long[:, 7680:])
    torch.testing.assert_close(both, (probabilities + second) / 2)


@needs_models
@torch.no_grad()
def test_mn04_knows_everyday_sounds():
    state = torch.load(MODELS / "efficientat_mn04_as_mAP_432.pt", weights_only=True)
    tagger = Mn04Tagger(mn04(state)).eval()
    for file, expected in (("1-100032-A-0.ogg", "Dog"), ("1-116765-A-41.ogg", "Chainsaw")):
        _, found = tagger(torch.from_numpy(heard(file))[None])
        best = np.argsort(found[0].numpy())[::-1][:5]
        assert expected in [audioset()[i] for i in best]


@needs_models
def test_yamnets_published_file_becomes_a_tagger_that_names_sounds():
    remote = EMBEDDERS["yamnet"].file
    kept = weights_file(remote.name)
    kept.parent.mkdir(parents=True)
    kept.write_bytes((MODELS / "yamnet_classification_int8.tflite").read_bytes())
    file = make("yamnet")
    assert file == tagger_file("yamnet")
    written = file.stat().st_mtime_ns
    assert make("yamnet").stat().st_mtime_ns == written
    manifest = load(file).manifest
    assert manifest.licences == EMBEDDERS["yamnet"].notes
    with (MODELS / "yamnet_class_map.csv").open(newline="") as table:
        assert manifest.labels == tuple(row["display_name"] for row in csv.DictReader(table))
    namer = open_namer()
    assert namer.source == "yamnet"
    found = namer.names(heard("1-100032-A-0.ogg"), rate_hz=16000)
    assert {"Dog", "Bark"} & {one.name for one in found}


def archived(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def test_a_file_without_names_is_refused(monkeypatch):
    assert tagging._names_in(archived("yamnet_label_list.txt", "Speech\nDog\n")) == (
        "Speech",
        "Dog",
    )
    for content in (b"nothing", archived("other.txt", "Speech"), b""):
        with pytest.raises(BundleError, match=r"names no classes.*embedder fetch yamnet"):
            tagging._names_in(content)
    monkeypatch.setattr(tagging, "constants", lambda *_: {})
    with pytest.raises(BundleError, match="names no classes"):
        tagging._with_head(YamNet(), b"")


def test_what_was_not_fetched_can_not_be_made(monkeypatch):
    with pytest.raises(pretrained.RecipeError, match="auscult embedder fetch mn04"):
        make("mn04")
