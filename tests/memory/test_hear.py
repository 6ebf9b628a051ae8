import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio import read
from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import MissingExtra
from auscult.memory import hear as hearing
from auscult.memory.graph import spectrum_embedder
from auscult.memory.hear import hear
from auscult.memory.spectrum import PRESETS, embed

RATE_HZ = 16000


@pytest.fixture(scope="module")
def embedder():
    return spectrum_embedder(PRESETS["edge"])


def reference(samples):
    """Embeddings of all whole windows, in NumPy."""
    starts = range(0, len(samples) - 32000 + 1, 16000)
    return np.stack([embed(samples[s : s + 32000], PRESETS["edge"]) for s in starts])


class TestWindows:
    def test_every_window_of_every_recording_in_order(self, embedder, clip, machine):
        sounds = [machine(0, 10.0), machine(1, 4.5), machine(2, 25.0)]
        heard = hear([clip(s, f"{i}.wav") for i, s in enumerate(sounds)], embedder)
        expected = np.concatenate([reference(s) for s in sounds])
        np.testing.assert_allclose(heard.embeddings, expected, atol=2e-3)
        assert len(heard) == 9 + 3 + 24
        assert heard.names == ["0.wav", "1.wav", "2.wav"]
        assert np.bincount(heard.recording).tolist() == [9, 3, 24]
        assert np.unique(heard.stretch).tolist() == [0, 1, 2]
        assert heard.start_s[9:12].tolist() == [0.0, 1.0, 2.0]
        assert heard.seconds == pytest.approx(10.0 + 4.0 + 25.0)
        assert heard.skipped == []

    def test_levels_are_those_of_the_windows(self, embedder, clip, machine):
        samples = machine(0, 4.0)
        heard = hear([clip(samples, "a"), clip(samples * np.float32(0.1), "b")], embedder)
        np.testing.assert_allclose(heard.level_db[:3] - heard.level_db[3:], 20.0, atol=1e-3)

    def test_a_recording_shorter_than_a_window_is_one_of_its_own_length(
        self, embedder, clip, machine
    ):
        samples = machine(0, 0.7)
        heard = hear([clip(samples, "a")], embedder)
        np.testing.assert_allclose(heard.embeddings[0], embed(samples, PRESETS["edge"]), atol=2e-3)
        assert heard.seconds == pytest.approx(0.7)

    def test_the_first_windows_are_kept_to_prove_the_bundle_with(self, embedder, clip, machine):
        heard = hear([clip(machine(0), "a"), clip(machine(1), "b")], embedder)
        assert len(heard.first_windows) == 9
        for start, window in enumerate(heard.first_windows):
            np.testing.assert_array_equal(window, machine(0)[start * RATE_HZ :][:32000])

    def test_more_windows_than_a_batch(self, embedder, clip, machine, monkeypatch):
        samples = machine(0, 12.0)
        whole = hear([clip(samples, "a")], embedder)
        monkeypatch.setattr(hearing, "BATCH", 3)
        parts = hear([clip(samples, "a")], embedder)
        np.testing.assert_allclose(parts.embeddings, whole.embeddings, atol=1e-4)
        assert parts.start_s.tolist() == whole.start_s.tolist() == list(range(11))
        assert parts.digest == whole.digest

    def test_silent_windows_are_left_out_and_break_the_stretch(self, embedder, clip, machine):
        samples = machine(0, 12.0)
        samples[5 * RATE_HZ : 8 * RATE_HZ] = 0.0
        heard = hear([clip(samples, "a")], embedder)
        # Two are silent, and two half silent: where a microphone comes or goes there is no machine to learn.
        assert heard.silent_windows == 4
        assert heard.seconds == pytest.approx(5.0 + 4.0)
        assert heard.start_s.tolist() == [0, 1, 2, 3, 8, 9, 10]
        assert heard.stretch.tolist() == [0] * 4 + [1] * 3

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_windows_that_hold_no_numbers_are_left_out(self, embedder, clip, machine, value):
        samples = machine(0, 6.0)
        samples[100] = value
        heard = hear([clip(samples, "a")], embedder)
        assert heard.silent_windows == 1
        assert np.all(np.isfinite(heard.embeddings))

    def test_nothing_at_all(self, embedder):
        heard = hear([], embedder)
        assert len(heard) == 0
        assert heard.embeddings.shape == (0, embedder.dim)
        assert heard.seconds == 0.0
        assert heard.first_windows == []


class TestFiles:
    def test_a_file_is_heard_as_its_samples_are(self, embedder, clip, machine, tmp_path):
        samples = machine(0, 25.0)
        soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
        from_file = hear([Clip(path=tmp_path / "a.wav")], embedder)
        from_memory = hear([clip(samples, "a.wav")], embedder)
        np.testing.assert_array_equal(from_file.embeddings, from_memory.embeddings)
        assert from_file.digest == from_memory.digest
        assert from_file.names == ["a.wav"]

    @settings(max_examples=10)
    @given(block_s=st.floats(0.3, 30.0))
    def test_how_a_file_is_cut_into_blocks_changes_nothing(self, embedder, clip, machine, block_s):
        samples = machine(0, 12.0)
        whole = hear([clip(samples, "a")], embedder)
        file = io.BytesIO()
        soundfile.write(file, samples, RATE_HZ, format="WAV", subtype="FLOAT")

        def in_blocks(_, **options):
            return read.blocks(file.getvalue(), **options, block_s=block_s)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hearing, "blocks", in_blocks)
            parts = hear([Clip(path=Path("a"))], embedder)
        np.testing.assert_allclose(parts.embeddings, whole.embeddings, atol=1e-4)
        assert parts.digest == whole.digest

    def test_a_stretch_of_a_file(self, embedder, machine, tmp_path):
        samples = machine(0, 10.0)
        soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
        heard = hear([Clip(path=tmp_path / "a.wav", start_s=2.0, end_s=7.0)], embedder)
        np.testing.assert_allclose(heard.embeddings, reference(samples[32000:112000]), atol=2e-3)
        assert heard.names == ["a.wav[2-7s]"]

    def test_eight_channels_are_averaged_or_one_is_picked(self, embedder, machine, tmp_path):
        channels = np.stack([machine(seed, 4.0) for seed in range(8)], axis=1)
        soundfile.write(tmp_path / "array.wav", channels, RATE_HZ, subtype="FLOAT")
        clips = [Clip(path=tmp_path / "array.wav")]
        mean = hear(clips, embedder)
        np.testing.assert_allclose(mean.embeddings, reference(channels.mean(axis=1)), atol=2e-3)
        third = hear(clips, embedder, channel=2)
        np.testing.assert_allclose(third.embeddings, reference(channels[:, 2]), atol=2e-3)
        (skipped,) = hear(clips, embedder, channel=8).skipped
        assert "Channel 8 was asked for, but " in skipped.error
        assert "Expected: 0 to 7." in skipped.error

    def test_other_rates_are_resampled(self, embedder, machine, tmp_path):
        samples = machine(0, 4.0)
        doubled = np.repeat(samples, 2)
        soundfile.write(tmp_path / "a.wav", doubled, 2 * RATE_HZ, subtype="FLOAT")
        heard = hear([Clip(path=tmp_path / "a.wav")], embedder)
        assert len(heard) == 3
        np.testing.assert_allclose(heard.level_db, hear_levels(samples), atol=1.5)


def hear_levels(samples):
    starts = range(0, len(samples) - 32000 + 1, 16000)
    windows = [samples[s : s + 32000].astype(np.float64) for s in starts]
    return [20 * np.log10(np.sqrt(np.mean(window**2))) for window in windows]


class TestBadRecordings:
    """One that can't be used is named and skipped; the others are heard."""

    def heard(self, embedder, *paths):
        heard = hear([Clip(path=path) for path in paths], embedder)
        return heard, {Path(one.file).name: one.error for one in heard.skipped}

    @pytest.fixture
    def good(self, folder):
        return [folder / "00.wav", folder / "01.wav"]

    def test_missing_broken_and_renamed_files(self, embedder, good, tmp_path):
        content = good[0].read_bytes()
        (tmp_path / "cut.wav").write_bytes(content[: len(content) // 2])
        (tmp_path / "text.wav").write_text("not sound\n" * 100)
        (tmp_path / "empty.wav").write_bytes(b"")
        shutil.copy(good[1], tmp_path / "renamed.flac")
        heard, skipped = self.heard(
            embedder,
            good[0],
            tmp_path / "cut.wav",
            tmp_path / "text.wav",
            tmp_path / "empty.wav",
            tmp_path / "missing.wav",
            tmp_path / "renamed.flac",
        )
        assert heard.names == ["00.wav", "renamed.flac"]
        assert len(heard) == 18
        assert set(skipped) == {"cut.wav", "text.wav", "empty.wav", "missing.wav"}
        assert "is cut off" in skipped["cut.wav"]
        assert all("Expected: " in error for error in skipped.values())

    def test_silence_is_skipped(self, embedder, good, tmp_path):
        soundfile.write(tmp_path / "silent.wav", np.zeros(10 * RATE_HZ), RATE_HZ)
        heard, skipped = self.heard(embedder, good[0], tmp_path / "silent.wav")
        assert heard.names == ["00.wav"]
        assert "silent.wav holds no usable signal." in skipped["silent.wav"]
        assert "Expected: sound above -90 dBFS that is not clipped." in skipped["silent.wav"]
        assert "Check the microphone and its gain." in skipped["silent.wav"]

    def test_one_that_is_too_short_is_skipped(self, embedder, good, tmp_path):
        soundfile.write(tmp_path / "short.wav", np.ones(7000) * 0.1, RATE_HZ)
        heard, skipped = self.heard(embedder, tmp_path / "short.wav", good[0])
        assert heard.names == ["00.wav"]
        assert "short.wav is 0.44 s long. Expected: at least 0.5 s." in skipped["short.wav"]

    def test_clipping_is_skipped(self, embedder, clip, machine):
        loud = np.clip(machine(0) * 50, -1, 1)
        heard = hear([clip(loud, "loud.wav"), clip(machine(1), "fine.wav")], embedder)
        assert [one.file for one in heard.skipped] == ["loud.wav"]
        assert heard.names == ["fine.wav"]

    def test_copies_are_skipped_under_any_name(self, embedder, good, tmp_path):
        shutil.copy(good[0], tmp_path / "again.wav")
        samples, _ = soundfile.read(good[0], dtype="float32")
        soundfile.write(tmp_path / "again.flac", samples, RATE_HZ, subtype="PCM_24")
        heard, skipped = self.heard(
            embedder, *good, tmp_path / "again.wav", tmp_path / "again.flac"
        )
        assert heard.names == ["00.wav", "01.wav"]
        assert skipped["again.wav"] == "The same sound as 00.wav: a copy."
        assert skipped["again.flac"] == "The same sound as 00.wav: a copy."

    def test_what_is_known_already_is_skipped(self, embedder, clip, machine):
        before = hear([clip(machine(0), "a")], embedder)
        now = hear([clip(machine(0), "b"), clip(machine(1), "c")], embedder, known=before.digests)
        assert now.names == ["c"]
        assert [(s.file, s.error) for s in now.skipped] == [
            ("b", "The bundle has heard it already.")
        ]

    def test_a_format_that_needs_an_extra_is_skipped(self, embedder, good, monkeypatch):
        def blocks(path, **options):
            if path == good[0]:
                raise MissingExtra("Reading M4A and AAC", "streams")
            return read.blocks(path, **options)

        monkeypatch.setattr(hearing, "blocks", blocks)
        heard, skipped = self.heard(embedder, *good)
        assert heard.names == ["01.wav"]
        assert "pip install 'auscult[streams]'" in skipped["00.wav"]


class TestDigests:
    def test_they_are_of_the_samples_and_not_of_names(self, embedder, clip, machine):
        one = hear([clip(machine(0), "a"), clip(machine(1), "b")], embedder)
        other = hear([clip(machine(0), "x"), clip(machine(1), "y")], embedder)
        assert (one.digest, one.digests) == (other.digest, other.digests)

    def test_one_sample_makes_another(self, embedder, clip, machine):
        samples = machine(0)
        before = hear([clip(samples, "a")], embedder)
        samples[-1] += np.float32(1e-6)
        after = hear([clip(samples, "a")], embedder)
        assert before.digest != after.digest
        assert before.digests != after.digests


def test_progress_is_told_in_seconds_heard(embedder, clip, machine):
    told = []
    hear(
        [clip(machine(0, 10.0), "a"), clip(machine(1, 5.0), "b")],
        embedder,
        progress=lambda seconds, name: told.append((seconds, name)),
    )
    assert told[0] == (10.0, "a")
    assert told[-1] == (pytest.approx(15.0), "b")


def test_a_sound_at_another_rate_is_resampled(embedder):
    noise = np.random.default_rng(0).standard_normal(44_100 * 3).astype(np.float32) * 0.1
    one = Clip(path=Path("a"), sound=Sound(samples=noise, rate_hz=44_100))
    assert len(hear([one], embedder)) == 2
