"""The page stands alone, escapes what comes from outside, and says what the numbers say."""

import base64
import io
import json
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from rich.console import Console

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import DatasetError, MissingExtra
from auscult.evaluation import report
from auscult.evaluation.evaluate import evaluate
from auscult.runtime.verdict import ClipVerdict, Explanation

RATE_HZ = 8000
NASTY = "<script>alert('x')&\"boo\".wav"


@dataclass
class Manifest:
    name: str = "fan <b>[red]7"
    sample_rate_hz: int = RATE_HZ
    level_median_db: float | None = None


@dataclass
class Bundle:
    manifest: Manifest = field(default_factory=Manifest)


@dataclass
class FakeScorer:
    """Hears the share of hiss, whatever the gain."""

    limit: float = 0.42
    bundle: Bundle = field(default_factory=Bundle)

    def score(self, sound, *, pool="max", explain=True):
        x = sound.samples.astype(float)
        score = float(np.sqrt(np.mean(np.diff(x) ** 2) / np.mean(x**2)))
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


def machine(seed, hiss, seconds=0.5):
    rng = np.random.default_rng(seed)
    t = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    x = np.sin(2 * np.pi * 200 * t) + hiss * rng.normal(size=t.size)
    return Sound(samples=(0.05 * x).astype(np.float32), rate_hz=RATE_HZ)


def clip(number, label, name="", **known):
    hiss = (0.15 if label == "normal" else 0.25) + 0.02 * (number % 7)
    return Clip(
        path=Path(name or f"{label}{number}.wav"),
        label=label,
        machine="fan",
        unit=f"id_0{number % 2}",
        sound=known.pop("sound", None) or machine(number, hiss),
        **known,
    )


def some_clips():
    return [
        *(clip(i, "normal", NASTY if i == 6 else "") for i in range(14)),
        *(clip(i, "anomaly", NASTY if i == 0 else "") for i in range(10)),
    ]


@pytest.fixture(scope="module")
def evaluation():
    gone = Clip(path=Path("gone<i>.wav"), label="normal")
    return evaluate(FakeScorer(), [*some_clips(), gone, clip(3, "")], bootstrap=50)


@pytest.fixture(scope="module")
def page(evaluation, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    report.write_html(evaluation, path, listen=2)
    return path.read_text("utf-8")


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


def words(page):
    return re.sub(r"\s+", " ", " ".join(Reader(page).text))


class TestPage:
    def test_asks_nothing_of_the_network_and_runs_nothing(self, page):
        reader = Reader(page)
        assert not reader.all("script")
        assert not reader.all("link")
        for _, attrs in reader.tags:
            assert not any(name.startswith("on") for name in attrs)
            for name in ("src", "href", "xlink:href"):
                assert attrs.get(name, "data:").startswith("data:")
        assert not re.findall(r"url\(|@import|https?://", page)
        (policy,) = [m for m in reader.all("meta") if "http-equiv" in m]
        assert "default-src 'none'" in policy["content"]

    def test_what_comes_from_outside_is_escaped(self, page):
        assert "<script" not in page
        assert "<here>" not in page
        assert "fan <b>" not in page
        text = words(page)
        assert NASTY in text
        assert "More hiss <here> than usual." in text
        assert "fan <b>[red]7" in text
        assert "gone<i>.wav" in text

    def test_is_well_formed(self, page):
        # As strict as XML: every tag closed, every attribute quoted.
        body = page.removeprefix("<!doctype html>\n")
        body = re.sub(r"<meta([^>]*)>", r"<meta\1/>", body)
        body = re.sub(r" (controls)(?=[ >])", r' \1="controls"', body)
        ET.fromstring(body)

    def test_headings_figures_and_tables_for_everybody(self, page):
        reader = Reader(page)
        assert reader.tags[0] == ("html", {"lang": "en"})
        assert len(reader.all("h1")) == 1
        levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
        assert all(b <= a + 1 for a, b in pairwise(levels))
        assert len(reader.all("figure")) == len(reader.all("details")) == 6
        assert len(reader.all("table")) == len(reader.all("caption")) == 6 + 3
        for svg in reader.all("svg"):
            assert svg.get("aria-label") or svg.get("aria-hidden") == "true"
        for audio in reader.all("audio"):
            assert audio["aria-label"].startswith("Play ")
        assert "prefers-color-scheme:dark" in page

    def test_says_the_result_in_words(self, evaluation, page):
        counted = evaluation.at_limit
        text = words(page)
        assert f"heard {counted.tp} of 10 anomalous recordings" in text
        assert f"false alarm on {counted.fp} of 14 normal ones" in text
        assert "Without a label, and left out: 1 recording." in text
        assert f"{evaluation.columns['as_recorded'].auc:.3f}" in text

    def test_worst_misses_are_the_right_ones(self, evaluation, page):
        played = [audio["aria-label"].removeprefix("Play ") for audio in Reader(page).all("audio")]
        ranked = sorted(evaluation.rows, key=lambda row: row.score)
        least = [row.path.name for row in ranked if not row.is_normal][:2]
        most = [row.path.name for row in ranked[::-1] if row.is_normal][:2]
        assert played == least + most

    def test_their_sound_can_be_played(self, page):
        audio = Reader(page).all("audio")[0]
        head, data = audio["src"].split(",")
        assert head == "data:audio/wav;base64"
        samples, rate_hz = sf.read(io.BytesIO(base64.b64decode(data)))
        assert (rate_hz, len(samples)) == (RATE_HZ, RATE_HZ // 2)
        assert np.sqrt(np.mean(samples**2)) == pytest.approx(report.LISTEN_RMS, rel=0.01)

    def test_no_invalid_numbers_reach_the_page(self, page):
        assert not re.search(r"\bnan\b|\binf\b|NaN|Infinity", page)

    def test_listen_zero_leaves_them_out(self, evaluation, tmp_path):
        report.write_html(evaluation, tmp_path / "r.html", listen=0)
        quiet = (tmp_path / "r.html").read_text("utf-8")
        assert not Reader(quiet).all("audio")
        assert "worst misses" not in quiet

    def test_the_same_evaluation_gives_the_same_page(self, evaluation, page, tmp_path):
        report.write_html(evaluation, tmp_path / "again.html", listen=2)
        assert (tmp_path / "again.html").read_text("utf-8") == page

    def test_too_much_sound_is_left_out(self, evaluation, tmp_path, monkeypatch):
        monkeypatch.setattr(report, "MAX_SOUND_BYTES", 25_000)
        report.write_html(evaluation, tmp_path / "r.html", listen=2)
        small = (tmp_path / "r.html").read_text("utf-8")
        assert len(Reader(small).all("audio")) == 2
        assert small.count("Left out of the page to keep it small.") == 2


class TestListening:
    def test_at_most_ten_seconds_around_the_explained_part(self, tmp_path):
        path = tmp_path / "long.wav"
        sf.write(path, machine(1, 0.3, seconds=30).samples, RATE_HZ)
        why = Explanation(low_hz=1, high_hz=2, start_s=20, end_s=22, text="")
        result = evaluate(
            FakeScorer(),
            [Clip(path=path, label="anomaly", start_s=1.0), clip(1, "normal")],
            bootstrap=1,
        )
        row = result.rows[0]
        object.__setattr__(row, "explanation", why)
        sound, start_s = report._excerpt(row, RATE_HZ)
        assert sound.duration_s == pytest.approx(10)
        assert start_s == 16.0
        object.__setattr__(row, "explanation", None)
        assert report._excerpt(row, RATE_HZ)[1] == 0.0

    def test_a_recording_that_is_gone_by_now_says_so(self, tmp_path):
        path = tmp_path / "soon_gone.wav"
        sf.write(path, machine(1, 0.3).samples, RATE_HZ)
        result = evaluate(
            FakeScorer(), [Clip(path=path, label="anomaly"), clip(1, "normal")], bootstrap=1
        )
        path.unlink()
        report.write_html(result, tmp_path / "r.html")
        assert "It can't be played: " in words((tmp_path / "r.html").read_text("utf-8"))

    def test_carried_sound_is_cut_too(self):
        long = clip(1, "anomaly", sound=machine(1, 0.3, seconds=12))
        result = evaluate(FakeScorer(), [long, clip(1, "normal")], bootstrap=1)
        assert report._excerpt(result.rows[0], RATE_HZ)[0].duration_s == pytest.approx(10)

    def test_png(self):
        data = report._png(np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (3, 2)
        idat = data.index(b"IDAT")
        size = struct.unpack(">I", data[idat - 4 : idat])[0]
        rows = zlib.decompress(data[idat + 4 : idat + 4 + size])
        assert list(rows) == [0, 0, 255, 128, 0, 255, 0, 64]


class TestOddCases:
    @pytest.mark.parametrize("limit", [np.inf, 1e-9, 1e9])
    def test_one_of_each_and_strange_limits(self, limit, tmp_path):
        result = evaluate(
            FakeScorer(limit=limit), [clip(1, "normal"), clip(2, "anomaly")], bootstrap=10
        )
        report.write_html(result, tmp_path / "r.html")
        report.write_json(result, tmp_path / "r.json")
        report.table(result)
        page = (tmp_path / "r.html").read_text("utf-8")
        Reader(page)
        assert not re.search(r"\bnan\b|\binf\b", page)
        assert "1 normal and 1 anomalous recordings are few" in words(page)

    def test_a_bundle_without_a_limit_or_a_map(self, tmp_path):
        class Bare(FakeScorer):
            def embed(self, sound):
                return np.empty(0)

        result = evaluate(Bare(limit=np.inf), some_clips(), bootstrap=5)
        report.write_html(result, tmp_path / "r.html", listen=0)
        page = (tmp_path / "r.html").read_text("utf-8")
        assert "no limit for recordings yet" in words(page)
        assert len(Reader(page).all("figure")) == 5
        assert len(report.figures(result, tmp_path / "png")) == 5

    def test_all_scores_alike(self, tmp_path):
        same = machine(1, 0.2)
        clips = [clip(i, label, sound=same) for i in range(3) for label in ("normal", "anomaly")]
        result = evaluate(FakeScorer(), clips, bootstrap=10)
        report.write_html(result, tmp_path / "r.html")
        page = (tmp_path / "r.html").read_text("utf-8")
        assert "can't be told from guessing" in words(page)
        assert not re.search(r"\bnan\b|\binf\b", page)

    def test_classes_have_their_own_colours(self, tmp_path):
        clips = some_clips() + [clip(i, f"class {i}") for i in range(8)]
        result = evaluate(FakeScorer(), clips, bootstrap=5)
        report.write_html(result, tmp_path / "r.html", listen=0)
        page = (tmp_path / "r.html").read_text("utf-8")
        assert "key c2 diamond" in page
        assert "c6" not in page

    def test_points_are_thinned_out(self, evaluation, monkeypatch):
        monkeypatch.setattr(report, "_MAX_POINTS", 10)
        points = report._embedding_map(evaluation, tsne=False)
        assert len(points.rows) == len(points.points) == 8
        assert points.left_out == 16

    def test_official_score_is_shown(self, tmp_path):
        clips = [clip(i, "normal", f"normal_id_00_{i:08d}.wav") for i in range(4)] + [
            clip(i, "anomaly", f"anomaly_id_00_{i:08d}.wav") for i in range(4)
        ]
        result = evaluate(FakeScorer(), clips, bootstrap=5)
        report.write_html(result, tmp_path / "r.html", listen=0)
        assert "Official DCASE score" in words((tmp_path / "r.html").read_text("utf-8"))

    def test_pca_keeps_the_order_of_distances(self, evaluation):
        points = report._embedding_map(evaluation, tsne=False)
        assert points.points.shape == (24, 2)
        spread = points.points.std(axis=0)
        assert spread[0] >= spread[1] > 0


class TestCautions:
    def test_loudness_that_tells(self):
        def at(rms, number, label):
            sound = machine(number, 0.2)
            return clip(
                number,
                label,
                sound=Sound(samples=sound.samples * np.float32(rms / 0.05), rate_hz=RATE_HZ),
            )

        clips = [at(0.05, i, "normal") for i in range(6)] + [
            at(0.1, i, "anomaly") for i in range(6)
        ]
        said = " ".join(report.cautions(evaluate(FakeScorer(), clips, bootstrap=10)))
        assert "Loudness gives the answer away" in said
        assert "always raising the alarm would score 0.67" in said

    def test_nothing_to_say_against_a_clear_result(self):
        clips = [clip(0, "normal", f"n{i}.wav", sound=machine(i, 0.1)) for i in range(30)] + [
            clip(0, "anomaly", f"a{i}.wav", sound=machine(i + 50, 0.6)) for i in range(30)
        ]
        equal = [
            Clip(
                path=c.path,
                label=c.label,
                sound=Sound(
                    samples=c.sound.samples
                    * np.float32(0.05 / np.sqrt(np.mean(c.sound.samples**2))),
                    rate_hz=RATE_HZ,
                ),
            )
            for c in clips
        ]
        result = evaluate(FakeScorer(), equal, bootstrap=50)
        said = [text for text in report.cautions(result) if "Loudness" not in text]
        assert said == []


class TestOtherForms:
    def test_json(self, evaluation, tmp_path):
        report.write_json(evaluation, tmp_path / "deep" / "r.json")
        answer = json.loads((tmp_path / "deep" / "r.json").read_text("utf-8"))
        assert answer == json.loads(json.dumps(evaluation.to_dict(rows=True)))
        assert len(answer["rows"]) == 24
        report.write_json(evaluation, tmp_path / "short.json", rows=False)
        assert "rows" not in json.loads((tmp_path / "short.json").read_text("utf-8"))

    def test_table(self, evaluation):
        console = Console(width=120, file=io.StringIO(), record=True)
        console.print(report.table(evaluation))
        text = console.export_text()
        assert "fan <b>[red]7" in text
        for name in ("As recorded", "Every clip equally loud", "Random gain", "Loudness alone"):
            assert name in text
        assert "fan id_01" in text
        assert f"{evaluation.columns['as_recorded'].auc:.3f}" in text

    def test_png_figures(self, evaluation, tmp_path):
        paths = report.figures(evaluation, tmp_path / "figures")
        assert [path.stem for path in paths] == [
            "scores",
            "roc",
            "precision_recall",
            "f1_against_limit",
            "confusion",
            "embedding_map",
        ]
        for path in paths:
            assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(list((tmp_path / "figures").iterdir())) == 6

    def test_tsne(self, evaluation):
        points = report._embedding_map(evaluation, tsne=True)
        assert points.x_label.startswith("t-SNE")
        assert points.points.shape == (24, 2)
        assert np.isfinite(points.points).all()

    @pytest.mark.parametrize("library", ["matplotlib.figure", "sklearn.manifold"])
    def test_missing_extra_says_what_to_install(self, evaluation, tmp_path, monkeypatch, library):
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(MissingExtra, match=r"pip install 'auscult\[report\]'"):
            report.figures(evaluation, tmp_path, tsne=True)
        assert list(tmp_path.iterdir()) == []

    def test_a_place_that_cannot_be_written(self, evaluation, tmp_path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(DatasetError, match=r"can't be written.*Expected: a place that can be"):
            report.write_json(evaluation, tmp_path / "file" / "r.json")

    def test_nothing_half_written_is_left(self, evaluation, tmp_path, monkeypatch):
        def fails(self, target):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", fails)
        with pytest.raises(DatasetError, match="No space left"):
            report.write_json(evaluation, tmp_path / "r.json")
        assert list(tmp_path.iterdir()) == []
