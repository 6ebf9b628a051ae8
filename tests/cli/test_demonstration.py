"""`auscult demo`: seven faults, heard in front of you."""

import re

from auscult.cli import demonstration
from auscult.cli.console import OK
from auscult.live.listener import Listener
from auscult.server.settings import settings_from


def test_the_demo_hears_the_faults_and_nothing_else(run):
    ended = run("demo", "--speed", 0, "--minutes", 2, "--json")
    assert ended.code == OK
    assert ended.err == ""
    answer = ended.json
    assert len(answer["faults"]) == 7
    assert answer["heard"] >= 6
    assert answer["heard"] == sum(one["heard"] for one in answer["faults"])
    assert answer["false_alarms"] == 0
    for one in answer["faults"]:
        if one["heard"]:
            assert 0.0 <= one["delay_s"] <= 5.0
            assert one["explanation"]["start_s"] < one["end_s"]
            assert one["explanation"]["end_s"] > one["start_s"]


def test_the_demo_shows_what_it_hears_and_keeps_the_bundle(run):
    ended = run("demo", "--speed", 0, "--minutes", 1, "-o", "fan.onnx")
    assert ended.code == OK
    assert "A simulated fan. Learning 1 min of its normal sound" in ended.words
    assert re.search(r"[67] of 7 faults heard, 0 false alarms\.", ended.words)
    assert "bearing tone" in ended.out
    assert run("bundle", "verify", "fan.onnx").code == OK


def test_a_demo_that_is_stopped_counts_what_came(run, monkeypatch):
    feed, fed_s = Listener.feed, [0.0]

    def stopping(self, block):
        fed_s[0] += len(block.samples) / block.rate_hz
        if fed_s[0] > 60.0:
            raise KeyboardInterrupt
        return feed(self, block)

    monkeypatch.setattr(Listener, "feed", stopping)
    ended = run("demo", "--terminal", "--speed", 0, "--minutes", 1)
    assert ended.code == OK
    assert "1 of 1 faults heard, 0 false alarms." in ended.words
    assert "Stopped before the other 6 came." in ended.words
    assert "dropout" not in ended.out


def test_what_happens_to_it_goes_to_no_database_of_others(run, monkeypatch):
    monkeypatch.setenv("AUSCULT_DATABASE", "postgresql://h/plant")
    given = []
    monkeypatch.setattr(demonstration, "page_is_there", lambda: True)
    monkeypatch.setattr(demonstration, "run_server", lambda flags, **_: given.append(flags))
    assert run("demo").code == OK
    assert settings_from(**given[0]).database is None
