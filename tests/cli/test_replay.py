"""`auscult replay`: a simulated night with faults, from the recording to the page."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from auscult.cli.console import BAD_USE, OK
from auscult.datasets.simulate_long import simulate_long


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """Four minutes with four faults, and the table of them; not to be written to."""
    # The seed that the fan was learned from: another one is another installation, and another normal.
    return simulate_long(
        tmp_path_factory.mktemp("night"), seconds=240.0, faults=4, seed=0, snr_db=10.0
    )


def test_faults_are_heard(run, simulated_fan, night):
    ended = run(
        "replay", simulated_fan, night / "long.wav", "--events", night / "events.csv", "--json"
    )
    assert (ended.code, ended.err) == (OK, "")
    answer = ended.json
    assert answer["duration_s"] == 240.0
    chosen = answer["chosen"]
    assert (chosen["faults"], chosen["missed"], chosen["false_events"]) == (4, 0, 0)
    assert [one["delay_s"] is not None for one in chosen["heard"]] == [True] * 4
    budgets = [one["budget_per_day"] for one in answer["budgets"]]
    assert budgets == sorted(budgets, reverse=True)
    # The most sensitive limits tried call often, the least sensitive never.
    assert answer["points"][0]["alarm_share_of_normal"] > 0.2
    assert answer["points"][-1]["events"] == 0


def test_it_is_told_to_people_and_on_a_page(run, simulated_fan, night):
    ended = run(
        "replay",
        night / "long.wav",
        simulated_fan,
        "--events",
        night / "events.csv",
        "--budget",
        "50",
        "--report",
        "night.html",
    )
    assert ended.code == OK
    assert "Of 4 faults it hears 4" in ended.words
    assert "At a budget of 50 a day" in ended.words
    assert "Report: night.html" in ended.err
    page = Path("night.html").read_text(encoding="utf-8")
    assert "Misses against false events" in page
    assert not re.search(r"(src|href)=.?(http|//)", page)


def test_without_a_table_nothing_is_said_of_misses(run, simulated_fan, night):
    ended = run("replay", simulated_fan, night / "long.wav")
    assert ended.code == OK
    assert "Nothing says what really happened" in ended.words
    assert "missed" not in ended.words


def test_events_are_those_of_listen(run, simulated_fan, night):
    told = run("listen", simulated_fan, night / "long.wav", "--fast", "--events", "--json").lines
    ended = [one["event"] for one in told if "event" in one and one["event"]["status"] == "ended"]
    assert len(ended) == 4
    alarms = run("replay", simulated_fan, night / "long.wav", "--json").json["chosen"]["alarms"]
    fields = ("start_s", "end_s", "kind", "peak_ratio")
    assert [[a[name] for name in fields] for a in alarms] == [
        [pytest.approx(e[name]) if name != "kind" else e[name] for name in fields] for e in ended
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,b\n1,2\n", "has no column start_s"),
        ("start_s,end_s\n9,x\n", "has x as end_s"),
        ("start_s,end_s\n900,901\n", "a fault at 900 s, but the recording ends at 240.0 s"),
    ],
)
def test_a_bad_table_is_refused_before_the_listening(
    run, simulated_fan, night, three_beats, *, table, said
):
    Path("t.csv").write_text(table, encoding="utf-8")
    ended = run("replay", simulated_fan, night / "long.wav", "--events", "t.csv")
    assert (ended.code, ended.out) == (BAD_USE, "")
    assert three_beats.search(ended.err)
    assert said in ended.err


def test_what_else_is_wrong(run, simulated_fan, night, write, three_beats):
    short = write(Path("short.wav"), np.full(1600, 0.1, np.float32))
    for arguments, said in (
        ((simulated_fan, "gone.wav"), "gone.wav"),
        ((simulated_fan, short), "short.wav is over before anything could be judged"),
        ((simulated_fan,), "1 path was given, 1 of them a bundle"),
        ((simulated_fan, simulated_fan), "2 paths were given, 2 of them a bundle"),
        ((night / "long.wav", short, "--bundle", simulated_fan), "2 recordings were given"),
        ((simulated_fan, night / "long.wav", "--events", "gone.csv"), "gone.csv can't be read"),
    ):
        ended = run("replay", *arguments)
        assert ended.code == BAD_USE
        assert three_beats.search(ended.err)
        assert said in " ".join(ended.err.split())


def test_a_long_recording_is_simulated(run):
    options = ("--long", "--seconds", "45", "--anomaly", "1")
    ended = run("data", "simulate", "night", *options)
    assert ended.code == OK
    assert "Wrote night/long.wav, 45 s with 1 faults; night/events.csv says when." in ended.words
    answer = json.loads(run("data", "simulate", "other", *options, "--json").out)
    assert answer["events"] == "other/events.csv"
    assert Path("other/long.wav").exists()
