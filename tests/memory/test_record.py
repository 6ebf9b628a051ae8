import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import BundleError
from auscult.memory import record
from auscult.memory.graph import spectrum_embedder
from auscult.memory.hear import Heard, hear
from auscult.memory.spectrum import PRESETS
from auscult.runtime.bundle import load, loads

COLUMNS = ("level_db", "recording", "stretch", "start_s")


def made_up(n, *, recordings=1, dim=384, scale=1.0, seed=0):
    """So many windows of some recordings, without any sound."""
    rng = np.random.default_rng(seed)
    recording = np.arange(n) * recordings // n
    return Heard(
        embeddings=(scale * rng.standard_normal((n, dim))).astype(np.float32),
        level_db=rng.uniform(-40, -20, n),
        recording=recording,
        stretch=recording.copy(),
        start_s=np.arange(n, dtype=np.float64),
        names=[f"{i}.wav" for i in range(recordings)],
        seconds=float(n + 1),
        digest=f"{seed:064x}",
        digests=[f"{seed:08x}{i:08x}" for i in range(recordings)],
    )


def kept_in(bundle, heard):
    """The bundle with another record in it."""
    data = replace(bundle.manifest.data, seconds=heard.seconds)
    manifest = replace(bundle.manifest, dim=heard.embeddings.shape[1], data=data)
    arrays = {**bundle.arrays, **record.arrays_of(heard)}
    return replace(bundle, manifest=manifest, arrays=arrays)


def with_text(bundle, **changes):
    arrays = dict(bundle.arrays)
    words = json.loads(arrays["record.names"].tobytes().decode()) | changes
    text = json.dumps({k: v for k, v in words.items() if v is not None}).encode()
    arrays["record.names"] = np.frombuffer(text + b" " * (len(text) % 2), np.int16)
    return replace(bundle, arrays=arrays)


def refused(bundle, what="its record of what it learned from is broken"):
    with pytest.raises(BundleError) as caught:
        record.of(bundle)
    assert what in caught.value.what
    assert "auscult learn" in caught.value.expected
    assert "learn" in caught.value.action.lower()


class TestWhatIsKept:
    def test_all_that_was_heard_comes_back(self, bundle, clips):
        heard = hear(clips, spectrum_embedder(PRESETS["default"]))
        again = record.of(loads(bundle.to_bytes()))
        np.testing.assert_allclose(again.embeddings, heard.embeddings, rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(again.level_db, heard.level_db, atol=1e-4)
        for name in ("recording", "stretch", "start_s"):
            np.testing.assert_array_equal(getattr(again, name), getattr(heard, name))
        for name in ("names", "seconds", "digest", "digests"):
            assert getattr(again, name) == getattr(heard, name)

    @pytest.mark.parametrize(("scale", "kind"), [(1.0, np.float16), (1e4, np.float32)])
    def test_half_precision_where_it_is_fine_enough(self, bundle, scale, kind):
        heard = made_up(20, scale=scale)
        kept = kept_in(bundle, heard)
        assert kept.arrays["record.embeddings"].dtype == kind
        again = record.of(loads(kept.to_bytes()))
        np.testing.assert_allclose(again.embeddings, heard.embeddings, rtol=1e-3, atol=1e-3 * scale)

    @pytest.mark.parametrize("name", ["ü", "風扇.wav", "a" * 99, '"quoted"'])
    def test_names_are_kept_in_any_script(self, bundle, name):
        heard = replace(made_up(3), names=[name])
        assert record.of(loads(kept_in(bundle, heard).to_bytes())).names == [name]

    def test_at_most_an_hour_in_whole_stretches_spread_evenly(self, bundle):
        heard = made_up(10_000, recordings=10)
        again = record.of(kept_in(bundle, heard))
        assert record.MAX_WINDOWS * 0.95 < len(again) <= record.MAX_WINDOWS
        assert again.seconds == heard.seconds
        # Whole tens: within each kept stretch windows follow one another.
        starts = again.start_s.reshape(-1, 10)
        assert np.all(np.diff(starts, axis=1) == 1.0)
        assert np.diff(again.stretch.reshape(-1, 10), axis=1).max() <= 1
        assert np.diff(starts[:, 0]).max() <= 40.0
        assert set(again.recording) == set(range(10))
        assert heard.start_s[-1] - again.start_s[-1] <= 40.0

    def test_recordings_of_ten_seconds_are_kept_whole_or_not_at_all(self):
        """Nine windows each: a stump of one would be noisier than what was learned."""
        stretch = np.repeat(np.arange(900), 9)
        kept = stretch[record._kept(stretch)]
        assert set(np.unique(kept, return_counts=True)[1]) == {9}
        assert len(kept) > 0.95 * record.MAX_WINDOWS

    def test_what_no_longer_follows_does_not_follow(self, bundle):
        again = record.of(kept_in(bundle, made_up(10_000)))
        gaps = np.diff(again.start_s) > 1.0
        np.testing.assert_array_equal(np.diff(again.stretch) > 0, gaps)

    @given(n=st.integers(1, 9000))
    def test_kept_windows_are_in_order_and_never_too_many(self, n):
        kept = record._kept(np.arange(n) // 9)
        assert 0 < len(kept) <= record.MAX_WINDOWS
        assert np.all(np.diff(kept) > 0)
        assert kept.min() >= 0
        assert kept.max() < n
        if n <= record.MAX_WINDOWS:
            assert len(kept) == n


class TestBrokenRecords:
    def test_a_bundle_without_one(self, bundle):
        bare = replace(bundle, arrays={})
        refused(bare, "machine keeps no record of what it learned from")

    def test_an_embedder(self, embedder_file):
        refused(load(embedder_file), "keeps no record")

    @pytest.mark.parametrize("name", [*COLUMNS, "names"])
    def test_a_part_is_missing(self, bundle, name):
        arrays = {key: value for key, value in bundle.arrays.items() if key != f"record.{name}"}
        refused(replace(bundle, arrays=arrays))

    @pytest.mark.parametrize("name", ["embeddings", *COLUMNS])
    def test_a_part_is_too_short(self, bundle, name):
        arrays = dict(bundle.arrays)
        arrays[f"record.{name}"] = arrays[f"record.{name}"][:-1]
        refused(replace(bundle, arrays=arrays))

    def test_embeddings_of_another_length(self, bundle):
        arrays = dict(bundle.arrays)
        arrays["record.embeddings"] = arrays["record.embeddings"][:, :-1]
        refused(replace(bundle, arrays=arrays))

    def test_nothing_in_it(self, bundle):
        arrays = {key: v[:0] if key.startswith("record") else v for key, v in bundle.arrays.items()}
        arrays["record.names"] = bundle.arrays["record.names"]
        refused(replace(bundle, arrays=arrays))

    @pytest.mark.parametrize(("name", "values"), [("recording", [99, -1]), ("stretch", [0, 5])])
    def test_numbers_out_of_order(self, bundle, name, values):
        arrays = dict(bundle.arrays)
        column = arrays[f"record.{name}"].copy()
        column[[3, -1]] = values[::-1]
        arrays[f"record.{name}"] = column
        refused(replace(bundle, arrays=arrays))

    @pytest.mark.parametrize(
        "changes",
        [{"names": None}, {"names": ["a"]}, {"names": 7}, {"digests": None}, {"digests": []}],
    )
    def test_words_that_do_not_fit(self, bundle, changes):
        refused(with_text(bundle, **changes))

    @pytest.mark.parametrize("text", [b"{", b"[]", b"\xff\xff", b"7 ", b""])
    def test_words_that_are_none(self, bundle, text):
        arrays = {
            **bundle.arrays,
            "record.names": np.frombuffer(text[: len(text) // 2 * 2], np.int16),
        }
        refused(replace(bundle, arrays=arrays))


class TestJoining:
    def test_one_after_the_other(self):
        before, now = made_up(6, recordings=2), made_up(4, recordings=2, seed=1)
        both = record.joined(before, now)
        assert len(both) == 10
        assert both.recording.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
        assert both.stretch.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
        assert both.names == before.names + now.names
        assert both.digests == before.digests + now.digests
        assert both.seconds == before.seconds + now.seconds
        np.testing.assert_array_equal(both.embeddings[6:], now.embeddings)
        np.testing.assert_array_equal(both.start_s[:6], before.start_s)

    def test_the_digest_depends_on_the_order(self):
        one, other = made_up(2), made_up(2, seed=1)
        digests = {one.digest, other.digest}
        digests |= {record.joined(one, other).digest, record.joined(other, one).digest}
        assert len(digests) == 4
        assert {len(digest) for digest in digests} == {64}

    def test_what_is_said_of_the_new_recordings_stays(self):
        now = replace(made_up(2, seed=1), silent_windows=3, first_windows=[np.zeros(5)])
        both = record.joined(made_up(2), now)
        assert both.silent_windows == 3
        assert both.first_windows is now.first_windows

    def test_the_very_same_again_is_refused(self):
        with pytest.raises(BundleError) as caught:
            record.joined(made_up(2), made_up(2))
        assert "has heard exactly these recordings already" in caught.value.what
        assert caught.value.expected == "new recordings"
        assert "Give --add only sound that the bundle has not heard" in caught.value.action
