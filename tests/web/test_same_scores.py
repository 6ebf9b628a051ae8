"""One recording, the same score from every engine: PyTorch, onnxruntime, the browser, LiteRT; in float and in eight bits.

What each column may differ by stands in `bench/same.py`, which prints the table for more bundles than there is time for here.
"""

import sys
from base64 import b64encode
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.conftest import clip_of
from tests.training.test_litert_worker import needs_converter, onnx_loudness
from tests.web.test_local_scores import ASK, RATE_HZ, odd_pcm, trained, worker_address

from auscult.audio.sound import Sound
from auscult.runtime.scorer import Scorer
from auscult.training import variant
from auscult.training.torch_engine import TorchEngine

BENCH = Path(__file__).parents[2] / "bench"
# How each goes into eight bits; a memory on the spectrum does not, and only takes less room.
KINDS = {"memory": "static", "autoencoder": "static", "cnn_attention": "dynamic"}


@pytest.fixture(scope="module")
def stated():
    """The program, which states the tolerances and compares by them."""
    sys.path.insert(0, str(BENCH))
    try:
        import same
    finally:
        sys.path.remove(str(BENCH))
    return same


@pytest.fixture(scope="module")
def heard(faulty):
    """Ten seconds with a whistle in them, of 16 bits."""
    return odd_pcm(faulty)[: 10 * RATE_HZ]


@pytest.fixture(scope="module")
def calm(clips):
    return clips[:6]


@pytest.fixture(scope="module")
def made(calm, faulty, edge_bundle, tmp_path_factory):
    """By kind: a bundle, and its form in eight bits."""
    odd = [clip_of(faulty(100 + n), f"odd {n}.wav", "anomaly") for n in range(3)]
    folder = tmp_path_factory.mktemp("same")
    whole = {
        "memory": edge_bundle,
        "autoencoder": trained("autoencoder", calm, folder / "autoencoder"),
        "cnn_attention": trained("cnn_attention", [*calm, *odd], folder / "cnn_attention"),
    }
    return {
        kind: (bundle, variant.int8(bundle, KINDS[kind], clips=calm, allow_loss=True))
        for kind, bundle in whole.items()
    }


@pytest.fixture(scope="module")
def page_and_url(browser, serve, tmp_path_factory):
    """A page of a server that has no bundle yet."""
    context = browser.new_context()
    page = context.new_page()
    with serve(tmp_path_factory.mktemp("served") / "data") as server:
        page.goto(f"{server.url}/local")
        yield page, server.url
        context.close()


@pytest.fixture(scope="module")
def judged(stated, made, heard, page_and_url):
    """By kind and column: the scores."""
    return {
        kind: {
            "ONNX": in_python(stated, bundle, heard),
            "PyTorch": in_python(stated, bundle, heard, by_torch=True),
            "browser": in_browser(stated, *page_and_url, bundle, heard),
            "INT8": in_python(stated, small, heard),
            "browser, INT8": in_browser(stated, *page_and_url, small, heard),
        }
        for kind, (bundle, small) in made.items()
    }


def in_python(stated, bundle, pcm, *, by_torch=False):
    scorer = Scorer(bundle)
    if by_torch:
        scorer.engine = TorchEngine(bundle)
    sound = Sound(samples=(pcm / 32768).astype(np.float32), rate_hz=RATE_HZ)
    verdict = scorer.score(sound, explain=False)
    return stated.Scores(
        whole=verdict.score, windows=np.array([one.score for one in verdict.windows])
    )


def in_browser(stated, page, url, bundle, pcm):
    told = httpx.post(f"{url}/api/bundles?name=one", content=bundle.to_bytes(), timeout=60.0)
    address = f"{url}/api/bundles/{told.raise_for_status().json()['id']}/file"
    sound = b64encode(pcm.tobytes()).decode()
    verdict = page.evaluate(ASK, [worker_address(url), address, sound, RATE_HZ, 8192])["recording"]
    return stated.Scores(
        whole=verdict["score"], windows=np.array([one["score"] for one in verdict["windows"]])
    )


@pytest.mark.filterwarnings("ignore::auscult.errors.AuscultWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_every_engine_says_the_same(kind, judged, made, stated):
    found = judged[kind]
    form = "onnx-float" if kind == "memory" else f"onnx-int8-{KINDS[kind]}"
    assert made[kind][1].manifest.variant.kind == form
    assert len(found["ONNX"].windows) >= 9
    for column in found:
        text, is_near = stated.cell(column, found)
        assert is_near, f"{kind}, {column}: {text} against {stated.stated(column)}"


def test_a_score_that_differs_is_no_longer_near(stated):
    windows = np.linspace(1.0, 2.0, 9)
    found = {
        "ONNX": stated.Scores(whole=1.5, windows=windows),
        "browser": stated.Scores(whole=1.5, windows=windows + 3e-4 * (windows == 2.0)),
        "INT8": stated.Scores(whole=1.5, windows=windows[::-1]),
    }
    assert [stated.cell(name, found)[1] for name in found] == [True, False, False]
    assert stated.cell("LiteRT", found) == ("-", True)


def test_litert_says_the_same_of_how_loud_it_is(loudness, make_loudness, heard, stated):
    """The one TFLite bundle that takes no converter to make."""
    found = {
        "ONNX": in_python(stated, onnx_loudness(make_loudness), heard),
        "LiteRT": in_python(stated, loudness, heard),
    }
    text, is_near = stated.cell("LiteRT", found)
    assert is_near, text


@needs_converter
@pytest.mark.parametrize("kind", KINDS)
def test_litert_says_the_same(kind, made, calm, heard, stated):
    bundle = made[kind][0]
    found = {"ONNX": in_python(stated, bundle, heard)}
    for column, precision in (("LiteRT", "float"), ("LiteRT, INT8", "int8")):
        small = variant.tflite(bundle, precision, clips=calm, allow_loss=True)
        found[column] = in_python(stated, small, heard)
        text, is_near = stated.cell(column, found)
        assert is_near, f"{kind}, {column}: {text} against {stated.stated(column)}"
