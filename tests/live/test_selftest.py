"""A machine that can do the work passes, and one that can't is told why."""

from dataclasses import replace

import pytest

from auscult.live.events import Event
from auscult.live.listener import Block, Listener, listen
from auscult.live.selftest import (
    FAULT,
    Chunk,
    chunks,
    failures,
    simulated_bundle,
    simulated_sound,
    timing,
)
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict

from .simple import heard_event

RATE_HZ = 16000
VERDICT = Verdict(start_s=0.0, end_s=2.0, score=1.0, ratio=0.5, state="normal", level_db=-30.0)
CHUNK = Chunk(verdict=VERDICT, ms=1.0)
EVENT = heard_event(start_s=20.0, end_s=22.0, peak_s=21.0, peak_ratio=3.0)


def blocks_of(samples, block=1600):
    for at in range(0, len(samples), block):
        yield Block(samples=samples[at : at + block], rate_hz=RATE_HZ)


class Ticking:
    """A clock on which everything takes the same time."""

    def __init__(self, step_s):
        self.step_s = step_s
        self.time_s = 0.0

    def __call__(self):
        self.time_s += self.step_s
        return self.time_s


def test_chunks_are_what_a_listener_says_each_with_its_time(scorer, faulty):
    samples = faulty(1)
    found = list(chunks(scorer, blocks_of(samples), now_s=Ticking(0.004)))
    alone = list(listen(blocks_of(samples), Listener(scorer)))
    assert [item.verdict if isinstance(item, Chunk) else item for item in found] == alone
    assert {round(item.ms, 6) for item in found if isinstance(item, Chunk)} == {4.0}


def test_windows_of_one_block_share_its_time(scorer, machine):
    samples = machine(1)
    found = list(chunks(scorer, blocks_of(samples, len(samples)), now_s=Ticking(0.9)))
    assert len(found) == 9
    assert {round(item.ms, 6) for item in found} == {100.0}


def test_timing_is_the_median_the_worst_and_the_share_of_real_time():
    heard = [replace(CHUNK, ms=ms) for ms in (1.0, 2.0, 6.0)]
    found = timing(heard, hop_s=0.5)
    assert (found.median_ms, found.worst_ms) == (2.0, 6.0)
    assert found.real_time_factor == pytest.approx(0.009 / 1.5)


def test_anomalies_are_no_failure():
    odd = replace(CHUNK, verdict=replace(VERDICT, state="anomaly", ratio=9.0))
    assert failures([CHUNK, odd], [EVENT], hop_s=1.0) == []


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ([], "shorter than a window"),
        ([replace(CHUNK, verdict=replace(VERDICT, score=float("nan")))], "no numbers"),
        ([replace(CHUNK, ms=2500.0)], "2.5 times as long as the sound lasts"),
    ],
)
def test_what_nobody_could_rely_on_is_named(heard, words):
    (said,) = failures(heard, [], hop_s=1.0)
    assert words in said


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([EVENT], []),
        ([], ["The knock that begins at 20 s was not heard."]),
        (
            [replace(EVENT, start_s=3.0, end_s=5.0)],
            ["was not heard", "Something was heard at 3 s, where nothing was wrong yet."],
        ),
        ([replace(EVENT, start_s=3.0, end_s=5.0), EVENT], ["Something was heard at 3 s"]),
        ([replace(EVENT, status="ended")], ["was not heard"]),
    ],
)
def test_a_fault_that_is_known_must_be_heard_and_nothing_else(events, words):
    said = failures([CHUNK], events, hop_s=1.0, fault=FAULT)
    assert len(said) == len(words)
    assert all(word in one for word, one in zip(words, said, strict=True))


def test_the_simulated_ventilator_passes():
    found = list(chunks(Scorer(simulated_bundle()), simulated_sound()))
    heard = [item for item in found if isinstance(item, Chunk)]
    events = [item for item in found if isinstance(item, Event)]
    assert failures(heard, events, hop_s=1.0, fault=FAULT) == []
    assert any(event.status == "begun" for event in events)
