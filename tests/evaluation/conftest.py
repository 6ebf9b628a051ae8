"""A small stand-in for a scorer, sound for it to judge, and what comes out of that."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.evaluation import report
from auscult.evaluation.evaluate import evaluate
from auscult.runtime.manifest import OpenSet
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import ClipVerdict, Explanation

RATE_HZ = 8000
NASTY = "<script>alert('x')&\"boo\".wav"


@dataclass
class Manifest:
    name: str = "fan <b>[red]7"
    sample_rate_hz: int = RATE_HZ
    level_median_db: float | None = None
    labels: tuple = ()
    alarm_labels: tuple = ()
    pool: str = "max"
    open_set: OpenSet | None = None


@dataclass
class Bundle:
    manifest: Manifest = field(default_factory=Manifest)


@dataclass
class FakeScorer:
    """Hears either the share of hiss (whatever the gain) or nothing but loudness."""

    hears: str = "hiss"
    limit: float = 0.42
    bundle: Bundle = field(default_factory=Bundle)
    heard: list = field(default_factory=list)

    def score(self, sound, *, pool="max", explain=True):
        self.heard.append(sound)
        x = sound.samples.astype(float)
        rms = np.sqrt(np.mean(x**2))
        if not rms:
            score = np.nan
        elif self.hears == "hiss":
            score = float(np.sqrt(np.mean(np.diff(x) ** 2)) / rms)
        else:
            score = float(rms)
        over = score > self.limit
        why = Explanation(
            low_hz=2000, high_hz=3000, start_s=0.1, end_s=0.3, text="More hiss <here> than usual."
        )
        return ClipVerdict(
            file="",
            score=score,
            limit=self.limit,
            ratio=score / self.limit,
            state="anomaly" if over else "normal",
            is_anomaly=over,
            explanation=why if over else None,
        )

    def embed(self, sound):
        return np.log(np.abs(np.fft.rfft(sound.samples, 16)) + 1e-6)


def hum(seed, *, hiss=0.2, seconds=0.5, rms=None):
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    samples = np.sin(2 * np.pi * 200 * time_s) + hiss * rng.normal(size=time_s.size)
    scale = 0.05 if rms is None else rms / np.sqrt(np.mean(samples**2))
    return Sound(samples=(scale * samples).astype(np.float32), rate_hz=RATE_HZ)


def labelled(number, label="normal", *, name="", sound=None, **known):
    hiss = (0.15 if label == "normal" else 0.25) + 0.02 * (number % 7)
    facts = {"machine": "fan", "unit": f"id_0{number % 2}"} | known
    return Clip(
        path=Path(name or f"{label}{number}.wav"),
        label=label,
        sound=sound or hum(number, hiss=hiss),
        **facts,
    )


def mixed_clips():
    return [
        *(labelled(i, name=NASTY if i == 6 else "") for i in range(14)),
        *(labelled(i, "anomaly", name=NASTY if i == 0 else "") for i in range(10)),
    ]


class Reader(HTMLParser):
    """Checks that tags close in order, and gathers what is needed."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def words(self):
        return re.sub(r"\s+", " ", " ".join(self.text))


@pytest.fixture(scope="session")
def rate_hz():
    """Rate of all sound here."""
    return RATE_HZ


@pytest.fixture(scope="session")
def nasty():
    """A file name that tries to be HTML; one normal and one anomalous recording of `some_clips` have it."""
    return NASTY


@pytest.fixture(scope="session")
def fake_scorer():
    """The class of the stand-in, called with what it hears (`hiss`, `loudness`) and its limit."""
    return FakeScorer


@pytest.fixture
def scorer():
    """One that hears the hiss."""
    return FakeScorer()


@pytest.fixture(scope="session")
def fan():
    """A function from a seed, and the share of hiss, seconds and RMS, to the sound of a fan."""
    return hum


@pytest.fixture(scope="session")
def clip():
    """A function from a number and a label to a clip that carries its sound."""
    return labelled


@pytest.fixture(scope="session")
def some_clips():
    """Fourteen normal and ten anomalous recordings of two units, not perfectly told apart by their hiss."""
    return mixed_clips()


@pytest.fixture(scope="session")
def evaluation(some_clips):
    """Of `some_clips`, a file that is gone, and a recording without a label."""
    gone = Clip(path=Path("gone<i>.wav"), label="normal")
    return evaluate(FakeScorer(), [*some_clips, gone, labelled(3, "")], bootstrap=50)


@pytest.fixture(scope="session")
def class_clips(sound_like):
    """Six recordings each of `hum`, `hiss`, `whistle` and the unknown `tone`, in memory; one whistle is called a hum."""
    kinds = ("hum", "hiss", "whistle", "tone")
    return [
        Clip(
            path=Path(f"{kind}{i}.wav"),
            label="hum" if (kind, i) == ("whistle", 0) else kind,
            sound=Sound(samples=sound_like(kind, i), rate_hz=16000),
        )
        for kind in kinds
        for i in range(6)
    ]


@pytest.fixture(scope="session")
def with_classes(class_clips, make_classifier):
    """Of `class_clips` by a classifier to which whistles are alarms."""
    return evaluate(Scorer(make_classifier(draws=True)), class_clips, bootstrap=50)


@pytest.fixture(scope="session")
def only_classes(class_clips, make_classifier):
    """Of `class_clips` by a classifier without alarms."""
    return evaluate(Scorer(make_classifier(alarm_labels=())), class_clips, bootstrap=50)


class Redrawer:
    """A bundle of two parts: one draws eight bands and gets the third wrong by 6 dB, the other repeats the waveform at half its size."""

    def __init__(self, min_window_samples=2000):
        manifest = SimpleNamespace(
            sample_rate_hz=RATE_HZ,
            window_samples=2000,
            min_window_samples=min_window_samples,
            bands_hz=tuple((100.0 * i, 100.0 * i + 100, 100.0 * i + 200) for i in range(8)),
        )
        self.bundle = SimpleNamespace(manifest=manifest, weights={})
        kinds = ("original", "rebuilt")
        names = [f"feature_map.{part}{kind}" for part in ("", "wave.") for kind in kinds]
        self.engine = SimpleNamespace(outputs=(*names, "feature_map.lonely.original", "score"))

    def run(self, window, context, outputs):
        assert not context
        frames = len(window) // 200
        picture = np.linspace(-40, 0, 8 * frames, dtype=np.float32).reshape(8, frames)
        wrong = picture + 6.0 * (np.arange(8) == 2)[:, None].astype(np.float32)
        found = {
            "feature_map.original": picture,
            "feature_map.rebuilt": wrong,
            "feature_map.wave.original": window,
            "feature_map.wave.rebuilt": 0.5 * window,
        }
        return {name: found[name][None] for name in outputs}


@pytest.fixture(scope="session")
def redrawer():
    """The class of a stand-in for a bundle that draws again what it was given."""
    return Redrawer


@pytest.fixture(scope="session")
def reader():
    """A function from a page to its tags and words; refuses what is not closed in order."""
    return Reader


@pytest.fixture
def written(tmp_path):
    """A function from an evaluation to the page of it."""

    def write(evaluation, **how):
        report.write_html(evaluation, tmp_path / "report.html", **how)
        return (tmp_path / "report.html").read_text("utf-8")

    return write
