"""The simulated machine of a demonstration."""

from auscult.audio.synth import FAULTS
from auscult.runtime.bundle import load
from auscult.server.demo import demo_bundle, faults


def test_every_fault_has_a_level_but_for_the_one_that_takes_away():
    assert set(faults()) == set(FAULTS)
    assert [name for name, snr_db in faults().items() if snr_db is None] == ["dropout"]


def test_the_machine_is_learned_once(tmp_path, monkeypatch):
    first = demo_bundle(tmp_path / "demo", machine="pump", minutes=1)
    assert load(first).manifest.name == "simulated-pump"
    monkeypatch.setattr("auscult.live.demo.learn_machine", None)
    assert demo_bundle(tmp_path / "demo", machine="pump", minutes=1) == first
