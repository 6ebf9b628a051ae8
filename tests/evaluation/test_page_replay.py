"""The page of a replay holds what was found, for everybody."""

import re
from dataclasses import replace

import numpy as np
import pytest

from auscult.evaluation.operating import Alarm, operating_point
from auscult.evaluation.page_replay import clock, events, rate, replay_page, replay_words
from auscult.evaluation.replay import Replay
from auscult.evaluation.truth import Fault
from auscult.runtime.verdict import Verdict

FAULTS = (
    Fault(start_s=100.0, end_s=120.0, label="<knock>"),
    Fault(start_s=300.0, end_s=320.0, label="hum"),
)


def verdict(i):
    ratio = 0.5 + 1.5 * (100 <= i < 120) + 0.01 * np.sin(i)
    return Verdict(
        start_s=i, end_s=i + 1.0, score=ratio, ratio=ratio, state="normal", level_db=-30.0
    )


def alarm(start_s, end_s):
    return Alarm(
        start_s=start_s,
        end_s=end_s,
        told_s=start_s + 2.0,
        kind="anomaly",
        rule="sudden",
        peak_ratio=2.0,
    )


def point(n_false, *, budget=None, factor=1.0, truth=FAULTS, hears=True):
    alarms = [alarm(400.0 + 20 * i, 405.0 + 20 * i) for i in range(n_false)]
    alarms += [alarm(101.0, 119.0)] if hears else []
    return operating_point(
        alarms, truth, duration_s=600.0, limits={}, factor=factor, budget_per_day=budget
    )


@pytest.fixture
def found():
    budgets = (point(2, budget=24.0, factor=0.9), point(1, budget=1.0))
    return Replay(
        recording="<b>day.wav",
        bundle="fan",
        duration_s=600.0,
        verdicts=tuple(verdict(i) for i in range(600)),
        truth=FAULTS,
        chosen=budgets[1],
        budgets=budgets,
        points=(point(4, factor=0.8), *budgets, point(0, factor=2.0, hears=False)),
        promise="At most so many.",
    )


@pytest.fixture
def read(found, reader):
    return reader(replay_page(found))


def test_it_says_the_result_in_words(found):
    told, about, false, promise = replay_words(found)
    assert told == "At a budget of 1 a day, it tells of 2 events in 10 min."
    assert about == "Of 2 faults it hears 1, half of those within 3.0 s of their beginning."
    assert false.startswith("1 event is about no fault: 154 a day, and at most 732 ")
    assert promise == "At most so many."


def test_it_holds_timeline_trade_off_and_lists(read):
    for words in (
        "From beginning to end",
        "Misses against false events",
        "Fault by fault",
        "Event by event",
        "<knock>",
        "missed",
        "24",
        "(chosen)",
        "false",
    ):
        assert words in read.words
    assert len(read.all("figure")) == len(read.all("details")) == 2
    for svg in read.all("svg"):
        assert svg["aria-label"]


def test_every_class_has_its_look(found, read):
    page = replay_page(found)
    style = page[page.index("<style>") : page.index("</style>")]
    used = {name for _, attrs in read.tags for name in attrs.get("class", "").split()}
    assert used <= set(re.findall(r"\.([a-z][\w-]*)", style))
    assert "http" not in page.replace("http-equiv", "")


def test_every_event_and_fault_is_on_the_timeline(found):
    page = replay_page(found)
    assert page.count('class="bar c1"') == 1
    assert page.count('class="bar c4"') == 1
    assert page.count('class="shade"') == 2


def test_without_truth_nothing_is_said_of_misses(found, reader):
    points = (point(3, budget=1.0, truth=None),)
    blind = replace(found, truth=None, chosen=points[0], budgets=points, points=points)
    words = reader(replay_page(blind)).words
    assert "Nothing says what really happened" in words
    assert "Misses against" not in words
    assert "Fault by fault" not in words


def test_a_table_that_says_that_nothing_happened(found, reader):
    points = (point(0, budget=1.0, truth=(), hears=False),)
    calm = replace(found, truth=(), chosen=points[0], budgets=points, points=points)
    assert "The table says that nothing was wrong." in replay_words(calm)
    assert "No event is about no fault" in reader(replay_page(calm)).words


def test_limits_that_nearly_always_call_are_no_choice(found, reader):
    always = operating_point([alarm(0.0, 600.0)], FAULTS, duration_s=600.0, limits={}, factor=0.123)
    page = replay_page(replace(found, points=(always, *found.points)))
    assert "0.123" not in reader(page).words


def test_numbers_for_people():
    assert [clock(s) for s in (0.5, 60.0, 3600.0, 86400.0 + 60)] == [
        "0.5 s",
        "1 min",
        "1 h",
        "24 h 1 min",
    ]
    assert [rate(r) for r in (0.0, 12.345, None)] == ["0", "12.3", "–"]
    assert [events(n) for n in (0, 1, 2)] == ["no event", "1 event", "2 events"]
