import numpy as np

from auscult.memory import assemble
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import reference_window, verify


def test_exemplars_are_spread_over_what_was_heard(clip, machine, monkeypatch):
    monkeypatch.setattr(assemble, "MAX_EXEMPLARS", 5)
    learned = learn_clips([clip(machine(0, 110.0), "long.wav")], preset="edge").bundle
    exemplars = learned.manifest.exemplars
    assert len(exemplars) == len(learned.arrays["exemplars"]) == 5
    starts = [one.start_s for one in exemplars]
    assert (starts[0], starts[-1]) == (0.0, 100.0)
    assert np.ptp(np.diff(starts)) <= 10.0
    assert {one.end_s - one.start_s for one in exemplars} == {10.0}


def test_licences_of_an_embedder_travel_with_it(own_bundle):
    assert own_bundle.manifest.licences == ("Made for tests.",)
    assert (own_bundle.manifest.bands_hz, own_bundle.manifest.map_hop_samples) == ((), 0)


def test_it_is_proved(bundle):
    assert verify(bundle) < 1e-6
    first, _ = reference_window(bundle, 0)
    assert first.shape == (32000,)
    tolerance = bundle.manifest.references[0].tolerance
    assert tolerance == {"onnxruntime": 1e-3, "litert": 1e-2}
