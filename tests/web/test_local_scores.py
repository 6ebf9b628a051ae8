"""The same bundle gives the same scores in a browser as in Python: whole recordings, and sound that streams in."""

import os
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
import soxr
from tests.conftest import clip_of

from auscult.audio.sound import Sound
from auscult.live.events import Event
from auscult.live.listener import Block, Listener
from auscult.memory.learn import learn_clips
from auscult.runtime.scorer import Scorer
from auscult.server.pages import built_page

RATE_HZ = 16_000
TOLERANCE = 1e-4
DATA = Path(os.environ.get("AUSCULT_DATA", "nowhere"))
MN04 = DATA / "models" / "efficientat_mn04_as_mAP_432.pt"

ASK = (Path(__file__).parents[2] / "bench" / "judge_in_browser.js").read_text(encoding="utf8")
ASK = ASK[ASK.index("async (") :]


def worker_address(url):
    """Where the page's worker stands."""
    (name,) = (path.name for path in (built_page() / "assets").glob("local.worker-*.js"))
    return f"{url}/assets/{name}"


def in_python(bundle, pcm, rate_hz):
    """The same, without a browser: the verdict on the recording, those on windows, and events."""
    scorer = Scorer(bundle)
    sound = Sound(samples=(pcm / 32768).astype(np.float32), rate_hz=rate_hz)
    recording = scorer.score(sound, explain=False)
    listener = Listener(Scorer(bundle), explain=False)
    blocks = [pcm[at : at + 2048] for at in range(0, len(pcm), 2048)]
    items = [
        item for block in blocks for item in listener.feed(Block(samples=block, rate_hz=rate_hz))
    ]
    items += listener.close()
    windows = [item for item in items if not isinstance(item, Event)]
    return recording, windows, [item for item in items if isinstance(item, Event)]


def relative(found, expected):
    """The largest difference, as a part of what is expected; next to nothing, as a part of a hundredth."""
    found, expected = np.array(found, float), np.array(expected, float)
    return float(np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1e-2)))


def odd_pcm(faulty):
    """A machine with a whistle, then more than two seconds of silence, then the machine again; of 16 bits."""
    samples = faulty(5, 16.0, start_s=6.0, end_s=8.0)
    samples[round(11.0 * RATE_HZ) : round(13.5 * RATE_HZ)] = 0.0
    return np.round(samples * 32767).clip(-32768, 32767).astype(np.int16)


def trained(family, clips, folder):
    """A network of this family after one epoch."""
    pytest.importorskip("torch")
    from auscult.recipe import read_recipe, with_settings
    from auscult.training.train import train

    recipe = with_settings(read_recipe(family)[0], ["training.epochs=1"])
    return train(recipe, out=folder, clips=clips).bundle


def memory_on_mn04(clips, folder):
    """Learned through a network that has heard the world, where its weights are."""
    torch = pytest.importorskip("torch")
    from auscult.models.mn04 import mn04
    from auscult.models.pretrained import embedder_of

    if not MN04.exists():
        pytest.skip("the weights of mn04 are not in AUSCULT_DATA/models")
    embedder = embedder_of(mn04(torch.load(MN04, weights_only=True)), name="mn04")
    return learn_clips(clips, name="mn04", embedder=str(embedder.save(folder / "mn04.onnx"))).bundle


KINDS = [
    "memory on spectrum",
    "memory on an embedder",
    "memory on mn04",
    "classifier",
    "cnn_attention",
    "autoencoder",
]


@pytest.fixture(scope="module")
def make(request, tmp_path_factory):
    """A function from a kind of bundle to one of it."""

    def one_of(kind):
        folder = tmp_path_factory.mktemp("made")
        few = request.getfixturevalue("clips")[:6]
        faulty = request.getfixturevalue("faulty")
        odd = [clip_of(faulty(100 + n), f"odd {n}.wav", "anomaly") for n in range(3)]
        makers = {
            "memory on spectrum": lambda: request.getfixturevalue("bundle"),
            "memory on an embedder": lambda: request.getfixturevalue("own_bundle"),
            "memory on mn04": lambda: memory_on_mn04(few, folder),
            "classifier": lambda: request.getfixturevalue("classifier"),
            "cnn_attention": lambda: trained("cnn_attention", [*few, *odd], folder / "run"),
            "autoencoder": lambda: trained("autoencoder", few, folder / "run"),
        }
        return makers[kind]()

    return one_of


@pytest.fixture
def judge(browser, serve, open_page, tmp_path):
    """A function from a bundle, samples of 16 bits and their rate to what the page's worker says of them."""

    def say(bundle, pcm, rate_hz):
        file = bundle.save(tmp_path / "one.onnx")
        with serve(tmp_path / "data", "--bundle", str(file)) as server:
            page = open_page(browser, f"{server.url}/local")
            (listed,) = page.evaluate(
                "() => fetch('/api/bundles').then(a => a.json()).then(a => a.bundles)"
            )
            address = f"{server.url}/api/bundles/{listed['id']}/file"
            sound = b64encode(pcm.tobytes()).decode()
            asked = [worker_address(server.url), address, sound, rate_hz, 8192]
            found = page.evaluate(ASK, asked)
            page.context.close()
        return found

    return say


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore::auscult.errors.AuscultWarning")
def test_scores_are_those_of_python(kind, make, judge, faulty):
    bundle = make(kind)
    pcm = odd_pcm(faulty)
    recording, windows, events = in_python(bundle, pcm, RATE_HZ)
    found = judge(bundle, pcm, RATE_HZ)
    assert found["about"]["difference"] <= TOLERANCE
    whole = found["recording"]
    assert relative(whole["score"], recording.score) <= TOLERANCE
    assert (whole["state"], whole["rule"]) == (recording.state, recording.rule)
    assert (whole["limit"] or 0.0) == pytest.approx(recording.limit, rel=1e-9)
    assert {one["name"]: one["probability"] for one in whole["classes"]} == pytest.approx(
        recording.probabilities, abs=1e-5
    )
    assert whole["isKnown"] == recording.is_known
    assert_alike(whole["windows"], recording.windows)
    assert_alike(found["streamed"], windows)
    assert found["skipped"] == 0
    told = [(one["phase"], one["event"]["startS"], one["event"]["endS"]) for one in found["events"]]
    phases = {"begun": "open", "ended": "close"}
    assert told == [(phases[one.status], one.start_s, one.end_s) for one in events]


def assert_alike(found, expected):
    """Window by window."""
    assert len(found) == len(expected)
    for name in ("state", "rule", "holding", "label"):
        assert [one[name] for one in found] == [getattr(one, name) for one in expected]
    for name in ("score", "ratio"):
        pair = [one[name] for one in found], [getattr(one, name) for one in expected]
        assert relative(*pair) <= TOLERANCE


def test_sound_at_another_rate_scores_nearly_the_same(bundle, judge, faulty):
    rate_hz = 44_100
    pcm = soxr.resample(odd_pcm(faulty).astype(np.float64), RATE_HZ, rate_hz)
    pcm = np.round(pcm).clip(-32768, 32767).astype(np.int16)
    recording, windows, _ = in_python(bundle, pcm, rate_hz)
    found = judge(bundle, pcm, rate_hz)
    assert relative(found["recording"]["score"], recording.score) <= 0.01
    # Two resamplers hold up a little sound each, not equally much.
    pairs = list(zip(found["streamed"], windows, strict=False))
    assert len(pairs) >= len(windows) - 1
    assert [here["state"] for here, _ in pairs] == [there.state for _, there in pairs]
    scored = [(here["score"], there.score) for here, there in pairs if there.score]
    assert relative(*zip(*scored, strict=True)) <= 0.01
