"""Weights are verified, made ready once, and then learned with without PyTorch."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from auscult.audio.sound import Sound
from auscult.datasets.addresses import EMBEDDERS, Remote
from auscult.datasets.cache import embedder_file, weights_file
from auscult.errors import BundleError, RecipeError
from auscult.memory.embedder import from_file
from auscult.memory.learn import learn_clips
from auscult.models import pretrained
from auscult.models.mn04 import Mn04
from auscult.models.transfer import Bands
from auscult.runtime.bundle import load
from auscult.runtime.checks import run_checks
from auscult.runtime.engine import Engine
from auscult.runtime.scorer import Scorer

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setenv("AUSCULT_CACHE", str(folder))
    return folder


@pytest.fixture
def published(tmp_path):
    """Random weights of mn04 as if they had been published, and the table that knows them."""
    torch.manual_seed(0)
    file = tmp_path / "random.pt"
    torch.save(Mn04().state_dict(), file)
    remote = Remote(
        address="https://example.org/random.pt",
        name="random.pt",
        about_bytes=file.stat().st_size,
        is_exact=True,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )
    return file, {"mn04": replace(EMBEDDERS["mn04"], file=remote)}


@pytest.fixture
def quick(monkeypatch):
    """Counts how often an embedder is made, of a network that is exported in no time."""
    made = []

    def network(name, **_):
        made.append(name)
        return Bands(rate_hz=16000)

    monkeypatch.setattr(pretrained, "network", network)
    return made


def test_from_a_file_it_becomes_an_embedder_once(published, quick, cache):
    file, known = published
    found = pretrained.fetch("mn04", source=file, known=known)
    assert found == embedder_file("mn04")
    assert found.is_relative_to(cache)
    assert weights_file("random.pt").read_bytes() == file.read_bytes()
    assert pretrained.fetch("mn04", source=file, known=known) == found
    assert quick == ["mn04"]
    embedder = from_file("mn04")
    assert (embedder.name, embedder.dim, embedder.rate_hz) == ("mn04", 24, 16000)
    assert (embedder.window_samples, embedder.hop_samples) == (32000, 16000)
    assert embedder.licences == EMBEDDERS["mn04"].notes


def test_what_was_damaged_in_the_cache_is_made_again(published, quick):
    file, known = published
    found = pretrained.fetch("mn04", source=file, known=known)
    found.write_bytes(found.read_bytes()[:-10])
    assert load(pretrained.fetch("mn04", source=file, known=known)).manifest.name == "mn04"
    assert quick == ["mn04", "mn04"]


def test_it_is_downloaded_where_no_file_is_named(published, quick, monkeypatch):
    file, known = published
    asked = {}

    def download(address, target, **wanted):
        asked.update(address=address, **wanted)
        target.parent.mkdir(parents=True)
        target.write_bytes(file.read_bytes())
        return target

    monkeypatch.setattr(pretrained, "download", download)
    pretrained.fetch("mn04", known=known)
    assert asked["address"] == "https://example.org/random.pt"
    assert asked["sha256"] == known["mn04"].file.sha256
    assert asked["size_bytes"] == file.stat().st_size


def test_the_wrong_file_is_refused_and_nothing_is_kept(published, quick, cache, tmp_path):
    _, known = published
    other = tmp_path / "other.pt"
    other.write_bytes(b"something else")
    with pytest.raises(BundleError) as caught:
        pretrained.fetch("mn04", source=other, known=known)
    assert f"has the SHA-256 {hashlib.sha256(b'something else').hexdigest()}" in caught.value.what
    assert known["mn04"].file.sha256 in caught.value.expected
    assert "https://example.org/random.pt" in caught.value.action
    assert not cache.exists()


def test_a_missing_file_and_an_unknown_name(published, tmp_path):
    with pytest.raises(BundleError, match=r"no\.pt could not be opened: No such file"):
        pretrained.fetch("mn04", source=tmp_path / "no.pt")
    with pytest.raises(
        RecipeError, match=r"no embedder 'vggish' to fetch. Expected: one of mn04, y"
    ):
        pretrained.fetch("vggish")


def test_a_cache_that_can_not_be_written_to(published, quick, cache):
    cache.touch()
    with pytest.raises(BundleError, match=r"could not be written: .* AUSCULT_CACHE"):
        pretrained.fetch("mn04", source=published[0], known=published[1])


def test_weights_that_changed_in_the_cache_are_not_loaded(published):
    file, known = published
    kept = weights_file("random.pt")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleError, match="has the SHA-256"):
        pretrained.network("mn04", known=known)


@torch.no_grad()
def test_the_network_has_the_weights_of_the_file(published):
    file, known = published
    with pytest.raises(RecipeError, match=r"not on this machine.*auscult embedder fetch mn04"):
        pretrained.network("mn04", known=known)
    kept = weights_file("random.pt")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(file.read_bytes())
    found = pretrained.network("mn04", rate_hz=32000, known=known)
    assert found.rate_hz == 32000
    torch.manual_seed(0)
    expected = Mn04(rate_hz=32000).eval()
    sound = torch.randn(1, 32000)
    torch.testing.assert_close(found(sound), expected(sound))


@torch.no_grad()
def test_the_embedder_is_equal_to_the_network_at_any_length():
    frozen = Bands(rate_hz=16000).eval()
    bundle = pretrained.embedder_of(frozen, name="bands")
    engine = bundle.engine()
    for samples in (frozen.min_window_samples, 16000, 20011):
        sound = np.random.default_rng(0).standard_normal((3, samples)).astype(np.float32)
        found = engine.run(sound, outputs=["embedding"])["embedding"]
        np.testing.assert_allclose(found, frozen(torch.from_numpy(sound)).numpy(), atol=1e-4)


def test_learning_with_it_needs_no_torch(published, quick, folder, tmp_path, cache):
    file, known = published
    pretrained.fetch("mn04", source=file, known=known)
    program = (
        "import sys; from auscult.cli import main; sys.argv[1:] = "
        f"['learn', {str(folder)!r}, '--embedder', 'mn04', '-o', 'fan.onnx']; "
        "main_error = None\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'torch' not in sys.modules"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"AUSCULT_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    manifest = load(tmp_path / "fan.onnx").manifest
    assert manifest.embedder == "mn04"
    assert manifest.licences == EMBEDDERS["mn04"].notes


@pytest.mark.parametrize(
    ("name", "file", "dim"),
    [
        ("mn04", "efficientat_mn04_as_mAP_432.pt", 384),
        ("yamnet", "yamnet_classification_int8.tflite", 1024),
    ],
)
@torch.no_grad()
def test_the_published_weights(name, file, dim, clips):
    source = DATA / "models" / file
    if not source.is_file():
        pytest.skip(f"no models/{file} under AUSCULT_DATA")
    bundle = load(pretrained.fetch(name, source=source))
    network = pretrained.network(name)
    sound = np.stack([clip.sound.samples[:32000] for clip in clips[:2]])
    found = Engine(bundle.graph_bytes).run(sound, outputs=["embedding"])["embedding"]
    assert found.shape == (2, dim)
    np.testing.assert_allclose(found, network(torch.from_numpy(sound)).numpy(), atol=1e-4)
    silence = np.zeros((1, 32000), np.float32)
    assert np.all(np.isfinite(Engine(bundle.graph_bytes).run(silence)["embedding"]))
    learned = learn_clips(clips[:4], embedder=name).bundle
    assert learned.manifest.embedder == name
    assert learned.manifest.licences == EMBEDDERS[name].notes


def test_the_spectrum_and_mn04_in_one_bundle(clips, faulty):
    source = DATA / "models" / "efficientat_mn04_as_mAP_432.pt"
    if not source.is_file():
        pytest.skip("no models/efficientat_mn04_as_mAP_432.pt under AUSCULT_DATA")
    pretrained.fetch("mn04", source=source)
    bundle = learn_clips(clips, embedder="spectrum+mn04").bundle
    assert (bundle.manifest.embedder, bundle.manifest.dim) == ("spectrum+mn04", 768)
    assert bundle.manifest.licences == EMBEDDERS["mn04"].notes
    run_checks(bundle)
    verdict = Scorer(bundle).score(Sound(samples=faulty(100), rate_hz=16000))
    assert verdict.is_anomaly
    assert verdict.explanation.kinds[0] == "brighter"
