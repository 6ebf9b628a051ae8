"""What a live source looks like: a panel, lines, and words for every state."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import get_args

import pytest
from rich.console import Console
from tests.live.simple import heard_event

from auscult.audio.synth import fan
from auscult.cli.panel import HEALTH, WORDS, Facts, LiveJson, LiveLines, LivePanel
from auscult.live.clock import FakeClock
from auscult.live.health import HealthChange, HealthState
from auscult.live.sources import MachineSource
from auscult.runtime.verdict import Explanation, State, Verdict

NORMAL = Verdict(
    start_s=61.0, end_s=63.0, score=3.0, ratio=0.5, rule="sudden", state="normal", level_db=-30.0
)
ANOMALY = Verdict(
    start_s=62.0, end_s=64.0, score=9.0, ratio=1.5, rule="sudden", state="anomaly", level_db=-30.0
)
BEGUN = heard_event(
    explanation=Explanation(
        low_hz=2000.0, high_hz=3200.0, start_s=62.0, end_s=64.0, text="A hiss [loud]."
    )
)
ENDED = replace(BEGUN, status="ended")


@pytest.fixture
def facts(scorer):
    clock = FakeClock()
    return Facts(
        source=MachineSource(fan(), realtime=False, clock=clock, name="fan"),
        listener=SimpleNamespace(infer_ms=1.25),
        scorer=scorer,
        clock=clock,
    )


def seen(panel):
    console = Console(width=90)
    with console.capture() as capture:
        console.print(panel.render())
    return capture.get()


def test_it_waits_for_the_first_window(facts):
    panel = LivePanel(facts, events_only=False)
    assert "waiting for the first window" in seen(panel)
    assert "simulated fan: starting" in seen(panel)


def test_a_word_and_the_numbers_behind_it(facts):
    panel = LivePanel(facts, events_only=False)
    panel.tell(NORMAL)
    limit = {one.name: one.limit for one in _thresholds(facts)}["sudden"]
    text = seen(panel)
    assert "✓ normal" in text
    assert f"{limit:.2f}  (sudden)" in text
    assert f"score      {0.5 * limit:.2f}" in text
    assert "(01:03.0)" in text
    assert "1.2 ms" in text
    assert "-30.0 dBFS" in text
    panel.tell(ANOMALY)
    assert "✗ ANOMALY" in seen(panel)


def _thresholds(facts):
    return facts.scorer.bundle.manifest.calibration.thresholds()


def test_the_band_is_there_while_the_event_is(facts):
    panel = LivePanel(facts, events_only=False)
    panel.tell(ANOMALY)
    panel.tell(BEGUN)
    assert "2000-3200 Hz" in seen(panel)
    assert "anomaly begins (sudden, 1.5 x its limit)" in seen(panel)
    panel.tell(ENDED)
    assert "2000-3200 Hz" not in seen(panel)
    assert "A hiss [loud]." in seen(panel)


def test_no_signal_is_no_normal(facts):
    panel = LivePanel(facts, events_only=False)
    panel.tell(NORMAL)
    panel.tell(HealthChange(state="no_signal", since_s=63.0))
    text = seen(panel)
    assert "– no signal" in text
    assert "normal" not in text
    assert "nothing arrives" in text
    panel.tell(HealthChange(state="ok", since_s=70.0))
    assert "✓ normal" in seen(panel)


def test_trouble_of_the_source_is_told(facts):
    facts.source._is_now("reconnecting", "The camera [1] is gone.")
    text = seen(LivePanel(facts, events_only=False))
    assert "simulated fan: reconnecting" in text
    assert "The camera [1] is gone." in text


GONE = HealthChange(state="no_signal", since_s=63.0)


def test_lines_say_why_nothing_arrives_and_say_it_once(facts, capsys):
    lines = LiveLines(facts, events_only=True)
    facts.source._is_now("reconnecting", "The camera [1] is gone.")
    lines.look()  # what lasts a moment is not told
    lines.tell(GONE)
    lines.look()
    facts.source._is_now("reconnecting", "The camera wants a password.")
    for _ in range(3):
        lines.look()
    facts.source._is_now("listening")
    lines.look()
    lines.tell(HealthChange(state="ok", since_s=70.0))
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "01:03.0 signal: nothing arrives. The camera [1] is gone.",
        "01:03.0 signal: nothing arrives. The camera wants a password.",
        "01:10.0 signal: the signal is good",
    ]


def test_json_says_why_nothing_arrives(facts, capsys):
    lines = LiveJson(facts, events_only=True)
    facts.source._is_now("reconnecting", "The camera is gone.")
    lines.tell(GONE)
    facts.source._is_now("reconnecting", "It wants a password.")
    lines.look()
    facts.source._is_now("listening")
    lines.tell(HealthChange(state="ok", since_s=70.0))
    told = [json.loads(line)["health"] for line in capsys.readouterr().out.splitlines()]
    assert [(one["state"], one["error"]) for one in told] == [
        ("no_signal", "The camera is gone."),
        ("no_signal", "It wants a password."),
        ("ok", None),
    ]


def test_a_wrong_rate_says_by_how_much(facts, capsys):
    lines = LiveLines(facts, events_only=False)
    lines.tell(HealthChange(state="wrong_rate", since_s=9.0, deviation=-0.08, is_refused=True))
    assert "(-8 %); what is heard means nothing" in " ".join(capsys.readouterr().out.split())


def test_every_state_has_words():
    assert set(WORDS) == set(get_args(State))
    assert set(HEALTH) == set(get_args(HealthState))


def test_a_classifier_says_what_it_sounds_like(facts):
    heard = replace(NORMAL, label="hum", probability=0.93, distance=1.1, is_known=True)
    panel = LivePanel(facts, events_only=False)
    panel.tell(heard)
    assert re.search(r"sounds like\s+hum 93 %", seen(panel))
    panel.tell(replace(heard, is_known=False))
    assert re.search(r"sounds like\s+none of these \(hum 93 %\)", seen(panel))
    panel.tell(NORMAL)
    assert "sounds like" not in seen(panel)


def test_a_line_of_a_classifier_ends_with_it(facts, capsys):
    lines = LiveLines(facts, events_only=False)
    lines.tell(replace(NORMAL, label="hum", probability=0.93))
    lines.tell(NORMAL)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("ms  hum 93 %")
    assert second.endswith("ms")
