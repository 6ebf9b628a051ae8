"""A change that lasts is told once; states that were learned, and what passes, are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.synth import Hum, fan, render, two_states
from auscult.audio.window import windows
from auscult.datasets.clip import Clip
from auscult.live.drift import LASTING_PIECES, Drift, explained, picture
from auscult.memory.learn import learn_clips
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict

BANDS_HZ = np.geomspace(50.0, 7000.0, 8)


def hear(drift, ratios, *, first_s=0.0, bands_db=(0.0,) * 8, embedding=(1.0, 2.0)):
    """One window a second; the changes that were told, and when."""
    told = []
    for number, ratio in enumerate(ratios):
        at_s = first_s + number
        verdict = Verdict(
            start_s=at_s, end_s=at_s + 2.0, score=ratio, ratio=ratio, state="normal", level_db=-30.0
        )
        row = None if embedding is None else np.array(embedding, np.float32)
        change = drift.hear(verdict, row, list(bands_db))
        if change is not None:
            told.append((at_s, change))
    return told


def quick():
    return Drift(piece_s=10.0, lasting_pieces=6)


def test_it_is_told_once_when_it_has_lasted():
    drift = quick()
    assert hear(drift, [0.5] * 100) == []
    louder = (0.0, 0.0, 0.0, 6.0, 6.0, 0.0, 0.0, 0.0)
    ((at_s, change),) = hear(drift, [1.3] * 200, first_s=100.0, bands_db=louder)
    assert at_s == 160.0
    assert (change.since_s, change.until_s) == (100.0, pytest.approx(161.0))
    assert (change.before, change.after) == (0.5, 1.3)
    assert change.embeddings.shape == (60, 2)
    assert change.stretch.tolist() == sorted([*range(6)] * 10)
    why = explained(change, BANDS_HZ)
    assert why.low_hz < BANDS_HZ[3] < BANDS_HZ[4] < why.high_hz < BANDS_HZ[5]
    assert why.change_db == 6.0
    assert "louder than before" in why.text
    drawn = picture(change, BANDS_HZ)
    assert drawn["level_db"][0] == [0.0] * 8
    assert drawn["level_db"][-1] == list(louder)
    assert drawn["start_s"] + len(drawn["level_db"]) * drawn["hop_s"] == pytest.approx(
        change.until_s
    )


def test_it_is_told_again_after_it_was_over():
    drift = quick()
    hear(drift, [0.5] * 100)
    assert len(hear(drift, [1.3] * 100, first_s=100.0)) == 1
    assert hear(drift, [0.5] * 30, first_s=200.0) == []
    assert len(hear(drift, [1.3] * 100, first_s=230.0)) == 1


@pytest.mark.parametrize(
    "ratios",
    [
        [0.5] * 100 + [1.4] * 50 + [0.5] * 100,
        [0.5] * 100 + ([0.5] * 6 + [9.0] * 4) * 20,
        [0.95] * 30 + [1.1] * 200,
        [0.4] * 100 + [0.8] * 200,
    ],
    ids=["it passes", "it comes and goes", "near the limit anyway", "far from the limit"],
)
def test_what_is_no_lasting_change(ratios):
    drift = quick()
    if ratios[0] == 0.95:
        hear(drift, [0.89] * 100, first_s=-100.0)
    assert hear(drift, ratios) == []


def test_from_the_beginning_it_is_told_without_a_before():
    ((_, change),) = hear(quick(), [1.3] * 100)
    assert change.before is None
    assert explained(change, BANDS_HZ) is None
    assert len(picture(change, BANDS_HZ)["level_db"]) == 40


@given(st.lists(st.sampled_from(["off", "usual", "gap", "silence"]), max_size=40))
def test_there_is_no_notice_without_an_hour_of_it(pieces):
    drift, at_s, in_a_row, longest, told = quick(), 40.0, 0, 0, 0
    hear(drift, [0.5] * 40)
    for kind in pieces:
        if kind in ("off", "usual"):
            told += len(hear(drift, [1.5 if kind == "off" else 0.5] * 10, first_s=at_s))
            in_a_row = in_a_row + 1 if kind == "off" else 0
        elif kind == "silence":
            hear(drift, [1.5] * 10, first_s=at_s, embedding=None)
        longest = max(longest, in_a_row)
        at_s += 10.0
    assert told == 0 or longest >= LASTING_PIECES
    assert told <= pieces.count("usual") + 1


def minutes(machine, seed, seconds, faults=()):
    return render(machine, seconds=seconds, seed=seed, faults=faults).samples


def bundle_of(machine):
    sound = render(machine, seconds=300.0, seed=1)
    return learn_clips([Clip(path="normal", label="normal", group="n", sound=sound)]).bundle


def changes(bundle, samples):
    """What is told of a recording, with pieces of twenty seconds."""
    manifest, told = bundle.manifest, []
    stream, drift = Scorer(bundle).stream(), Drift(piece_s=20.0, lasting_pieces=3)
    hop_s = manifest.hop_samples / manifest.sample_rate_hz
    for number, window in enumerate(
        windows(samples, manifest.window_samples, manifest.hop_samples)
    ):
        verdict = stream.judge(window, number * hop_s)
        change = drift.hear(verdict, stream.embedding, [verdict.level_db] * 8)
        told += [change] if change is not None else []
    return told


def test_a_machine_that_hums_from_now_on_is_told_and_its_states_are_not():
    hum = Hum(start_s=120.0, duration_s=180.0, snr_db=15.0)
    ((change),) = changes(bundle_of(fan()), minutes(fan(), 7, 300.0, [hum]))
    assert change.since_s == pytest.approx(120.0, abs=21.0)
    assert changes(bundle_of(two_states()), minutes(two_states(), 8, 300.0)) == []
