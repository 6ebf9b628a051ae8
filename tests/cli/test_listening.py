"""`auscult listen`: files and simulated machines, as if live."""

from pathlib import Path

import numpy as np
import pytest

from auscult.cli import listening
from auscult.cli.console import ANOMALIES, OK
from auscult.live.listener import Listener


@pytest.mark.parametrize("name", ["normal/good 1.wav", "abnormal/bad 1.wav"])
def test_listening_to_a_file_is_scoring_its_windows(name, run, bundle_file, labelled):
    ended = run("listen", bundle_file, labelled / name, "--fast", "--json")
    assert ended.code == OK
    assert ended.err == ""
    heard = [line["window"] for line in ended.lines if "window" in line]
    (scored,) = run("score", bundle_file, labelled / name, "--json").json
    assert [{key: window[key] for key in scored["windows"][0]} for window in heard] == (
        scored["windows"]
    )


def test_listen_fails_on_anomalies_where_asked(run, bundle_file, good, bad):
    assert run("listen", bundle_file, bad, "--fast").code == OK
    assert run("listen", bundle_file, bad, "--fast", "--fail-on-anomaly").code == ANOMALIES
    assert run("listen", bundle_file, good, "--fast", "--fail-on-anomaly").code == OK


def test_a_file_takes_its_time_unless_told(run, bundle_file, machine, monkeypatch, write):
    now_s = [0.0]
    monkeypatch.setattr(listening, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(listening, "sleep", lambda s: now_s.append(now_s.pop() + s))
    write(Path("short.wav"), machine(9, 3.0))
    assert run("listen", bundle_file, "short.wav", "--fast", "--json").code == OK
    assert now_s == [0.0]
    assert run("listen", bundle_file, "short.wav", "--json").code == OK
    assert now_s == [pytest.approx(3.0)]


def test_loudness_is_told_only_where_asked(run, bundle_file, machine, write):
    steady, quiet = machine(10, 20.0), 0.05 * machine(11, 20.0)
    write(Path("quiet.wav"), np.concatenate([steady, quiet]))

    def kinds(*options):
        lines = run("listen", bundle_file, "quiet.wav", "--fast", "--json", *options).lines
        return {line["event"]["kind"] for line in lines if "event" in line}

    assert "quieter" in kinds("--level")
    assert "quieter" not in kinds()


def test_faults_of_a_simulated_machine_are_heard(run, simulated_fan):
    common = ("listen", simulated_fan, "simulated:fan", "--seconds", 45, "--fast", "--json")
    quiet = run(*common, "--fail-on-anomaly")
    assert quiet.code == OK
    assert sum("window" in line for line in quiet.lines) == 44
    ended = run(*common, "--events", "--fault", "knock@10+5", "--fault", "air_leak@30+5")
    begun = [line["event"] for line in ended.lines if line["event"]["status"] == "begun"]
    assert [one["start_s"] <= at <= one["end_s"] for one, at in zip(begun, (10, 30), strict=True)]
    louder = run(*common, "--events", "--fault", "knock@10+5", "--snr", 20).lines[0]["event"]
    assert louder["peak_ratio"] > begun[0]["peak_ratio"]
    assert run(*common, "--fault", "dropout@10", "--fail-on-anomaly").code == ANOMALIES


def test_ctrl_c_ends_it_with_the_summary(run, bundle_file, labelled, monkeypatch):
    """As the end of the recording would: what was heard is told, and nothing was in the middle of being written."""
    feed, count = Listener.feed, [0]

    def stopping(self, block):
        count[0] += 1
        if count[0] > 80:
            raise KeyboardInterrupt
        return feed(self, block)

    monkeypatch.setattr(Listener, "feed", stopping)
    name = next((labelled / "normal").iterdir())
    ended = run("listen", bundle_file, name, "--fast")
    assert ended.code == OK
    assert "0 events in 8 s." in " ".join(ended.out.split())
