"""What is heard, as lines for people and for programs."""

import re
from pathlib import Path

import numpy as np

RATE_HZ = 16000


def test_events_come_as_lines_of_their_own(run, bundle_file, bad):
    lines = run("listen", bundle_file, bad, "--fast", "--json").lines
    assert all(list(line) in (["window"], ["event"]) for line in lines)
    begun, ended = (line["event"] for line in lines if "event" in line)
    assert (begun["status"], ended["status"]) == ("begun", "ended")
    assert begun["id"] == ended["id"] == 1
    assert begun["start_s"] <= 3.0 < begun["end_s"]
    assert ended["explanation"]["low_hz"] < 3000.0 < ended["explanation"]["high_hz"]
    only = run("listen", bundle_file, bad, "--fast", "--json", "--events").lines
    assert only == [line for line in lines if "event" in line]


def test_silence_is_a_line_of_valid_json(run, bundle_file, write):
    write(Path("silent.wav"), np.zeros(4 * RATE_HZ))
    lines = run("listen", bundle_file, "silent.wav", "--fast", "--json").lines
    assert [line["window"]["state"] for line in lines] == ["no_signal"] * 3
    assert [line["window"]["level_db"] for line in lines] == [None] * 3


def test_listen_tells_people(run, bundle_file, bad):
    ended = run("listen", bundle_file, bad, "--fast")
    assert ended.out.count("dBFS") == 9
    assert "anomaly begins" in ended.out
    assert "anomaly ended after" in ended.out
    assert "1 event in 10 s." in ended.words
    assert "dBFS" not in run("listen", bundle_file, bad, "--fast", "--events").out


def test_a_signal_that_is_lost_and_comes_back_is_told(run, simulated_fan):
    common = ("listen", simulated_fan, "simulated:", "--seconds", 50, "--fast")
    told = run(*common, "--fault", "dropout@10+20", "--events").out.splitlines()
    (lost,) = (i for i, line in enumerate(told) if "no signal" in line)
    (back,) = (i for i, line in enumerate(told) if "the signal is back" in line)
    assert lost < back
    minute, second = re.match(r"  (\d\d):(\d\d\.\d)  no signal", told[lost]).groups()
    assert (minute, 10.0 <= float(second) <= 12.0) == ("00", True)
    minute, second = re.match(r"  (\d\d):(\d\d\.\d)  the signal", told[back]).groups()
    assert (minute, 28.0 <= float(second) <= 30.0) == ("00", True)
    # Where every window has its line, its state is there already.
    windows = run(*common, "--fault", "dropout@10+20").out
    assert "no_signal" in windows
    assert "no signal:" not in windows


def test_a_classifier_says_what_each_window_sounds_like(run, classifier_file, classes):
    hum, tone = classes / "hum" / "hum 0.wav", classes / "tone" / "tone 0.wav"
    assert run("listen", classifier_file, hum, "--fast").out.count("  hum 100 %") == 3
    assert run("listen", classifier_file, tone, "--fast").out.count("  none of these (") == 3
    lines = run("listen", classifier_file, tone, "--fast", "--json").lines
    assert [line["window"]["is_known"] for line in lines] == [False] * 3


def test_of_classes_nothing_is_said_where_there_are_none(run, bundle_file, good):
    lines = run("listen", bundle_file, good, "--fast", "--json").lines
    told = set(lines[0]["window"])
    assert "score" in told
    assert not {"label", "probability", "distance", "is_known"} & told
