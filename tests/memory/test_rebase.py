"""A new normal is learned from how it was heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.audio.window import windows
from auscult.errors import BundleError, DatasetError
from auscult.memory.allow import allow, forbid
from auscult.memory.rebase import MAX_BYTES, Since, read, rebased
from auscult.memory.trace import ears_of
from auscult.runtime.bundle import loads, verify
from auscult.runtime.scorer import Scorer


def since_of(bundle, sounds):
    """How several stretches of sound were heard."""
    stream, manifest = Scorer(bundle).stream(), bundle.manifest
    rows, levels, stretch = [], [], []
    for number, samples in enumerate(sounds):
        for window in windows(samples, manifest.window_samples, manifest.hop_samples):
            levels.append(stream.judge(window, 0.0).level_db)
            rows.append(stream.embedding)
            stretch.append(number)
    return Since(
        ears=ears_of(bundle),
        embeddings=np.stack(rows),
        level_db=np.array(levels),
        stretch=np.array(stretch),
    )


@pytest.fixture(scope="module")
def hums(faulty):
    """Six stretches of the machine with a whistle that does not end."""
    return [faulty(seed, 20.0, start_s=0.0, end_s=20.0) for seed in range(200, 206)]


@pytest.fixture(scope="module")
def since(bundle, hums):
    return read(since_of(bundle, hums).to_bytes())


def is_alarm(bundle, samples):
    return Scorer(bundle).score(Sound(samples=samples, rate_hz=16000), explain=False).is_anomaly


def test_what_was_heard_since_is_normal_and_what_was_before_is_not(bundle, since, faulty, machine):
    made = rebased(bundle, since, name="Fan, since noon")
    humming = faulty(300, 20.0, start_s=0.0, end_s=20.0)
    assert is_alarm(bundle, humming)
    assert not is_alarm(made, humming)
    assert is_alarm(made, machine(301, 20.0))
    assert is_alarm(made, faulty(302, 20.0, start_s=0.0, end_s=20.0, hz=1000.0))


def test_it_says_what_it_is(bundle, since, faulty):
    before = allow(bundle, Sound(samples=faulty(1, hz=1000.0), rate_hz=16000), name="door").bundle
    made = rebased(before, since, name="Fan, since noon")
    manifest = loads(made.to_bytes()).manifest
    assert manifest.name == bundle.manifest.name
    assert manifest.data.seconds == len(since.level_db)
    assert {one.recording for one in manifest.exemplars} == {"Fan, since noon"}
    assert manifest.calibration.budget_per_day == bundle.manifest.calibration.budget_per_day
    assert [one.recording for one in manifest.allowed] == ["door"]
    assert verify(made) < 1e-4
    # Of the new normal there is no sound: what proves the scores is of before, and is said to be.
    assert (bundle.manifest.references_of, manifest.references_of) == ("normal", "earlier")
    assert forbid(loads(made.to_bytes()), 1).manifest.references_of == "earlier"
    assert "references_of" not in bundle.manifest.to_json()


def test_other_ears_and_too_little(bundle, edge_bundle, since, hums):
    with pytest.raises(BundleError, match="another embedder"):
        rebased(edge_bundle, since, name="it")
    with pytest.raises(DatasetError):
        rebased(bundle, since_of(bundle, [hums[0][:80000]]), name="it")


@given(st.binary(max_size=300))
def test_what_is_nothing_of_the_kind_is_none(content):
    assert read(content) is None


def test_a_table_without_sense_is_none(since):
    assert read(b"\0" * (MAX_BYTES + 1)) is None
    for embeddings in (np.full((2, 3), np.nan), np.zeros((3, 3)), np.zeros((0, 3))):
        table = Since(
            ears="",
            embeddings=embeddings,
            level_db=np.zeros(min(len(embeddings), 2)),
            stretch=np.zeros(min(len(embeddings), 2), int),
        )
        assert read(table.to_bytes()) is None
